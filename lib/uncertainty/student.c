/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "student.h"

#include <gsl/gsl_cdf.h>
#include <gsl/gsl_errno.h>
#include <gsl/gsl_randist.h>
#include <math.h>
#include <pthread.h>
#include <stdbool.h>

static void handler_off(void)
{
	gsl_set_error_handler_off();
}

void gsl_quiet(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, handler_off);
}

/* A distribution, of which only what is above 0 is looked at. */
struct law {
	double (*below)(double x, const double *dof);
	double (*above)(double x, const double *dof);
	double (*density)(double x, const double *dof);
};

static double t_below(double x, const double *dof) { return gsl_cdf_tdist_P(x, *dof); }
static double t_above(double x, const double *dof) { return gsl_cdf_tdist_Q(x, *dof); }
static double t_density(double x, const double *dof) { return gsl_ran_tdist_pdf(x, *dof); }

static double chi_below(double x, const double *dof) { return gsl_cdf_chisq_P(x, *dof); }
static double chi_above(double x, const double *dof) { return gsl_cdf_chisq_Q(x, *dof); }
static double chi_density(double x, const double *dof) { return gsl_ran_chisq_pdf(x, *dof); }

static double f_below(double x, const double *dof) { return gsl_cdf_fdist_P(x, dof[0], dof[1]); }
static double f_above(double x, const double *dof) { return gsl_cdf_fdist_Q(x, dof[0], dof[1]); }
static double f_density(double x, const double *dof) { return gsl_ran_fdist_pdf(x, dof[0], dof[1]); }

static const struct law student = { t_below, t_above, t_density };
static const struct law chi_squared = { chi_below, chi_above, chi_density };
static const struct law fisher = { f_below, f_above, f_density };

#define LEAST_LOG (-700.0)              /* between these, exp is an ordinary number */
#define MOST_LOG  700.0
#define MOST_STEPS 200

/* Where the probability beyond x (above it, or else below) is `target`.  Newton's method for the logarithm of the
 * one as a function of the logarithm of the other, which tails make nearly a straight line, within a bracket that
 * halves the way wherever Newton leaves it. */
static double beyond(const struct law *l, const double *dof, bool above, double target, double guess)
{
	double low = LEAST_LOG, high = MOST_LOG, y = log(guess);

	for (int i = 0; i < MOST_STEPS; i++) {
		double x = exp(y), tail = above ? l->above(x, dof) : l->below(x, dof);
		double step = log(tail / target) * tail / (x * l->density(x, dof)), next = above ? y + step : y - step;

		if ((tail > target) == above)
			low = y;
		else
			high = y;
		if (!(next >= low && next <= high))
			next = (low + high) / 2;
		if (fabs(next - y) <= 1e-16 * fmax(1, fabs(y)))
			break;
		y = next;
	}
	return exp(y);
}

/* The quantile of a distribution that has nothing below 0; the smaller tail has the digits. */
static double positive_quantile(const struct law *l, double p, const double *dof, double guess)
{
	gsl_quiet();
	if (p == 0)
		return 0;
	if (p == 1)
		return INFINITY;
	return beyond(l, dof, p > 0.5, p > 0.5 ? 1 - p : p, guess);
}

static bool is_probability(double p)
{
	return p >= 0 && p <= 1;
}

double student_normal_probability(double z)
{
	return 0.5 * erfc(-z / M_SQRT2);
}

double student_normal_quantile(double p)
{
	if (!is_probability(p))
		return NAN;
	gsl_quiet();
	return gsl_cdf_ugaussian_Pinv(p);
}

double student_probability(double t, double dof)
{
	if (!(dof > 0))
		return NAN;
	if (isinf(dof))
		return student_normal_probability(t);
	gsl_quiet();
	return gsl_cdf_tdist_P(t, dof);
}

double student_quantile(double p, double dof)
{
	double tail = fmin(p, 1 - p), t;

	if (!(dof > 0) || !is_probability(p))
		return NAN;
	if (isinf(dof))
		return student_normal_quantile(p);
	if (p == 0.5)
		return 0;
	gsl_quiet();
	t = tail > 0 ? beyond(&student, &dof, true, tail, 1) : INFINITY;
	return p < 0.5 ? -t : t;
}

double student_factor(double p, double dof)
{
	if (!is_probability(p))
		return NAN;
	return -student_quantile((1 - p) / 2, dof);
}

#define LEAST_DOF 0.1
#define MOST_DOF  1e9                   /* t differs from the normal by less than 1e-8 */

double student_dof(double p, double k)
{
	double low = log(LEAST_DOF), high = log(MOST_DOF);

	if (!(p > 0 && p < 1) || !(k <= student_factor(p, LEAST_DOF)))
		return NAN;
	if (k <= student_factor(p, MOST_DOF))
		return INFINITY;
	while (high - low > 1e-14) {
		double middle = (low + high) / 2;

		if (student_factor(p, exp(middle)) > k)
			low = middle;
		else
			high = middle;
	}
	return exp(low);
}

double student_chi_squared_probability(double x, double dof)
{
	if (!(dof > 0) || isinf(dof) || isnan(x))
		return NAN;
	gsl_quiet();
	return gsl_cdf_chisq_P(x, dof);
}

double student_chi_squared_quantile(double p, double dof)
{
	if (!(dof > 0) || isinf(dof) || !is_probability(p))
		return NAN;
	return positive_quantile(&chi_squared, p, &dof, dof);
}

double student_f_probability(double x, double dof1, double dof2)
{
	if (!(dof1 > 0 && dof2 > 0) || (isinf(dof1) && isinf(dof2)) || isnan(x))
		return NAN;
	if (x <= 0)
		return 0;
	gsl_quiet();
	if (isinf(dof2))
		return gsl_cdf_chisq_P(x * dof1, dof1);
	if (isinf(dof1))
		return gsl_cdf_chisq_Q(dof2 / x, dof2);
	return gsl_cdf_fdist_P(x, dof1, dof2);
}

double student_f_quantile(double p, double dof1, double dof2)
{
	const double dof[] = { dof1, dof2 };

	if (!(dof1 > 0 && dof2 > 0) || (isinf(dof1) && isinf(dof2)) || !is_probability(p))
		return NAN;
	if (isinf(dof2))
		return student_chi_squared_quantile(p, dof1) / dof1;
	if (isinf(dof1))
		return dof2 / student_chi_squared_quantile(1 - p, dof2);
	return positive_quantile(&fisher, p, dof, 1);
}
