/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_power.h - what a model file says of an instrument's state beyond its settings: how a power-on
 * betrays itself, what must be done again after it, how old a self-calibration may be, and what
 * must hold before it is believed at all. */
#ifndef MODEL_POWER_H
#define MODEL_POWER_H

#include "pattern.h"
#include "schema.h"
#include "unit.h"

/* A question whose answer holds a number. */
struct model_number {
	char *ask;
	struct pattern reply;            /* group 1; else the field; else the whole answer */
	int64_t field;
	char *unit;                      /* of the number */
	struct conversion convert;       /* to the unit that is wanted; found when the file is loaded */
	struct place place;
};

/* Two questions about one clock: when something was, and what time it is. */
struct model_moment {
	char *ask, *now;
};

struct power_on {
	char *ask;                       /* NULL: it does not say */
	struct pattern shows;            /* an answer that matches betrays a power-on */
	bool has_bit;
	int64_t bit;                     /* or, a number, one with this bit set */
	int when;                        /* enum power_when */
};
enum power_when { POWER_MEASUREMENT, POWER_ATTACH };

struct after_power_on {
	int64_t warm_up_ns;
	struct strings commands;         /* names of the model's commands */
};

struct self_calibration {
	char *command;                   /* name of the command; NULL: a person does it */
	int64_t age_ns;                  /* 0: any */
	struct value change;             /* of the temperature since; unit NULL: any */
	double change_k;                 /* in K; found when the file is loaded */
	struct model_number temperature;
	/* What it says itself of its last: that holds beside what is remembered, the stricter of both. */
	struct model_number age_ask;            /* how old it is */
	struct model_number temperature_ask;    /* its temperature then */
	struct model_moment time_ask;           /* when it was, by its own clock */
	bool has_temperature, has_age_ask, has_temperature_ask, has_time_ask;
};

/* A number of the instrument's that must lie in a range. */
struct requirement {
	struct model_number asked;              /* first: its keys stand beside low and high */
	double low, high;
	char *text;                      /* what it is, for people */
};

extern const struct schema power_on_schema, after_power_on_schema, self_calibration_schema, requirement_schema;

#endif
