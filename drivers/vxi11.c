/* SPDX-License-Identifier: GPL-3.0-or-later
 * vxi11.c - instruments on the LAN as the VXI-11 specification (revision 1.0) has it: remote procedure
 * calls on a core channel, messages that have an end, a lock, device clear, and an abort channel for a
 * call that waits.  Section numbers are the specification's.
 *
 * The link is created with the lock, so that nobody else speaks in between; a server that knows no
 * locks gets a link without.  The instrument is given a little less time than we have, so that
 * it usually says itself that it timed out.  Where it does not, its answer is still owed to us: before
 * anything else is said the call is aborted, and rpc.h drops its reply.  A wait that is cancelled
 * is aborted at once.
 *
 * Service requests (vxi11_srq.h) are switched on when somebody first waits for one: few instruments
 * have a second connection to spare. */
#include <stdlib.h>
#include <string.h>

#include "host.h"
#include "mem.h"
#include "rpc.h"
#include "transport.h"
#include "vxi11_srq.h"

#define CORE          0x0607AF           /* programs, B.6 */
#define ABORT         0x0607B0
#define VERSION_1     1
#define PORTMAP_PORT  111

enum { DEVICE_ABORT = 1, CREATE_LINK = 10, DEVICE_WRITE, DEVICE_READ, DEVICE_READSTB, DEVICE_TRIGGER,
       DEVICE_CLEAR, DEVICE_ENABLE_SRQ = 20, DESTROY_LINK = 23, CREATE_INTR_CHAN = 25, DESTROY_INTR_CHAN };
enum { OVER_TCP = 0 };                   /* Device_AddrFamily */
enum { FLAG_END = 8 };                   /* B.5.3 */
enum { REASON_CHARACTER = 2, REASON_END = 4 };

#define RQS           0x40               /* of the status byte: service is requested (IEEE 488.2, 11.2.2) */
#define READ_MOST     (1024 * 1024)      /* asked for at once */
#define WRITE_LEAST   1024               /* what every server takes at once: rule B.6.3 */
#define WRITE_MOST    (1024 * 1024)
#define GOODBYE_NS    (200 * NS_PER_MS)  /* most that aborting a call or leaving may take */

struct vxi11 {
	struct rpc core, abort;
	struct vxi11_srq srq;
	struct sockaddr_storage host;
	socklen_t host_n;
	uint16_t abort_port;
	uint32_t link;                   /* the server's number for us */
	size_t write_most;
	bool unfinished;                 /* the end of the last message has not come */
};

/* Table B.2; what it means for us. */
static const struct device_error {
	uint32_t number;
	enum err_code code;
	const char *text;
} device_errors[] = {
	{ 1, ERR_PROTOCOL, "it found a syntax error" },
	{ 3, ERR_CLOSED, "the device is not accessible" },
	{ 4, ERR_CLOSED, "it does not know this link any more" },
	{ 5, ERR_PROTOCOL, "it found an error in the parameters" },
	{ 6, ERR_CLOSED, "the channel is not established" },
	{ 8, ERR_PROTOCOL, "it does not support this operation" },
	{ 9, ERR_CLOSED, "it is out of resources: too many clients, perhaps" },
	{ 11, ERR_CLOSED, "it is locked by another client" },
	{ 12, ERR_PROTOCOL, "no lock is held by this link" },
	{ 15, ERR_TIMEOUT, "it timed out" },
	{ 17, ERR_CLOSED, "it had an input or output error" },
	{ 21, ERR_PROTOCOL, "the address is invalid" },
	{ 23, ERR_PROTOCOL, "the call was aborted" },
	{ 29, ERR_PROTOCOL, "the channel is established already" },
};
#define NOT_SUPPORTED 8

static int device_error(uint32_t number, struct err *e)
{
	for (size_t i = 0; i < sizeof device_errors / sizeof *device_errors; i++)
		if (device_errors[i].number == number)
			return err_set(e, device_errors[i].code, "%s (VXI-11 error %u)", device_errors[i].text, number);
	return err_set(e, ERR_PROTOCOL, "it answers with error %u, which VXI-11 does not have", number);
}

/* Ends the call whose reply is owed to us, in its own short time and uncancelled.  Nothing depends on
 * its success: an instrument that does not listen is found out by the call that follows. */
