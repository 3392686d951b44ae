/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lan.h"

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lan_call.h"
#include "message.h"
#include "wire.h"

#define MESSAGE_MOST (16 * 1024 * 1024)

static struct lan_link *find_link(struct lan *lan, uint32_t id)
{
	for (struct lan_link *l = lan->links; l; l = l->next)
		if (l->id == id)
			return l;
	return NULL;
}

/* Only links of this connection; another's are no business of it. */
static struct lan_link *own_link(struct lan_session *s, uint32_t id)
{
	struct lan_link *l;

	pthread_mutex_lock(&s->lan->lock);
	l = find_link(s->lan, id);
	if (l && l->session != s)
		l = NULL;
	pthread_mutex_unlock(&s->lan->lock);
	return l;
}

/* Until it is ours, for as long as the client would wait.  The lock of links is held. */
static enum lan_error take_lock(struct lan *lan, uint32_t id, uint32_t timeout_ms)
{
	instant by = instant_after_ms(timeout_ms);

	while (lan->holder && lan->holder != id && !instant_passed(by)) {
		pthread_mutex_unlock(&lan->lock);
		instant_sleep_until(instant_after_ms(1));
		pthread_mutex_lock(&lan->lock);
	}
	if (lan->holder && lan->holder != id)
		return LAN_LOCKED;
	lan->holder = id;
	return LAN_FINE;
}

static bool locked_out(struct lan *lan, const struct lan_link *l)
{
	bool out;

	pthread_mutex_lock(&lan->lock);
	out = lan->holder && lan->holder != l->id;
	pthread_mutex_unlock(&lan->lock);
	return out;
}

static struct lan_link *new_link(struct lan_session *s)
{
	struct lan_link *l = mem_new(sizeof *l);

	l->session = s;
	l->abort = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	l->id = ++s->lan->last_id;
	l->next = s->lan->links;
	s->lan->links = l;
	return l;
}

static void free_link(struct lan *lan, struct lan_link *gone)
{
	struct lan_link **at = &lan->links;

	while (*at != gone)
		at = &(*at)->next;
	*at = gone->next;
	if (lan->holder == gone->id)
		lan->holder = 0;
	close(gone->abort);
	buf_release(&gone->heard);
	buf_release(&gone->ready);
	free(gone);
}

static void create_link(struct lan_session *s, struct xdr *x, struct buf *out)
{
	struct lan *lan = s->lan;
	enum lan_error error = LAN_FINE;
	struct lan_link *l = NULL;
	uint32_t lock, timeout;
	const char *device;
	size_t n;

	xdr_get(x);
	lock = xdr_get(x);
	timeout = xdr_get(x);
	device = xdr_get_bytes(x, &n, 256);
	pthread_mutex_lock(&lan->lock);
	if (n != strlen(lan->device) || strncasecmp(device, lan->device, n))
		error = LAN_NOT_THERE;
	else
		l = new_link(s);
	if (l && lock && (error = take_lock(lan, l->id, timeout))) {
		free_link(lan, l);
		l = NULL;
	}
	pthread_mutex_unlock(&lan->lock);
	xdr_put(out, error);
	xdr_put(out, l ? l->id : 0);
	xdr_put(out, lan->port);
	xdr_put(out, LAN_WRITE_MOST);
}

/* The message ends with this part: it is carried out once the client has its reply. */
static void device_write(struct lan_session *s, struct lan_link *l, struct xdr *x, struct buf *out)
{
	const char *data;
	uint32_t flags;
	size_t n;

	xdr_get(x);
	xdr_get(x);
	flags = xdr_get(x);
	data = xdr_get_bytes(x, &n, LAN_WRITE_MOST);
	buf_clear(&l->ready);            /* IEEE 488.2, 6.3.2.3: interrupted */
	l->message = false;
	buf_add(&l->heard, data, n);
	if (l->heard.len > MESSAGE_MOST)
		buf_clear(&l->heard);
	s->ended = flags & LAN_FLAG_END ? l : NULL;
	xdr_put(out, LAN_FINE);
	xdr_put(out, (uint32_t)n);
}

/* An instrument that has nothing to say says so when the client's time is over, or when it is told to
 * wait no longer. */
static enum lan_error wait_in_vain(struct lan_link *l, uint32_t timeout_ms)
{
	struct pollfd p = { .fd = l->abort, .events = POLLIN };
	uint64_t count;

