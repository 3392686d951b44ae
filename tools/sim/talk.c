/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "talk.h"

#include "answer.h"
#include "format.h"
#include "number.h"

#define TOGETHER ANSWER_POINTS   /* most quantities in one answer */

enum rule_kind {
	RULE_IDENTITY, RULE_ERRORS, RULE_ASK, RULE_SET, RULE_READBACK, RULE_DONE,
	RULE_SELECT, RULE_WAIT, RULE_STATUS, RULE_TRIGGER, RULE_COMMAND, RULE_SETTING, RULE_SETTING_ASK, RULE_RESET, RULE_CLEAR, RULE_SAFE, RULE_NOTHING,
};

/* A command is `head`, or with a hole in it head, argument, tail. */
struct rule {
	enum rule_kind kind;
	struct span head, tail;
	bool hole;
	struct device_point *points[TOGETHER];       /* asked for together: by field */
	size_t n;
	const char *say;                             /* the whole answer, {QUANTITY} for each value; may be NULL */
	struct device_setting *setting;
	const struct range *range;                   /* which it selects */
	const struct model_wait *wait;                     /* what its answer tells of */
	const struct model_command *command;
};

struct talk {
	struct device *device;
	struct rule *rules;
	size_t n;
};

static struct rule *add(struct talk *t, enum rule_kind kind, const char *text)
{
	const char *hole = strstr(text, "{}"), *list = strstr(text, "{inputs}");
	size_t length = hole ? 2 : 8;
	struct rule *r;

	if (!hole)
		hole = list;
	t->rules = mem_grow(t->rules, t->n, sizeof *t->rules);
	r = &t->rules[t->n++];
	*r = (struct rule){ .kind = kind, .head = { text, strlen(text) } };
	if (hole) {
		r->hole = true;
		r->head.n = (size_t)(hole - text);
		r->tail = (struct span){ hole + length, strlen(hole + length) };
	}
	return r;
}

static bool same(struct span a, const char *b)
{
	return !strncasecmp(a.p, b, a.n);
}

/* Keywords are taken in either case, as IEEE 488.2 has it. */
static bool matches(const struct rule *r, struct span line, struct span *argument)
{
	size_t fixed = r->head.n + r->tail.n;

	if (!r->hole)
		return line.n == r->head.n && same(r->head, line.p);
	if (line.n <= fixed || !same(r->head, line.p) || !same(r->tail, line.p + line.n - r->tail.n))
		return false;
	*argument = (struct span){ line.p + r->head.n, line.n - fixed };
	return true;
}

static struct rule *find(const struct talk *t, struct span line, struct span *argument)
{
	for (size_t i = 0; i < t->n; i++)
		if (matches(&t->rules[i], line, argument))
			return &t->rules[i];
	return NULL;
}

static struct rule *find_text(const struct talk *t, const char *text)
{
	struct span argument;      /* "MEAS? (@{inputs})" is an argument of its own rule as well */

	return find(t, (struct span){ text, strlen(text) }, &argument);
}

/* What the model says of the answer to a question that measures. */
static const char *said_to(const struct model *m, const char *question)
{
	const struct answer *a = m->simulate.answers.items;

	for (size_t i = 0; i < m->simulate.answers.n; i++)
		if (!strcmp(a[i].ask, question))
			return a[i].say;
	return NULL;
}

static bool measures(const struct model *m, const char *question)
{
	const struct point *p = m->points.items;

	for (size_t i = 0; i < m->points.n; i++)
		if (p[i].ask && !strcmp(p[i].ask, question))
			return true;
	return false;
}

/* Several quantities may be fields of one answer. */
static int add_ask(struct talk *t, struct device_point *dp, struct err *e)
{
	struct rule *r = find_text(t, dp->point->ask);

	if (!r || r->kind != RULE_ASK)
		r = add(t, RULE_ASK, dp->point->ask);
	r->say = said_to(t->device->model, dp->point->ask);
	if (r->n == TOGETHER)
		return err_set(e, ERR_CONFIG, "model %s: more than %d quantities in the answer to '%s'",
			       t->device->model->name, TOGETHER, dp->point->ask);
	r->points[r->n++] = dp;
	return 0;
}

static void add_point_rule(struct talk *t, enum rule_kind kind, const char *text,
			   struct device_point *dp)
{
	struct rule *r = text ? find_text(t, text) : NULL;

