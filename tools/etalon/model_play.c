/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model_play.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "instrument.h"
#include "stage.h"

#define PATIENCE_MS 60000
#define LATENCY_NS  (400 * NS_PER_MS)
#define MARGIN_NS   (1000 * NS_PER_MS)       /* of a timeout above what the simulation takes */
#define ATTEMPTS    3                        /* to attach behind a fault */

struct play {
	struct model *m;
	struct stage *stage;
	struct instrument *in;
	int64_t timeout_ns;              /* the longest of its questions */
	struct played *out;
	struct err e;
};

static int fail(struct play *p, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

static int fail(struct play *p, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(p->out->trouble, sizeof p->out->trouble, fmt, ap);
	va_end(ap);
	return -1;
}

static instant soon(void)
{
	return instant_after_ms(PATIENCE_MS);
}

/* The waits of a real instrument are not waited for: the simulation says how long it takes. */
static void hurry(struct play *p)
{
	struct model *m = p->m;
	struct point *x = m->points.items;
	int64_t longest = 0;

	for (size_t i = 0; i < m->points.n; i++)
		if (x[i].simulate.delay_ns > longest)
			longest = x[i].simulate.delay_ns;
	p->timeout_ns = longest + MARGIN_NS < m->timeout_ns ? longest + MARGIN_NS : m->timeout_ns;
	m->timeout_ns = p->timeout_ns;
	m->after_power_on.warm_up_ns = 0;
	m->latency_ns = LATENCY_NS < m->latency_ns ? LATENCY_NS : m->latency_ns;
	for (size_t i = 0; i < m->points.n; i++)
		x[i].timeout_ns = x[i].timeout_ns < p->timeout_ns ? x[i].timeout_ns : p->timeout_ns;
}

static int attach(struct play *p)
{
	for (int try = 0; try < ATTEMPTS; try++)
		if (instrument_attach(p->in, soon(), &p->e) == 0)
			return 0;
	return -1;
}

static const struct point *first_measured(const struct model *m)
{
	const struct point *x = m->points.items;

	for (size_t i = 0; i < m->points.n; i++)
		if (point_measures(&x[i]))
			return &x[i];
	return NULL;
}

/* ---- what it can do ---- */

static int measure_all(struct play *p)
{
	const struct point *x = p->m->points.items;
	struct reading r;

	for (size_t i = 0; i < p->m->points.n; i++) {
		const struct point *one = &x[i];

		if (!point_measures(one))
			continue;
		if (instrument_measure(p->in, &one, 1, &r, soon(), &p->e) < 0)
			return fail(p, "%s", p->e.text);
		p->out->measured++;
	}
	return 0;
}

/* A value within its range, so far from its lower end, in the point's unit. */
static double within(const struct point *x, double part)
{
	double low = isfinite(x->set_low) ? x->set_low : isfinite(x->set_high) ? x->set_high - 1 : 0;
	double high = isfinite(x->set_high) ? x->set_high : low + 1;

	return low + part * (high - low);
}

static int set_all(struct play *p)
{
	const struct point *x = p->m->points.items;

	for (size_t i = 0; i < p->m->points.n; i++) {
		if (!point_sets(&x[i]))
			continue;
		if (instrument_set(p->in, &x[i], conversion_apply(&x[i].to_quantity, within(&x[i], 0.625)), soon(), &p->e) < 0)
			return fail(p, "%s", p->e.text);
		p->out->set++;
	}
	return 0;
}

/* ---- what may go wrong ---- */

enum { LINES = 1, MODBUS = 2, CHECKSUMS = 4, REFUSALS = 8 };

static const struct fault_row {
	const char *name;
	int whose;
	bool never_ok;                   /* what succeeds under it is wrong */
} rows[] = {
	{ "late", LINES | MODBUS, true },
	{ "pieces", LINES, false },
	{ "twice", LINES | MODBUS, false },
	{ "truncated", LINES | MODBUS, true },
	{ "garbage", LINES | MODBUS, true },
	{ "wrong-echo", LINES, false },
	{ "silence", LINES | MODBUS, true },
	{ "close", LINES | MODBUS, true },
	{ "overload", LINES, true },
	{ "exception", MODBUS, true },
	{ "crc", MODBUS | CHECKSUMS, true },
	{ "noise", LINES, true },
	{ "nak", REFUSALS, false },
	{ "unit", MODBUS, true },
};

/* How far two readings of a world that nobody changes may lie apart, in the quantity's unit. */
static double spread(const struct point *x, double value)
{
	const struct simulated_point *s = &x->simulate;
	double own = 20 * s->noise + 2 * s->resolution + fabs(s->drift_per_hour);

	return fabs(conversion_apply(&x->to_quantity, own) - conversion_apply(&x->to_quantity, 0)) +
		0.02 * fabs(value) + 1e-9;
}

static bool plausible(const struct point *x, const struct reading *r, const struct reading *before)
{
	if (r->status != READING_OK || before->status != READING_OK)
		return r->status != READING_OK;
	return fabs(r->value - before->value) <= spread(x, before->value);
}

static int faults_of(const struct model *m)
{
	if (m->manner == MANNER_MODBUS)
		return MODBUS;
	return LINES | (m->frame.sum.given ? CHECKSUMS : 0) | (m->acknowledge.nak ? REFUSALS : 0);
}

/* What is late comes once nobody waits any more, and while the line is being listened to. */
static int strike(struct play *p, const char *fault)
{
	int late_ms = (int)(p->timeout_ns / NS_PER_MS) + 150;
	bool late = !strcmp(fault, "late");

	if (stage_command(p->stage, &p->e, late ? "fault unit %s delay_ms=%d" : "fault unit %s", fault, late_ms) < 0)
		return fail(p, "%s", p->e.text);
	return 0;
}

static int measure_under(struct play *p, const struct fault_row *row, const struct point *x,
			 const struct reading *before)
{
	struct reading r;

	if (strike(p, row->name) < 0)
		return -1;
	if (instrument_measure(p->in, &x, 1, &r, soon(), &p->e) < 0)
		return 0;
	/* A talker's fault may strike another message than the one that is taken. */
	if (row->never_ok && !x->heard.match.text && r.status == READING_OK)
		return fail(p, "under the fault '%s' %s reads %.12g %s, as if nothing were wrong", row->name, x->quantity,
			    r.value, x->known->unit);
	if (!plausible(x, &r, before))
		return fail(p, "under the fault '%s' %s reads %.12g %s, and before it was %.12g", row->name, x->quantity,
			    r.value, x->known->unit, before->value);
	return 0;
}

static int measure_after(struct play *p, const struct fault_row *row, const struct point *x,
			 const struct reading *before)
{
	struct reading r;

	if (stage_command(p->stage, &p->e, "clear unit") < 0)
		return fail(p, "%s", p->e.text);
	for (int try = 0; try < ATTEMPTS; try++) {
		if (!p->in->attached && attach(p) < 0)
			return fail(p, "behind the fault '%s' it cannot be attached: %s", row->name, p->e.text);
		if (instrument_measure(p->in, &x, 1, &r, soon(), &p->e) < 0)
			continue;
		return plausible(x, &r, before) || before->status != READING_OK ? 0 :
			fail(p, "behind the fault '%s' %s reads %.12g %s, and before it was %.12g", row->name, x->quantity,
			     r.value, x->known->unit, before->value);
	}
	return fail(p, "behind the fault '%s' it cannot be measured: %s", row->name, p->e.text);
}

static int faults(struct play *p)
{
	int whose = faults_of(p->m);
	const struct point *x = first_measured(p->m);
	struct reading before;

	if (!x)
		return 0;
	if (instrument_measure(p->in, &x, 1, &before, soon(), &p->e) < 0)
		return fail(p, "%s", p->e.text);
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		if (!(rows[i].whose & whose))
			continue;
		if (measure_under(p, &rows[i], x, &before) < 0 || measure_after(p, &rows[i], x, &before) < 0)
			return -1;
		p->out->faults++;
	}
	return 0;
}

