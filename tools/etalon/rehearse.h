/* SPDX-License-Identifier: GPL-3.0-or-later
 * rehearse.h - a transcript against the real driver: every byte that is sent, every reading that comes of it,
 * every failure that must come. */
#ifndef REHEARSE_H
#define REHEARSE_H

#include "counterpart.h"
#include "model.h"

/* What is the first thing that differs?  Line 0: nothing.  The model is changed: its waits are cut, for nobody
 * answers late here. */
struct difference rehearse(struct model *m, const struct transcript *t);

#endif