	if (!text || (kind == RULE_DONE && r))
		return;
	if (!r || r->kind != RULE_READBACK || kind != RULE_READBACK || r->n == TOGETHER)
		r = add(t, kind, text);
	r->points[r->n++] = dp;
}

static void add_ranges(struct talk *t, struct device_point *dp)
{
	const struct range *ranges = dp->point->ranges.items;

	for (size_t i = 0; i < dp->point->ranges.n; i++) {
		if (!ranges[i].select)
			continue;
		add_point_rule(t, RULE_SELECT, ranges[i].select, dp);
		t->rules[t->n - 1].range = &ranges[i];
	}
}

/* Asked once it answers when it is done; asked again and again it tells each time. */
static void add_wait(struct talk *t, const struct model_wait *w, struct device_point *dp)
{
	if (w->once)
		add_point_rule(t, RULE_DONE, w->ask, dp);
	else if (w->ask && !find_text(t, w->ask))
		add(t, RULE_WAIT, w->ask)->wait = w;
}

static void add_trigger(struct talk *t, const struct point *p, struct device_point *dp)
{
	const char *command = p->trigger && !strcmp(p->trigger, "bus") ? "*TRG" : p->trigger;

	if (!command)
		return;
	for (size_t i = 0; i < p->arm.n; i++)
		if (!find_text(t, p->arm.list[i]))
			add(t, RULE_NOTHING, p->arm.list[i]);
	if (!find_text(t, command))
		add_point_rule(t, RULE_TRIGGER, command, dp);
}

/* Arguments are not looked at: from the first to the last is a hole. */
static void add_named(struct talk *t, const struct model_command *k)
{
	for (size_t i = 0; i < k->send.n; i++) {
		const char *first = strchr(k->send.list[i], '{'), *last = strrchr(k->send.list[i], '}');
		struct rule *r;

		if (find_text(t, k->send.list[i]))
			continue;
		r = add(t, RULE_COMMAND, k->send.list[i]);
		r->command = k;
		if (!first || !last)
			continue;
		r->hole = true;
		r->head.n = (size_t)(first - k->send.list[i]);
		r->tail = (struct span){ last + 1, strlen(last + 1) };
	}
	if (k->done.once && !find_text(t, k->done.ask))
		add(t, RULE_DONE, k->done.ask);
	else if (k->done.ask && !find_text(t, k->done.ask))
		add(t, RULE_WAIT, k->done.ask)->wait = &k->done;
}

static int add_points(struct talk *t, struct err *e)
{
	struct device *d = t->device;

	for (size_t i = 0; i < d->n_points; i++) {
		const struct point *p = d->points[i].point;

		if (p->ask && add_ask(t, &d->points[i], e))
			return -1;
		add_point_rule(t, RULE_SET, p->set, &d->points[i]);
		add_point_rule(t, RULE_READBACK, p->readback, &d->points[i]);
		add_wait(t, &p->done, &d->points[i]);
		add_wait(t, &p->ready, &d->points[i]);
		add_trigger(t, p, &d->points[i]);
		add_ranges(t, &d->points[i]);
	}
	return 0;
}

static void add_settings(struct talk *t)
{
	struct device *d = t->device;

	for (size_t i = 0; i < d->n_settings; i++) {
		const struct answer *a = d->settings[i].answer;

		if (find_text(t, a->ask) || measures(d->model, a->ask))  /* the error queue's, a reading's */
			continue;
		add(t, RULE_SETTING_ASK, a->ask)->setting = &d->settings[i];
		if (a->set)
			add(t, RULE_SETTING, a->set)->setting = &d->settings[i];
	}
}

/* What no rule gives a meaning yet is at least accepted. */
static void add_commands(struct talk *t, enum rule_kind kind, const struct strings *commands)
{
	for (size_t i = 0; i < commands->n; i++)
		if (!find_text(t, commands->list[i]))
			add(t, kind, commands->list[i]);
}

static int check_told(const struct talk *t, const char *question, struct err *e)
{
	if (!question || find_text(t, question))
		return 0;
	return err_set(e, ERR_CONFIG, "%s: model %s: nothing says what '%s' answers: it belongs into "
		       "simulate.answers", t->device->role->name, t->device->model->name, question);
}

static int check_asked(const struct talk *t, const struct list *expectations, struct err *e)
{
	const struct expectation *x = expectations->items;

	for (size_t i = 0; i < expectations->n; i++)
		if (check_told(t, x[i].ask, e))
			return -1;
	return 0;
}

