/* SPDX-License-Identifier: GPL-3.0-or-later
 * measurand.h - an output quantity: a measurement function, and which inputs of an input table are its arguments.
 * Several of one table share what they share: an input that both name is one random variable. */
#ifndef MEASURAND_H
#define MEASURAND_H

#include "input.h"
#include "measurement_function.h"

struct measurand {
	const char *name;               /* of the result, for sentences */
	struct measurement_function f;
	const size_t *inputs;           /* f.n places in the table */
};

#endif
