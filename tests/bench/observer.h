/* SPDX-License-Identifier: GPL-3.0-or-later
 * observer.h - an observer as anybody would write one: a SUB socket in a context of its own, which
 * reads from the header of a reading when it was taken. */
#ifndef OBSERVER_H
#define OBSERVER_H

#include <pthread.h>

#include "aid.h"

struct observer {
	const char *endpoint;
	int core;
	size_t readings;             /* seen */
	double *delays;              /* s, of the first `room`: mono_ns of the header to in hand */
	size_t room;
	int ending;
	pthread_t thread;
};

/* Returns once it is subscribed. */
void observer_start(struct observer *o, const char *endpoint, int core, size_t room);
/* Once nothing has come for a while. */
void observer_stop(struct observer *o);

#endif
