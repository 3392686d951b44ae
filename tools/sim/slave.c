/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slave.h"

#include <errno.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <sys/select.h>
#include <sys/socket.h>
#include <unistd.h>

#include "image.h"
#include "log.h"
#include "wire.h"

#define CRC_BYTES 2              /* at the end of an RTU frame */
#define JUNK 16

struct unit {
	int id;
	struct image *image;
};

struct slaves {
	struct outlet *outlet;
	struct unit *units;
	size_t n;
	struct wires wires;          /* tcp */
	int wake;                    /* rtu: eventfd, the terminal is to hang up */
	int near, far;               /* rtu: libmodbus's end of the pair, the relay's */
};

/* libmodbus at one connection, or at the line. */
struct session {
	struct slaves *slaves;
	modbus_t *modbus;
	int fd;
	int pair[2];                 /* catches a reply that a fault is to spoil */
	int header;                  /* bytes before the function code */
	bool tcp;
};

struct frame {
	uint8_t bytes[MODBUS_TCP_MAX_ADU_LENGTH];
	size_t n;
};

struct slaves *slaves_new(struct outlet *o)
{
	struct slaves *s = mem_new(sizeof *s);

	s->outlet = o;
	wires_init(&s->wires);
	return s;
}

static struct unit *find(const struct slaves *s, int id)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->units[i].id == id)
			return &s->units[i];
	return NULL;
}

/* MODBUS over Serial Line V1.02, 6.2.2: polynomial 0xA001, low byte first. */
static void put_crc(struct frame *f)
{
	uint16_t crc = 0xffff;

	for (size_t i = 0; i + CRC_BYTES < f->n; i++) {
		crc ^= f->bytes[i];
		for (int bit = 0; bit < 8; bit++)
			crc = (uint16_t)(crc & 1 ? crc >> 1 ^ 0xa001 : crc >> 1);
	}
	f->bytes[f->n - 2] = (uint8_t)(crc & 0xff);
	f->bytes[f->n - 1] = (uint8_t)(crc >> 8);
}

static void make_junk(struct device *d, struct frame *f)
{
	pthread_mutex_lock(&d->lock);
	for (f->n = 0; f->n < JUNK; f->n++)
		f->bytes[f->n] = (uint8_t)random_next(&d->junk);
	pthread_mutex_unlock(&d->lock);
}

static void spoil(const struct session *s, struct device *d, enum fault_kind kind, struct frame *f)
{
	switch (kind) {
	case FAULT_TRUNCATED:
		f->n /= 2;
		return;
	case FAULT_GARBAGE:
		make_junk(d, f);
		return;
	case FAULT_CRC:
		f->bytes[s->tcp ? 1 : f->n - 1] ^= 0x55;
		return;
	case FAULT_WRONG_ECHO:                   /* holding for input registers, coils for inputs */
		f->bytes[s->header] ^= f->bytes[s->header] < 3 ? 3 : 7;
		break;
	case FAULT_UNIT:
		f->bytes[s->header - 1] ^= 1;
		break;
	default:
		return;
	}
	if (!s->tcp)
		put_crc(f);
}

/* Lets libmodbus write its reply where we can take hold of it. */
static void catch_reply(struct session *s, const uint8_t *request, int n, struct image *im,
			int exception, struct frame *f)
{
	ssize_t got;

	modbus_set_socket(s->modbus, s->pair[0]);
	if (exception)
		modbus_reply_exception(s->modbus, request, (unsigned)exception);
	else
		modbus_reply(s->modbus, request, n, image_lock(im));
	if (!exception)
		image_unlock(im);
	modbus_set_socket(s->modbus, s->fd);
	got = recv(s->pair[1], f->bytes, sizeof f->bytes, MSG_DONTWAIT);
	f->n = got > 0 ? (size_t)got : 0;
}

