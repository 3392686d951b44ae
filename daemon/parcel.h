/* SPDX-License-Identifier: GPL-3.0-or-later
 * parcel.h - the records of one group commit, as one message from a journal thread to the stream.
 *
 * A message of its own for each frame of each record would cost more than making the records
 * durable does. */
#ifndef PARCEL_H
#define PARCEL_H

#include "record.h"

/* The three frames of a record on the stream. */
struct parcel_record { struct span topic, header, body; };

void parcel_add(struct buf *parcel, const struct record *r);
/* Reads the record at p, and returns where the next one is. */
const char *parcel_next(const char *p, struct parcel_record *r);

#endif
