/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "modbus_bus.h"

#include <errno.h>
#include <limits.h>
#include <modbus/modbus.h>
#include <poll.h>
#include <string.h>
#include <sys/select.h>

#include "fd.h"
#include "mem.h"
#include "modbus_exception.h"

#define MBAP 7                           /* transaction, protocol 0, length, unit */
#define STUTTER_NS (200 * NS_PER_MS)     /* pauses within a frame that buffers and adapters make */

struct bus {
	struct address address;
	bool rtu;
	int cancel;
	unsigned users, generation;
	const struct transport *transport;
	void *state;                     /* of the transport */
	int fd;                          /* -1: not connected */
	modbus_t *modbus;
	uint16_t transaction;
	int64_t latency_ns;
	bool suspect;
	enum urgency urgency;
	size_t stray, unasked;
	uint8_t exception;               /* the last one; 0: the last answer was none */
	instant last;                    /* the last byte came, or an exchange failed */
};

struct bus *bus_new(const char *resolved, const struct line *line, int cancel)
{
	struct bus *b = mem_new(sizeof *b);
	struct err e;

	address_parse(&b->address, resolved, line, &e);         /* instrument_new has checked it */
	b->rtu = !b->address.network;
	b->cancel = cancel;
	b->users = 1;
	b->fd = -1;
	b->modbus = b->rtu ? modbus_new_rtu(b->address.place, 9600, 'N', 8, 1) : modbus_new_tcp(NULL, 502);
	if (!b->modbus)
		abort();
	return b;
}

struct bus *bus_share(struct bus *b)
{
	b->users++;
	return b;
}

void bus_free(struct bus **p)
{
	struct bus *b = *p;

	*p = NULL;
	if (!b || --b->users > 0)
		return;
	bus_disconnect(b);
	modbus_free(b->modbus);
	free(b);
}

void bus_latency(struct bus *b, int64_t ns)
{
	if (ns > b->latency_ns)
		b->latency_ns = ns;
}

int64_t bus_slowest(const struct bus *b)
{
	return b->latency_ns;
}

unsigned bus_generation(const struct bus *b)
{
	return b->generation;
}

void bus_distrust(struct bus *b)
{
	b->suspect = true;
	b->last = instant_now();
}

void bus_urgent(struct bus *b, enum urgency u)
{
	b->urgency = u;
}

bool bus_busy(const struct bus *b)
{
	return b->exception == EXCEPTION_ACKNOWLEDGE || b->exception == EXCEPTION_BUSY;
}

size_t bus_stray(struct bus *b)
{
	size_t n = b->stray;

	b->stray = 0;
	return n;
}

size_t bus_unasked(struct bus *b)
{
	size_t n = b->unasked;

	b->unasked = 0;
	return n;
}

static int cancel_of(const struct bus *b)
{
	return b->urgency == BUS_ORDINARY ? b->cancel : -1;
}

/* A line's path says whether it is a pseudo-terminal. */
static const struct transport *transport_of(const struct bus *b)
{
	char real[PATH_MAX];

	if (!b->rtu)
		return transport_find(b->address.scheme);
	return realpath(b->address.place, real) && !strncmp(real, "/dev/pts/", 9) ? &transport_pty
										  : &transport_serial;
}

void bus_disconnect(struct bus *b)
{
	if (b->fd < 0)
		return;
	b->transport->close(b->state);
	b->fd = -1;
	modbus_set_socket(b->modbus, -1);
}

int bus_connect(struct bus *b, instant by, struct err *e)
{
	if (b->fd >= 0)
		return 0;
	b->transport = transport_of(b);
	if (b->transport->open(&b->state, b->address.place, &b->address.line, cancel_of(b), by, e) < 0)
		return err_wrap(e, "%s:%s", b->address.scheme, b->address.place);
	b->fd = b->transport->fd(b->state);
	if (b->fd >= FD_SETSIZE) {              /* libmodbus would abort in FD_SET */
		bus_disconnect(b);
		return err_set(e, ERR_IO, "too many open files for a Modbus connection");
	}
	modbus_set_socket(b->modbus, b->fd);
	b->generation++;
	b->last = instant_now();
	b->suspect = b->rtu;            /* a new connection brings no old replies; a line may */
	return 0;
}

