/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_scale - 1 to 1000 instruments at 10 Hz, every reading recorded, beside bare threads that
 * sleep to absolute instants (clock_nanosleep) and ask, in turns: processor time a reading, memory,
 * lateness.  Bare threads store nothing: what durability costs by itself is shown by others that also
 * write and fdatasync each reading.  Every size has a process of its own, so that none inherits the memory of another. */
#include <pthread.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <sys/wait.h>
#include <unistd.h>

#include "rig.h"

#define INTERVAL (100 * NS_PER_MS)
#define ROUNDS   3
#define TURNS    10              /* of an instrument in a round */

/* One side of one size. */
struct figures {
	double cpu[ROUNDS];          /* s a reading */
	double process, memory;      /* KiB: the whole process; what an instrument adds */
	double *lateness;            /* s, of all readings: due to centre of the exchange */
	size_t n;
};

/* Bare threads. */

struct bare {
	int fd;
	int file;                    /* where each reading is written and synced; -1: nowhere */
	instant start;
	double lateness[TURNS];
	pthread_t thread;
};

static void keep(int file)
{
	static const char record[450];

	must(write(file, record, sizeof record) == sizeof record && fdatasync(file) == 0, "fdatasync");
}

static void *bare_thread(void *arg)
{
	struct bare *b = arg;

	for (unsigned k = 0; k < TURNS; k++) {
		instant due = b->start + k * INTERVAL;
		double took;

		instant_sleep_until(due);
		took = bare_loop(&b->fd, 1);
		b->lateness[k] = aid_seconds(due) - took / 2;
		if (b->file >= 0)
			keep(b->file);
	}
	return NULL;
}

static void start_bares(struct bare *list, unsigned n, int file)
{
	instant start = instant_after(50 * NS_PER_MS);
	pthread_attr_t small;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 64 * 1024);
	for (unsigned i = 0; i < n; i++) {
		list[i].start = start + INTERVAL / n * i;
		list[i].file = file;
		must(pthread_create(&list[i].thread, &small, bare_thread, &list[i]) == 0, "pthread_create");
	}
	pthread_attr_destroy(&small);
}

static void join_bares(struct bare *list, unsigned n, struct figures *f)
{
	for (unsigned i = 0; i < n; i++) {
		pthread_join(list[i].thread, NULL);
		for (unsigned k = 0; k < TURNS; k++)
			f->lateness[f->n++] = list[i].lateness[k];
	}
}

/* Of this process, KiB. */
static double resident(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long size, pages;

	must(f && fscanf(f, "%ld %ld", &size, &pages) == 2, "statm");
	fclose(f);
	return (double)pages * (double)sysconf(_SC_PAGESIZE) / 1024;
}

static void bare_round(struct bare *list, unsigned n, int file, unsigned round, struct figures *f)
{
	double memory = resident(), cpu = aid_cpu();

	start_bares(list, n, file);
	instant_sleep_until(instant_after(TURNS / 2 * INTERVAL));
	if (round == 0)                  /* later ones reuse the stacks of the first */
		f->memory = (resident() - memory) / n;
	join_bares(list, n, f);
	f->cpu[round] = (aid_cpu() - cpu) / (n * TURNS);
}

/* Ours. */

static void our_round(struct player *p, unsigned round, struct figures *f)
{
	double cpu = aid_cpu();

	player_measure(p, TURNS, INTERVAL);
	f->cpu[round] = (aid_cpu() - cpu) / (p->n * TURNS);
}

/* Rows. */

static void row(const char *what, unsigned n, double ours, double beside, struct target t, const char *unit)
{
	char name[64];

	snprintf(name, sizeof name, "%s_%u_at_10Hz", what, n);
	aid_row(name, ours, beside, t, unit);
}

static void rows(unsigned n, struct figures *ours, struct figures *bare, struct figures *synced)
{
	row("cpu_a_reading", n, 1e6 * aid_median(ours->cpu, ROUNDS), 1e6 * aid_median(bare->cpu, ROUNDS),
	    ratio_at_most(2), "us");
	row("cpu_a_reading_beside_synced", n, 1e6 * aid_median(ours->cpu, ROUNDS),
	    1e6 * aid_median(synced->cpu, ROUNDS), stated(), "us");
	row("lateness_p99", n, 1e3 * aid_quantile(ours->lateness, ours->n, 0.99),
	    1e3 * aid_quantile(bare->lateness, bare->n, 0.99), n == 100 ? at_most(2) : stated(), "ms");
	row("memory_an_instrument", n, ours->memory, bare->memory, stated(), "KiB");
	row("memory_of_the_process", n, ours->process / 1024, 0, stated(), "MiB");
}

/* Returns our processor time a reading, s. */
static double scale(unsigned n)
{
	struct server server = server_scpi(n, ANY_CORE);
	struct bare *list = mem_array(n, sizeof *list);
	struct figures ours = { 0 }, bare = { .lateness = mem_array(n * TURNS * ROUNDS, sizeof(double)) };
	struct figures synced = { .lateness = mem_array(n * TURNS * ROUNDS, sizeof(double)) };
	double memory = resident();
	int file = aid_create("synced");
	struct rig rig;

	rig_open(&rig, 1, n, aid_meter, server.addresses, ANY_CORE, ANY_CORE);
	player_keep(rig.players, n * TURNS * ROUNDS);
	for (unsigned i = 0; i < n; i++)
		list[i].fd = bare_connect(server.ports[i]);
	for (unsigned i = 0; i < ROUNDS; i++) {
		our_round(rig.players, i, &ours);
		if (i == 0)
			ours.process = resident();
		bare_round(list, n, -1, i, &bare);
		bare_round(list, n, file, i, &synced);
	}
	ours.memory = (ours.process - memory) / n;
	ours.lateness = rig.players->lateness;
	ours.n = rig.players->kept;
	rows(n, &ours, &bare, &synced);
	for (unsigned i = 0; i < n; i++)
		close(list[i].fd);
	rig_close(&rig);
	server_end(&server);
	close(file);
	free(synced.lateness);
	free(bare.lateness);
	free(list);
	return aid_median(ours.cpu, ROUNDS);
}

static void scale_in_child(unsigned n, double *cpu)
{
	pid_t child = fork();
	int status;

	if (child == 0) {
		aid_folder_make();
		*cpu = scale(n);
		aid_folder_remove();
		fflush(stdout);
		_exit(0);
	}
	must(child > 0 && waitpid(child, &status, 0) == child && status == 0, "a child");
}

int main(void)
{
	static const unsigned sizes[] = { 1, 10, 100, 1000 };
	enum { SIZES = sizeof sizes / sizeof *sizes };
	double *cpu = mmap(NULL, SIZES * sizeof *cpu, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
	char name[32];

	must(cpu != MAP_FAILED, "mmap");
	for (int i = 0; i < SIZES; i++) {
		snprintf(name, sizeof name, "_%u_at_10Hz", sizes[i]);
		if (aid_wanted(name))
			scale_in_child(sizes[i], &cpu[i]);
	}
	if (cpu[1] > 0 && cpu[3] > 0)    /* flat: what a reading costs does not grow */
		aid_row("cpu_a_reading_1000_beside_10", 1e6 * cpu[3], 1e6 * cpu[1], ratio_at_most(1.1), "us");
	return 0;
}
