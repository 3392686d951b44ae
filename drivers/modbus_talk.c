/* SPDX-License-Identifier: GPL-3.0-or-later
 * modbus_talk.c - one exchange with a unit: registers read, registers written. */
#include <string.h>

#include "modbus_parts.h"

enum { WRITE_COIL = 5, WRITE_REGISTER, WRITE_COILS = 15, WRITE_REGISTERS, WRITE_MASKED = 22 };

static void put16(uint8_t *p, int64_t v)
{
	p[0] = (uint8_t)(v >> 8);
	p[1] = (uint8_t)v;
}

void modbus_report(struct instrument *in, const struct ask *a, const struct err *failed)
{
	driver_report(in, a->why, &a->timing, (struct span){ (const char *)a->sent, a->n_sent },
		      (struct span){ (const char *)a->got, a->n_got }, failed);
}

int modbus_refuse(struct instrument *in, const struct ask *a, struct err *e)
{
	modbus_report(in, a, e);
	bus_distrust(in->bus);
	return -1;
}

static struct unit unit_of(const struct instrument *in)
{
	return (struct unit){ in->unit, in->model->latency_ns, in->model->modbus.turnaround_ns };
}

int modbus_ready(struct instrument *in, instant by, struct err *e)
{
	struct unit u = unit_of(in);

	return bus_ready(in->bus, &u, by, e);
}

static int transact(struct instrument *in, struct ask *a, instant by, struct err *e)
{
	struct unit u = unit_of(in);
	ssize_t n;

	a->n_got = 0;
	a->sent[0] = a->got[0] = (uint8_t)in->unit;
	if (driver_rest(in, by, e) < 0 || modbus_ready(in, by, e) < 0)
		return -1;
	timing_begin(&a->timing);
	n = bus_transact(in->bus, &u, a->sent + 1, a->n_sent - 1, a->got + 1,
			 driver_deadline(in->model, NULL, by), e);
	timing_end(&a->timing);
	in->rested = a->timing.ended + in->model->pause_ns;
	in->stray_bytes += bus_stray(in->bus);
	in->unasked_bytes += bus_unasked(in->bus);
	if (n < 0) {
		modbus_report(in, a, e);
		return -1;
	}
	a->n_got = 1 + (size_t)n;
	return 0;
}

int modbus_read_table(struct instrument *in, struct ask *a, int table, int64_t from, int64_t count,
		      instant by, struct err *e)
{
	size_t bytes = table_of_bits(table) ? ((size_t)count + 7) / 8 : 2 * (size_t)count;

	a->sent[1] = table_read_function(table);
	put16(a->sent + 2, from);
	put16(a->sent + 4, count);
	a->n_sent = 6;
	if (transact(in, a, by, e) < 0)
		return -1;
	if (a->n_got == ASK_DATA + bytes && a->got[2] == bytes)
		return 0;
	err_set(e, ERR_PROTOCOL, "%zu bytes answer a request for %lld %s", a->n_got - 1, (long long)count,
		table_name(table));
	return modbus_refuse(in, a, e);
}

void modbus_cut(const struct ask *a, int64_t from, const struct registers *r, uint8_t *bytes)
{
	registers_cut(r, from, a->got + ASK_DATA, bytes);
}

static int read_registers(struct instrument *in, struct ask *a, const struct registers *r, uint8_t *bytes,
			  instant by, struct err *e)
{
	if (modbus_read_table(in, a, r->table, r->address, (int64_t)registers_words(r), by, e) < 0)
		return -1;
	modbus_report(in, a, NULL);
	modbus_cut(a, r->address, r, bytes);
	return 0;
}

int modbus_read_number(struct instrument *in, const char *why, const struct registers *r, double *value,
		       instant by, struct err *e)
{
	struct ask a = { .why = why };
	uint8_t bytes[REGISTERS_NUMBER];

	if (read_registers(in, &a, r, bytes, by, e) < 0)
		return -1;
	*value = registers_decode(r, bytes);
	return 0;
}

int modbus_read_text(struct instrument *in, const char *why, const struct registers *r,
		     char out[REGISTERS_TEXT], instant by, struct err *e)
{
	struct ask a = { .why = why };
	uint8_t bytes[REGISTERS_TEXT];

	if (read_registers(in, &a, r, bytes, by, e) < 0)
		return -1;
	return registers_text(r, bytes, out, e);
}

static int64_t usual_function(const struct registers *r)
{
	if (r->type == TYPE_BIT)
		return WRITE_COIL;
	return registers_words(r) == 1 ? WRITE_REGISTER : WRITE_REGISTERS;
}

/* Bits of one register: what is kept of it (and), what is set (or).  V1.1b3, 6.16. */
static void compose_masked(struct ask *a, const struct registers *r, const uint8_t *bytes)
{
	uint8_t mask[2];

	registers_mask(r, mask);
	memcpy(a->sent + 4, (uint8_t[]){ (uint8_t)~mask[0], (uint8_t)~mask[1], bytes[0], bytes[1] }, 4);
	a->n_sent = 8;
}

/* The request that writes encoded registers; returns how much of it the reply repeats. */
static size_t compose_write(struct ask *a, const struct registers *r, int64_t function, const uint8_t *bytes)
{
	size_t n = registers_bytes(r), repeated = 6;

	a->sent[1] = (uint8_t)function;
	put16(a->sent + 2, r->address);
	a->n_sent = repeated;
	if (function == WRITE_COIL) {
		put16(a->sent + 4, bytes[0] ? 0xFF00 : 0);
	} else if (function == WRITE_REGISTER) {
		memcpy(a->sent + 4, bytes, 2);
	} else if (function == WRITE_MASKED) {
		compose_masked(a, r, bytes);
		repeated = a->n_sent;
	} else {
		put16(a->sent + 4, (int64_t)registers_words(r));
		a->sent[6] = (uint8_t)n;
		memcpy(a->sent + 7, bytes, n);
		a->n_sent = 7 + n;
	}
	return repeated;
}

int modbus_write_number(struct instrument *in, const char *why, const struct registers *r, int64_t function,
			double value, instant by, struct err *e)
{
	struct ask a = { .why = why };
	uint8_t bytes[REGISTERS_NUMBER] = { 0 };
	size_t repeated;

	if (registers_encode(r, value, bytes, e) < 0)
		return -1;
	repeated = compose_write(&a, r, function ? function : usual_function(r), bytes);
	if (transact(in, &a, by, e) < 0)
		return -1;
	if (a.n_got != repeated || memcmp(a.got, a.sent, repeated)) {
		err_set(e, ERR_PROTOCOL, "the answer does not repeat what was written");
		return modbus_refuse(in, &a, e);
	}
	modbus_report(in, &a, NULL);
	return 0;
}

static int opened_anew(const struct instrument *in, struct err *e)
{
	return in->generation == bus_generation(in->bus) ? 0 :
		err_set(e, ERR_PROTOCOL, "the bus was opened anew since it was attached");
}

int modbus_look(const struct instrument *in, struct err *e)
{
	return opened_anew(in, e) < 0 ? -1 : bus_look(in->bus, e);
}

int modbus_join(struct instrument *in, instant *by, struct err *e)
{
	struct unit u = unit_of(in);
	instant began = instant_now();

	if (opened_anew(in, e) < 0 || bus_ready(in->bus, &u, instant_after(bus_patience(in->bus, &u)), e) < 0)
		return -1;
	if (*by != INSTANT_NEVER)
		*by += instant_now() - began;
	return 0;
}