static int64_t characters_ns(const struct bus *b, double characters)
{
	return b->rtu ? (int64_t)(characters * 11 * NS_PER_S / (double)b->address.line.baud) : 0;
}

/* Throws away what arrives until nothing has for `silence` since the failure or the last byte. */
static int wait_silence(struct bus *b, int64_t silence, instant by, struct err *e)
{
	char rubbish[512];

	for (;;) {
		instant quiet = b->last + silence;
		ssize_t got;

		got = fd_read(b->fd, rubbish, sizeof rubbish, cancel_of(b), quiet < by ? quiet : by, e);
		if (got < 0 && e->code != ERR_TIMEOUT)
			return -1;
		if (got < 0 && quiet > by)
			return err_set(e, ERR_TIMEOUT, "no silence of %lld ms before the deadline",
				       (long long)(silence / NS_PER_MS));
		if (got < 0)
			return 0;
		b->stray += (size_t)got;
		b->last = instant_now();
	}
}

static int wait_gap(struct bus *b, instant by, struct err *e)
{
	instant free_at = b->last + characters_ns(b, 3.5);

	if (!b->rtu || instant_passed(free_at))
		return 0;
	if (free_at > by)
		return err_set(e, ERR_TIMEOUT, "timed out");
	instant_sleep_until(free_at);   /* milliseconds at most */
	return 0;
}

int bus_ready(struct bus *b, instant by, struct err *e)
{
	if (b->fd < 0)
		return err_set(e, ERR_CLOSED, "not connected");
	if (b->suspect && b->urgency != BUS_AT_ONCE) {
		if (wait_silence(b, b->latency_ns, by, e) < 0)
			return -1;
		b->suspect = false;
	}
	return wait_gap(b, by, e);
}

/* Bytes that nobody asked for might begin what would be taken for an answer.  Over TCP the
 * transaction tells. */
static int nothing_waits(struct bus *b, const char *when, struct err *e)
{
	size_t n = b->rtu ? fd_drain(b->fd) : 0;

	if (n == 0)
		return 0;
	b->unasked += n;
	return err_set(e, ERR_PROTOCOL, "%zu bytes came %s", n, when);
}

/* Address of the unit, then the request, framed. */
static int put_request(struct bus *b, int unit, const uint8_t *request, size_t n, instant by, struct err *e)
{
	uint8_t frame[MBAP + PDU_MAX];
	size_t head = b->rtu ? 1 : MBAP;

	b->transaction++;
	if (!b->rtu)
		memcpy(frame, (uint8_t[]){ (uint8_t)(b->transaction >> 8), (uint8_t)b->transaction, 0, 0,
					   (uint8_t)((n + 1) >> 8), (uint8_t)(n + 1) }, MBAP - 1);
	frame[head - 1] = (uint8_t)unit;
	memcpy(frame + head, request, n);
	if (b->rtu) {
		modbus_set_slave(b->modbus, unit);
		if (modbus_send_raw_request(b->modbus, frame, (int)(n + 1)) == (int)(n + 3))
			return 0;
		return err_set(e, ERR_CLOSED, "write: %s", modbus_strerror(errno));
	}
	for (size_t at = 0; at < head + n;) {
		ssize_t sent = fd_send(b->fd, frame + at, head + n - at, cancel_of(b), by, e);

		if (sent < 0)
			return -1;
		at += (size_t)sent;
	}
	return 0;
}

static int receive_failed(int error, struct err *e)
{
	switch (error) {
	case ETIMEDOUT:
		return err_set(e, ERR_TIMEOUT, "timed out within the reply");
	case EMBBADCRC:
		return err_set(e, ERR_PROTOCOL, "the checksum of the reply is wrong");
	case ECONNRESET:
	case ECONNREFUSED:
	case EPIPE:
	case EBADF:
	case EIO:
		return err_set(e, ERR_CLOSED, "read: %s", strerror(error));
	default:
		return err_set(e, ERR_PROTOCOL, "the reply is malformed: %s", modbus_strerror(error));
	}
}

