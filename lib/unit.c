/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "unit.h"

#include <math.h>
#include <stdbool.h>
#include <stdio.h>
#include <string.h>
#include <udunits2.h>

#include "nearest.h"
#include "number.h"

#define LONGEST 63

/* The whitelist: what we write, and udunits2's unmistakable name for it. */
static const struct symbol {
	const char *symbol, *name;
	bool prefixes;
	bool angle;
	const char *interval;    /* of a scale with an origin: the unit of its differences */
} symbols[] = {
	{ .symbol = "V", .name = "volt", .prefixes = true },
	{ .symbol = "A", .name = "ampere", .prefixes = true },
	{ .symbol = "Ohm", .name = "ohm", .prefixes = true },
	{ .symbol = "\u03A9", .name = "ohm", .prefixes = true },
	{ .symbol = "\u2126", .name = "ohm", .prefixes = true },
	{ .symbol = "S", .name = "siemens", .prefixes = true },
	{ .symbol = "F", .name = "farad", .prefixes = true },
	{ .symbol = "H", .name = "henry", .prefixes = true },
	{ .symbol = "C", .name = "coulomb", .prefixes = true },
	{ .symbol = "W", .name = "watt", .prefixes = true },
	{ .symbol = "VA", .name = "volt ampere", .prefixes = true },
	{ .symbol = "Wb", .name = "weber", .prefixes = true },
	{ .symbol = "T", .name = "tesla", .prefixes = true },
	{ .symbol = "Hz", .name = "hertz", .prefixes = true },
	{ .symbol = "m", .name = "meter", .prefixes = true },
	{ .symbol = "s", .name = "second", .prefixes = true },
	{ .symbol = "g", .name = "gram", .prefixes = true },
	{ .symbol = "K", .name = "kelvin", .prefixes = true },
	{ .symbol = "mol", .name = "mole", .prefixes = true },
	{ .symbol = "cd", .name = "candela", .prefixes = true },
	{ .symbol = "N", .name = "newton", .prefixes = true },
	{ .symbol = "Pa", .name = "pascal", .prefixes = true },
	{ .symbol = "J", .name = "joule", .prefixes = true },
	{ .symbol = "bar", .name = "bar", .prefixes = true },
	{ .symbol = "psi", .name = "psi" },
	{ .symbol = "L", .name = "liter", .prefixes = true },
	{ .symbol = "l", .name = "liter", .prefixes = true },
	{ .symbol = "lm", .name = "lumen", .prefixes = true },
	{ .symbol = "lx", .name = "lux", .prefixes = true },
	{ .symbol = "rad", .name = "radian", .prefixes = true, .angle = true },
	{ .symbol = "deg", .name = "degree", .angle = true },
	{ .symbol = "degC", .name = "degree_Celsius", .interval = "kelvin" },
	{ .symbol = "\u00B0C", .name = "degree_Celsius", .interval = "kelvin" },
	{ .symbol = "degF", .name = "degree_Fahrenheit", .interval = "degree_rankine" },
	{ .symbol = "min", .name = "minute" },
	{ .symbol = "h", .name = "hour" },
	{ .symbol = "d", .name = "day" },
	{ .symbol = "%", .name = "0.01" },
	{ .symbol = "%RH", .name = "0.01" },
	{ .symbol = "ppm", .name = "1e-6" },
	{ .symbol = "1", .name = "1" },
};
#define SYMBOLS (sizeof symbols / sizeof *symbols)

static const struct prefix {
	const char *text;
	int ten;
} prefixes[] = {
	{ "Y", 24 },  { "Z", 21 },  { "E", 18 },  { "P", 15 },  { "T", 12 },  { "G", 9 },
	{ "M", 6 },   { "k", 3 },   { "h", 2 },   { "da", 1 },  { "d", -1 },  { "c", -2 },
	{ "m", -3 },  { "u", -6 },  { "\u00B5", -6 }, { "\u03BC", -6 }, { "n", -9 },
	{ "p", -12 }, { "f", -15 }, { "a", -18 }, { "z", -21 }, { "y", -24 },
};
#define PREFIXES (sizeof prefixes / sizeof *prefixes)

/* A unit: udunits' part without prefixes, and the prefixes as a power of ten, kept exactly. */
struct parsed {
	ut_unit *unit;
	int ten, angle;
	const struct symbol *scale;      /* it is this one with an origin, alone */
};

static ut_system *database;

static ut_system *units_of_the_world(void)
{
	if (!database) {
		ut_set_error_message_handler(ut_ignore);
		database = ut_read_xml(NULL);
	}
	return database;
}

void unit_forget(void)
{
	ut_free_system(database);
	database = NULL;
}

