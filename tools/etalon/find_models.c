/* SPDX-License-Identifier: GPL-3.0-or-later
 * find_models.c - asking instruments who they are, and which model file fits the answer. */
#include <stdlib.h>
#include <string.h>

#include "find.h"
#include "modbus_bus.h"
#include "reply.h"
#include "session.h"
#include "transport.h"

/* ---- asking ---- */

static void set(char **to, char *with)
{
	free(*to);
	*to = with;
}

static bool can_be_dialled(const char *address, bool *modbus)
{
	struct address a;
	struct err e;

	if (address_parse(&a, address, NULL, &e) < 0)
		return false;
	*modbus = a.modbus;
	return a.modbus || transport_find(a.scheme);
}

/* As a person would: *IDN?, and one line back.  Of a serial port nobody knows the speed: left alone. */
static void ask_identity(struct found *x, int64_t patience_ns, int cancel)
{
	struct session_options o = { .address = x->address, .timeout_ns = patience_ns };
	struct buf question = { 0 };
	struct session *s;
	struct span reply;
	struct err e;
	int64_t took_ns;

	buf_puts(&question, "*IDN?");
	if (session_open(&s, &o, cancel, &e) < 0) {
		set(&x->trouble, mem_string(e.text));
	} else if (session_send(s, &question, true, &e) < 0 ||
		   session_read(s, session_line(s), &reply, &took_ns, &e) < 0) {
		set(&x->trouble, mem_string(e.text));
	} else {
		while (reply.n && strchr("\r\n ", reply.p[reply.n - 1]))
			reply.n--;
		set(&x->identity, mem_stringn(reply.p, reply.n));
	}
	session_close(&s);
	buf_release(&question);
}

/* Does the unit hold what the model's identity register must?  Read only: nothing is initialised. */
static bool holds(struct session *s, const struct model *m)
{
	const struct registers *r = &m->identity.registers;
	size_t words = registers_words(r);
	const uint8_t request[] = { r->table == TABLE_INPUT ? 4 : 3, (uint8_t)(r->address >> 8), (uint8_t)r->address, 0,
				    (uint8_t)words };
	uint8_t reply[PDU_MAX];
	int64_t took_ns;
	struct err e;

	return session_transact(s, request, sizeof request, reply, &took_ns, &e) == (ssize_t)(2 + 2 * words) &&
		registers_decode(r, reply + 2) == m->identity.value;
}

static bool proves_by_number(const struct model *m)
{
	return m->manner == MANNER_MODBUS && m->identity.has_registers && m->identity.registers.type != TYPE_TEXT &&
		m->identity.registers.table != TABLE_COIL && m->identity.registers.table != TABLE_DISCRETE;
}

/* A unit is what a model file proves it by. */
static void ask_registers(struct found *x, const struct known_models *m, int64_t patience_ns, int cancel)
{
	struct session_options o = { .address = x->address, .timeout_ns = patience_ns };
	struct session *s;
	struct err e;

	if (session_open(&s, &o, cancel, &e) < 0) {
		set(&x->trouble, mem_string(e.text));
		return;
	}
	for (size_t i = 0; i < m->n && !x->model; i++) {
		const struct model *one = m->list[i].m;

		if (!proves_by_number(one) || !holds(s, one))
			continue;
		set(&x->model, mem_string(one->name));
		set(&x->identity, mem_format("register %lld holds %.12g", (long long)one->identity.registers.address,
					     one->identity.value));
	}
	session_close(&s);
}

void find_identify(struct finds *f, const struct known_models *m, int64_t patience_ns, int cancel)
{
	for (size_t i = 0; i < f->n; i++) {
		struct found *x = &f->list[i];
		bool modbus;

		if (x->identity || !strncmp(x->address, "serial:", 7) || !can_be_dialled(x->address, &modbus))
			continue;
		if (modbus)
			ask_registers(x, m, patience_ns, cancel);
		else
			ask_identity(x, patience_ns, cancel);
	}
}

/* ---- model files ---- */

static const char *fitting(const struct known_models *m, const char *identity)
{
	for (size_t i = 0; i < m->n; i++) {
		const struct model *one = m->list[i].m;

		if (one->identity.ask && !strcmp(one->identity.ask, "*IDN?") &&
		    pattern_matches(&one->identity.expect, identity, strlen(identity), NULL, 0))
			return one->name;
	}
	return NULL;
}

/* What it would answer, if it says of itself elsewhere what *IDN? would. */
static char *told_identity(const struct found *x)
{
	if (!x->maker[0] || !x->number[0])
		return NULL;
	return mem_format("%s,%s,%s,%s", x->maker, x->number, x->serial[0] ? x->serial : "0",
			  x->firmware[0] ? x->firmware : "0");
}

void find_models(struct finds *f, const struct known_models *m)
{
	for (size_t i = 0; i < f->n; i++) {
		struct found *x = &f->list[i];
		char *told = x->identity ? mem_string(x->identity) : told_identity(x);
		const char *name = told && !x->model ? fitting(m, told) : NULL;

		if (name)
			set(&x->model, mem_string(name));
		free(told);
	}
}
