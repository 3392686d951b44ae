/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "talk_own.h"

#include "format.h"
#include "number.h"

int talk_new(struct talk **out, struct device *d, struct err *e)
{
	struct talk *t = *out = mem_new(sizeof *t);

	t->device = d;
	if (rules_make(t, e)) {
		talk_free(out);
		return -1;
	}
	return 0;
}

void talk_free(struct talk **t)
{
	if (!*t)
		return;
	free((*t)->rules);
	free(*t);
	*t = NULL;
}

struct device *talk_device(const struct talk *t)
{
	return t->device;
}

bool talk_knows(const struct talk *t, struct span line)
{
	struct span argument;

	return rules_find(t, line, &argument) != NULL;
}

int talk_translate(const struct talk *t, struct span line, const struct talk *neighbour, struct buf *out)
{
	struct span argument = { "", 0 };
	const struct rule *r = rules_find(t, line, &argument);
	size_t i = r ? (size_t)(r - t->rules) : t->n;

	if (i >= t->n || i >= neighbour->n || neighbour->rules[i].kind != r->kind)
		return -1;
	buf_add(out, neighbour->rules[i].head.p, neighbour->rules[i].head.n);
	if (r->hole) {
		buf_add(out, argument.p, argument.n);
		buf_add(out, neighbour->rules[i].tail.p, neighbour->rules[i].tail.n);
	}
	return 0;
}

/* Where several measurements are fetched by the same question it answers for the one prepared last. */
static size_t prepared(const struct rule *r, struct device_point **points)
{
	size_t n = 0;
	int last = 0;

	for (size_t i = 0; i < r->n; i++)
		if (r->points[i]->armed > last)
			last = r->points[i]->armed;
	for (size_t i = 0; i < r->n; i++)
		if (!last || r->points[i]->armed == last)
			points[n++] = r->points[i];
	return n;
}

/* A listed question names the inputs it is asked of, in the order of the answer's fields. */
static size_t asked_of(const struct rule *r, struct span inputs, struct device_point **points)
{
	size_t n = 0, length;

	if (!r->hole)
		return prepared(r, points);
	for (; inputs.n && n < TOGETHER; inputs.p += length, inputs.n -= length) {
		const char *comma = memchr(inputs.p, ',', inputs.n);
		size_t name = comma ? (size_t)(comma - inputs.p) : inputs.n;

		length = comma ? name + 1 : name;
		for (size_t i = 0; i < r->n; i++)
			if (strlen(r->points[i]->point->input) == name &&
			    !memcmp(r->points[i]->point->input, inputs.p, name))
				points[n++] = r->points[i];
	}
	return n;
}

static void do_ask(struct talk *t, const struct rule *r, struct span argument, struct said *out)
{
	struct device_point *points[TOGETHER];
	size_t n = asked_of(r, argument, points);

	if (n)
		answer_reading(t->device, points, n, r->head, r->say, out);
	else
		device_error(t->device, "-224,\"Illegal parameter value\"");
}

static struct span trim(struct span s)
{
	while (s.n && s.p[0] == ' ') {
		s.p++;
		s.n--;
	}
	while (s.n && s.p[s.n - 1] == ' ')
		s.n--;
	return s;
}

static void do_set(struct talk *t, const struct rule *r, struct span argument, struct said *out)
{
	struct device *d = t->device;
	struct err e;
	double v;

	argument = trim(argument);
	if (number_parse(argument.p, argument.n, &v, &e))
		device_error(d, "-104,\"Data type error\"");
	else if (device_set(d, r->points[0], v, &out->fault, &e))
		device_error(d, out->fault.kind == FAULT_REFUSE ? "-221,\"Settings conflict\""
			     : "-222,\"Data out of range\"");
}

static void do_select(struct talk *t, const struct rule *r, struct span argument, struct said *out)
{
	device_select(t->device, r->points[0], r->range);
	(void)argument, (void)out;
}

/* Of several that share one output, what was set last. */
static void do_readback(struct talk *t, const struct rule *r, struct span argument, struct said *out)
{
	struct device_point *dp = r->points[0];

	for (size_t i = 0; i < r->n; i++)
		if (device_drives(t->device, r->points[i]))
			dp = r->points[i];
	format_readback(dp->point, device_commanded(t->device, dp), &out->text);
	out->answered = true;
	(void)argument;
}

void talk_waits_apart(struct talk *t)
{
	t->apart = true;
}