static bool is_symbol(const struct symbol *s, const char *text, size_t n)
{
	return strlen(s->symbol) == n && !memcmp(s->symbol, text, n);
}

static const struct symbol *find_symbol(const char *text, size_t n, int *ten)
{
	*ten = 0;
	for (size_t i = 0; i < SYMBOLS; i++)
		if (is_symbol(&symbols[i], text, n))
			return &symbols[i];
	if (n == 2 && !memcmp(text, "pH", 2))      /* acidity, surely, and no picohenry */
		return NULL;
	for (size_t i = 0; i < PREFIXES; i++) {
		size_t head = strlen(prefixes[i].text);

		*ten = prefixes[i].ten;
		if (n <= head || memcmp(text, prefixes[i].text, head))
			continue;
		for (size_t k = 0; k < SYMBOLS; k++)
			if (symbols[k].prefixes && is_symbol(&symbols[k], text + head, n - head))
				return &symbols[k];
	}
	return NULL;
}

struct guess {
	struct nearest best;
	char word[16];
};

static void guess_offer(struct guess *g, const char *wrong, const char *prefix, const char *symbol)
{
	char word[sizeof g->word];

	snprintf(word, sizeof word, "%s%s", prefix, symbol);
	if (strcmp(word, wrong))         /* a picohenry, see above */
		nearest_offer(&g->best, wrong, word);
	if (g->best.word == word) {
		memcpy(g->word, word, sizeof word);
		g->best.word = g->word;
	}
}

static int unknown(const char *unit, struct err *e)
{
	static const char *const usual[] = { "m", "u", "k", "M", "n", "p", "h" };
	struct guess g = { 0 };

	for (size_t i = 0; i < SYMBOLS; i++) {
		guess_offer(&g, unit, "", symbols[i].symbol);
		for (size_t k = 0; symbols[i].prefixes && k < sizeof usual / sizeof *usual; k++)
			guess_offer(&g, unit, usual[k], symbols[i].symbol);
	}
	if (g.best.word)
		return err_set(e, ERR_CONFIG, "unknown unit '%s'; did you mean '%s'?", unit, g.word);
	return err_set(e, ERR_CONFIG, "unknown unit '%s'", unit);
}

/* "m-3": a symbol and its exponent. */
static const struct symbol *split(const char *token, size_t n, int *ten, int *power)
{
	const char *end = token + n;

	*power = 1;
	if (n > 1 && end[-1] >= '1' && end[-1] <= '9') {
		*power = end[-1] - '0';
		end--;
		if (end - token > 1 && end[-1] == '-') {
			*power = -*power;
			end--;
		}
	}
	return find_symbol(token, (size_t)(end - token), ten);
}

static void multiply(struct parsed *p, const struct symbol *s, int power)
{
	const char *name = s->interval ? s->interval : s->name;
	ut_unit *one = ut_parse(units_of_the_world(), name, UT_ASCII);
	ut_unit *raised = ut_raise(one, power);
	ut_unit *product = ut_multiply(p->unit, raised);

	ut_free(one);
	ut_free(raised);
	ut_free(p->unit);
	p->unit = product;
}

static int parse(struct parsed *p, const char *unit, struct err *e)
{
	const char *at = unit;
	bool below = false;
	int tokens = 0;

	if (!units_of_the_world())
		return err_set(e, ERR_CONFIG, "the units of udunits2 cannot be read (libudunits2-data)");
	*p = (struct parsed){ .unit = ut_get_dimensionless_unit_one(units_of_the_world()) };
	for (; strlen(unit) <= LONGEST && *at; tokens++) {
		size_t n = strcspn(at, " /");
		int ten, power;
		const struct symbol *s = split(at, n, &ten, &power);

		if (!s || (below && at[n]))
			break;
		p->scale = s->interval && tokens == 0 && power == 1 && !at[n] ? s : NULL;
		power = below ? -power : power;
		multiply(p, s, power);
		p->ten += ten * power;
		p->angle += s->angle ? power : 0;
		at += n;
		below = *at == '/';
		at += *at && at[1] && at[1] != ' ' ? 1 : 0;
	}
	if (*at || !tokens || !p->unit) {
		ut_free(p->unit);
		return unknown(unit, e);
	}
	return 0;
}

int unit_check(const char *unit, struct err *e)
{
	struct parsed p;

	if (parse(&p, unit, e))
		return -1;
	ut_free(p.unit);
	return 0;
}

/* A converter's factor that is a power of ten but for rounding becomes one. */
static double without_tens(double factor, int *ten)
{
	int k = (int)lround(log10(factor));
	double power = pow(10, k);

	if (fabs(factor / power - 1) > 1e-13)
		return factor;
	*ten += k;
	return 1;
}

