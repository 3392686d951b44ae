/* SPDX-License-Identifier: GPL-3.0-or-later
 * plan.h - etalon run --dry: what a run would do, said without a daemon or an instrument. */
#ifndef PLAN_H
#define PLAN_H

#include <stdbool.h>

/* Prints the plan, or every problem of the files; override: standards that do not serve are none.  Returns an exit status. */
int plan(const char *procedure, const char *bench, const char *quantities, bool override);

#endif
