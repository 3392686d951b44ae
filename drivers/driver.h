/* SPDX-License-Identifier: GPL-3.0-or-later
 * driver.h - one manner of talking.  The model file says what to ask and what the answer
 * means; a driver knows only the manner of asking.  Few drivers, many files.
 *
 * Hooks fill err and leave `attached` to instrument.c. */
#ifndef DRIVER_H
#define DRIVER_H

#include "instrument.h"

struct driver {
	const char *name;               /* as named by "driver:" in the model file */
	/* Opens the link or bus if it is not open. */
	int     (*connect)(struct instrument *in, instant by, struct err *e);
	/* Drains, waits for silence, proves identity, brings it into its known state. */
	int     (*attach) (struct instrument *in, instant by, struct err *e);
	/* Proves that state, once settings are re-applied. */
	int     (*check)  (struct instrument *in, instant by, struct err *e);
	/* Before any of the next three, for an instrument that shares its way with others: that is as it was left when it
	 * attached, or ERR_PROTOCOL.  What it takes to get it quiet comes on top of *by.  NULL: there is nothing to be done. */
	int     (*join)   (struct instrument *in, instant *by, struct err *e);
	/* Is the connection of an attached one still there?  Asks nothing.  NULL: it has none. */
	int     (*look)   (const struct instrument *in, struct err *e);
	ssize_t (*measure)(struct instrument *in, const struct point *const *points, size_t n,
			   struct reading *out, instant by, struct err *e);
	/* value in the point's unit, within its range. */
	int     (*set)    (struct instrument *in, const struct point *p, double value,
			   instant by, struct err *e);
	/* What was set reads back.  Asks only; 0 where nothing is read back.  NULL: it cannot be asked. */
	int     (*read_back)(struct instrument *in, const struct point *p, double value, instant by, struct err *e);
	/* Carries a named command out and waits until it is done.  NULL: it has none. */
	int     (*command)(struct instrument *in, const struct model_command *k, const struct given *given, size_t n,
			   instant by, struct err *e);
	/* Sends what makes it safe at once, then proves it. */
	int     (*safe)   (struct instrument *in, instant by, struct err *e);
	/* What a set or a measurement would send, one per line. */
	void    (*describe)(const struct model *m, const struct point *p, bool set, double value,
			    struct buf *out);
};

extern const struct driver driver_scpi, driver_text, driver_modbus, driver_manual;
extern const struct driver *const drivers[];            /* by enum manner */

/* "--dry": the commands a set or a measurement of this point would send, one per line.
 * value in the quantity's unit. */
void driver_describe(const struct model *m, const struct point *p, bool set, double value, struct buf *out);

/* For drivers (driver.c). */
struct timing { instant began, ended; int64_t utc; };   /* utc of the end */

void   timing_begin(struct timing *t);
void   timing_end(struct timing *t);
/* Waits the model's pause since the last command; cancelled like any wait. */
int    driver_rest(struct instrument *in, instant by, struct err *e);
/* Between two polls of a wait: the line is others' meanwhile, and then its own again (join), or ERR_PROTOCOL. */
int    driver_pause(struct instrument *in, int64_t ns, instant *by, struct err *e);
void   driver_report(struct instrument *in, const char *why, const struct timing *t, struct span sent,
		     struct span received, const struct err *failed);
void   driver_stamp(struct reading *r, const struct point *p, const struct timing *t);
instant driver_deadline(const struct model *m, const struct point *p, instant by);   /* of one exchange */
/* Is it the one the bench file names?  Of an instrument that has said its serial number. */
int    driver_judge_serial(const struct instrument *in, struct err *e);
/* Does what was read back agree with what was set?  Both in the quantity's unit. */
int    driver_compare(const struct point *p, double wanted, double got, enum reading_status status,
		      struct err *e);

#endif
