/* SPDX-License-Identifier: GPL-3.0-or-later
 * rpc.h - calls to one server over one TCP connection: ONC RPC version 2 (RFC 5531), no
 * authentication, one call at a time.
 *
 * It is our own, and not libtirpc, because there every wait has a timeout of its own, is armed anew for
 * each fragment, and cannot be cancelled.  Here one deadline holds for the whole call, and each
 * wait also polls the cancel descriptor.
 *
 * A call that timed out or was cancelled is still owed its reply.  Each call has a number (xid) of
 * its own, so that whenever the reply comes, in whatever pieces, it is known as an old one and
 * dropped: it never answers the next call.  A number that was never given out, a reply that cannot
 * be taken apart and a call that was cut off half-way through sending leave the connection torn: from
 * then on every call fails with ERR_CLOSED, and the owner connects anew. */
#ifndef RPC_H
#define RPC_H

#include <sys/socket.h>

#include "instant.h"
#include "xdr.h"

struct rpc {
	int fd;                          /* -1: not connected */
	uint32_t xid, calls;             /* of the last call; how many there were */
	bool owed;                       /* its reply has not come */
	bool torn;
	struct buf out;                  /* the call */
	struct buf in;                   /* the reply, as far as it has come */
	char raw[8192];                  /* what has come behind it */
	size_t from, to;                 /* raw[from .. to) is not taken apart yet */
	uint32_t left;                   /* bytes that the fragment in hand still lacks */
	bool last;                       /* it is the last of its record */
	bool whole;                      /* in holds a whole record */
};

/* ERR_TIMEOUT, ERR_CANCELLED, ERR_CLOSED. */
int  rpc_open(struct rpc *r, const struct sockaddr_storage *to, socklen_t n, int cancel, instant by,
	      struct err *e);
/* ERR_STATE of a call: the server has no such procedure. */
/* The arguments go behind what it returns. */
struct buf *rpc_begin(struct rpc *r, uint32_t program, uint32_t version, uint32_t procedure);
/* Sends the call and waits for its results, which are valid until the next rpc_begin. */
int  rpc_call(struct rpc *r, struct xdr *results, int cancel, instant by, struct err *e);
/* The results could not be taken apart: the connection is torn. */
int  rpc_refuse(struct rpc *r, const char *what, struct err *e);
void rpc_close(struct rpc *r);

/* At which port a program listens for TCP: asks the portmapper (RFC 1833) at `to`. */
int  rpc_find_port(const struct sockaddr_storage *to, socklen_t n, uint32_t program, uint32_t version,
		   uint16_t *port, int cancel, instant by, struct err *e);

#endif
