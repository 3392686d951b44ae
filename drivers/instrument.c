/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "instrument.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "advice.h"
#include "driver.h"
#include "host.h"
#include "hub.h"
#include "manual.h"
#include "modbus_bus.h"
#include "power.h"
#include "talker.h"
#include "modbus_plan.h"

static void forget_settings(struct instrument *in)
{
	for (size_t i = 0; i < in->model->points.n; i++)
		in->settings[i] = NAN;
}

static int check_manner(const struct model *m, const struct address *a, const char *address, struct err *e)
{
	if (a->manual != (m->manner == MANNER_MANUAL))
		return err_set(e, ERR_CONFIG, a->manual ? "%s: model %s is not read by a person" :
			       "%s: model %s is read by a person: expected manual:PLACE", address, m->name);
	if ((a->modbus != MODBUS_NOT) == (m->manner == MANNER_MODBUS))
		return 0;
	return err_set(e, ERR_CONFIG, a->modbus ? "%s: model %s does not speak Modbus" :
		       "%s: model %s speaks Modbus: expected modbus+tcp://host:port/unit, modbus+rtu: or modbus+ascii:",
		       address, m->name);
}

static int join_hub(struct instrument *in, struct instrument *sibling, struct err *e)
{
	bool shared = sibling && sibling->hub;

	if (shared && hub_check_line(sibling->hub, &in->line, e) < 0)
		return -1;
	in->hub = shared ? hub_share(sibling->hub) : hub_new(in->resolved, &in->line, in->cancel);
	hub_latency(in->hub, in->model->latency_ns);
	return 0;
}

int instrument_new(struct instrument **out, const struct model *m, const char *role,
		   const char *address, const char *serial, struct instrument *sibling,
		   int cancel, struct err *e)
{
	struct instrument *in;
	struct address a;
	char *resolved;

	if (address_parse(&a, address, &m->line, e) < 0 || check_manner(m, &a, address, e) < 0 ||
	    !(resolved = host_resolve(address, e)))
		return err_wrap(e, "%s", role);
	in = mem_new(sizeof *in);
	*in = (struct instrument){
		.model = m, .driver = drivers[m->manner], .role = role, .address = address,
		.serial_expected = serial, .cancel = cancel, .unit = a.unit, .line = a.line, .gpib = a.gpib,
		.resolved = resolved, .past.self_calibration_k = NAN,
		.settings = mem_array(m->points.n, sizeof(double)),
		.made = mem_array(m->points.n, sizeof(uint64_t)),
		.ranges = mem_array(m->points.n, sizeof(struct range *)),
	};
	forget_settings(in);
	if (a.modbus)
		in->bus = sibling && sibling->bus ? bus_share(sibling->bus)
						  : bus_new(resolved, &a.line, cancel);
	if (in->bus) {
		bus_latency(in->bus, m->latency_ns);
		in->plan = mem_new(sizeof *in->plan);
	}
	if (a.manual)
		in->manual = manual_new(m);
	*out = in;
	if (a.modbus || a.manual || join_hub(in, sibling, e) == 0)
		return 0;
	instrument_free(out);
	return err_wrap(e, "%s", role);
}

bool instrument_on_gpib(const struct instrument *in)
{
	return in->gpib.primary >= 0;
}

void instrument_lost(struct instrument *in)
{
	in->attached = false;
	if (in->link && in->generation == hub_generation(in->hub))
		hub_hang_up(in->hub);
	in->link = NULL;
	if (in->bus)
		bus_disconnect(in->bus);
}

/* What a failure means for the next exchange; names the role. */
static int failed(struct instrument *in, struct err *e)
{
	if (e->code == ERR_CLOSED)
		instrument_lost(in);
	else if (e->code != ERR_INSTRUMENT && e->code != ERR_CONFIG && e->code != ERR_AWAITED)
		in->attached = false;
	return err_wrap(e, "%s", in->role);
}

int instrument_since(struct instrument *in, int64_t since, const char *by, struct err *e)
{
	return power_stated(in, since, by, e) < 0 ? err_wrap(e, "%s", in->role) : 0;
}

void instrument_fresh(struct instrument *in)
{
	in->fresh = true;
}

static int not_attached(const struct instrument *in, struct err *e)
{
	return err_set(e, ERR_STATE, "%s: its identity and state are not proven", in->role);
}

/* value in the quantity's unit; the setting stands once the driver has seen it confirmed. */
static int set(struct instrument *in, const struct point *p, double value, instant by, struct err *e)
{
	double own = conversion_undo(&p->to_quantity, value);
	double *setting = &in->settings[p - (const struct point *)in->model->points.items];

	if (!point_sets(p))
		return err_set(e, ERR_CONFIG, "model %s cannot set it", in->model->name);
	if (!(own >= p->set_low && own <= p->set_high))
		return err_set(e, ERR_CONFIG, "%.12g is outside its range, %.12g to %.12g %s", own,
			       p->set_low, p->set_high, p->unit ? p->unit : "");
	*setting = NAN;
	if (in->driver->set(in, p, own, by, e) < 0)
		return -1;
	*setting = value;
	return 0;
}

/* The setting that was made next after the one of this number; SIZE_MAX: none. */
static size_t made_after(const struct instrument *in, uint64_t number)
{
	size_t next = SIZE_MAX;

	for (size_t i = 0; i < in->model->points.n; i++)
		if (!isnan(in->settings[i]) && in->made[i] > number && (next == SIZE_MAX || in->made[i] < in->made[next]))
			next = i;
	return next;
}

/* In the order in which they were made: of a calibrator's voltage and current the last one stands.  A setting lost
 * to a failure on the way stays wanted: the next attach applies it. */