static void abort_call(struct vxi11 *v)
{
	instant soon = instant_after(GOODBYE_NS);
	struct err ignored;
	struct xdr x;

	if (!v->core.owed || v->core.torn || !v->abort_port)
		return;
	v->core.owed = false;
	host_set_port(&v->host, v->abort_port);
	if (v->abort.fd < 0 && rpc_open(&v->abort, &v->host, v->host_n, -1, soon, &ignored) < 0)
		return;
	xdr_put(rpc_begin(&v->abort, ABORT, VERSION_1, DEVICE_ABORT), v->link);
	if (rpc_call(&v->abort, &x, -1, soon, &ignored) < 0)
		rpc_close(&v->abort);
}

static struct buf *begin(struct vxi11 *v, uint32_t procedure)
{
	struct buf *args = rpc_begin(&v->core, CORE, VERSION_1, procedure);

	xdr_put(args, v->link);
	return args;
}

/* Every result begins with an error.  *failed: its number, where the caller wants to judge it. */
static int call(struct vxi11 *v, struct xdr *x, uint32_t *failed, int cancel, instant by, struct err *e)
{
	uint32_t error;

	if (rpc_call(&v->core, x, cancel, by, e) < 0) {
		if (e->code == ERR_CANCELLED)
			abort_call(v);
		return -1;
	}
	error = xdr_get(x);
	if (x->bad)
		return rpc_refuse(&v->core, "what it answers is too short", e);
	if (failed)
		*failed = error;
	return error && !failed ? device_error(error, e) : 0;
}

static int try_link(struct vxi11 *v, const char *device, bool lock, uint32_t *failed, int cancel, instant by,
		    struct err *e)
{
	struct buf *args = rpc_begin(&v->core, CORE, VERSION_1, CREATE_LINK);
	struct xdr x;
	uint32_t port, most;

	xdr_put(args, 0);                       /* our name for the link; the server only keeps it */
	xdr_put(args, lock);
	xdr_put(args, lock ? host_patience(by) : 0);
	xdr_put_bytes(args, device, strlen(device));
	if (call(v, &x, failed, cancel, by, e) < 0)
		return -1;
	v->link = xdr_get(&x);
	port = xdr_get(&x);
	most = xdr_get(&x);
	if (!*failed && (x.bad || port > UINT16_MAX))
		return rpc_refuse(&v->core, "what it answers to create_link cannot be taken apart", e);
	v->abort_port = (uint16_t)port;
	v->write_most = most < WRITE_LEAST ? WRITE_LEAST : most > WRITE_MOST ? WRITE_MOST : most;
	return 0;
}

static int create_link(struct vxi11 *v, const char *device, int cancel, instant by, struct err *e)
{
	uint32_t failed;

	if (try_link(v, device, true, &failed, cancel, by, e) < 0)
		return -1;
	if (failed == NOT_SUPPORTED && try_link(v, device, false, &failed, cancel, by, e) < 0)
		return -1;
	return failed ? device_error(failed, e) : 0;
}

/* To the core channel: at the port the address names, or else at the one the portmapper does. */
static int dial(struct vxi11 *v, const struct host *h, const char *place, int cancel, instant by, struct err *e)
{
	uint16_t port;

	if (host_numeric(place, &v->host, &v->host_n, e) < 0)
		return -1;
	if (!h->port[0]) {
		host_set_port(&v->host, PORTMAP_PORT);
		if (rpc_find_port(&v->host, v->host_n, CORE, VERSION_1, &port, cancel, by, e) < 0)
			return -1;
		host_set_port(&v->host, port);
	}
	return rpc_open(&v->core, &v->host, v->host_n, cancel, by, e);
}

static void vxi11_close(void *state)
{
	struct vxi11 *v = state;
	struct err ignored;
	struct xdr x;

	if (v->core.fd >= 0 && !v->core.torn && !v->core.owed) {
		instant soon = instant_after(GOODBYE_NS);

		if (v->srq.listening >= 0) {
			rpc_begin(&v->core, CORE, VERSION_1, DESTROY_INTR_CHAN);
			call(v, &x, NULL, -1, soon, &ignored);
		}
		begin(v, DESTROY_LINK);         /* gives the lock back */
		call(v, &x, NULL, -1, soon, &ignored);
	}
	vxi11_srq_close(&v->srq);
	rpc_close(&v->core);
	rpc_close(&v->abort);
	free(v);
}

