/* SPDX-License-Identifier: GPL-3.0-or-later
 * wrong_gsl.c - a GSL whose t distribution has tails that are a twentieth too heavy: what an update of a library could
 * bring, and `etalon validate` must find.  Preloaded by tests only. */
#include <dlfcn.h>
#include <string.h>

double gsl_cdf_tdist_Q(double x, double nu);

double gsl_cdf_tdist_Q(double x, double nu)
{
	double (*right)(double, double);
	void *symbol = dlsym(RTLD_NEXT, "gsl_cdf_tdist_Q");

	memcpy(&right, &symbol, sizeof right);
	return 1.05 * right(x, nu);
}
