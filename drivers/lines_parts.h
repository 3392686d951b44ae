/* SPDX-License-Identifier: GPL-3.0-or-later
 * lines_parts.h - the pieces of the manner of lines, for lines*.c alone.  Every exchange goes through
 * lines_talk.c, which frames, times and reports it. */
#ifndef LINES_PARTS_H
#define LINES_PARTS_H

#include "driver.h"

struct talk {                           /* one question and its answer */
	const char *why;
	struct timing timing;
	struct span raw;                /* as it came but for reply_end; valid until the next exchange */
	bool block;                     /* it is blocks, not a line */
	int64_t lines;                  /* how many it is; 0: one */
	struct span reply;              /* the text in it: the same, or what its frame holds */
};

void lines_report(struct instrument *in, const struct talk *t, const struct err *why_not);
int  lines_tell(struct instrument *in, const char *why, const char *command, instant by, struct err *e);
/* A command, or "bus": the transport's group execute trigger, *TRG where it has none. */
int  lines_trigger(struct instrument *in, const char *command, struct timing *timing, instant by, struct err *e);
/* Leaves the reporting of an answer that came to the caller, who knows whether it is one. */
int  lines_ask_quietly(struct instrument *in, struct talk *t, const char *question, instant by, struct err *e);
int  lines_ask(struct instrument *in, struct talk *t, const char *question, instant by, struct err *e);
/* The answer must match; `otherwise` is the error if it does not. */
int  lines_expect(struct instrument *in, const char *why, const char *question, const struct pattern *p,
		  enum err_code otherwise, instant by, struct err *e);
/* The same with a time of its own for the answer; 0: the model's. */
int  lines_expect_within(struct instrument *in, const char *why, const char *question, const struct pattern *p,
			 int64_t timeout_ns, instant by, struct err *e);
int  lines_expect_all(struct instrument *in, const char *why, const struct list *l, enum err_code otherwise,
		      instant by, struct err *e);
/* Sends one command in its frame; waits until it is acknowledged, where the model has that. */
int  lines_send(struct instrument *in, struct talk *t, const char *command, bool question, instant by, struct err *e);
/* Reads the answer into t->raw and t->reply. */
int  lines_hear(struct instrument *in, struct talk *t, instant by, struct err *e);
/* Where a message ends; and what is in t->raw, as far as it may be believed, into t->reply. */
struct until lines_until(const struct model *m);
int  lines_open(struct instrument *in, struct talk *t, struct err *e);
/* Reports an exchange whose answer came and is not to be believed.  Returns -1. */
int  lines_distrusted(struct instrument *in, struct talk *t, struct err *e);
/* Reports an exchange that failed, with what had arrived of it.  Returns -1. */
int  lines_failed(struct instrument *in, struct talk *t, struct err *e);
int  lines_clear(struct instrument *in, instant by, struct err *e);
/* Empties the error queue where the model file has it asked on this occasion.  ERR_INSTRUMENT with the
 * first error in it, ERR_IDENTITY with a fatal one; warnings become notes. */
int  lines_errors(struct instrument *in, enum occasion when, instant by, struct err *e);
/* The same before anything has been done: errors of somebody else's are no concern of ours. */
int  lines_old_errors(struct instrument *in, instant by, struct err *e);

/* The status byte: by the transport, else by a question.  ERR_STATE: there is no way to it. */
int  lines_status(struct instrument *in, uint8_t *status, instant by, struct err *e);
/* ERR_TIMEOUT: it was not done in the time the model file gives it. */
int  lines_wait(struct instrument *in, const char *why, const struct model_wait *w, instant by, struct err *e);
int  lines_command(struct instrument *in, const struct model_command *k, const struct given *given, size_t n,
		   instant by, struct err *e);

/* lines_power.c: what a power-on takes away and gives back.  _look notices one; _attach waits for its
 * warm-up; _restore does again what it undid; _unbroken is the last word before a reading or a setting
 * is believed. */
int  lines_power_look(struct instrument *in, instant by, struct err *e);
/* An answer that was asked for otherwise: a register of which power_on is one bit is emptied by whoever asks it. */
void lines_power_overhear(struct instrument *in, const char *question, struct span reply);
int  lines_power_restore(struct instrument *in, instant by, struct err *e);
int  lines_power_unbroken(struct instrument *in, instant by, struct err *e);
/* lines_selfcal.c: done again where it is too old, or the temperature has changed too much. */
int  lines_self_calibrate(struct instrument *in, instant by, struct err *e);
int  lines_self_calibrated(struct instrument *in, instant by, struct err *e);    /* just now: remembers it */
int  lines_self_calibration_holds(struct instrument *in, instant by, struct err *e);
int  lines_number(struct instrument *in, const char *why, const struct model_number *a, double *x, instant by, struct err *e);

#define LINES_SETTLE_NS (4 * NS_PER_S)  /* for a controller that is still busy with another instrument */

/* Once the link is open; nothing for a model that speaks only when asked. */
void lines_listen(struct instrument *in);
/* Before it is asked who it is: the line is clear, and a talker silent where it can be made so. */
int  lines_hush(struct instrument *in, instant by, struct err *e);
/* In place of silence: nothing but talk for the model's latency. */
int  lines_settle(struct instrument *in, instant by, struct err *e);
/* Makes it speak; proves that it does, and who it is if its messages say so. */
int  lines_let_talk(struct instrument *in, instant by, struct err *e);
/* Takes messages until each of the points that are heard has its reading; leaves the others alone. */
int  lines_measure_heard(struct instrument *in, const struct point *const *points, size_t n, struct reading *out,
		    instant by, struct err *e);

/* Does this answer, or message, say that it is the instrument the bench file names? */
int  lines_identify(struct instrument *in, struct span said, struct err *e);
int  lines_connect(struct instrument *in, instant by, struct err *e);
/* The connection is still the one on which it was attached, and what another one's failure left behind has gone. */
int  lines_join(struct instrument *in, instant *by, struct err *e);
int  lines_look(const struct instrument *in, struct err *e);
ssize_t lines_measure(struct instrument *in, const struct point *const *points, size_t n,
		      struct reading *out, instant by, struct err *e);
/* The reading that the array in t->raw is; asks how many numbers it should be, where the model file has that. */
int  lines_array(struct instrument *in, const struct point *p, struct talk *t, struct reading *r, instant by,
		 struct err *e);
/* The question of the points, of n, that are asked together with `first`. */
void lines_question(struct buf *out, const struct point *const *points, size_t n, const struct point *first);
/* The command with the value in its place. */
void lines_compose(struct buf *out, const char *template, double value);
int  lines_read_back(struct instrument *in, const char *why, const struct point *p, double wanted,
		     instant by, struct err *e);
/* Sends what chooses a range, where the one in force is not known or is another. */
int  lines_select(struct instrument *in, const char *why, const struct point *p, const struct range *r,
		  instant by, struct err *e);
void lines_forget_ranges(struct instrument *in);
int  lines_still_set(struct instrument *in, const struct point *p, double value, instant by, struct err *e);
int  lines_set(struct instrument *in, const struct point *p, double value, instant by, struct err *e);
int  lines_safe(struct instrument *in, instant by, struct err *e);

#endif
