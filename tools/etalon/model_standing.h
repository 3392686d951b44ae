/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_standing.h - what the laboratory's journal says of model files: as the daemon knows it, or where none
 * answers, as the state folder has it (without what a daemon that crashed wrote last). */
#ifndef MODEL_STANDING_H
#define MODEL_STANDING_H

#include "bench.h"
#include "validation.h"

/* Empty where there is no journal yet. */
int  standing_read(struct validations *v, struct err *e);
/* "validated 2026-11-24 by Anna on 0815", "changed since ...", "withdrawn ..." or "-". */
void standing_text(const struct validations *v, const struct model *m, struct buf *out);
/* Can its readings serve a certificate? */
bool standing_serves(const struct validations *v, const struct model *m);
/* The line `etalon check` says of a good bench: which of its instruments cannot serve one.  Nothing: all can. */
void standing_note(const struct bench *b, struct buf *out);

#endif