static int vxi11_open(void **state, const char *place, const struct line *line, int cancel, instant by,
		      struct err *e)
{
	struct vxi11 *v = mem_new(sizeof *v);
	struct host h;

	(void)line;
	v->core.fd = v->abort.fd = v->srq.listening = -1;
	if (address_host(place, &h, e) == 0 && dial(v, &h, place, cancel, by, e) == 0) {
		if (create_link(v, h.path, cancel, by, e) == 0) {
			*state = v;
			return 0;
		}
		err_wrap(e, "create_link");
		v->core.torn = true;            /* there is no link to be destroyed */
	}
	vxi11_close(v);
	return -1;
}

/* A part that the server takes at once; the last one ends the message (B.6.3). */
static ssize_t vxi11_write(void *state, const void *data, size_t n, int cancel, instant by, struct err *e)
{
	struct vxi11 *v = state;
	size_t part = n < v->write_most ? n : v->write_most, taken;
	struct buf *args;
	struct xdr x;

	abort_call(v);
	args = begin(v, DEVICE_WRITE);
	xdr_put(args, host_patience(by));
	xdr_put(args, 0);                       /* the lock is ours: no wait for it */
	xdr_put(args, part == n ? FLAG_END : 0);
	xdr_put_bytes(args, data, part);
	if (call(v, &x, NULL, cancel, by, e) < 0)
		return err_wrap(e, "device_write");
	taken = xdr_get(&x);
	if (x.bad || taken == 0 || taken > part)
		return rpc_refuse(&v->core, "device_write: it does not say how much it has taken", e);
	v->unfinished = false;                  /* what was left of an answer is void now: IEEE 488.2, 6.3.2.3 */
	return (ssize_t)taken;
}

/* An answer that fills the request to the last byte may have its end in a part of its own, without a
 * byte; nothing else may come empty (B.6.4). */
static ssize_t vxi11_read(void *state, void *data, size_t max, bool *end, int cancel, instant by, struct err *e)
{
	struct vxi11 *v = state;
	size_t most = max < READ_MOST ? max : READ_MOST, n;
	struct buf *args;
	struct xdr x;
	uint32_t reason;
	const char *p;

	abort_call(v);
	args = begin(v, DEVICE_READ);
	xdr_put(args, (uint32_t)most);
	xdr_put(args, host_patience(by));
	xdr_put(args, 0);
	xdr_put(args, 0);                       /* no terminating character: link.c looks for it */
	xdr_put(args, 0);
	v->unfinished = false;                  /* if it fails, only a clear helps */
	if (call(v, &x, NULL, cancel, by, e) < 0)
		return err_wrap(e, "device_read");
	reason = xdr_get(&x);
	p = xdr_get_bytes(&x, &n, most);
	*end = reason & REASON_END;
	if (x.bad || (n == 0 && !*end))
		return rpc_refuse(&v->core, "device_read: what it answers is no part of a message", e);
	v->unfinished = !(reason & (REASON_END | REASON_CHARACTER));
	memcpy(data, p, n);
	return (ssize_t)n;
}

/* The rest of a message whose end has not come counts: it must be read before a question. */
static size_t vxi11_waiting(void *state)
{
	const struct vxi11 *v = state;

	return v->unfinished;
}

/* Device_GenericParms: the link, no flags, no wait for the lock, which is ours. */
static void begin_generic(struct vxi11 *v, uint32_t procedure, instant by)
{
	struct buf *args = begin(v, procedure);

	xdr_put(args, 0);
	xdr_put(args, 0);
	xdr_put(args, host_patience(by));
}

/* There are servers without it. */
static int device_clear(struct vxi11 *v, int cancel, instant by, struct err *e)
{
	struct xdr x;
	uint32_t failed;

	begin_generic(v, DEVICE_CLEAR, by);
	if (call(v, &x, &failed, cancel, by, e) < 0)
		return err_wrap(e, "device_clear");
	if (failed && failed != NOT_SUPPORTED) {
		device_error(failed, e);
		return err_wrap(e, "device_clear");
	}
	return 0;
}

/* A call that there are servers without: ERR_STATE then. */
static int call_beside(struct vxi11 *v, struct xdr *x, const char *name, int cancel, instant by, struct err *e)
{
	uint32_t failed;

	if (call(v, x, &failed, cancel, by, e) == 0) {
		if (!failed)
			return 0;
		device_error(failed, e);
		if (failed == NOT_SUPPORTED)
			e->code = ERR_STATE;
	}
	return err_wrap(e, "%s", name);
}

