/* SPDX-License-Identifier: GPL-3.0-or-later
 * expression.c - the text of an expression becomes nodes: a function for each line of the grammar.
 *
 *     sum      product { (+ | -) product }
 *     product  signed { (* | /) signed }
 *     signed   (+ | -) signed  |  power
 *     power    primary [ ^ signed ]
 *     primary  number [ '[' unit ']' ]  |  name  |  name ( sum { , sum } )  |  ( sum )
 *
 * Each returns its node, -1 after an error. */
#include "expression_own.h"

#include <math.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "number.h"
#include "unit.h"

#define BLANKS  " \t\r\n"
#define DIGITS  "0123456789"
#define LETTERS "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz_"
#define LONGEST_UNIT 63

struct parser {
	struct expression *x;
	const char *at;         /* the next token */
	const char *end;        /* of the last one */
	unsigned depth;
	struct err *e;
};

int expression_refuse(struct err *e, const char *text, size_t at, const char *fmt, ...)
{
	size_t column = 1;
	char why[ERR_TEXT];
	va_list args;

	va_start(args, fmt);
	vsnprintf(why, sizeof why, fmt, args);
	va_end(args);
	for (size_t i = 0; i < at; i++)
		column += ((unsigned char)text[i] & 0xC0) != 0x80;      /* characters, not bytes of UTF-8 */
	return err_set(e, ERR_CONFIG, "column %zu: %s", column, why);
}

#define refuse(p, where, ...) expression_refuse((p)->e, (p)->x->text, (size_t)((where) - (p)->x->text), __VA_ARGS__)

static void step(struct parser *p, size_t n)
{
	p->end = p->at + n;
	p->at = p->end + strspn(p->end, BLANKS);
}

static bool take(struct parser *p, char c)
{
	if (*p->at != c)
		return false;
	step(p, 1);
	return true;
}

static long add_node(struct parser *p, struct node n, const char *from)
{
	struct expression *x = p->x;

	n.from = (size_t)(from - x->text);
	n.to = (size_t)(p->end - x->text);
	x->nodes = mem_grow(x->nodes, x->n, sizeof *x->nodes);
	x->nodes[x->n] = n;
	return (long)x->n++;
}

static bool is_operator(const struct operation *op)
{
	return !strchr(LETTERS, op->name[0]);
}

/* Arithmetic of plain numbers is done at once: the exponent of x^(1/2) is one. */
static bool fold(struct expression *x, struct node *n)
{
	size_t many = node_arguments(n);
	double a[MOST_ARGUMENTS];

	if (!n->operation || !is_operator(n->operation))
		return false;
	for (size_t i = 0; i < many; i++) {
		const struct node *arg = &x->nodes[n->args[i]];

		if (arg->kind != NODE_NUMBER || !dimension_is_one(&arg->dimension))
			return false;
		a[i] = arg->number;
	}
	x->n -= many;
	*n = (struct node){ .kind = NODE_NUMBER, .number = n->operation->value(a), .at = n->at };
	return true;
}

/* An operation or function, applied to these nodes. */
static long add_applied(struct parser *p, struct node n, const long *args, const char *sign)
{
	struct expression *x = p->x;
	const char *from = sign;

	n.kind = NODE_OPERATION;
	n.at = (size_t)(sign - x->text);
	for (size_t i = 0; i < node_arguments(&n); i++)
		n.args[i] = (size_t)args[i];
	if (x->nodes[args[0]].from < n.at)
		from = x->text + x->nodes[args[0]].from;
	if (fold(x, &n) && !isfinite(n.number))
		return refuse(p, sign, "this is no finite number");
	return add_node(p, n, from);
}

static long parse_sum(struct parser *p);
static long parse_signed(struct parser *p);

/* What is left of a binary operator is there already. */
static long parse_right(struct parser *p, const struct operation *op, long left, long (*operand)(struct parser *))
{
	const char *sign = p->at;
	long args[2] = { left };

	step(p, 1);
	args[1] = operand(p);
	if (args[1] < 0)
		return -1;
	if (op == &operation_power && p->x->nodes[args[1]].kind == NODE_NUMBER)
		op = &operation_constant_power;
	return add_applied(p, (struct node){ .operation = op }, args, sign);
}

