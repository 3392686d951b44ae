/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hislip_session.h"

#include <netinet/in.h>
#include <string.h>

#include "host.h"
#include "xdr.h"

#define PORT             4880
#define VERSION_1_0      0x0100
#define VENDOR           0x5858          /* "XX": none that is registered */
#define FIRST_NUMBER     UINT32_C(0xffffff00)
#define SIZE_MOST        (1024 * 1024)   /* of a message, either way */
#define GOODBYE_NS       (200 * NS_PER_MS)

enum { OVERLAPPED = 1, ENCRYPTED = 2 };  /* of InitializeResponse; the first also of a clear's features */
enum { LOCK_RELEASE, LOCK_REQUEST };
enum { LOCK_FAILED, LOCK_GRANTED };

void hislip_session_forget(struct hislip *h)
{
	h->whose = HISLIP_OTHERS;
	h->expecting = h->unfinished = h->delivered = false;
	buf_clear(&h->held);
	h->handed = 0;
}

static void number_anew(struct hislip *h)
{
	hislip_session_forget(h);
	h->number = FIRST_NUMBER - 2;
	h->owed = 0;
}

static int fail(struct hislip *h)
{
	h->sync.torn = h->async.torn = true;
	return -1;
}

/* Is the message in hand one that may come between others: unasked, or too late? */
static bool may_pass(struct hislip *h)
{
	switch (h->async.head.type) {
	case HISLIP_ASYNC_SERVICE_REQUEST:
		h->requested = true;
		return true;
	case HISLIP_ASYNC_INTERRUPTED:
		return true;
	case HISLIP_ASYNC_STATUS_RESPONSE:
		return h->owed > 0 && h->owed--;
	default:
		return false;
	}
}

/* Until a message of this type comes on the asynchronous channel. */
static int await(struct hislip *h, enum hislip_type type, int cancel, instant by, struct err *e)
{
	for (;;) {
		if (hislip_channel_next(&h->async, cancel, by, e) < 0 ||
		    hislip_channel_judge(&h->async, cancel, by, e) < 0)
			return -1;
		if (h->async.head.type == type)
			return 0;
		if (!may_pass(h))
			return hislip_channel_refuse(&h->async, "a message came that answers nothing", e);
		if (instant_passed(by))         /* requests for service without end must not carry us past it */
			return err_set(e, ERR_TIMEOUT, "timed out");
	}
}

static int ask(struct hislip *h, enum hislip_type question, uint8_t control, uint32_t parameter, const struct buf *payload,
	       enum hislip_type answer, int cancel, instant by, struct err *e)
{
	if (hislip_channel_send(&h->async, question, control, parameter, payload ? payload->data : "",
				payload ? payload->len : 0, cancel, by, e) < 0)
		return -1;
	return await(h, answer, cancel, by, e);
}

static int check_welcome(struct hislip *h, struct err *e)
{
	const struct hislip_head *head = &h->sync.head;
	unsigned major = head->parameter >> 24;

	if (head->type != HISLIP_INITIALIZE_RESPONSE)
		return hislip_channel_refuse(&h->sync, "what it answers to Initialize is no InitializeResponse", e);
	if (major < 1 || major > 2)
		return hislip_channel_refuse(&h->sync, "it speaks a version of HiSLIP other than 1 and 2", e);
	if (major == 2 && head->control & ENCRYPTED)
		return hislip_channel_refuse(&h->sync, "it insists on an encrypted connection, which is not spoken here", e);
	h->id = (uint16_t)head->parameter;
	return 0;
}

static int initialize(struct hislip *h, const char *device, int cancel, instant by, struct err *e)
{
	uint32_t about = (uint32_t)VERSION_1_0 << 16 | VENDOR;

	if (hislip_channel_send(&h->sync, HISLIP_INITIALIZE, 0, about, device, strlen(device), cancel, by, e) < 0 ||
	    hislip_channel_next(&h->sync, cancel, by, e) < 0 || hislip_channel_judge(&h->sync, cancel, by, e) < 0)
		return -1;
	return check_welcome(h, e);
}

