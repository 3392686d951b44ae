/* SPDX-License-Identifier: GPL-3.0-or-later
 * expression_own.h - the nodes of an expression, for its own files: expression.c reads the text, expression_values.c
 * computes, expression_dimension.c checks. */
#ifndef EXPRESSION_OWN_H
#define EXPRESSION_OWN_H

#include "expression.h"
#include "operation.h"

enum node_kind { NODE_NUMBER, NODE_NAME, NODE_OPERATION };

struct node {
	enum node_kind kind;
	const struct operation *operation;
	size_t args[OPERATION_MOST];    /* nodes, all before this one */
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

/* "column 7: ...", at an offset in the text. */
int expression_refuse(struct err *e, const char *text, size_t at, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
