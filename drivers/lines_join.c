/* SPDX-License-Identifier: GPL-3.0-or-later
 * lines_join.c - taking one's turn on the link, which other instruments of the port may share (hub.h). */
#include "hub.h"
#include "lines_parts.h"

int lines_connect(struct instrument *in, instant by, struct err *e)
{
	if (hub_connect(in->hub, in->cancel, by, e) < 0)
		return -1;
	in->link = hub_link(in->hub);
	in->generation = hub_generation(in->hub);
	link_select(in->link, &in->gpib);
	lines_listen(in);
	return 0;
}

static int made_anew(const struct instrument *in, struct err *e)
{
	return in->generation == hub_generation(in->hub) ? 0 :
		err_set(e, ERR_PROTOCOL, "the connection was made anew since it was attached");
}

int lines_look(const struct instrument *in, struct err *e)
{
	return made_anew(in, e) < 0 ? -1 : link_look(in->link, e);
}

int lines_join(struct instrument *in, instant *by, struct err *e)
{
	instant began = instant_now();
	int64_t slowest = hub_slowest(in->hub);
	ssize_t late;

	if (made_anew(in, e) < 0)
		return -1;
	link_select(in->link, &in->gpib);
	if (link_in_step(in->link) || !hub_is_shared(in->hub))
		return 0;
	late = link_settle(in->link, slowest, instant_after(2 * slowest + LINES_SETTLE_NS), e);
	if (late < 0)
		return -1;
	in->stray_bytes += (size_t)late;
	if (*by != INSTANT_NEVER)
		*by += instant_now() - began;
	return 0;
}
