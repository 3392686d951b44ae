/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "speech.h"

struct utterance {
	const char *say;                             /* {QUANTITY} for each value; NULL: of one point */
	struct device_point *points[ANSWER_POINTS];
	size_t n;
};

struct speech {
	struct device *device;
	struct utterance *list;
	size_t n, next;
	instant due;
};

static struct utterance *add(struct speech *s, const char *say)
{
	s->list = mem_grow(s->list, s->n, sizeof *s->list);
	s->list[s->n] = (struct utterance){ .say = say };
	return &s->list[s->n++];
}

static bool names(const char *say, const char *quantity)
{
	char *hole = mem_format("{%s}", quantity);
	bool found = strstr(say, hole) != NULL;

	free(hole);
	return found;
}

static void add_said(struct speech *s, const char *say)
{
	struct utterance *u = add(s, say);
	struct device *d = s->device;

	for (size_t i = 0; i < d->n_points && u->n < ANSWER_POINTS; i++)
		if (names(say, d->points[i].point->quantity))
			u->points[u->n++] = &d->points[i];
}

static void add_point(struct speech *s, struct device_point *dp)
{
	struct utterance *u = add(s, NULL);

	u->points[u->n++] = dp;
}

struct speech *speech_new(struct device *d)
{
	const struct strings *says = &d->model->simulate.says;
	struct speech *s;

	if (!model_talks_every(d->model))
		return NULL;
	s = mem_new(sizeof *s);
	s->device = d;
	s->due = instant_now();
	for (size_t i = 0; i < says->n; i++)
		add_said(s, says->list[i]);
	for (size_t i = 0; i < d->n_points && !says->n; i++)
		if (d->points[i].point->heard.match.text)
			add_point(s, &d->points[i]);
	return s;
}

void speech_free(struct speech **s)
{
	if (!*s)
		return;
	free((*s)->list);
	free(*s);
	*s = NULL;
}

instant speech_due(const struct speech *s)
{
	return s ? s->due : INSTANT_NEVER;
}

void speech_say(struct speech *s, struct said *out)
{
	const struct utterance *u = &s->list[s->next];
	instant now = instant_now();

	s->due += s->device->model->simulate.period_ns;
	if (s->due < now)
		s->due = now;
	out->answered = false;
	if (!device_speaks(s->device))
		return;
	s->next = (s->next + 1) % s->n;
	buf_clear(&out->text);
	out->fault = faults_take(&s->device->faults, u->n ? TOPIC_MEASURE : TOPIC_IDENTITY);
	answer_reading(s->device, u->points, u->n, (struct span){ "?", 1 }, u->say, out);
}
