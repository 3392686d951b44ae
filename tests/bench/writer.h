/* SPDX-License-Identifier: GPL-3.0-or-later
 * writer.h - the other way to durable readings: a Python process (writer.py) receives the very records
 * that stand in a journal by pyzmq and appends them with h5py, flushed and fsynced group by group.
 * At most two groups are under way, as with ours. */
#ifndef WRITER_H
#define WRITER_H

#include "record.h"

#include "aid.h"

enum writer_manner { WRITER_EACH, WRITER_GROUP };    /* appends record by record; a group at a time */

struct writer {
	void *context, *socket;
	pid_t pid;
	struct record *records;      /* of a group; header and body are copies */
	unsigned group;
};

/* Its group is the first readings in that journal. */
void writer_start(struct writer *w, const char *journal, unsigned group, enum writer_manner how);
double writer_run(void *with, unsigned n);           /* a side; with: struct writer *; n groups */
void writer_stop(struct writer *w);

#endif
