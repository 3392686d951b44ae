/* SPDX-License-Identifier: GPL-3.0-or-later
 * number.h - decimal numbers, strictly and in the C locale whatever the process's locale is.
 *
 * A number is [+-] digits [. digits] [eE [+-] digits], the whole of the text, finite as a
 * double.  "1,5", "5 mV", "0x10", "nan", "1e400" and "" are errors, never guesses. */
#ifndef NUMBER_H
#define NUMBER_H

#include <locale.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define NUMBER_TEXT 32

int number_parse(const char *text, size_t n, double *out, struct err *e);
int number_parse_int(const char *text, size_t n, int64_t *out, struct err *e);

/* The shortest decimal text that reads back as exactly this double (at most 17 digits).
 * Returns its length.  The value must be finite. */
size_t number_format(double v, char text[NUMBER_TEXT]);

/* The double nearest to the shortest decimal of v, times 10 to the power of tens. */
double number_shift(double v, int tens);

/* The C locale, for uselocale and the _l functions; it is never freed. */
locale_t number_locale(void);

#endif
