/* SPDX-License-Identifier: GPL-3.0-or-later
 * standard_check.c - what no single key of a standard's file shows: what belongs together, and what contradicts. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "standard_parts.h"

static void check_stated(struct schema_context *c, const struct yaml *node, const struct stated_uncertainty *s)
{
	if (s->expanded.unit && s->standard.unit)
		schema_problem_key(c, node, "u", "U and u: one of them states the uncertainty, the other follows from it");
	if (s->k > 0 && !s->expanded.unit)
		schema_problem_key(c, node, "k", "k belongs to an expanded uncertainty U, and there is none");
	if ((s->expanded.unit && s->expanded.number < 0) || (s->standard.unit && s->standard.number < 0))
		schema_problem_key(c, node, s->expanded.unit ? "U" : "u", "an uncertainty is not negative");
}

/* The last decimal that is printed of a value, as a difference in the unit of another; NAN: it does not convert. */
static double last_digit(const struct yaml *node, const char *key, const struct value *v, const char *unit)
{
	const char *text = yaml_find(node, key)->text, *dot = strpbrk(text, ".eE");
	int decimals = dot && *dot == '.' ? (int)strspn(dot + 1, "0123456789") : 0;
	const char *power = strpbrk(text, "eE");
	struct value one = { .number = pow(10, (double)((power ? strtol(power + 1, NULL, 10) : 0) - decimals)), .unit = v->unit };
	struct err e;
	double d;

	return difference_in(&one, unit, &d, &e) < 0 ? NAN : d;
}

/* What a row has beside its value, and what that minus the argument, or the contrary, must be. */
struct difference { const char *key; const struct value *stated; int sign; };

static bool agree(double stated, double must, double digits)
{
	return fabs(stated - must) <= 0.5 * digits * (1 + 1e-6);
}

/* A sign that was turned shows here; what was rounded apart may differ by half of each last digit.  Of an indication
 * of 10 V beside a value of 9.999996 V the last digit is not that of the volt. */
static void check_sign(struct schema_context *c, const struct yaml *node, const struct standard_row *r,
		       const struct difference *d)
{
	const char *x_key = r->indication.unit ? "indication" : "nominal";
	const struct value *x = row_argument(r);
	double value, stated, must, digits;
	struct err e;

	if (!d->stated->unit || !r->value.unit)
		return;
	if (value_in(&r->value, x->unit, &value, &e) < 0 || difference_in(d->stated, x->unit, &stated, &e) < 0) {
		schema_problem_key(c, node, d->key, "%s", e.text);
		return;
	}
	must = d->sign * (value - x->number);
	digits = last_digit(node, "value", &r->value, x->unit);
	digits += fmin(digits, last_digit(node, x_key, x, x->unit)) + last_digit(node, d->key, d->stated, x->unit);
	if (!agree(stated, must, digits))
		schema_problem_key(c, node, d->key, "%s: %s minus %s is %.6g %s here, not what is stated%s", d->key,
				   d->sign > 0 ? "value" : x_key, d->sign > 0 ? x_key : "value", must, x->unit,
				   agree(-stated, must, digits) ? ": its sign is turned" : "");
}

static void check_row_states(struct schema_context *c, const struct yaml *node, const struct standard_row *r)
{
	if (!r->indication.unit == !r->nominal.unit)
		schema_problem(c, node, "a row is at an indication or at a nominal value: one of the keys 'indication' and "
			       "'nominal'");
	else if (r->nominal.unit && r->error.unit)
		schema_problem_key(c, node, "error", "an error is that of an indication; of a nominal value state the "
				   "deviation, value minus nominal");
	else if (r->indication.unit && r->deviation.unit)
		schema_problem_key(c, node, "deviation", "a deviation is that from a nominal value; of an indication state the "
				   "error, indication minus value, or the correction, value minus indication");
	else if (!r->value.unit && !r->error.unit && !r->correction.unit && !r->deviation.unit)
		schema_problem(c, node, "a row states a value, %s or a correction", r->nominal.unit ? "a deviation" : "an error");
	if (!r->stated.expanded.unit && !r->stated.standard.unit)
		schema_problem(c, node, "a row states its uncertainty: U with k, or u");
}

