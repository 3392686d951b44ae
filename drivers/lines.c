/* SPDX-License-Identifier: GPL-3.0-or-later
 * lines.c - the manner of SCPI instruments, and of balances, thermometers and everything else
 * that answers a line with a line.  What to say and what must come back is the model file's. */
#include <math.h>
#include <string.h>

#include "driver.h"
#include "number.h"
#include "reply.h"

struct talk {                           /* one question and its answer */
	const char *why;
	struct timing timing;
	struct span reply;
};

static struct span sent_of(const struct instrument *in)
{
	return (struct span){ in->sent.data, in->sent.len };
}

static void report(struct instrument *in, const struct talk *t, const struct err *why_not)
{
	driver_report(in, t->why, &t->timing, sent_of(in), t->reply, why_not);
}

/* Reports an exchange that failed, with what had arrived of it. */
static int report_failed(struct instrument *in, struct talk *t, struct err *e)
{
	const struct buf *part = link_pending(in->link);

	timing_end(&t->timing);
	if (!t->reply.n)
		t->reply = (struct span){ part->data, part->len };
	report(in, t, e);
	return -1;
}

static int send_command(struct instrument *in, struct talk *t, const char *command, instant by, struct err *e)
{
	buf_clear(&in->sent);
	buf_puts(&in->sent, command);
	buf_puts(&in->sent, in->model->command_end);
	t->reply = (struct span){ "", 0 };
	if (driver_rest(in, by, e) < 0)
		return -1;
	timing_begin(&t->timing);
	if (link_write(in->link, in->sent.data, in->sent.len, by, e) < 0)
		return report_failed(in, t, e);
	return 0;
}

static void rest_from_now(struct instrument *in, const struct talk *t)
{
	if (in->model->pause_ns)
		in->rested = t->timing.ended + in->model->pause_ns;
}

static int tell(struct instrument *in, const char *why, const char *command, instant by, struct err *e)
{
	struct talk t = { .why = why };

	if (send_command(in, &t, command, by, e) < 0)
		return err_wrap(e, "%s", command);
	timing_end(&t.timing);
	rest_from_now(in, &t);
	report(in, &t, NULL);
	return 0;
}

/* Leaves the reporting of an answer that came to the caller, who knows whether it is one. */
static int ask_quietly(struct instrument *in, struct talk *t, const char *question, instant by, struct err *e)
{
	struct until end = { .mark = in->model->reply_end };
	const char *reply;
	ssize_t n;

	if (send_command(in, t, question, by, e) < 0)
		return err_wrap(e, "%s", question);
	n = link_read(in->link, &reply, end, by, e);
	if (n < 0) {
		report_failed(in, t, e);
		return err_wrap(e, "%s", question);
	}
	timing_end(&t->timing);
	rest_from_now(in, t);
	t->reply = (struct span){ reply, (size_t)n };
	if (link_excess(in->link) == 0)
		return 0;
	err_set(e, ERR_PROTOCOL, "%s: %zu bytes came behind the reply", question, link_excess(in->link));
	report(in, t, e);
	in->stray_bytes += link_excess(in->link);
	link_distrust(in->link);
	return -1;
}

static int ask(struct instrument *in, struct talk *t, const char *question, instant by, struct err *e)
{
	if (ask_quietly(in, t, question, driver_deadline(in->model, NULL, by), e) < 0)
		return -1;
	report(in, t, NULL);
	return 0;
}

/* The answer must match. */
static int expect(struct instrument *in, const char *why, const char *question, const struct pattern *p,
		  enum err_code otherwise, instant by, struct err *e)
{
	struct talk t = { .why = why };
	char text[REPLY_QUOTE];

	if (ask(in, &t, question, by, e) < 0)
		return -1;
	if (pattern_matches(p, t.reply.p, t.reply.n, NULL, 0))
		return 0;
	return err_set(e, otherwise, "%s answers %s, expected %s", question,
		       reply_quote(text, t.reply.p, t.reply.n), p->text);
}

