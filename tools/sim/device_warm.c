/* SPDX-License-Identifier: GPL-3.0-or-later
 * device_warm.c - an instrument that has been on for long when the simulation begins, and was used: nothing betrays
 * a power-on.  Registers see image_power_on. */
#include <string.h>

#include "device.h"

static bool shows_power_on(const struct model *m, const char *answer)
{
	return !regexec(&m->power_on.shows.compiled, answer, 0, NULL, 0);
}

/* "INBUF 1" for "INBUF {}": 1. */
static bool sets(const char *template, const char *command, struct span *to)
{
	size_t head = strcspn(template, "{");

	*to = (struct span){ command + head, strlen(command) - (strlen(command) < head ? strlen(command) : head) };
	return !strncasecmp(template, command, head) && !strcmp(template + head, "{}");
}

/* The setting that the question is about becomes what init makes it. */
static void initialise(struct device *d, struct device_setting *s)
{
	const struct strings *init = &d->model->init;
	struct span to;

	for (size_t i = 0; s->answer->set && i < init->n; i++)
		if (sets(s->answer->set, init->list[i], &to))
			device_setting(d, s, to);
}

int device_warm(struct device *d, struct err *e)
{
	const struct model *m = d->model;

	if (!m->simulate.warm)
		return 0;
	status_clear(&d->status);
	for (size_t i = 0; m->power_on.shows.text && i < d->n_settings; i++) {
		struct device_setting *s = &d->settings[i];

		if (strcmp(s->answer->ask, m->power_on.ask))
			continue;
		initialise(d, s);
		if (shows_power_on(m, s->now))
			return err_set(e, ERR_CONFIG, "%s: model %s: simulate.warm: nothing in init makes %s answer otherwise "
				       "than after a power-on", d->role->name, m->name, m->power_on.ask);
	}
	return 0;
}

bool device_is_warm(struct device *d)
{
	bool warm;

	pthread_mutex_lock(&d->lock);
	warm = d->model->simulate.warm && d->powered == 1;
	pthread_mutex_unlock(&d->lock);
	return warm;
}
