/* SPDX-License-Identifier: GPL-3.0-or-later
 * notice.h - what the other threads tell the main thread, and what it knows of each run.
 *
 * The main thread answers `status` from these; it never looks into another thread. */
#ifndef NOTICE_H
#define NOTICE_H

#include "record.h"

enum run_state {
	RUN_STARTING, RUN_RUNNING, RUN_PAUSED, RUN_HOLDING, RUN_STOPPING, RUN_ENDED, RUN_STATES
};

const char *run_state_name(enum run_state s);

/* A run as it sees itself; sent whole whenever something of it changes. */
struct run_view {
	enum run_state state;
	int32_t point, points;           /* -1: baseline */
	int32_t attempt, step, steps, done_points;
	char point_name[64], step_kind[16];
	char status[16];                 /* of `stop`, once ended */
	char reason[200];
	int64_t started_ns;              /* UTC */
	int64_t left_ns;                 /* estimated; -1 unknown */
};

enum notice_what {
	NOTICE_PROGRESS,                 /* records are durable */
	NOTICE_VIEW,                     /* from a run */
	NOTICE_ENDED,                    /* the run's thread is about to return */
	NOTICE_DEAD,                     /* a journal's storage failed */
	NOTICE_PORT,                     /* a port's link: trouble or not */
	NOTICE_DESK,                     /* of a question to a person: members, as JSON, follow the notice */
};

struct notice {
	enum notice_what what;
	uint32_t run, port, station;
	uint64_t ticket;                 /* of the command that this answers; 0: of none */
	enum err_code code;              /* ERR_NONE: it was carried out */
	uint32_t more;                   /* bytes that follow */
	uint64_t records, readings;
	bool trouble;
	bool waits;                      /* desk: the answer that ends the question has found no space yet */
	char text[256];
	struct run_view view;
};

#endif
