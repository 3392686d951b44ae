/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "day.h"

#include <string.h>
#include <time.h>

#include "instant.h"

#define S_PER_DAY INT64_C(86400)

const char day_form[] = "a day such as 2026-03-14";

/* Four digits, two, two: strptime alone takes 26-3-4, and 02-31 for the third of March. */
int day_parse(const char *text, int64_t *day, struct err *e)
{
	struct tm tm = { 0 };
	const char *end = strptime(text, "%Y-%m-%d", &tm);
	char again[DAY_TEXT];

	if (end && !*end) {
		*day = (int64_t)timegm(&tm) / S_PER_DAY;
		if (tm.tm_year >= 70 && !strcmp(day_format(*day, again), text))
			return 0;
	}
	return err_set(e, ERR_CONFIG, "'%s' is not %s", text, day_form);
}

char *day_format(int64_t day, char text[DAY_TEXT])
{
	time_t seconds = (time_t)(day * S_PER_DAY);
	struct tm tm;

	gmtime_r(&seconds, &tm);
	strftime(text, DAY_TEXT, "%Y-%m-%d", &tm);
	return text;
}

int64_t day_of(int64_t utc_ns)
{
	int64_t per_day = S_PER_DAY * NS_PER_S;

	return utc_ns / per_day - (utc_ns % per_day < 0);
}

int64_t day_months_after(int64_t day, int months)
{
	time_t seconds = (time_t)(day * S_PER_DAY);
	struct tm tm;
	int wanted;

	gmtime_r(&seconds, &tm);
	tm.tm_mon += months;
	wanted = tm.tm_mon % 12;
	seconds = timegm(&tm);           /* which takes 31 February for 3 March: then back to the day 0 of March */
	if (tm.tm_mon != wanted) {
		tm.tm_mday = 0;
		seconds = timegm(&tm);
	}
	return (int64_t)seconds / S_PER_DAY;
}

void day_read(struct schema_context *c, const struct yaml *node, void *day)
{
	const char *text = schema_scalar(c, node, day_form);
	struct err e;

	if (text && day_parse(text, day, &e) < 0)
		schema_problem(c, node, "%s: %s", node->key ? node->key : "day", e.text);
}
