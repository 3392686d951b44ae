/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "replay.h"

#include <stdlib.h>
#include <string.h>

#include "post.h"

#define READERS 8                /* kept open, the one used longest ago goes first */

struct standing {
	struct journal_reader *reader;
	char *folder;
	uint64_t next;               /* the record it would read */
	uint64_t used;
};

struct replays {
	struct standing readers[READERS];
	uint64_t uses;
};

void replays_start(struct replays **r)
{
	*r = mem_new(sizeof **r);
}

static void let_go(struct standing *s)
{
	journal_read_close(&s->reader);
	free(s->folder);
	*s = (struct standing){ 0 };
}

void replays_stop(struct replays **r)
{
	if (!*r)
		return;
	for (size_t i = 0; i < READERS; i++)
		let_go(&(*r)->readers[i]);
	free(*r);
	*r = NULL;
}

static struct standing *at(struct replays *r, const char *folder, uint64_t from, struct err *e)
{
	struct standing *oldest = &r->readers[0];

	for (size_t i = 0; i < READERS; i++) {
		struct standing *s = &r->readers[i];

		if (s->reader && s->next == from && !strcmp(s->folder, folder))
			return s;
		if (s->used < oldest->used)
			oldest = s;
	}
	let_go(oldest);
	if (journal_read_open(&oldest->reader, folder, e) < 0)
		return NULL;
	oldest->folder = mem_string(folder);
	oldest->next = from;
	if (journal_read_seek(oldest->reader, from, e) < 0) {
		let_go(oldest);
		return NULL;
	}
	return oldest;
}

static void add_frame(struct replay *p, const void *data, size_t n)
{
	p->frames = mem_fit(p->frames, p->n, &p->cap, sizeof *p->frames);
	post_copy(&p->frames[p->n++], data, n);
}

int replays_read(struct replays *r, const char *folder, uint64_t from, uint64_t to, size_t bytes,
		 uint64_t limit, struct replay *piece, struct err *e)
{
	struct standing *s = at(r, folder, from, e);
	struct record rec;
	size_t taken = 0;
	int more = 1;

	if (!s)
		return -1;
	s->used = ++r->uses;
	journal_read_limit(s->reader, limit);
	while (s->next < to && taken < bytes && (more = journal_read_next(s->reader, &rec, e)) > 0) {
		add_frame(piece, rec.header.p, rec.header.n);
		add_frame(piece, rec.body, rec.body_len);
		taken += rec.header.n + rec.body_len;
		s->next++;
	}
	piece->next = s->next;
	if (more < 0)
		let_go(s);
	return more < 0 ? -1 : 0;
}

void replay_release(struct replay *p)
{
	for (size_t i = 0; i < p->n; i++)
		zmq_msg_close(&p->frames[i]);
	free(p->frames);
	*p = (struct replay){ 0 };
}
