/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_recorded - readings a second, every one recorded, acknowledged and published, beside a
 * bare loop on the same server: one instrument, and 64 at once beside 64 bare threads; published
 * to nobody, and with an observer that receives everything. */
#include <pthread.h>
#include <stdlib.h>
#include <unistd.h>

#include "observer.h"
#include "rig.h"

#define MANY 64

static double recorded(void *with, unsigned n)
{
	return player_measure(with, n, 0);
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

/* Cores: of the instruments, of whoever asks them, of the rest and the observer. */
struct cores { int server, client, others; };

static void connect_bares(struct bares *b, const struct server *s, int core)
{
	for (unsigned i = 0; i < b->n; i++)
		b->list[i] = (struct bare){ .fd = bare_connect(s->ports[i]), .core = core };
}

static void compare(const char *row, unsigned n, struct cores c, struct rig *rig, const struct server *s,
		    double target)
{
	const struct rounds rounds = { 7, 300 * NS_PER_MS, n };
	struct bare list[MANY];
	struct bares bares = { list, n };

	connect_bares(&bares, s, c.client);
	aid_compare_more(row, &rounds, (struct side){ recorded, rig->players },
			 (struct side){ bare_threads, &bares }, at_least(target));
	for (unsigned i = 0; i < n; i++)
		close(list[i].fd);
}

/* While an observer receives everything; and how much of it reached the observer. */
static void compare_observed(const char *row, unsigned n, struct cores c, struct rig *rig,
			     const struct server *s, double target)
{
	char *observed = mem_format("%s_and_observed", row), *received = mem_format("%s_received", observed);
	uint64_t before = rig->players->readings;
	struct observer o;

	observer_start(&o, rig->endpoint, c.others, 0);
	compare(observed, n, c, rig, s, target);
	observer_stop(&o);
	must(o.readings > 0, "an observer");
	aid_row(received, (double)o.readings, (double)(rig->players->readings - before), stated(), "readings");
	free(o.delays);
	free(observed);
	free(received);
}

/* One pair of rows: published to nobody, and to an observer. */
static void rows(const char *row, unsigned n, struct cores c, double target)
{
	struct server server;
	struct rig rig;

	if (!aid_wanted(row))
		return;
	server = server_scpi(n, c.server);
	rig_open(&rig, 1, n, aid_meter, server.addresses, c.client, c.others);
	compare(row, n, c, &rig, &server, target);
	compare_observed(row, n, c, &rig, &server, target);
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
	rig_open(&rig, 1, 1, aid_meter, server.addresses, 0, 1);
	for (int i = 0; i < ROUNDS; i++) {
		unsigned n = 10000;
		FILE *f;

		aid_pin(ANY_CORE);
		f = popen(command, "re");
		must(f && fscanf(f, "%lf", &python[i]) == 1 && pclose(f) == 0, "logger.py");
		aid_pin(1);
		our[i] = n / recorded(rig.players, n);
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
	/* Port and instrument share core 0, journal, stream and observer have core 1. */
	rows("recorded_one_core", 1, (struct cores){ 0, 0, 1 }, 0.75);
	if (aid_cores() > 1)
		rows("recorded_two_cores", 1, (struct cores){ 1, 0, ANY_CORE }, 0.75);
	rows("recorded_64", MANY, (struct cores){ ANY_CORE, ANY_CORE, ANY_CORE }, 0.60);
	beside_python("recorded_beside_python");
	aid_folder_remove();
	return 0;
}
