/* SPDX-License-Identifier: GPL-3.0-or-later
 * talk_own.h - the inside of talk.h, for talk*.c alone: the commands that are known, as rules that
 * talk_rules.c makes of a model file and talk.c carries out. */
#ifndef TALK_OWN_H
#define TALK_OWN_H

#include "talk.h"

#define TOGETHER ANSWER_POINTS   /* most quantities in one answer */

enum rule_kind {
	RULE_IDENTITY, RULE_ERRORS, RULE_ASK, RULE_SET, RULE_READBACK, RULE_DONE,
	RULE_SELECT, RULE_WAIT, RULE_STATUS, RULE_ARM, RULE_TRIGGER, RULE_COMMAND, RULE_SETTING, RULE_SETTING_ASK,
	RULE_RESET, RULE_CLEAR, RULE_SAFE, RULE_TALK_ON, RULE_TALK_OFF, RULE_NOTHING,
};

/* A command is `head`, or with a hole in it head, argument, tail. */
struct rule {
	enum rule_kind kind;
	struct span head, tail;
	bool hole;
	struct device_point *points[TOGETHER];       /* asked for together: by field */
	size_t n;
	const char *say;                             /* the whole answer, {QUANTITY} for each value; may be NULL */
	struct device_setting *setting;
	const struct range *range;                   /* which it selects */
	const struct model_wait *wait;                     /* what its answer tells of */
	const struct model_command *command;
};

struct talk {
	struct device *device;
	struct rule *rules;
	size_t n;
	bool apart;                      /* talk_waits_apart */
};

/* ERR_CONFIG where the model asks something that nothing would answer. */
int  rules_make(struct talk *t, struct err *e);
struct rule *rules_find(const struct talk *t, struct span line, struct span *argument);
/* What the model says of the answer to a question; NULL: nothing. */
const char *rules_said(const struct model *m, const char *question);

#endif
