/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_command.h - the named commands of a model file: what is sent, with which arguments, and how
 * it is known to be done.  An argument that is not as stated is refused, never clipped. */
#ifndef MODEL_COMMAND_H
#define MODEL_COMMAND_H

#include "model_wait.h"

enum effect { EFFECT_NONE, EFFECT_ZERO, EFFECT_SELF_CALIBRATION };

struct choice { char *word, *sent; };

struct argument {
	char *name;                      /* first: the key of the mapping */
	struct list choices;             /* of struct choice; else a number */
	double low, high;
	bool has_low, has_high, whole;
	char *unit;                      /* of the number, for people */
	struct place place;
};

struct model_command {
	char *name;                      /* first: the key of the mapping */
	struct texts title;
	struct strings send;             /* {NAME} in it is an argument */
	struct list arguments;           /* of struct argument */
	struct model_wait done;
	int64_t timeout_ns;              /* of each exchange; 0: the model's */
	char *ask;                       /* asked behind it; its answer must match */
	struct pattern expect;
	int effect;                      /* enum effect */
	int64_t lasts_ns;                /* as it is simulated */
	struct place place;
};

extern const struct schema model_command_schema;

/* An argument as somebody states it: a word of its choices, or a number. */
struct given { const char *name, *text; };

const struct model_command *model_command_find(const struct list *commands, const char *name);
/* The lines to be sent, each ended by "\n".  ERR_CONFIG: an argument is missing, unknown or not as stated. */
int model_command_compose(const struct model_command *c, const struct given *given, size_t n, struct buf *out, struct err *e);

#endif
