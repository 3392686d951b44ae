/* SPDX-License-Identifier: GPL-3.0-or-later
 * budget.h - measurements for a person: a line per point, and the budgets behind them. */
#ifndef ETALON_BUDGET_H
#define ETALON_BUDGET_H

#include "summary.h"

void budget_results(const struct summary *p, FILE *out);     /* a table for each result with a measurement model */
void budget_print(const struct summary *p, FILE *out);       /* every budget, line by line */

#endif
