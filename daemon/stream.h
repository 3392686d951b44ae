/* SPDX-License-Identifier: GPL-3.0-or-later
 * stream.h - the stream thread: publishes what journal threads say is durable (docs/stream.md).
 *
 * An observer that does not keep up loses messages at its own high-water mark, sees the gap
 * in seq, and asks for a replay; nobody else notices.  But arrays may be large, and messages are counted, not their
 * bytes: what all observers together have not read yet is bounded too, and beyond that large records are left out for
 * everybody and fetched by replay. */
#ifndef STREAM_H
#define STREAM_H

#include <stddef.h>

#include "err.h"

struct stream;

/* Binds every endpoint.  Journal threads write parcels (parcel.h) to the inbox "stream". */
int  stream_start(struct stream **s, const char *const *endpoints, size_t n, struct err *e);
void stream_stop(struct stream **s);

#endif
