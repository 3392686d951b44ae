/* SPDX-License-Identifier: GPL-3.0-or-later
 * Expressions made at random, evaluated by ours and by muParser, which knows nothing of it; and derivatives of the same
 * against differences of muParser's values.  The library is loaded at run time: nothing else here needs it. */
#include <dlfcn.h>
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "expression.h"
#include "mem.h"
#include "random.h"

#define LIBRARY "libmuparser.so.2"
#define NAMES   3
#define MANY    3000

/* Its C interface, as muParserDLL.h declares it. */
static struct peer {
	void *library, *parser;
	void *(*create)(int base_type);
	void (*release)(void *);
	void (*set_text)(void *, const char *);
	void (*define)(void *, const char *, double *);
	double (*evaluate)(void *);
	int (*failed)(void *);
	const char *(*message)(void *);
	double at[NAMES];
} peer;

static const char *const names[NAMES] = { "a", "b", "c" };

static int load(void **state)
{
	(void)state;
	peer.library = dlopen(LIBRARY, RTLD_NOW);
	if (!peer.library)
		return 0;
	*(void **)&peer.create = dlsym(peer.library, "mupCreate");
	*(void **)&peer.release = dlsym(peer.library, "mupRelease");
	*(void **)&peer.set_text = dlsym(peer.library, "mupSetExpr");
	*(void **)&peer.define = dlsym(peer.library, "mupDefineVar");
	*(void **)&peer.evaluate = dlsym(peer.library, "mupEval");
	*(void **)&peer.failed = dlsym(peer.library, "mupError");
	*(void **)&peer.message = dlsym(peer.library, "mupGetErrorMsg");
	peer.parser = peer.create(0);
	for (int i = 0; i < NAMES; i++)
		peer.define(peer.parser, names[i], &peer.at[i]);
	return 0;
}

/* The library stays: it keeps 8 bytes of its own until the end, which would look lost without it. */
static int finish(void **state)
{
	(void)state;
	if (peer.library)
		peer.release(peer.parser);
	return 0;
}

static void needs_peer(void)
{
	if (!peer.library) {
		print_message("SKIPPED: there is no %s (libmuparser2v5)\n", LIBRARY);
		skip();
	}
}

static double peer_value(const char *text, const double *at)
{
	double y;

	memcpy(peer.at, at, sizeof peer.at);
	peer.set_text(peer.parser, text);
	y = peer.evaluate(peer.parser);
	if (peer.failed(peer.parser))
		fail_msg("%s: muParser: %s", text, peer.message(peer.parser));
	return y;
}

static unsigned one_of(struct random *r, unsigned n)
{
	return (unsigned)(random_next(r) % n);
}

/* Every operator and function that both know; parentheses or none, so that precedence decides. */
static void grow(struct buf *b, struct random *r, unsigned depth)
{
	static const char *const operators[] = { " + ", "-", "*", " / ", "^" };
	static const char *const functions[] = { "sqrt", "exp", "ln", "log10", "sin", "cos", "tan", "asin", "acos",
						 "atan", "abs", "min", "max" };
	unsigned what = depth ? one_of(r, 8) : one_of(r, 2), f = one_of(r, 13);

	if (what == 0) {
		buf_puts(b, names[one_of(r, NAMES)]);
	} else if (what == 1) {
		buf_printf(b, "%.3g", 0.1 + random_uniform(r));
	} else if (what == 2) {
		buf_puts(b, "(-");
		grow(b, r, depth - 1);
		buf_putc(b, ')');
	} else if (what == 3) {
		buf_printf(b, "%s(", functions[f]);
		grow(b, r, depth - 1);
		if (f > 10) {
			buf_putc(b, ',');
			grow(b, r, depth - 1);
		}
		buf_putc(b, ')');
	} else {
		bool inside = one_of(r, 2);

		buf_puts(b, inside ? "(" : "");
		grow(b, r, depth - 1);
		buf_puts(b, operators[one_of(r, 5)]);
		grow(b, r, depth - 1);
		buf_puts(b, inside ? ")" : "");
	}
}

