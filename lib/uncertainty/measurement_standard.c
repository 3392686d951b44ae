/* SPDX-License-Identifier: GPL-3.0-or-later
 * measurement_standard.c - the correction of a standard at a point: from its file as the run kept it, at what it read,
 * under the conditions of that moment. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "evaluate.h"
#include "measurement_own.h"
#include "mem.h"
#include "standard_inputs.h"

/* The certificates as the run kept them. */

static char *standard_name(struct tally *t, const char *role)
{
	struct span roles, one;

	return json_member(tally_start(t), "roles", &roles) == 1 && json_member(roles, role, &one) == 1
		? json_member_text(one, "standard") : NULL;
}

static struct standard *load(struct locality *at, const char *role, struct err *e)
{
	char *name = standard_name(at->tally, role), *path = mem_format("%s.yaml", name ? name : "");
	struct problems ps = { 0 };
	struct standard *s = NULL;
	struct span text;

	text = name ? tally_file(at->tally, "standard", name) : (struct span){ 0 };
	if (!name)
		err_set(e, ERR_STATE, "no standard stood in the role %s", role);
	else if (!text.n)
		err_set(e, ERR_CORRUPT, "the records hold no file of the standard %s", name);
	else if (standard_parse(&s, path, text.p, text.n, at->quantities, &ps) < 0)
		err_set(e, ERR_CONFIG, "the standard %s in the records, line %d: %s", name, ps.list[0].line, ps.list[0].text);
	problems_release(&ps);
	free(path);
	free(name);
	return s;
}

static const struct standard *standard_of(struct locality *at, const char *role, struct err *e)
{
	struct standard *s;

	for (size_t i = 0; i < at->n_standards; i++)
		if (!strcmp(at->standards[i].role, role))
			return at->standards[i].standard;
	s = load(at, role, e);
	if (!s)
		return NULL;
	at->standards = mem_grow(at->standards, at->n_standards, sizeof *at->standards);
	at->standards[at->n_standards++] = (struct kept_standard){ mem_string(role), s };
	return s;
}

void measurement_standards_release(struct locality *at)
{
	for (size_t i = 0; i < at->n_standards; i++) {
		free(at->standards[i].role);
		standard_free(&at->standards[i].standard);
	}
	free(at->standards);
}

static int add_terms(struct input_table *table, const struct standard_statement *t, const struct standard_correction *c,
		     struct summand *a, struct err *e)
{
	size_t places[STANDARD_TERMS];

	if (standard_inputs_add(table, t, c, places, e) < 0)
		return -1;
	a->fixed = c->fixed;
	for (size_t i = 0; i < c->n; i++)
		measurement_term(a, places[i], c->terms[i].sensitivity);
	return 0;
}

/* When and where. */

static double mean_of(struct locality *at, const char *channel)
{
	struct readings r = tally_readings(at->tally, at->point, channel);
	double mean = evaluate_sample(r.values, r.n).mean;

	readings_release(&r);
	return mean;
}

static struct standard_condition *conditions(struct locality *at, const struct input_spec *in)
{
	const struct channel_ref *r = in->conditions.items;
	struct standard_condition *list = mem_array(in->conditions.n, sizeof *list);

	for (size_t i = 0; i < in->conditions.n; i++)
		list[i] = (struct standard_condition){ r[i].quantity, mean_of(at, r[i].text) };
	return list;
}

int measurement_standard(struct input_table *table, struct locality *at, const struct input_spec *in, struct summand *a,
			 struct err *e)
{
	const struct standard *s = standard_of(at, in->channel.role, e);
	const struct certificate *cert = s ? standard_certificate(s, at->day) : NULL;
	double value = mean_of(at, in->channel.text);
	const struct standard_statement *t = cert ? certificate_statement(cert, in->channel.quantity, value) : NULL;
	struct standard_condition *where = conditions(at, in);
	struct standard_use use = { at->day, where, in->conditions.n };
	struct standard_correction c;
	int bad = -1;

	if (!s)
		;
	else if (isnan(value))
		err_set(e, ERR_STATE, "no reading of %s that counts", in->channel.text);
	else if (!t || !statement_covers(t, value))
		standard_check_value(s, at->day, in->channel.quantity, value, e);
	else if (standard_correct(t, value, &use, &c, e) == 0)
		bad = isnan(c.value) ? err_set(e, ERR_CONFIG, "%s: its certificate gives coefficients of a thermometer, no correction",
					       s->name) : add_terms(table, t, &c, a, e);
	free(where);
	return bad;
}
