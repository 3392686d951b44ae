/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hub.h"

#include <stdlib.h>
#include <string.h>

struct hub {
	char *address;
	struct line line;
	int cancel;
	unsigned users, generation;
	int64_t latency_ns;
	struct link *link;
};

struct hub *hub_new(const char *resolved, const struct line *line, int cancel)
{
	struct hub *h = mem_new(sizeof *h);

	h->address = mem_string(resolved);
	h->line = *line;
	h->cancel = cancel;
	h->users = 1;
	return h;
}

struct hub *hub_share(struct hub *h)
{
	h->users++;
	return h;
}

void hub_free(struct hub **p)
{
	struct hub *h = *p;

	*p = NULL;
	if (!h || --h->users > 0)
		return;
	link_close(&h->link);
	free(h->address);
	free(h);
}

bool hub_is_shared(const struct hub *h)
{
	return h->users > 1;
}

int hub_check_line(const struct hub *h, const struct line *l, struct err *e)
{
	const struct line *m = &h->line;

	if (l->baud == m->baud && l->bits == m->bits && l->stop == m->stop && l->parity == m->parity &&
	    l->flow == m->flow && l->dtr == m->dtr && l->rts == m->rts && l->rs485 == m->rs485 && l->echo == m->echo &&
	    l->turnaround_ns == m->turnaround_ns && l->character_delay_ns == m->character_delay_ns &&
	    l->break_ns == m->break_ns)
		return 0;
	return err_set(e, ERR_CONFIG, "another instrument at this line has other settings of it (%s): state them in "
		       "both addresses", h->address);
}

void hub_latency(struct hub *h, int64_t ns)
{
	if (ns > h->latency_ns)
		h->latency_ns = ns;
}

int64_t hub_slowest(const struct hub *h)
{
	return h->latency_ns;
}

int hub_connect(struct hub *h, int cancel, instant by, struct err *e)
{
	struct link *l;

	if (h->link)
		return 0;
	if (link_open(&l, h->address, &h->line, cancel, by, e) < 0)
		return -1;
	hub_take(h, l);
	return 0;
}

void hub_take(struct hub *h, struct link *l)
{
	link_cancel_by(l, h->cancel);
	h->link = l;
	h->generation++;
}

struct link *hub_link(const struct hub *h)
{
	return h->link;
}

void hub_hang_up(struct hub *h)
{
	if (h->link)
		h->generation++;
	link_close(&h->link);
}

unsigned hub_generation(const struct hub *h)
{
	return h->generation;
}
