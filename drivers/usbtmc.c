/* SPDX-License-Identifier: GPL-3.0-or-later
 * usbtmc.c - instruments on USB (USBTMC 1.0 and its subclass USB488), through the kernel's driver.
 *
 * That driver's own read() and write() block, for as long as its timeout, and cannot be cancelled.  So
 * transfers are put together here and handed to it asynchronously (USBTMC_IOCTL_READ, _WRITE, in
 * Linux since 4.20); poll() tells when they are done, and whatever is cancelled or late ends there.
 * Section numbers are those of the USBTMC specification.
 *
 * An answer is asked for (REQUEST_DEV_DEP_MSG_IN) and comes with the tag of that request; one with
 * another tag is never taken.  A request that was given up is still the instrument's to answer: before
 * anything else is said its buffers are cleared (INITIATE_CLEAR).
 *
 * Proven against a kernel driver played by the tests from its source (tests/shim/usbtmc_on_socket.c); not yet
 * seen on an instrument. */
#include <errno.h>
#include <fcntl.h>
#include <linux/usb/tmc.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "fd.h"
#include "mem.h"
#include "transport.h"
#include "usbtmc_answer.h"
#include "usbtmc_find.h"

#define URB           4096               /* what the driver transfers at once */
#define WRITE_MOST    (8 * URB - USBTMC_HEADER) /* of one message out: fewer than it keeps under way */
#define READ_FIRST    (URB / 2)          /* asked for first: one transfer, whatever its alignment is */
#define READ_MORE     (14 * URB)         /* once it is known that there is more */
#define CONTROL_MS    1000               /* what a control transfer may take: it cannot be cancelled */
#define SRQ_POLL_NS   (20 * NS_PER_MS)   /* where the instrument cannot interrupt */
#define SERVICE       0x40               /* of the status byte */

enum { DEV_DEP_MSG_OUT = 1, TRIGGER = 128 };                             /* MsgID */
enum { EOM = 1 };                        /* bmTransferAttributes */

struct usbtmc {
	int fd;
	uint8_t tag, asked_tag;
	uint8_t caps;                    /* of USB488 */
	bool asked;                      /* a request for an answer is under way */
	bool unfinished;                 /* the end of a message has not come */
	uint32_t asked_size;
	struct buf out, in;              /* a transfer out; what of one in has come, header and all */
	size_t given;                    /* bytes of in that were handed out */
	bool end;                        /* in closes its message */
};

static int failed(const char *what, struct err *e)
{
	enum err_code code = errno == ETIMEDOUT ? ERR_TIMEOUT : errno == ENODEV || errno == ESHUTDOWN ? ERR_CLOSED
		: errno == EPIPE || errno == EPROTO || errno == EPERM ? ERR_PROTOCOL : ERR_CLOSED;

	return err_set(e, code, "%s: %s", what, strerror(errno));
}

static uint8_t next_tag(struct usbtmc *u)
{
	u->tag = u->tag == UINT8_MAX ? 1 : (uint8_t)(u->tag + 1);       /* 3.2: never 0 */
	return u->tag;
}

static void put_header(struct usbtmc *u, uint8_t id, uint32_t size, uint8_t attributes)
{
	uint8_t tag = next_tag(u), h[USBTMC_HEADER] = {
		id, tag, (uint8_t)~tag, 0, (uint8_t)size, (uint8_t)(size >> 8), (uint8_t)(size >> 16), (uint8_t)(size >> 24),
		attributes };

	buf_clear(&u->out);
	buf_add(&u->out, (const char *)h, USBTMC_HEADER);
}

/* ---- out ---- */

/* The transfer in `out`, to its end.  The driver pads the last part to 4 bytes. */
static int send_out(struct usbtmc *u, int cancel, instant by, struct err *e)
{
	struct usbtmc_message m = { .transfer_size = (uint32_t)u->out.len, .flags = USBTMC_FLAG_ASYNC, .message = u->out.data };
	uint32_t done;

	if (ioctl(u->fd, USBTMC_IOCTL_WRITE, &m) < 0)
		return failed("write", e);
	if (m.transferred != u->out.len)
		return err_set(e, ERR_IO, "the driver takes %u of %zu bytes", m.transferred, u->out.len);
	if (fd_wait(u->fd, POLLOUT, cancel, by, e) < 0)
		return -1;
	if (ioctl(u->fd, USBTMC_IOCTL_WRITE_RESULT, &done) < 0)
		return failed("write", e);
	return 0;
}

/* Gives up whatever is under way, and empties the instrument's buffers (4.2.1.6). */
static int clear_buffers(struct usbtmc *u, struct err *e)
{
	ioctl(u->fd, USBTMC_IOCTL_CANCEL_IO);
	ioctl(u->fd, USBTMC_IOCTL_CLEANUP_IO);
	u->asked = u->unfinished = u->end = false;
	u->given = 0;
	buf_clear(&u->in);
	return ioctl(u->fd, USBTMC_IOCTL_CLEAR) < 0 ? failed("clear", e) : 0;
}