/* Waits for the first byte here, where it can be cancelled.  Then libmodbus takes the frame, its
 * byte timeout off, so that on Linux its one timeout bounds the whole. */
static int get_frame(struct bus *b, uint8_t frame[MODBUS_MAX_ADU_LENGTH], instant by, struct err *e)
{
	instant frame_by;
	int64_t left;
	int n;

	if (fd_wait(b->fd, POLLIN, cancel_of(b), by, e) < 0)
		return -1;
	frame_by = instant_after(STUTTER_NS + characters_ns(b, 256));
	left = (frame_by < by ? frame_by : by) - instant_now();
	left = left < NS_PER_MS ? NS_PER_MS : left;
	modbus_set_response_timeout(b->modbus, (uint32_t)(left / NS_PER_S), (uint32_t)(left % NS_PER_S / 1000));
	modbus_set_byte_timeout(b->modbus, 0, 0);
	errno = 0;
	n = modbus_receive_confirmation(b->modbus, frame);
	b->last = instant_now();
	if (n < 0)
		return receive_failed(errno, e);
	if (n == 0)
		return err_set(e, ERR_PROTOCOL, "another unit answered");
	return n;
}

/* The envelope: returns where the PDU is, and its length. */
static int open_frame(const struct bus *b, int unit, const uint8_t *f, int n, const uint8_t **pdu, struct err *e)
{
	int head = b->rtu ? 1 : MBAP, tail = b->rtu ? 2 : 0;

	if (n < head + 2 + tail)
		return err_set(e, ERR_PROTOCOL, "a reply of %d bytes", n);
	if (!b->rtu && (f[0] << 8 | f[1]) != b->transaction)
		return err_set(e, ERR_PROTOCOL, "it answers transaction %d, not %d", f[0] << 8 | f[1],
			       b->transaction);
	if (!b->rtu && ((f[2] | f[3]) || (f[4] << 8 | f[5]) != n - 6))
		return err_set(e, ERR_PROTOCOL, "the header of the reply is wrong");
	if (f[head - 1] != unit)
		return err_set(e, ERR_PROTOCOL, "unit %d answered instead of unit %d", f[head - 1], unit);
	*pdu = f + head;
	return n - head - tail;
}

static ssize_t exchange(struct bus *b, int unit, const uint8_t *request, size_t n, uint8_t *reply,
			instant by, struct err *e)
{
	uint8_t frame[MODBUS_MAX_ADU_LENGTH];
	const uint8_t *pdu = frame;
	int got;

	b->exception = 0;
	if (nothing_waits(b, "before the request was sent", e) < 0 &&
	    !(b->urgency == BUS_AT_ONCE && e->code == ERR_PROTOCOL))
		return -1;
	if (put_request(b, unit, request, n, by, e) < 0)
		return -1;
	got = get_frame(b, frame, by, e);
	if (got < 0 || nothing_waits(b, "behind the reply", e) < 0)
		return -1;
	got = open_frame(b, unit, frame, got, &pdu, e);
	if (got < 0)
		return -1;
	if (pdu[0] == (request[0] | 0x80) && got == 2) {
		b->exception = pdu[1];
		return exception_explain(pdu[1], request, n, e);
	}
	if (pdu[0] != request[0])
		return err_set(e, ERR_PROTOCOL, "function %d answers function %d", pdu[0], request[0]);
	memcpy(reply, pdu, (size_t)got);
	return got;
}

ssize_t bus_transact(struct bus *b, int unit, const uint8_t *request, size_t n, uint8_t reply[PDU_MAX],
		     instant by, struct err *e)
{
	ssize_t got;

	if (bus_ready(b, by, e) < 0)
		return -1;
	got = exchange(b, unit, request, n, reply, by, e);
	if (got < 0 && e->code != ERR_INSTRUMENT)
		bus_distrust(b);
	return got;
}
