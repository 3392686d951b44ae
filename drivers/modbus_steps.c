/* SPDX-License-Identifier: GPL-3.0-or-later
 * modbus_steps.c - registers that are written in a row, that must hold a value, that are read until they do. */
#include "modbus_parts.h"

int modbus_write_all(struct instrument *in, const char *why, const struct list *writes, instant by, struct err *e)
{
	const struct register_write *w = writes->items;

	for (size_t i = 0; i < writes->n; i++)
		if (modbus_write_number(in, why, &w[i].registers, w[i].function, w[i].value, by, e) < 0)
			return -1;
	return 0;
}

int modbus_differs(const struct registers *r, double said, double is, enum err_code code, struct err *e)
{
	return err_set(e, code, "%s %lld: %.12g stands there, expected %.12g", table_name(r->table),
		       (long long)r->address, said, is);
}

int modbus_prove_all(struct instrument *in, const char *why, const struct list *proofs, enum err_code otherwise,
		     instant by, struct err *e)
{
	const struct register_proof *p = proofs->items;
	double said;

	for (size_t i = 0; i < proofs->n; i++) {
		if (modbus_read_number(in, why, &p[i].registers, &said, by, e) < 0)
			return -1;
		if (said != p[i].is)
			return modbus_differs(&p[i].registers, said, p[i].is, otherwise, e);
	}
	return 0;
}

/* 1: not yet.  A device at work may refuse to be asked. */
static int look(struct instrument *in, const char *why, const struct register_poll *p, instant by, struct err *e)
{
	double said;

	if (modbus_read_number(in, why, &p->registers, &said, by, e) < 0)
		return e->code == ERR_INSTRUMENT && bus_busy(in->bus) ? 1 : -1;
	if (said == p->is)
		return 0;
	modbus_differs(&p->registers, said, p->is, ERR_INSTRUMENT, e);
	return 1;
}

int modbus_await(struct instrument *in, const char *why, const struct register_poll *p, instant by, struct err *e)
{
	instant until = instant_after(p->within_ns);
	int left;

	while ((left = look(in, why, p, by, e)) > 0) {
		if (instant_passed(until))
			return err_wrap(e, "not done after %lld ms", (long long)(p->within_ns / NS_PER_MS));
		if (driver_pause(in, p->every_ns, &by, e) < 0)
			return -1;
	}
	return left;
}
