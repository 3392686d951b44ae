/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_wait.h - what a model file says of waiting until something is done: asked for again and again
 * until the answer is right, or told by the status byte.  Bounded always. */
#ifndef MODEL_WAIT_H
#define MODEL_WAIT_H

#include "pattern.h"
#include "schema.h"

struct model_wait {
	char *ask;                       /* NULL: the status byte as the transport has it */
	bool once;                       /* it answers 1, when it is done and not before: *OPC? */
	struct pattern expect;           /* else its answer matches this */
	bool has_bit, has_clear_bit;     /* else it is a number with this bit set, or clear */
	int64_t bit, clear_bit;
	bool has_status_bit, srq;        /* or the status byte has this bit; it asks for service then */
	int64_t status_bit;
	int64_t every_ns, within_ns;
};

extern const struct schema model_wait_schema;
extern const char model_wait_form[];
/* A question alone, or the mapping. */
void model_wait_read(struct schema_context *c, const struct yaml *node, void *wait);
void model_wait_release(void *wait);
/* Does this answer, a number, say that it is done?  -1: it is none. */
int  model_wait_judge(const struct model_wait *w, const char *reply, size_t n);
bool model_wait_given(const struct model_wait *w);

#endif
