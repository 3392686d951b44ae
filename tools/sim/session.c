/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "session.h"

#include <errno.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "wire.h"

#define CRC_BYTES 2              /* at the end of an RTU frame */
#define JUNK      16
#define JUNK_ASCII 0x20          /* and up: an ASCII device's noise is text */

struct frame {
	uint8_t bytes[FRAME_MAX];
	size_t n;
};

/* What an answer says, however it is framed. */
struct body {
	int unit;
	uint8_t pdu[PDU_MAX];
	size_t n;
};

struct modbus_unit *units_find(const struct units *u, int id)
{
	for (size_t i = 0; i < u->n; i++)
		if (u->list[i].id == id)
			return &u->list[i];
	return NULL;
}

static void make_junk(const struct session *s, struct device *d, struct frame *f)
{
	bool ascii = s->framing == &modbus_frame_ascii;

	pthread_mutex_lock(&d->lock);
	for (f->n = 0; f->n < JUNK; f->n++)
		f->bytes[f->n] = (uint8_t)(ascii ? JUNK_ASCII + random_next(&d->junk) % 64 : random_next(&d->junk));
	pthread_mutex_unlock(&d->lock);
}

static void spoil_body(enum fault_kind kind, struct body *b)
{
	if (kind == FAULT_WRONG_ECHO)            /* holding for input registers, coils for inputs */
		b->pdu[0] ^= b->pdu[0] < 3 ? 3 : 7;
	else if (kind == FAULT_UNIT)
		b->unit ^= 1;
}

static void spoil_frame(const struct session *s, struct device *d, enum fault_kind kind, struct frame *f)
{
	if (kind == FAULT_TRUNCATED)
		f->n /= 2;
	else if (kind == FAULT_GARBAGE)
		make_junk(s, d, f);
	else if (kind == FAULT_CRC && s->framing == &modbus_frame_ascii)
		f->bytes[f->n - 3] ^= 1;         /* the last digit of the LRC */
	else if (kind == FAULT_CRC)
		f->bytes[s->framing == &modbus_frame_tcp ? 1 : f->n - 1] ^= 0x55;
}

/* Lets libmodbus write its answer where we can take hold of it. */
static bool catch_answer(struct session *s, const uint8_t *request, int n, struct image *im, int exception,
			 struct body *b)
{
	uint8_t got[MODBUS_MAX_ADU_LENGTH];
	size_t tail = s->framing == &modbus_frame_tcp ? 0 : CRC_BYTES;
	ssize_t len;

	modbus_set_socket(s->modbus, s->pair[0]);
	if (exception)
		modbus_reply_exception(s->modbus, request, (unsigned)exception);
	else
		modbus_reply(s->modbus, request, n, image_lock(im));
	if (!exception)
		image_unlock(im);
	modbus_set_socket(s->modbus, s->fd);
	len = recv(s->pair[1], got, sizeof got, MSG_DONTWAIT);
	if (len <= (ssize_t)(s->head + tail))
		return false;
	b->unit = got[s->head - 1];
	b->n = (size_t)len - s->head - tail;
	memcpy(b->pdu, got + s->head, b->n);
	return true;
}

static int send_own(struct session *s, const uint8_t *request, int n, struct image *im, int exception,
		    const struct fault *fault)
{
	struct device *d = image_device(im);
	struct frame f = { .n = 0 };
	struct body b;

	if (catch_answer(s, request, n, im, exception, &b)) {
		spoil_body(fault->kind, &b);
		f.n = s->framing->wrap(f.bytes, (unsigned)request[0] << 8 | request[1], b.unit, b.pdu, b.n);
		spoil_frame(s, d, fault->kind, &f);
	}
	return wire_deliver(d, fault, s->fd, f.bytes, f.n);
}

static int reply(struct session *s, const uint8_t *request, int n, struct image *im, int exception,
		 const struct fault *fault)
{
	int sent;

	if (fault->kind != FAULT_NONE || s->framing == &modbus_frame_ascii)
		return send_own(s, request, n, im, exception, fault);
	if (exception)
		return modbus_reply_exception(s->modbus, request, (unsigned)exception) < 0 ? -1 : 0;
	sent = modbus_reply(s->modbus, request, n, image_lock(im));
	image_unlock(im);
	return sent < 0 ? -1 : 0;
}

/* Carries out what was asked, or not; the exception, 0: none. */
static int obey(struct image *im, const struct request *r, bool plain, const struct fault *fault)
{
	struct device *d = image_device(im);

	if (fault->kind == FAULT_EXCEPTION) {
		truth_fault(d->truth, d->role->name, fault_name(FAULT_EXCEPTION));
		return fault->code;
	}
	if (!plain)
		return r->function == MODBUS_FC_MASK_WRITE_REGISTER || r->function == MODBUS_FC_WRITE_AND_READ_REGISTERS
			? MODBUS_EXCEPTION_ILLEGAL_FUNCTION : 0;
	if (r->values)
		return image_write(im, r, fault);
	image_read(im, r, fault);
	return 0;
}