static long parse_unit(struct parser *p, double number, const char *from)
{
	const char *start = p->at + 1;
	size_t length = strcspn(start, "]");
	struct node n = { .kind = NODE_NUMBER };
	char unit[LONGEST_UNIT + 1] = "";
	struct conversion c;
	struct err why;

	if (!start[length] || length > LONGEST_UNIT)
		return refuse(p, p->at, "the unit's ']' is missing");
	memcpy(unit, start, length);
	if (unit_coherent(&c, &n.dimension, unit, &why) < 0)
		return refuse(p, start, "%s", why.text);
	step(p, length + 2);
	n.number = conversion_apply(&c, number);
	return add_node(p, n, from);
}

static size_t number_length(const char *s)
{
	size_t n = strspn(s, DIGITS), exponent;

	if (s[n] == '.')
		n += 1 + strspn(s + n + 1, DIGITS);
	if (s[n] != 'e' && s[n] != 'E')
		return n;
	exponent = n + 1 + (s[n + 1] == '-' || s[n + 1] == '+');
	return s[exponent] >= '0' && s[exponent] <= '9' ? exponent + strspn(s + exponent, DIGITS) : n;
}

static long parse_number(struct parser *p, const char *from, double sign)
{
	size_t length = number_length(p->at);
	double number;
	struct err why;

	if (number_parse(p->at, length, &number, &why) < 0)
		return refuse(p, p->at, "%s", why.text);
	step(p, length);
	if (*p->at == '[')
		return parse_unit(p, sign * number, from);
	return add_node(p, (struct node){ .kind = NODE_NUMBER, .number = sign * number }, from);
}

/* "10 [degC]" comes next: a place on a scale, whose sign is the number's own, since it has no negative. */
static bool place_on_scale(const struct parser *p)
{
	const char *unit = p->at + number_length(p->at);
	size_t length;
	char name[LONGEST_UNIT + 1] = "";
	struct conversion c;
	struct dimension d;
	struct err why;

	unit += strspn(unit, BLANKS);
	length = *unit == '[' ? strcspn(unit + 1, "]") : 0;
	if (length == 0 || length > LONGEST_UNIT)
		return false;
	memcpy(name, unit + 1, length);
	return unit_coherent(&c, &d, name, &why) == 0 && d.scale;
}

static size_t place_of_name(struct expression *x, const char *name, size_t length)
{
	for (size_t i = 0; i < x->n_names; i++)
		if (strlen(x->names[i]) == length && !memcmp(x->names[i], name, length))
			return i;
	x->names = mem_grow(x->names, x->n_names, sizeof *x->names);
	x->names[x->n_names] = mem_stringn(name, length);
	return x->n_names++;
}

static long unknown_function(struct parser *p, const char *at, const char *name)
{
	const char *nearest = operation_nearest(name);

	if (!nearest)
		nearest = function_nearest(name);
	if (!strcmp(name, "log"))
		return refuse(p, at, "log may be either: write ln or log10");
	if (nearest)
		return refuse(p, at, "there is no function %s; did you mean %s?", name, nearest);
	return refuse(p, at, "there is no function %s; a product is written with *", name);
}

static long parse_arguments(struct parser *p, const struct node *call, const char *from)
{
	size_t n = 0, wanted = node_arguments(call);
	long args[MOST_ARGUMENTS] = { 0 };

	step(p, 1);
	do {
		long arg = parse_sum(p);

		if (arg < 0)
			return -1;
		if (n < MOST_ARGUMENTS)
			args[n] = arg;
		n++;
	} while (take(p, ','));
	if (*p->at != ')')
		return refuse(p, p->at, "the ')' of %s is missing", node_operator(call));
	if (n != wanted)
		return refuse(p, from, "%s takes %zu argument%s, not %zu", node_operator(call), wanted,
			      wanted == 1 ? "" : "s", n);
	step(p, 1);
	return add_applied(p, *call, args, from);
}

static long parse_call(struct parser *p, const char *from, size_t length)
{
	char *name = mem_stringn(from, length);
	struct node call = { .operation = operation_find(name) };
	long node;

	if (!call.operation)
		call.function = function_find(name);
	node = node_arguments(&call) ? parse_arguments(p, &call, from) : unknown_function(p, from, name);
	free(name);
	return node;
}

static long parse_name(struct parser *p)
{
	const char *from = p->at;
	size_t length = strspn(from, LETTERS DIGITS);
	struct node n = { .kind = NODE_NAME };

	step(p, length);
	if (*p->at == '(')
		return parse_call(p, from, length);
	if (length == 2 && !memcmp(from, "pi", 2))
		n = (struct node){ .kind = NODE_NUMBER, .number = M_PI };
	else
		n.name = place_of_name(p->x, from, length);
	return add_node(p, n, from);
}

