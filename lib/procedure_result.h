/* SPDX-License-Identifier: GPL-3.0-or-later
 * procedure_result.h - a result of a procedure: what is computed at each point, and from what.
 *
 * Either an error of indication, without more:
 *     - {name: error, indication: meter.voltage.dc, reference: reference.voltage.dc}
 * or a measurement model (JCGM 100:2008, 4.1) with all its input quantities:
 *     - name: error
 *       unit: uV
 *       channel: meter.voltage.dc
 *       model: difference - thermal + resolution
 *       inputs:
 *         difference: {differences: [meter.voltage.dc, reference.voltage.dc]}
 *         thermal:    {estimate: 0 V, half_width: 0.4 uV, common_to: run, source: copper to copper, four junctions}
 *         resolution: {resolution: meter.voltage.dc}
 *
 * Here it is only read and its words are checked; lib/uncertainty/measurement.h gives it a meaning. */
#ifndef PROCEDURE_RESULT_H
#define PROCEDURE_RESULT_H

#include "bench.h"
#include "distribution.h"

struct channel_ref {                     /* "reference.voltage.dc" */
	char *text;
	char *role;
	const char *quantity;            /* points into text */
	struct place place;
	const struct bench_role *bench_role;   /* after procedure_bind */
	const struct point *point;
};

/* Where an input's estimate comes from: an input has exactly one of these keys. */
enum input_kind {
	INPUT_READINGS,                  /* mean of a channel's readings at the point, type A */
	INPUT_DIFFERENCES,               /* mean of what two channels differ by, read at the same moments, type A */
	INPUT_NOMINAL,                   /* what the point states for a channel: no uncertainty */
	INPUT_RESOLUTION,                /* 0, within half a step of a channel's indication */
	INPUT_STANDARD,                  /* what the certificate of the standard in that role says is to be added to its indication */
	INPUT_STATED,                    /* an estimate that is written here */
	INPUT_KINDS
};

/* Over what one identity reaches: within it the input is one random variable. */
enum common_to { COMMON_POINT, COMMON_RUN, COMMON_LABORATORY };

struct input_spec {
	char *name;                      /* in the model; first: the key */
	enum input_kind kind;
	struct channel_ref channel;      /* of all kinds but stated */
	struct channel_ref subtracted;   /* differences: channel minus this one */
	struct list conditions;          /* standard: of struct channel_ref: what was read of its influence quantities */
	struct value pooled;             /* readings, differences: experimental standard deviation of one of them, known from
	                                    many series; unit NULL: of this series */
	struct value estimate;           /* stated */
	struct value standard, expanded, half_width;    /* stated: one of them, unit NULL: not given */
	double coverage_factor;          /* of expanded */
	int distribution;                /* enum distribution_kind; not written: rectangular of a half-width, else normal */
	double top;                      /* trapezoidal: top over base */
	struct value limits_within;      /* curvilinear: how well the limits are known */
	double degrees_of_freedom;       /* of what is stated or pooled; INFINITY: exactly known */
	int common_to;                   /* enum common_to; not written: run of what is stated, else point */
	bool has_factor, has_distribution, has_top, has_freedom, has_common;
	char *identity;                  /* NULL: its name */
	char *source;                    /* for the budget */
	struct place place;
};

struct correlation_spec {
	struct strings between;          /* two inputs */
	double coefficient;
	bool stated;                     /* otherwise estimated from their simultaneous readings */
	struct place place;
};

enum evaluation_method { EVALUATE_GUM, EVALUATE_MONTE_CARLO, EVALUATE_BOTH };

struct result_spec {
	char *name;
	struct channel_ref indication, reference;       /* error of indication = indication - reference */
	struct texts title;
	struct place model_place;
	char *model;                     /* NULL: an error of indication, type A alone */
	char *unit;
	struct channel_ref channel;      /* what it is about: its nominal value is the result's; text NULL: none */
	struct list inputs;              /* of struct input_spec */
	struct list correlations;        /* of struct correlation_spec */
	double coverage_probability;
	int method;                      /* enum evaluation_method */
	bool second_order;               /* the next terms too: JCGM 100:2008, 5.1.2, note */
	int64_t trials;                  /* of Monte Carlo; 0: as many as the digits need */
	int64_t seed;
	struct place place;
};

extern const struct schema result_spec_schema;

#endif
