/* SPDX-License-Identifier: GPL-3.0-or-later
 * controller.h - a GPIB controller as Prologix's manuals describe it (GPIB-ETHERNET of 2013-05-14, GPIB-USB
 * 6.107), with instruments on its bus, played by a thread at the end of a socket or a terminal.
 *
 * It carries out one line after the other: while it waits for an instrument to talk, nothing else
 * happens.  Each instrument answers READ? with 1000 times its address plus the number of questions it has
 * heard, so that an old answer or another's shows. */
#ifndef CONTROLLER_H
#define CONTROLLER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>

#include "terminal.h"

#define BUS_DEVICES 4
#define BUS_ANSWER  (1024 * 1024)

enum bus_fault {
	BUS_FINE,
	BUS_LATE,                /* the answer is ready only after late_ms */
	BUS_NO_EOI,              /* the answer ends without EOI */
	BUS_CUT,                 /* half of it, then nothing */
	BUS_SILENT,
	BUS_OTHER,               /* another address answers in its place */
	BUS_TWICE,               /* says it once more when it is let again */
};

struct bus_device {
	int primary, secondary;  /* secondary -1: none; as on the bus, from 96 on */
	const char *identity;
	/* The test's, at any time. */
	atomic_int fault, late_ms;       /* the next READ? meets it */
	atomic_int status;               /* its status byte */
	/* What it has seen. */
	atomic_int reads, clears, triggers, locals, overtaken;
	char heard[65536];               /* the last message, and how long it was */
	size_t heard_n;

	char *answer;
	size_t answer_n;
	int64_t ready;                   /* not before this instant */
	bool eoi, again;
};

struct controller {
	/* The test's, before it is started. */
	const char *version;             /* NULL: Prologix's */
	const char *banner;              /* said when somebody connects */
	const char *unknown;             /* a command that it does not know: "eot_enable" */
	bool ar488;
	int piece_behind;                /* a pause behind every byte of this value in an answer; -1: none */
	atomic_int deaf;                 /* answers nothing */
	struct bus_device devices[BUS_DEVICES];

	/* What it has seen. */
	char log[65536];                 /* the lines, "\n" between them; escaped bytes as they came */
	atomic_int log_n, eeprom_writes, clears_of_bus, connects;

	char address[128];               /* of the controller: "prologix://127.0.0.1:port", "prologix:/tmp/..." */
	struct terminal terminal;
	int listening, fd, stop[2];      /* listening: -1 on a terminal */
	atomic_int power;                /* the test's: 1: settings are those kept, and the connection stays; 2: it goes too */
	pthread_t thread;
	int primary, secondary, mode, automatic, eoi, eos, eot_enable, eot_char, read_tmo, savecfg;
	char line[262144];
	size_t line_n;
	bool escaped, is_data;
};

/* By which a controller is reached. */
#define EACH_WAY(way) \
	for (const char *const *w_ = (const char *const[]){ "tcp", "pty", NULL }, *way; (way = *w_); w_++)

/* Three instruments: A at 22, B at 9, C at 9 with secondary address 3. */
void  controller_prepare(struct controller *c);
char *controller_at(const struct controller *c, const char *where);      /* "22": the caller frees it */
/* scheme "tcp" or "pty". */
void controller_start(struct controller *c, const char *scheme);
void controller_stop(struct controller *c);
/* Takes effect before the next byte it hears. */
void controller_power(struct controller *c, bool connection_too);

#endif
