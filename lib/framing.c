/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "framing.h"

#include <string.h>

#include "checksum.h"

/* The checksum over what it covers: the body (address and text), and perhaps what is around it. */
static size_t write_sum(const struct framing_sum *s, struct span covered, char text[CHECKSUM_TEXT])
{
	return checksum_write(s->kind, s->form, s->order, checksum(s->kind, covered.p, covered.n), text);
}

static size_t length(const char *text)
{
	return text ? strlen(text) : 0;
}

static void put(struct buf *out, const char *text)
{
	if (text)
		buf_puts(out, text);
}

static void put_sum(const struct framing *f, size_t start, size_t body, struct buf *out)
{
	size_t from = f->sum.covers & COVERS_START ? start : body;
	size_t to = out->len;
	char text[CHECKSUM_TEXT];
	size_t n;

	if (f->sum.place == PLACE_AFTER_END && !(f->sum.covers & COVERS_END))
		to -= length(f->end);
	n = write_sum(&f->sum, (struct span){ out->data + from, to - from }, text);
	put(out, f->sum.separator);
	buf_add(out, text, n);
}

void framing_wrap(const struct framing *f, struct span text, struct buf *out)
{
	size_t start = out->len, body;

	put(out, f->start);
	body = out->len;
	put(out, f->address);
	buf_add(out, text.p, text.n);
	if (f->sum.given && f->sum.place == PLACE_BEFORE_END)
		put_sum(f, start, body, out);
	put(out, f->end);
	if (f->sum.given && f->sum.place == PLACE_AFTER_END)
		put_sum(f, start, body, out);
}

static bool cut_head(struct span *s, const char *text)
{
	size_t n = length(text);

	if (s->n < n || (n && memcmp(s->p, text, n)))
		return false;
	*s = (struct span){ s->p + n, s->n - n };
	return true;
}

static bool cut_tail(struct span *s, const char *text)
{
	size_t n = length(text);

	if (s->n < n || (n && memcmp(s->p + s->n - n, text, n)))
		return false;
	s->n -= n;
	return true;
}

/* The last bytes are the checksum, and before it stands its separator. */
static bool cut_sum(const struct framing_sum *s, struct span *rest, struct span *sum)
{
	size_t n = checksum_size(s->kind, s->form);

	if (rest->n < n)
		return false;
	rest->n -= n;
	*sum = (struct span){ rest->p + rest->n, n };
	return cut_tail(rest, s->separator);
}

static bool same_sum(const struct framing_sum *s, struct span said, const char *right)
{
	bool hex = s->form == CHECKSUM_HEX_UPPER || s->form == CHECKSUM_HEX_LOWER;

	return hex ? !strncasecmp(said.p, right, said.n) : !memcmp(said.p, right, said.n);
}

static void hexadecimal(const char *p, size_t n, char out[2 * CHECKSUM_TEXT])
{
	out[0] = '\0';
	for (size_t i = 0; i < n; i++)
		snprintf(out + 2 * i, 3, "%02X", (unsigned char)p[i]);
}

static int check_sum(const struct framing *f, struct span message, struct span body, struct span said, struct err *e)
{
	const struct framing_sum *s = &f->sum;
	struct span covered = body;
	char right[CHECKSUM_TEXT], is[2 * CHECKSUM_TEXT], should[2 * CHECKSUM_TEXT];
	size_t n;

	if (s->covers & COVERS_START)
		covered = (struct span){ message.p, (size_t)(body.p - message.p) + body.n };
	if (s->covers & COVERS_END)
		covered.n += length(f->end);
	n = write_sum(s, covered, right);
	if (same_sum(s, said, right))
		return 0;
	if (s->form != CHECKSUM_BINARY)
		return err_set(e, ERR_PROTOCOL, "the checksum of the message is %.*s, its bytes give %s",
			       (int)said.n, said.p, right);
	hexadecimal(said.p, said.n, is);
	hexadecimal(right, n, should);
	return err_set(e, ERR_PROTOCOL, "the checksum of the message is %s (hexadecimal), its bytes give %s", is, should);
}

int framing_open(const struct framing *f, struct span message, struct span *text, struct err *e)
{
	struct span rest = message, sum = { "", 0 };
	bool before = f->sum.given && f->sum.place == PLACE_BEFORE_END;
	bool after = f->sum.given && f->sum.place == PLACE_AFTER_END;

	if (!cut_head(&rest, f->start))
		return err_set(e, ERR_PROTOCOL, "the message does not begin as its frame should");
	if ((after && !cut_sum(&f->sum, &rest, &sum)) || !cut_tail(&rest, f->end) ||
	    (before && !cut_sum(&f->sum, &rest, &sum)))
		return err_set(e, ERR_PROTOCOL, "the message does not end as its frame should");
	if (f->sum.given && check_sum(f, message, rest, sum, e) < 0)
		return -1;
	if (!cut_head(&rest, f->address))
		return err_set(e, ERR_PROTOCOL, "the message is not from address %s", f->address);
	*text = rest;
	return 0;
}

char *framing_mark(const struct framing *f, const char *message_end, size_t *behind)
{
	*behind = 0;
	if (!f->sum.given || f->sum.place == PLACE_BEFORE_END)
		return mem_format("%s%s", f->end ? f->end : "", message_end);
	*behind = length(f->sum.separator) + checksum_size(f->sum.kind, f->sum.form) + strlen(message_end);
	return mem_string(f->end);
}

void framing_find_mark(struct framing *f, const char *reply_end)
{
	if (framing_on_replies(f))
		f->mark = framing_mark(f, reply_end, &f->behind);
}