/* In ours' order of names. */
static void own_order(const struct expression *x, const double *at, double *own)
{
	const char *const *mine;
	size_t n = expression_names(x, &mine);

	for (size_t i = 0; i < n; i++)
		own[i] = at[mine[i][0] - 'a'];
}

/* Of a number and no number muParser's min and max make a number. */
static bool has_choice(const char *text)
{
	return strstr(text, "min") || strstr(text, "max");
}

static bool alike(double x, double y, double tolerance)
{
	return (!isfinite(x) && !isfinite(y)) || fabs(x - y) <= tolerance * fmax(1, fabs(y));
}

static struct expression *next(struct buf *b, struct random *r, double at[NAMES])
{
	struct expression *x;
	struct err e;

	do {
		buf_clear(b);
		grow(b, r, 4);
		x = expression_parse(b->data, &e);      /* NULL: 1/(0.5-0.5) and its like are refused at once */
		if (!x && !strstr(e.text, "no finite number"))
			fail_msg("%s: %s", b->data, e.text);
	} while (!x);
	for (int i = 0; i < NAMES; i++)
		at[i] = 0.2 + random_uniform(r);
	return x;
}

static void values_are_alike(void **state)
{
	struct buf b = { 0 };
	struct random r;
	size_t finite = 0;

	(void)state;
	needs_peer();
	random_seed(&r, 1, "values");
	for (int i = 0; i < MANY; i++) {
		double at[NAMES], own[NAMES], y, first[NAMES], theirs;
		struct expression *x = next(&b, &r, at);

		own_order(x, at, own);
		expression_derivatives(x, own, &y, first, NULL);
		theirs = peer_value(b.data, at);
		if (!alike(y, theirs, 1e-9) && !(isnan(y) && has_choice(b.data)))
			fail_msg("%s at %.17g %.17g %.17g: %.17g, muParser %.17g", b.data, at[0], at[1], at[2], y, theirs);
		finite += isfinite(y) ? 1 : 0;
		expression_free(&x);
	}
	buf_release(&b);
	assert_true(finite > MANY / 2);
}

/* Central difference of muParser's values, and how far it is from that with half the step. */
static double difference(const char *text, const double *at, int i, double *doubt)
{
	double d[2];

	for (int half = 0; half < 2; half++) {
		double h = half ? 5e-5 : 1e-4, up[NAMES], down[NAMES];

		memcpy(up, at, sizeof up);
		memcpy(down, at, sizeof down);
		up[i] += h;
		down[i] -= h;
		d[half] = (peer_value(text, up) - peer_value(text, down)) / (2 * h);
	}
	*doubt = fabs(d[1] - d[0]);
	return (4 * d[1] - d[0]) / 3;                   /* Richardson: the error in h^2 falls out */
}

static void derivatives_are_alike(void **state)
{
	struct buf b = { 0 };
	struct random r;
	size_t compared = 0;

	(void)state;
	needs_peer();
	random_seed(&r, 2, "derivatives");
	for (int i = 0; i < MANY / 3; i++) {
		double at[NAMES], own[NAMES], y, first[NAMES];
		struct expression *x = next(&b, &r, at);
		const char *const *mine;

		own_order(x, at, own);
		expression_derivatives(x, own, &y, first, NULL);
		for (size_t k = 0; k < expression_names(x, &mine); k++) {
			double doubt, d = difference(b.data, at, mine[k][0] - 'a', &doubt);

			if (!isfinite(y) || !isfinite(first[k]) || !(doubt < 1e-5 * fmax(1, fabs(d))))
				continue;
			compared++;
			if (!alike(first[k], d, 1e-6))
				fail_msg("d/d%s of %s: %.17g, by differences %.17g", mine[k], b.data, first[k], d);
		}
		expression_free(&x);
	}
	buf_release(&b);
	assert_true(compared > MANY / 6);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(values_are_alike),
		cmocka_unit_test(derivatives_are_alike),
	};

	return cmocka_run_group_tests(tests, load, finish);
}
