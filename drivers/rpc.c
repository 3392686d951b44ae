/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "rpc.h"

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "host.h"

#define MARK         4                  /* bytes before each fragment of a record */
#define LAST         UINT32_C(0x80000000)
#define RECORD_MOST  (2 * 1024 * 1024)
#define VERIFIER_MOST 400

#define PORTMAPPER   100000
#define GETPORT      3

enum { CALL, REPLY };
enum { ACCEPTED, DENIED };

/* accept_stat of RFC 5531, section 9. */
static const char *const refusals[] = {
	NULL, "it does not serve this program", "it serves another version of this program",
	"it does not know this procedure", "it cannot decode the arguments", "it has an error of its own",
};
#define NO_PROCEDURE 3

int rpc_open(struct rpc *r, const struct sockaddr_storage *to, socklen_t n, int cancel, instant by,
	     struct err *e)
{
	*r = (struct rpc){ .fd = host_connect(to, n, cancel, by, e), .xid = (uint32_t)instant_now() };
	return r->fd < 0 ? -1 : 0;
}

void rpc_close(struct rpc *r)
{
	if (r->fd < 0)
		return;
	close(r->fd);
	r->fd = -1;
	buf_release(&r->out);
	buf_release(&r->in);
}

static int tear(struct rpc *r)
{
	r->torn = true;
	return -1;
}

int rpc_refuse(struct rpc *r, const char *what, struct err *e)
{
	err_set(e, ERR_PROTOCOL, "%s", what);
	return tear(r);
}

/* Before its first reply a server may be one of any kind: of web pages, say. */
static int no_reply(struct rpc *r, const char *what, struct err *e)
{
	return rpc_refuse(r, r->calls > 1 ? what : "what answers there is no server of remote procedure calls", e);
}

struct buf *rpc_begin(struct rpc *r, uint32_t program, uint32_t version, uint32_t procedure)
{
	const uint32_t head[] = { ++r->xid, CALL, 2, program, version, procedure,
				  0, 0,          /* credentials: none */
				  0, 0 };        /* verifier: none */

	r->calls++;
	buf_clear(&r->out);
	xdr_put(&r->out, 0);                    /* the mark, once the length is known */
	for (size_t i = 0; i < sizeof head / sizeof *head; i++)
		xdr_put(&r->out, head[i]);
	return &r->out;
}

static int send_call(struct rpc *r, int cancel, instant by, struct err *e)
{
	uint32_t mark = htonl(LAST | (uint32_t)(r->out.len - MARK));
	size_t done = 0;

	memcpy(r->out.data, &mark, sizeof mark);
	while (done < r->out.len) {
		ssize_t n = fd_send(r->fd, r->out.data + done, r->out.len - done, cancel, by, e);

		if (n < 0) {
			if (done > 0 || e->code == ERR_CLOSED)
				tear(r);
			return -1;
		}
		done += (size_t)n;
	}
	r->owed = true;
	return 0;
}

static size_t at_hand(const struct rpc *r)
{
	return r->to - r->from;
}

static int refill(struct rpc *r, int cancel, instant by, struct err *e)
{
	ssize_t n;

	memmove(r->raw, r->raw + r->from, at_hand(r));
	r->to = at_hand(r);
	r->from = 0;
	n = host_read(r->fd, r->raw + r->to, sizeof r->raw - r->to, cancel, by, e);
	if (n < 0)
		return e->code == ERR_CLOSED ? tear(r) : -1;
	r->to += (size_t)n;
	return 0;
}

/* The mark of the next fragment: how long it is, and whether it is the last. */
static int take_mark(struct rpc *r, struct err *e)
{
	uint32_t mark;

	memcpy(&mark, r->raw + r->from, sizeof mark);
	mark = ntohl(mark);
	r->from += MARK;
	r->last = mark & LAST;
	r->left = mark & ~LAST;
	r->whole = r->last && r->left == 0;
	if (r->in.len + r->left > RECORD_MOST)
		return no_reply(r, "its reply is longer than any reply may be", e);
	return 0;
}

