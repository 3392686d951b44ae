/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "progress.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>
#include <sys/ioctl.h>
#include <unistd.h>

#include "etalon.h"
#include "grid.h"
#include "instant.h"

#define BAR 20                  /* columns between the brackets */

void progress_begin(struct progress *p, bool quiet)
{
	const char *term = getenv("TERM");

	*p = (struct progress){ .quiet = quiet };
	p->terminal = isatty(STDOUT_FILENO) && term && *term && strcmp(term, "dumb");
}

static int64_t whole(const json_t *s, const char *key)
{
	return json_integer_value(json_object_get(s, key));
}

static const char *text(const json_t *s, const char *key)
{
	const char *t = json_string_value(json_object_get(s, key));

	return t ? t : "";
}

/* Of the time, where the daemon can tell what is left; else of the points and steps. */
static double fraction(const json_t *s)
{
	double points = (double)whole(s, "points"), steps = (double)whole(s, "steps");
	double done = (double)whole(s, "point"), gone = (double)(utc_now() - whole(s, "started_ns"));

	if (!strcmp(text(s, "state"), "ended"))
		return 1;
	if (json_is_integer(json_object_get(s, "left_ns")) && gone > 0)
		return gone / (gone + (double)whole(s, "left_ns"));
	if (points <= 0 || done < 0)
		return 0;
	if (steps > 0)
		done += (double)whole(s, "step") / steps;
	return done < points ? done / points : 1;
}

static void put_where(struct buf *b, const json_t *s)
{
	const char *state = text(s, "state");
	bool at_point = whole(s, "point") >= 0 && *text(s, "point_name");

	if (strcmp(state, "running") || !at_point)
		buf_printf(b, "  %s", state);
	if (at_point)
		buf_printf(b, "  point %" PRId64 "/%" PRId64 " %s", whole(s, "point") + 1,
			   whole(s, "points"), text(s, "point_name"));
	if (whole(s, "attempt") > 1)
		buf_printf(b, " (attempt %" PRId64 ")", whole(s, "attempt"));
}

/* Cuts the text to `columns`, at a whole character. */
static void fit(struct buf *b, size_t columns)
{
	while (b->len > 0 && text_width(b->data) > columns) {
		do {
			b->len--;
		} while (b->len > 0 && ((unsigned char)b->data[b->len] & 0xc0) == 0x80);
		b->data[b->len] = '\0';
	}
}

static size_t columns(void)
{
	struct winsize w;

	return ioctl(STDOUT_FILENO, TIOCGWINSZ, &w) == 0 && w.ws_col > 1 ? w.ws_col - 1U : 79;
}

/* The width is asked every time: a window that changed its size is drawn right at the next tick. */
static void draw(struct progress *p, const json_t *s)
{
	double part = fraction(s);
	int full = (int)(part * BAR);
	char left[DURATION_TEXT];
	struct buf b = { 0 };

	buf_putc(&b, '[');
	for (int i = 0; i < BAR; i++)
		buf_putc(&b, i < full ? '=' : i == full ? '>' : ' ');
	buf_printf(&b, "] %3d %%", (int)(100 * part));
	if (json_is_integer(json_object_get(s, "left_ns")))
		buf_printf(&b, "  left %s", duration_format(whole(s, "left_ns"), left));
	put_where(&b, s);
	if (*text(s, "step_kind"))
		buf_printf(&b, "  %s %" PRId64 "/%" PRId64, text(s, "step_kind"),
			   whole(s, "step") + 1, whole(s, "steps"));
	buf_printf(&b, "  %" PRId64 " readings", whole(s, "readings"));
	fit(&b, columns());
	printf("\r%s\033[K", b.data);
	fflush(stdout);
	buf_release(&b);
	p->drawn = true;
}

/* A line for each point and each change of state, but not for each tick. */
static void line(struct progress *p, const json_t *s)
{
	struct buf b = { 0 };

	buf_puts(&b, text(s, "run"));
	put_where(&b, s);
	if (strncmp(b.data, p->before, sizeof p->before - 1)) {
		snprintf(p->before, sizeof p->before, "%s", b.data);
		puts(b.data);
		fflush(stdout);
	}
	buf_release(&b);
}

void progress_show(struct progress *p, const json_t *status)
{
	if (p->quiet)
		return;
	if (p->terminal)
		draw(p, status);
	else
		line(p, status);
}

void progress_end(struct progress *p)
{
	if (p->drawn)
		fputs("\r\033[K", stdout);
	p->drawn = false;
	fflush(stdout);
}

void progress_say(struct progress *p, const char *fmt, ...)
{
	va_list ap;

	if (p->quiet)
		return;
	progress_end(p);
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
	putchar('\n');
	fflush(stdout);
}
