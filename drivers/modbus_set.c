/* SPDX-License-Identifier: GPL-3.0-or-later
 * modbus_set.c - values that are set, and the safe state: written, waited for, read back. */
#include <math.h>

#include "modbus_parts.h"

/* Asks what it has taken: the measured value may need its time to get there. */
static int read_back(struct instrument *in, const char *why, const struct point *p, double wanted,
		     instant by, struct err *e)
{
	const struct registers *r = p->modbus.readback.given ? &p->modbus.readback.registers : &p->target;
	enum reading_status status = READING_OK;
	const struct conversion *c = &p->to_quantity;
	double got;

	if (p->modbus.readback.none)
		return 0;
	if (modbus_read_number(in, why, r, &got, by, e) < 0)
		return -1;
	if (!isfinite(got))
		status = READING_NOT_A_NUMBER;
	return driver_compare(p, conversion_apply(c, wanted), conversion_apply(c, got), status, e);
}

int modbus_still_set(struct instrument *in, const struct point *p, double value, instant by, struct err *e)
{
	return read_back(in, "confirm", p, value, by, e);
}

static int write_target(struct instrument *in, const char *why, const struct point *p, double value,
			instant by, struct err *e)
{
	return modbus_write_number(in, why, &p->target, p->modbus.function, value, by, e);
}

int modbus_set(struct instrument *in, const struct point *p, double value, instant by, struct err *e)
{
	if (write_target(in, "set", p, value, by, e) < 0)
		return -1;
	if (p->modbus.has_done && modbus_await(in, "set", &p->modbus.done, by, e) < 0)
		return -1;
	return read_back(in, "readback", p, value, by, e);
}

static bool becomes_safe(const struct point *p)
{
	return p->has_target && p->safe.unit;
}

/* Everything that makes it safe, blindly; the first failure is reported, the rest still written. */
static int write_safe(struct instrument *in, instant by, struct err *e)
{
	const struct list *l = &in->model->modbus.safe;
	const struct register_write *w = l->items;
	const struct point *p = in->model->points.items;
	struct err other;
	int failed = 0;

	for (size_t i = 0; i < l->n; i++)
		failed |= modbus_write_number(in, "safe", &w[i].registers, w[i].function, w[i].value, by,
					      failed ? &other : e);
	for (size_t i = 0; i < in->model->points.n; i++)
		if (becomes_safe(&p[i]))
			failed |= write_target(in, "safe", &p[i], p[i].safe_value, by, failed ? &other : e);
	return failed;
}

/* What it holds now.  A device of which nothing can be read back at least shows that it is there. */
static int prove_safe(struct instrument *in, instant by, struct err *e)
{
	const struct model *m = in->model;
	const struct point *p = m->points.items;
	size_t proofs = m->modbus.safe_check.n;

	if (modbus_prove_all(in, "safe", &m->modbus.safe_check, ERR_INSTRUMENT, by, e) < 0)
		return -1;
	for (size_t i = 0; i < m->points.n; i++) {
		if (!becomes_safe(&p[i]) || p[i].modbus.readback.none)
			continue;
		proofs++;
		if (read_back(in, "safe", &p[i], p[i].safe_value, by, e) < 0)
			return err_wrap(e, "%s", p[i].quantity);
	}
	if (proofs)
		return 0;
	if (m->identity.has_registers)
		return modbus_prove_identity(in, "safe", by, e);
	return err_set(e, ERR_INSTRUMENT, "nothing in its model file can show that it is safe");
}

static int make_safe(struct instrument *in, instant by, struct err *e)
{
	if (bus_connect(in->bus, by, e) < 0 || write_safe(in, by, e) < 0)
		return -1;
	return prove_safe(in, by, e);
}

/* First at once; if that was not confirmed (a dead connection, a late reply to something else),
 * again in quiet and, if need be, on a new connection. */
int modbus_safe(struct instrument *in, instant by, struct err *e)
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