/* One request of n bytes, as libmodbus has it. */
static int answer(struct session *s, const uint8_t *request, int n, struct image *im)
{
	struct fault fault;
	struct request r;
	size_t pdu = (size_t)n - s->head - (s->framing == &modbus_frame_tcp ? 0 : CRC_BYTES);
	bool plain = image_request(request + s->head, pdu, &r);
	enum topic topic = plain ? image_topic(im, &r) : TOPIC_OTHER;

	fault = faults_take(&image_device(im)->faults, topic);
	return reply(s, request, n, im, obey(im, &r, plain, &fault), &fault);
}

int session_open(struct session *s, const struct units *u, enum modbus how, int fd, const char *name, struct err *e)
{
	bool tcp = how == MODBUS_TCP;

	*s = (struct session){ .units = u, .framing = modbus_frame_of(how), .fd = fd, .pair = { -1, -1 } };
	/* Neither is ever connected by libmodbus: the names only have to be well formed. */
	s->modbus = tcp ? modbus_new_tcp("127.0.0.1", 502)
		: modbus_new_rtu("/dev/null", 9600, 'N', 8, 1);
	if (!s->modbus || fd >= FD_SETSIZE
	    || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s->pair))
		return err_set(e, ERR_IO, "%s: cannot serve Modbus: %s", name, strerror(errno));
	modbus_set_socket(s->modbus, fd);
	modbus_set_response_timeout(s->modbus, 0, 1000);     /* it waits so long after an exception */
	s->head = (size_t)modbus_get_header_length(s->modbus);
	return 0;
}

void session_close(struct session *s)
{
	modbus_free(s->modbus);
	close(s->pair[0]);
	close(s->pair[1]);
}

static int next_tcp(struct session *s)
{
	uint8_t request[MODBUS_TCP_MAX_ADU_LENGTH];
	int n = modbus_receive(s->modbus, request);
	struct modbus_unit *u;

	if (n <= (int)s->head)
		return -1;
	u = units_find(s->units, request[s->head - 1]);
	if (!u)                                  /* what a gateway says of a unit that is not there */
		return modbus_reply_exception(s->modbus, request, MODBUS_EXCEPTION_GATEWAY_TARGET) < 0
			? -1 : 0;
	return answer(s, request, n, u->image);
}

/* What is left of a request that made no sense. */
static void drain(int fd)
{
	char trash[256];

	while (recv(fd, trash, sizeof trash, MSG_DONTWAIT) > 0)
		;
}

static int next_rtu(struct session *s)
{
	uint8_t request[MODBUS_RTU_MAX_ADU_LENGTH], id;
	struct modbus_unit *u;
	int n;

	if (recv(s->fd, &id, 1, MSG_PEEK) != 1)
		return -1;
	/* Each request is received as if it were ours: after one for another unit libmodbus would take
	 * the next for that unit's answer. */
	u = units_find(s->units, id);
	n = modbus_set_slave(s->modbus, id) ? -1 : modbus_receive(s->modbus, request);
	if (n < 0)
		drain(s->fd);
	return n > 0 && u ? answer(s, request, n, u->image) : 0;
}

/* From ':' to the line feed; a ':' in between begins it anew.  false: the connection is gone. */
static bool hear_frame(const struct session *s, struct frame *f)
{
	for (f->n = 0;;) {
		uint8_t c;

		if (recv(s->fd, &c, 1, 0) != 1)
			return false;
		if (c == ':')
			f->n = 0;
		if ((f->n == 0 && c != ':') || f->n == sizeof f->bytes)
			continue;
		f->bytes[f->n++] = c;
		if (c == '\n')
			return true;
	}
}

static int next_ascii(struct session *s)
{
	uint8_t request[FRAME_MAX];
	struct modbus_unit *u;
	struct frame f;
	struct body b;
	struct err e;
	ssize_t n;

	if (!hear_frame(s, &f))
		return -1;
	if (s->framing->measure(f.bytes, f.n, &e) != (ssize_t)f.n
	    || (n = s->framing->unwrap(f.bytes, f.n, 0, &b.unit, b.pdu, &e)) < 0)
		return 0;                        /* a device says nothing to that */
	u = units_find(s->units, b.unit);
	if (!u || modbus_set_slave(s->modbus, b.unit))
		return 0;
	return answer(s, request, (int)modbus_frame_rtu.wrap(request, 0, b.unit, b.pdu, (size_t)n), u->image);
}

int session_next(struct session *s)
{
	if (s->framing == &modbus_frame_tcp)
		return next_tcp(s);
	return s->framing == &modbus_frame_rtu ? next_rtu(s) : next_ascii(s);
}
