/* SPDX-License-Identifier: GPL-3.0-or-later
 * session.h - a conversation by hand: one instrument, spoken to as a person likes, and all of it kept as a
 * transcript.
 *
 * Unlike a driver it trusts everything it hears.  What fails is told, and the line is brought back
 * into step, so that the next command can be tried.  Cancelling (an eventfd) ends a wait, never a
 * command half sent. */
#ifndef SESSION_H
#define SESSION_H

#include "link.h"
#include "model.h"
#include "transcript.h"

struct session_options {
	const char *address;
	const struct model *model;       /* line settings and ends, or NULL */
	const char *command_end, *reply_end;     /* NULL: the model's, else "\n" */
	int64_t timeout_ns;
};

struct session;

int  session_open(struct session **s, const struct session_options *o, int cancel, struct err *e);
bool session_modbus(const struct session *s);
/* What was said so far: one turn, talked by hand. */
struct transcript *session_transcript(struct session *s);
void session_timeout(struct session *s, int64_t ns);
void session_ends(struct session *s, const char *command_end, const char *reply_end);   /* NULL: as before */

/* What came unasked and was read now, or nothing: only where the transport can say so without asking. */
struct span session_unasked(struct session *s);
/* Sends the text and the end of a command, or the bytes alone. */
int  session_send(struct session *s, const struct buf *bytes, bool with_end, struct err *e);
/* A reply without its end, and how long it took; valid until the next call.  After a failure *reply is what
 * had come of it. */
int  session_read(struct session *s, struct until until, struct span *reply, int64_t *took_ns, struct err *e);
struct until session_line(const struct session *s);              /* a reply as it usually ends */
/* The answer to a question, of so many lines (0: as it usually ends).  Where nobody has said how answers end, the lines
 * that follow the first without a pause belong to it. */
int  session_answer(struct session *s, size_t lines, struct span *reply, int64_t *took_ns, struct err *e);
int  session_status(struct session *s, uint8_t *status, struct err *e);
int  session_service(struct session *s, uint8_t *status, struct err *e);       /* waits for a request */
int  session_trigger(struct session *s, struct err *e);
int  session_clear(struct session *s, size_t *thrown, struct err *e);

/* Modbus: function and data to the unit of the address; the answer likewise, without the function. */
ssize_t session_transact(struct session *s, const uint8_t *request, size_t n, uint8_t *reply, int64_t *took_ns,
			 struct err *e);
void session_close(struct session **s);

#endif
