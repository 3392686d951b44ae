/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_expression.c - any text as an expression: it is refused with a sentence that says where, or everything that is
 * computed from it agrees with itself.  The first byte chooses the units of its names and where it is evaluated. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "expression.h"
#include "mem.h"
#include "unit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
	if (!ok)
		abort();
}

static const char *const units[] = { "1", "V", "degC", "K", "m", "%", "rad", "kg m-3" };
static const double places[] = { 1, 0, -1, 0.3, 1e300, -1e-300, 20, INFINITY };
#define PLACES (sizeof places / sizeof *places)

static bool same(double a, double b)
{
	return (isnan(a) && isnan(b)) || !memcmp(&a, &b, sizeof a);
}

/* One by one and in a column: the same bits. */
static void check_values(const struct expression *x, size_t n, unsigned chosen)
{
	double *at = mem_array(n + 1, sizeof *at), *first = mem_array(n + 1, sizeof *first);
	double *second = mem_array(n * n + 1, sizeof *second), y, alone, column;
	const double **columns = mem_array(n + 1, sizeof *columns);

	for (size_t i = 0; i < n; i++) {
		at[i] = places[(i + chosen) % PLACES];
		columns[i] = &at[i];
	}
	expression_values(x, columns, 1, &column);
	expression_derivatives(x, at, &alone, first, NULL);
	require(same(column, alone));
	if (n < 30)
		expression_derivatives(x, at, &y, first, second);
	require(n >= 30 || same(column, y));
	free(columns);
	free(second);
	free(first);
	free(at);
}

static void check_dimension(const struct expression *x, size_t n, unsigned chosen)
{
	struct dimension *of = mem_array(n + 1, sizeof *of), whole;
	char text[DIMENSION_TEXT];
	struct conversion c;
	struct err e = { 0 };

	for (size_t i = 0; i < n; i++)
		require(unit_coherent(&c, &of[i], units[(i * chosen) % 8], &e) == 0);
	if (expression_dimension(x, of, &whole, &e) == 0)
		require(dimension_text(&whole, text)[0]);
	else
		require(!strncmp(e.text, "column ", 7));
	free(of);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	unsigned chosen = size ? data[0] : 0;
	char *text = size > 1 ? mem_stringn((const char *)data + 1, size - 1) : mem_string("");
	struct err e = { 0 };
	struct expression *x = expression_parse(text, &e);
	const char *const *names;
	size_t n = x ? expression_names(x, &names) : 0;

	if (!x)
		require(e.code == ERR_CONFIG && (!strncmp(e.text, "column ", 7) || size > EXPRESSION_LONGEST));
	for (size_t i = 0; i < n; i++)
		require(strstr(text, names[i]));
	if (x) {
		check_values(x, n, chosen);
		check_dimension(x, n, chosen);
	}
	expression_free(&x);
	free(text);
	return 0;
}
