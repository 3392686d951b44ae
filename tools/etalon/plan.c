/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "plan.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "digits.h"
#include "driver.h"
#include "etalon.h"
#include "measurement.h"
#include "procedure.h"
#include "vocabulary.h"

struct span_ns { int64_t least, most; };        /* settling ends somewhere between */

static void commands_text(const char *indent, const char *text)
{
	while (*text) {
		size_t n = strcspn(text, "\n");

		if (n)
			printf("%s> %.*s\n", indent, (int)n, text);
		text += n + (text[n] == '\n');
	}
}

static void command(const struct channel_ref *c, bool set, double value)
{
	struct buf out = { 0 };

	buf_puts(&out, "");
	driver_describe(c->bench_role->model, c->point, set, value, &out);
	commands_text("        ", out.data);
	buf_release(&out);
}

static const char *unit_of(const struct channel_ref *c)
{
	return c->point->known->unit;
}

/* What a set step sets at this point, in the channel's unit. */
static double set_value(const struct step *s, const struct procedure_point *p)
{
	const struct assignment *a = p ? p->values.items : NULL;

	if (s->to.unit)
		return s->to_value;
	for (size_t i = 0; p && i < p->values.n; i++)
		if (!strcmp(a[i].channel.text, s->channel.text))
			return a[i].bound;
	return 0;
}

static void step_set(const struct step *s, const struct procedure_point *p)
{
	double value = set_value(s, p);
	char text[DIGITS_TEXT];

	printf("set %s to %s %s\n", s->channel.text, digits_short(value, text), unit_of(&s->channel));
	command(&s->channel, true, value);
}

static void step_settle(const struct step *s, struct span_ns *t)
{
	char band[DIGITS_TEXT], window[DURATION_TEXT], timeout[DURATION_TEXT];

	printf("settle %s within %s %s over %s, for at most %s\n", s->channel.text,
	       digits_short(s->band_value, band), unit_of(&s->channel),
	       duration_format(s->window_ns, window), duration_format(s->timeout_ns, timeout));
	command(&s->channel, false, 0);
	t->least += s->window_ns;
	t->most += s->timeout_ns;
}

static void step_measure(const struct step *s, struct span_ns *t)
{
	const struct channel_ref *c = s->channels.items;
	int64_t aperture = 0;

	printf("measure %" PRId64 " times, every %.3f s:", s->count, (double)s->interval_ns / 1e9);
	for (size_t i = 0; i < s->channels.n; i++)
		printf("%s %s", i ? "," : "", c[i].text);
	putchar('\n');
	for (size_t i = 0; i < s->channels.n; i++) {
		command(&c[i], false, 0);
		if (c[i].point->aperture_ns > aperture)
			aperture = c[i].point->aperture_ns;
	}
	if (s->interval_ns > aperture)
		aperture = s->interval_ns;
	t->least += s->count * aperture;
	t->most += s->count * aperture;
}

static void print_step(size_t number, const struct step *s, const struct procedure_point *p,
		       struct span_ns *t)
{
	char duration[DURATION_TEXT];

	printf("    %zu ", number);
	if (s->kind == STEP_SET) {
		step_set(s, p);
	} else if (s->kind == STEP_SETTLE) {
		step_settle(s, t);
	} else if (s->kind == STEP_MEASURE) {
		step_measure(s, t);
	} else {
		printf("wait %s\n", duration_format(s->duration_ns, duration));
		t->least += s->duration_ns;
		t->most += s->duration_ns;
	}
}

static void print_steps(const struct list *steps, const struct procedure_point *p, struct span_ns *t)
{
	const struct step *s = steps->items;

	for (size_t i = 0; i < steps->n; i++)
		print_step(i + 1, &s[i], p, t);
}

static void asks(const char *why, const struct list *expectations)
{
	const struct expectation *x = expectations->items;

	for (size_t i = 0; i < expectations->n; i++)
		if (x[i].ask)
			printf("        > %s   (%s)\n", x[i].ask, why);
}

static void sends(const char *why, const struct strings *lines)
{
	for (size_t i = 0; i < lines->n; i++)
		printf("        > %s   (%s)\n", lines->list[i], why);
}

static void writes(const char *why, const struct list *registers)
{
	const struct register_write *w = registers->items;

	for (size_t i = 0; i < registers->n; i++)
		printf("        > write %.12g to %s %" PRId64 "   (%s)\n", w[i].value,
		       table_name(w[i].registers.table), w[i].registers.address, why);
}