void standard_check_row(struct schema_context *c, const struct yaml *node, void *row)
{
	const struct standard_row *r = row;
	const struct difference all[] = {
		{ "error", &r->error, -1 }, { "correction", &r->correction, 1 }, { "deviation", &r->deviation, 1 },
	};
	size_t before = c->problems->total;

	check_row_states(c, node, r);
	check_stated(c, node, &r->stated);
	for (size_t i = 0; c->problems->total == before && i < sizeof all / sizeof *all; i++)
		check_sign(c, node, r, &all[i]);
}

void standard_check_coefficient(struct schema_context *c, const struct yaml *node, void *coefficient)
{
	const struct standard_coefficient *f = coefficient;

	if (f->has_expanded && f->has_standard)
		schema_problem_key(c, node, "u", "U and u: one of them states the uncertainty, the other follows from it");
	if (f->k > 0 && !f->has_expanded)
		schema_problem_key(c, node, "k", "k belongs to an expanded uncertainty U, and there is none");
}

void standard_check_polynomial(struct schema_context *c, const struct yaml *node, void *polynomial)
{
	const struct standard_polynomial *p = polynomial;
	struct conversion to;
	struct err e;

	check_stated(c, node, &p->stated);
	if (unit_convert(&to, p->argument_unit, p->unit, &e) < 0)
		schema_problem_key(c, node, "unit", "%s: the sum is a difference, or a value, of what is put in", e.text);
	if (!p->coefficients.n || p->coefficients.n > 16)
		schema_problem_key(c, node, "coefficients", "a polynomial has 1 to 16 coefficients");
}

/* Which coefficients the deviation function of each sub-range has: ITS-90, table 4. */
static const char *const its90_names[] = {
	"", "a b c1 c2 c3 c4 c5", "a b c1 c2 c3", "a b c1", "a b", "a b", "a b c d", "a b c", "a b", "a b", "a", "a",
};

static bool is_among(const char *name, const char *words)
{
	size_t n = strlen(name);

	for (const char *w = words; *w; w += strcspn(w, " "), w += *w == ' ')
		if (strcspn(w, " ") == n && !strncmp(w, name, n))
			return true;
	return false;
}

void standard_check_its90(struct schema_context *c, const struct yaml *node, void *thermometer)
{
	const struct standard_thermometer *t = thermometer;
	const struct standard_coefficient *f = t->coefficients.items;
	const char *names = its90_names[t->subrange];

	check_stated(c, node, &t->stated);
	for (size_t i = 0; i < t->coefficients.n; i++)
		if (!is_among(f[i].name, names))
			schema_problem_at(c, f[i].place, "sub-range %d has no coefficient '%s'; it has %s", (int)t->subrange,
					  f[i].name, names);
}

void standard_check_drift(struct schema_context *c, const struct yaml *node, void *drift)
{
	const struct standard_drift *d = drift;

	if (d->u_per_year.unit && d->half_width_per_year.unit)
		schema_problem_key(c, node, "u_per_year", "u_per_year and half_width_per_year: one of them");
	if (!d->per_year.unit && !d->u_per_year.unit && !d->half_width_per_year.unit)
		schema_problem(c, node, "a drift states per_year, or how well it is known to be none: u_per_year or "
			       "half_width_per_year");
}

void standard_check_influence(struct schema_context *c, const struct yaml *node, void *influence)
{
	const struct standard_influence *f = influence;

	if (f->u.unit && f->half_width.unit)
		schema_problem_key(c, node, "u", "u and half_width: one of them");
}

static void check_interpolation(struct schema_context *c, const struct yaml *node, const struct standard_statement *t)
{
	const struct standard_row *r = t->table.items;

	if (!t->table.n) {
		schema_problem_key(c, node, "table", "a table has at least one row");
		return;
	}
	if (!t->interpolation)
		schema_problem_key(c, node, "table", "what holds between the rows must be said: interpolation: linear, or none");
	if (t->interpolation == INTERPOLATION_NONE && r->indication.unit)
		schema_problem_key(c, node, "interpolation", "an indication never is that of a row to its last digit: "
				   "'none' is for nominal values");
	else if (t->interpolation == INTERPOLATION_NONE && t->range.from.unit)
		schema_problem_key(c, node, "range", "without interpolation it holds at its rows: a range says nothing");
	for (size_t i = 1; i < t->table.n; i++)
		if (!r[i].indication.unit != !r->indication.unit)
			schema_problem_at(c, r[i].place, "the rows of a table are all at indications, or all at nominal values");
}

