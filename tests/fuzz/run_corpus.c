/* SPDX-License-Identifier: GPL-3.0-or-later
 * run_corpus.c - a main for a fuzz target without a fuzzer: runs it over every file of the folders
 * given.  What a file does wrong ends the program; the last line counts. */
#include <dirent.h>
#include <stdint.h>
#include <sys/stat.h>

#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static int run_file(const char *path)
{
	FILE *f = fopen(path, "rb");
	struct buf b = { 0 };
	uint8_t *exact;
	size_t got;

	if (!f) {
		perror(path);
		return -1;
	}
	do {
		buf_reserve(&b, 65536);
		got = fread(b.data + b.len, 1, 65536, f);
		b.len += got;
	} while (got > 0);
	fclose(f);
	exact = mem_copy(b.data, b.len);      /* a read beyond its end is one beyond an allocation */
	LLVMFuzzerTestOneInput(exact, b.len);
	free(exact);
	buf_release(&b);
	return 0;
}

static int run_folder(const char *folder, int *passed)
{
	struct dirent **names;
	int n = scandir(folder, &names, NULL, alphasort), failed = 0;

	if (n < 0) {
		perror(folder);
		return 1;
	}
	for (int i = 0; i < n; i++) {
		char *path = mem_format("%s/%s", folder, names[i]->d_name);
		struct stat st;

		if (!stat(path, &st) && S_ISREG(st.st_mode)) {
			if (run_file(path))
				failed++;
			else
				(*passed)++;
		}
		free(path);
		free(names[i]);
	}
	free(names);
	return failed;
}

int main(int argc, char **argv)
{
	int passed = 0, failed = 0;

	for (int i = 1; i < argc; i++)
		failed += run_folder(argv[i], &passed);
	if (!passed)
		failed++;
	printf("%d passed, %d failed\n", passed, failed);
	return failed ? 1 : 0;
}
