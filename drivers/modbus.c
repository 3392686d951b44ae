/* SPDX-License-Identifier: GPL-3.0-or-later
 * modbus.c - the manner of Modbus devices: registers and bits.  Who it is and in what state; one exchange is in
 * modbus_talk.c, readings in modbus_measure.c, sets and the safe state in modbus_set.c. */
#include <math.h>
#include <string.h>

#include "modbus_parts.h"
#include "power.h"
#include "number.h"
#include "reply.h"

static int modbus_connect(struct instrument *in, instant by, struct err *e)
{
	return bus_connect(in->bus, by, e);
}

static int wrong_model(const struct instrument *in, const char *expected, struct err *e)
{
	return err_set(e, ERR_IDENTITY, "%s, which no %s %s does: expected %s", in->identity,
		       in->model->manufacturer, in->model->number, expected);
}

static int prove_number(struct instrument *in, const char *why, instant by, struct err *e)
{
	const struct registers *r = &in->model->identity.registers;
	char expected[NUMBER_TEXT];
	double said;

	if (modbus_read_number(in, why, r, &said, by, e) < 0)
		return -1;
	snprintf(in->identity, sizeof in->identity, "register %lld holds %.12g", (long long)r->address, said);
	if (said == in->model->identity.value)
		return 0;
	expected[number_format(in->model->identity.value, expected)] = '\0';
	return wrong_model(in, expected, e);
}

static int prove_text(struct instrument *in, const char *why, instant by, struct err *e)
{
	char said[REGISTERS_TEXT];

	if (modbus_read_text(in, why, &in->model->identity.registers, said, by, e) < 0)
		return -1;
	snprintf(in->identity, sizeof in->identity, "it says it is '%s'", said);
	if (pattern_matches(&in->model->identity.expect, said, strlen(said), NULL, 0))
		return 0;
	return wrong_model(in, in->model->identity.expect.text, e);
}

int modbus_prove_identity(struct instrument *in, const char *why, instant by, struct err *e)
{
	bool text = in->model->identity.registers.type == TYPE_TEXT;

	if (!in->model->identity.has_registers)
		return 0;
	if ((text ? prove_text : prove_number)(in, why, by, e) < 0)
		return err_wrap(e, "identity");
	return 0;
}

/* A serial number, a version: a text, or a number that is written out. */
static int read_name(struct instrument *in, const struct registers *r, char *out, size_t size, instant by,
		     struct err *e)
{
	char text[REGISTERS_TEXT];
	double number;

	if (r->type == TYPE_TEXT) {
		if (modbus_read_text(in, "attach", r, text, by, e) < 0)
			return -1;
		snprintf(out, size, "%s", text);
		return 0;
	}
	if (modbus_read_number(in, "attach", r, &number, by, e) < 0)
		return -1;
	snprintf(out, size, "%.17g", number);
	return 0;
}

static int prove_serial(struct instrument *in, instant by, struct err *e)
{
	const struct modbus_model *m = &in->model->modbus;

	if (m->has_firmware && read_name(in, &m->firmware, in->firmware, sizeof in->firmware, by, e) < 0)
		return err_wrap(e, "firmware");
	if (!m->has_serial)
		return 0;
	if (read_name(in, &m->serial, in->serial, sizeof in->serial, by, e) < 0)
		return err_wrap(e, "serial number");
	return driver_judge_serial(in, e);
}

/* Before anything is changed: afterwards nothing would show it. */
static int look_at_power(struct instrument *in, instant by, struct err *e)
{
	const struct modbus_model *m = &in->model->modbus;
	double said = NAN;

	if (power_recall(in, e) < 0)
		return -1;
	if (!m->has_power_on)
		return 0;
	if (modbus_read_number(in, "state", &m->power_on.registers, &said, by, e) < 0)
		return err_wrap(e, "power_on");
	return said == m->power_on.is || in->switched_on ? power_noticed(in, e) : power_unnoticed(in, e);
}

static int modbus_attach(struct instrument *in, instant by, struct err *e)
{
	in->generation = bus_generation(in->bus);
	/* init comes before the warm-up: it alone ends what betrays the power-on. */
	if (modbus_ready(in, by, e) < 0 || modbus_prove_identity(in, "attach", by, e) < 0 ||
	    prove_serial(in, by, e) < 0 || look_at_power(in, by, e) < 0 ||
	    modbus_write_all(in, "attach", &in->model->modbus.init, by, e) < 0)
		return -1;
	return power_warm(in, e);
}

static int modbus_check(struct instrument *in, instant by, struct err *e)
{
	return modbus_prove_all(in, "state", &in->model->modbus.state, ERR_IDENTITY, by, e);
}

static void describe_read(const struct registers *r, struct buf *out)
{
	buf_printf(out, "read %zu from %s %lld\n", registers_words(r), table_name(r->table), (long long)r->address);
}

static void describe_write(const struct registers *r, double value, struct buf *out)
{
	buf_printf(out, "write %.12g to %s %lld\n", registers_undo(r, value), table_name(r->table),
		   (long long)r->address);
}

static void describe_wait(const struct register_poll *p, struct buf *out)
{
	buf_printf(out, "read %s %lld until it is %.12g\n", table_name(p->registers.table),
		   (long long)p->registers.address, p->is);
}

static void describe_set(const struct point *p, double value, struct buf *out)
{
	describe_write(&p->target, value, out);
	if (p->modbus.has_done)
		describe_wait(&p->modbus.done, out);
	if (!p->modbus.readback.none)
		describe_read(p->modbus.readback.given ? &p->modbus.readback.registers : &p->target, out);
}

static void modbus_describe(const struct model *m, const struct point *p, bool set, double value, struct buf *out)
{
	const struct register_status *s = p->modbus.status.items;

	(void)m;
	if (set) {
		describe_set(p, value, out);
		return;
	}
	if (p->modbus.has_trigger)
		describe_write(&p->modbus.trigger.registers, p->modbus.trigger.value, out);
	if (p->modbus.has_ready)
		describe_wait(&p->modbus.ready, out);
	describe_read(&p->registers, out);
	for (size_t i = 0; i < p->modbus.status.n; i++)
		describe_read(&s[i].registers, out);
}

const struct driver driver_modbus = {
	.name = "modbus", .connect = modbus_connect, .attach = modbus_attach, .check = modbus_check,
	.join = modbus_join, .look = modbus_look, .measure = modbus_measure, .set = modbus_set,
	.read_back = modbus_still_set, .safe = modbus_safe, .describe = modbus_describe,
};
