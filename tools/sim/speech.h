/* SPDX-License-Identifier: GPL-3.0-or-later
 * speech.h - what a simulated talker says unasked: its messages in turn, one each period.
 *
 * Each conversation hears them from the first on.  A message for which the line has no room is lost whole. */
#ifndef SPEECH_H
#define SPEECH_H

#include "answer.h"

struct speech;

/* NULL for an instrument that speaks only when asked. */
struct speech *speech_new(struct device *d);
void speech_free(struct speech **s);

instant speech_due(const struct speech *s);      /* INSTANT_NEVER for NULL */
/* Measures for the next message and says it, unless the instrument has been told to be silent; out->answered
 * tells.  The next is due a period later. */
void speech_say(struct speech *s, struct said *out);

#endif
