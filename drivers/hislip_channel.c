/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hislip_channel.h"

#include <arpa/inet.h>
#include <string.h>
#include <unistd.h>

#include "fd.h"
#include "host.h"
#include "xdr.h"

#define PROLOGUE     0x4853              /* "HS" */
#define EXPLAIN_MOST 256                 /* bytes of the text that explains an error */
#define UNKNOWN_TYPE 1                   /* code of an Error */

/* IVI-6.1, tables 10 and 12, as far as they have a text. */
static const char *const fatal_errors[] = {
	"an error without a name", "a header that is none", "one of its two connections is missing",
	"the two connections were set up in another order than agreed", "it serves as many clients as it can",
};
static const char *const errors[] = {
	"an error without a name", "a message it does not know", "a control code it does not know",
	"a vendor's message it does not know", "a message longer than it takes",
};

static int tear(struct hislip_channel *c)
{
	c->torn = true;
	return -1;
}

int hislip_channel_open(struct hislip_channel *c, const struct sockaddr_storage *to, socklen_t n, int cancel,
			instant by, struct err *e)
{
	*c = (struct hislip_channel){ .fd = host_connect(to, n, cancel, by, e) };
	return c->fd < 0 ? -1 : 0;
}

void hislip_channel_close(struct hislip_channel *c)
{
	if (c->fd < 0)
		return;
	close(c->fd);
	c->fd = -1;
	buf_release(&c->out);
}

static int check(const struct hislip_channel *c, struct err *e)
{
	return c->torn ? err_set(e, ERR_CLOSED, "the connection was torn by an earlier failure") : 0;
}

static void compose(struct buf *b, enum hislip_type type, uint8_t control, uint32_t parameter, const void *payload,
		    size_t n)
{
	buf_clear(b);
	xdr_put(b, (uint32_t)PROLOGUE << 16 | (uint32_t)type << 8 | control);
	xdr_put(b, parameter);
	xdr_put_hyper(b, n);
	buf_add(b, payload, n);
}

int hislip_channel_send(struct hislip_channel *c, enum hislip_type type, uint8_t control, uint32_t parameter,
			const void *payload, size_t n, int cancel, instant by, struct err *e)
{
	size_t done = 0;

	if (check(c, e) < 0)
		return -1;
	compose(&c->out, type, control, parameter, payload, n);
	while (done < c->out.len) {
		ssize_t sent = fd_send(c->fd, c->out.data + done, c->out.len - done, cancel, by, e);

		if (sent < 0)
			return done > 0 || e->code == ERR_CLOSED ? tear(c) : -1;
		done += (size_t)sent;
	}
	return 0;
}

static size_t at_hand(const struct hislip_channel *c)
{
	return c->to - c->from;
}

size_t hislip_channel_waiting(const struct hislip_channel *c)
{
	return at_hand(c) + fd_waiting(c->fd);
}

static ssize_t receive(struct hislip_channel *c, void *data, size_t max, int cancel, instant by, struct err *e)
{
	ssize_t n = host_read(c->fd, data, max, cancel, by, e);

	return n < 0 && e->code == ERR_CLOSED ? tear(c) : n;
}

static int refill(struct hislip_channel *c, int cancel, instant by, struct err *e)
{
	ssize_t n;

	memmove(c->raw, c->raw + c->from, at_hand(c));
	c->to = at_hand(c);
	c->from = 0;
	n = receive(c, c->raw + c->to, sizeof c->raw - c->to, cancel, by, e);
	if (n < 0)
		return -1;
	c->to += (size_t)n;
	return 0;
}

static void step_over(struct hislip_channel *c)
{
	size_t n = at_hand(c) < c->left ? at_hand(c) : (size_t)c->left;

	c->from += n;
	c->left -= n;
}

static int take_head(struct hislip_channel *c, struct err *e)
{
	struct xdr x = { c->raw + c->from, HISLIP_HEADER, false };
	uint32_t first = xdr_get(&x);

	c->head = (struct hislip_head){ .type = (uint8_t)(first >> 8), .control = (uint8_t)first };
	c->head.parameter = xdr_get(&x);
	c->head.length = xdr_get_hyper(&x);
	if (first >> 16 != PROLOGUE)
		return hislip_channel_refuse(c, "what came is no HiSLIP message", e);
	c->from += HISLIP_HEADER;
	c->left = c->head.length;
	return 0;
}

