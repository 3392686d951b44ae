/* SPDX-License-Identifier: GPL-3.0-or-later
 * driver.h - one manner of talking.  The model file says what to ask and what the answer
 * means; a driver knows only the manner of asking.  Few drivers, many files. */
#ifndef DRIVER_H
#define DRIVER_H

#include "instrument.h"

struct driver {
	const char *name;               /* as named by "driver:" in the model file */
	int     (*connect)(struct instrument *in, instant by, struct err *e);
	int     (*attach) (struct instrument *in, instant by, struct err *e);
	ssize_t (*measure)(struct instrument *in, const struct point *const *points, size_t n,
			   struct reading *out, instant by, struct err *e);
	int     (*set)    (struct instrument *in, const struct point *p, double value,
			   instant by, struct err *e);
	int     (*safe)   (struct instrument *in, instant by, struct err *e);
};

extern const struct driver driver_scpi, driver_text, driver_modbus;
extern const struct driver *const drivers[];            /* by enum manner */

/* "--dry": the commands a set or a measurement of this point would send, one per line. */
void driver_describe(const struct model *m, const struct point *p, bool set, double value, struct buf *out);

#endif