static void proves(const char *why, const struct list *registers)
{
	const struct register_proof *p = registers->items;

	for (size_t i = 0; i < registers->n; i++)
		printf("        > %s %" PRId64 " hold %.12g?   (%s)\n", table_name(p[i].registers.table),
		       p[i].registers.address, p[i].is, why);
}

/* Does no step from the i-th on end what s sets? */
static bool stands(const struct list *steps, size_t i, const struct step *s)
{
	const struct step *later = steps->items;

	for (size_t k = i; k < steps->n; k++)
		if (later[k].kind == STEP_SET && later[k].channel.bench_role == s->channel.bench_role &&
		    (later[k].channel.point == s->channel.point || point_ends(later[k].channel.point, s->channel.point)))
			return false;
	return true;
}

static void print_still_set(const struct channel_ref *c)
{
	const struct model *m = c->bench_role->model;

	if (m->manner == MANNER_MANUAL)
		return;
	printf("    %s still stands\n", c->text);
	asks("state", &m->state);
	proves("state", &m->modbus.state);
	if (c->point->readback)
		printf("        > %s\n", c->point->readback);
	if (c->point->has_target && !c->point->modbus.readback.none)
		puts("        > what was written   (read back)");
}

/* What was set, in the baseline too, is asked for once more at the end. */
static void print_confirm(const struct procedure *p)
{
	const struct step *base = p->baseline.items, *s = p->steps.items;

	for (size_t i = 0; i < p->baseline.n; i++)
		if (base[i].kind == STEP_SET && stands(&p->baseline, i + 1, &base[i]) && stands(&p->steps, 0, &base[i]))
			print_still_set(&base[i].channel);
	for (size_t i = 0; i < p->steps.n; i++)
		if (s[i].kind == STEP_SET && stands(&p->steps, i + 1, &s[i]))
			print_still_set(&s[i].channel);
}

static void print_after_power_on(const struct model *m)
{
	const struct after_power_on *a = &m->after_power_on;
	char text[DURATION_TEXT];

	if (m->power_on.ask)
		printf("        > %s   (was it switched on%s)\n", m->power_on.ask,
		       m->power_on.when == POWER_MEASUREMENT ? "? Also after each measurement" : "?");
	if (a->warm_up_ns)
		printf("          after a power-on not before %s\n", duration_format(a->warm_up_ns, text));
	for (size_t i = 0; i < a->commands.n; i++)
		printf("          after a power-on: %s\n", a->commands.list[i]);
}

static void print_self_calibration(const struct self_calibration *s)
{
	char text[DURATION_TEXT];

	if (!s->age_ns && !s->change.unit)
		return;
	printf("          self-calibration%s%s", s->command ? " by " : ", by a person", s->command ? s->command : "");
	if (s->age_ns)
		printf(", at most %s old", duration_format(s->age_ns, text));
	if (s->change.unit)
		printf(", at most %.12g %s away", s->change.number, s->change.unit);
	putchar('\n');
	if (s->has_age_ask)
		printf("        > %s   (its age)\n", s->age_ask.ask);
	if (s->has_time_ask)
		printf("        > %s   (when it was)\n        > %s   (its clock)\n", s->time_ask.ask, s->time_ask.now);
	if (s->has_temperature)
		printf("        > %s   (temperature)\n", s->temperature.ask);
	if (s->has_temperature_ask)
		printf("        > %s   (temperature then)\n", s->temperature_ask.ask);
}

static void print_requirements(const struct list *requires)
{
	const struct requirement *r = requires->items;

	for (size_t i = 0; i < requires->n; i++)
		printf("        > %s   (%s: %.6g to %.6g %s)\n", r[i].asked.ask, r[i].text, r[i].low, r[i].high,
		       r[i].asked.unit ? r[i].asked.unit : "");
}

/* All that is said to it before it is believed. */
static void print_state(const struct model *m)
{
	print_after_power_on(m);
	if (m->errors.ask)
		printf("        > %s   (until it answers %s)\n", m->errors.ask, m->errors.ok.text);
	sends("init", &m->init);
	print_self_calibration(&m->self_calibration);
	asks("state", &m->state);
	print_requirements(&m->requires);
}

