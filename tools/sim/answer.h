/* SPDX-License-Identifier: GPL-3.0-or-later
 * answer.h - what a simulated instrument says to one command, and how readings are put into it. */
#ifndef ANSWER_H
#define ANSWER_H

#include "device.h"

#define ANSWER_POINTS 16             /* most quantities in one answer */

/* One answer; the buffer is reused. */
struct said {
	struct buf text;             /* without terminator, until message_end puts it */
	bool answered;
	instant ready;               /* of an answer that need not be waited for here (talk_waits_apart): not before */
	struct fault fault;          /* strikes it on its way: the wire's business */
};

void answer_text(struct said *out, const char *text);
/* Measures the points and says all values in one answer, which the truth file is told of: as `say` has it,
 * {QUANTITY} for each value; where that is NULL by their fields, or listed ones with commas between.
 * question: what a wrong echo echoes. */
void answer_reading(struct device *d, struct device_point *const *points, size_t n, struct span question,
		    const char *say, struct said *out);

#endif
