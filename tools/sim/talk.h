/* SPDX-License-Identifier: GPL-3.0-or-later
 * talk.h - what an instrument that speaks in lines (scpi, text) makes of a line it hears.
 *
 * The model file says what its driver would send; each of these commands becomes a rule here, so
 * no instrument needs code of its own.  SCPI instruments know *RST, *CLS, *OPC?, *WAI and
 * the commands of status.h as well.
 * A command nobody knows is an error in the queue and gets no answer. */
#ifndef TALK_H
#define TALK_H

#include "answer.h"

struct talk;

/* ERR_CONFIG where the model asks something that nothing would answer. */
int  talk_new(struct talk **t, struct device *d, struct err *e);
void talk_free(struct talk **t);
struct device *talk_device(const struct talk *t);

/* Is it one of its commands?  And what the same command is to a neighbour on the line, whose model file is the same but
 * for the unit: 0, or -1 where it has none. */
bool talk_knows(const struct talk *t, struct span line);
int  talk_translate(const struct talk *t, struct span line, const struct talk *neighbour, struct buf *out);
/* What waits for an end and is answered then (*OPC?) is answered at once from here on, and said->ready tells when it may be
 * said: for a bus, on which others go on meanwhile. */
void talk_waits_apart(struct talk *t);
/* Carries one command out, waiting as long as the instrument takes. */
void talk_line(struct talk *t, const char *line, size_t n, struct said *out);

#endif
