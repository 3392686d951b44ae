/* SPDX-License-Identifier: GPL-3.0-or-later
 * err.h - what went wrong: one code a program acts on, one sentence a person reads.
 *
 * A function that can fail takes a struct err * last.  On success it returns 0 or a count; on
 * failure -1 with the error filled in.  Whoever first knows the cause calls err_set; a caller
 * that can add a name (which instrument, which point) calls err_wrap, so that the sentence
 * reads from the outside in: "dmm1, voltage.dc: after 7 bytes of the reply: timed out". */
#ifndef ERR_H
#define ERR_H

#define ERR_TEXT 512                     /* bytes of a sentence, with NUL; always UTF-8 */

enum err_code {
	ERR_NONE,
	ERR_TIMEOUT,    /* the deadline passed: try again, or give the point up */
	ERR_AWAITED,    /* a person has been asked and has not answered yet: come again then */
	ERR_WARM_UP,    /* not to be believed yet: the sentence says when */
	ERR_CANCELLED,  /* somebody asked this wait to end: hold, stop or abort */
	ERR_CLOSED,     /* the other end is gone: reconnect */
	ERR_PROTOCOL,   /* it answered, but not what was agreed: drain and re-attach */
	ERR_INSTRUMENT, /* it answered properly, and its answer is an error or a refusal */
	ERR_IDENTITY,   /* another instrument, or another state, than the bench file says */
	ERR_CONFIG,     /* a file, an address or an argument is wrong: a person must act */
	ERR_STATE,      /* right request, wrong moment: the run or role is not in that state */
	ERR_FULL,       /* no space for an ordinary record; the reserve is still there */
	ERR_CORRUPT,    /* stored bytes are not what was written */
	ERR_IO,         /* the operating system said no */
	ERR_CODES
};

struct err {
	enum err_code code;
	char text[ERR_TEXT];
};

/* Both return -1, so that a function can say: return err_set(...). */
int err_set(struct err *e, enum err_code code, const char *fmt, ...)
	__attribute__((format(printf, 3, 4)));
int err_wrap(struct err *e, const char *fmt, ...)
	__attribute__((format(printf, 2, 3)));

/* A short stable word for a code ("timeout"), as control replies and records carry it. */
const char *err_word(enum err_code code);

#endif
