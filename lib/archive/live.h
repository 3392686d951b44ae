/* SPDX-License-Identifier: GPL-3.0-or-later
 * live.h - the HDF5 file one may look into while a run goes on (SWMR, docs/archive.md).
 *
 * Disposable: it is made from records, promises nothing, and is replaced by the sealed
 * archive.  All tables exist before SWMR writing starts; there are no filters and no
 * variable-length types, raw replies are cut at 64 bytes with a flag.  After any error it must
 * be thrown away (live_close) and built again from record 0: HDF5 goes on as if nothing
 * were wrong after a full disk.  One thread. */
#ifndef LIVE_H
#define LIVE_H

#include "record.h"

struct live;

/* Creates the file, replacing any old one. */
int live_create(struct live **l, const char *path, const char *run, struct err *e);

/* Adds a record; kinds that the live file does not show are accepted and passed over.
 * Rows are kept in memory until 256 have come or live_flush. */
int live_add(struct live *l, const struct record *r, struct err *e);

/* Writes what was kept and makes it visible to readers (not durable). */
int live_flush(struct live *l, struct err *e);

/* NULL is accepted, the pointer is nulled.  Does not remove the file. */
void live_close(struct live **l);

#endif
