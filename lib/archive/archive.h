/* SPDX-License-Identifier: GPL-3.0-or-later
 * archive.h - the sealed HDF5 file of a run, made from its journal (docs/archive.md).
 *
 * Building copies and computes nothing: the same journal gives the same content digest on any
 * machine, any day.  The file is written under a temporary name in the target's folder, made
 * durable, renamed, made read-only; until the rename nothing of an older file is touched, and
 * building again is always allowed.
 *
 * lib/archive is the only place that knows HDF5; its public headers do not.  One thread. */
#ifndef ARCHIVE_H
#define ARCHIVE_H

#include "record.h"

#define ARCHIVE_FORMAT 1               /* of the layout and of the digest; follows RECORD_VERSION */

/* What the seal says. */
struct archive_result {
	char run[RUN_NAME];
	uint64_t records;
	uint8_t head[HASH_SIZE];       /* of the run's chain */
	uint8_t digest[HASH_SIZE];     /* of the archive's content */
};

/* Makes the archive of the run in this journal folder at `path`, whose folder must exist.
 * ERR_STATE: the run has no `stop` yet.  ERR_CORRUPT: the journal is damaged.  ERR_FULL: no
 * space.  On failure no file is left, and one that stood at `path` still does. */
int archive_build(const char *journal, const char *path, struct archive_result *r, struct err *e);

#endif