static int apply_settings(struct instrument *in, instant by, struct err *e)
{
	const struct point *p = in->model->points.items;

	for (size_t i = made_after(in, 0); i != SIZE_MAX; i = made_after(in, in->made[i])) {
		double value = in->settings[i];

		if (set(in, &p[i], value, by, e) == 0)
			continue;
		in->settings[i] = value;
		return err_wrap(e, "%s", p[i].quantity);
	}
	return 0;
}

int64_t instrument_settings_patience(const struct instrument *in)
{
	const struct point *p = in->model->points.items;
	int64_t sum = 0;

	for (size_t i = 0; i < in->model->points.n; i++)
		sum += isnan(in->settings[i]) ? 0 : point_patience(in->model, &p[i], true);
	return sum;
}

int instrument_attach(struct instrument *in, instant by, struct err *e)
{
	bool reached;

	in->attached = false;
	reached = in->driver->connect(in, by, e) == 0;
	if (!reached || in->driver->attach(in, by, e) < 0 || apply_settings(in, by, e) < 0 ||
	    in->driver->check(in, by, e) < 0) {
		failed(in, e);
		if (!in->served_before)
			advice_add(in->resolved, reached, e);
		return -1;
	}
	in->attached = in->served_before = true;
	return 0;
}

int instrument_look(struct instrument *in, struct err *e)
{
	if (!in->attached || !in->driver->look || in->driver->look(in, e) == 0)
		return 0;
	return failed(in, e);
}

static int join(struct instrument *in, instant *by, struct err *e)
{
	return in->driver->join ? in->driver->join(in, by, e) : 0;
}

ssize_t instrument_measure(struct instrument *in, const struct point *const *points, size_t n,
			   struct reading *out, instant by, struct err *e)
{
	if (!in->attached)
		return not_attached(in, e);
	for (size_t i = 0; i < n; i++)
		if (!point_measures(points[i]))
			return err_set(e, ERR_CONFIG, "%s: model %s cannot measure %s", in->role,
				       in->model->name, points[i]->quantity);
	if (join(in, &by, e) < 0 || in->driver->measure(in, points, n, out, by, e) < 0)
		return failed(in, e);
	return (ssize_t)n;
}

/* What drove the same output stands no longer: never to be made again, not even for a moment. */
static void end_others(struct instrument *in, const struct point *p)
{
	const struct point *other = in->model->points.items;

	for (size_t i = 0; i < in->model->points.n; i++)
		if (point_ends(p, &other[i]))
			in->settings[i] = NAN;
}

int instrument_set(struct instrument *in, const struct point *p, double value, instant by, struct err *e)
{
	if (!in->attached)
		return not_attached(in, e);
	in->made[p - (const struct point *)in->model->points.items] = ++in->makings;
	end_others(in, p);
	if (join(in, &by, e) == 0 && set(in, p, value, by, e) == 0)
		return 0;
	err_wrap(e, "%s", p->quantity);
	return failed(in, e);
}

static int confirm_settings(struct instrument *in, instant by, struct err *e)
{
	const struct point *p = in->model->points.items;

	for (size_t i = made_after(in, 0); i != SIZE_MAX; i = made_after(in, in->made[i]))
		if (in->driver->read_back(in, &p[i], conversion_undo(&p[i].to_quantity, in->settings[i]), by, e) < 0)
			return err_wrap(e, "%s", p[i].quantity);
	return 0;
}

static int confirm(struct instrument *in, instant by, struct err *e)
{
	if (join(in, &by, e) < 0 || in->driver->check(in, by, e) < 0)
		return -1;
	return in->driver->read_back ? confirm_settings(in, by, e) : 0;
}

int instrument_confirm(struct instrument *in, instant by, struct err *e)
{
	if (!in->attached)
		return not_attached(in, e);
	if (confirm(in, by, e) == 0)
		return 0;
	failed(in, e);
	in->attached = false;
	return -1;
}

int instrument_command(struct instrument *in, const char *name, const struct given *given, size_t n,
		       instant by, struct err *e)
{
	const struct model_command *k = model_command_find(&in->model->commands, name);

	if (!in->attached)
		return not_attached(in, e);
	if (!k)
		return err_set(e, ERR_CONFIG, "%s: model %s has no command '%s'", in->role, in->model->name, name);
	if (join(in, &by, e) == 0 && in->driver->command(in, k, given, n, by, e) == 0)
		return 0;
	err_wrap(e, "%s", name);
	return failed(in, e);
}

static bool can_be_unsafe(const struct model *m)
{
	const struct point *p = m->points.items;

	for (size_t i = 0; i < m->points.n; i++)
		if (p[i].safe.unit)
			return true;
	return m->safe.n > 0 || m->safe_check.n > 0 || m->modbus.safe.n > 0 || m->modbus.safe_check.n > 0 ||
		m->manual.safe.n > 0;
}

int instrument_safe(struct instrument *in, instant by, struct err *e)
{
	in->attached = false;
	forget_settings(in);
	if (in->manual)
		manual_doubt(in);
	if (!can_be_unsafe(in->model))
		return 0;
	if (in->driver->safe(in, by, e) == 0)
		return 0;
	failed(in, e);
	return -1;
}

void instrument_free(struct instrument **p)
{
	struct instrument *in = *p;

	if (!in)
		return;
	hub_free(&in->hub);
	bus_free(&in->bus);
	if (in->plan)
		plan_release(in->plan);
	free(in->plan);
	manual_free(&in->manual);
	talker_free(&in->talker);
	buf_release(&in->sent);
	buf_release(&in->raw);
	buf_release(&in->question);
	buf_release(&in->blocks);
	free(in->settings);
	free(in->made);
	free(in->ranges);
	free(in->resolved);
	free(in);
	*p = NULL;
}
