/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "moment.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#define FIELDS  6
#define BETWEEN " ,;:/T\"'+-"

static bool is_digit(char c)
{
	return c >= '0' && c <= '9';
}

/* The next number, of at most so many digits; -1: there is none. */
static int field(const char **p, const char *end, int most)
{
	int value = 0, digits = 0;

	while (*p < end && **p && strchr(BETWEEN, **p))
		(*p)++;
	for (; *p < end && is_digit(**p); (*p)++, digits++)
		if (digits < most)
			value = 10 * value + (**p - '0');
	return digits && digits <= most ? value : -1;
}

static bool ends(const char *p, const char *end)
{
	if (p < end && *p == '.')
		for (p++; p < end && is_digit(*p); p++)
			;
	while (p < end && *p && strchr(BETWEEN, *p))
		p++;
	return p == end;
}

/* timegm takes the 31st of February for one in March. */
static bool exists(struct tm tm, int64_t *seconds)
{
	struct tm given = tm;

	if (tm.tm_year < 0)
		return false;
	*seconds = timegm(&tm);
	return tm.tm_year == given.tm_year && tm.tm_mon == given.tm_mon && tm.tm_mday == given.tm_mday &&
	       tm.tm_hour == given.tm_hour && tm.tm_min == given.tm_min && tm.tm_sec == given.tm_sec;
}

int moment_parse(const char *text, size_t n, int64_t *seconds, struct err *e)
{
	const char *p = text, *end = text + n;
	int of[FIELDS];
	bool good = true;

	for (int i = 0; i < FIELDS && good; i++) {
		of[i] = field(&p, end, i == 0 ? 4 : 2);
		good = of[i] >= 0;
	}
	if (good && ends(p, end) &&
	    exists((struct tm){ .tm_year = of[0] - 1900, .tm_mon = of[1] - 1, .tm_mday = of[2], .tm_hour = of[3],
				.tm_min = of[4], .tm_sec = of[5] }, seconds))
		return 0;
	return err_set(e, ERR_PROTOCOL, "it is no date and time of day: expected year, month, day, hour, minute, second");
}