static void do_done(struct talk *t, const struct rule *r, struct span argument, struct said *out)
{
	instant own = instant_after(r->n ? r->points[0]->point->simulate.delay_ns : 0);
	instant last = status_over(&t->device->status);

	out->ready = own > last ? own : last;
	if (!t->apart)
		instant_sleep_until(out->ready);
	answer_text(out, "1");
	(void)argument;
}

/* Busy as long as the last operation takes; of the answer only what is waited for means anything. */
static void do_wait(struct talk *t, const struct rule *r, struct span argument, struct said *out)
{
	bool done = !status_busy(&t->device->status);
	const struct model_wait *w = r->wait;
	const char *said = rules_said(t->device->model, w->ask);

	if (w->expect.text)
		answer_text(out, done && said ? said : "");
	else if (w->has_bit)
		buf_printf(&out->text, "%u", done ? 1u << w->bit : 0);
	else
		buf_printf(&out->text, "%u", done ? 0 : 1u << w->clear_bit);
	out->answered = true;
	(void)argument;
}

static void do_status(struct talk *t, const struct rule *r, struct span argument, struct said *out)
{
	buf_printf(&out->text, "%u", device_own_status(t->device));
	out->answered = true;
	(void)r, (void)argument;
}

/* The measurement is taken now, though it is asked for later. */
static void do_trigger(struct talk *t, const struct rule *r, struct span argument, struct said *out)
{
	device_triggered(t->device, r->points[0]->point);
	(void)argument, (void)out;
}

static void do_command(struct talk *t, const struct rule *r, struct span argument, struct said *out)
{
	status_begin(&t->device->status, r->command->lasts_ns);
	(void)argument, (void)out;
}

static void do_identity(struct talk *t, const struct rule *r, struct span argument, struct said *out)
{
	answer_text(out, out->fault.kind == FAULT_IDENTITY ? t->device->other_identity
		    : t->device->identity);
	(void)r, (void)argument;
}

static void do_errors(struct talk *t, const struct rule *r, struct span argument, struct said *out)
{
	answer_text(out, device_next_error(t->device));
	(void)r, (void)argument;
}

static void do_setting(struct talk *t, const struct rule *r, struct span argument, struct said *out)
{
	if (out->fault.kind == FAULT_REFUSE)
		device_error(t->device, "-221,\"Settings conflict\"");
	else
		device_setting(t->device, r->setting, trim(argument));
}

static void do_setting_ask(struct talk *t, const struct rule *r, struct span argument,
			   struct said *out)
{
	const struct answer *a = r->setting->answer;
	const char *hole = a->start ? strstr(a->say, "{}") : NULL;

	pthread_mutex_lock(&t->device->lock);
	if (hole)
		buf_printf(&out->text, "%.*s%s%s", (int)(hole - a->say), a->say, r->setting->now, hole + 2);
	else
		buf_puts(&out->text, r->setting->now);
	pthread_mutex_unlock(&t->device->lock);
	out->answered = true;
	(void)argument;
}

static void do_reset(struct talk *t, const struct rule *r, struct span argument, struct said *out)
{
	device_reset(t->device);
	(void)r, (void)argument, (void)out;
}

/* What prepares one measurement alone tells which is meant from here on. */
static void do_arm(struct talk *t, const struct rule *r, struct span argument, struct said *out)
{
	pthread_mutex_lock(&t->device->lock);
	if (r->n == 1)
		r->points[0]->armed = ++t->device->armings;
	pthread_mutex_unlock(&t->device->lock);
	(void)argument, (void)out;
}

static void do_clear(struct talk *t, const struct rule *r, struct span argument, struct said *out)
{
	device_clear_errors(t->device);
	status_clear(&t->device->status);
	(void)r, (void)argument, (void)out;
}

static void do_safe(struct talk *t, const struct rule *r, struct span argument, struct said *out)
{
	device_make_safe(t->device);
	(void)r, (void)argument, (void)out;
}

static void do_talk_on(struct talk *t, const struct rule *r, struct span argument, struct said *out)
{
	device_let_speak(t->device, true);
	(void)r, (void)argument, (void)out;
}

static void do_talk_off(struct talk *t, const struct rule *r, struct span argument, struct said *out)
{
	device_let_speak(t->device, false);
	(void)r, (void)argument, (void)out;
}

static void do_nothing(struct talk *t, const struct rule *r, struct span argument, struct said *out)
{
	(void)t, (void)r, (void)argument, (void)out;
}

