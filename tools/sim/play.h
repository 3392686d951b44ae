/* SPDX-License-Identifier: GPL-3.0-or-later
 * play.h - a bench being played: its world, its instruments, the places where they are reached. */
#ifndef PLAY_H
#define PLAY_H

#include "device.h"
#include "outlet.h"

struct slaves;
struct controller;
struct stream;

/* A place, and who serves it if it speaks Modbus: several units may share one. */
struct seat {
	struct outlet *outlet;
	struct slaves *slaves;
	struct stream *stream;           /* of a line, likewise with units that its model files tell apart */
	struct controller *controller;   /* of a GPIB, likewise with several instruments */
};

struct play {
	const struct bench *bench;
	struct world *world;
	struct truth *truth;             /* may be NULL; not owned */
	const char *control;
	struct device **devices;         /* by index of role; NULL: not simulated */
	char **addresses;                /* likewise: where it can be reached */
	struct seat *seats;
	size_t n_seats;
	size_t people;                   /* roles that are read by hand */
};

/* control: etalond's endpoint, where the people at instruments without an interface answer; NULL: nobody does.
 * Everything listens when it returns 0.  The threads it starts end with the process. */
int  play_start(struct play *p, const struct bench *b, struct truth *t, uint64_t seed,
		const struct outlet_options *options, const char *control, struct err *e);
/* The instrument in a role; NULL and ERR_CONFIG if none is played there. */
struct device *play_find(const struct play *p, const char *role, struct err *e);
/* Takes the links away.  Nothing is freed: the threads are running. */
void play_stop(struct play *p);

#endif
