/* SPDX-License-Identifier: GPL-3.0-or-later
 * procedure.h - a procedure file: points, steps, environment, results; declarative.
 *
 * A channel is written ROLE.QUANTITY: reference.voltage.dc is quantity voltage.dc of role
 * reference.  Values carry units and are converted to the channel's unit when the procedure
 * is bound to a bench (procedure_bind), before anything moves. */
#ifndef PROCEDURE_H
#define PROCEDURE_H

#include "procedure_result.h"

enum step_kind { STEP_SET, STEP_SETTLE, STEP_MEASURE, STEP_WAIT };
enum on_timeout { TIMEOUT_HOLD, TIMEOUT_GO_ON, TIMEOUT_ABORT };   /* hold, go-on, abort */

/* One of the four, as the file's step has exactly one of the keys set, settle, measure, wait:
 *     - set: {channel: source.voltage.dc}                 to the point's value, or  to: 0 V
 *     - settle: {channel: reference.voltage.dc, band: 20 uV, window: 1 s, timeout: 30 s}
 *     - measure: {channels: [reference.voltage.dc, meter.voltage.dc], count: 10, interval: 200 ms}
 *     - wait: {duration: 2 s} */
struct step {
	int kind;                        /* enum step_kind */
	struct channel_ref channel;      /* set, settle */
	struct value to;                 /* set: unit NULL: the point's value for the channel */
	struct value band;               /* settle: peak to peak within the window */
	int64_t window_ns, timeout_ns;
	int on_timeout;
	struct list channels;            /* measure: of struct channel_ref */
	int64_t count, interval_ns;      /* measure; interval also of settle's readings */
	int64_t duration_ns;             /* wait */
	struct place place;
	double to_value, band_value;     /* after bind, in the channel's unit */
};

struct assignment {
	struct channel_ref channel;
	struct value value;
	double bound;                    /* after bind, in the channel's unit */
};

struct procedure_point {
	char *name;                      /* "+10 V" */
	struct list values;              /* of struct assignment */
	struct place place;
};

struct environment {
	struct channel_ref channel;
	int64_t every_ns;
	struct place place;
};

struct procedure {
	char *name;
	struct texts title;
	bool resumable;
	struct strings roles;            /* every role the bench must have; nothing else may be named */
	struct list environment;         /* of struct environment */
	struct list baseline;            /* of struct step: before the first point, again on resume */
	struct list points;              /* of struct procedure_point; a plan of points is carried out when the file is read */
	struct list steps;               /* of struct step: for each point */
	struct list results;             /* of struct result_spec */
	int64_t link_loss_ns;            /* a lost link may cost a step this long; then the run holds */
	int64_t safe_ns;                 /* bound of the safe state: per port */
	struct source source;
};

int  procedure_load(struct procedure **p, const char *path, struct problems *ps);
int  procedure_parse(struct procedure **p, const char *path, const void *text, size_t n, struct problems *ps);
/* Resolves every channel against the bench (which must outlive the procedure's use); roles,
 * quantities, ranges and units are checked.  May be repeated with another bench. */
int  procedure_bind(struct procedure *p, const struct bench *b, struct problems *ps);
/* May the bench's standards be used for it on this day?  A problem for each that is past due, and each point outside what
 * its certificate states.  After procedure_bind. */
int  procedure_standards(const struct procedure *p, const struct bench *b, int64_t day, struct problems *ps);
/* Every channel that gives readings (environment last, flagged), without duplicates.  Returns how
 * many there are, also where they are more than max. */
struct procedure_channel { const struct channel_ref *ref; bool environment; int64_t every_ns; };
size_t procedure_channels(const struct procedure *p, struct procedure_channel *out, size_t max);
void procedure_free(struct procedure **p);
extern const struct schema procedure_schema;

#endif
