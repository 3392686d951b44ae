/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "conformity.h"

#include <math.h>

#define REACH  10.0              /* standard deviations beyond which nothing is left: 2e-23 */
#define PANELS 2000              /* of an integral; each by Gauss and Legendre's rule of three points */

/* Normal distribution function; erfc keeps its digits in the tail. */
static double below(double z)
{
	return erfc(-z / sqrt(2)) / 2;
}

/* P(low < Z < high), as the difference of the smaller tails: near 1 or far out nothing cancels. */
static double between(double low, double high)
{
	if (low > 0)
		return below(-low) - below(-high);
	return below(high) - below(low);
}

/* z with P(Z > z) = p, by bisection: called once a rule, and exact to the last digit whatever p is. */
static double upper_quantile(double p)
{
	double low = -REACH, high = REACH, middle;

	while (middle = low + (high - low) / 2, middle > low && middle < high)
		*(below(-middle) > p ? &low : &high) = middle;
	return middle;
}

double conformity_probability(double value, double u, struct interval t)
{
	if (u > 0)
		return between((t.low - value) / u, (t.high - value) / u);
	return value >= t.low && value <= t.high;
}

static double guard_of(const struct decision_rule *rule, double u, double k)
{
	switch (rule->guard) {
	case GUARD_FACTOR:
		return rule->factor * k * u;
	case GUARD_EXPANDED:
		return k * u;
	case GUARD_RISK:
		return u * upper_quantile(rule->risk);
	default:
		return 0;
	}
}

static bool within(double x, struct interval i)
{
	return x >= i.low && x <= i.high;
}

static enum conformity verdict(double value, struct interval tolerance, const struct judgement *j, bool binary)
{
	struct interval doubtful = { tolerance.low - j->guard, tolerance.high + j->guard };

	if (within(value, j->acceptance))
		return CONFORMITY_PASS;
	if (binary || j->guard <= 0 || !within(value, doubtful))
		return CONFORMITY_FAIL;
	return within(value, tolerance) ? CONFORMITY_CONDITIONAL_PASS : CONFORMITY_CONDITIONAL_FAIL;
}

struct judgement conformity_judge(double value, double u, double k, struct interval tolerance,
				  const struct decision_rule *rule)
{
	struct judgement j = { .guard = guard_of(rule, u, k) };

	j.acceptance = (struct interval){ tolerance.low + j.guard, tolerance.high - j.guard };
	j.probability = conformity_probability(value, u, tolerance);
	j.verdict = verdict(value, tolerance, &j, rule->binary);
	return j;
}

double conformity_tur(struct interval tolerance, double expanded)
{
	return (tolerance.high - tolerance.low) / (2 * expanded);
}

/* What an integral over true errors is made of: items of this error, and those of them that are accepted. */
struct inspection {
	double prior, u;
	struct interval acceptance;
};

static double density(const struct inspection *i, double error)
{
	double z = error / i->prior;

	return exp(-z * z / 2) / (i->prior * sqrt(2 * acos(-1)));
}

static double accepted_at(const struct inspection *i, double error)
{
	return density(i, error) * conformity_probability(error, i->u, i->acceptance);
}

/* The abscissae and weights of three points on [-1, 1]: 0 with 8/9 and +-sqrt(3/5) with 5/9. */
static double panel(const struct inspection *i, double middle, double half)
{
	double away = half * sqrt(0.6);

	return half * (8 * accepted_at(i, middle) + 5 * (accepted_at(i, middle - away) + accepted_at(i, middle + away))) / 9;
}

/* Of all items, those whose true error lies in `where` and that are accepted. */
static double accepted(const struct inspection *i, struct interval where)
{
	double low = fmax(where.low, -REACH * i->prior), high = fmin(where.high, REACH * i->prior);
	double half = (high - low) / PANELS / 2, sum = 0;

	for (int n = 0; n < PANELS && high > low; n++)
		sum += panel(i, low + (2 * n + 1) * half, half);
	return sum;
}

struct global_risk conformity_global(double prior, double u, struct interval tolerance, struct interval acceptance)
{
	struct inspection i = { .prior = prior, .u = u, .acceptance = acceptance };
	struct global_risk r = { .conforming = between(tolerance.low / prior, tolerance.high / prior) };

	r.false_acceptance = accepted(&i, (struct interval){ -INFINITY, tolerance.low }) +
		accepted(&i, (struct interval){ tolerance.high, INFINITY });
	r.false_rejection = fmax(0, r.conforming - accepted(&i, tolerance));
	return r;
}

const char *conformity_name(enum conformity c)
{
	static const char *const names[] = {
		[CONFORMITY_PASS] = "pass", [CONFORMITY_CONDITIONAL_PASS] = "conditionalPass",
		[CONFORMITY_CONDITIONAL_FAIL] = "conditionalFail", [CONFORMITY_FAIL] = "fail",
	};

	return names[c];
}
