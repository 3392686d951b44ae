/* SPDX-License-Identifier: GPL-3.0-or-later
 * house.h - what the main thread owns: one of each. */
#ifndef HOUSE_H
#define HOUSE_H

#include "child.h"
#include "config.h"
#include "desk.h"
#include "lab.h"
#include "later.h"
#include "notice.h"
#include "ports.h"
#include "run.h"
#include "stream.h"

struct replays;

/* A run of this life of the daemon; kept after its end. */
struct active {
	struct run *run;             /* NULL once joined */
	char name[RUN_NAME], operator[64], procedure[128], bench[128];
	bool simulated;
	struct run_view view;
	uint64_t records, readings;
};

struct house {
	struct config *config;
	char *state;                 /* folder, absolute */
	char *journals, *labs_journal, *scratch;
	char *quantities, *evaluate, *recorder;
	char *control_endpoint;
	struct strings streams;
	int lock;
	instant started;

	void *inbox;                 /* notices */
	struct lab *lab;
	struct ports *ports;
	struct stream *stream;
	struct replays *replays;
	void *control;               /* ROUTER */
	struct later later;          /* commands that are answered once something is on disk */
	struct desk desk;            /* questions to people */
	struct keeper keeper;        /* etalon-record */
	const char *record_argv[16];
	char own_pid[24];
	char live_ms[24];            /* how often it flushes the live file */

	struct active *runs;
	size_t n_runs;
	char trouble[256];           /* of storage; "" if well: no run may start (rule 6) */
	bool leaving;                /* told to end */
};

/* house.c: the folders, the lock. */
int  house_open(struct house *h, const char *config, const char *state, struct err *e);
void house_close(struct house *h);

/* runs.c */
struct wish {                        /* what is asked of it */
	const char *procedure, *bench, *operator;
	const char *override_by, *override_why;      /* NULL: nobody answers for standards that do not serve */
};
int  runs_begin(struct house *h, const struct wish *w, char name[RUN_NAME], struct buf *problems, struct err *e);
void runs_recover(struct house *h);              /* at start: what a crash cut short */
void runs_notice(struct house *h, const struct notice *n);
struct active *runs_find(struct house *h, const char *name);
size_t runs_alive(const struct house *h);
bool runs_sealed(const struct house *h);         /* every run of this life that ended is */
void runs_order_all(struct house *h, enum order o, const char *why);

#endif
