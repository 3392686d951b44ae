/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format.h"

#include "number.h"

/* Loading the model has seen to it that the format takes one double. */
#pragma GCC diagnostic push
#pragma GCC diagnostic ignored "-Wformat-nonliteral"
static void put(struct buf *out, const char *format, double value)
{
	buf_printf(out, format, value);
}
#pragma GCC diagnostic pop

void format_value(const struct point *p, double value, struct buf *out)
{
	char text[NUMBER_TEXT];

	if (p->simulate.format) {
		put(out, p->simulate.format, value);
		return;
	}
	buf_add(out, text, number_format(value, text));
	if (p->suffix)
		buf_printf(out, " %s", p->suffix);
}

void format_readback(const struct point *p, double value, struct buf *out)
{
	if (p->simulate.readback)
		put(out, p->simulate.readback, value);
	else
		format_value(p, value, out);
}

void format_unstable(const struct point *p, double value, struct buf *out)
{
	if (p->simulate.unstable)
		put(out, p->simulate.unstable, value);
	else
		format_value(p, value, out);
}

/* The last place where one of the units stands that the model lists. */
static char *find_unit(const struct point *p, struct buf *answer, size_t *n)
{
	const struct unit_word *w = p->units.items;
	char *found = NULL;

	for (size_t i = 0; i < p->units.n; i++) {
		size_t len = strlen(w[i].word);

		for (char *at = answer->data; (at = strstr(at, w[i].word)); at++)
			if (!found || at > found || (at == found && len > *n)) {
				found = at;
				*n = len;
			}
	}
	return found;
}

/* Somebody has pressed its unit key: a unit of the same length that no model lists. */
static bool foreign_unit(const struct point *p, struct buf *answer)
{
	size_t n = 0;
	char *at = find_unit(p, answer, &n);

	if (at)
		memset(at, '?', n);
	return at != NULL;
}

void format_other_unit(const struct point *p, struct buf *answer)
{
	size_t n = p->suffix ? strlen(p->suffix) : 0;

	if (n && answer->len >= n && !memcmp(answer->data + answer->len - n, p->suffix, n)) {
		answer->len -= n;
		buf_printf(answer, "m%s", p->suffix);
	} else if (!foreign_unit(p, answer)) {
		buf_puts(answer, " mV");
	}
}
