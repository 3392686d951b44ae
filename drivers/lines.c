/* SPDX-License-Identifier: GPL-3.0-or-later
 * lines.c - the manner of SCPI instruments, and of balances, thermometers and everything else
 * that answers a line with a line.  What to say and what must come back is the model file's.
 * Here: who it is and that it is in its known state; lines_*.c: the rest. */
#include <string.h>

#include "lines_parts.h"
#include "power.h"
#include "reply.h"

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
	return 0;
}

/* What the first answer does not hold, by a question of its own. */
static int ask_apart(struct instrument *in, const char *question, const struct pattern *p, char *to, size_t size,
		     instant by, struct err *e)
{
	struct talk t = { .why = "attach" };
	char text[REPLY_QUOTE];
	regmatch_t g[2];

	if (!question)
		return 0;
	if (lines_ask(in, &t, question, by, e) < 0)
		return -1;
	if (!pattern_matches(p, t.reply.p, t.reply.n, g, 2))
		return err_set(e, ERR_IDENTITY, "%s answers %s, expected %s", question,
			       reply_quote(text, t.reply.p, t.reply.n), p->text);
	copy_group(to, size, t.reply, g, 1);
	return 0;
}

static int judge_serial(struct instrument *in, struct err *e)
{
	const struct model *m = in->model;

	return m->identity.serial || m->identity.serial_ask ? driver_judge_serial(in, e) : 0;
}

int lines_identify(struct instrument *in, struct span said, struct err *e)
{
	return judge_identity(in, said, e) < 0 ? -1 : judge_serial(in, e);
}

static int identify(struct instrument *in, instant by, struct err *e)
{
	const struct model *m = in->model;
	struct talk t = { .why = "attach", .lines = m->identity.reply_lines };

	if (lines_ask(in, &t, m->identity.ask, by, e) < 0 || judge_identity(in, t.reply, e) < 0 ||
	    ask_apart(in, m->identity.serial_ask, &m->identity.serial_reply, in->serial, sizeof in->serial, by, e) ||
	    ask_apart(in, m->identity.firmware_ask, &m->identity.firmware_reply, in->firmware, sizeof in->firmware,
		      by, e))
		return -1;
	return judge_serial(in, e);
}

/* A wrong answer may be a late one to somebody else's question: only said twice, with silence
 * between, is it another instrument. */
static int prove_identity(struct instrument *in, instant by, struct err *e)
{
	for (int try = 0; in->model->identity.ask; try++) {
		if (identify(in, by, e) == 0)
			return 0;
		if (e->code != ERR_IDENTITY || try > 0)
			return -1;
		link_distrust(in->link);
		if (lines_clear(in, by, e) < 0)
			return -1;
	}
	return 0;
}

static int lines_attach(struct instrument *in, instant by, struct err *e)
{
	const struct model *m = in->model;

	lines_forget_ranges(in);
	if (lines_hush(in, by, e) < 0 || prove_identity(in, by, e) < 0 || lines_power_look(in, by, e) < 0 ||
	    power_warm(in, e) < 0 || lines_old_errors(in, by, e) < 0)
		return -1;
	for (size_t i = 0; i < m->init.n; i++)
		if (lines_tell(in, "attach", m->init.list[i], by, e) < 0)
			return -1;
	if (lines_errors(in, OCCASION_ATTACH, by, e) < 0 || lines_power_restore(in, by, e) < 0)
		return -1;
	return lines_self_calibrate(in, by, e);
}

/* Numbers of its own that must lie in a range: its oven, its battery. */
static int prove_requirements(struct instrument *in, instant by, struct err *e)
{
	const struct requirement *r = in->model->requires.items;
	double x;

	for (size_t i = 0; i < in->model->requires.n; i++) {
		const char *unit = r[i].asked.unit ? r[i].asked.unit : "";

		if (lines_number(in, "state", &r[i].asked, &x, by, e) < 0)
			return err_wrap(e, "%s", r[i].text);
		if (!(x >= r[i].low && x <= r[i].high))
			return err_set(e, ERR_IDENTITY, "%s: it says %.12g %s, which must be %.12g to %.12g", r[i].text,
				       x, unit, r[i].low, r[i].high);
	}
	return 0;
}

static int lines_check(struct instrument *in, instant by, struct err *e)
{
	if (lines_expect_all(in, "state", &in->model->state, ERR_IDENTITY, by, e) < 0 ||
	    prove_requirements(in, by, e) < 0 || lines_power_unbroken(in, by, e) < 0)
		return -1;
	return lines_let_talk(in, by, e);
}

static void describe_errors(const struct model *m, enum occasion when, struct buf *out)
{
	if (m->errors.ask && m->errors.when & when)
		buf_printf(out, "%s\n", m->errors.ask);
}

static void describe_wait(const struct model_wait *w, struct buf *out)
{
	if (model_wait_given(w))
		buf_printf(out, "%s\n", w->ask ? w->ask : w->srq ? "(request for service)" : "(status byte)");
}

static void describe_trigger(const struct point *p, struct buf *out)
{
	for (size_t i = 0; i < p->arm.n; i++)
		buf_printf(out, "%s\n", p->arm.list[i]);
	if (p->trigger)
		buf_printf(out, "%s\n", strcmp(p->trigger, "bus") ? p->trigger : "(group execute trigger)");
	describe_wait(&p->ready, out);
}

static void describe_range(const struct point *p, double value, struct buf *out)
{
	const struct range *r = point_range(p, value);

	if (r && r->select)
		buf_printf(out, "%s\n", r->select);
}

static void lines_describe(const struct model *m, const struct point *p, bool set, double value, struct buf *out)
{
	struct buf command = { 0 };

	if (!set && !p->ask)
		return;                         /* it is heard */
	if (!set) {
		describe_trigger(p, out);
		lines_question(&command, &p, 1, p);
		buf_printf(out, "%s\n", command.data);
		describe_errors(m, OCCASION_MEASURE, out);
		buf_release(&command);
		return;
	}
	describe_range(p, value, out);
	lines_compose(&command, p->set, value);
	buf_printf(out, "%s\n", command.data);
	buf_release(&command);
	describe_wait(&p->done, out);
	describe_errors(m, OCCASION_SET, out);
	if (p->readback)
		buf_printf(out, "%s\n", p->readback);
}

#define LINES .connect = lines_connect, .attach = lines_attach, .check = lines_check, .join = lines_join, \
	.look = lines_look, .measure = lines_measure, .set = lines_set, .read_back = lines_still_set, \
	.command = lines_command, .safe = lines_safe, .describe = lines_describe

const struct driver driver_scpi = { .name = "scpi", LINES };
const struct driver driver_text = { .name = "text", LINES };
