/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "equation.h"

#include <stdlib.h>
#include <string.h>

#include "expression.h"
#include "mem.h"
#include "nearest.h"
#include "unit.h"

#define BLOCK 1024              /* trials that are converted at a time */

struct equation_own {
	struct expression *expression;
	struct conversion *inputs, result;      /* to coherent units; of the function's arguments */
};

/* Binding. */

static const struct equation_input *find(const struct equation_input *inputs, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(inputs[i].name, name))
			return &inputs[i];
	return NULL;
}

static int no_input(const char *name, const struct equation_input *inputs, size_t n, struct err *e)
{
	struct nearest best = { 0 };

	for (size_t i = 0; i < n; i++)
		nearest_offer(&best, name, inputs[i].name);
	if (best.word)
		return err_set(e, ERR_CONFIG, "the model's %s is no input; did you mean %s?", name, best.word);
	return err_set(e, ERR_CONFIG, "the model's %s is no input: state it among the inputs", name);
}

static int all_used(const char *const *names, size_t n_names, const struct equation_input *inputs, size_t n,
		    struct err *e)
{
	for (size_t i = 0; i < n; i++) {
		bool used = false;

		for (size_t k = 0; k < n_names && !used; k++)
			used = !strcmp(names[k], inputs[i].name);
		if (!used)
			return err_set(e, ERR_CONFIG, "the input %s does not stand in the model: with factor 0 it may, or "
				       "leave it away", inputs[i].name);
	}
	return 0;
}

static int bind_names(struct equation *q, struct dimension *of, const struct input_table *t,
		      const struct equation_input *inputs, size_t n, struct err *e)
{
	const char *const *names;

	q->function.n = expression_names(q->own->expression, &names);
	q->places = mem_array(q->function.n, sizeof *q->places);
	q->own->inputs = mem_array(q->function.n, sizeof *q->own->inputs);
	for (size_t i = 0; i < q->function.n; i++) {
		const struct equation_input *in = find(inputs, n, names[i]);

		if (!in)
			return no_input(names[i], inputs, n, e);
		q->places[i] = in->place;
		if (unit_coherent(&q->own->inputs[i], &of[i], t->list[in->place].unit, e) < 0)
			return err_wrap(e, "%s", names[i]);
	}
	return all_used(names, q->function.n, inputs, n, e);
}

static int bind_result(struct equation *q, const struct dimension *of, const char *unit, struct err *e)
{
	char gives[DIMENSION_TEXT];
	struct dimension stated, whole;

	if (unit_coherent(&q->own->result, &stated, unit, e) < 0)
		return err_wrap(e, "the result's unit");
	if (expression_dimension(q->own->expression, of, &whole, e) < 0)
		return -1;
	if (!dimension_equal(&whole, &stated))
		return err_set(e, ERR_CONFIG, "the model gives %s, the result is stated in %s",
			       dimension_text(&whole, gives), unit);
	return 0;
}

/* The function. */

static bool is_plain(const struct conversion *c)
{
	return c->factor == 1 && c->divisor == 0 && c->offset == 0;
}

static const double *convert(const struct conversion *c, const double *x, size_t n, double *room)
{
	if (is_plain(c))
		return x;
	for (size_t t = 0; t < n; t++)
		room[t] = conversion_apply(c, x[t]);
	return room;
}

static void values(const void *self, const double *const *x, size_t trials, double *y)
{
	const struct equation *q = self;
	size_t many = q->function.n;
	double *room = mem_resize(NULL, (many + 1) * BLOCK, sizeof *room);
	const double **columns = mem_array(many + 1, sizeof *columns);

	for (size_t start = 0; start < trials; start += BLOCK) {
		size_t n = trials - start < BLOCK ? trials - start : BLOCK;

		for (size_t i = 0; i < many; i++)
			columns[i] = convert(&q->own->inputs[i], x[i] + start, n, room + i * BLOCK);
		expression_values(q->own->expression, columns, n, y + start);
		for (size_t t = start; t < start + n && !is_plain(&q->own->result); t++)
			y[t] = conversion_undo(&q->own->result, y[t]);
	}
	free(columns);
	free(room);
}

/* From derivatives between coherent numbers to those between numbers in the units stated: the chain rule, with
 * conversions' slopes. */
static void rescale(const struct equation *q, double *first, double *second)
{
	const struct conversion *in = q->own->inputs;
	double result = conversion_scale(&q->own->result, 1);
	size_t n = q->function.n;

	for (size_t i = 0; i < n; i++) {
		first[i] *= conversion_scale(&in[i], 1) / result;
		for (size_t j = 0; second && j < n; j++)
			second[i * n + j] *= conversion_scale(&in[i], 1) * conversion_scale(&in[j], 1) / result;
	}
}

static void derivatives(const void *self, const double *x, double *y, double *first, double *second)
{
	const struct equation *q = self;
	double *at = mem_array(q->function.n + 1, sizeof *at);

	for (size_t i = 0; i < q->function.n; i++)
		at[i] = conversion_apply(&q->own->inputs[i], x[i]);
	expression_derivatives(q->own->expression, at, y, first, second);
	if (!is_plain(&q->own->result))
		*y = conversion_undo(&q->own->result, *y);
	rescale(q, first, second);
	free(at);
}

struct equation *equation_new(const char *model, const char *unit, const struct input_table *t,
			      const struct equation_input *inputs, size_t n, struct err *e)
{
	struct equation *q = mem_new(sizeof *q);
	struct dimension *of = mem_array(strlen(model) + 1, sizeof *of);        /* no more names than bytes */

	q->own = mem_new(sizeof *q->own);
	q->function = (struct measurement_function){ .self = q, .values = values, .derivatives = derivatives };
	q->own->expression = expression_parse(model, e);
	if (!q->own->expression || bind_names(q, of, t, inputs, n, e) < 0 || bind_result(q, of, unit, e) < 0)
		equation_free(&q);
	free(of);
	return q;
}

void equation_free(struct equation **q)
{
	if (!*q)
		return;
	expression_free(&(*q)->own->expression);
	free((*q)->own->inputs);
	free((*q)->own);
	free((*q)->places);
	free(*q);
	*q = NULL;
}
