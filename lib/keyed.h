/* SPDX-License-Identifier: GPL-3.0-or-later
 * keyed.h - what a person keyed, as a value.
 *
 * Pure functions of the model file and the text, shared by the driver, which judges an answer
 * while the person is still there to mend it, and by `etalon verify`, which proves years later
 * that the value is what was keyed.  keyed_parse says what a text means; keyed_judge says whether
 * an instrument with that scale can have shown it. */
#ifndef KEYED_H
#define KEYED_H

#include "model.h"

#define KEYED_RAW    128         /* bytes of an answer, with NUL */
#define KEYED_NAME   64          /* of a person's name, with NUL */
#define KEYED_REASON 200

/* An answer as it came: exactly what was keyed, by whom, when. */
struct keyed {
	char raw[KEYED_RAW];
	char by[KEYED_NAME];
	char reason[KEYED_REASON];       /* why it counts although it is doubtful; "": not said */
	int64_t utc_ns;                  /* when it was keyed */
	int64_t read_ns;                 /* when it was read, if the person says so; 0: as it was keyed */
	int64_t row;                     /* line of the file it stands in; 0: keyed one by one */
};

/* "1.25", "1.25 bar": a number, and behind it the point's unit or nothing; "overload",
 * "underload", "not readable": a status without a value.  The value is in the quantity's unit.
 * ERR_CONFIG: what is wrong with it, and how it is written. */
int keyed_parse(const struct point *p, struct span raw, double *value, enum reading_status *status,
		struct err *e);

/* The number alone, in the point's own unit, and how many decimals were keyed (below zero: tens). */
int keyed_number(const struct point *p, struct span raw, double *own, int *decimals, struct err *e);

/* How many decimals a scale with this step has. */
int keyed_decimals(double resolution);

/* What makes a reading doubtful.  A doubt may be overruled with a reason; a leap also by keying
 * it again. */
enum keyed_doubt { DOUBT_NONE, DOUBT_DIGITS, DOUBT_LEAP };

/* own: in the point's unit; last: the reading before it at the same point, NAN: none.  Fills e
 * for a doubt.  -1, ERR_CONFIG: outside the instrument's range, which nothing overrules. */
int keyed_judge(const struct point *p, double own, int decimals, double last, enum keyed_doubt *doubt,
		struct err *e);

#endif
