/* SPDX-License-Identifier: GPL-3.0-or-later
 * functions.c - etalon functions: the named functions a measurement model can call, and a model tried on numbers. */
#include "functions.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "etalon.h"
#include "expression.h"
#include "number.h"

static struct { bool scdoc; const char *expression; } opt;

static const struct argp_option options[] = {
	{ "calculate", 'c', "EXPRESSION", 0, "the value of an expression: 'air_density(1013 [hPa], 20 [degC], 50 [%])'", 0 },
	{ "scdoc", 's', NULL, 0, "as a part of a manual page", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *s)
{
	(void)s;
	if (key == 'c')
		opt.expression = arg;
	else if (key == 's')
		opt.scdoc = true;
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp argp = {
	.options = options, .parser = parse, .args_doc = "[WORD...]",
	.doc = "The named functions that a measurement model can call: arguments and result with their units, the range "
	       "outside of which there is no value, and who published them.\vWith words only those in whose name or meaning "
	       "all of them stand.  A number in an expression has its unit in brackets.",
};

static bool wanted(const struct function *f, char **words, int n)
{
	for (int i = 0; i < n; i++)
		if (!strcasestr(f->name, words[i]) && !strcasestr(f->help, words[i]))
			return false;
	return true;
}

/* What scdoc would take for the beginning of emphasis is escaped. */
static void add_plain(struct buf *b, const char *text)
{
	for (; *text; text++) {
		if (opt.scdoc && (*text == '_' || *text == '*'))
			buf_putc(b, '\\');
		buf_putc(b, *text);
	}
}

static void add_function(struct buf *b, const struct function *f)
{
	const char *inset = opt.scdoc ? "\t" : "    ", *bold = opt.scdoc ? "*" : "";

	buf_printf(b, "%s", bold);
	add_plain(b, f->name);
	buf_printf(b, "%s(", bold);
	for (size_t i = 0; i < f->arity; i++) {
		buf_printf(b, "%s", i ? ", " : "");
		add_plain(b, f->arguments[i].name);
		buf_printf(b, " [%s]", f->arguments[i].unit);
	}
	buf_printf(b, ") [%s]\n%s", f->unit, inset);
	add_plain(b, f->help);
	buf_printf(b, opt.scdoc ? ". Holds: " : "\n    holds: ");
	add_plain(b, f->range);
	buf_printf(b, opt.scdoc ? ". From: " : "\n    from: ");
	add_plain(b, f->source);
	buf_printf(b, opt.scdoc ? ".\n\n" : "\n");
}

static int list(char **words, int n)
{
	struct buf b = { 0 };
	size_t all;
	const struct function *f = functions(&all);

	for (size_t i = 0; i < all; i++)
		if (wanted(&f[i], words, n))
			add_function(&b, &f[i]);
	fputs(b.len ? b.data : "there is no such function\n", b.len ? stdout : stderr);
	n = b.len ? DONE : NOT_SO;
	buf_release(&b);
	return n;
}

static int compute(const struct expression *x, double *y, struct dimension *d, struct err *e)
{
	const char *const *names;

	if (expression_names(x, &names) > 0)
		return err_set(e, ERR_CONFIG, "'%s' has no value here: write numbers with their units, such as 20 [degC]", names[0]);
	if (expression_dimension(x, NULL, d, e) < 0)
		return -1;
	expression_values(x, NULL, 1, y);
	if (!isfinite(*y))
		return err_set(e, ERR_CONFIG, "this has no value: an argument lies outside of what its function holds for");
	return 0;
}

static int calculate(const char *text)
{
	struct err e;
	struct expression *x = expression_parse(text, &e);
	struct dimension d;
	char number[NUMBER_TEXT], unit[DIMENSION_TEXT];
	double y;
	bool good = x && compute(x, &y, &d, &e) == 0;

	if (good) {
		number_format(y, number);
		printf("%s %s\n", number, dimension_text(&d, unit));
	} else {
		fprintf(stderr, "etalon functions: %s\n", e.text);
	}
	expression_free(&x);
	return good ? DONE : NOT_SO;
}

int cmd_functions(int argc, char **argv)
{
	int first;

	argp_parse(&argp, argc, argv, 0, &first, NULL);
	return opt.expression ? calculate(opt.expression) : list(argv + first, argc - first);
}
