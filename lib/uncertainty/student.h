/* SPDX-License-Identifier: GPL-3.0-or-later
 * student.h - Student's t, the normal, chi-squared and F distributions: probabilities and their quantiles.
 *
 * Degrees of freedom need not be whole (JCGM 100:2008, G.4.1 makes fractions) and may be INFINITY: t is then normal, F is
 * chi-squared over its degrees of freedom.  What is not defined - degrees of freedom that are not above 0, a
 * probability that is not within 0 and 1 - is NAN; quantiles of 0 and 1 are the ends of the line.
 *
 * The probabilities are GSL's.  Its quantiles are not taken: they give up for some degrees of freedom (F with 0.5,
 * chi-squared with 10^5) and keep only 7 digits of t far out; here they are solved for, to 12 digits and better. */
#ifndef STUDENT_H
#define STUDENT_H

/* GSL aborts the process at an error unless told otherwise.  Whoever calls GSL calls this before; any thread may. */
void gsl_quiet(void);

double student_probability(double t, double dof);               /* of a value below t */
double student_quantile(double p, double dof);

/* k, so that t lies within -k and k with probability p: JCGM 100, G.3 and table G.2. */
double student_factor(double p, double dof);
/* The degrees of freedom for which student_factor(p, dof) is k, so that a certificate that states k and p has told
 * them: JCGM 100, G.6.4.  INFINITY: k is no more than the normal distribution's; NAN: none is that low. */
double student_dof(double p, double k);

double student_normal_probability(double z);
double student_normal_quantile(double p);

double student_chi_squared_probability(double x, double dof);
double student_chi_squared_quantile(double p, double dof);

double student_f_probability(double x, double dof1, double dof2);
double student_f_quantile(double p, double dof1, double dof2);

#endif
