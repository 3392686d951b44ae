/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "numerics.h"

#include <gsl/gsl_version.h>

const char *numerics_version(void)
{
	return gsl_version;
}
