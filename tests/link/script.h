/* SPDX-License-Identifier: GPL-3.0-or-later
 * script.h - an instrument that answers by a list: what it is asked, what it says.
 *
 * Lines are tried in order; one whose `times` are used up is passed over, so that the same question
 * can have one answer after the other.  `ask` may end in '*': what begins so.  Everything heard is
 * kept, one line after the other, for the test to compare: commands nobody has an answer for too. */
#ifndef SCRIPT_H
#define SCRIPT_H

#include "device.h"

struct line_said {
	const char *ask, *say;           /* say NULL: no answer; without "\n" where it has one itself */
	int times;                       /* 0: always */
};

struct script {
	struct device d;
	const struct line_said *lines;
	size_t n;
	int used[64];
	char heard[8192];
};

/* On TCP, at s->d.address. */
void script_start(struct script *s, const struct line_said *lines, size_t n);
void script_stop(struct script *s);
/* What was heard since it was last asked: "A\nB\n"; valid until the next call. */
const char *script_heard(struct script *s);

#endif
