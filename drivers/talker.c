/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "talker.h"

#include <stdlib.h>

#include "reply.h"

bool talker_knows(const struct model *m, struct span text)
{
	const struct point *p = m->points.items;

	for (size_t i = 0; i < m->points.n; i++)
		if (reply_heard(&p[i], text))
			return true;
	return m->identity.heard && pattern_matches(&m->identity.expect, text.p, text.n, NULL, 0);
}

bool talker_skip(struct instrument *in)
{
	bool skip = in->talker->skip;

	in->talker->skip = false;
	return skip;
}

void talker_free(struct talker **t)
{
	if (!*t)
		return;
	buf_release(&(*t)->raw);
	free((*t)->at);
	free(*t);
	*t = NULL;
}