/* Bytes that keep trickling in must not carry this past its deadline. */
int hislip_channel_next(struct hislip_channel *c, int cancel, instant by, struct err *e)
{
	bool more = false;

	if (check(c, e) < 0)
		return -1;
	for (;;) {
		step_over(c);
		if (!c->left && at_hand(c) >= HISLIP_HEADER)
			return take_head(c, e);
		if (more && instant_passed(by))
			return err_set(e, ERR_TIMEOUT, "timed out");
		if (refill(c, cancel, by, e) < 0)
			return -1;
		more = true;
	}
}

ssize_t hislip_channel_take(struct hislip_channel *c, void *data, size_t max, int cancel, instant by, struct err *e)
{
	size_t most = max < c->left ? max : (size_t)c->left;
	ssize_t n;

	if (check(c, e) < 0)
		return -1;
	if (at_hand(c)) {
		n = (ssize_t)(at_hand(c) < most ? at_hand(c) : most);
		memcpy(data, c->raw + c->from, (size_t)n);
		c->from += (size_t)n;
	} else {
		n = receive(c, data, most, cancel, by, e);
	}
	if (n > 0)
		c->left -= (uint64_t)n;
	return n;
}

int hislip_channel_take_all(struct hislip_channel *c, struct buf *b, int cancel, instant by, struct err *e)
{
	bool more = false;

	while (c->left > 0) {
		ssize_t n;

		if (more && instant_passed(by))
			return err_set(e, ERR_TIMEOUT, "timed out");
		buf_reserve(b, 4096);
		n = hislip_channel_take(c, b->data + b->len, b->cap - b->len - 1, cancel, by, e);
		if (n < 0)
			return -1;
		b->len += (size_t)n;
		more = true;
	}
	return 0;
}

/* The text that explains an error, as far as it can be printed; "" if there is none or it does not come. */
static void explain(struct hislip_channel *c, char text[EXPLAIN_MOST], int cancel, instant by)
{
	size_t n = 0;
	struct err ignored;

	while (c->left > 0 && n < EXPLAIN_MOST - 1) {
		ssize_t got = hislip_channel_take(c, text + n, EXPLAIN_MOST - 1 - n, cancel, by, &ignored);

		if (got < 0)
			break;
		n += (size_t)got;
	}
	for (size_t i = 0; i < n; i++)
		if (text[i] < ' ' || text[i] > '~')
			text[i] = '?';
	text[n] = '\0';
}

int hislip_channel_judge(struct hislip_channel *c, int cancel, instant by, struct err *e)
{
	bool fatal = c->head.type == HISLIP_FATAL_ERROR;
	const char *const *texts = fatal ? fatal_errors : errors;
	size_t n = fatal ? sizeof fatal_errors / sizeof *texts : sizeof errors / sizeof *texts;
	unsigned code = c->head.control;
	const char *also = "";                   /* what the number says: nothing of one without a name */
	char text[EXPLAIN_MOST];

	if (!fatal && c->head.type != HISLIP_ERROR)
		return 0;
	explain(c, text, cancel, by);
	if (!text[0] || (code > 0 && code < n))
		also = texts[code < n ? code : 0];
	err_set(e, fatal ? ERR_CLOSED : code == UNKNOWN_TYPE ? ERR_STATE : ERR_PROTOCOL, "it %s: %s%s%s (HiSLIP %s %u)",
		fatal ? "ends the session" : "complains", also, also[0] && text[0] ? ", " : "", text,
		fatal ? "fatal error" : "error", code);
	return fatal ? tear(c) : -1;
}

/* In no time: whether it goes out makes no difference to us. */
int hislip_channel_refuse(struct hislip_channel *c, const char *what, struct err *e)
{
	struct err ignored;

	compose(&c->out, HISLIP_FATAL_ERROR, 1, 0, what, strlen(what));
	fd_send(c->fd, c->out.data, c->out.len, -1, instant_now(), &ignored);
	err_set(e, ERR_PROTOCOL, "%s", what);
	return tear(c);
}
