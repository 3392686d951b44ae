/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "format.h"

#include "number.h"

static size_t two_digits(const char *p)
{
	size_t n = strspn(p, "0123456789");

	return n > 2 ? 2 : n;
}

/* Length of the conversion that begins at a '%': "%+.8E"; 0 if it is none of ours. */
static size_t conversion(const char *p)
{
	size_t n = 1;

	n += strspn(p + n, "+- #0");
	n += two_digits(p + n);
	if (p[n] == '.')
		n += 1 + two_digits(p + n + 1);
	return p[n] && strchr("eEfgG", p[n]) ? n + 1 : 0;
}

int format_check(const char *format, struct err *e)
{
	int found = 0;

	for (const char *p = strchr(format, '%'); p; p = strchr(p, '%')) {
		size_t n = p[1] == '%' ? 2 : conversion(p);

		if (!n)
			return err_set(e, ERR_CONFIG, "'%s' has a conversion other than e, f or g", format);
		found += p[1] != '%';
		p += n;
	}
	if (found != 1)
		return err_set(e, ERR_CONFIG, "'%s' must have one conversion such as %%+.8E", format);
	return 0;
}

/* format_check has let the format through. */
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
