/* SPDX-License-Identifier: GPL-3.0-or-later
 * expression_values.c - an expression's values over columns of trials, and its derivatives at one place. */
#include <stdlib.h>
#include <string.h>

#include "expression_own.h"
#include "mem.h"

#define BLOCK 256               /* trials at a time: a handful of columns stays in the first cache */

/* One by one, for what has no loop of its own. */
static void apply_each(const struct node *node, const double *const *columns, size_t n, double *y)
{
	size_t many = node_arguments(node);
	double a[MOST_ARGUMENTS];

	for (size_t t = 0; t < n; t++) {
		for (size_t i = 0; i < many; i++)
			a[i] = columns[i][t];
		y[t] = node_apply(node, a);
	}
}

static void apply(const struct node *node, const double *const *columns, size_t n, double *y)
{
	if (node->operation && node->operation->columns)
		node->operation->columns(columns, n, y);
	else
		apply_each(node, columns, n, y);
}

/* The columns of a block: where each node's is. */
static void evaluate_block(const struct expression *x, const double **place, size_t n, double *slots)
{
	for (size_t k = 0; k < x->n; k++) {
		const struct node *node = &x->nodes[k];
		const double *args[MOST_ARGUMENTS];

		if (node->kind != NODE_OPERATION)
			continue;
		for (size_t i = 0; i < node_arguments(node); i++)
			args[i] = place[node->args[i]];
		apply(node, args, n, slots + node->slot * BLOCK);
	}
}

static void fill_numbers(const struct expression *x, double *slots)
{
	for (size_t k = 0; k < x->n; k++)
		for (size_t t = 0; x->nodes[k].kind == NODE_NUMBER && t < BLOCK; t++)
			slots[x->nodes[k].slot * BLOCK + t] = x->nodes[k].number;
}

void expression_values(const struct expression *x, const double *const *columns, size_t trials, double *y)
{
	double *slots = mem_resize(NULL, (x->slots + 1) * BLOCK, sizeof *slots);
	const double **place = mem_array(x->n, sizeof *place);

	fill_numbers(x, slots);
	for (size_t start = 0; start < trials; start += BLOCK) {
		size_t n = trials - start < BLOCK ? trials - start : BLOCK;

		for (size_t k = 0; k < x->n; k++)
			place[k] = x->nodes[k].kind == NODE_NAME ? columns[x->nodes[k].name] + start
								 : slots + x->nodes[k].slot * BLOCK;
		evaluate_block(x, place, n, slots);
		memcpy(y + start, place[x->n - 1], n * sizeof *y);
	}
	free(place);
	free(slots);
}

/* What each node is, and what the whole does when it changes.
 *
 * Forwards: the value of each node, and its partial derivatives with respect to its own operands.  Backwards: the
 * chain rule from the whole down gives each node's `adjoint`, the derivative of the whole with respect to it; those of
 * the names are the first derivatives, whatever their number.  Second ones: forwards the `tangent`, the derivative of
 * each node with respect to one name, and backwards the derivative of each adjoint with respect to that name, its
 * `bend`.  Griewank and Walther, Evaluating Derivatives (2nd ed., SIAM 2008), chapters 3 and 5. */
struct tape {
	double *value, *adjoint, *tangent, *bend;       /* a number per node */
	double *first, *second;                         /* of a node, from its own first and second on */
};

static void tape_make(struct tape *t, const struct expression *x)
{
	double *room = mem_array(4 * x->n + x->firsts + x->seconds, sizeof *room);

	*t = (struct tape){ .value = room, .adjoint = room + x->n, .tangent = room + 2 * x->n,
			    .bend = room + 3 * x->n, .first = room + 4 * x->n };
	t->second = t->first + x->firsts;
}

static void forwards_node(struct tape *t, const struct node *n, double *value, bool to_second)
{
	double a[MOST_ARGUMENTS], *second = t->second + n->second, y;

	for (size_t i = 0; i < node_arguments(n); i++)
		a[i] = t->value[n->args[i]];
	*value = node_apply(n, a);
	if (n->operation)
		n->operation->partials(a, *value, t->first + n->first, second);
	else
		function_derivatives(n->function, a, &y, t->first + n->first, to_second ? second : NULL);
}

static void forwards(struct tape *t, const struct expression *x, const double *at, bool to_second)
{
	for (size_t k = 0; k < x->n; k++) {
		const struct node *n = &x->nodes[k];

		if (n->kind == NODE_OPERATION)
			forwards_node(t, n, &t->value[k], to_second);
		else
			t->value[k] = n->kind == NODE_NAME ? at[n->name] : n->number;
	}
}

static void backwards(struct tape *t, const struct expression *x)
{
	t->adjoint[x->n - 1] = 1;
	for (size_t k = x->n; k-- > 0; )
		for (size_t i = 0; i < node_arguments(&x->nodes[k]); i++)
			t->adjoint[x->nodes[k].args[i]] += t->adjoint[k] * t->first[x->nodes[k].first + i];
}

static void forwards_along(struct tape *t, const struct expression *x, size_t name)
{
	for (size_t k = 0; k < x->n; k++) {
		const struct node *n = &x->nodes[k];

		t->tangent[k] = n->kind == NODE_NAME && n->name == name;
		for (size_t i = 0; i < node_arguments(n); i++)
			t->tangent[k] += t->first[n->first + i] * t->tangent[n->args[i]];
	}
}

static void backwards_along(struct tape *t, const struct expression *x)
{
	memset(t->bend, 0, x->n * sizeof *t->bend);
	for (size_t k = x->n; k-- > 0; ) {
		const struct node *n = &x->nodes[k];
		const double *second = t->second + n->second;
		size_t many = node_arguments(n);

		for (size_t i = 0; i < many; i++) {
			double change = 0;

			for (size_t j = 0; j < many; j++)
				change += second[i * many + j] * t->tangent[n->args[j]];
			t->bend[n->args[i]] += t->bend[k] * t->first[n->first + i] + t->adjoint[k] * change;
		}
	}
}

/* A name may stand in several places: its derivative is the sum over them. */
static void gather(const struct expression *x, const double *of_nodes, double *of_names)
{
	memset(of_names, 0, x->n_names * sizeof *of_names);
	for (size_t k = 0; k < x->n; k++)
		if (x->nodes[k].kind == NODE_NAME)
			of_names[x->nodes[k].name] += of_nodes[k];
}

void expression_derivatives(const struct expression *x, const double *at, double *y, double *first, double *second)
{
	struct tape t;

	tape_make(&t, x);
	forwards(&t, x, at, second != NULL);
	backwards(&t, x);
	*y = t.value[x->n - 1];
	gather(x, t.adjoint, first);
	for (size_t i = 0; second && i < x->n_names; i++) {
		forwards_along(&t, x, i);
		backwards_along(&t, x);
		gather(x, t.bend, second + i * x->n_names);
	}
	free(t.value);
}
