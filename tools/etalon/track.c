/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "track.h"

#include <stdlib.h>
#include <string.h>

#include "records.h"

struct loading {
	struct track *track;
	size_t room;
	int64_t point, attempt;         /* of the reading before; 0 where it had none */
	uint32_t piece;
};

static bool counts(const struct record *r)
{
	struct span use, array;

	if (r->kind != RECORD_READING || record_get(r, "dtype", &array) == 1)
		return false;
	return record_get(r, "use", &use) != 1 || json_equals(use, "measure");
}

static int each(const char *what, void (*with)(void *self, const struct record *r), void *self, struct err *e)
{
	struct records *s;
	struct record r;
	int more;

	if (records_open(&s, what, e) < 0)
		return -1;
	while ((more = records_next(s, &r, e)) > 0)
		with(self, &r);
	records_close(&s);
	return more;
}

/* ---- which channel ------------------------------------------------------------------------------------ */

static void add_channel(void *self, const struct record *r)
{
	if (counts(r))
		record_counts_add(self, r->kind, r->channel);
}

static int no_channel(const struct record_counts *c, const char *wanted, const char *what, struct err *e)
{
	struct buf names = { 0 };

	for (size_t i = 0; i < c->n; i++)
		buf_printf(&names, "%s%s", i ? ", " : "", c->channels[i].name);
	if (!c->n)
		err_set(e, ERR_CONFIG, "%s: it has no readings", what);
	else if (wanted)
		err_set(e, ERR_CONFIG, "%s: there are no readings of %s; there are of %s", what, wanted, names.data);
	else
		err_set(e, ERR_CONFIG, "%s: name one of its channels: %s", what, names.data);
	buf_release(&names);
	return -1;
}

static int choose(char chosen[CHANNEL_NAME], const char *what, const char *wanted, struct err *e)
{
	struct record_counts c = { 0 };
	size_t at = 0;
	int bad = each(what, add_channel, &c, e);

	while (wanted && at < c.n && strcmp(c.channels[at].name, wanted))
		at++;
	if (!bad && (at == c.n || (!wanted && c.n != 1)))
		bad = no_channel(&c, wanted, what, e);
	if (!bad)
		snprintf(chosen, CHANNEL_NAME, "%s", c.channels[at].name);
	record_counts_release(&c);
	return bad;
}

/* ---- its readings --------------------------------------------------------------------------------------- */

static void make_room(struct loading *l)
{
	struct track *t = l->track;

	if (t->n < l->room)
		return;
	l->room = l->room ? 2 * l->room : 1024;
	t->value = mem_resize(t->value, l->room, sizeof *t->value);
	t->at_ns = mem_resize(t->at_ns, l->room, sizeof *t->at_ns);
	t->piece = mem_resize(t->piece, l->room, sizeof *t->piece);
}

static void cut_at_another_point(struct loading *l, const struct record *r)
{
	int64_t point = 0, attempt = 0;

	record_get_int(r, "point", &point);
	record_get_int(r, "attempt", &attempt);
	if (point != l->point || attempt != l->attempt)
		l->piece++;
	l->point = point;
	l->attempt = attempt;
}

static void add_reading(struct loading *l, const struct record *r)
{
	struct track *t = l->track;
	int64_t at_ns = r->utc_ns;
	struct span status;
	double value;

	cut_at_another_point(l, r);
	if (record_get(r, "status", &status) != 1 || !json_equals(status, "ok") ||
	    record_get_number(r, "value", &value) != 1) {
		l->piece++;
		return;
	}
	record_get_int(r, "at_ns", &at_ns);
	make_room(l);
	t->value[t->n] = value;
	t->at_ns[t->n] = at_ns;
	t->piece[t->n++] = l->piece;
}

static void add(void *self, const struct record *r)
{
	struct loading *l = self;

	snprintf(l->track->run, sizeof l->track->run, "%s", r->run);
	if (strcmp(r->channel, l->track->channel))
		return;
	if (r->kind == RECORD_CHANNEL)
		record_get_string(r, "unit", l->track->unit, sizeof l->track->unit);
	else if (counts(r))
		add_reading(l, r);
}

int track_load(struct track *t, const char *what, const char *channel, struct err *e)
{
	struct loading l = { .track = t };

	*t = (struct track){ 0 };
	if (choose(t->channel, what, channel, e) < 0)
		return -1;
	if (each(what, add, &l, e) < 0) {
		track_release(t);
		return -1;
	}
	return 0;
}

void track_release(struct track *t)
{
	free(t->value);
	free(t->at_ns);
	free(t->piece);
	*t = (struct track){ 0 };
}