void standard_check_statement(struct schema_context *c, const struct yaml *node, void *statement)
{
	struct standard_statement *t = statement;
	int forms = t->has_table + t->has_polynomial + t->has_callendar_van_dusen + t->has_its90;

	t->form = t->has_polynomial ? STATEMENT_POLYNOMIAL : t->has_callendar_van_dusen ? STATEMENT_CALLENDAR_VAN_DUSEN :
		t->has_its90 ? STATEMENT_ITS90 : STATEMENT_TABLE;
	if (forms != 1)
		schema_problem(c, node, "a result has one of the keys table, polynomial, callendar_van_dusen and its90");
	else if (t->form == STATEMENT_TABLE)
		check_interpolation(c, node, t);
	else if (t->interpolation)
		schema_problem_key(c, node, "interpolation", "only a table is interpolated");
	if (!t->range.from.unit && (t->form != STATEMENT_TABLE || t->interpolation == INTERPOLATION_LINEAR))
		schema_problem(c, node, "a result needs the key 'range': where it holds, such as {from: -10 V, to: 10 V}");
}

void standard_check_certificate(struct schema_context *c, const struct yaml *node, void *certificate)
{
	const struct certificate *f = certificate;
	uint8_t hash[HASH_SIZE];

	if (f->issued && f->issued < f->calibrated)
		schema_problem_key(c, node, "issued", "a certificate is not issued before the calibration");
	if (f->due < f->calibrated)
		schema_problem_key(c, node, "due", "due before it was calibrated");
	if (f->dcc.sha256 && hash_parse(f->dcc.sha256, strlen(f->dcc.sha256), hash) < 0)
		schema_problem_key(c, node, "dcc", "dcc: sha256: expected 64 hexadecimal digits");
	if (!f->results.n)
		schema_problem_key(c, node, "results", "a certificate states at least one result");
}

static int by_calibration(const void *a, const void *b)
{
	const struct certificate *x = a, *y = b;

	return x->calibrated < y->calibrated ? -1 : x->calibrated > y->calibrated;
}

static bool overlap(const struct standard_statement *a, const struct standard_statement *b)
{
	return !strcmp(a->quantity, b->quantity) && a->low < b->high && b->low < a->high;
}

static void resolve(struct schema_context *c, const struct standard *s, const struct certificate *cert)
{
	struct standard_statement *t = cert->results.items;
	size_t before = c->problems->total;

	for (size_t i = 0; i < cert->results.n; i++)
		standard_resolve(c, s, cert, &t[i]);
	for (size_t i = 1; c->problems->total == before && i < cert->results.n; i++)
		for (size_t k = 0; k < i; k++)
			if (overlap(&t[i], &t[k]))
				schema_problem_at(c, t[i].place, "%s: the ranges of two results overlap: which of them holds?",
						  t[i].quantity);
}

static bool named_as_file(const struct standard *s)
{
	const char *slash = strrchr(s->source.path, '/'), *file = slash ? slash + 1 : s->source.path;
	size_t n = strlen(s->name);

	return !strncmp(file, s->name, n) && !strcmp(file + n, ".yaml");
}

void standard_check(struct schema_context *c, const struct yaml *node, void *standard)
{
	struct standard *s = standard;
	struct certificate *list = s->certificates.items;

	if (!named_as_file(s))
		schema_problem_key(c, node, "standard", "the file of standard '%s' is named %s.yaml", s->name, s->name);
	if (!s->certificates.n)
		schema_problem_key(c, node, "certificates", "a standard has at least one certificate");
	else
		qsort(list, s->certificates.n, sizeof *list, by_calibration);
	for (size_t i = 0; i < s->certificates.n; i++) {
		resolve(c, s, &list[i]);
		for (size_t k = 0; k < i; k++)
			if (!strcmp(list[k].number, list[i].number) || list[k].calibrated == list[i].calibrated)
				schema_problem_at(c, list[i].place, "certificates %s and %s have the same %s", list[k].number,
						  list[i].number, strcmp(list[k].number, list[i].number) ? "day" : "number");
	}
}
