/* SPDX-License-Identifier: GPL-3.0-or-later
 * instrument.h - one instrument of a bench: its model, its way to it, what is proven of it.
 *
 * Belongs to its port's thread.  An instrument is believed only while `attached`: any failed
 * exchange detaches it, and instrument_attach proves identity and state again (settings made
 * since are re-applied and read back) before another reading is taken (rule 4).  Only
 * ERR_INSTRUMENT and ERR_CONFIG leave it attached: then every question had its answer; and
 * ERR_WARM_UP: it was switched on and may not be believed before `warm_at`.  ERR_AWAITED: where a person answers,
 * nothing here waits for them (manual.h). */
#ifndef INSTRUMENT_H
#define INSTRUMENT_H

#include "address.h"
#include "link.h"
#include "model.h"

struct driver;
struct plan;                    /* modbus_plan.h: which requests read several points */
struct manual;                  /* manual.h: what a person is asked */
struct hub;                     /* hub.h: a link, shared by instruments */
struct bus;                     /* modbus.h: a Modbus line or connection, shared by its units */

/* One value and what the instrument said.  raw is valid until the next call. */
struct reading {
	const struct point *point;
	double value;            /* in the quantity's unit; NaN where its status has none */
	enum reading_status status;
	int64_t utc_ns;          /* centre of the exchange */
	instant mono_ns;         /* likewise */
	int64_t span_ns;         /* its length */
	int64_t at_ns;           /* UTC, centre of the aperture; 0: not known */
	struct span raw;         /* the whole reply, also where others were cut from it too */
	unsigned exchange;       /* number of the exchange it shares with others; 0: it has its own */
	unsigned counted;        /* of that which said how many numbers its array must have; 0: none did */
	struct span block;       /* of a point with a block: its bytes, little endian; raw is what stood around them */
	struct block_marks marks;/* of it: numbers that mean something else; status is that of the first */
	int64_t field;           /* which field of the reply, where the question decided that; 0 */
};

/* Bytes that went over the wire, reported for the record; valid during the call.  Replies are
 * without the mark that ends them; Modbus is unit, function and data, without MBAP header or CRC. */
struct exchange {
	unsigned number;         /* of the instrument's, from 1 */
	const char *why;         /* attach, state, set, readback, confirm, measure, errors, safe */
	struct span sent, received;
	int64_t utc_ns, span_ns; /* centre, length */
	instant mono_ns;
	const struct err *failed;/* NULL: it went well */
};

/* What must outlive a connection, and a program: kept by whoever set `remember`. */
#define PAST_NAME 64             /* bytes of a person's name, with NUL */

struct past {
	int64_t powered_on_ns;           /* UTC, when a power-on was noticed; 0: none ever was */
	int64_t before_ns;               /* UTC, when it was last known to be on before that; 0: not known */
	int64_t seen_ns;                 /* UTC, when it was last asked; the next power-on is later; 0: never */
	int64_t since_ns;                /* UTC, since when it is on as a person says; 0: nobody has said */
	char since_by[PAST_NAME];        /* who */
	bool owed;                       /* what is to be done after it has not been done yet */
	int64_t self_calibrated_ns;      /* UTC; 0: not known */
	double self_calibration_k;       /* its temperature then; NAN: not known */
};

struct instrument {
	const struct model *model;
	const struct driver *driver;
	const char *role, *address, *serial_expected;
	int cancel;                          /* eventfd of the port */
	void (*exchanged)(void *who, const struct exchange *x);   /* NULL: nobody listens */
	void (*noted)(void *who, const char *event, const char *text);    /* for the record; likewise */
	/* Once its identity is proven; whenever its past has grown.  NULL: it is not kept. */
	int (*recall)(void *who, struct past *p, struct err *e);
	int (*remember)(void *who, const struct past *p, struct err *e);
	/* Instead of sitting a pause between two polls out: others of its port may have the line until then.  -1: it is
	 * to wait no more.  NULL: it is sat out. */
	int (*leave)(void *who, instant until, struct err *e);
	void *who;

	struct hub *hub;                     /* scpi, text: counted, shared with siblings */
	struct link *link;                   /* the hub's, once connected */
	struct gpib gpib;                    /* which of those behind it */
	struct bus *bus;                     /* modbus: counted, shared with siblings */
	int unit;                            /* modbus unit identifier */
	bool attached;
	bool served_before;                  /* attached at least once: the next attach is a re-attach */
	char serial[64], firmware[64], identity[256];      /* as it said */
	double *settings;                    /* by index of point: last value set; NAN: none */
	uint64_t *made, makings;             /* by index of point: number of its setting; how many there were */
	const struct range **ranges;         /* likewise: the range in force; NULL: not known */
	unsigned exchanges;                  /* so far */
	size_t stray_bytes;                  /* that came too late, and were thrown away, since last asked */
	instant warm_at;                     /* of ERR_WARM_UP: not to be tried before */
	size_t unasked_bytes;                /* likewise, that came while no answer was owed */
	bool trace_measure;                  /* report measure exchanges too, not only failed ones */