static int vxi11_status(void *state, uint8_t *status, int cancel, instant by, struct err *e)
{
	struct vxi11 *v = state;
	struct xdr x;
	uint32_t byte;

	abort_call(v);
	begin_generic(v, DEVICE_READSTB, by);
	if (call_beside(v, &x, "device_readstb", cancel, by, e) < 0)
		return -1;
	byte = xdr_get(&x);
	if (x.bad || byte > UINT8_MAX)
		return rpc_refuse(&v->core, "device_readstb: what it answers is no status byte", e);
	*status = (uint8_t)byte;
	return 0;
}

static int vxi11_trigger(void *state, int cancel, instant by, struct err *e)
{
	struct vxi11 *v = state;
	struct xdr x;

	abort_call(v);
	begin_generic(v, DEVICE_TRIGGER, by);
	return call_beside(v, &x, "device_trigger", cancel, by, e);
}

/* The instrument is told where we listen, then that it may call there. */
static int tell_srq(struct vxi11 *v, uint32_t host, uint16_t port, int cancel, instant by, struct err *e)
{
	struct buf *args = rpc_begin(&v->core, CORE, VERSION_1, CREATE_INTR_CHAN);
	struct xdr x;

	xdr_put(args, host);
	xdr_put(args, port);
	xdr_put(args, VXI11_SRQ_PROGRAM);
	xdr_put(args, VERSION_1);
	xdr_put(args, OVER_TCP);
	if (call_beside(v, &x, "create_intr_chan", cancel, by, e) < 0)
		return -1;
	args = begin(v, DEVICE_ENABLE_SRQ);
	xdr_put(args, true);
	xdr_put_bytes(args, v->srq.handle, sizeof v->srq.handle);
	return call_beside(v, &x, "device_enable_srq", cancel, by, e);
}

static int enable_srq(struct vxi11 *v, int cancel, instant by, struct err *e)
{
	uint32_t host;
	uint16_t port;

	if (v->srq.listening >= 0)
		return 0;
	if (vxi11_srq_open(&v->srq, v->core.fd, &host, &port, e) < 0)
		return -1;
	if (tell_srq(v, host, port, cancel, by, e) == 0)
		return 0;
	vxi11_srq_close(&v->srq);
	return -1;
}

/* What was requested before service requests were switched on shows in the status byte alone. */
static int vxi11_wait_srq(void *state, uint8_t *status, int cancel, instant by, struct err *e)
{
	struct vxi11 *v = state;
	bool fresh = v->srq.listening < 0;

	abort_call(v);
	if (enable_srq(v, cancel, by, e) < 0)
		return -1;
	if (fresh && vxi11_status(v, status, cancel, by, e) < 0)
		return -1;
	if (fresh && *status & RQS)
		return 0;
	if (vxi11_srq_wait(&v->srq, v->core.fd, cancel, by, e) < 0)
		return -1;
	return vxi11_status(v, status, cancel, by, e);
}

/* A clear ends what the instrument is doing and empties its buffers; the second one takes what it
 * has said in the meantime all the same. */
static ssize_t vxi11_clear(void *state, int64_t silence_ns, int cancel, instant by, struct err *e)
{
	struct vxi11 *v = state;

	abort_call(v);
	if (device_clear(v, cancel, by, e) < 0)
		return -1;
	if (host_pause(silence_ns, cancel, by, e) < 0)
		return -1;
	if (device_clear(v, cancel, by, e) < 0)
		return -1;
	v->unfinished = false;
	return 0;
}

static int vxi11_fd(void *state)
{
	(void)state;
	return -1;
}

static int vxi11_wire(void *state)
{
	const struct vxi11 *v = state;

	return v->core.fd;
}

const struct transport transport_vxi11 = {
	.scheme = "vxi11", .ends = true, .open = vxi11_open, .write = vxi11_write, .read = vxi11_read, .waiting = vxi11_waiting,
	.close = vxi11_close, .fd = vxi11_fd, .wire = vxi11_wire, .clear = vxi11_clear,
	.status = vxi11_status, .wait_srq = vxi11_wait_srq, .trigger = vxi11_trigger,
};