static double convert(ut_unit *from, ut_unit *to, double value)
{
	cv_converter *cv = ut_get_converter(from, to);
	double v = cv ? cv_convert_double(cv, value) : NAN;

	cv_free(cv);
	return v;
}

static double origin(const struct parsed *from, const struct parsed *to)
{
	ut_system *s = units_of_the_world();
	ut_unit *a = from->scale ? ut_parse(s, from->scale->name, UT_ASCII) : ut_clone(from->unit);
	ut_unit *b = to->scale ? ut_parse(s, to->scale->name, UT_ASCII) : ut_clone(to->unit);
	double v = convert(a, b, 0);

	ut_free(a);
	ut_free(b);
	return to->ten < 0 ? v * pow(10, -to->ten) : v / pow(10, to->ten);
}

static void find_conversion(struct conversion *c, const struct parsed *from, const struct parsed *to)
{
	int ten = from->ten - to->ten;
	double base = without_tens(convert(from->unit, to->unit, 1), &ten);

	*c = (struct conversion){ .factor = ten < 0 ? base / pow(10, -ten) : base * pow(10, ten) };
	if (base == 1 && ten < 0)
		c->divisor = pow(10, -ten);
	if (from->scale || to->scale)
		c->offset = origin(from, to);
	else if (base == 1)
		c->tens = ten;
}

double conversion_digits(const struct conversion *c, double value)
{
	return c->tens ? number_shift(value, c->tens) : conversion_apply(c, value);
}

/* udunits2 would also turn a frequency into its period, and ohms into siemens, by no factor at all. */
static bool are_alike(const struct parsed *a, const struct parsed *b)
{
	ut_unit *ratio = ut_divide(a->unit, b->unit);
	bool alike = ut_is_dimensionless(ratio) && ut_are_convertible(a->unit, b->unit) && a->angle == b->angle;

	ut_free(ratio);
	return alike;
}

int unit_convert(struct conversion *c, const char *from, const char *to, struct err *e)
{
	struct parsed a, b;
	bool alike;

	if (parse(&a, from, e))
		return -1;
	if (parse(&b, to, e)) {
		ut_free(a.unit);
		return -1;
	}
	alike = are_alike(&a, &b);
	if (alike)
		find_conversion(c, &a, &b);
	ut_free(a.unit);
	ut_free(b.unit);
	if (!alike)
		return err_set(e, ERR_CONFIG, "'%s' does not convert to '%s'", from, to);
	return 0;
}

/* What a unit is made of, from its udunits2 visitor: the coherent unit and its dimension. */
struct makings {
	struct dimension *dimension;
	struct parsed coherent;
};

static void count_base(struct dimension *d, const ut_unit *base, int power)
{
	const char *symbol = ut_get_symbol(base, UT_ASCII);

	for (int i = 0; i < DIMENSION_BASES; i++)
		if (!strcmp(symbol, dimension_symbols[i]))
			d->halves[i] = (short)(d->halves[i] + 2 * power);
}

static ut_status visit_basic(const ut_unit *unit, void *arg)
{
	struct makings *m = arg;

	count_base(m->dimension, unit, 1);
	m->coherent.unit = ut_clone(unit);
	return UT_SUCCESS;
}

static ut_status visit_product(const ut_unit *unit, int n, const ut_unit *const *bases, const int *powers, void *arg)
{
	struct makings *m = arg;

	for (int i = 0; i < n; i++)
		count_base(m->dimension, bases[i], powers[i]);
	m->coherent.unit = ut_clone(unit);
	return UT_SUCCESS;
}

static const ut_visitor visitor;

static ut_status visit_multiple(const ut_unit *unit, double scale, const ut_unit *of, double offset, void *arg)
{
	(void)unit;
	(void)scale;
	(void)offset;
	return ut_accept_visitor(of, &visitor, arg);
}

/* The whitelist has neither time stamps nor logarithms. */
static const ut_visitor visitor = { visit_basic, visit_product, visit_multiple, NULL, NULL };

int unit_coherent(struct conversion *c, struct dimension *d, const char *unit, struct err *e)
{
	struct makings m = { .dimension = d };
	struct parsed p;
	int ten;

	if (parse(&p, unit, e))
		return -1;
	*d = (struct dimension){ .scale = p.scale != NULL };
	ut_accept_visitor(p.unit, &visitor, &m);
	m.coherent.scale = p.scale ? find_symbol("degC", 4, &ten) : NULL;
	find_conversion(c, &p, &m.coherent);
	ut_free(p.unit);
	ut_free(m.coherent.unit);
	return 0;
}
