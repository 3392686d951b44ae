/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hand.h"

#include <stdlib.h>

#include "client.h"
#include "format.h"
#include "keyed.h"

#define LOOK_NS  (20 * NS_PER_MS)        /* between two looks for questions */
#define RETRY_NS (200 * NS_PER_MS)       /* while there is no etalond */
#define LATE_NS  NS_PER_S
#define ASK_MS   2000

struct hand {
	struct device *device;
	char *control;
	struct client *client;
	char done[64], before[64];       /* questions: answered or left, and the one before */
};

bool hand_knows(enum fault_kind kind)
{
	switch (kind) {
	case FAULT_LATE:
	case FAULT_SILENCE:
	case FAULT_GARBAGE:
	case FAULT_COMMA:
	case FAULT_UNIT:
	case FAULT_OVERLOAD:
	case FAULT_TWICE:
	case FAULT_WRONG_ECHO:
	case FAULT_IDENTITY:
	case FAULT_REFUSE:
	case FAULT_REJECT:
		return true;
	default:
		return false;
	}
}

static const char *text(const json_t *q, const char *key)
{
	const char *s = json_string_value(json_object_get(q, key));

	return s ? s : "";
}

static bool is_about(const json_t *q, const char *what)
{
	return !strcmp(text(q, "about"), what);
}

/* What is said. */

static bool say(struct hand *h, const json_t *q, const char *cmd, const char *name, const char *value,
		const char *reason)
{
	json_t *args = json_pack("{s:s, s:s, s:s}", "run", text(q, "run"), "question", name, "by",
				 strcmp(cmd, "question.answer") ? HAND_SECOND : HAND_NAME);
	json_t *answer;
	struct err e;

	if (value)
		json_object_set_new(args, "value", json_string(value));
	if (reason)
		json_object_set_new(args, "reason", json_string(reason));
	answer = client_ask(h->client, cmd, args, ASK_MS, &e);
	json_decref(answer);
	return answer != NULL;
}

static bool answer(struct hand *h, const json_t *q, const char *value, const char *reason)
{
	return say(h, q, "question.answer", text(q, "question"), value, reason);
}

/* As the scale is written: with its decimals. */
static void write_number(const struct point *p, double value, struct buf *out)
{
	int decimals = p->resolution > 0 ? keyed_decimals(p->resolution) : 0;

	if (p->simulate.format || p->resolution <= 0)
		format_value(p, value, out);
	else
		buf_printf(out, "%.*f", decimals > 0 ? decimals : 0, value);
}

static struct device_point *find_point(const struct device *d, const json_t *q)
{
	const char *dot = strchr(text(q, "asked_channel"), '.');

	for (size_t i = 0; dot && i < d->n_points; i++)
		if (!strcmp(d->points[i].point->quantity, dot + 1))
			return &d->points[i];
	return NULL;
}

/* A slip, before the right value is keyed. */
static void slip(struct hand *h, const json_t *q, const struct fault *f, const char *right)
{
	char *wrong = NULL;

	if (f->kind == FAULT_GARBAGE)
		wrong = mem_format("%s.%s", right, right);
	else if (f->kind == FAULT_UNIT)
		wrong = mem_format("%s furlong", right);
	else if (f->kind == FAULT_COMMA)
		wrong = mem_string(right);
	for (char *p = f->kind == FAULT_COMMA ? strchr(wrong, '.') : NULL; p && *p == '.'; p++)
		*p = ',';
	if (wrong)
		answer(h, q, wrong, NULL);
	if (f->kind == FAULT_WRONG_ECHO && h->before[0])
		say(h, q, "question.answer", h->before, right, NULL);
	free(wrong);
}

/* Keyed again where that is what is wanted of it: a change that was not thought plausible. */
static void key(struct hand *h, const json_t *q, const char *value, const struct fault *f)
{
	slip(h, q, f, value);
	if (!answer(h, q, value, NULL))
		answer(h, q, value, NULL);
	if (f->kind == FAULT_TWICE)
		answer(h, q, value, NULL);
}

