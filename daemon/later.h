/* SPDX-License-Identifier: GPL-3.0-or-later
 * later.h - answers to commands as they go out, and those that cannot be given yet: the asker is
 * remembered under a ticket until somebody knows. */
#ifndef LATER_H
#define LATER_H

#include <jansson.h>

#include "envelope.h"
#include "err.h"

struct later {
	struct waiting { struct envelope to; json_t *id; uint64_t ticket; uint32_t run; } *list;
	size_t n;
};

/* failed NULL: it went well; longer: a text longer than an err holds, or NULL.  id and result stay
 * the caller's and may be NULL.  The caller frees it. */
char *later_text(const json_t *id, json_t *result, const struct err *failed, const char *longer);

/* Takes the envelope and the id over.  run: whose end ends the waiting. */
void later_keep(struct later *l, struct envelope *to, json_t *id, uint64_t ticket, uint32_t run);
/* Nothing happens if nobody waits under the ticket. */
void later_answer(struct later *l, void *socket, uint64_t ticket, json_t *result, const struct err *failed);
/* All that wait for a run, or for anything (0), are told that it cannot be. */
void later_give_up(struct later *l, void *socket, uint32_t run, const struct err *why);

#endif