static int fill(struct talk *t, struct err *e)
{
	const struct model *m = t->device->model;

	if (m->errors.ask)
		add(t, RULE_ERRORS, m->errors.ask);
	if (m->identity.ask && !measures(m, m->identity.ask))
		add(t, RULE_IDENTITY, m->identity.ask);
	add_settings(t);
	if (check_told(t, m->identity.serial_ask, e) || check_told(t, m->identity.firmware_ask, e))
		return -1;
	if (add_points(t, e))
		return -1;
	if (m->manner == MANNER_SCPI) {
		add(t, RULE_RESET, "*RST");
		add(t, RULE_CLEAR, "*CLS");
		add(t, RULE_DONE, "*OPC?");
		add(t, RULE_NOTHING, "*WAI");
	}
	for (size_t i = 0; i < m->commands.n; i++)
		add_named(t, (const struct model_command *)m->commands.items + i);
	if (m->manner == MANNER_SCPI || m->status_ask)
		add(t, RULE_STATUS, m->status_ask ? m->status_ask : "*STB?");
	add_commands(t, RULE_SAFE, &m->safe);
	add_commands(t, RULE_NOTHING, &m->init);
	return check_asked(t, &m->state, e) || check_asked(t, &m->safe_check, e) ? -1 : 0;
}

int talk_new(struct talk **out, struct device *d, struct err *e)
{
	struct talk *t = *out = mem_new(sizeof *t);

	t->device = d;
	if (fill(t, e)) {
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

/* A listed question names the inputs it is asked of, in the order of the answer's fields. */
static size_t asked_of(const struct rule *r, struct span inputs, struct device_point **points)
{
	size_t n = 0, length;

	if (!r->hole) {
		memcpy(points, r->points, sizeof r->points);
		return r->n;
	}
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

static void do_done(struct talk *t, const struct rule *r, struct span argument, struct said *out)
{
	if (r->n && r->points[0]->point->simulate.delay_ns > 0)
		instant_sleep_until(instant_after(r->points[0]->point->simulate.delay_ns));
	device_finish(t->device);
	answer_text(out, "1");
	(void)argument;
}

/* Busy as long as the last operation takes; of the answer only what is waited for means anything. */
static void do_wait(struct talk *t, const struct rule *r, struct span argument, struct said *out)
{
	bool done = !device_busy(t->device);
	const struct model_wait *w = r->wait;
	const char *said = said_to(t->device->model, w->ask);

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
	buf_printf(&out->text, "%u", device_status_byte(t->device));
	out->answered = true;
	(void)r, (void)argument;
}

/* The measurement is taken now, though it is asked for later. */
static void do_trigger(struct talk *t, const struct rule *r, struct span argument, struct said *out)
{
	device_trigger(t->device, r->points[0]->point);
	(void)argument, (void)out;
}

static void do_command(struct talk *t, const struct rule *r, struct span argument, struct said *out)
{
	device_begin(t->device, r->command->lasts_ns);
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
	[RULE_TRIGGER] = { TOPIC_OTHER, do_trigger },
	[RULE_COMMAND] = { TOPIC_OTHER, do_command },
	[RULE_READBACK] = { TOPIC_OTHER, do_readback },
	[RULE_DONE] = { TOPIC_OTHER, do_done },
	[RULE_SETTING] = { TOPIC_OTHER, do_setting },
	[RULE_SETTING_ASK] = { TOPIC_OTHER, do_setting_ask },
	[RULE_RESET] = { TOPIC_OTHER, do_reset },
	[RULE_CLEAR] = { TOPIC_OTHER, do_clear },
	[RULE_SAFE] = { TOPIC_OTHER, do_safe },
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

	if (f.kind == FAULT_NONE && r && r->kind == RULE_ASK && who && r->head.n == strlen(who) && same(r->head, who))
		f = faults_take(&t->device->faults, TOPIC_IDENTITY);
	return f;
}

void talk_line(struct talk *t, const char *line, size_t n, struct said *out)
{
	size_t before = device_errors(t->device);
	struct span argument = { NULL, 0 };
	const struct rule *r = find(t, (struct span){ line, n }, &argument);

	buf_clear(&out->text);
	out->answered = false;
	out->fault = strike(t, r);
	if (out->fault.kind == FAULT_NAK)
		return;                                  /* not understood: nothing is carried out */
	if (r)
		kinds[r->kind].carry_out(t, r, argument, out);
	else if (!hear_status(t, line, n, out))
		device_error(t->device, "-113,\"Undefined header\"");
	confirm(t, device_errors(t->device) > before, out);
}