static const struct {
	enum topic topic;
	void (*carry_out)(struct talk *, const struct rule *, struct span, struct said *);
} kinds[] = {
	[RULE_IDENTITY] = { TOPIC_IDENTITY, do_identity },
	[RULE_ERRORS] = { TOPIC_OTHER, do_errors },
	[RULE_ASK] = { TOPIC_MEASURE, do_ask },
	[RULE_SET] = { TOPIC_SET, do_set },
	[RULE_SELECT] = { TOPIC_OTHER, do_select },
	[RULE_WAIT] = { TOPIC_OTHER, do_wait },
	[RULE_STATUS] = { TOPIC_OTHER, do_status },
	[RULE_ARM] = { TOPIC_OTHER, do_arm },
	[RULE_TRIGGER] = { TOPIC_OTHER, do_trigger },
	[RULE_COMMAND] = { TOPIC_OTHER, do_command },
	[RULE_READBACK] = { TOPIC_OTHER, do_readback },
	[RULE_DONE] = { TOPIC_OTHER, do_done },
	[RULE_SETTING] = { TOPIC_OTHER, do_setting },
	[RULE_SETTING_ASK] = { TOPIC_OTHER, do_setting_ask },
	[RULE_RESET] = { TOPIC_OTHER, do_reset },
	[RULE_CLEAR] = { TOPIC_OTHER, do_clear },
	[RULE_SAFE] = { TOPIC_OTHER, do_safe },
	[RULE_TALK_ON] = { TOPIC_OTHER, do_talk_on },
	[RULE_TALK_OFF] = { TOPIC_OTHER, do_talk_off },
	[RULE_NOTHING] = { TOPIC_OTHER, do_nothing },
};

/* Where commands are answered, by that; who has no error queue has forgotten it then. */
static void confirm(struct talk *t, bool refused, struct said *out)
{
	const struct model *m = t->device->model;
	const char *text = refused ? m->simulate.refuses : m->simulate.accepts;

	if (!out->answered && text)
		answer_text(out, text);
	if (refused && !m->errors.ask)
		device_clear_errors(t->device);
}

/* What no model file need speak of. */
static bool hear_status(struct talk *t, const char *line, size_t n, struct said *out)
{
	struct device *d = t->device;
	int said = -1;

	if (d->model->manner == MANNER_SCPI)
		said = status_line(&d->status, line, n, device_errors(d) > 0, &out->text);
	out->answered = said > 0;
	return said >= 0;
}

/* A question that measures may also be the one that says who it is. */
static struct fault strike(struct talk *t, const struct rule *r)
{
	const char *who = t->device->model->identity.ask;
	enum topic topic = r ? kinds[r->kind].topic : TOPIC_OTHER;
	struct fault f = faults_take(&t->device->faults, topic);

	if (f.kind == FAULT_NONE && r && r->kind == RULE_ASK && who && r->head.n == strlen(who) &&
	    !strncasecmp(r->head.p, who, r->head.n))
		f = faults_take(&t->device->faults, TOPIC_IDENTITY);
	return f;
}

/* A command may begin with *CLS; and end in ;*OPC, which tells of its end by the status byte. */
static void carry_out(struct talk *t, const struct rule *r, struct span line, struct span argument,
		      struct said *out)
{
	const struct strings *init = &t->device->model->init;

	if (r->kind == RULE_NOTHING)
		hear_status(t, line.p, line.n, out);     /* *ESE among the commands of init */
	if (line.n > 5 && !strncasecmp(line.p, "*CLS;", 5))
		do_clear(t, r, argument, out);
	if (line.n > 5 && !strncasecmp(line.p, "*CLS;", 5))
		do_clear(t, r, argument, out);
	kinds[r->kind].carry_out(t, r, argument, out);
	if (init->n && strlen(init->list[init->n - 1]) == line.n && !memcmp(init->list[init->n - 1], line.p, line.n))
		t->device->configured = true;
	if (line.n > 5 && !strncasecmp(line.p + line.n - 5, ";*OPC", 5))
		hear_status(t, line.p + line.n - 4, 4, out);
}

void talk_line(struct talk *t, const char *line, size_t n, struct said *out)
{
	size_t before = device_errors(t->device);
	struct span argument = { NULL, 0 };
	const struct rule *r = rules_find(t, (struct span){ line, n }, &argument);

	buf_clear(&out->text);
	out->answered = false;
	out->fault = strike(t, r);
	if (out->fault.kind == FAULT_NAK) {              /* not understood: nothing is carried out */
		truth_fault(t->device->truth, t->device->role->name, fault_name(FAULT_NAK));
		return;
	}
	if (r)
		carry_out(t, r, (struct span){ line, n }, argument, out);
	else if (!hear_status(t, line, n, out))
		device_error(t->device, "-113,\"Undefined header\"");
	confirm(t, device_errors(t->device) > before, out);
}
