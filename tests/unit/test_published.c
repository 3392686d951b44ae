/* SPDX-License-Identifier: GPL-3.0-or-later
 * The published cases: each agrees here, and none would if its figures were off by what their last digits tell. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>

#include <cmocka.h>

#include "mem.h"
#include "published.h"
#include "unit.h"

static void assert_comparison(struct figure f, double computed, struct comparison expected)
{
	struct comparison c = figure_compare(&f, computed);

	if (c.known != expected.known || c.agreed != expected.agreed || c.agrees != expected.agrees)
		fail_msg("%.17g beside %s: %d of %d digits, %d", computed, f.published, c.agreed, c.known, c.agrees);
}

static void digits_of_a_figure(void **state)
{
	(void)state;
	assert_comparison((struct figure){ "", "-0.1712", FIGURE_ROUNDED, 0 }, -0.17124, (struct comparison){ 4, 4, true });
	assert_comparison((struct figure){ "", "-0.1712", FIGURE_ROUNDED, 0 }, -0.17126, (struct comparison){ 4, 3, false });
	assert_comparison((struct figure){ "", "57e-6", FIGURE_ROUNDED, 0 }, 57.4e-6, (struct comparison){ 2, 2, true });
	assert_comparison((struct figure){ "", "57e-6", FIGURE_ROUNDED, 0 }, 57.6e-6, (struct comparison){ 2, 1, false });
	assert_comparison((struct figure){ "", "0.42979E-03", FIGURE_ROUNDED, 0 }, 0.42979e-3, (struct comparison){ 5, 5, true });
	assert_comparison((struct figure){ "", "0.42979E-03", FIGURE_ROUNDED, 0 }, -0.42979e-3, (struct comparison){ 5, 0, false });
	assert_comparison((struct figure){ "", "0.662", FIGURE_ROUNDED, 0 }, NAN, (struct comparison){ 3, 0, false });
}

static void bounds_of_a_figure(void **state)
{
	(void)state;
	assert_comparison((struct figure){ "", "2.0", FIGURE_WITHIN, 0.05 }, 2.0499, (struct comparison){ 2, 2, true });
	assert_comparison((struct figure){ "", "2.0", FIGURE_WITHIN, 0.05 }, 2.0501, (struct comparison){ 2, 1, false });
	assert_comparison((struct figure){ "", "2.0", FIGURE_WITHIN, 0.05 }, NAN, (struct comparison){ 2, 0, false });
	assert_comparison((struct figure){ "", "0.0", FIGURE_WITHIN, 0.05 }, 0.01, (struct comparison){ 1, 1, true });
	assert_comparison((struct figure){ "", "1", FIGURE_DIGITS, 13 }, 1 + 4e-13, (struct comparison){ 13, 13, true });
	assert_comparison((struct figure){ "", "1", FIGURE_DIGITS, 13 }, 1 + 6e-13, (struct comparison){ 13, 12, false });
	assert_comparison((struct figure){ "", "1", FIGURE_DIGITS, 13 }, NAN, (struct comparison){ 13, 0, false });
	assert_comparison((struct figure){ "", "yes", FIGURE_VERDICT, 0 }, 1, (struct comparison){ 0, 0, true });
	assert_comparison((struct figure){ "", "yes", FIGURE_VERDICT, 0 }, 0, (struct comparison){ 0, 0, false });
	assert_comparison((struct figure){ "", "no", FIGURE_VERDICT, 0 }, 1, (struct comparison){ 0, 0, false });
}

/* A unit of the last digit that counts, a little more than the bound, or the opposite verdict. */
static double spoilt(const struct figure *f, double computed)
{
	double published = strtod(f->published, NULL);

	if (f->rule == FIGURE_VERDICT)
		return 1 - computed;
	if (f->rule == FIGURE_WITHIN)
		return published + 1.01 * f->bound;
	return computed + pow(10, floor(log10(fabs(published))) + 1 -
			      (f->rule == FIGURE_DIGITS ? f->bound : figure_compare(f, computed).known));
}

static void every_case(void **state)
{
	const struct published_case *c;
	struct err e;

	(void)state;
	for (size_t i = 0; (c = published_case(i)); i++) {
		double *computed = mem_array(c->n, sizeof *computed);

		if (c->compute(c->of, computed, &e) < 0)
			fail_msg("%s: %s", c->name, e.text);
		for (size_t k = 0; k < c->n; k++) {
			const struct figure *f = &c->figures[k];

			if (!figure_compare(f, computed[k]).agrees)
				fail_msg("%s, %s: %.17g is not %s", c->name, f->name, computed[k], f->published);
			assert_false(figure_compare(f, spoilt(f, computed[k])).agrees);
		}
		free(computed);
	}
	unit_forget();
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(digits_of_a_figure),
		cmocka_unit_test(bounds_of_a_figure),
		cmocka_unit_test(every_case),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
