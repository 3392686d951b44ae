/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model_wait.h"

#include <stdlib.h>

#include "number.h"

const char model_wait_form[] = "a question that is answered 1 when it is done, such as *OPC?, or a mapping";

static int ways(const struct model_wait *w)
{
	return (w->expect.text != NULL) + w->has_bit + w->has_clear_bit + (w->has_status_bit || w->srq);
}

static void check(struct schema_context *c, const struct yaml *node, void *wait)
{
	const struct model_wait *w = wait;
	bool status = w->has_status_bit || w->srq;

	if (ways(w) != 1)
		schema_problem(c, node, "what shows that it is done is one of: expect, bit, clear_bit, status_bit "
			       "(with srq where it requests service)");
	else if (status && w->ask)
		schema_problem_key(c, node, "ask", "the status byte comes without a question; the bit of an answer is "
				   "'bit'");
	else if (!status && !w->ask)
		schema_problem(c, node, "it needs a question, 'ask', or a bit of the status byte, 'status_bit'");
	if (w->every_ns > w->within_ns)
		schema_problem_key(c, node, "every", "it is asked for less often than it may last, 'within'");
}

#define AT(field) .offset = offsetof(struct model_wait, field)
static const struct schema_row rows[] = {
	{ .key = "ask", .type = S_STRING, AT(ask),
	  .help = "a question that is asked until its answer is right, such as *STB? or *ESR?" },
	{ .key = "expect", .type = S_CUSTOM, AT(expect), .custom = pattern_read, .release = pattern_free,
	  .form = pattern_form, .help = "what the answer matches then" },
	{ .key = "bit", .type = S_INT, AT(bit), .high = 31, .given = offsetof(struct model_wait, has_bit),
	  .help = "the bit of the answer, a number, that is set then" },
	{ .key = "clear_bit", .type = S_INT, AT(clear_bit), .high = 31,
	  .given = offsetof(struct model_wait, has_clear_bit), .help = "the bit of it that is clear then" },
	{ .key = "status_bit", .type = S_INT, AT(status_bit), .high = 7,
	  .given = offsetof(struct model_wait, has_status_bit),
	  .help = "the bit of the status byte that is set then: by serial poll where the transport has it, "
		  "else by `status_ask`" },
	{ .key = "srq", .type = S_BOOL, AT(srq), .fallback = "no",
	  .help = "it requests service then; where the transport has no such thing the status byte is asked for" },
	{ .key = "every", .type = S_DURATION, AT(every_ns), .low = 0.001, .high = 60, .fallback = "100 ms",
	  .help = "how often to ask" },
	{ .key = "within", .type = S_DURATION, AT(within_ns), .low = 0.001, .high = 86400, .fallback = "30 s",
	  .help = "how long it may last" },
	{ 0 }
};
#undef AT

const struct schema model_wait_schema = {
	.what = "a wait", .size = sizeof(struct model_wait), .rows = rows, .check = check,
};

void model_wait_read(struct schema_context *c, const struct yaml *node, void *wait)
{
	struct model_wait *w = wait;

	if (node->kind == YAML_MAP) {
		schema_read(&model_wait_schema, c, node, w);
	} else if (schema_scalar(c, node, model_wait_form)) {
		w->ask = mem_string(node->text);
		w->once = true;
	}
}

void model_wait_release(void *wait)
{
	struct model_wait *w = wait;

	schema_release(&model_wait_schema, w);
	*w = (struct model_wait){ 0 };
}

int model_wait_judge(const struct model_wait *w, const char *reply, size_t n)
{
	struct err e;
	double x;

	if (w->expect.text)
		return pattern_matches(&w->expect, reply, n, NULL, 0);
	if (number_parse(reply, n, &x, &e) < 0 || x < 0 || x > UINT32_MAX)
		return -1;
	if (w->once)
		return x == 1 ? 1 : -1;
	return w->has_bit ? ((uint32_t)x >> w->bit & 1) == 1 : ((uint32_t)x >> w->clear_bit & 1) == 0;
}

bool model_wait_given(const struct model_wait *w)
{
	return w->ask || w->has_status_bit || w->srq;
}
