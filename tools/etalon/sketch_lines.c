/* SPDX-License-Identifier: GPL-3.0-or-later
 * sketch_lines.c - the draft of a model that is spoken to in lines. */
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "idn.h"
#include "sketch.h"

#define QUICKEST_NS (1 * NS_PER_S)       /* no timeout is shorter: an instrument may have to think once */
#define MARGIN      10                   /* by which a timeout exceeds what was seen */

enum role { ROLE_COMMAND, ROLE_IDENTITY, ROLE_ERRORS, ROLE_HOUSEKEEPING, ROLE_NUMBER, ROLE_TEXT, ROLE_REPEATED };

static bool begins(struct span s, const char *with)
{
	size_t n = strlen(with);

	return s.n >= n && !strncasecmp(s.p, with, n);
}

static bool same(struct span a, struct span b)
{
	return a.n == b.n && !memcmp(a.p, b.p, a.n);
}

static bool is_housekeeping(struct span s)
{
	return begins(s, "*OPC?") || begins(s, "*STB?") || begins(s, "*ESR?") || begins(s, "*TST?") || begins(s, "*OPT?");
}

static enum role role_of(const struct sketch *d, size_t i)
{
	const struct asked *a = &d->list[i];
	struct number_form f;

	for (size_t k = 0; k < i; k++)
		if (same(d->list[k].sent, a->sent) && d->list[k].answered == a->answered)
			return ROLE_REPEATED;
	if (!a->answered)           /* a question without an answer tells nothing, and would make init wait for nobody */
		return a->sent.n && !memchr(a->sent.p, '?', a->sent.n) ? ROLE_COMMAND : ROLE_HOUSEKEEPING;
	if (begins(a->sent, "*IDN?") || begins(a->sent, "ID?"))
		return ROLE_IDENTITY;
	if (begins(a->sent, "SYST:ERR") || begins(a->sent, ":SYST:ERR") || begins(a->sent, "ERR?"))
		return ROLE_ERRORS;
	if (is_housekeeping(a->sent))
		return ROLE_HOUSEKEEPING;
	return guess_number(a->reply, &f) ? ROLE_NUMBER : ROLE_TEXT;
}

static const struct asked *find(const struct sketch *d, enum role role)
{
	for (size_t i = 0; i < d->n; i++)
		if (role_of(d, i) == role)
			return &d->list[i];
	return NULL;
}

/* A key whose value is quoted text. */
static void put_text(struct sketch *d, const char *key, struct span text)
{
	buf_puts(d->out, key);
	sketch_quote(d->out, text);
	buf_putc(d->out, '\n');
}

static struct span of(const char *s)
{
	return (struct span){ s, strlen(s) };
}

/* A number of a reply as a TODO line quotes it. */
static void put_quoted(struct sketch *d, struct span text)
{
	sketch_quote(d->out, (struct span){ text.p, text.n < 60 ? text.n : 60 });
}

/* ---- identity ---- */

/* Four fields, as IEEE 488.2, 10.14.3 wants them. */
static bool split_identity(struct span reply, struct span field[IDN_FIELDS])
{
	size_t n = 0;

	for (const char *p = reply.p, *end = reply.p + reply.n; n < IDN_FIELDS; n++) {
		const char *comma = n + 1 < IDN_FIELDS ? memchr(p, ',', (size_t)(end - p)) : NULL;

		if (!comma && n + 1 < IDN_FIELDS)
			return false;
		field[n] = (struct span){ p, (size_t)((comma ? comma : end) - p) };
		p = comma ? comma + 1 : end;
	}
	return true;
}

static void put_pattern(struct sketch *d, const char *key, const struct buf *pattern)
{
	put_text(d, key, (struct span){ pattern->data, pattern->len });
}

static void write_identity(struct sketch *d, const struct asked *a)
{
	struct span f[IDN_FIELDS];
	struct buf pattern = { 0 };
	bool four = split_identity(a->reply, f);

	buf_puts(&pattern, "^");
	sketch_escape(&pattern, four ? (struct span){ a->reply.p, (size_t)(f[2].p - a->reply.p) } : a->reply);
	buf_puts(&pattern, four ? "([^,]+),(.*)$" : "$");
	buf_puts(d->out, "identity:\n");
	put_text(d, "  ask: ", a->sent);
	if (!four)
		buf_puts(d->out, "  # TODO serial and firmware: which groups ( ) of the pattern hold them, if any does\n");
	put_pattern(d, "  expect: ", &pattern);
	if (four)
		buf_puts(d->out, "  serial: 1\n  firmware: 2\n");
	buf_release(&pattern);
}

