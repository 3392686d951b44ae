/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "dialogue.h"

#include <stdlib.h>
#include <string.h>
#include <strings.h>

void dialogue_begin(struct dialogue *d, struct client *c, const char *run, const char *by)
{
	*d = (struct dialogue){ .client = c, .run = run, .by = by, .left = json_object() };
}

static bool same(const json_t *a, const json_t *b)
{
	return !strcmp(question_text(a, "run"), question_text(b, "run")) &&
		!strcmp(question_text(a, "question"), question_text(b, "question"));
}

static bool is_held(const json_t *q)
{
	return json_object_get(q, "held") != NULL;
}

/* An answer of one's own waits for somebody else. */
static bool is_mine(const struct dialogue *d, const json_t *q)
{
	return is_held(q) && !strcasecmp(question_text(json_object_get(q, "held"), "by"), d->by);
}

/* With the answer that waits, if there is one: that is another thing to decide. */
static char *name_of(const json_t *q)
{
	return mem_format("%s %s %s", question_text(q, "run"), question_text(q, "question"),
			  question_text(json_object_get(q, "held"), "answer"));
}

static bool is_left(const struct dialogue *d, const json_t *q)
{
	char *name = name_of(q);
	bool left = json_object_get(d->left, name) != NULL;

	free(name);
	return left;
}

static void invite(const struct dialogue *d)
{
	printf(is_held(d->question) ? "%s, yes or no> " : "%s> ", d->by);
	fflush(stdout);
}

static void show(struct dialogue *d, json_t *q)
{
	d->question = json_incref(q);
	question_print(q, stdout);
	invite(d);
}

/* Over once it is no longer in the list, or somebody has answered and it waits for another one. */
static void forget_if_over(struct dialogue *d, const json_t *list)
{
	const json_t *q;
	size_t i;

	json_array_foreach(list, i, q)
		if (same(q, d->question) && is_held(q) == is_held(d->question))
			return;
	printf("\n%s is no longer asked\n", question_text(d->question, "question"));
	json_decref(d->question);
	d->question = NULL;
}

int dialogue_look(struct dialogue *d, struct err *e)
{
	json_t *list = question_list(d->client, d->run, e), *q;
	size_t i;

	if (!list)
		return -1;
	if (d->question)
		forget_if_over(d, list);
	json_array_foreach(list, i, q)
		if (!d->question && !is_mine(d, q) && !is_left(d, q))
			show(d, q);
	json_decref(list);
	return d->question != NULL;
}

static char *trim(char *s)
{
	size_t n = strlen(s);

	while (n && strchr(" \t\r\n", s[n - 1]))
		s[--n] = '\0';
	return s + strspn(s, " \t");
}

/* "1.27 because it is so": the reason is cut off. */
static const char *cut_reason(char *line)
{
	char *because = strstr(line, " because ");

	if (!because)
		return "";
	*because = '\0';
	return because + strlen(" because ");
}

static int say(struct dialogue *d, char *line, struct err *e)
{
	struct said s = { .by = d->by, .reason = cut_reason(line) };

	if (!is_held(d->question)) {
		s.value = line;
		return question_say(d->client, d->question, "question.answer", &s, e);
	}
	if (!strcasecmp(line, "yes"))
		return question_say(d->client, d->question, "question.confirm", &s, e);
	if (!strcasecmp(line, "no"))
		return question_say(d->client, d->question, "question.reject", &s, e);
	return err_set(e, ERR_CONFIG, "yes confirms the answer, no rejects it");
}

static void leave(struct dialogue *d)
{
	char *name = name_of(d->question);

	json_object_set_new(d->left, name, json_true());
	free(name);
}

void dialogue_take(struct dialogue *d, char *line)
{
	struct err e;

	if (!d->question)
		return;
	line = trim(line);
	if (*line && say(d, line, &e) < 0) {
		puts(e.text);
		if (e.code != ERR_STATE) {
			invite(d);
			return;
		}
	} else if (!*line) {
		leave(d);
	}
	json_decref(d->question);
	d->question = NULL;
}

void dialogue_end(struct dialogue *d)
{
	if (d->question)
		putchar('\n');
	json_decref(d->question);
	json_decref(d->left);
	*d = (struct dialogue){ 0 };
}