static ssize_t usbtmc_write(void *state, const void *data, size_t n, int cancel, instant by, struct err *e)
{
	struct usbtmc *u = state;
	size_t part = n < WRITE_MOST ? n : WRITE_MOST;

	if (u->asked && clear_buffers(u, e) < 0)
		return -1;
	put_header(u, DEV_DEP_MSG_OUT, (uint32_t)part, part == n ? EOM : 0);
	buf_add(&u->out, data, part);
	if (send_out(u, cancel, by, e) < 0)
		return -1;
	u->unfinished = false;                  /* what was left of an answer is void now: IEEE 488.2, 6.3.2.3 */
	u->given = u->in.len;
	return (ssize_t)part;
}

/* ---- in ---- */

/* 3.3.1: one transfer of at most that many bytes, and the driver waits for it. */
static int ask(struct usbtmc *u, int cancel, instant by, struct err *e)
{
	struct usbtmc_message m = { .flags = USBTMC_FLAG_ASYNC };

	u->asked_size = u->unfinished ? READ_MORE : READ_FIRST;
	put_header(u, USBTMC_MSG_IN, u->asked_size, 0);
	u->asked_tag = u->tag;
	if (send_out(u, cancel, by, e) < 0)
		return -1;
	u->asked = true;
	u->given = 0;
	u->end = false;
	buf_clear(&u->in);
	buf_reserve(&u->in, u->asked_size + 2 * URB);
	m.transfer_size = u->unfinished ? READ_MORE + URB : URB;
	m.message = u->in.data;
	if (ioctl(u->fd, USBTMC_IOCTL_READ, &m) < 0 && errno != EAGAIN)
		return failed("read", e);
	u->in.len = m.transferred;
	return 0;
}

/* 1: the transfer is over; 0: more is to come. */
static int receive(struct usbtmc *u, struct err *e)
{
	struct usbtmc_message m = { .flags = USBTMC_FLAG_ASYNC };
	uint32_t whole = u->unfinished ? READ_MORE + URB : URB;
	int over;

	m.transfer_size = whole - (uint32_t)u->in.len;
	m.message = u->in.data + u->in.len;
	over = ioctl(u->fd, USBTMC_IOCTL_READ, &m);
	if (over < 0 && errno != EAGAIN)
		return failed("read", e);
	u->in.len += m.transferred;
	return over > 0 || u->in.len >= whole;
}

/* What is handed out from here on. */
static int open_answer(struct usbtmc *u, struct err *e)
{
	struct usbtmc_answer a;

	if (usbtmc_answer_parse(&a, u->in.data, u->in.len, u->asked_tag, u->asked_size, e) < 0)
		return -1;
	u->given = (size_t)(a.bytes - u->in.data);
	u->in.len = u->given + a.n;
	u->end = a.end;
	return 0;
}

static int fetch(struct usbtmc *u, int cancel, instant by, struct err *e)
{
	int over;

	if (!u->asked && ask(u, cancel, by, e) < 0)
		return -1;
	do {
		if (fd_wait(u->fd, POLLIN, cancel, by, e) < 0)
			return -1;
		over = receive(u, e);
		if (over == 0 && instant_passed(by))
			return err_set(e, ERR_TIMEOUT, "timed out");
	} while (over == 0);
	if (over < 0)
		return -1;
	u->asked = false;
	return open_answer(u, e);
}

static ssize_t usbtmc_read(void *state, void *data, size_t max, bool *end, int cancel, instant by, struct err *e)
{
	struct usbtmc *u = state;
	size_t n;

	if (u->given >= u->in.len && fetch(u, cancel, by, e) < 0)
		return -1;
	n = u->in.len - u->given < max ? u->in.len - u->given : max;
	memcpy(data, u->in.data + u->given, n);
	u->given += n;
	*end = u->end && u->given == u->in.len;
	u->unfinished = !*end;
	return (ssize_t)n;
}

/* The rest of a message whose end has not come counts: it must be read before a question. */
static size_t usbtmc_waiting(void *state)
{
	const struct usbtmc *u = state;

	return u->unfinished;
}

/* ---- beside the messages ---- */

/* A clear ends what the instrument is doing; the second one takes what it has said in the meantime. */
static ssize_t usbtmc_clear(void *state, int64_t silence_ns, int cancel, instant by, struct err *e)
{
	struct usbtmc *u = state;

	if (clear_buffers(u, e) < 0)
		return -1;
	if (instant_after(silence_ns) > by)
		return err_set(e, ERR_TIMEOUT, "no silence of %lld ms before the deadline", (long long)(silence_ns / NS_PER_MS));
	if (fd_wait(-1, 0, cancel, instant_after(silence_ns), e) < 0 && e->code != ERR_TIMEOUT)
		return -1;
	return clear_buffers(u, e);
}