static int reply(struct session *s, const uint8_t *request, int n, struct image *im, int exception,
		 const struct fault *fault)
{
	struct device *d = image_device(im);
	struct frame f;
	int sent;

	if (fault->kind != FAULT_NONE) {
		catch_reply(s, request, n, im, exception, &f);
		if (f.n > (size_t)s->header)
			spoil(s, d, fault->kind, &f);
		return wire_deliver(d, fault, s->fd, f.bytes, f.n);
	}
	if (exception)
		return modbus_reply_exception(s->modbus, request, (unsigned)exception) < 0 ? -1 : 0;
	sent = modbus_reply(s->modbus, request, n, image_lock(im));
	image_unlock(im);
	return sent < 0 ? -1 : 0;
}

/* One request of n bytes.  -1: drop the connection. */
static int answer(struct session *s, const uint8_t *request, int n, struct image *im)
{
	struct fault fault;
	struct request r;
	int exception = 0;
	size_t pdu = (size_t)(n - s->header - (s->tcp ? 0 : CRC_BYTES));
	bool plain = image_request(request + s->header, pdu, &r);
	enum topic topic = plain ? image_topic(im, &r) : TOPIC_OTHER;

	fault = faults_take(&image_device(im)->faults, topic);
	if (fault.kind == FAULT_EXCEPTION)
		exception = fault.code;
	else if (!plain && (r.function == MODBUS_FC_MASK_WRITE_REGISTER ||
			    r.function == MODBUS_FC_WRITE_AND_READ_REGISTERS))
		exception = MODBUS_EXCEPTION_ILLEGAL_FUNCTION;
	else if (plain && r.values)
		exception = image_write(im, &r, &fault);
	else if (plain)
		image_read(im, &r, &fault);
	return reply(s, request, n, im, exception, &fault);
}

static int session_open(struct session *s, struct slaves *slaves, int fd, struct err *e)
{
	bool tcp = slaves->outlet->tcp;

	*s = (struct session){ .slaves = slaves, .fd = fd, .pair = { -1, -1 }, .tcp = tcp };
	/* Neither is ever connected by libmodbus: the names only have to be well formed. */
	s->modbus = tcp ? modbus_new_tcp("127.0.0.1", 502)
		: modbus_new_rtu("/dev/null", 9600, 'N', 8, 1);
	if (!s->modbus || fd >= FD_SETSIZE
	    || socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0, s->pair))
		return err_set(e, ERR_IO, "%s: cannot serve Modbus: %s", slaves->outlet->address,
			       strerror(errno));
	modbus_set_socket(s->modbus, fd);
	modbus_set_response_timeout(s->modbus, 0, 1000);     /* it waits so long after an exception */
	s->header = modbus_get_header_length(s->modbus);
	return 0;
}

static void session_close(struct session *s)
{
	modbus_free(s->modbus);
	close(s->pair[0]);
	close(s->pair[1]);
}

static int next_tcp(struct session *s)
{
	uint8_t request[MODBUS_TCP_MAX_ADU_LENGTH];
	int n = modbus_receive(s->modbus, request);
	struct unit *u;

	if (n <= s->header)
		return -1;
	u = find(s->slaves, request[s->header - 1]);
	if (!u)                                  /* what a gateway says of a unit that is not there */
		return modbus_reply_exception(s->modbus, request, MODBUS_EXCEPTION_GATEWAY_TARGET) < 0
			? -1 : 0;
	return answer(s, request, n, u->image);
}

static void serve_client(void *who, int fd)
{
	struct slaves *slaves = who;
	struct session s;
	struct err e;

	wires_add(&slaves->wires, fd);
	if (session_open(&s, slaves, fd, &e))
		log_line(LOG_ERROR, "%s", e.text);
	else
		while (!next_tcp(&s))
			;
	session_close(&s);
	wires_close(&slaves->wires, fd);
}

static void *listen_thread(void *arg)
{
	struct slaves *s = arg;

	wire_accept(s->outlet->fd, serve_client, s);
	return NULL;
}

