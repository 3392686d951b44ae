/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "script.h"

#include <stdio.h>
#include <string.h>

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;

static bool asks(const struct line_said *l, const char *ask)
{
	size_t n = strlen(l->ask);

	return n && l->ask[n - 1] == '*' && n > 1 ? !strncmp(l->ask, ask, n - 1) : !strcmp(l->ask, ask);
}

static const struct line_said *find(struct script *s, const char *ask)
{
	for (size_t i = 0; i < s->n; i++) {
		const struct line_said *l = &s->lines[i];

		if (!asks(l, ask) || (l->times && s->used[i] >= l->times))
			continue;
		s->used[i]++;
		return l;
	}
	return NULL;
}

static void keep(struct script *s, const char *ask)
{
	size_t n = strlen(s->heard);

	pthread_mutex_lock(&lock);
	snprintf(s->heard + n, sizeof s->heard - n, "%s\n", ask);
	pthread_mutex_unlock(&lock);
}

static void answer(struct device *d, const char *ask, size_t n)
{
	struct script *s = (struct script *)d->script;
	const struct line_said *l;

	(void)n;
	keep(s, ask);
	l = find(s, ask);
	if (!l || !l->say)
		return;
	device_say(d, l->say);
	if (!strchr(l->say, '\n'))
		device_say(d, "\n");
}

void script_start(struct script *s, const struct line_said *lines, size_t n)
{
	*s = (struct script){ .lines = lines, .n = n };
	s->d.answer = answer;
	s->d.script = s;
	device_start(&s->d, "tcp");
}

void script_stop(struct script *s)
{
	device_stop(&s->d);
}

const char *script_heard(struct script *s)
{
	static char copy[sizeof s->heard];

	pthread_mutex_lock(&lock);
	memcpy(copy, s->heard, sizeof copy);
	s->heard[0] = '\0';
	pthread_mutex_unlock(&lock);
	return copy;
}
