/* SPDX-License-Identifier: GPL-3.0-or-later
 * modbus.c - the manner of Modbus devices: registers and bits.  Points that are measured
 * together and lie near each other are read in one request, within the model's span and gap. */
#include <math.h>
#include <string.h>

#include "driver.h"
#include "modbus_bus.h"
#include "reply.h"

enum { READ_COILS = 1, READ_DISCRETE, READ_HOLDING, READ_INPUT, WRITE_COIL, WRITE_REGISTER, WRITE_REGISTERS = 16 };

static const uint8_t read_function[] = {
	[TABLE_HOLDING] = READ_HOLDING, [TABLE_INPUT] = READ_INPUT,
	[TABLE_COIL] = READ_COILS, [TABLE_DISCRETE] = READ_DISCRETE,
};

static void put16(uint8_t *p, int64_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

static bool is_bits(int table)
{
	return table == TABLE_COIL || table == TABLE_DISCRETE;
}

struct ask {                             /* one request and its reply */
	const char *why;
	uint8_t sent[1 + PDU_MAX], got[1 + PDU_MAX];     /* the unit first */
	size_t n_sent, n_got;
	struct timing timing;
};

static void report(struct instrument *in, const struct ask *a, const struct err *failed)
{
	driver_report(in, a->why, &a->timing, (struct span){ (const char *)a->sent, a->n_sent },
		      (struct span){ (const char *)a->got, a->n_got }, failed);
}

/* The reply was whole and was not what was asked for. */
static int refuse(struct instrument *in, const struct ask *a, struct err *e)
{
	report(in, a, e);
	bus_distrust(in->bus);
	return -1;
}

static int transact(struct instrument *in, struct ask *a, instant by, struct err *e)
{
	ssize_t n;

	a->n_got = 0;
	a->sent[0] = a->got[0] = (uint8_t)in->unit;
	if (driver_rest(in, by, e) < 0 || bus_ready(in->bus, by, e) < 0)
		return -1;
	timing_begin(&a->timing);
	n = bus_transact(in->bus, in->unit, a->sent + 1, a->n_sent - 1, a->got + 1,
			 driver_deadline(in->model, NULL, by), e);
	timing_end(&a->timing);
	in->rested = a->timing.ended + in->model->pause_ns;
	in->stray_bytes += bus_stray(in->bus);
	if (n < 0) {
		report(in, a, e);
		return -1;
	}
	a->n_got = 1 + (size_t)n;
	return 0;
}

/* Reads `count` registers or bits; the data begin at a->got[3]. */
static int read_table(struct instrument *in, struct ask *a, int table, int64_t from, int64_t count,
		      instant by, struct err *e)
{
	size_t bytes = is_bits(table) ? ((size_t)count + 7) / 8 : 2 * (size_t)count;

	a->sent[1] = read_function[table];
	put16(a->sent + 2, from);
	put16(a->sent + 4, count);
	a->n_sent = 6;
	if (transact(in, a, by, e) < 0)
		return -1;
	if (a->n_got == 3 + bytes && a->got[2] == bytes)
		return 0;
	err_set(e, ERR_PROTOCOL, "%zu bytes answer a request for %lld", a->n_got - 1, (long long)count);
	return refuse(in, a, e);
}

/* The line bytes of one point out of a reply that began at `from`. */
static void cut(const struct ask *a, int64_t from, const struct registers *r, uint8_t *bytes)
{
	size_t at = (size_t)(r->address - from);

	if (is_bits(r->table))
		bytes[0] = a->got[3 + at / 8] >> at % 8 & 1;
	else
		memcpy(bytes, a->got + 3 + 2 * at, registers_bytes(r));
}

/* Points in order of table and address, by index. */
static void order(const struct point *const *points, size_t *index, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const struct registers *r = &points[i]->registers;
		size_t k = i;

		for (; k > 0; k--) {
			const struct registers *o = &points[index[k - 1]]->registers;

			if (o->table < r->table || (o->table == r->table && o->address <= r->address))
				break;
			index[k] = index[k - 1];
		}
		index[k] = i;
	}
}

static int64_t end_of(const struct registers *r)
{
	return r->address + (int64_t)registers_words(r);
}

/* How many of the ordered points one request reads, and up to which register. */
static size_t gather(const struct model *m, const struct point *const *points, const size_t *index,
		     size_t n, int64_t *end)
{
	const struct registers *first = &points[index[0]]->registers;
	int64_t span = m->modbus.span ? m->modbus.span : 125;
	size_t k = 1;

	*end = end_of(first);
	for (; k < n; k++) {
		const struct registers *r = &points[index[k]]->registers;
		int64_t to = end_of(r) > *end ? end_of(r) : *end;

		if (r->table != first->table || r->address > *end + m->modbus.gap ||
		    to - first->address > span)
			break;
		*end = to;
	}
	return k;
}

