/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "complaint.h"

#define FIRST_INTERVAL (2 * NS_PER_S)
#define LAST_INTERVAL  (600 * NS_PER_S)

void complaint_note(struct complaint *c, size_t amount)
{
	c->times++;
	c->amount += amount;
}

bool complaint_due(const struct complaint *c)
{
	return c->times > 0 && instant_passed(c->next);
}

/* Quiet for as long as the last interval again, and it is a new complaint. */
void complaint_said(struct complaint *c)
{
	bool anew = !c->interval || instant_passed(c->next + c->interval);

	c->interval = anew ? FIRST_INTERVAL : c->interval < LAST_INTERVAL / 2 ? 2 * c->interval : LAST_INTERVAL;
	c->next = instant_after(c->interval);
	c->times = c->amount = 0;
}
