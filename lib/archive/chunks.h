/* SPDX-License-Identifier: GPL-3.0-or-later
 * chunks.h - chunks on their way into a file and out of it: pressed and unpressed by a thread of
 * its own, written and read by the caller's.
 *
 * Pressing (press.h) is half of the work of sealing and needs no HDF5.  This thread is the only
 * one in lib/: it sees the bytes of the chunk in hand and nothing else, and it lives as long as
 * the file is open.  HDF5 is called by the thread that calls these functions, and by no other.
 *
 * Chunks are written in the order in which they were added, each only when its place is wanted
 * again or at chunks_finish, so that the same content gives the same file, whichever thread was
 * the quicker one.  Few are in hand at a time: memory does not grow with the file. */
#ifndef CHUNKS_H
#define CHUNKS_H

#include "hdf.h"

struct chunks;

int  chunks_start(struct chunks **c, struct err *e);
/* The rows [from, from + n) of a dataset: a whole chunk, or the last one.  They are copied; the
 * dataset may be closed at once.  Failures of writing go to h, then or later. */
void chunks_add(struct chunks *c, struct hdf *h, hid_t dataset, const struct hdf_shape *s,
		size_t from, const void *rows, size_t n);
void chunks_finish(struct chunks *c, struct hdf *h);       /* writes all that were added */
/* All rows of a dataset that is just of this shape (hdf_shape_of), in order, a chunk at a time; the
 * taker may change them.  Nothing may be on its way into the file.  -1: some cannot be read. */
typedef void chunks_taker(void *who, void *rows, size_t n);
int  chunks_each(struct chunks *c, hid_t dataset, const struct hdf_shape *s, size_t rows,
		 chunks_taker *take, void *who);
void chunks_stop(struct chunks **c);                       /* after chunks_finish */

#endif
