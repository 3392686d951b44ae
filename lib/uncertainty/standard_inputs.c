/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "standard_inputs.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "student.h"

#define NORMAL_K 2.0

double standard_input_dof(const struct standard_input *in)
{
	if (in->degrees_of_freedom > 0)
		return in->degrees_of_freedom;
	return in->k > NORMAL_K ? student_dof(in->probability, in->k) : INFINITY;
}

/* "certificate 26-0042/voltage.dc, 10 V: 45.2 degrees of freedom, through t from k = 2.05" */
static char *source_of(const struct standard_input *in, double dof)
{
	const char *certificate = strchr(strchr(in->id, '/') + 1, '/') + 1;
	int n = (int)(in->name - 1 - certificate);

	if (in->degrees_of_freedom > 0 || isinf(dof))
		return mem_format("certificate %.*s, %s", n, certificate, in->name);
	return mem_format("certificate %.*s, %s: %.3g degrees of freedom, through t from k = %.6g", n, certificate, in->name, dof,
			  in->k);
}

static struct distribution knowledge_of(const struct standard_input *in, double dof)
{
	if (in->rectangular)
		return (struct distribution){ DISTRIBUTION_RECTANGULAR, in->estimate, in->uncertainty * sqrt(3), 0 };
	if (isinf(dof))
		return (struct distribution){ DISTRIBUTION_NORMAL, in->estimate, in->uncertainty, 0 };
	return (struct distribution){ DISTRIBUTION_T, in->estimate, in->uncertainty, dof };
}

static long add(struct input_table *table, const struct standard_input *in, struct err *e)
{
	double dof = standard_input_dof(in);
	char *unit = mem_string(in->unit), *source;
	long at;

	if (isnan(dof)) {
		free(unit);
		return err_set(e, ERR_CONFIG, "%s: no t-distribution has k = %g for a probability of %g %%", in->id, in->k,
			       100 * in->probability);
	}
	source = source_of(in, dof);
	at = input_add(table, &(struct input){ .id = in->id, .unit = unit, .source = source, .type = TYPE_B,
					       .knowledge = knowledge_of(in, dof), .uncertainty = in->uncertainty,
					       .degrees_of_freedom = dof }, e);
	free(source);
	free(unit);
	return at;
}

/* With all of its statement that are in the table. */
static int correlate(struct input_table *table, const struct standard_statement *s, const struct standard_input *in, size_t at,
		     struct err *e)
{
	for (size_t i = 0; i < s->n_main; i++) {
		double r = standard_input_correlation(s, in, &s->inputs[i]);
		long other = r != 0 && &s->inputs[i] != in ? input_find(table, s->inputs[i].id) : -1;

		if (other >= 0 && input_correlate(table, at, (size_t)other, r, e) < 0)
			return -1;
	}
	return 0;
}

int standard_inputs_add(struct input_table *table, const struct standard_statement *s, const struct standard_correction *c,
			size_t places[STANDARD_TERMS], struct err *e)
{
	for (size_t i = 0; i < c->n; i++) {
		long at = add(table, c->terms[i].input, e);

		if (at < 0 || correlate(table, s, c->terms[i].input, (size_t)at, e) < 0)
			return -1;
		places[i] = (size_t)at;
	}
	return 0;
}
