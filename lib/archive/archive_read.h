/* SPDX-License-Identifier: GPL-3.0-or-later
 * archive_read.h - the records an archive holds, one after another, as they were journalled.
 *
 * The file is read by a child process with limits (confine.h), so that a hostile one harms nobody.
 * seq and the chain are checked on the way; whether the archive is whole, and what its run
 * recorded, only archive_verify.h proves. */
#ifndef ARCHIVE_READ_H
#define ARCHIVE_READ_H

#include "record.h"

struct archive_reader;

int archive_read_open(struct archive_reader **a, const char *path, struct err *e);
/* 1 with the next record, valid until the next call; 0 at the end; -1. */
int archive_read_next(struct archive_reader *a, struct record *r, struct err *e);
void archive_read_close(struct archive_reader **a);

#endif
