/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "follow.h"

#include <math.h>
#include <sys/wait.h>
#include <unistd.h>

#include <hdf5.h>

#include "mem.h"

static hsize_t rows_of(hid_t dataset)
{
	hid_t space = H5Dget_space(dataset);
	hsize_t n = 0;

	H5Sget_simple_extent_dims(space, &n, NULL);
	H5Sclose(space);
	return n;
}

static double member_of(hid_t dataset, const char *member, size_t row)
{
	hid_t type = H5Tcreate(H5T_COMPOUND, sizeof(double));
	double *values = mem_array(rows_of(dataset) + 1, sizeof *values);

	H5Tinsert(type, member, 0, H5T_NATIVE_DOUBLE);
	if (row >= rows_of(dataset) || H5Dread(dataset, type, H5S_ALL, H5S_ALL, H5P_DEFAULT,
					       values) < 0)
		return NAN;
	return values[row];
}

/* In the child: the number of rows, or a member of one of them. */
static double look(const char *file, const char *table, const char *member, size_t row)
{
	hid_t f = H5Fopen(file, H5F_ACC_RDONLY | H5F_ACC_SWMR_READ, H5P_DEFAULT);
	hid_t d = H5Dopen2(f, table, H5P_DEFAULT);

	if (d < 0)
		return NAN;
	return member ? member_of(d, member, row) : (double)rows_of(d);
}

static double ask(const char *file, const char *table, const char *member, size_t row)
{
	double answer = NAN;
	int ends[2];
	pid_t pid;

	if (pipe(ends) < 0)
		abort();
	pid = fork();
	if (pid == 0) {
		char path[32];
		char number[32];

		/* A fork shares the library's state: look with a fresh one. */
		snprintf(path, sizeof path, "%d", ends[1]);
		snprintf(number, sizeof number, "%zu", row);
		execl("/proc/self/exe", "follow", path, file, table, number, member, (char *)NULL);
		_exit(1);
	}
	close(ends[1]);
	if (read(ends[0], &answer, sizeof answer) != sizeof answer)
		answer = NAN;
	close(ends[0]);
	waitpid(pid, NULL, 0);
	return answer;
}

/* The test program runs itself as the reader, before its main. */
static void __attribute__((constructor)) reader(int argc, char **argv)
{
	double answer;

	if (argc < 5 || strcmp(argv[0], "follow") != 0)
		return;
	answer = look(argv[2], argv[3], argc > 5 ? argv[5] : NULL, strtoul(argv[4], NULL, 10));
	_exit(write((int)strtol(argv[1], NULL, 10), &answer, sizeof answer) != sizeof answer);
}

long follow_rows(const char *file, const char *table)
{
	double n = ask(file, table, NULL, 0);

	return isnan(n) ? -1 : (long)n;
}

double follow_number(const char *file, const char *table, const char *member, size_t row)
{
	return ask(file, table, member, row);
}
