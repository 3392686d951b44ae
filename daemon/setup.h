/* SPDX-License-Identifier: GPL-3.0-or-later
 * setup.h - the files a run rests on: loaded together, constant, freed by their last user.
 *
 * The one thing threads share.  Nothing in it changes once it is loaded; only its count of
 * users does, atomically. */
#ifndef SETUP_H
#define SETUP_H

#include "procedure.h"

/* What people are shown at an instrument they read; only of a run that has just begun. */
struct picture { const char *name, *media_type; struct source source; };

struct setup {
	int users;
	struct quantities quantities;
	struct source quantities_source;
	struct bench *bench;
	struct procedure *procedure;
	struct picture *pictures;
	size_t n_pictures;
	char *state;                     /* the folder of what is known beyond runs (recollection.h) */
};

/* Loads and binds; every problem of every file is in ps.  The state folder is the caller's
 * to name.  kept: folder of the models and standards that a run kept, or NULL for those the bench file names, with the
 * pictures beside its models. */
int  setup_load(struct setup **s, const char *quantities, const char *bench, const char *kept,
		const char *procedure, struct problems *ps);
struct setup *setup_share(struct setup *s);
void setup_leave(struct setup **s);

bool setup_simulated(const struct setup *s);

#endif
