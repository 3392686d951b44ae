/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "desk.h"

#include <stdlib.h>
#include <string.h>

static struct desk_question *find(const struct desk *d, const char *run, const char *id)
{
	for (size_t i = 0; i < d->n; i++)
		if (!strcmp(d->list[i].run, run) && !strcmp(d->list[i].id, id))
			return &d->list[i];
	return NULL;
}

static json_t *parse(struct span members)
{
	struct buf text = { 0 };
	json_t *o;

	buf_putc(&text, '{');
	if (members.n)
		buf_add(&text, members.p + 1, members.n - 1);    /* without the first comma */
	buf_putc(&text, '}');
	o = json_loadb(text.data, text.len, 0, NULL);
	buf_release(&text);
	return o;
}

static const char *member(const json_t *o, const char *key)
{
	const char *s = json_string_value(json_object_get(o, key));

	return s ? s : "";
}

static struct desk_question *add(struct desk *d, const char *run, const struct notice *n, const json_t *o)
{
	struct desk_question *q;

	d->list = mem_grow(d->list, d->n, sizeof *d->list);
	q = &d->list[d->n++];
	*q = (struct desk_question){ .port = n->port, .station = n->station };
	snprintf(q->run, sizeof q->run, "%s", run);
	snprintf(q->id, sizeof q->id, "%s", member(o, "question"));
	return q;
}

static void open_question(struct desk *d, const char *run, const struct notice *n, json_t *o)
{
	struct desk_question *q = add(d, run, n, o);

	json_object_del(o, "what");
	json_object_set_new(o, "run", json_string(run));
	q->view = json_incref(o);
}

static void close_question(struct desk_question *q, const char *end)
{
	json_decref(q->view);
	q->view = NULL;
	snprintf(q->end, sizeof q->end, "%.*s", (int)sizeof q->end - 1, end);
}

/* Closed for good once its answer is durable. */
static void put_off(struct desk_question *q)
{
	if (q && q->view)
		close_question(q, "its answer waits until there is space to keep it");
}

static void hold_question(struct desk_question *q, const json_t *o)
{
	json_object_set_new(q->view, "held", json_pack("{s:s,s:s}", "answer", member(o, "answer"), "by", member(o, "by")));
}

void desk_hear(struct desk *d, const char *run, const struct notice *n, struct span members)
{
	json_t *o = parse(members);
	const char *what = member(o, "what");
	struct desk_question *q = find(d, run, member(o, "question"));

	if (n->waits)
		put_off(q);
	else if (!strcmp(what, "asked") && !q)
		open_question(d, run, n, o);
	else if (!strcmp(what, "closed"))       /* on a full disk before it was seen to be open: then it never is */
		close_question(q ? q : add(d, run, n, o), member(o, "text"));
	else if (!strcmp(what, "held") && q && q->view)
		hold_question(q, o);
	json_decref(o);
}

void desk_error(struct span members, char question[QUESTION_ID], char *text, size_t size)
{
	json_t *o = parse(members);

	snprintf(question, QUESTION_ID, "%s", member(o, "question"));
	snprintf(text, size, "%s", member(o, "error"));
	json_decref(o);
}

json_t *desk_view(const struct desk *d, const char *run)
{
	json_t *list = json_array();

	for (size_t i = 0; i < d->n; i++)
		if (d->list[i].view && (!run[0] || !strcmp(d->list[i].run, run)))
			json_array_append_new(list, json_deep_copy(d->list[i].view));
	return list;
}

size_t desk_count(const struct desk *d, const char *run)
{
	size_t n = 0;

	for (size_t i = 0; i < d->n; i++)
		n += d->list[i].view && !strcmp(d->list[i].run, run);
	return n;
}

const struct desk_question *desk_find(const struct desk *d, const char *run, const char *id)
{
	return find(d, run, id);
}

void desk_forget(struct desk *d, const char *run)
{
	for (size_t i = d->n; i-- > 0; ) {
		if (strcmp(d->list[i].run, run))
			continue;
		json_decref(d->list[i].view);
		d->list[i] = d->list[--d->n];
	}
}

void desk_release(struct desk *d)
{
	for (size_t i = 0; i < d->n; i++)
		json_decref(d->list[i].view);
	free(d->list);
	*d = (struct desk){ 0 };
}