	(void)!read(l->abort, &count, sizeof count);     /* of a call that was over before */
	return poll(&p, 1, timeout_ms > INT32_MAX ? -1 : (int)timeout_ms) > 0 ? LAN_ABORTED : LAN_TIMEOUT;
}

static void device_read(struct lan_session *s, struct lan_link *l, struct xdr *x, struct buf *out)
{
	size_t n = xdr_get(x);
	uint32_t timeout = xdr_get(x), reason = 0;
	enum lan_error error = LAN_FINE;

	if (!l->ready.len)
		error = wait_in_vain(l, timeout);
	if (n >= l->ready.len) {
		n = l->ready.len;
		reason = error || l->cut ? 0 : LAN_END;
	} else {
		reason = LAN_COUNT;
	}
	s->fault = l->fault;
	l->fault = (struct fault){ 0 };
	xdr_put(out, error);
	xdr_put(out, reason);
	xdr_put_bytes(out, l->ready.data, n);
	buf_consume(&l->ready, n);
	l->message = l->ready.len > 0;
}

static void device_readstb(struct lan_session *s, struct lan_link *l, struct xdr *x, struct buf *out)
{
	(void)x;
	xdr_put(out, LAN_FINE);
	xdr_put(out, lan_poll(s->lan, l));
}

static void device_clear(struct lan_session *s, struct lan_link *l, struct xdr *x, struct buf *out)
{
	(void)s, (void)x;
	buf_clear(&l->heard);
	buf_clear(&l->ready);
	l->message = false;
	l->fault = (struct fault){ 0 };
	xdr_put(out, LAN_FINE);
}

/* Carried out as *TRG is, once the client has its reply. */
static void device_trigger(struct lan_session *s, struct lan_link *l, struct xdr *x, struct buf *out)
{
	(void)x;
	buf_clear(&l->ready);
	l->message = false;
	buf_clear(&l->heard);
	buf_puts(&l->heard, "*TRG");
	s->ended = l;
	xdr_put(out, LAN_FINE);
}

static void nothing_to_do(struct lan_session *s, struct lan_link *l, struct xdr *x, struct buf *out)
{
	(void)s, (void)l, (void)x;
	xdr_put(out, LAN_FINE);
}

static void device_lock(struct lan_session *s, struct lan_link *l, struct xdr *x, struct buf *out)
{
	uint32_t flags = xdr_get(x), timeout = xdr_get(x);

	pthread_mutex_lock(&s->lan->lock);
	xdr_put(out, take_lock(s->lan, l->id, flags & LAN_FLAG_WAIT ? timeout : 0));
	pthread_mutex_unlock(&s->lan->lock);
}

static void device_unlock(struct lan_session *s, struct lan_link *l, struct xdr *x, struct buf *out)
{
	(void)x;
	pthread_mutex_lock(&s->lan->lock);
	xdr_put(out, s->lan->holder == l->id ? LAN_FINE : LAN_NO_LOCK);
	if (s->lan->holder == l->id)
		s->lan->holder = 0;
	pthread_mutex_unlock(&s->lan->lock);
}

static void destroy_link(struct lan_session *s, struct lan_link *l, struct xdr *x, struct buf *out)
{
	(void)x;
	pthread_mutex_lock(&s->lan->lock);
	free_link(s->lan, l);
	pthread_mutex_unlock(&s->lan->lock);
	xdr_put(out, LAN_FINE);
}

/* What concerns a link, by procedure; results: words of a reply that is nothing but an error. */
static const struct {
	void (*carry_out)(struct lan_session *, struct lan_link *, struct xdr *, struct buf *);
	unsigned results;
	bool needs_lock;
} procedures[LAN_PROCEDURES] = {
	[11] = { device_write, 2, true },   [12] = { device_read, 3, true },  [13] = { device_readstb, 2, true },
	[14] = { device_trigger, 1, true }, [15] = { device_clear, 1, true }, [16] = { nothing_to_do, 1, true },
	[17] = { nothing_to_do, 1, true },  [18] = { device_lock, 1, false }, [19] = { device_unlock, 1, false },
	[20] = { lan_enable_srq, 1, false }, [23] = { destroy_link, 1, false },
};

