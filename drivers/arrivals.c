/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "arrivals.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

void arrivals_add(struct arrivals *a, size_t at, instant from)
{
	instant now = instant_now();

	a->list = mem_fit(a->list, a->n, &a->cap, sizeof *a->list);
	a->list[a->n++] = (struct arrival){ .at = at, .from = from < now ? from : now, .to = now, .utc = utc_now() };
}

struct arrival arrivals_of(const struct arrivals *a, size_t at)
{
	size_t i = a->n;

	while (i > 0 && a->list[i - 1].at > at)
		i--;
	return i > 0 ? a->list[i - 1] : (struct arrival){ 0 };
}

void arrivals_drop(struct arrivals *a, size_t at)
{
	size_t gone = 0;

	while (gone + 1 < a->n && a->list[gone + 1].at <= at)
		gone++;
	if (gone > 0)
		memmove(a->list, a->list + gone, (a->n - gone) * sizeof *a->list);
	a->n -= gone;
}

void arrivals_shift(struct arrivals *a, size_t at)
{
	arrivals_drop(a, at);
	for (size_t i = 0; i < a->n; i++)
		a->list[i].at = a->list[i].at > at ? a->list[i].at - at : 0;
}

void arrivals_release(struct arrivals *a)
{
	free(a->list);
	*a = (struct arrivals){ 0 };
}
