/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lan_call.h"

#include <arpa/inet.h>

#include "wire.h"

#define LAST        UINT32_C(0x80000000)
#define RECORD_MOST (64 * 1024)

enum { ABORT_PROGRAM = 0x0607B0, CORE_PROGRAM = 0x0607AF, PORTMAPPER = 100000 };
enum { SUCCESS, NO_PROGRAM, OTHER_VERSION, NO_PROCEDURE, GARBAGE };      /* accept_stat, RFC 5531 */
#define GETPORT     3
#define TCP         6

static int read_record(struct lan_session *s)
{
	uint32_t mark;

	buf_clear(&s->call);
	do {
		size_t n;

		if (wire_read(s->fd, &mark, sizeof mark))
			return -1;
		mark = ntohl(mark);
		n = mark & ~LAST;
		if (s->call.len + n > RECORD_MOST)
			return -1;
		buf_reserve(&s->call, n + 1);
		if (wire_read(s->fd, s->call.data + s->call.len, n))
			return -1;
		s->call.len += n;
	} while (!(mark & LAST));
	return 0;
}

static bool get_port(struct lan_session *s, uint32_t procedure, struct xdr *x)
{
	uint32_t program = xdr_get(x), version = xdr_get(x), protocol = xdr_get(x);
	bool ours = (program == CORE_PROGRAM || program == ABORT_PROGRAM) && version == 1 && protocol == TCP;

	if (procedure == GETPORT)
		xdr_put(&s->reply, ours ? s->lan->port : 0);
	return procedure == GETPORT;
}

/* Procedure 0 of every program does nothing, so that one can see whether it is there. */
static uint32_t carry_out(struct lan_session *s, uint32_t program, uint32_t version, uint32_t procedure,
			  struct xdr *x)
{
	bool known = true;

	if (program != PORTMAPPER && program != CORE_PROGRAM && program != ABORT_PROGRAM)
		return NO_PROGRAM;
	if (version != (program == PORTMAPPER ? 2 : 1))
		return OTHER_VERSION;
	if (procedure == 0)
		return SUCCESS;
	if (program == PORTMAPPER)
		known = get_port(s, procedure, x);
	else if (program == CORE_PROGRAM)
		known = lan_core(s, procedure, x, &s->reply);
	else if (procedure == 1)
		lan_abort(s, x, &s->reply);
	else
		known = false;
	return !known ? NO_PROCEDURE : x->bad ? GARBAGE : SUCCESS;
}

static void put_word(struct buf *b, size_t at, uint32_t v)
{
	uint32_t sent = htonl(v);

	memcpy(b->data + at, &sent, sizeof sent);
}

#define STATE_AT  (4 + 5 * 4)            /* of accept_stat in a reply: mark, xid, type, state, verifier */

static void begin_reply(struct lan_session *s, uint32_t xid)
{
	const uint32_t head[] = { 0, xid, 1, 0, 0, 0, SUCCESS };

	buf_clear(&s->reply);
	for (size_t i = 0; i < sizeof head / sizeof *head; i++)
		xdr_put(&s->reply, head[i]);
}

/* Results that go with another state than success. */
static void refuse(struct lan_session *s, uint32_t program, uint32_t state)
{
	s->reply.len = STATE_AT + 4;
	put_word(&s->reply, STATE_AT, state);
	for (int i = 0; state == OTHER_VERSION && i < 2; i++)
		xdr_put(&s->reply, program == PORTMAPPER ? 2 : 1);
}

/* -1: it is not a call that could be answered. */
static int serve_call(struct lan_session *s)
{
	struct xdr x = { s->call.data, s->call.len, false };
	uint32_t xid = xdr_get(&x), type = xdr_get(&x), rpc = xdr_get(&x), program = xdr_get(&x);
	uint32_t version = xdr_get(&x), procedure = xdr_get(&x), state;
	size_t n;

	for (int i = 0; i < 2; i++) {            /* credentials and verifier: whoever they are */
		xdr_get(&x);
		xdr_get_bytes(&x, &n, 400);
	}
	if (x.bad || type != 0 || rpc != 2)
		return -1;
	s->ended = NULL;
	s->fault = (struct fault){ 0 };
	begin_reply(s, xid);
	state = carry_out(s, program, version, procedure, &x);
	if (state != SUCCESS)
		refuse(s, program, state);
	put_word(&s->reply, 0, LAST | (uint32_t)(s->reply.len - 4));
	return wire_deliver(talk_device(s->lan->talk), &s->fault, s->fd, s->reply.data, s->reply.len);
}

void lan_serve(void *who, int fd)
{
	struct lan_session s = { .lan = who, .fd = fd, .intr = -1 };

	wires_add(&s.lan->wires, fd);
	while (!read_record(&s) && !serve_call(&s))
		if (s.ended && lan_message(&s, s.ended))
			break;
	lan_close_intr(&s);
	lan_leave(&s);
	wires_close(&s.lan->wires, fd);
	buf_release(&s.call);
	buf_release(&s.reply);
	buf_release(&s.said.text);
}