static void write_maker(struct sketch *d, const struct asked *identity)
{
	struct span f[IDN_FIELDS] = { { "", 0 }, { "", 0 } };
	bool four = identity && split_identity(identity->reply, f);
	struct span number = idn_number(f[1]);

	if (!four || !idn_trim(f[0]).n || !number.n) {
		buf_puts(d->out, "# TODO manufacturer and number\n");
		number = of("?");
		f[0] = number;
	}
	put_text(d, "manufacturer: ", idn_trim(f[0]));
	put_text(d, "number: ", number);
}

/* ---- the line ---- */

static void write_end(struct sketch *d, const char *key, const struct common_end *end)
{
	if (end->with < end->all)
		buf_printf(d->out, "# TODO %s: %zu of %zu end so\n", key, end->with, end->all);
	else if (!end->all || !strcmp(end->text, "\n"))
		return;
	buf_printf(d->out, "%s: ", key);
	sketch_quote(d->out, of(end->text));
	buf_putc(d->out, '\n');
}

/* What the address said of a serial line holds for the model. */
static void write_line(struct sketch *d)
{
	const char *options = d->t->address ? strchr(d->t->address, '?') : NULL;
	const char *comma = "";

	if (!options || !strchr(options, '='))
		return;
	buf_puts(d->out, "line: {");
	for (const char *p = options + 1; *p;) {
		size_t n = strcspn(p, "&"), key = strcspn(p, "=");

		if (key < n && strncmp(p, "unit", key)) {
			buf_printf(d->out, "%s%.*s: %.*s", comma, (int)key, p, (int)(n - key - 1), p + key + 1);
			comma = ", ";
		}
		p += n + (p[n] == '&');
	}
	buf_puts(d->out, "}\n");
}

static void write_times(struct sketch *d)
{
	buf_puts(d->out, "timeout: ");
	sketch_time(d->out, d->longest_ns * MARGIN > QUICKEST_NS ? d->longest_ns * MARGIN : QUICKEST_NS);
	buf_printf(d->out, "\n# TODO latency: the longest it may ever take to answer; %.0f ms was the longest that was seen\n"
		   "latency: ", (double)d->longest_ns / 1e6);
	sketch_time(d->out, d->longest_ns * MARGIN > 2 * QUICKEST_NS ? d->longest_ns * MARGIN : 2 * QUICKEST_NS);
	buf_putc(d->out, '\n');
}

/* ---- commands and state ---- */

/* "SOUR:VOLT 2" where "SOUR:VOLT?" was answered with a number: the command without its value. */
static bool sets_what_is_read(const struct sketch *d, const struct asked *command, struct span *header,
			      const struct asked **question)
{
	const char *blank = memchr(command->sent.p, ' ', command->sent.n);
	struct number_form f;

	if (!blank || !guess_number((struct span){ blank + 1, command->sent.n - (size_t)(blank + 1 - command->sent.p) }, &f) ||
	    f.before.n || f.behind.n || f.fields > 1)
		return false;
	*header = (struct span){ command->sent.p, (size_t)(blank - command->sent.p) };
	for (size_t i = 0; i < d->n; i++) {
		const struct asked *a = &d->list[i];

		if (a->answered && a->sent.n == header->n + 1 && !memcmp(a->sent.p, header->p, header->n) &&
		    a->sent.p[header->n] == '?' && guess_number(a->reply, &f)) {
			*question = a;
			return true;
		}
	}
	return false;
}

static bool is_set(const struct sketch *d, size_t i)
{
	const struct asked *question;
	struct span header;

	return role_of(d, i) == ROLE_COMMAND && sets_what_is_read(d, &d->list[i], &header, &question);
}

/* Is the question the read-back of something that was set? */
static bool is_readback(const struct sketch *d, const struct asked *a)
{
	const struct asked *question;
	struct span header;

	for (size_t i = 0; i < d->n; i++)
		if (is_set(d, i) && sets_what_is_read(d, &d->list[i], &header, &question) && same(question->sent, a->sent))
			return true;
	return false;
}

static void write_init(struct sketch *d)
{
	bool any = false;

	for (size_t i = 0; i < d->n; i++) {
		if (role_of(d, i) != ROLE_COMMAND || is_set(d, i))
			continue;
		if (!any)
			buf_puts(d->out, "# TODO init: keep what brings it into a known state, in this order\ninit:\n");
		any = true;
		put_text(d, "  - ", d->list[i].sent);
	}
}

