/* SPDX-License-Identifier: GPL-3.0-or-later
 * hyper.h - hyper-dual numbers: a value that carries its derivatives along, so that a formula written once gives
 * them exactly, without a step width and without a second formula that could disagree.
 *
 * x = v + i e1 + j e2 + ij e1 e2, with e1 e1 = e2 e2 = 0.  Where variable a is entered with i = 1 and variable b with
 * j = 1, the result holds f, df/da, df/db and d2f/da db (Fike and Alonso, AIAA 2011-886).  Everything inline: a value
 * alone costs about what its exponentials cost. */
#ifndef HYPER_H
#define HYPER_H

#include <math.h>
#include <stddef.h>

struct hyper { double v, i, j, ij; };

#define HYPER_NOWHERE ((struct hyper){ NAN, NAN, NAN, NAN })    /* the function is not defined there */

static inline struct hyper hyper_of(double v)
{
	return (struct hyper){ v, 0, 0, 0 };
}

static inline struct hyper hyper_add(struct hyper a, struct hyper b)
{
	return (struct hyper){ a.v + b.v, a.i + b.i, a.j + b.j, a.ij + b.ij };
}

static inline struct hyper hyper_sub(struct hyper a, struct hyper b)
{
	return (struct hyper){ a.v - b.v, a.i - b.i, a.j - b.j, a.ij - b.ij };
}

static inline struct hyper hyper_mul(struct hyper a, struct hyper b)
{
	return (struct hyper){ a.v * b.v, a.i * b.v + a.v * b.i, a.j * b.v + a.v * b.j,
			       a.ij * b.v + a.i * b.j + a.j * b.i + a.v * b.ij };
}

static inline struct hyper hyper_shift(struct hyper a, double c)
{
	a.v += c;
	return a;
}

static inline struct hyper hyper_scale(struct hyper a, double c)
{
	return (struct hyper){ a.v * c, a.i * c, a.j * c, a.ij * c };
}

/* A function of one number, of which value, first and second derivative at a.v are known: the chain rule. */
static inline struct hyper hyper_chain(struct hyper a, double f, double f1, double f2)
{
	return (struct hyper){ f, f1 * a.i, f1 * a.j, f1 * a.ij + f2 * a.i * a.j };
}

static inline struct hyper hyper_inverse(struct hyper a)
{
	double f = 1 / a.v;

	return hyper_chain(a, f, -f * f, 2 * f * f * f);
}

static inline struct hyper hyper_div(struct hyper a, struct hyper b)
{
	struct hyper q = hyper_mul(a, hyper_inverse(b));

	q.v = a.v / b.v;                /* one rounding, as in plain arithmetic */
	return q;
}

static inline struct hyper hyper_exp(struct hyper a)
{
	double f = exp(a.v);

	return hyper_chain(a, f, f, f);
}

static inline struct hyper hyper_log(struct hyper a)
{
	return hyper_chain(a, log(a.v), 1 / a.v, -1 / (a.v * a.v));
}

static inline struct hyper hyper_sqrt(struct hyper a)
{
	double f = sqrt(a.v);

	return hyper_chain(a, f, 1 / (2 * f), -1 / (4 * a.v * f));
}

static inline struct hyper hyper_power(struct hyper a, double p)
{
	double f = pow(a.v, p);

	return hyper_chain(a, f, p * f / a.v, p * (p - 1) * f / (a.v * a.v));
}

static inline struct hyper hyper_tanh(struct hyper a)
{
	double f = tanh(a.v), f1 = 1 - f * f;

	return hyper_chain(a, f, f1, -2 * f * f1);
}

static inline struct hyper hyper_square(struct hyper a)
{
	return hyper_mul(a, a);
}

/* c[0] + c[1] x + ... + c[n - 1] x^(n - 1), by Horner. */
static inline struct hyper hyper_polynomial(struct hyper x, const double *c, size_t n)
{
	struct hyper sum = hyper_of(0);

	while (n-- > 0)
		sum = hyper_shift(hyper_mul(sum, x), c[n]);
	return sum;
}

#endif
