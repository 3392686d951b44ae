/* SPDX-License-Identifier: GPL-3.0-or-later
 * world.h - the one small physical world that a bench's simulated instruments share.
 *
 * Electrical and mechanical nodes and a room.  Sources drive a node with their own errors; sensors ask for its
 * true value at a moment and add theirs (device.h).  Everything here is a function of seed and
 * time, so whoever asks for the same moment is told the same truth.
 *
 * voltage, current: sources add, also to what `set-world` says (0).  The other nodes of world.c stand
 * where `set-world` or the last connected source puts them, and know nothing of each other.
 * temperature, humidity: what the bench file says the room is about, wandering as a sum of three
 * slow sines whose rate of change together stays within `wander`; the relative humidity follows
 * the temperature at constant water content, and the dew point follows from both (Magnus
 * formula, WMO-No. 8, annex 4.B).  A connected source, a climate chamber, takes the node's place.
 *
 * Any thread may call; values are in the node's unit. */
#ifndef WORLD_H
#define WORLD_H

#include "instant.h"
#include "model.h"

struct world;
struct world_source;

struct world *world_new(uint64_t seed, double temperature, double humidity, double wander);
void   world_free(struct world **w);

double world_value(struct world *w, enum world_node node, instant at);
void   world_set(struct world *w, enum world_node node, double value);
double world_hours(const struct world *w, instant at);       /* since it began */

const char *world_node_name(enum world_node node);
const char *world_node_unit(enum world_node node);
int    world_node_parse(const char *name, enum world_node *node);   /* -1: none that can be set */

/* A source begins disconnected.  errors and to_node (from the point's unit to the node's)
 * must outlive it; values are in the point's unit. */
struct world_source *world_source_new(struct world *w, const struct simulated_point *errors,
				      struct conversion to_node, uint64_t seed);
/* Makes for the value from `now` on, exponentially with the source's settling time: from where it
 * is, and while it is disconnected from zero volts or the room's own value. */
void   world_source_set(struct world *w, struct world_source *s, double value, instant now);
void   world_source_connect(struct world *w, struct world_source *s, bool on);

#endif