static long parse_parentheses(struct parser *p)
{
	const char *from = p->at;
	long node;

	step(p, 1);
	node = parse_sum(p);
	if (node < 0)
		return -1;
	if (!take(p, ')'))
		return refuse(p, from, "this '(' is not closed");
	p->x->nodes[node].from = (size_t)(from - p->x->text);
	p->x->nodes[node].to = (size_t)(p->end - p->x->text);
	return node;
}

static long parse_primary(struct parser *p)
{
	if (*p->at == '(')
		return parse_parentheses(p);
	if (*p->at && strchr(DIGITS ".", *p->at))
		return parse_number(p, p->at, 1);
	if (*p->at && strchr(LETTERS, *p->at))
		return parse_name(p);
	if (!*p->at)
		return refuse(p, p->at, "a number, a name or '(' is missing here");
	return refuse(p, p->at, "a number, a name or '(' stands here, not '%c'",
		      *p->at > ' ' && *p->at <= '~' ? *p->at : '?');
}

static long parse_power(struct parser *p)
{
	long node = parse_primary(p);

	return node >= 0 && *p->at == '^' ? parse_right(p, &operation_power, node, parse_signed) : node;
}

static long parse_sign(struct parser *p)
{
	const char *sign = p->at;
	long node;

	step(p, 1);
	if (*sign == '-' && place_on_scale(p))
		return parse_number(p, sign, -1);
	node = parse_signed(p);
	return node < 0 || *sign == '+' ? node :
		add_applied(p, (struct node){ .operation = &operation_negate }, &node, sign);
}

static long parse_signed(struct parser *p)
{
	long node;

	if (p->depth == EXPRESSION_DEEPEST)
		return refuse(p, p->at, "more than %d levels: divide it into several results", EXPRESSION_DEEPEST);
	p->depth++;
	node = *p->at == '-' || *p->at == '+' ? parse_sign(p) : parse_power(p);
	p->depth--;
	return node;
}

static long parse_product(struct parser *p)
{
	long node = parse_signed(p);

	while (node >= 0 && (*p->at == '*' || *p->at == '/'))
		node = parse_right(p, *p->at == '*' ? &operation_multiply : &operation_divide, node, parse_signed);
	return node;
}

static long parse_sum(struct parser *p)
{
	long node = parse_product(p);

	while (node >= 0 && (*p->at == '+' || *p->at == '-'))
		node = parse_right(p, *p->at == '+' ? &operation_add : &operation_subtract, node, parse_product);
	return node;
}

static int parse_all(struct parser *p)
{
	if (strlen(p->at) > EXPRESSION_LONGEST)
		return err_set(p->e, ERR_CONFIG, "more than %d characters: divide it into several results",
			       EXPRESSION_LONGEST);
	step(p, 0);
	if (parse_sum(p) < 0)
		return -1;
	if (*p->at == ',')
		return refuse(p, p->at, "',' only parts a function's arguments; decimals follow a point");
	if (*p->at == ')')
		return refuse(p, p->at, "this ')' closes nothing");
	if (*p->at)
		return refuse(p, p->at, "an operator is missing before this");
	return 0;
}

/* Operands' columns are free again once their operator has been applied: a stack. */
static void lay_out(struct expression *x)
{
	size_t used = 0;

	for (size_t k = 0; k < x->n; k++) {
		struct node *n = &x->nodes[k];
		size_t many = node_arguments(n);

		for (size_t i = 0; i < many; i++)
			used -= x->nodes[n->args[i]].kind == NODE_OPERATION;
		if (n->kind == NODE_OPERATION)
			n->slot = used++;
		if (used > x->slots)
			x->slots = used;
		n->first = x->firsts;
		n->second = x->seconds;
		x->firsts += many;
		x->seconds += many * many;
	}
	for (size_t k = 0; k < x->n; k++)
		if (x->nodes[k].kind == NODE_NUMBER)
			x->nodes[k].slot = x->slots++;
}

struct expression *expression_parse(const char *text, struct err *e)
{
	struct expression *x = mem_new(sizeof *x);
	struct parser p = { .x = x, .e = e };

	x->text = mem_string(text);
	p.at = x->text;
	if (parse_all(&p) < 0)
		expression_free(&x);
	else
		lay_out(x);
	return x;
}

void expression_free(struct expression **x)
{
	if (!*x)
		return;
	for (size_t i = 0; i < (*x)->n_names; i++)
		free((*x)->names[i]);
	free((*x)->names);
	free((*x)->nodes);
	free((*x)->text);
	free(*x);
	*x = NULL;
}

size_t expression_names(const struct expression *x, const char *const **names)
{
	*names = (const char *const *)x->names;
	return x->n_names;
}
