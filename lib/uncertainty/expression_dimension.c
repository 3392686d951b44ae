/* SPDX-License-Identifier: GPL-3.0-or-later
 * expression_dimension.c - the dimension of an expression: a rule for each kind of operation. */
#include <stdlib.h>

#include "expression_own.h"
#include "mem.h"
#include "unit.h"

#define LONGEST_PIECE 40        /* of an operand, in a message */

struct check {
	const struct expression *x;
	const struct node *node;                /* an operation */
	const struct dimension *args[MOST_ARGUMENTS];
	struct dimension *whole;                /* zeroed */
	struct err *e;
};

static const struct dimension kelvins = { .halves = { [KELVIN] = 2 } };
static const struct dimension celsius = { .halves = { [KELVIN] = 2 }, .scale = true };
static const struct dimension radians = { .halves = { [RADIAN] = 2 } };

struct operand { char text[LONGEST_PIECE + DIMENSION_TEXT + 8]; };

/* "(a + b) (V)": as it is written, and what it is. */
static struct operand operand(const struct check *c, size_t i)
{
	const struct node *n = &c->x->nodes[c->node->args[i]];
	char dimension[DIMENSION_TEXT];
	size_t length = n->to - n->from;
	struct operand o;

	snprintf(o.text, sizeof o.text, "%.*s%s (%s)", (int)(length > LONGEST_PIECE ? LONGEST_PIECE : length),
		 c->x->text + n->from, length > LONGEST_PIECE ? "..." : "", dimension_text(c->args[i], dimension));
	return o;
}

#define refuse(c, ...) expression_refuse((c)->e, (c)->x->text, (c)->node->at, __VA_ARGS__)

static int refuse_pair(const struct check *c, const char *why)
{
	return refuse(c, "'%s' of %s and %s: %s", node_operator(c->node), operand(c, 0).text, operand(c, 1).text, why);
}

static int refuse_one(const struct check *c, size_t i, const char *why)
{
	return refuse(c, "'%s' of %s: %s", node_operator(c->node), operand(c, i).text, why);
}

static const char no_multiple[] =
	"a Celsius temperature is a place on a scale; take a difference (t - 20 [degC]) or kelvin(t)";
static const char only_alike[] = "only quantities of one kind go together";

/* A temperature and a difference of temperatures make a temperature. */
static int sum(const struct check *c)
{
	const struct dimension *a = c->args[0], *b = c->args[1];

	if (a->scale && b->scale)
		return refuse_pair(c, "two Celsius temperatures have no sum; corrections and differences are stated in K");
	if ((a->scale && dimension_equal(b, &kelvins)) || (b->scale && dimension_equal(a, &kelvins)))
		*c->whole = celsius;
	else if (dimension_equal(a, b))
		*c->whole = *a;
	else
		return refuse_pair(c, only_alike);
	return 0;
}

static int difference(const struct check *c)
{
	const struct dimension *a = c->args[0], *b = c->args[1];

	if (a->scale && b->scale)
		*c->whole = kelvins;
	else if (a->scale && dimension_equal(b, &kelvins))
		*c->whole = celsius;
	else if (dimension_equal(a, b))
		*c->whole = *a;
	else
		return refuse_pair(c, only_alike);
	return 0;
}

static int times_power(const struct check *c, size_t i, double power)
{
	if (c->args[i]->scale)
		return refuse_one(c, i, no_multiple);
	if (!dimension_multiply(c->whole, c->args[i], power))
		return refuse_one(c, i, "its unit would have a power that is no number of halves, or is beyond all physics");
	return 0;
}

static int product(const struct check *c)
{
	return times_power(c, 0, 1) < 0 || times_power(c, 1, 1) < 0 ? -1 : 0;
}

static int quotient(const struct check *c)
{
	return times_power(c, 0, 1) < 0 || times_power(c, 1, -1) < 0 ? -1 : 0;
}