static void write_state(struct sketch *d)
{
	bool any = false;

	for (size_t i = 0; i < d->n; i++) {
		struct buf pattern = { 0 };

		if (role_of(d, i) != ROLE_TEXT)
			continue;
		if (!any)
			buf_puts(d->out, "# TODO state: keep what proves that known state\nstate:\n");
		any = true;
		buf_puts(&pattern, "^");
		sketch_escape(&pattern, d->list[i].reply);
		buf_puts(&pattern, "$");
		put_text(d, "  - ask: ", d->list[i].sent);
		put_pattern(d, "    expect: ", &pattern);
		buf_release(&pattern);
	}
}

static void write_errors(struct sketch *d, const struct asked *a)
{
	size_t sign = a->reply.n && strchr("+-", a->reply.p[0]) ? 1 : 0;
	bool none = a->reply.n > sign && a->reply.p[sign] == '0';
	bool more = none && a->reply.n > sign + 1 && a->reply.p[sign + 1] == ',';

	if (!none)
		buf_puts(d->out, "# TODO errors: what it says when there is no error; this was one\n");
	buf_puts(d->out, "errors:\n");
	put_text(d, "  ask: ", a->sent);
	put_text(d, "  ok: ", of(more || !none ? "^[+-]?0," : "^[+-]?0$"));
}

/* ---- points ---- */

static void write_simulate(struct sketch *d, const struct kind *k, const struct asked *a, const struct number_form *f)
{
	struct buf format = { 0 };

	buf_printf(d->out, "    simulate:\n      node: %s\n", k ? k->node : "voltage");
	if (a->took_ns > 0)
		buf_printf(d->out, "      delay: %lld ms\n", (long long)((a->took_ns + NS_PER_MS - 1) / NS_PER_MS));
	buf_add(&format, f->before.p, f->before.n);
	buf_puts(&format, f->format);
	buf_add(&format, f->behind.p, f->behind.n);
	if (!f->field && !memchr(f->before.p, '%', f->before.n) && !memchr(f->behind.p, '%', f->behind.n))
		put_pattern(d, "      format: ", &format);
	buf_release(&format);
}

/* Where the number stands: alone, before its unit, in a field, or in a pattern of its surroundings. */
static void write_form(struct sketch *d, const struct number_form *f, struct span suffix)
{
	struct buf pattern = { 0 };

	if (f->field) {
		buf_printf(d->out, "    field: %zu\n", f->field);
	} else if (idn_trim(f->before).n || (idn_trim(f->behind).n && !suffix.n)) {
		buf_puts(&pattern, "^");
		sketch_escape(&pattern, f->before);
		buf_puts(&pattern, "([-+]?[0-9.]+([eE][-+]?[0-9]+)?)");
		sketch_escape(&pattern, f->behind);
		buf_puts(&pattern, "$");
		put_pattern(d, "    reply: ", &pattern);
		suffix.n = 0;            /* it stands in the pattern */
	}
	if (suffix.n)
		put_text(d, "    suffix: ", suffix);
	buf_release(&pattern);
}

/* The same quantity a second time is that of another input. */
static void write_name(struct sketch *d, const struct kind *k, size_t nth)
{
	if (!k)
		buf_printf(d->out, "  quantity-%zu:\n", nth);
	else if (nth > 1)
		buf_printf(d->out, "  %s@%zu:\n", k->quantity, nth);
	else
		buf_printf(d->out, "  %s:\n", k->quantity);
}

static void write_doubt(struct sketch *d, const struct kind *k, const struct asked *a, const struct number_form *f)
{
	buf_puts(d->out, "  # TODO ");
	buf_printf(d->out, k ? "is this %s?  " : "name the quantity.%s  ", k ? k->quantity : "");
	buf_puts(d->out, "Its answer was ");
	put_quoted(d, a->reply);
	if (f->fields > 1)
		buf_printf(d->out, ", with %zu numbers: is it the first?", f->fields);
	buf_puts(d->out, "; say low, high and resolution, from the manual\n");
}

/* A unit that is known is told to the model file as such. */
static void write_unit(struct sketch *d, const struct kind *k, struct span suffix)
{
	if (k && suffix.n && guess_kind(of(""), suffix))
		put_text(d, "    unit: ", suffix);
}