/* What the server takes at once, header and all. */
static int exchange_sizes(struct hislip *h, uint64_t *size, int cancel, instant by, struct err *e)
{
	struct buf *b = &h->held;                /* where nothing is held yet */
	struct xdr x;

	xdr_put_hyper(b, SIZE_MOST);
	if (ask(h, HISLIP_ASYNC_MAXIMUM_SIZE, 0, 0, b, HISLIP_ASYNC_MAXIMUM_SIZE_RESPONSE, cancel, by, e) < 0)
		return -1;
	buf_clear(b);
	if (h->async.head.length != sizeof *size)
		return hislip_channel_refuse(&h->async, "the size of its messages is not a number of eight bytes", e);
	if (hislip_channel_take_all(&h->async, b, cancel, by, e) < 0)
		return -1;
	x = (struct xdr){ b->data, b->len, false };
	*size = xdr_get_hyper(&x);
	buf_clear(b);
	return 0;
}

static int agree_on_size(struct hislip *h, int cancel, instant by, struct err *e)
{
	uint64_t size = 0;

	if (exchange_sizes(h, &size, cancel, by, e) < 0)
		return -1;
	if (size <= HISLIP_HEADER)
		return hislip_channel_refuse(&h->async, "it takes no message that has a payload", e);
	h->most = (size < SIZE_MOST ? (size_t)size : SIZE_MOST) - HISLIP_HEADER;
	return 0;
}

/* For as long as we would wait.  A server without locks says that it does not know the message. */
static int lock(struct hislip *h, int cancel, instant by, struct err *e)
{
	if (ask(h, HISLIP_ASYNC_LOCK, LOCK_REQUEST, host_patience(by), NULL, HISLIP_ASYNC_LOCK_RESPONSE, cancel, by, e) < 0)
		return e->code == ERR_STATE ? 0 : -1;
	h->locked = h->async.head.control == LOCK_GRANTED;
	if (h->locked)
		return 0;
	return h->async.head.control == LOCK_FAILED ? err_set(e, ERR_CLOSED, "it is locked by another client")
		: err_set(e, ERR_PROTOCOL, "it finds the request for its lock invalid");
}

static int open_async(struct hislip *h, const struct sockaddr_storage *to, socklen_t n, int cancel, instant by,
		      struct err *e)
{
	if (hislip_channel_open(&h->async, to, n, cancel, by, e) < 0)
		return -1;
	if (ask(h, HISLIP_ASYNC_INITIALIZE, 0, h->id, NULL, HISLIP_ASYNC_INITIALIZE_RESPONSE, cancel, by, e) < 0)
		return err_wrap(e, "AsyncInitialize");
	if (agree_on_size(h, cancel, by, e) < 0)
		return err_wrap(e, "AsyncMaximumMessageSize");
	return lock(h, cancel, by, e) < 0 ? err_wrap(e, "AsyncLock") : 0;
}

static int dial(struct hislip *h, const struct host *where, const char *place, int cancel, instant by, struct err *e)
{
	struct sockaddr_storage to;
	bool overlapped;
	socklen_t n;

	if (host_numeric(place, &to, &n, e) < 0)
		return -1;
	if (!where->port[0])
		host_set_port(&to, PORT);
	if (hislip_channel_open(&h->sync, &to, n, cancel, by, e) < 0)
		return -1;
	if (initialize(h, where->path, cancel, by, e) < 0)
		return err_wrap(e, "Initialize");
	overlapped = h->sync.head.control & OVERLAPPED;
	if (open_async(h, &to, n, cancel, by, e) < 0)
		return -1;
	return overlapped ? hislip_session_clear(h, cancel, by, e) : 0;
}

int hislip_session_open(struct hislip *h, const char *place, int cancel, instant by, struct err *e)
{
	struct host where;

	h->sync.fd = h->async.fd = -1;
	number_anew(h);
	if (address_host(place, &where, e) == 0 && dial(h, &where, place, cancel, by, e) == 0)
		return 0;
	hislip_session_close(h);
	return -1;
}

