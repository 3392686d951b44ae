/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantities.h - input quantities and equations for the tests of their evaluation, in a line each. */
#ifndef TESTS_QUANTITIES_H
#define TESTS_QUANTITIES_H

#include "equation.h"

/* Normal, type B; dof INFINITY: exactly known.  Returns its place; a name is the identity. */
size_t put_input(struct input_table *t, const char *name, const char *unit, double estimate, double u, double dof);

/* Of the table's inputs those that the model names by their identities. */
struct equation *bound(const char *model, const char *unit, const struct input_table *t);

#endif
