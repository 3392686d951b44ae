/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "instant.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <pthread.h>
#include <stdio.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

static int64_t read_clock(clockid_t id)
{
	struct timespec t;

	clock_gettime(id, &t);
	return (int64_t)t.tv_sec * NS_PER_S + t.tv_nsec;
}

static int64_t monotonic(void) { return read_clock(CLOCK_MONOTONIC); }
static int64_t realtime(void) { return read_clock(CLOCK_REALTIME); }

static const struct clock system_clock = { monotonic, realtime };
static const struct clock *now = &system_clock;

void instant_set_clock(const struct clock *c)
{
	now = c ? c : &system_clock;
}

instant instant_now(void)
{
	return now->monotonic();
}

instant instant_after(int64_t ns)
{
	instant t = instant_now();

	return ns > INSTANT_NEVER - t ? INSTANT_NEVER : t + ns;
}

instant instant_after_ms(int64_t ms)
{
	return ms > INT64_MAX / NS_PER_MS ? INSTANT_NEVER : instant_after(ms * NS_PER_MS);
}

int instant_ms_left(instant by)
{
	int64_t left;

	if (by == INSTANT_NEVER)
		return -1;
	left = by - instant_now();
	if (left <= 0)
		return 0;
	left = (left - 1) / NS_PER_MS + 1;
	return left > INT_MAX ? INT_MAX : (int)left;
}

bool instant_passed(instant by)
{
	return by != INSTANT_NEVER && instant_now() >= by;
}

void instant_sleep_until(instant when)
{
	struct timespec t = { .tv_sec = when / NS_PER_S, .tv_nsec = when % NS_PER_S };

	while (clock_nanosleep(CLOCK_MONOTONIC, TIMER_ABSTIME, &t, NULL) == EINTR)
		;
}

int64_t utc_now(void)
{
	return now->realtime();
}

char *utc_format(int64_t ns, char text[UTC_TEXT])
{
	int64_t rest = ns % NS_PER_S;
	time_t seconds = (time_t)(ns / NS_PER_S);
	struct tm tm;
	size_t n;

	if (rest < 0) {
		rest += NS_PER_S;
		seconds--;
	}
	gmtime_r(&seconds, &tm);
	n = strftime(text, UTC_TEXT, "%Y-%m-%dT%H:%M:%S", &tm);
	snprintf(text + n, UTC_TEXT - n, ".%09dZ", (int)rest);
	return text;
}

/* Whole years that int64_t holds as nanoseconds since 1970. */
#define FIRST_YEAR 1678
#define LAST_YEAR  2261

int utc_parse(const char *text, int64_t *ns, struct err *e)
{
	struct tm tm = { 0 };
	const char *p = strptime(text, "%Y-%m-%dT%H:%M:%S", &tm);
	int64_t fraction = 0, scale = NS_PER_S;

	if (p && *p == '.') {
		for (p++; *p >= '0' && *p <= '9' && scale > 1; p++) {
			scale /= 10;
			fraction += (*p - '0') * scale;
		}
	}
	if (!p || strcmp(p, "Z") || tm.tm_year < FIRST_YEAR - 1900 || tm.tm_year > LAST_YEAR - 1900)
		return err_set(e, ERR_CONFIG, "'%s' is not a UTC time such as 2026-11-24T03:39:22.5Z", text);
	*ns = (int64_t)timegm(&tm) * NS_PER_S + fraction;
	return 0;
}

static char boot[37];

static void read_boot(void)
{
	int fd = open("/proc/sys/kernel/random/boot_id", O_RDONLY | O_CLOEXEC);
	ssize_t n = fd < 0 ? -1 : read(fd, boot, 36);

	if (fd >= 0)
		close(fd);
	if (n != 36)
		memcpy(boot, "00000000-0000-0000-0000-000000000000", 36);
}

const char *instant_boot(void)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;

	pthread_once(&once, read_boot);
	return boot;
}