static int expect_all(struct instrument *in, const char *why, const struct list *l, enum err_code otherwise,
		      instant by, struct err *e)
{
	const struct expectation *x = l->items;

	for (size_t i = 0; i < l->n; i++)
		if (expect(in, why, x[i].ask, &x[i].expect, otherwise, by, e) < 0)
			return -1;
	return 0;
}

/* Empties the error queue.  ERR_INSTRUMENT with the first error in it, unless `old`. */
static int drain_errors(struct instrument *in, bool old, instant by, struct err *e)
{
	const struct model *m = in->model;
	char first[REPLY_QUOTE] = "";

	for (int64_t i = 0; m->errors.ask && i < m->errors.drain; i++) {
		struct talk t = { .why = "errors" };

		if (ask(in, &t, m->errors.ask, by, e) < 0)
			return -1;
		if (pattern_matches(&m->errors.ok, t.reply.p, t.reply.n, NULL, 0))
			break;
		if (!first[0])
			reply_quote(first, t.reply.p, t.reply.n);
	}
	if (!first[0] || old)
		return 0;
	return err_set(e, ERR_INSTRUMENT, "it reports %s", first);
}

static void copy_group(char *to, size_t size, struct span reply, const regmatch_t *g, int64_t group)
{
	to[0] = '\0';
	if (group && g[group].rm_so >= 0)
		snprintf(to, size, "%.*s", (int)(g[group].rm_eo - g[group].rm_so), reply.p + g[group].rm_so);
}

/* 0: proven.  ERR_IDENTITY otherwise. */
static int judge_identity(struct instrument *in, struct span reply, struct err *e)
{
	const struct model *m = in->model;
	regmatch_t g[10];
	char text[REPLY_QUOTE];

	snprintf(in->identity, sizeof in->identity, "%.*s", (int)reply.n, reply.p);
	if (!pattern_matches(&m->identity.expect, reply.p, reply.n, g, 10))
		return err_set(e, ERR_IDENTITY, "it says it is %s, which is no %s %s",
			       reply_quote(text, reply.p, reply.n), m->manufacturer, m->number);
	copy_group(in->serial, sizeof in->serial, reply, g, m->identity.serial);
	copy_group(in->firmware, sizeof in->firmware, reply, g, m->identity.firmware);
	if (in->serial_expected && m->identity.serial && strcmp(in->serial, in->serial_expected))
		return err_set(e, ERR_IDENTITY, "its serial number is '%s', the bench file says '%s'",
			       in->serial, in->serial_expected);
	return 0;
}

static int clear(struct instrument *in, instant by, struct err *e)
{
	ssize_t stray = link_clear(in->link, in->model->latency_ns, by, e);

	if (stray < 0)
		return -1;
	in->stray_bytes += (size_t)stray;
	return 0;
}

/* A wrong answer may be a late one to somebody else's question: only said twice, with silence
 * between, is it another instrument. */
static int prove_identity(struct instrument *in, instant by, struct err *e)
{
	struct talk t = { .why = "attach" };

	for (int try = 0; in->model->identity.ask; try++) {
		if (ask(in, &t, in->model->identity.ask, by, e) < 0)
			return -1;
		if (judge_identity(in, t.reply, e) == 0)
			return 0;
		if (try > 0)
			return -1;
		link_distrust(in->link);
		if (clear(in, by, e) < 0)
			return -1;
	}
	return 0;
}

static int lines_connect(struct instrument *in, instant by, struct err *e)
{
	return in->link ? 0 : link_open(&in->link, in->resolved, &in->line, in->cancel, by, e);
}

static int lines_attach(struct instrument *in, instant by, struct err *e)
{
	const struct model *m = in->model;

	if (clear(in, by, e) < 0 || prove_identity(in, by, e) < 0 || drain_errors(in, true, by, e) < 0)
		return -1;
	for (size_t i = 0; i < m->init.n; i++)
		if (tell(in, "attach", m->init.list[i], by, e) < 0)
			return -1;
	return drain_errors(in, false, by, e);
}