static const struct point *first_settable(const struct model *m)
{
	const struct point *x = m->points.items;

	for (size_t i = 0; i < m->points.n; i++)
		if (point_sets(&x[i]))
			return &x[i];
	return NULL;
}

/* A set that is refused is heard of, one that is clipped is seen: where the model file asks. */
static int refusals(struct play *p)
{
	const struct point *x = first_settable(p->m);
	bool reads_back = x && (x->readback || x->has_target);

	for (int clip = 0; clip < 2 && x; clip++) {
		const char *name = clip ? "clip" : "refuse";

		if (!reads_back && (clip || !p->m->errors.ask))
			continue;
		if (strike(p, name) < 0)
			return -1;
		if (instrument_set(p->in, x, conversion_apply(&x->to_quantity, within(x, 0.375)), soon(), &p->e) == 0)
			return fail(p, "under the fault '%s' %s is set as if nothing were wrong", name, x->quantity);
		if (stage_command(p->stage, &p->e, "clear unit") < 0 || (!p->in->attached && attach(p) < 0))
			return fail(p, "behind the fault '%s': %s", name, p->e.text);
		p->out->faults++;
	}
	return 0;
}

/* Can it tell the instrument that etalon-sim puts in its place, which differs by its serial number alone where
 * the simulated one has any? */