bool lan_core(struct lan_session *s, uint32_t procedure, struct xdr *x, struct buf *out)
{
	enum lan_error error = LAN_FINE;
	struct lan_link *l;

	if (procedure == LAN_CREATE_LINK) {
		create_link(s, x, out);
		return true;
	}
	if (procedure == LAN_CREATE_INTR || procedure == LAN_DESTROY_INTR) {
		if (procedure == LAN_CREATE_INTR)
			lan_create_intr(s, x, out);
		else
			lan_destroy_intr(s, out);
		return true;
	}
	if (procedure >= LAN_PROCEDURES || !procedures[procedure].carry_out)
		return false;
	l = own_link(s, xdr_get(x));
	if (!l)
		error = LAN_NO_LINK;
	else if (procedures[procedure].needs_lock && locked_out(s->lan, l))
		error = LAN_LOCKED;
	if (!error) {
		procedures[procedure].carry_out(s, l, x, out);
		return true;
	}
	xdr_put(out, error);
	for (unsigned i = 1; i < procedures[procedure].results; i++)
		xdr_put(out, 0);
	return true;
}

/* From a connection of its own, for a call that waits on another. */
void lan_abort(struct lan_session *s, struct xdr *x, struct buf *out)
{
	struct lan_link *l;
	uint64_t one = 1;

	pthread_mutex_lock(&s->lan->lock);
	l = find_link(s->lan, xdr_get(x));
	if (l)
		(void)!write(l->abort, &one, sizeof one);
	pthread_mutex_unlock(&s->lan->lock);
	xdr_put(out, l ? LAN_FINE : LAN_NO_LINK);
}

/* What the line's answer adds to the message that waits to be read.  -1: the connection drops. */
static int answer(struct lan *lan, struct lan_link *l, struct said *said)
{
	if (said->fault.kind == FAULT_CLOSE)
		return -1;
	if (!said->answered || said->fault.kind == FAULT_SILENCE)
		return 0;
	message_end(talk_device(lan->talk), said);
	l->cut = said->fault.kind == FAULT_TRUNCATED;
	buf_add(&l->ready, said->text.data, said->text.len);
	l->message = l->ready.len > 0;
	l->fault = said->fault;
	return 0;
}

int lan_message(struct lan_session *s, struct lan_link *l)
{
	char *line, *rest;
	int bad = 0;

	buf_putc(&l->heard, '\0');
	for (rest = l->heard.data; !bad && (line = strsep(&rest, "\r\n")); ) {
		if (!*line)
			continue;
		talk_line(s->lan->talk, line, strlen(line), &s->said);
		bad = answer(s->lan, l, &s->said);
	}
	buf_clear(&l->heard);
	return bad;
}

void lan_leave(struct lan_session *s)
{
	struct lan_link *next;

	pthread_mutex_lock(&s->lan->lock);
	for (struct lan_link *l = s->lan->links; l; l = next) {
		next = l->next;
		if (l->session == s)
			free_link(s->lan, l);
	}
	pthread_mutex_unlock(&s->lan->lock);
}

static void *listen_thread(void *arg)
{
	struct lan *lan = arg;

	wire_accept(lan->outlet->fd, lan_serve, lan);
	return NULL;
}

static void hang_up(void *line)
{
	struct lan *lan = line;

	wires_hang_up(&lan->wires);
}

static uint16_t port_of(int listening)
{
	struct sockaddr_storage sa;
	socklen_t n = sizeof sa;

	getsockname(listening, (struct sockaddr *)&sa, &n);
	return ntohs(sa.ss_family == AF_INET6 ? ((struct sockaddr_in6 *)&sa)->sin6_port
		     : ((struct sockaddr_in *)&sa)->sin_port);
}

int lan_start(struct talk *t, struct outlet *o, const char *device, struct err *e)
{
	struct lan *lan = mem_new(sizeof *lan);
	pthread_t thread;

	lan->talk = t;
	lan->outlet = o;
	lan->device = mem_string(device);
	lan->port = port_of(o->fd);
	pthread_mutex_init(&lan->lock, NULL);
	wires_init(&lan->wires);
	talk_device(t)->hang_up = hang_up;
	talk_device(t)->line = lan;
	if (lan_watch(lan) || pthread_create(&thread, NULL, listen_thread, lan))
		return err_set(e, ERR_IO, "%s: cannot start a thread", o->address);
	pthread_detach(thread);
	return 0;
}
