/* SPDX-License-Identifier: GPL-3.0-or-later
 * lines_command.c - a named command of the model file: sent, waited for, errors looked for, proven. */
#include <stdlib.h>
#include <string.h>

#include "lines_parts.h"

static int send_lines(struct instrument *in, char *lines, instant by, struct err *e)
{
	char *line;

	while ((line = strsep(&lines, "\n")))
		if (*line && lines_tell(in, "command", line, by, e) < 0)
			return -1;
	return 0;
}

static int prove(struct instrument *in, const struct model_command *k, instant by, struct err *e)
{
	if (lines_errors(in, OCCASION_SET, by, e) < 0)
		return -1;
	return k->ask ? lines_expect_within(in, "command", k->ask, &k->expect, k->timeout_ns, by, e) : 0;
}

int lines_command(struct instrument *in, const struct model_command *k, const struct given *given, size_t n,
		  instant by, struct err *e)
{
	struct buf lines = { 0 };
	int failed = model_command_compose(k, given, n, &lines, e);

	failed = failed || send_lines(in, lines.data, by, e);
	buf_release(&lines);
	if (failed || (model_wait_given(&k->done) && lines_wait(in, "command", &k->done, by, e) < 0))
		return -1;
	if (prove(in, k, by, e) < 0)
		return -1;
	return k->effect == EFFECT_SELF_CALIBRATION ? lines_self_calibrated(in, by, e) : 0;
}
