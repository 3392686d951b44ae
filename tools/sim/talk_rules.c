/* SPDX-License-Identifier: GPL-3.0-or-later
 * talk_rules.c - which commands a model file makes its instrument know, and which of them a line is. */
#include "talk_own.h"

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

struct rule *rules_find(const struct talk *t, struct span line, struct span *argument)
{
	for (size_t i = 0; i < t->n; i++)
		if (matches(&t->rules[i], line, argument))
			return &t->rules[i];
	return NULL;
}

static struct rule *find_text(const struct talk *t, const char *text)
{
	struct span argument;      /* "MEAS? (@{inputs})" is an argument of its own rule as well */

	return rules_find(t, (struct span){ text, strlen(text) }, &argument);
}

/* What the model says of the answer to a question that measures. */
const char *rules_said(const struct model *m, const char *question)
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
	r->say = rules_said(t->device->model, dp->point->ask);
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
	if (!r || r->kind != kind || (kind != RULE_READBACK && kind != RULE_ARM) || r->n == TOGETHER)
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
		add_point_rule(t, RULE_ARM, p->arm.list[i], dp);
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

int rules_make(struct talk *t, struct err *e)
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
	if (m->status_ask && !find_text(t, m->status_ask))
		add(t, RULE_STATUS, m->status_ask);
	add_commands(t, RULE_SAFE, &m->safe);
	add_commands(t, RULE_TALK_ON, &m->talk_on);
	add_commands(t, RULE_TALK_OFF, &m->talk_off);
	add_commands(t, RULE_NOTHING, &m->init);
	return check_asked(t, &m->state, e) || check_asked(t, &m->safe_check, e) ? -1 : 0;
}
