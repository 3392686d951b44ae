/* SPDX-License-Identifier: GPL-3.0-or-later
 * lines_errors.c - the instrument's error queue: what is in it, and what that is worth. */
#include <string.h>

#include "lines_parts.h"
#include "reply.h"

/* The gravest report so far, the first of its kind. */
struct worst {
	enum severity is;
	char text[REPLY_QUOTE];
};

static enum severity grade(const struct model *m, struct span report)
{
	const struct grade *g = m->errors.severity.items;

	for (size_t i = 0; i < m->errors.severity.n; i++)
		if (pattern_matches(&g[i].match, report.p, report.n, NULL, 0))
			return (enum severity)g[i].is;
	return SEVERITY_ERROR;
}

static void warn(struct instrument *in, const char *report)
{
	char text[REPLY_QUOTE + 32];

	snprintf(text, sizeof text, "it reports %s", report);
	if (in->noted)
		in->noted(in->who, "instrument.warning", text);
}

static void weigh(struct instrument *in, struct worst *w, struct span report)
{
	enum severity is = grade(in->model, report);
	char text[REPLY_QUOTE];

	reply_quote(text, report.p, report.n);
	if (is == SEVERITY_WARNING)
		warn(in, text);
	if (is <= w->is)
		return;
	w->is = is;
	memcpy(w->text, text, sizeof w->text);
}

static int drain(struct instrument *in, struct worst *w, instant by, struct err *e)
{
	const struct model *m = in->model;

	for (int64_t i = 0; m->errors.ask && i < m->errors.drain; i++) {
		struct talk t = { .why = "errors" };

		if (lines_ask(in, &t, m->errors.ask, by, e) < 0)
			return -1;
		if (pattern_matches(&m->errors.ok, t.reply.p, t.reply.n, NULL, 0))
			break;
		lines_power_overhear(in, m->errors.ask, t.reply);
		weigh(in, w, t.reply);
	}
	return 0;
}

static int judge(const struct worst *w, struct err *e)
{
	return err_set(e, w->is == SEVERITY_FATAL ? ERR_IDENTITY : ERR_INSTRUMENT, "it reports %s", w->text);
}

/* True if the status byte says that the queue is empty, or cannot be had: *failed then. */
static bool nothing_said(struct instrument *in, int *failed, instant by, struct err *e)
{
	uint8_t status = 0;

	*failed = lines_status(in, &status, by, e);
	return *failed || !(status >> in->model->errors.status_bit & 1);
}

int lines_errors(struct instrument *in, enum occasion when, instant by, struct err *e)
{
	struct worst w = { SEVERITY_IGNORE, "" };
	int failed;

	if (!(in->model->errors.when & when))
		return 0;
	if (in->model->errors.has_status_bit && nothing_said(in, &failed, by, e))
		return failed;
	if (drain(in, &w, by, e) < 0)
		return -1;
	return w.is >= SEVERITY_ERROR ? judge(&w, e) : 0;
}

int lines_old_errors(struct instrument *in, instant by, struct err *e)
{
	struct worst w = { SEVERITY_IGNORE, "" };

	if (drain(in, &w, by, e) < 0)
		return -1;
	return w.is == SEVERITY_FATAL ? judge(&w, e) : 0;
}
