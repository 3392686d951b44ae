/* SPDX-License-Identifier: GPL-3.0-or-later
 * archive_verify.h - is this archive what its run recorded?
 *
 * Proves, with nothing but the file: that its content has the digest of the seal; that the
 * stored records chain up to the head of the seal, without a gap; that they are complete
 * by the counts of `stop`; that every dataset and attribute is what those records give; and
 * that every scalar value is what its raw reply parses to under the model file inside.  What
 * is wrong becomes a finding: one sentence that names the place. */
#ifndef ARCHIVE_VERIFY_H
#define ARCHIVE_VERIFY_H

#include <stdbool.h>

#include "archive.h"

#define ARCHIVE_FINDINGS_MOST 100      /* beyond it only counted */

struct archive_report {
	struct archive_result seal;    /* what the file says of itself */
	char status[16];               /* of `stop`: "complete" */
	bool simulated;
	uint64_t readings;             /* reading records */
	uint64_t parsed;               /* of them parsed again from what the instrument said */
	char **findings;
	size_t n;                      /* kept in the list */
	uint64_t total;                /* 0: the archive is proven */
};

/* Runs in a child process with limits on memory and time, because a hostile file crashes the
 * HDF5 library; a crash is a finding.  journal: folder to compare with record by record, or
 * NULL.  -1 only if the question could not be asked (no such file, no child); findings are
 * not errors.  The report is released by the caller either way. */
int archive_verify_child(const char *path, const char *journal, struct archive_report *r,
			 struct err *e);

/* The same in this process: for files this process has made itself. */
int archive_verify(const char *path, const char *journal, struct archive_report *r, struct err *e);

void archive_report_release(struct archive_report *r);

#endif
