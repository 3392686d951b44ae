/* SPDX-License-Identifier: GPL-3.0-or-later
 * measurement_propagate.c - the Monte Carlo method for a result of a procedure: JCGM 101:2008.
 *
 * Results are propagated one after the other.  They are drawn jointly all the same: what an input's draws are depends
 * on seed, identity and trial alone (trials.h). */
#include <stdlib.h>

#include "measurement_own.h"

/* Side by side with JCGM 100, the interval is to be known five times better than it is compared: JCGM 101, 8.2. */
#define PART_TO_COMPARE 0.2

int measurement_propagate(const struct evaluation *ev, struct measurement *m, struct err *e)
{
	const struct result_spec *r = m->spec;
	struct measurand of = { .name = r->name, .f = m->composition->function, .inputs = m->composition->places };
	struct montecarlo_options o = montecarlo_usual;
	struct propagated *p = &m->propagated;
	struct montecarlo mc;

	o.seed = (uint64_t)r->seed;
	o.probability = r->coverage_probability;
	o.trials = (size_t)r->trials;
	o.part = r->method == EVALUATE_BOTH ? PART_TO_COMPARE : 1;
	if (montecarlo_run(&mc, &ev->inputs, &of, 1, &o, e) < 0)
		return -1;
	*p = (struct propagated){ .given = true, .trials = mc.trials, .tolerance_reached = mc.tolerance_reached,
				  .result = mc.results[0] };
	p->result.values = NULL;
	p->agreement = agreement_of(m->budget.value, m->budget.expanded, p->result.coverage.of[COVERAGE_SYMMETRIC], p->result.uncertainty,
				    o.digits);
	montecarlo_release(&mc);
	return 0;
}