static void take_part(struct rpc *r)
{
	size_t n = at_hand(r) < r->left ? at_hand(r) : r->left;

	buf_add(&r->in, r->raw + r->from, n);
	r->from += n;
	r->left -= (uint32_t)n;
	r->whole = r->last && r->left == 0;
}

/* One whole record.  Goes on where it was when the deadline of an earlier call had passed.  Bytes that keep coming, be
 * they fragments without a byte in them, must not carry it past its own. */
static int receive(struct rpc *r, int cancel, instant by, struct err *e)
{
	if (r->whole) {
		buf_clear(&r->in);
		r->whole = false;
	}
	for (bool more = false; !r->whole; ) {
		size_t wanted = r->left ? 1 : MARK;

		if (at_hand(r) < wanted) {
			if (more && instant_passed(by))
				return err_set(e, ERR_TIMEOUT, "timed out");
			if (refill(r, cancel, by, e) < 0)
				return -1;
			more = true;
		} else if (r->left) {
			take_part(r);
		} else if (take_mark(r, e) < 0) {
			return -1;
		}
	}
	return 0;
}

static int judge(struct rpc *r, struct xdr *x, struct err *e)
{
	uint32_t accepted = xdr_get(x), status;
	size_t n;

	if (accepted == DENIED && !x->bad)
		return err_set(e, ERR_PROTOCOL, "its server refuses the call: %s",
			       xdr_get(x) ? "it wants to know who calls" : "it speaks another version of RPC");
	xdr_get(x);
	xdr_get_bytes(x, &n, VERIFIER_MOST);
	status = xdr_get(x);
	if (x->bad || accepted != ACCEPTED || status >= sizeof refusals / sizeof *refusals)
		return rpc_refuse(r, "what came is no reply to a remote procedure call", e);
	if (!status)
		return 0;
	return err_set(e, status == NO_PROCEDURE ? ERR_STATE : ERR_PROTOCOL, "its server refuses the call: %s",
		       refusals[status]);
}

int rpc_call(struct rpc *r, struct xdr *results, int cancel, instant by, struct err *e)
{
	if (r->torn)
		return err_set(e, ERR_CLOSED, "the connection was torn by an earlier failure");
	if (send_call(r, cancel, by, e) < 0)
		return -1;
	for (;;) {
		uint32_t xid, type;

		if (receive(r, cancel, by, e) < 0)
			return -1;
		*results = (struct xdr){ r->in.data, r->in.len, false };
		xid = xdr_get(results);
		type = xdr_get(results);
		if (results->bad || type != REPLY || r->xid - xid >= r->calls)
			return no_reply(r, "a reply came to a call that was never made", e);
		if (xid == r->xid) {
			r->owed = false;
			return judge(r, results, e);
		}
		if (instant_passed(by))         /* nor must old replies */
			return err_set(e, ERR_TIMEOUT, "timed out");
	}
}

int rpc_find_port(const struct sockaddr_storage *to, socklen_t n, uint32_t program, uint32_t version,
		  uint16_t *port, int cancel, instant by, struct err *e)
{
	struct rpc r;
	struct buf *args;
	struct xdr x;
	uint32_t found = 0;

	if (rpc_open(&r, to, n, cancel, by, e) < 0)
		return err_wrap(e, "portmapper");
	args = rpc_begin(&r, PORTMAPPER, 2, GETPORT);
	xdr_put(args, program);
	xdr_put(args, version);
	xdr_put(args, IPPROTO_TCP);
	xdr_put(args, 0);
	if (rpc_call(&r, &x, cancel, by, e) == 0) {
		found = xdr_get(&x);
		if (x.bad || found > UINT16_MAX)
			rpc_refuse(&r, "what it answers is no port", e);
		else if (!found)
			err_set(e, ERR_CLOSED, "the program is not registered there");
	}
	rpc_close(&r);
	*port = (uint16_t)found;
	return found && found <= UINT16_MAX ? 0 : err_wrap(e, "portmapper");
}