static void write_measured(struct sketch *d, const struct asked *a, const struct kind *k, size_t nth)
{
	struct number_form f;
	struct span suffix;

	guess_number(a->reply, &f);
	suffix = idn_trim(f.before).n && !f.field ? (struct span){ "", 0 } : idn_trim(f.behind);
	write_doubt(d, k, a, &f);
	write_name(d, k, nth);
	write_unit(d, k, idn_trim(f.behind));
	put_text(d, "    ask: ", a->sent);
	write_form(d, &f, suffix);
	write_simulate(d, k, a, &f);
}

static void write_settable(struct sketch *d, const struct asked *command, const struct kind *k, size_t nth)
{
	const struct asked *question;
	struct number_form f;
	struct span header;
	struct buf set = { 0 };

	sets_what_is_read(d, command, &header, &question);
	guess_number(question->reply, &f);
	buf_add(&set, header.p, header.n);
	buf_puts(&set, " {}");
	write_doubt(d, k, question, &f);
	buf_puts(d->out, "  # TODO and the tolerance of what is read back, and which value is safe\n");
	write_name(d, k, nth);
	put_pattern(d, "    set: ", &set);
	put_text(d, "    readback: ", question->sent);
	buf_printf(d->out, "    simulate:\n      node: %s\n", k ? k->node : "voltage");
	buf_release(&set);
}

/* By the question, or where that says nothing ("READ?"), by what was last said before it that does. */
static const struct kind *kind_of(const struct sketch *d, size_t i, struct span suffix)
{
	const struct kind *k = guess_kind(d->list[i].sent, suffix);

	while (!k && i-- > 0)
		if (!d->list[i].answered)
			k = guess_kind(d->list[i].sent, of(""));
	return k;
}

/* What may be a point, and of which kind. */
static bool is_point(const struct sketch *d, size_t i, const struct kind **k)
{
	const struct asked *a = &d->list[i];
	struct number_form f;

	*k = NULL;
	if (is_set(d, i)) {
		*k = guess_kind(a->sent, of(""));
		return true;
	}
	if (role_of(d, i) != ROLE_NUMBER || is_readback(d, a))
		return false;
	guess_number(a->reply, &f);
	*k = kind_of(d, i, idn_trim(f.behind));
	return true;
}

static void write_points(struct sketch *d)
{
	const struct kind *k, *other;

	buf_puts(d->out, "points:\n");
	for (size_t i = 0; i < d->n; i++) {
		size_t nth = 1;

		if (!is_point(d, i, &k))
			continue;
		for (size_t m = 0; m < i; m++)
			nth += is_point(d, m, &other) && other == k;
		if (is_set(d, i))
			write_settable(d, &d->list[i], k, nth);
		else
			write_measured(d, &d->list[i], k, nth);
	}
}

/* ---- how it is played ---- */

static void write_simulation(struct sketch *d, const struct asked *identity)
{
	struct span f[IDN_FIELDS];
	bool any = false;

	if (!identity)
		return;
	buf_puts(d->out, "simulate:\n");
	if (split_identity(identity->reply, f)) {
		char *text = mem_format("%.*s{serial},%.*s", (int)(f[2].p - identity->reply.p), identity->reply.p, (int)f[3].n,
					f[3].p);

		put_text(d, "  identity: ", of(text));
		free(text);
	} else {
		put_text(d, "  identity: ", identity->reply);
	}
	for (size_t i = 0; i < d->n; i++) {
		if (role_of(d, i) != ROLE_TEXT)
			continue;
		buf_puts(d->out, any ? "" : "  answers:\n");
		any = true;
		put_text(d, "    - ask: ", d->list[i].sent);
		put_text(d, "      say: ", d->list[i].reply);
	}
}

void sketch_lines(struct sketch *d)
{
	const struct asked *identity = find(d, ROLE_IDENTITY), *errors = find(d, ROLE_ERRORS);

	write_maker(d, identity);
	buf_printf(d->out, "driver: %s\n", identity && begins(identity->sent, "*IDN?") ? "scpi" : "text");
	if (identity)
		write_identity(d, identity);
	else
		buf_puts(d->out, "# TODO identity: a question that tells it from others, if there is one\n");
	write_end(d, "command_end", &d->command_end);
	write_end(d, "reply_end", &d->reply_end);
	write_line(d);
	write_times(d);
	write_init(d);
	write_state(d);
	if (errors)
		write_errors(d, errors);
	write_points(d);
	write_simulation(d, identity);
}