/* Readings of k points from one request; raw bytes go to in->raw, their place to raw.n for now. */
static int measure_together(struct instrument *in, const struct point *const *points, const size_t *index,
			    size_t k, int64_t end, struct reading *out, instant by, struct err *e)
{
	const struct registers *first = &points[index[0]]->registers;
	struct ask a = { .why = "measure" };

	if (read_table(in, &a, first->table, first->address, end - first->address, by, e) < 0)
		return err_wrap(e, "%s", points[index[0]]->quantity);
	for (size_t i = 0; i < k; i++) {
		const struct point *p = points[index[i]];
		struct reading *r = &out[index[i]];
		uint8_t bytes[8];

		cut(&a, first->address, &p->registers, bytes);
		driver_stamp(r, p, &a.timing);
		r->raw.n = in->raw.len;
		buf_add(&in->raw, bytes, registers_bytes(&p->registers));
		if (reply_parse(in->model, p, bytes, registers_bytes(&p->registers), &r->value, &r->status, e) < 0) {
			err_wrap(e, "%s", p->quantity);
			return refuse(in, &a, e);
		}
	}
	if (in->trace_measure)
		report(in, &a, NULL);
	return 0;
}

/* What another unit's failure means for this one: if the bus was opened anew, nothing is proven
 * of it; else it only has to wait for silence, which is not taken from its own time. */
static int join_bus(struct instrument *in, instant *by, struct err *e)
{
	instant began = instant_now();

	if (in->generation != bus_generation(in->bus))
		return err_set(e, ERR_PROTOCOL, "the bus was opened anew since it was attached");
	if (bus_ready(in->bus, instant_after(2 * bus_slowest(in->bus)), e) < 0)
		return -1;
	if (*by != INSTANT_NEVER)
		*by += instant_now() - began;
	return 0;
}

static ssize_t modbus_measure(struct instrument *in, const struct point *const *points, size_t n,
			      struct reading *out, instant by, struct err *e)
{
	size_t *index, k;
	int64_t end;

	if (join_bus(in, &by, e) < 0)
		return -1;
	buf_clear(&in->raw);
	buf_reserve(&in->sent, n * sizeof *index);      /* Modbus frames its own requests */
	index = (size_t *)(void *)in->sent.data;
	order(points, index, n);
	for (size_t i = 0; i < n; i += k) {
		k = gather(in->model, points, index + i, n - i, &end);
		if (measure_together(in, points, index + i, k, end, out, by, e) < 0)
			return -1;
	}
	for (size_t i = 0; i < n; i++)
		out[i].raw = (struct span){ in->raw.data + out[i].raw.n,
					    registers_bytes(&points[i]->registers) };
	return (ssize_t)n;
}

static int modbus_connect(struct instrument *in, instant by, struct err *e)
{
	return bus_connect(in->bus, by, e);
}

static int read_number(struct instrument *in, const char *why, const struct registers *r, double *value,
		       instant by, struct err *e)
{
	struct ask a = { .why = why };
	uint8_t bytes[8];

	if (read_table(in, &a, r->table, r->address, (int64_t)registers_words(r), by, e) < 0)
		return -1;
	report(in, &a, NULL);
	cut(&a, r->address, r, bytes);
	*value = registers_decode(r, bytes);
	return 0;
}

static int modbus_attach(struct instrument *in, instant by, struct err *e)
{
	const struct model *m = in->model;
	double said;

	in->generation = bus_generation(in->bus);
	if (bus_ready(in->bus, by, e) < 0)
		return -1;
	if (!m->identity.has_registers)
		return 0;
	if (read_number(in, "attach", &m->identity.registers, &said, by, e) < 0)
		return err_wrap(e, "identity");
	snprintf(in->identity, sizeof in->identity, "register %lld holds %.12g",
		 (long long)m->identity.registers.address, said);
	if (said == m->identity.value)
		return 0;
	return err_set(e, ERR_IDENTITY, "%s, which no %s %s does: expected %.12g", in->identity,
		       m->manufacturer, m->number, m->identity.value);
}

static int modbus_check(struct instrument *in, instant by, struct err *e)
{
	(void)in;
	(void)by;
	(void)e;
	return 0;                       /* its settings were read back; it has no other state */
}

