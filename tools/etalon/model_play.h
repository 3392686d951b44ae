/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_play.h - a model file against its own simulation: what it measures and sets, its safe state, and that
 * no fault ever becomes a reading. */
#ifndef MODEL_PLAY_H
#define MODEL_PLAY_H

#include "model.h"

struct played {
	unsigned measured, set, faults;
	char trouble[600];               /* "": all went as it should */
};

/* The model is changed: its waits are cut to what the simulation needs.  `path` and `quantities`: its file and
 * the vocabulary's, for etalon-sim. */
void model_play(struct model *m, const char *path, const char *quantities, struct played *p);

#endif
