/* SPDX-License-Identifier: GPL-3.0-or-later
 * scene.h - one instrument as a port would have it, for tests of drivers: its model, a descriptor
 * that cancels, a count of what failed.  Steps that must succeed fail the test with their reason. */
#ifndef SCENE_H
#define SCENE_H

#include <pthread.h>

#include "driver.h"

#define GUARD_MS 10000           /* against hanging, never a measurement */

struct scene {
	struct model *m;
	struct instrument *in;
	int cancel;
	int failures;            /* exchanges reported as failed */
	struct err e;
};

/* serial: the number it must show, or NULL.  sibling: shares the bus with it, or NULL. */
void    scene_begin(struct scene *s, const char *yaml, const char *address, const char *serial,
		    struct instrument *sibling);
void    scene_finish(struct scene *s);

void    scene_attach(struct scene *s);
ssize_t scene_measure(struct scene *s, const char *quantity, struct reading *r);
int     scene_set(struct scene *s, const char *quantity, double value);
void    scene_cancel_soon(struct scene *s, pthread_t *t);       /* the caller joins it */

struct model *scene_model(const char *yaml);

/* What all scenes rest on: setup and teardown of a group of tests. */
int scene_load(void **state);
int scene_unload(void **state);

#endif
