/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "exchanges_own.h"

#include <stdlib.h>
#include <string.h>

#include "inputs.h"
#include "reply.h"

#define KEPT 4096                      /* more than all instruments of a bench exchange in one measurement */

struct exchanges {
	struct archive_report *report;
	struct kept ring[KEPT];
	size_t next;                   /* the oldest, which goes next */
};

struct exchanges *exchanges_new(struct archive_report *report)
{
	struct exchanges *x = mem_new(sizeof *x);

	x->report = report;
	return x;
}

void exchanges_free(struct exchanges **x)
{
	for (size_t i = 0; *x && i < KEPT; i++) {
		free((*x)->ring[i].id);
		buf_release(&(*x)->ring[i].sent);
		buf_release(&(*x)->ring[i].received);
	}
	free(*x);
	*x = NULL;
}

static void keep_bytes(struct buf *b, struct span bytes)
{
	buf_clear(b);
	buf_add(b, bytes.p, bytes.n);
}

void exchanges_add(struct exchanges *x, struct members *m)
{
	struct kept *k = &x->ring[x->next];
	bool counts = !strcmp(member_text(m, "why"), "count");

	if (!counts && strcmp(member_text(m, "why"), "measure") != 0)
		return;
	x->next = (x->next + 1) % KEPT;
	free(k->id);
	k->id = mem_string(member_text(m, "id"));
	keep_bytes(&k->sent, member_bytes(m, "sent"));
	keep_bytes(&k->received, member_bytes(m, "received"));
	k->counts = counts;
	k->length = member_int(m, "received_bytes", (int64_t)k->received.len);
}

/* The newest of that name: after a restart of the daemon they are numbered anew. */
static const struct kept *find(const struct exchanges *x, const char *id)
{
	for (size_t i = 1; i <= KEPT; i++) {
		const struct kept *k = &x->ring[(x->next + KEPT - i) % KEPT];

		if (k->id && !strcmp(k->id, id))
			return k;
	}
	return NULL;
}

void claim_say(const struct claim *c, const char *fmt, ...)
{
	char text[400];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	report_add(c->x->report, "%s, record %llu: %s", c->r->channel, (unsigned long long)c->r->seq, text);
}

static void check_reply(const struct claim *c, struct span raw)
{
	size_t shown = c->k->received.len;

	if ((int64_t)raw.n != c->k->length || raw.n < shown || (shown && memcmp(raw.p, c->k->received.data, shown)))
		claim_say(c, "its raw reply is not the one of its exchange %s", c->k->id);
}

/* The text that was sent, without what stands around it. */
static bool open_sent(const struct claim *c, struct span *text)
{
	const char *end = c->model->command_end;
	size_t n = strlen(end);
	struct err e;

	*text = (struct span){ c->k->sent.len ? c->k->sent.data : "", c->k->sent.len };
	if (text->n < n || memcmp(text->p + text->n - n, end, n))
		return false;
	text->n -= n;
	return !framing_on_commands(&c->model->frame) || framing_open(&c->model->frame, *text, text, &e) == 0;
}

static void check_input(const struct claim *c, struct span list)
{
	const char *input = c->p->input;
	struct span one;

	if (!inputs_nth(list, c->field, &one))
		claim_say(c, "it is field %lld, and its exchange %s asked for %.*s", (long long)c->field, c->k->id,
		    (int)list.n, list.p);
	else if (one.n != strlen(input) || memcmp(one.p, input, one.n))
		claim_say(c, "field %lld of its exchange %s is input %.*s, not %s", (long long)c->field, c->k->id, (int)one.n,
		    one.p, input);
}

/* A talker says it unasked; behind an acknowledgement only the enquiry was sent. */
static void check_question(const struct claim *c)
{
	char quoted[REPLY_QUOTE];
	struct span text, list;

	if (!c->p->ask || c->model->acknowledge.then_ask)
		return;
	if (!open_sent(c, &text) || !inputs_match(c->p->ask, text, &list))
		claim_say(c, "its exchange %s asked %s, the model file says %s", c->k->id,
		    reply_quote(quoted, c->k->sent.data ? c->k->sent.data : "", c->k->sent.len), c->p->ask);
	else if (point_listed(c->p))
		check_input(c, list);
}

void exchanges_check(const struct exchanges *x, const struct model *model, const struct point *p,
		     const struct record *r, struct members *m)
{
	struct claim c = { .x = x, .model = model, .p = p, .r = r, .field = member_int(m, "field", 0) };
	char *id = mem_string(member_text(m, "exchange"));

	c.k = *id ? find(x, id) : NULL;
	if (c.k && model->manner == MANNER_MODBUS) {
		claim_check_registers(&c, member_bytes(m, "raw"));
	} else if (c.k) {
		check_reply(&c, member_bytes(m, "raw"));
		check_question(&c);
	} else if (*id) {
		claim_say(&c, "its exchange %s is not on record before it", id);
	} else if (point_listed(p) && c.field != 1) {
		claim_say(&c, "it is field %lld of a reply, and names no exchange", (long long)c.field);
	}
	free(id);
}

/* How many numbers it was told there are; 0: that was not asked, or not answered so. */
static uint64_t told(const struct claim *c)
{
	struct span text;
	uint64_t count;
	struct err e;

	if (!c->k->counts || !open_sent(c, &text) || text.n != strlen(c->p->block.count_ask) ||
	    memcmp(text.p, c->p->block.count_ask, text.n) || !c->k->received.len ||
	    reply_count((struct span){ c->k->received.data, c->k->received.len }, &count, &e) < 0)
		return 0;
	return count;
}

static bool told_by_any(struct claim *c, uint64_t numbers)
{
	for (size_t i = 0; i < KEPT; i++) {
		c->k = &c->x->ring[i];
		if (c->k->id && told(c) == numbers)
			return true;
	}
	return false;
}

void exchanges_check_count(const struct exchanges *x, const struct model *model, const struct point *p,
			   const struct record *r, struct members *m)
{
	struct claim c = { .x = x, .model = model, .p = p, .r = r };
	uint64_t numbers = (uint64_t)member_int(m, "bytes", 0) / block_width(&p->block);
	char *id = mem_string(member_text(m, "counted"));

	c.k = *id ? find(x, id) : NULL;
	if (*id && !c.k)
		claim_say(&c, "its exchange %s, which counts its numbers, is not on record before it", id);
	else if (c.k && told(&c) != numbers)
		claim_say(&c, "it has %llu numbers, which its exchange %s does not say", (unsigned long long)numbers, id);
	else if (!c.k && !told_by_any(&c, numbers))
		claim_say(&c, "no exchange before it says that it has %llu numbers", (unsigned long long)numbers);
	free(id);
}
