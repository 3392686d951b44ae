/* SPDX-License-Identifier: GPL-3.0-or-later
 * hub.h - what the text instruments of one port share: one link.
 *
 * Most ports have one instrument.  Behind a GPIB controller there are several, and on an RS-485 line
 * there may be; their questions take turns on one connection.  What fails for one is felt by the others as
 * little as possible: an exchange that failed leaves the link out of step, and whoever comes next
 * first waits until nothing can come that belongs to somebody else.  A connection that is lost is lost
 * for all: each proves identity and state anew once it is back, which the generation tells.
 *
 * A hub belongs to the thread of its port. */
#ifndef HUB_H
#define HUB_H

#include "link.h"

struct hub;

struct hub  *hub_new(const char *resolved, const struct line *line, int cancel);   /* of one user */
struct hub  *hub_share(struct hub *h);                                              /* one more */
void         hub_free(struct hub **h);                                              /* one less */
/* ERR_CONFIG: two instruments want the line set differently. */
int          hub_check_line(const struct hub *h, const struct line *line, struct err *e);
bool         hub_is_shared(const struct hub *h);
void         hub_latency(struct hub *h, int64_t ns);    /* of one of its instruments: the slowest counts */
int64_t      hub_slowest(const struct hub *h);
/* If need be; `cancel` ends this wait, the hub's own those on the link. */
int          hub_connect(struct hub *h, int cancel, instant by, struct err *e);
void         hub_take(struct hub *h, struct link *l);   /* one that is open already */
struct link *hub_link(const struct hub *h);             /* NULL: not connected */
void         hub_hang_up(struct hub *h);
unsigned     hub_generation(const struct hub *h);       /* another number after every connect and loss */

#endif