static int usbtmc_status(void *state, uint8_t *status, int cancel, instant by, struct err *e)
{
	struct usbtmc *u = state;

	(void)cancel;
	(void)by;
	if (!u->caps)
		return err_set(e, ERR_STATE, "the instrument has no status byte beside its messages (USB488)");
	return ioctl(u->fd, USBTMC488_IOCTL_READ_STB, status) < 0 ? failed("status byte", e) : 0;
}

static int usbtmc_wait_srq(void *state, uint8_t *status, int cancel, instant by, struct err *e)
{
	struct usbtmc *u = state;

	for (;;) {
		instant look = instant_after(SRQ_POLL_NS);

		if (usbtmc_status(u, status, cancel, by, e) < 0)
			return -1;
		if (*status & SERVICE)
			return 0;
		if (instant_passed(by))
			return err_set(e, ERR_TIMEOUT, "no service request");
		if (fd_wait(u->fd, POLLPRI, cancel, look < by ? look : by, e) < 0 && e->code != ERR_TIMEOUT)
			return -1;
	}
}

/* USB488, 3.2.1.1 */
static int usbtmc_trigger(void *state, int cancel, instant by, struct err *e)
{
	struct usbtmc *u = state;

	if (!(u->caps & USBTMC488_CAPABILITY_TRIGGER))
		return err_set(e, ERR_STATE, "the instrument has no trigger beside its messages (USB488)");
	put_header(u, TRIGGER, 0, 0);
	return send_out(u, cancel, by, e);
}

/* ---- opening ---- */

static int prepare(struct usbtmc *u, struct err *e)
{
	uint32_t ms = CONTROL_MS;

	if (flock(u->fd, LOCK_EX | LOCK_NB) < 0)
		return err_set(e, ERR_CLOSED, "another program uses it");
	if (ioctl(u->fd, USBTMC_IOCTL_SET_TIMEOUT, &ms) < 0)
		return err_set(e, ERR_CONFIG, "the kernel's driver is too old (Linux 4.20): %s", strerror(errno));
	if (ioctl(u->fd, USBTMC488_IOCTL_GET_CAPS, &u->caps) < 0)
		u->caps = 0;
	return 0;
}

static void usbtmc_close(void *state)
{
	struct usbtmc *u = state;

	if (u->asked) {                         /* closing would wait a second for it */
		ioctl(u->fd, USBTMC_IOCTL_CANCEL_IO);
		ioctl(u->fd, USBTMC_IOCTL_CLEANUP_IO);
	}
	if (u->caps & USBTMC488_CAPABILITY_GOTO_LOCAL)
		ioctl(u->fd, USBTMC488_IOCTL_GOTO_LOCAL);
	close(u->fd);
	buf_release(&u->out);
	buf_release(&u->in);
	free(u);
}

static int cannot_open(const char *path, struct err *e)
{
	bool may_not = errno == EACCES || errno == EPERM;

	return err_set(e, may_not ? ERR_CONFIG : ERR_CLOSED, "%s: %s%s", path, strerror(errno),
		       may_not ? ": a udev rule gives it to a group (docs/files.md)" : "");
}

static int usbtmc_open(void **state, const char *place, const struct line *line, int cancel, instant by, struct err *e)
{
	char path[USBTMC_PATH];
	struct usbtmc *u;
	int fd;

	(void)line;
	(void)cancel;
	(void)by;
	if (usbtmc_find(place, path, e) < 0)
		return -1;
	fd = open(path, O_RDWR | O_CLOEXEC);
	if (fd < 0)
		return cannot_open(path, e);
	u = mem_new(sizeof *u);
	u->fd = fd;
	if (prepare(u, e) < 0) {
		err_wrap(e, "%s", path);
		usbtmc_close(u);
		return -1;
	}
	*state = u;
	return 0;
}

static int usbtmc_fd(void *state)
{
	(void)state;
	return -1;
}

static int usbtmc_wire(void *state)
{
	const struct usbtmc *u = state;

	return u->fd;
}

const struct transport transport_usbtmc = {
	.scheme = "usb", .open = usbtmc_open, .write = usbtmc_write, .read = usbtmc_read, .waiting = usbtmc_waiting,
	.close = usbtmc_close, .fd = usbtmc_fd, .wire = usbtmc_wire, .clear = usbtmc_clear,
	.status = usbtmc_status, .wait_srq = usbtmc_wait_srq, .trigger = usbtmc_trigger,
};
