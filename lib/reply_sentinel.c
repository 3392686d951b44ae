/* SPDX-License-Identifier: GPL-3.0-or-later
 * reply_sentinel.c - numbers that mean something else: the model file's own, and SCPI-99's; in an answer of one
 * number, and in arrays. */
#include <math.h>

#include "reply_parts.h"

static bool near(double a, double b)
{
	return a == b || (fabs(b) >= 1e30 && fabs(a - b) <= 1e-6 * fabs(b));
}

/* SCPI-99 vol. 1, 7.2.1.4 and 7.2.1.5. */
static enum reading_status usual_sentinel(double x)
{
	const double infinity = 9.9e37 * (1 - 1e-6);

	if (near(x, 9.91e37))
		return READING_NOT_A_NUMBER;
	return x >= infinity ? READING_OVERLOAD : x <= -infinity ? READING_UNDERLOAD : READING_OK;
}

enum reading_status reply_sentinel(const struct model *m, double x)
{
	const struct sentinel *s = m->sentinels.items;

	if (isnan(x))
		return READING_NOT_A_NUMBER;
	for (size_t i = 0; i < m->sentinels.n; i++)
		if (near(x, s[i].value))
			return (enum reading_status)s[i].status;
	if (isinf(x))
		return x > 0 ? READING_OVERLOAD : READING_UNDERLOAD;
	return m->manner == MANNER_MODBUS ? READING_OK : usual_sentinel(x);
}

/* An integer can only be a sentinel that the model file states. */
static bool can_be(const struct model *m, const struct block_form *f)
{
	return m->sentinels.n || f->format == BLOCK_FLOAT32 || f->format == BLOCK_FLOAT64;
}

void reply_array(const struct model *m, const struct block_form *f, struct span bytes, struct block_marks *found)
{
	size_t width = block_width(f);

	for (size_t i = 0; can_be(m, f) && i + width <= bytes.n; i += width) {
		enum reading_status s = reply_sentinel(m, block_number(f, bytes.p + i));

		if (s == READING_OK)
			continue;
		found->of[s]++;
		if (found->first == READING_OK)
			found->first = s;
	}
}