	/* The drivers' own. */
	char *resolved;                      /* address, its host a number */
	struct line line;
	struct buf sent, raw;                /* the command in hand; replies of the readings in hand */
	struct buf question;                 /* with its inputs */
	struct buf blocks;                   /* arrays of the readings in hand */
	struct past past;
	bool recalled;
	bool switched_on;                    /* noticed, and not dealt with yet */
	instant looked;                      /* when its self-calibration was last looked at */
	instant trigger_at;                  /* of the next measurement, if it is triggered; 0: at once */
	instant rested;                      /* not before this another command (model's pause) */
	unsigned generation;                 /* of the hub or bus, when it was attached */
	struct plan *plan;                   /* modbus: of the points measured last */
	struct talker *talker;               /* lines: it speaks unasked; else NULL */
	bool fresh;                          /* what it has said so far is no reading (instrument_fresh) */
	struct manual *manual;               /* manual: questions and answers; else NULL */
};

/* sibling: an instrument made before on the same port (address_port), or NULL: they share its link
 * or bus.  Does not connect; looks the host's name up. */
int  instrument_new(struct instrument **in, const struct model *m, const char *role,
		    const char *address, const char *serial, struct instrument *sibling,
		    int cancel, struct err *e);
/* Connects if need be, drains, proves identity, initialises, re-applies settings, checks state.
 * ERR_IDENTITY: another instrument, or not in the state it should be in. */
int  instrument_attach(struct instrument *in, instant by, struct err *e);
/* Of one that is attached: is its connection still there?  Asks it nothing, so it may be called at any time between
 * exchanges; what can be seen so is a line or connection that the other end closed.  Where it has no connection, or is
 * not attached, there is nothing to see: 0. */
int  instrument_look(struct instrument *in, struct err *e);
/* Measures one or several points of it; readings in order.  Returns how many.  On a link or bus where
 * another instrument has just failed, the silence that this costs comes on top of `by` (at most twice
 * the slowest unit's latency). */
ssize_t instrument_measure(struct instrument *in, const struct point *const *points, size_t n,
			   struct reading *out, instant by, struct err *e);
/* A step begins: nothing that an instrument has said unasked before now is taken for a reading. */
void instrument_fresh(struct instrument *in);
/* Sources a value (in the quantity's unit).  Returns once the instrument has confirmed it;
 * ERR_INSTRUMENT: it refused, clipped or reported an error; ERR_CONFIG: outside its range. */
int  instrument_set(struct instrument *in, const struct point *p, double value, instant by, struct err *e);
/* Is it still in its known state, and does all that was set there since it was last safe read back, in the order in
 * which it was set?  Changes nothing; what does not stand is made again by the next attach. */
int  instrument_confirm(struct instrument *in, instant by, struct err *e);
/* How long making all its settings again, or confirming them, may take. */
int64_t instrument_settings_patience(const struct instrument *in);
/* Carries out a command of the model file.  ERR_CONFIG: it has none of that name, or an argument is not as
 * stated there (nothing is sent then); ERR_INSTRUMENT: it did not go well. */
int  instrument_command(struct instrument *in, const char *name, const struct given *given, size_t n,
			instant by, struct err *e);
/* Safe, confirmed; first, without waiting for silence or identity; works on a dead link by
 * connecting anew.  -1: sent perhaps, not confirmed: an alarm.  The settings are forgotten and the
 * instrument is detached, so that what comes next begins from its known state again. */
int  instrument_safe(struct instrument *in, instant by, struct err *e);
/* A person says since when (UTC) it has been on: only the rest of its warm-up is waited for then.  Forgotten at its
 * next power-on.  ERR_CONFIG: that cannot be; ERR_STATE: nothing waits for it. */
int  instrument_since(struct instrument *in, int64_t since, const char *by, struct err *e);
/* Behind a controller of a GPIB: it speaks only when it is let, so that whatever it is waited for, its bus may be left. */
bool instrument_on_gpib(const struct instrument *in);
void instrument_lost(struct instrument *in);       /* closes the link after ERR_CLOSED */
void instrument_free(struct instrument **in);

#endif
