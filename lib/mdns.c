/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "mdns.h"

#include <stdio.h>
#include <string.h>
#include <strings.h>

#define HEADER     12
#define LABEL_MOST 63
#define JUMPS_MOST 32            /* of one name: a message of hostile pointers ends */
#define RECORDS_MOST 500
#define CLASS_IN   1
#define UNICAST    0x8000        /* of a question: answer to the asker alone (RFC 6762, 5.4) */
#define RESPONSE   0x80          /* of the first byte of the flags */

struct reader {
	const uint8_t *p;
	size_t n, at;
	bool bad;
};

/* ---- asking ---- */

static void put16(struct buf *out, unsigned v)
{
	buf_putc(out, (char)(v >> 8));
	buf_putc(out, (char)v);
}

static bool put_name(struct buf *out, const char *name)
{
	if (strlen(name) > MDNS_NAME - 2)
		return false;
	for (const char *p = name; *p;) {
		size_t n = strcspn(p, ".");

		if (n == 0 || n > LABEL_MOST)
			return false;
		buf_putc(out, (char)n);
		buf_add(out, p, n);
		p += n + (p[n] == '.');
	}
	buf_putc(out, '\0');
	return true;
}

void mdns_query(struct buf *out, const char *const *services, size_t n)
{
	unsigned asked = 0;
	size_t start = out->len;

	for (int i = 0; i < HEADER; i++)
		buf_putc(out, '\0');
	for (size_t i = 0; i < n; i++) {
		size_t before = out->len;

		if (!put_name(out, services[i])) {
			out->len = before;
			continue;
		}
		put16(out, MDNS_PTR);
		put16(out, CLASS_IN | UNICAST);
		asked++;
	}
	out->data[start + 5] = (char)asked;
}

/* ---- what comes back ---- */

static unsigned get8(struct reader *r)
{
	if (r->at >= r->n) {
		r->bad = true;
		return 0;
	}
	return r->p[r->at++];
}

static unsigned get16(struct reader *r)
{
	unsigned high = get8(r);

	return high << 8 | get8(r);
}

static void skip(struct reader *r, size_t n)
{
	if (n > r->n - r->at) {
		r->bad = true;
		n = r->n - r->at;
	}
	r->at += n;
}

/* One label to the end of the name; control characters as '?', for it will be printed. */
static void add_label(struct reader *r, size_t n, char *out, size_t *len)
{
	if (*len + n + 2 > MDNS_NAME) {
		r->bad = true;
		return;
	}
	if (*len)
		out[(*len)++] = '.';
	for (size_t i = 0; i < n; i++) {
		unsigned c = get8(r);

		out[(*len)++] = (char)(c < ' ' || c == 127 ? '?' : c);
	}
}

/* A name, which may go on elsewhere in the message (RFC 1035, 4.1.4); reading goes on behind it here. */
static void get_name(struct reader *r, char out[MDNS_NAME])
{
	struct reader at = *r;
	size_t len = 0;
	int jumps = 0;

	for (;;) {
		unsigned n = get8(&at);

		if (n >= 0xC0) {
			size_t to = (n & 0x3F) << 8 | get8(&at);

			if (!jumps)
				r->at = at.at;
			if (to >= at.n || ++jumps > JUMPS_MOST)
				at.bad = true;
			at.at = to;
		} else if (n > LABEL_MOST) {
			at.bad = true;
		} else if (n) {
			add_label(&at, n, out, &len);
		}
		if (at.bad || n == 0)
			break;
	}
	if (!jumps)
		r->at = at.at;
	r->bad |= at.bad;
	out[len] = '\0';
}

/* What belongs to the type; reading goes on behind it. */
static void get_data(struct reader *r, struct mdns_record *x, size_t length)
{
	size_t end = r->at + length;

	if (length > r->n - r->at) {
		r->bad = true;
		return;
	}
	if (x->type == MDNS_PTR) {
		get_name(r, x->target);
	} else if (x->type == MDNS_SRV) {
		skip(r, 4);              /* priority, weight */
		x->port = (uint16_t)get16(r);
		get_name(r, x->target);
	} else if (x->type == MDNS_A) {
		for (int i = 0; i < 4; i++)
			x->address[i] = (uint8_t)get8(r);
	} else {
		x->text = r->p + r->at;
		x->text_n = length;
		r->at = end;
	}
	r->bad |= r->at != end;
}

static bool known(int type)
{
	return type == MDNS_A || type == MDNS_PTR || type == MDNS_TXT || type == MDNS_SRV;
}

/* 1: handed out; 0: not of ours, or broken. */
static int get_record(struct reader *r, void (*each)(void *who, const struct mdns_record *x), void *who)
{
	struct mdns_record x = { .type = 0 };
	size_t length;

	get_name(r, x.name);
	x.type = (int)get16(r);
	skip(r, 6);                      /* class, time to live */
	length = get16(r);
	if (r->bad)
		return 0;
	if (!known(x.type)) {
		skip(r, length);
		return 0;
	}
	get_data(r, &x, length);
	if (r->bad)
		return 0;
	each(who, &x);
	return 1;
}

int mdns_read(const void *message, size_t n, void (*each)(void *who, const struct mdns_record *r), void *who)
{
	struct reader r = { .p = message, .n = n };
	unsigned questions, records = 0;
	char name[MDNS_NAME];
	int given = 0;

	if (n < HEADER || !(r.p[2] & RESPONSE))
		return -1;
	r.at = 4;
	questions = get16(&r);
	for (int i = 0; i < 3; i++)
		records += get16(&r);    /* answers, authorities, additional ones */
	for (; questions > 0 && !r.bad; questions--) {
		get_name(&r, name);
		skip(&r, 4);
	}
	for (unsigned i = 0; i < records && i < RECORDS_MOST && !r.bad; i++)
		given += get_record(&r, each, who);
	return r.bad ? -1 : given;
}

static bool copy_value(const uint8_t *p, size_t n, char *out, size_t size)
{
	size_t k = n < size ? n : size - 1;

	for (size_t i = 0; i < k; i++)
		out[i] = (char)(p[i] < ' ' || p[i] > '~' ? '?' : p[i]);
	out[k] = '\0';
	return true;
}

bool mdns_property(const struct mdns_record *r, const char *key, char *out, size_t size)
{
	size_t k = strlen(key);

	for (size_t at = 0; at < r->text_n;) {
		size_t n = r->text[at];
		const char *p = (const char *)r->text + at + 1;

		if (n > r->text_n - at - 1)
			return false;
		if (n > k && p[k] == '=' && !strncasecmp(p, key, k))
			return copy_value(r->text + at + 1 + k + 1, n - k - 1, out, size);
		at += 1 + n;
	}
	return false;
}
