/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_moment.c - any bytes as an instrument's date and time: a moment comes out that is written back the same, or a
 * sentence that says what was expected. */
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "mem.h"
#include "moment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
	if (!ok)
		abort();
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_new(size + 1), again[64];
	struct err e = { 0 };
	time_t as_time;
	int64_t s, t;
	struct tm tm;

	if (size)
		memcpy(text, data, size);
	if (moment_parse(text, size, &s, &e) < 0) {
		require(e.code == ERR_PROTOCOL && e.text[0]);
	} else {
		as_time = (time_t)s;
		require(gmtime_r(&as_time, &tm) && tm.tm_year >= 0 && tm.tm_year <= 9999 - 1900);
		strftime(again, sizeof again, "%Y-%m-%dT%H:%M:%S", &tm);
		require(moment_parse(again, strlen(again), &t, &e) == 0 && t == s);
	}
	free(text);
	return 0;
}
