/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "agreement.h"

#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* u = c 10^l with a whole c of so many digits; printf rounds to them in decimal, and 0.0996 becomes 10 10^-2. */
double agreement_tolerance(double u, int digits)
{
	char text[64];

	if (!(u > 0) || isinf(u))
		return u > 0 ? INFINITY : 0;
	snprintf(text, sizeof text, "%.*e", digits - 1, u);
	snprintf(text, sizeof text, "5e%ld", strtol(strchr(text, 'e') + 1, NULL, 10) - digits);
	return strtod(text, NULL);
}

struct agreement agreement_of(double y, double expanded, struct interval montecarlo, double u, int digits)
{
	struct agreement a = {
		.tolerance = agreement_tolerance(u, digits),
		.low = fabs(y - expanded - montecarlo.low),
		.high = fabs(y + expanded - montecarlo.high),
	};

	a.validated = a.low <= a.tolerance && a.high <= a.tolerance;
	return a;
}
