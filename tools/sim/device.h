/* SPDX-License-Identifier: GPL-3.0-or-later
 * device.h - one simulated instrument: its settings, sources, sensors, errors and faults.
 *
 * Everything comes from the model file; how it is spoken to is the business of talk.h (lines) and
 * slave.h (registers).  The lock guards what changes; waiting happens outside it, so a slow
 * answer on one connection keeps nobody from another. */
#ifndef DEVICE_H
#define DEVICE_H

#include <pthread.h>

#include "bench.h"
#include "fault.h"
#include "random.h"
#include "status.h"
#include "truth.h"
#include "world.h"

#define DEVICE_ERRORS 20         /* length of the error queue */
#define DEVICE_SETTING 128
#define DEVICE_OTHER_SERIAL "OTHER999"     /* of what stands in its place under the fault `identity` */

struct device_point {
	const struct point *point;
	struct conversion to_node;       /* from the point's unit */
	struct world_source *source;     /* NULL: it cannot be set */
	double commanded;                /* in the point's unit: what it would read back */
	bool driving;                    /* was set since power-on */
	const struct range *range;       /* the one selected; NULL: none since power-on */
	int armed;                       /* when it was prepared alone, in armings; 0: never */
	double low, high;                /* beyond these it indicates overload */
};

/* A setting that can be asked for, and perhaps made: struct answer of the model. */
struct device_setting {
	const struct answer *answer;
	char now[DEVICE_SETTING];
};

struct device {
	const struct bench_role *role;
	const struct model *model;
	struct world *world;
	struct truth *truth;             /* may be NULL */
	struct faults faults;
	struct status status;
	struct device_point *points;
	size_t n_points;
	int armings;                     /* of one of them alone, so far */
	char *identity, *other_identity; /* NULL: it cannot say who it is */
	const char *no_error;            /* what an empty error queue says */

	pthread_mutex_t lock;            /* over the rest */
	unsigned powered;                /* times it has been switched on */
	struct random noise, junk;
	struct device_setting *settings;
	size_t n_settings;
	bool configured;                 /* the last command of init has come since power-on */
	const char *errors[DEVICE_ERRORS];
	size_t n_errors;
	instant triggered;               /* the next reading was begun then; 0: when it is asked for */

	bool silent;                     /* a talker that has been told so */

	void (*hang_up)(void *line);     /* its server: closes the connections */
	void *line;
};

/* One measurement, in the point's unit but for truth, which is the node's. */
struct sensed {
	struct device_point *of;
	int64_t utc_ns;
	double truth, ideal, value;
};

/* ERR_CONFIG where the model file does not say how to play it. */
int  device_new(struct device **d, const struct bench_role *role, struct world *w,
		struct truth *t, uint64_t seed, struct err *e);
void device_free(struct device **d);
int  device_add_fault(struct device *d, const struct fault *f, struct err *e);

void device_power_on(struct device *d);          /* settings lost, sources off, no errors */
/* device_warm.c: it has been on for long, where its model says that it begins so; whether that is still true.
 * ERR_CONFIG: the question that betrays a power-on would still do so. */
int  device_warm(struct device *d, struct err *e);
bool device_is_warm(struct device *d);
void device_reset(struct device *d);             /* the same but for the error queue */
void device_make_safe(struct device *d);         /* sources at their safe values, output off */
void device_setting(struct device *d, struct device_setting *s, struct span to);

/* Sources a value.  ERR_INSTRUMENT if it is out of range, or if the fault is a refusal. */
int  device_set(struct device *d, struct device_point *p, double value, const struct fault *f,
		struct err *e);

/* A value outside the selected range is out of range. */
void device_select(struct device *d, struct device_point *dp, const struct range *r);
/* Whether it says unasked what it measures. */
void device_let_speak(struct device *d, bool on);
bool device_speaks(struct device *d);

double device_commanded(struct device *d, const struct device_point *p);
bool device_drives(struct device *d, const struct device_point *p);      /* it was set, and no other took its output */

/* Waits for the middle of the measurement that was asked for at `asked`, measures the points, and
 * waits until the answer is due. */
void device_sense(struct device *d, struct sensed *points, size_t n, instant asked);
bool device_overloaded(const struct sensed *s);
double device_overload(const struct model *m);   /* the number that means it */
void device_tell(struct device *d, const struct sensed *points, size_t n, struct span said,
		 const struct fault *f);         /* to the truth file */

/* What is asked for next was measured now: the question then waits for no middle of its own. */
void device_triggered(struct device *d, const struct point *p);
/* The status byte of a model that has a question of its own for it: the bits that the model file waits for. */
uint8_t device_status(struct device *d, bool message);       /* the status byte, as a serial poll has it */
uint8_t device_own_status(struct device *d);
void device_error(struct device *d, const char *text);       /* a constant text, queued */
const char *device_next_error(struct device *d);
size_t device_errors(struct device *d);          /* how many are queued */
void device_clear_errors(struct device *d);

#endif