static int lines_check(struct instrument *in, instant by, struct err *e)
{
	return expect_all(in, "state", &in->model->state, ERR_IDENTITY, by, e);
}

/* One reading; its raw bytes go to the end of in->raw. */
static int measure_one(struct instrument *in, const struct point *p, struct reading *r, instant by, struct err *e)
{
	struct talk t = { .why = "measure" };

	if (ask_quietly(in, &t, p->ask, driver_deadline(in->model, p, by), e) < 0)
		return -1;
	driver_stamp(r, p, &t.timing);
	if (reply_parse(in->model, p, t.reply.p, t.reply.n, &r->value, &r->status, e) < 0) {
		report(in, &t, e);
		link_distrust(in->link);
		return -1;
	}
	r->raw.n = t.reply.n;
	buf_add(&in->raw, t.reply.p, t.reply.n);
	if (in->trace_measure)
		report(in, &t, NULL);
	return 0;
}

static ssize_t lines_measure(struct instrument *in, const struct point *const *points, size_t n,
			     struct reading *out, instant by, struct err *e)
{
	size_t at = 0;

	buf_clear(&in->raw);
	for (size_t i = 0; i < n; i++)
		if (measure_one(in, points[i], &out[i], by, e) < 0)
			return err_wrap(e, "%s", points[i]->quantity);
	for (size_t i = 0; i < n; at += out[i++].raw.n)
		out[i].raw.p = in->raw.data + at;
	return (ssize_t)n;
}

static void compose(struct buf *out, const char *template, double value)
{
	const char *place = strstr(template, "{}");
	char number[NUMBER_TEXT];

	buf_clear(out);
	buf_add(out, template, (size_t)(place - template));
	number_format(value == 0 ? 0 : value, number);          /* never "-0" */
	buf_puts(out, number);
	buf_puts(out, place + 2);
}

/* What was set, as the instrument says it back: a plain number in the point's unit. */
static int read_back(struct instrument *in, const char *why, const struct point *p, double wanted,
		     instant by, struct err *e)
{
	struct talk t = { .why = why };
	struct point said = { .suffix = p->suffix, .to_quantity = p->to_quantity };
	enum reading_status status;
	double got;

	if (ask(in, &t, p->readback, by, e) < 0)
		return -1;
	if (reply_parse(in->model, &said, t.reply.p, t.reply.n, &got, &status, e) < 0) {
		link_distrust(in->link);
		return err_wrap(e, "%s", p->readback);
	}
	return driver_compare(p, conversion_apply(&p->to_quantity, wanted), got, status, e);
}

/* Completion may take as long as the caller allows, not only one exchange's time. */
static int wait_done(struct instrument *in, const struct point *p, instant by, struct err *e)
{
	struct talk t = { .why = "set" };
	char text[REPLY_QUOTE];
	double said;
	struct err why;

	if (ask_quietly(in, &t, p->done, p->timeout_ns ? driver_deadline(in->model, p, by) : by, e) < 0)
		return -1;
	report(in, &t, NULL);
	if (number_parse(t.reply.p, t.reply.n, &said, &why) == 0 && said == 1)
		return 0;
	link_distrust(in->link);
	return err_set(e, ERR_PROTOCOL, "%s answers %s, expected 1", p->done,
		       reply_quote(text, t.reply.p, t.reply.n));
}

static int lines_set(struct instrument *in, const struct point *p, double value, instant by, struct err *e)
{
	struct buf command = { 0 };
	int failed;

	compose(&command, p->set, value);
	failed = tell(in, "set", command.data, by, e);
	buf_release(&command);
	if (failed || (p->done && wait_done(in, p, by, e) < 0) || drain_errors(in, false, by, e) < 0)
		return -1;
	return p->readback ? read_back(in, "readback", p, value, by, e) : 0;
}

