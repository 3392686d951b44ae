/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "scene.h"

#include <setjmp.h>
#include <stdarg.h>
#include <poll.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include <cmocka.h>

#define SOON_MS 30

static struct quantities quantities;

static struct model *load(const char *yaml, const char *address)
{
	struct problems ps = { 0 };
	struct buf text = { 0 };
	struct address a = { .unit = 1 };
	struct model *m;
	struct err e;

	if (address)
		address_parse(&a, address, NULL, &e);
	if (model_parse_unit(&m, "model.yaml", yaml, strlen(yaml), a.unit, &quantities, &ps) < 0) {
		problems_text(&ps, &text);
		fail_msg("%s", text.data);
	}
	problems_release(&ps);
	return m;
}

struct model *scene_model(const char *yaml)
{
	return load(yaml, NULL);
}

static void note(void *who, const struct exchange *x)
{
	struct scene *s = who;

	s->failures += x->failed != NULL;
	assert_true((x->sent.n > 0 || s->in->talker) && x->span_ns >= 0 && x->utc_ns > 0);
}

void scene_begin(struct scene *s, const char *yaml, const char *address, const char *serial,
		 struct instrument *sibling)
{
	*s = (struct scene){ .m = load(yaml, address), .cancel = eventfd(0, EFD_CLOEXEC) };
	if (instrument_new(&s->in, s->m, "role", address, serial, sibling, s->cancel, &s->e) < 0)
		fail_msg("%s", s->e.text);
	s->in->exchanged = note;
	s->in->who = s;
}

void scene_finish(struct scene *s)
{
	instrument_free(&s->in);
	model_free(&s->m);
	close(s->cancel);
}

void scene_attach(struct scene *s)
{
	if (instrument_attach(s->in, instant_after_ms(GUARD_MS), &s->e) < 0)
		fail_msg("%s", s->e.text);
}

ssize_t scene_measure(struct scene *s, const char *quantity, struct reading *r)
{
	const struct point *p = model_point(s->m, quantity);

	return instrument_measure(s->in, &p, 1, r, instant_after_ms(GUARD_MS), &s->e);
}

int scene_set(struct scene *s, const char *quantity, double value)
{
	return instrument_set(s->in, model_point(s->m, quantity), value, instant_after_ms(GUARD_MS), &s->e);
}

static void *cancel_soon(void *arg)
{
	struct scene *s = arg;
	struct pollfd none = { .fd = -1 };

	poll(&none, 1, SOON_MS);
	assert_int_equal(eventfd_write(s->cancel, 1), 0);
	return NULL;
}

void scene_cancel_soon(struct scene *s, pthread_t *t)
{
	assert_int_equal(pthread_create(t, NULL, cancel_soon, s), 0);
}

int scene_load(void **state)
{
	struct problems ps = { 0 };

	(void)state;
	return quantities_load(&quantities, "config/quantities.yaml", &ps);
}

int scene_unload(void **state)
{
	(void)state;
	quantities_release(&quantities);
	return 0;
}