static bool can_tell(const struct play *p)
{
	const struct model *m = p->m;

	if (m->identity.has_registers)
		return true;
	return m->identity.ask && (p->in->serial[0] || !m->simulate.identity || !strstr(m->simulate.identity, "{serial}"));
}

/* Another instrument in its place is found out. */
static int impostor(struct play *p)
{
	char serial[sizeof p->in->serial];
	int failed;

	if (!can_tell(p))
		return 0;
	if (stage_command(p->stage, &p->e, "fault unit identity times=0") < 0)
		return fail(p, "%s", p->e.text);
	memcpy(serial, p->in->serial, sizeof serial);
	p->in->serial_expected = serial[0] ? serial : NULL;
	instrument_lost(p->in);
	failed = instrument_attach(p->in, soon(), &p->e);
	p->in->serial_expected = NULL;
	if (!failed || p->e.code != ERR_IDENTITY)
		return fail(p, "another instrument in its place is %s%s", failed ? "taken for trouble: " : "not noticed",
			    failed ? p->e.text : "");
	if (stage_command(p->stage, &p->e, "clear unit") < 0 || attach(p) < 0)
		return fail(p, "back in its place it cannot be attached: %s", p->e.text);
	p->out->faults++;
	return 0;
}

/* After a power cut its settings are made again. */
static int power_cut(struct play *p)
{
	if (stage_command(p->stage, &p->e, "power unit") < 0)
		return fail(p, "%s", p->e.text);
	instrument_lost(p->in);
	if (attach(p) < 0)
		return fail(p, "after a power cut it cannot be attached: %s", p->e.text);
	p->out->faults++;
	return measure_all(p);
}

static void play(struct play *p)
{
	unsigned measured;

	if (attach(p) < 0) {
		fail(p, "%s", p->e.text);
		return;
	}
	/* Faults before anything is set: what is set takes its time to get there. */
	if (measure_all(p) < 0 || faults(p) < 0 || set_all(p) < 0 || refusals(p) < 0 || impostor(p) < 0)
		return;
	measured = p->out->measured;
	if (power_cut(p) < 0)
		return;
	p->out->measured = measured;
	if (instrument_safe(p->in, soon(), &p->e) < 0)
		fail(p, "its safe state: %s", p->e.text);
}

void model_play(struct model *m, const char *path, const char *quantities, struct played *out)
{
	struct play p = { .m = m, .out = out };

	*out = (struct played){ 0 };
	if (stage_open(&p.stage, m, path, quantities, &p.e) < 0 ||
	    instrument_new(&p.in, m, m->name, stage_address(p.stage), NULL, NULL, -1, &p.e) < 0) {
		fail(&p, "%s", p.e.text);
	} else {
		hurry(&p);
		play(&p);
	}
	instrument_free(&p.in);
	stage_close(&p.stage);
}
