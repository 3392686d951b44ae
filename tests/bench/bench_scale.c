/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_scale - 1 to 1000 instruments at 10 Hz, every reading recorded, beside bare threads that
 * sleep to absolute instants and ask: processor time a reading, resident memory of the
 * whole process, lateness. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "rig.h"

#define INTERVAL (100 * NS_PER_MS)
#define TURNS    20

struct bare { int fd; instant start; };

static void *bare_thread(void *arg)
{
	struct bare *b = arg;

	for (unsigned k = 0; k < TURNS; k++) {
		instant_sleep_until(b->start + k * INTERVAL);
		bare_loop(&b->fd, 1);
	}
	return NULL;
}

/* Processor time a reading, s. */
static double bare_threads(const struct server *s, unsigned n)
{
	pthread_t *threads = mem_array(n, sizeof *threads);
	struct bare *list = mem_array(n, sizeof *list);
	pthread_attr_t small;
	double before;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 64 * 1024);
	for (unsigned i = 0; i < n; i++)
		list[i].fd = bare_connect(s->ports[i]);
	before = aid_cpu();
	for (unsigned i = 0; i < n; i++) {
		list[i].start = instant_after(50 * NS_PER_MS) + INTERVAL / n * i;
		must(pthread_create(&threads[i], &small, bare_thread, &list[i]) == 0, "pthread_create");
	}
	for (unsigned i = 0; i < n; i++)
		pthread_join(threads[i], NULL);
	before = aid_cpu() - before;
	for (unsigned i = 0; i < n; i++)
		close(list[i].fd);
	pthread_attr_destroy(&small);
	free(threads);
	free(list);
	return before / (n * TURNS);
}

static double resident_mib(void)
{
	FILE *f = fopen("/proc/self/statm", "re");
	long size, resident;

	must(f && fscanf(f, "%ld %ld", &size, &resident) == 2, "statm");
	fclose(f);
	return (double)resident * (double)sysconf(_SC_PAGESIZE) / (1024 * 1024);
}

static void scale(unsigned n)
{
	struct server server;
	double cpu, bare;
	char row[64];
	struct rig rig;

	snprintf(row, sizeof row, "_%u_at_10Hz", n);
	if (!aid_wanted(row))
		return;
	server = server_scpi(n, ANY_CORE);
	rig_open(&rig, 1, n, aid_meter, server.addresses, ANY_CORE, ANY_CORE);
	player_keep(rig.players, n * TURNS);
	cpu = aid_cpu();
	player_measure(rig.players, TURNS, INTERVAL);
	cpu = (aid_cpu() - cpu) / (n * TURNS);
	bare = bare_threads(&server, n);
	snprintf(row, sizeof row, "cpu_a_reading_%u_at_10Hz", n);
	aid_row(row, 1e6 * cpu, 1e6 * bare, ratio_at_most(2), "us");
	snprintf(row, sizeof row, "lateness_p99_%u_at_10Hz", n);
	aid_row(row, 1e3 * aid_quantile(rig.players->lateness, rig.players->kept, 0.99), 0, n == 100 ? at_most(2) : stated(), "ms");
	snprintf(row, sizeof row, "memory_%u_at_10Hz", n);
	aid_row(row, resident_mib(), 0, stated(), "MiB");
	rig_close(&rig);
	server_end(&server);
}

int main(void)
{
	aid_folder_make();
	scale(1);
	scale(10);
	scale(100);
	scale(1000);
	aid_folder_remove();
	return 0;
}