static void hang_up(void *line)
{
	struct slaves *s = line;
	uint64_t one = 1;

	if (s->outlet->tcp)
		wires_hang_up(&s->wires);
	else
		(void)!write(s->wake, &one, sizeof one);
}

/* What is left of a request that made no sense. */
static void drain(int fd)
{
	char trash[256];

	while (recv(fd, trash, sizeof trash, MSG_DONTWAIT) > 0)
		;
}

static void next_rtu(struct session *s)
{
	uint8_t request[MODBUS_RTU_MAX_ADU_LENGTH], id;
	struct unit *u;
	int n;

	if (recv(s->fd, &id, 1, MSG_PEEK) != 1)
		return;
	/* Each request is received as if it were ours: after one for another unit libmodbus would take
	 * the next for that unit's answer. */
	u = find(s->slaves, id);
	n = modbus_set_slave(s->modbus, id) ? -1 : modbus_receive(s->modbus, request);
	if (n < 0)
		drain(s->fd);
	else if (n > 0 && u && answer(s, request, n, u->image))
		hang_up(s->slaves);
}

static void *rtu_thread(void *arg)
{
	struct slaves *slaves = arg;
	struct session s;
	struct err e;

	if (session_open(&s, slaves, slaves->near, &e)) {
		log_line(LOG_ERROR, "%s", e.text);
		return NULL;
	}
	for (;;)
		next_rtu(&s);
}

static int pass_on(int from, int to)
{
	char bytes[512];
	ssize_t n = read(from, bytes, sizeof bytes);

	return n <= 0 ? -1 : wire_write(to, bytes, (size_t)n);
}

/* Between the line and libmodbus, until somebody hangs up. */
static void relay(struct slaves *s)
{
	struct pollfd p[] = {
		{ .fd = s->outlet->fd, .events = POLLIN }, { .fd = s->far, .events = POLLIN },
		{ .fd = s->wake, .events = POLLIN },
	};
	uint64_t count;

	for (;;) {
		poll(p, 3, -1);
		if (p[2].revents) {
			(void)!read(s->wake, &count, sizeof count);
			return;
		}
		if (p[0].revents && pass_on(s->outlet->fd, s->far))
			return;
		if (p[1].revents && pass_on(s->far, s->outlet->fd))
			return;
	}
}

static void *relay_thread(void *arg)
{
	struct slaves *s = arg;
	struct err e;

	do
		relay(s);
	while (!outlet_reopen(s->outlet, &e));
	log_line(LOG_ERROR, "%s", e.text);
	return NULL;
}

int slaves_add(struct slaves *s, struct device *d, int id, struct err *e)
{
	struct unit *u;

	if (find(s, id))
		return err_set(e, ERR_CONFIG, "%s: unit %d is there already", d->role->name, id);
	s->units = mem_grow(s->units, s->n, sizeof *s->units);
	u = &s->units[s->n];
	u->id = id;
	if (image_new(&u->image, d, e))
		return -1;
	s->n++;
	d->hang_up = hang_up;
	d->line = s;
	return 0;
}

static int start(struct slaves *s, void *(*run)(void *), struct err *e)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, run, s))
		return err_set(e, ERR_IO, "%s: cannot start a thread", s->outlet->address);
	pthread_detach(thread);
	return 0;
}

int slaves_start(struct slaves *s, struct err *e)
{
	int pair[2];

	if (s->outlet->tcp)
		return start(s, listen_thread, e);
	s->wake = eventfd(0, EFD_CLOEXEC);
	if (s->wake < 0 || socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, pair))
		return err_set(e, ERR_IO, "%s: %s", s->outlet->address, strerror(errno));
	s->near = pair[0];
	s->far = pair[1];
	return start(s, relay_thread, e) || start(s, rtu_thread, e) ? -1 : 0;
}
