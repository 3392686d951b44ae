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

void format_other_unit(const struct point *p, struct buf *answer)
{
	size_t n = p->suffix ? strlen(p->suffix) : 0;

	if (n && answer->len >= n && !memcmp(answer->data + answer->len - n, p->suffix, n)) {
		answer->len -= n;
		buf_printf(answer, "m%s", p->suffix);
	} else {
		buf_puts(answer, " mV");
	}
}