static void print_role(const struct bench_role *r)
{
	const struct model *m = r->model;

	printf("    %s: %s %s at %s%s%s\n", r->name, m->manufacturer ? m->manufacturer : "",
	       m->number ? m->number : m->name, r->address,
	       r->access == ACCESS_SHARED ? ", shared" : "", r->simulated ? ", simulated" : "");
	if (m->identity.ask)
		printf("        > %s   (identity)\n", m->identity.ask);
	if (m->identity.has_registers)
		printf("        > register %" PRId64 "   (identity)\n", m->identity.registers.address);
	if (m->manner == MANNER_MANUAL)
		puts("        > asks a person: the serial number   (identity)");
	print_state(m);
	writes("init", &m->modbus.init);
	proves("state", &m->modbus.state);
}

static void print_safe(const struct bench_role *r)
{
	const struct point *p = r->model->points.items;

	if (r->access == ACCESS_SHARED)
		return;
	printf("    %s\n", r->name);
	sends("safe", &r->model->safe);
	if (r->model->manual.safe.n)
		printf("        > asks a person: %s\n", texts_pick(&r->model->manual.safe, "en"));
	writes("safe", &r->model->modbus.safe);
	for (size_t i = 0; i < r->model->points.n; i++) {
		struct buf out = { 0 };

		if (!p[i].safe.unit)
			continue;
		buf_puts(&out, "");
		driver_describe(r->model, &p[i], true, p[i].safe_value, &out);
		commands_text("        ", out.data);
		buf_release(&out);
	}
	asks("proves it", &r->model->safe_check);
	proves("proves it", &r->model->modbus.safe_check);
}

/* Only the roles the procedure names take part. */
static void each_role(const struct procedure *p, const struct bench *b,
		      void (*print)(const struct bench_role *))
{
	for (size_t i = 0; i < p->roles.n; i++)
		print(bench_role(b, p->roles.list[i]));
}

static void print_environment(const struct procedure *p)
{
	const struct environment *x = p->environment.items;
	char every[DURATION_TEXT];

	if (p->environment.n)
		puts("environment, all along");
	for (size_t i = 0; i < p->environment.n; i++) {
		printf("    %s every %s\n", x[i].channel.text, duration_format(x[i].every_ns, every));
		command(&x[i].channel, false, 0);
	}
}

static void print_plan(const struct procedure *p, const struct bench *b)
{
	const struct procedure_point *points = p->points.items;
	char least[DURATION_TEXT], most[DURATION_TEXT];
	struct span_ns t = { 0 };

	printf("procedure %s at bench %s\nattach\n", p->name, b->name);
	each_role(p, b, print_role);
	print_environment(p);
	if (p->baseline.n) {
		puts("baseline");
		print_steps(&p->baseline, NULL, &t);
	}
	for (size_t i = 0; i < p->points.n; i++) {
		printf("point %zu of %zu: %s\n", i + 1, p->points.n, points[i].name);
		print_steps(&p->steps, &points[i], &t);
		print_confirm(p);
	}
	puts("safe state");
	each_role(p, b, print_safe);
	printf("expected duration: %s", duration_format(t.least, least));
	if (t.most > t.least)
		printf(" to %s, as settling goes", duration_format(t.most, most));
	puts(", without attaching and the time of exchanges");
}

int plan(const char *procedure, const char *bench, const char *quantities, bool override)
{
	char *vocabulary = vocabulary_path(bench, quantities);
	struct problems ps = { 0 };
	struct quantities q = { 0 };
	struct procedure *p = NULL;
	struct bench *b = NULL;
	struct buf text = { 0 };
	int status;

	quantities_load(&q, vocabulary, &ps);
	if (!ps.total)
		bench_load(&b, bench, &q, &ps);
	procedure_load(&p, procedure, &ps);
	if (!ps.total && procedure_bind(p, b, &ps) == 0)
		measurement_check(p, &ps);
	if (!ps.total && !override)
		procedure_standards(p, b, day_of(utc_now()), &ps);
	problems_text(&ps, &text);
	if (!ps.total)
		print_plan(p, b);
	else
		fputs(text.data, stderr);
	buf_release(&text);
	procedure_free(&p);
	bench_free(&b);
	quantities_release(&q);
	free(vocabulary);
	status = ps.total ? NOT_SO : DONE;
	problems_release(&ps);
	return status;
}
