/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_recorded - readings a second, every one recorded, acknowledged and published, beside a
 * bare loop on the same server: one instrument, and 64 at once beside 64 bare threads. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "rig.h"

#define MANY 64

static double recorded(void *with, unsigned n)
{
	return rig_measure(with, n, 0);
}

/* A bare loop on a core of its own; the calling thread stays where the journal is. */
struct bare { int fd, core; unsigned n; };

static void *bare_thread(void *arg)
{
	struct bare *b = arg;

	aid_pin(b->core);
	bare_loop(&b->fd, b->n);
	return NULL;
}

struct bares { struct bare *list; unsigned n; };

static double bare_threads(void *with, unsigned n)
{
	struct bares *b = with;
	pthread_t threads[MANY];
	instant start = instant_now();

	for (unsigned i = 0; i < b->n; i++) {
		b->list[i].n = n;
		must(pthread_create(&threads[i], NULL, bare_thread, &b->list[i]) == 0, "pthread_create");
	}
	for (unsigned i = 0; i < b->n; i++)
		pthread_join(threads[i], NULL);
	return aid_seconds(start);
}

/* server, client: cores of the instruments and of whoever asks them; others: of the rest. */
static void compare(const char *row, unsigned n, int server_core, int client, int others, double target)
{
	const struct rounds rounds = { 9, 400 * NS_PER_MS, n };
	struct bare list[MANY];
	struct bares bares = { list, n };
	struct server server;
	struct rig rig;

	if (!aid_wanted(row))
		return;
	server = server_scpi(n, server_core);
	rig_open(&rig, aid_meter, server.addresses, n, client, others);
	for (unsigned i = 0; i < n; i++)
		list[i] = (struct bare){ .fd = bare_connect(server.ports[i]), .core = client };
	aid_compare_more(row, &rounds, (struct side){ recorded, &rig },
			 (struct side){ bare_threads, &bares }, target);
	for (unsigned i = 0; i < n; i++)
		close(list[i].fd);
	rig_close(&rig);
	server_end(&server);
}

/* Debian's pyvisa-py + pyzmq + h5py on the same cores: who asks and the instrument on core 0. */
static void beside_python(const char *row)
{
	enum { ROUNDS = 3 };
	double our[ROUNDS], python[ROUNDS];
	struct server server;
	char *file, *command;
	struct rig rig;

	if (!aid_wanted(row))
		return;
	server = server_scpi(1, 0);
	file = aid_path("logger.h5");
	command = mem_format("/usr/bin/python3 tests/bench/logger.py %d %s 1.5", server.ports[0], file);
	rig_open(&rig, aid_meter, server.addresses, 1, 0, 1);
	for (int i = 0; i < ROUNDS; i++) {
		unsigned n = 10000;
		FILE *f;

		aid_pin(ANY_CORE);
		f = popen(command, "re");
		must(f && fscanf(f, "%lf", &python[i]) == 1 && pclose(f) == 0, "logger.py");
		aid_pin(1);
		our[i] = n / recorded(&rig, n);
	}
	aid_paired(row, our, python, ROUNDS, at_least(5), "1/s");
	rig_close(&rig);
	server_end(&server);
	free(command);
	free(file);
}

int main(void)
{
	aid_folder_make();
	/* Port and instrument share core 0, journal and stream have core 1. */
	compare("recorded_one_core", 1, 0, 0, 1, 0.75);
	if (aid_cores() > 1)
		compare("recorded_two_cores", 1, 1, 0, ANY_CORE, 0.75);
	compare("recorded_64", MANY, ANY_CORE, ANY_CORE, ANY_CORE, 0.60);
	beside_python("recorded_beside_python");
	aid_folder_remove();
	return 0;
}
