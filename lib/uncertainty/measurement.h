/* SPDX-License-Identifier: GPL-3.0-or-later
 * measurement.h - the results of a procedure that have a measurement model: checked before a run, evaluated after it.
 *
 * All points and results of a run share one table of inputs.  Identities are made here:
 *
 *     RUN/point 3/meter.voltage.dc                    mean of the readings of a channel
 *     RUN/point 3/meter.voltage.dc - reference...     mean of differences
 *     RUN/point 3/resolution of meter.voltage.dc
 *     standard/NAME/CERTIFICATE/voltage.dc/10 V       what a certificate states (lib/standard.h)
 *     RUN/point 3/NAME   RUN/NAME   LABORATORY/NAME   what is stated, by its common_to
 *
 * so that a stated input is the same quantity in every result that names it alike.  Points count from 1 there, as
 * people see them. */
#ifndef MEASUREMENT_H
#define MEASUREMENT_H

#include "agreement.h"
#include "budget.h"
#include "composition.h"
#include "equation.h"
#include "montecarlo.h"
#include "procedure.h"
#include "tally.h"

/* After procedure_bind: do the names, the dimensions and the unit of every model fit?  -1: problems were added. */
int measurement_check(const struct procedure *p, struct problems *ps);

struct propagated {                     /* by the Monte Carlo method, where the procedure asks for it */
	bool given;
	size_t trials;
	bool tolerance_reached;
	struct montecarlo_result result;        /* values: NULL, only the figures are kept */
	struct agreement agreement;             /* method both: of the interval of JCGM 100 with this one */
};

struct measurement {                    /* one result at one point */
	const struct result_spec *spec;
	size_t point;
	int64_t attempt, excluded;      /* excluded: readings whose status is not ok */
	double nominal;
	struct summand *arguments;     /* of the spec's inputs, in their order: what each is made of */
	struct equation *equation;      /* of the inputs' names; NULL where it cannot be evaluated */
	struct composition *composition;        /* the same, of what is in the table */
	struct budget budget;
	struct propagated propagated;
	struct err why;                 /* code ERR_NONE: evaluated */
};

struct evaluation {
	struct quantities quantities;   /* as the journal has them */
	struct procedure *procedure;
	struct input_table inputs;
	struct measurement *list;       /* point by point, in each in the procedure's order */
	size_t n;
	double *covariance;             /* n x n, to first order, in the results' units; 0 where one has no value */
};

/* Everything that can be evaluated: the points that came to their end.  ERR_CORRUPT, ERR_CONFIG: the records or the
 * procedure in them cannot be read.  What fails at one point only stands in its `why`. */
int evaluation_new(struct evaluation **ev, struct tally *t, struct err *e);
void evaluation_free(struct evaluation **ev);

#endif