/* Everything that makes it safe, blindly; the first failure is reported, the rest still sent. */
static int send_safe(struct instrument *in, instant by, struct err *e)
{
	const struct model *m = in->model;
	const struct point *p = m->points.items;
	struct buf command = { 0 };
	struct err other;
	int failed = 0;

	/* Ends whatever command was cut off half-way. */
	if (!link_in_step(in->link))
		failed = tell(in, "safe", "", by, e);
	for (size_t i = 0; i < m->safe.n; i++)
		failed |= tell(in, "safe", m->safe.list[i], by, failed ? &other : e);
	for (size_t i = 0; i < m->points.n; i++) {
		if (!p[i].set || !p[i].safe.unit)
			continue;
		compose(&command, p[i].set, p[i].safe_value);
		failed |= tell(in, "safe", command.data, by, failed ? &other : e);
	}
	buf_release(&command);
	return failed;
}

/* What it says now.  A model without any check at least answers who it is, behind the commands. */
static int prove_safe(struct instrument *in, instant by, struct err *e)
{
	const struct model *m = in->model;
	const struct point *p = m->points.items;
	size_t proofs = m->safe_check.n;

	if (!link_in_step(in->link) && clear(in, by, e) < 0)
		return -1;
	if (expect_all(in, "safe", &m->safe_check, ERR_INSTRUMENT, by, e) < 0)
		return -1;
	for (size_t i = 0; i < m->points.n; i++) {
		if (!p[i].readback || !p[i].safe.unit)
			continue;
		proofs++;
		if (read_back(in, "safe", &p[i], p[i].safe_value, by, e) < 0)
			return err_wrap(e, "%s", p[i].quantity);
	}
	if (proofs)
		return 0;
	if (m->identity.ask)
		return expect(in, "safe", m->identity.ask, &m->identity.expect, ERR_INSTRUMENT, by, e);
	return err_set(e, ERR_INSTRUMENT, "nothing in its model file can show that it is safe");
}

/* Anew on a fresh connection if the old one turns out to be dead. */
static int send_safe_somehow(struct instrument *in, instant by, struct err *e)
{
	for (int try = 0;; try++) {
		if (lines_connect(in, by, e) < 0)
			return -1;
		link_urgent(in->link, true);
		if (send_safe(in, by, e) == 0)
			return 0;
		if (e->code != ERR_CLOSED || try > 0)
			return -1;
		link_close(&in->link);
	}
}

static int make_safe(struct instrument *in, instant by, struct err *e)
{
	for (int try = 0;; try++) {
		if (send_safe_somehow(in, by, e) < 0)
			return -1;
		if (prove_safe(in, by, e) == 0)
			return 0;
		/* A dead connection may swallow the commands and only then say so. */
		if (e->code != ERR_CLOSED || try > 0)
			return -1;
		link_close(&in->link);
	}
}

static int lines_safe(struct instrument *in, instant by, struct err *e)
{
	int cancel = in->cancel, failed;

	in->cancel = -1;                /* for the pause between commands and a new connection */
	failed = make_safe(in, by, e);
	in->cancel = cancel;
	if (in->link)
		link_urgent(in->link, false);
	return failed;
}

static void lines_describe(const struct model *m, const struct point *p, bool set, double value, struct buf *out)
{
	struct buf command = { 0 };

	if (!set) {
		buf_printf(out, "%s\n", p->ask);
		return;
	}
	compose(&command, p->set, value);
	buf_printf(out, "%s\n", command.data);
	buf_release(&command);
	if (p->done)
		buf_printf(out, "%s\n", p->done);
	if (m->errors.ask)
		buf_printf(out, "%s\n", m->errors.ask);
	if (p->readback)
		buf_printf(out, "%s\n", p->readback);
}

#define LINES .connect = lines_connect, .attach = lines_attach, .check = lines_check, \
	.measure = lines_measure, .set = lines_set, .safe = lines_safe, .describe = lines_describe

const struct driver driver_scpi = { .name = "scpi", LINES };
const struct driver driver_text = { .name = "text", LINES };
