/* SPDX-License-Identifier: GPL-3.0-or-later
 * message.h - the messages of a simulated instrument as bytes: commands are cut out of what is heard,
 * answers are put into their frame, and spoiled where a fault has it. */
#ifndef SIM_MESSAGE_H
#define SIM_MESSAGE_H

#include "answer.h"

enum heard {
	HEARD_PART,                  /* more is to come */
	HEARD_COMMAND,
	HEARD_SPOILED,               /* a command whose frame or checksum is wrong */
	HEARD_ENQUIRY,               /* the answer that was acknowledged is asked for */
};

/* What stands at the head of the bytes heard, and how many of them it takes; HEARD_PART may take some. */
enum heard message_next(const struct model *m, struct span heard, struct span *command, size_t *taken);
/* Makes of an answer what goes out: whole with frame and terminator, cut in the middle, or garbage. */
void message_end(struct device *d, struct said *out);
/* Does it acknowledge this command, or question, before it answers? */
bool message_acknowledged(const struct model *m, bool question);

#endif
