/* SPDX-License-Identifier: GPL-3.0-or-later
 * expression_own.h - the nodes of an expression, for its own files: expression.c reads the text, expression_values.c
 * computes, expression_dimension.c checks. */
#ifndef EXPRESSION_OWN_H
#define EXPRESSION_OWN_H

#include "expression.h"
#include "functions.h"
#include "operation.h"

#define MOST_ARGUMENTS FUNCTION_ARGUMENTS       /* of an operation: 2 and less */

enum node_kind { NODE_NUMBER, NODE_NAME, NODE_OPERATION };

struct node {
	enum node_kind kind;
	const struct operation *operation;      /* of a NODE_OPERATION one of these two, the other is NULL */
	const struct function *function;
	size_t args[MOST_ARGUMENTS];    /* nodes, all before this one */
	size_t name;                    /* of expression's names */
	double number;                  /* coherent */
	struct dimension dimension;     /* the number's */
	size_t from, to, at;            /* in the text: its piece, and where it is complained of */

	/* Where its results stand.  A slot is a column; operators' are used again as on a stack, numbers keep theirs. */
	size_t slot, first, second;
};

struct expression {
	char *text;
	struct node *nodes;             /* the last is the whole */
	size_t n;
	char **names;
	size_t n_names;
	size_t slots, firsts, seconds;  /* how many of them */
};

static inline size_t node_arguments(const struct node *n)
{
	return n->operation ? n->operation->arguments : n->function ? n->function->arity : 0;
}

static inline const char *node_operator(const struct node *n)
{
	return n->operation ? n->operation->name : n->function->name;
}

static inline double node_apply(const struct node *n, const double *a)
{
	return n->operation ? n->operation->value(a) : function_value(n->function, a);
}

/* "column 7: ...", at an offset in the text. */
int expression_refuse(struct err *e, const char *text, size_t at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
