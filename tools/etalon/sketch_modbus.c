/* SPDX-License-Identifier: GPL-3.0-or-later
 * sketch_modbus.c - the draft of a model that is asked for registers.  A register does not say what it holds:
 * each read becomes a point whose type is the likeliest, and doubted. */
#include <math.h>

#include "sketch.h"
#include "reply.h"

#define HEAD 3                   /* of a reply: unit, function, number of bytes */

static const struct { uint8_t function; const char *table; bool bits; } tables[] = {
	{ 3, "holding", false }, { 4, "input", false }, { 1, "coil", true }, { 2, "discrete", true },
};

struct seen_read {                       /* a request that was answered */
	size_t table;
	int64_t from, count;
	const uint8_t *data;
};

static const uint8_t *bytes(struct span s)
{
	return (const uint8_t *)s.p;
}

/* false: no read, or one that was refused. */
static bool is_read(const struct asked *a, struct seen_read *r)
{
	const uint8_t *q = bytes(a->sent), *p = bytes(a->reply);

	if (!a->answered || a->sent.n != 6 || a->reply.n < HEAD || p[1] != q[1])
		return false;
	for (size_t i = 0; i < sizeof tables / sizeof *tables; i++) {
		if (tables[i].function != q[1])
			continue;
		*r = (struct seen_read){ i, q[2] << 8 | q[3], q[4] << 8 | q[5], p + HEAD };
		return a->reply.n == HEAD + (tables[i].bits ? ((size_t)r->count + 7) / 8 : 2 * (size_t)r->count);
	}
	return false;
}

static bool sensible(double v)
{
	return v == 0 || (isfinite(v) && fabs(v) > 1e-6 && fabs(v) < 1e7);
}

static double as(int type, int order, const uint8_t *data)
{
	return registers_number(&(struct registers){ .type = type, .order = order, .scale = 1 }, data);
}

/* One register is a whole number; of two the first reading as a number a person would believe. */
static const char *likely_type(const struct seen_read *r)
{
	static const struct { const char *text; int type, order; } twos[] = {
		{ "float32, order: ABCD", TYPE_FLOAT32, ORDER_ABCD }, { "float32, order: CDAB", TYPE_FLOAT32, ORDER_CDAB },
		{ "int32, order: ABCD", TYPE_INT32, ORDER_ABCD }, { "int32, order: CDAB", TYPE_INT32, ORDER_CDAB },
	};

	if (tables[r->table].bits)
		return "bit";
	if (r->count == 4)
		return "float64, order: ABCD";
	if (r->count < 2)
		return "int16";
	for (size_t i = 0; i < sizeof twos / sizeof *twos; i++)
		if (sensible(as(twos[i].type, twos[i].order, r->data)))
			return twos[i].text;
	return "int32, order: ABCD";
}

static void write_readings(struct buf *out, const struct seen_read *r)
{
	const uint8_t *p = r->data;

	buf_printf(out, "it held");
	for (int64_t i = 0; i < r->count && i < 4; i++)
		buf_printf(out, " 0x%02X%02X", p[2 * i], p[2 * i + 1]);
	if (r->count == 1)
		buf_printf(out, ", as int16 %g", as(TYPE_INT16, ORDER_ABCD, p));
	else
		buf_printf(out, ", as float32 %.7g or with its words swapped %.7g", as(TYPE_FLOAT32, ORDER_ABCD, p),
			   as(TYPE_FLOAT32, ORDER_CDAB, p));
}

static void write_point(struct sketch *d, const struct asked *a, const struct seen_read *r, size_t nth)
{
	buf_puts(d->out, "  # TODO name the quantity; say type, scale, low and high, from the manual");
	if (!tables[r->table].bits) {
		buf_puts(d->out, "; ");
		write_readings(d->out, r);
	}
	buf_printf(d->out, "\n  quantity-%zu:\n    registers: {table: %s, address: %lld, type: %s}\n", nth, tables[r->table].table,
		   (long long)r->from, likely_type(r));
	buf_puts(d->out, "    simulate: {node: temperature");
	if (a->took_ns > 0)
		buf_printf(d->out, ", delay: %lld ms", (long long)((a->took_ns + NS_PER_MS - 1) / NS_PER_MS));
	buf_puts(d->out, "}\n");
}

/* A whole number in a holding register that was read alone may be what tells it from others. */
static bool may_identify(const struct sketch *d, size_t *which)
{
	struct seen_read r;

	for (size_t i = 0; i < d->n; i++) {
		if (is_read(&d->list[i], &r) && r.count == 1 && tables[r.table].function == 3) {
			*which = i;
			return true;
		}
	}
	return false;
}

static void write_identity(struct sketch *d, size_t which)
{
	struct seen_read r;

	is_read(&d->list[which], &r);
	buf_printf(d->out, "identity:\n  # TODO does this register hold the same in every one of this model, and in no other?\n"
		   "  registers: {table: holding, address: %lld, type: uint16}\n  value: %.0f\n", (long long)r.from,
		   as(TYPE_UINT16, ORDER_ABCD, r.data));
}

static bool repeated(const struct sketch *d, size_t i, const struct seen_read *r)
{
	struct seen_read o;

	for (size_t k = 0; k < i; k++)
		if (is_read(&d->list[k], &o) && o.table == r->table && o.from == r->from)
			return true;
	return false;
}

static int64_t longest_span(const struct sketch *d)
{
	struct seen_read r;
	int64_t most = 1;

	for (size_t i = 0; i < d->n; i++)
		if (is_read(&d->list[i], &r) && !tables[r.table].bits && r.count > most)
			most = r.count;
	return most;
}

void sketch_modbus(struct sketch *d)
{
	size_t identity = 0, nth = 0;
	bool identified = may_identify(d, &identity);
	struct seen_read r;

	buf_puts(d->out, "# TODO manufacturer and number\nmanufacturer: \"?\"\nnumber: \"?\"\ndriver: modbus\n");
	if (identified)
		write_identity(d, identity);
	buf_printf(d->out, "timeout: 1 s\n# TODO latency: the longest it may ever take to answer; %.0f ms was the longest that was "
		   "seen\nlatency: 1 s\n", (double)d->longest_ns / 1e6);
	buf_printf(d->out, "# TODO span: how many registers it gives in one request; %lld were the most that were asked for\n"
		   "modbus: {span: %lld}\npoints:\n", (long long)longest_span(d), (long long)longest_span(d));
	for (size_t i = 0; i < d->n; i++)
		if (is_read(&d->list[i], &r) && !(identified && i == identity) && !repeated(d, i, &r))
			write_point(d, &d->list[i], &r, ++nth);
}