static void read_it(struct hand *h, const json_t *q, struct device_point *dp, const struct fault *f)
{
	struct sensed s = { .of = dp };
	struct buf value = { 0 };

	device_sense(h->device, &s, 1, instant_now());
	if (f->kind == FAULT_OVERLOAD || s.value > dp->point->set_high)
		buf_puts(&value, "overload");
	else if (s.value < dp->point->set_low)
		buf_puts(&value, "underload");
	else
		write_number(dp->point, s.value, &value);
	device_tell(h->device, &s, 1, (struct span){ value.data, value.len }, f);
	key(h, q, value.data, f);
	buf_release(&value);
}

static void set_it(struct hand *h, const json_t *q, struct device_point *dp, const struct fault *f)
{
	double wanted = json_number_value(json_object_get(q, "wanted"));
	struct buf value = { 0 };
	struct err e;

	if (device_set(h->device, dp, wanted, f, &e) < 0) {
		answer(h, q, "cannot", e.text);
		return;
	}
	if (json_object_get(q, "tolerance"))
		write_number(dp->point, device_commanded(h->device, dp), &value);
	else
		buf_puts(&value, "done");
	key(h, q, value.data, f);
	buf_release(&value);
}

static void tell_serial(struct hand *h, const json_t *q, const struct fault *f)
{
	const char *serial = h->device->role->serial_number;

	key(h, q, f->kind == FAULT_IDENTITY ? DEVICE_OTHER_SERIAL : serial ? serial : "1", f);
}

static void make_safe(struct hand *h, const json_t *q, const struct fault *f)
{
	device_make_safe(h->device);
	key(h, q, "done", f);
}

static void second_person(struct hand *h, const json_t *q)
{
	struct fault f = faults_take(&h->device->faults, TOPIC_OTHER);

	say(h, q, f.kind == FAULT_REJECT ? "question.reject" : "question.confirm", text(q, "question"), NULL, NULL);
}

static enum topic topic_of(const json_t *q)
{
	return is_about(q, "reading") ? TOPIC_MEASURE : is_about(q, "serial") ? TOPIC_IDENTITY : TOPIC_SET;
}

static void respond(struct hand *h, const json_t *q)
{
	struct device_point *dp = find_point(h->device, q);
	struct fault f = faults_take(&h->device->faults, topic_of(q));

	if (f.kind == FAULT_LATE)
		instant_sleep_until(instant_after(f.delay_ns < 0 ? LATE_NS : f.delay_ns));
	if (f.kind == FAULT_SILENCE)
		;
	else if (is_about(q, "serial"))
		tell_serial(h, q, &f);
	else if (is_about(q, "safe"))
		make_safe(h, q, &f);
	else if (dp && is_about(q, "reading"))
		read_it(h, q, dp, &f);
	else if (dp)
		set_it(h, q, dp, &f);
}

/* Looking. */

static bool is_mine(const struct hand *h, const json_t *q)
{
	const struct bench_role *r = h->device->role;
	const char *place = strchr(r->address, ':');

	return !strcmp(text(q, "role"), r->name) && place && !strcmp(text(q, "place"), place + 1);
}

static void consider(struct hand *h, const json_t *q)
{
	if (json_object_get(q, "held")) {
		second_person(h, q);
		return;
	}
	if (!strcmp(h->done, text(q, "question")))
		return;
	respond(h, q);
	memcpy(h->before, h->done, sizeof h->before);
	snprintf(h->done, sizeof h->done, "%s", text(q, "question"));
}

static void look(struct hand *h)
{
	struct err e;
	json_t *list = client_ask(h->client, "question.list", NULL, ASK_MS, &e);
	const json_t *q;
	size_t i;

	json_array_foreach(json_object_get(list, "questions"), i, q)
		if (is_mine(h, q))
			consider(h, q);
	if (!list && client_lost(h->client))
		client_close(&h->client);
	json_decref(list);
}

static void *attend(void *arg)
{
	struct hand *h = arg;
	struct err e;

	for (;;) {
		if (!h->client && client_open(&h->client, h->control, &e) < 0) {
			instant_sleep_until(instant_after(RETRY_NS));
			continue;
		}
		look(h);
		instant_sleep_until(instant_after(LOOK_NS));
	}
	return NULL;
}

int hand_start(struct device *d, const char *control, struct err *e)
{
	struct hand *h = mem_new(sizeof *h);
	pthread_t thread;

	h->device = d;
	h->control = mem_string(control);
	if (pthread_create(&thread, NULL, attend, h))
		return err_set(e, ERR_IO, "no thread for %s", d->role->name);
	pthread_detach(thread);
	return 0;
}
