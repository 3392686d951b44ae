/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "status.h"

#include <string.h>

#include "number.h"

/* Of the event status register, IEEE 488.2, 11.5.1.1. */
enum { OPERATION_COMPLETE = 0x01, QUERY_ERROR = 0x04, DEVICE_ERROR = 0x08, EXECUTION_ERROR = 0x10,
       COMMAND_ERROR = 0x20, POWER_ON = 0x80 };

void status_init(struct status *s)
{
	*s = (struct status){ 0 };
	pthread_mutex_init(&s->lock, NULL);
}

void status_power_on(struct status *s)
{
	pthread_mutex_lock(&s->lock);
	s->events = POWER_ON;
	s->events_shown = s->service = 0;
	s->completing = false;
	s->busy = 0;
	pthread_mutex_unlock(&s->lock);
}

void status_begin(struct status *s, int64_t ns)
{
	instant end = instant_after(ns);

	pthread_mutex_lock(&s->lock);
	if (end > s->busy)
		s->busy = end;
	pthread_mutex_unlock(&s->lock);
}

instant status_over(struct status *s)
{
	instant busy;

	pthread_mutex_lock(&s->lock);
	busy = s->busy;
	pthread_mutex_unlock(&s->lock);
	return busy;
}

bool status_busy(struct status *s)
{
	return !instant_passed(status_over(s));
}

void status_finish(struct status *s)
{
	instant_sleep_until(status_over(s));
}

void status_error(struct status *s, const char *text)
{
	static const unsigned by_hundreds[] = { DEVICE_ERROR, COMMAND_ERROR, EXECUTION_ERROR, DEVICE_ERROR, QUERY_ERROR };
	unsigned hundreds = text[0] == '-' && text[1] >= '1' && text[1] <= '4' ? (unsigned)(text[1] - '0') : 0;

	pthread_mutex_lock(&s->lock);
	s->events |= by_hundreds[hundreds];
	pthread_mutex_unlock(&s->lock);
}

void status_clear(struct status *s)
{
	pthread_mutex_lock(&s->lock);
	s->events = 0;
	s->cleared++;
	s->completing = false;
	pthread_mutex_unlock(&s->lock);
}

/* The lock is held. */
static void settle(struct status *s)
{
	if (!s->completing || !instant_passed(s->busy))
		return;
	s->completing = false;
	s->events |= OPERATION_COMPLETE;
}

static unsigned byte_now(struct status *s, bool message, bool errors)
{
	settle(s);
	return (errors ? STATUS_ERRORS : 0u) | (message ? STATUS_MESSAGE : 0u) |
	       (s->events & s->events_shown ? STATUS_EVENTS : 0u);
}

uint8_t status_byte(struct status *s, bool message, bool errors)
{
	unsigned byte;

	pthread_mutex_lock(&s->lock);
	byte = byte_now(s, message, errors);
	pthread_mutex_unlock(&s->lock);
	return (uint8_t)byte;
}

static unsigned read_events(struct status *s)
{
	unsigned events;

	settle(s);
	events = s->events;
	s->events = 0;
	s->cleared++;
	return events;
}

/* A question's number; the lock is held.  -1: it is no question of ours. */
static int64_t question(struct status *s, const char *name, bool errors)
{
	unsigned byte = byte_now(s, false, errors);

	if (!strcasecmp(name, "*ESE?"))
		return s->events_shown;
	if (!strcasecmp(name, "*SRE?"))
		return s->service;
	if (!strcasecmp(name, "*STB?"))
		return byte | (byte & s->service ? STATUS_SERVICE : 0u);
	return strcasecmp(name, "*ESR?") ? -1 : (int64_t)read_events(s);
}

/* "*ESE 32"; the lock is held. */
static bool set_mask(struct status *s, const char *line)
{
	unsigned *mask = !strncasecmp(line, "*ESE ", 5) ? &s->events_shown : !strncasecmp(line, "*SRE ", 5) ? &s->service : NULL;
	const char *number = line + strspn(line, "*EeSsRr ");
	struct err e;
	int64_t v;

	if (!mask || number_parse_int(number, strlen(number), &v, &e) < 0 || v < 0 || v > 255)
		return false;
	*mask = (unsigned)v & (mask == &s->service ? ~(unsigned)STATUS_SERVICE : ~0u);
	return true;
}

static int carry_out(struct status *s, const char *line, bool errors, struct buf *out)
{
	int64_t number = question(s, line, errors);

	if (number >= 0) {
		buf_printf(out, "%d", (int)number);
		return 1;
	}
	if (!strcasecmp(line, "*OPC"))
		s->completing = true;
	else if (!set_mask(s, line))
		return -1;
	return 0;
}

int status_line(struct status *s, const char *line, size_t n, bool errors, struct buf *out)
{
	char text[32];
	int said;

	if (n >= sizeof text)
		return -1;
	memcpy(text, line, n);
	text[n] = '\0';
	pthread_mutex_lock(&s->lock);
	said = carry_out(s, text, errors, out);
	pthread_mutex_unlock(&s->lock);
	return said;
}

bool service_begins(struct service *v, struct status *s, uint8_t byte)
{
	bool before;

	pthread_mutex_lock(&s->lock);
	before = v->summary && v->cleared == s->cleared;
	v->cleared = s->cleared;
	v->summary = byte & s->service;
	pthread_mutex_unlock(&s->lock);
	v->requested |= v->summary && !before;
	return v->summary && !before;
}

uint8_t service_poll(struct service *v, struct status *s, uint8_t byte)
{
	service_begins(v, s, byte);
	if (v->requested)
		byte |= STATUS_SERVICE;
	v->requested = false;
	return byte;
}