static int power(const struct check *c)
{
	const struct node *exponent = &c->x->nodes[c->node->args[1]];

	if (!dimension_is_one(c->args[1]))
		return refuse_one(c, 1, "an exponent is a number");
	if (dimension_is_one(c->args[0]))
		return 0;
	if (exponent->kind != NODE_NUMBER)
		return refuse_pair(c, "a quantity with a unit needs an exponent that is constant");
	return times_power(c, 0, exponent->number);
}

static int root(const struct check *c)
{
	return times_power(c, 0, 0.5);
}

static int same(const struct check *c)
{
	return times_power(c, 0, 1);
}

static int alike(const struct check *c)
{
	if (!dimension_equal(c->args[0], c->args[1]))
		return refuse_pair(c, only_alike);
	*c->whole = *c->args[0];
	return 0;
}

static int number(const struct check *c)
{
	return dimension_is_one(c->args[0]) ? 0 : refuse_one(c, 0, "it takes a number: divide by a quantity of the same kind");
}

static int of_angle(const struct check *c)
{
	return dimension_equal(c->args[0], &radians) ? 0 : number(c);
}

static int to_angle(const struct check *c)
{
	*c->whole = radians;
	return number(c);
}

static int to_kelvin(const struct check *c)
{
	*c->whole = kelvins;
	return c->args[0]->scale ? 0 : refuse_one(c, 0, "it takes a Celsius temperature");
}

static int to_celsius(const struct check *c)
{
	*c->whole = celsius;
	return dimension_equal(c->args[0], &kelvins) ? 0 : refuse_one(c, 0, "it takes a temperature in K");
}

/* A function of physics: its table says the units, all of them coherent. */
static int function(const struct check *c)
{
	const struct function *f = c->node->function;
	struct conversion plain;
	struct dimension wanted;

	for (size_t i = 0; i < f->arity; i++) {
		if (unit_coherent(&plain, &wanted, f->arguments[i].unit, c->e) < 0)
			return err_wrap(c->e, "%s", f->name);
		if (!dimension_equal(c->args[i], &wanted))
			return refuse(c, "'%s' of %s: its %s has a unit like %s", f->name, operand(c, i).text,
				      f->arguments[i].name, f->arguments[i].unit);
	}
	return unit_coherent(&plain, c->whole, f->unit, c->e);
}

static int (*const rules[RULES])(const struct check *) = {
	[RULE_SUM] = sum, [RULE_DIFFERENCE] = difference, [RULE_PRODUCT] = product, [RULE_QUOTIENT] = quotient,
	[RULE_POWER] = power, [RULE_ROOT] = root, [RULE_SAME] = same, [RULE_ALIKE] = alike, [RULE_NUMBER] = number,
	[RULE_OF_ANGLE] = of_angle, [RULE_TO_ANGLE] = to_angle, [RULE_KELVIN] = to_kelvin, [RULE_CELSIUS] = to_celsius,
};

static int check_operation(const struct expression *x, size_t k, struct dimension *of_nodes, struct err *e)
{
	struct check c = { .x = x, .node = &x->nodes[k], .whole = &of_nodes[k], .e = e };

	for (size_t i = 0; i < node_arguments(c.node); i++)
		c.args[i] = &of_nodes[c.node->args[i]];
	return c.node->operation ? rules[c.node->operation->rule](&c) : function(&c);
}

int expression_dimension(const struct expression *x, const struct dimension *of_names, struct dimension *whole,
			 struct err *e)
{
	struct dimension *of_nodes = mem_array(x->n, sizeof *of_nodes);
	int status = 0;

	for (size_t k = 0; k < x->n && status == 0; k++) {
		const struct node *n = &x->nodes[k];

		if (n->kind == NODE_OPERATION)
			status = check_operation(x, k, of_nodes, e);
		else
			of_nodes[k] = n->kind == NODE_NAME ? of_names[n->name] : n->dimension;
	}
	*whole = of_nodes[x->n - 1];
	free(of_nodes);
	return status;
}
