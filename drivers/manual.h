/* SPDX-License-Identifier: GPL-3.0-or-later
 * manual.h - the manner of instruments that a person reads and sets.
 *
 * What other drivers send is asked of a person here, and a person takes as long as they take: so
 * nothing waits.  The first call of a hook opens a question and returns ERR_AWAITED; whoever
 * calls again gets the same until the answer has come (manual_answer), and then the hook goes on
 * as if it had just been given.  At most one question of an instrument is open.
 *
 * An answer is judged while the person is still there: what the scale cannot show, what lies
 * outside the range or is not plausible comes back at once, with what to do about it.  Where the
 * model wants a second person, the answer counts once another name has confirmed it.
 *
 * Belongs to the port's thread, like the instrument. */
#ifndef MANUAL_H
#define MANUAL_H

#include "instrument.h"
#include "keyed.h"

enum about { ABOUT_SERIAL, ABOUT_READING, ABOUT_SETTING, ABOUT_SAFE };

struct question {
	enum about about;
	const struct point *point;       /* reading, setting */
	size_t i;                        /* reading: which of those asked for together */
	double wanted;                   /* setting: in the point's unit */
};

/* The last reading of a point that counted. */
struct last { double own; int64_t utc_ns; int32_t at; bool known; };

struct manual {
	void (*asked)(void *who);        /* a question was opened; who is the instrument's */
	bool open;                       /* a question waits for its answer */
	bool held;                       /* it has one, which waits for a second person */
	bool settled;                    /* it has one, which the hook that asked has not taken yet */
	struct question question;        /* as long as one of the three holds */
	struct keyed answer;             /* held or settled */
	char confirmed_by[KEYED_NAME];   /* settled: "" where nobody had to */
	char doubted[KEYED_RAW];         /* keyed once and found doubtful */
	bool identified;
	int32_t at;                      /* the run's point: whoever asks says it before */
	struct last *last;               /* by index of point */
	struct buf raw;                  /* readings of the request in hand that have come */
	struct reading *got;
	size_t n_got;
};

struct manual *manual_new(const struct model *m);
void manual_free(struct manual **m);

/* The person's answer.  0: it counts, or is held for a second person (manual->held).  ERR_CONFIG,
 * ERR_IDENTITY: it does not, and the question stays open; ERR_STATE: nothing is asked. */
int  manual_answer(struct instrument *in, const struct keyed *k, struct err *e);
/* A second person confirms what is held (ERR_CONFIG: it is the same person), or does not: then
 * the question is asked anew. */
int  manual_confirm(struct instrument *in, const char *by, struct err *e);
int  manual_reject(struct instrument *in, struct err *e);
/* Nobody wants the answer any more. */
void manual_withdraw(struct instrument *in);
/* Who it is has to be asked again. */
void manual_doubt(struct instrument *in);

const struct last *manual_last(const struct instrument *in, const struct point *p);
bool manual_needs_second(const struct question *q);

#endif
