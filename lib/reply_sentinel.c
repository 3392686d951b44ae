/* SPDX-License-Identifier: GPL-3.0-or-later
 * reply_sentinel.c - numbers that mean something else: the model file's own, and SCPI-99's; in an answer of one
 * number, and in arrays. */
#include <math.h>

#include "reply_parts.h"

static bool near(double a, double b)
{
	return a == b || (fabs(b) >= 1e30 && fabs(a - b) <= 1e-6 * fabs(b));
}

#define INFINITE  9.9e37         /* SCPI-99 vol. 1, 7.2.1.4 */
#define NO_NUMBER 9.91e37        /* and 7.2.1.5 */

static const struct sentinel usual[] = {
	{ .value = INFINITE, .status = READING_OVERLOAD },
	{ .value = -INFINITE, .status = READING_UNDERLOAD },
	{ .value = NO_NUMBER, .status = READING_NOT_A_NUMBER },
};

static enum reading_status usual_sentinel(double x)
{
	const double infinity = INFINITE * (1 - 1e-6);

	if (near(x, NO_NUMBER))
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
size_t reply_usual_sentinels(const struct block_form *f, const struct sentinel **list)
{
	*list = usual;
	return f->format == BLOCK_FLOAT32 || f->format == BLOCK_FLOAT64 ? sizeof usual / sizeof *usual : 0;
}

void reply_array(const struct model *m, const struct block_form *f, struct span bytes, struct block_marks *found)
{
	const struct sentinel *list;
	size_t width = block_width(f);
	bool can_be = m->sentinels.n || reply_usual_sentinels(f, &list);

	for (size_t i = 0; can_be && i + width <= bytes.n; i += width) {
		enum reading_status s = reply_sentinel(m, block_number(f, bytes.p + i));

		if (s == READING_OK)
			continue;
		found->of[s]++;
		if (found->first == READING_OK)
			found->first = s;
	}
}
