/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sketch.h"

#include <stdlib.h>
#include <string.h>

/* ---- the session ---- */

static const char *const ends[] = { "\r\n", "\n", "\r" };

static bool ends_with(const struct buf *b, const char *end)
{
	size_t n = strlen(end);

	return b->len >= n && !memcmp(b->data + b->len - n, end, n);
}

/* How many of what was said that way end so, and how many there are. */
static size_t count_ends(const struct transcript *t, bool sent, const char *end, size_t *all)
{
	size_t n = 0;

	*all = 0;
	for (size_t i = 0; i < t->n_turns; i++)
		for (size_t k = 0; k < t->turns[i].n_sayings; k++) {
			const struct saying *s = &t->turns[i].sayings[k];

			*all += s->sent == sent && s->bytes.len > 0;
			n += s->sent == sent && ends_with(&s->bytes, end);
		}
	return n;
}

/* The longest that most have. */
static struct common_end find_end(const struct transcript *t, bool sent)
{
	struct common_end best = { "", 0, 0 };

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		size_t n = count_ends(t, sent, ends[i], &best.all);

		if (n > best.with)
			best = (struct common_end){ ends[i], n, best.all };
	}
	return best;
}

static struct span without(const struct buf *b, const struct common_end *end)
{
	return (struct span){ b->len ? b->data : "", b->len - (ends_with(b, end->text) ? strlen(end->text) : 0) };
}

/* The answer to what was sent last; what comes behind it is not looked at. */
static void hear(struct sketch *d, const struct saying *s)
{
	struct asked *a = d->n ? &d->list[d->n - 1] : NULL;

	if (!a || a->answered)
		return;
	a->answered = true;
	a->reply = without(&s->bytes, &d->reply_end);
	a->took_ns = s->after_ns;
	if (s->after_ns > d->longest_ns)
		d->longest_ns = s->after_ns;
}

static void take_turn(struct sketch *d, const struct turn *u)
{
	for (size_t i = 0; i < u->n_sayings; i++) {
		const struct saying *s = &u->sayings[i];

		if (s->kind)
			continue;
		if (!s->sent) {
			hear(d, s);
			continue;
		}
		d->list = mem_grow(d->list, d->n, sizeof *d->list);
		d->list[d->n++] = (struct asked){ .sent = without(&s->bytes, &d->command_end), .took_ns = -1 };
	}
}

/* ---- writing ---- */

void sketch_quote(struct buf *out, struct span text)
{
	buf_putc(out, '"');
	for (size_t i = 0; i < text.n; i++) {
		unsigned char c = (unsigned char)text.p[i];

		if (c == '"' || c == '\\')
			buf_printf(out, "\\%c", c);
		else if (c == '\n' || c == '\r')
			buf_puts(out, c == '\n' ? "\\n" : "\\r");
		else
			buf_printf(out, c < ' ' || c > '~' ? "\\x%02X" : "%c", c);
	}
	buf_putc(out, '"');
}

void sketch_escape(struct buf *out, struct span text)
{
	for (size_t i = 0; i < text.n; i++) {
		if (text.p[i] == '^' || text.p[i] == '\\')
			buf_printf(out, "\\%c", text.p[i]);
		else
			buf_printf(out, strchr(".[*+?(){}|$", text.p[i]) ? "[%c]" : "%c", text.p[i]);
	}
}

void sketch_time(struct buf *out, int64_t ns)
{
	static const int64_t steps[] = { 1, 2, 5, 10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10000, 20000, 60000 };
	size_t i = 0;

	while (i + 1 < sizeof steps / sizeof *steps && steps[i] * NS_PER_MS < ns)
		i++;
	if (steps[i] < 1000)
		buf_printf(out, "%d ms", (int)steps[i]);
	else
		buf_printf(out, "%d s", (int)steps[i] / 1000);
}

/* Where it comes from, for the file and for whoever asks years later. */
static void write_head(struct sketch *d)
{
	const struct transcript *t = d->t;

	buf_printf(d->out, "# Drafted from a conversation of %s%s%s.  Each line with TODO wants a person: `etalon check` stops\n"
		   "# there until the line is taken away.\n", t->date, t->address ? " with " : "", t->address ? t->address : "");
	buf_printf(d->out, "model: %s\n# TODO title: what it is, for people\ntitle: %s\n", d->name, d->name);
}

static void write_seen(struct sketch *d)
{
	const struct transcript *t = d->t;
	char *seen = t->instrument ? mem_format("%s by %s: serial number %s, firmware %s", t->date, t->by, t->serial,
						t->firmware) : mem_string(t->manual ? "manual" : "simulated");

	buf_puts(d->out, "seen: ");
	sketch_quote(d->out, (struct span){ seen, strlen(seen) });
	buf_putc(d->out, '\n');
	free(seen);
}

bool sketch_is_modbus(const struct transcript *t)
{
	return t->address && !strncmp(t->address, "modbus+", 7);
}

void sketch_model(const struct transcript *t, const char *name, struct buf *out)
{
	bool modbus = sketch_is_modbus(t);
	struct sketch d = { .t = t, .name = name, .out = out, .command_end = { "", 0, 0 }, .reply_end = { "", 0, 0 } };

	if (!modbus) {
		d.command_end = find_end(t, true);
		d.reply_end = find_end(t, false);
	}
	for (size_t i = 0; i < t->n_turns; i++)
		take_turn(&d, &t->turns[i]);
	write_head(&d);
	write_seen(&d);
	(modbus ? sketch_modbus : sketch_lines)(&d);
	free(d.list);
}