/* The request that writes encoded registers; returns how much of it the reply repeats. */
static size_t compose_write(struct ask *a, const struct registers *r, const uint8_t *bytes)
{
	size_t n = registers_bytes(r);

	put16(a->sent + 2, r->address);
	if (r->type == TYPE_BIT) {
		a->sent[1] = WRITE_COIL;
		put16(a->sent + 4, bytes[0] ? 0xFF00 : 0);
		return a->n_sent = 6;
	}
	if (n == 2) {
		a->sent[1] = WRITE_REGISTER;
		memcpy(a->sent + 4, bytes, 2);
		return a->n_sent = 6;
	}
	a->sent[1] = WRITE_REGISTERS;
	put16(a->sent + 4, (int64_t)n / 2);
	a->sent[6] = (uint8_t)n;
	memcpy(a->sent + 7, bytes, n);
	a->n_sent = 7 + n;
	return 6;
}

/* value in the point's unit.  The device repeats what it has taken. */
static int write_number(struct instrument *in, const char *why, const struct point *p, double value,
			instant by, struct err *e)
{
	struct ask a = { .why = why };
	uint8_t bytes[8];
	size_t echo;

	if (registers_encode(&p->target, value, bytes, e) < 0)
		return -1;
	echo = compose_write(&a, &p->target, bytes);
	if (transact(in, &a, by, e) < 0)
		return -1;
	if (a.n_got != echo || memcmp(a.got, a.sent, echo)) {
		err_set(e, ERR_PROTOCOL, "the answer does not repeat what was written");
		return refuse(in, &a, e);
	}
	report(in, &a, NULL);
	return 0;
}

/* Asks the target what it has taken: the measured value may need its time to get there. */
static int read_back(struct instrument *in, const char *why, const struct point *p, double wanted,
		     instant by, struct err *e)
{
	enum reading_status status = READING_OK;
	const struct conversion *c = &p->to_quantity;
	double got;

	if (read_number(in, why, &p->target, &got, by, e) < 0)
		return -1;
	if (!isfinite(got))
		status = READING_NOT_A_NUMBER;
	return driver_compare(p, conversion_apply(c, wanted), conversion_apply(c, got), status, e);
}

static int modbus_set(struct instrument *in, const struct point *p, double value, instant by, struct err *e)
{
	if (join_bus(in, &by, e) < 0 || write_number(in, "set", p, value, by, e) < 0)
		return -1;
	return read_back(in, "readback", p, value, by, e);
}

static int make_safe(struct instrument *in, instant by, struct err *e)
{
	const struct point *p = in->model->points.items;
	struct err other;
	int failed = 0;

	if (bus_connect(in->bus, by, e) < 0)
		return -1;
	for (size_t i = 0; i < in->model->points.n; i++)
		if (p[i].has_target && p[i].safe.unit)
			failed |= write_number(in, "safe", &p[i], p[i].safe_value, by, failed ? &other : e);
	if (failed)
		return -1;
	for (size_t i = 0; i < in->model->points.n; i++)
		if (p[i].has_target && p[i].safe.unit &&
		    read_back(in, "safe", &p[i], p[i].safe_value, by, e) < 0)
			return err_wrap(e, "%s", p[i].quantity);
	return 0;
}

/* First at once; if that was not confirmed (a dead connection, a late reply to something else),
 * again in quiet and, if need be, on a new connection. */
static int modbus_safe(struct instrument *in, instant by, struct err *e)
{
	int cancel = in->cancel, failed;

	in->cancel = -1;
	bus_urgent(in->bus, BUS_AT_ONCE);
	failed = make_safe(in, by, e);
	bus_urgent(in->bus, BUS_UNCANCELLED);
	if (failed && e->code == ERR_CLOSED)
		bus_disconnect(in->bus);
	if (failed)
		failed = make_safe(in, by, e);
	bus_urgent(in->bus, BUS_ORDINARY);
	in->cancel = cancel;
	return failed;
}

static void modbus_describe(const struct model *m, const struct point *p, bool set, double value, struct buf *out)
{
	static const char *const tables[] = { "holding", "input", "coil", "discrete" };
	const struct registers *r = set ? &p->target : &p->registers;

	(void)m;
	if (set)
		buf_printf(out, "write %.12g to %s %lld\n", registers_undo(r, value), tables[r->table],
			   (long long)r->address);
	buf_printf(out, "read %zu from %s %lld\n", registers_words(r), tables[r->table], (long long)r->address);
}

const struct driver driver_modbus = {
	.name = "modbus", .connect = modbus_connect, .attach = modbus_attach, .check = modbus_check,
	.measure = modbus_measure, .set = modbus_set, .safe = modbus_safe, .describe = modbus_describe,
};