void hislip_session_close(struct hislip *h)
{
	struct err ignored;

	if (h->locked && !h->async.torn)
		ask(h, HISLIP_ASYNC_LOCK, LOCK_RELEASE, h->number, NULL, HISLIP_ASYNC_LOCK_RESPONSE, -1,
		    instant_after(GOODBYE_NS), &ignored);
	hislip_channel_close(&h->sync);
	hislip_channel_close(&h->async);
	buf_release(&h->held);
}

/* All that is on the way to us is thrown away, up to where the server has forgotten as well. */
static int discard(struct hislip *h, struct hislip_channel *c, enum hislip_type last, int cancel, instant by,
		   struct err *e)
{
	for (;;) {
		if (hislip_channel_next(c, cancel, by, e) < 0)
			return -1;
		if (c->head.type == HISLIP_FATAL_ERROR)
			return hislip_channel_judge(c, cancel, by, e);
		if (c->head.type == last)
			return 0;
		if (instant_passed(by))
			return err_set(e, ERR_TIMEOUT, "timed out");
		h->dropped += c->left;
	}
}

/* IVI-6.1, 3.1.3 and table 19: first over one channel, then over the other. */
int hislip_session_clear(struct hislip *h, int cancel, instant by, struct err *e)
{
	if (hislip_channel_send(&h->async, HISLIP_ASYNC_DEVICE_CLEAR, 0, 0, "", 0, cancel, by, e) < 0 ||
	    discard(h, &h->async, HISLIP_ASYNC_DEVICE_CLEAR_ACKNOWLEDGE, cancel, by, e) < 0 ||
	    hislip_channel_send(&h->sync, HISLIP_DEVICE_CLEAR_COMPLETE, 0, 0, "", 0, cancel, by, e) < 0 ||
	    discard(h, &h->sync, HISLIP_DEVICE_CLEAR_ACKNOWLEDGE, cancel, by, e) < 0) {
		fail(h);
		return err_wrap(e, "device clear");
	}
	number_anew(h);
	h->requested = false;
	if (!(h->sync.head.control & OVERLAPPED))
		return 0;
	err_set(e, ERR_PROTOCOL, "it insists on overlapped messages");
	return fail(h);
}

int hislip_session_status(struct hislip *h, uint8_t *status, int cancel, instant by, struct err *e)
{
	if (hislip_channel_send(&h->async, HISLIP_ASYNC_STATUS_QUERY, h->delivered, h->number, "", 0, cancel, by, e) < 0)
		return -1;
	h->owed++;
	do
		if (await(h, HISLIP_ASYNC_STATUS_RESPONSE, cancel, by, e) < 0)
			return -1;
	while (--h->owed > 0);
	*status = h->async.head.control;
	return 0;
}

/* Whatever is wrong there is found by whoever asks something.  Of one that speaks without pause, what has come by now. */
void hislip_session_listen(struct hislip *h)
{
	size_t most = hislip_channel_waiting(&h->async) / HISLIP_HEADER;
	struct err ignored;

	for (; most > 0 && !h->async.torn && hislip_channel_waiting(&h->async) >= HISLIP_HEADER; most--) {
		if (hislip_channel_next(&h->async, -1, instant_now(), &ignored) < 0 ||
		    hislip_channel_judge(&h->async, -1, instant_now(), &ignored) < 0)
			return;
		if (!may_pass(h))
			hislip_channel_refuse(&h->async, "a message came that answers nothing", &ignored);
	}
}

int hislip_session_wait_srq(struct hislip *h, int cancel, instant by, struct err *e)
{
	while (!h->requested) {
		if (await(h, HISLIP_ASYNC_SERVICE_REQUEST, cancel, by, e) < 0)
			return -1;
		h->requested = true;
	}
	h->requested = false;
	return 0;
}
