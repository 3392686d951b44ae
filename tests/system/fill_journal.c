/* SPDX-License-Identifier: GPL-3.0-or-later
 * fill_journal FOLDER RECORDS GROUP SEGMENT_BYTES close|die - a journal of many segments, by the
 * real writer: records of several kinds, channels and lengths in groups.  It is closed after a
 * stop record, or the program dies with a group pending. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "journal.h"

static int append(struct journal *j, struct err *e)
{
	static const char *const channels[] = { "meter.voltage.dc", "", "room.temperature" };
	static char body[300];
	uint64_t i = journal_next_seq(j);
	struct buf keys = { 0 };
	struct draft d = {
		.kind = i % 3 == 1 ? RECORD_EVENT : RECORD_READING, .channel = channels[i % 3],
		.utc_ns = 1795492762000000000 + (int64_t)i, .mono_ns = (int64_t)i,
		.body = body, .body_len = i % 10 == 9 ? i % sizeof body : 0,
	};
	int result;

	memset(body, (int)i & 255, sizeof body);
	json_key(&keys, "raw");
	json_bytes(&keys, "+1.5\n\xff\x00", 7);
	json_key(&keys, "value");
	json_number(&keys, (double)i / 10);
	d.keys = keys.data;
	d.keys_len = keys.len;
	result = journal_append(j, &d, JOURNAL_ORDINARY, NULL, e);
	buf_release(&keys);
	return result;
}

static int stop(struct journal *j, struct err *e)
{
	struct draft d = { .kind = RECORD_STOP, .channel = "" };
	struct buf keys = { 0 };
	int result;

	json_key(&keys, "counts");
	record_counts_put(&keys, journal_counts(j));
	d.keys = keys.data;
	d.keys_len = keys.len;
	result = journal_append(j, &d, JOURNAL_RESERVED, NULL, e);
	buf_release(&keys);
	return result < 0 ? -1 : journal_commit(j, e);
}

static int fill(struct journal *j, long records, long group, struct err *e)
{
	for (long i = 1; i <= records; i++) {
		if (append(j, e) < 0)
			return -1;
		if (i % group == 0 && journal_commit(j, e) < 0)
			return -1;
	}
	return 0;
}

int main(int argc, char **argv)
{
	struct journal_options o = { 0 };
	struct journal *j;
	struct err e;

	if (argc != 6) {
		fprintf(stderr, "usage: fill_journal FOLDER RECORDS GROUP SEGMENT_BYTES close|die\n");
		return 2;
	}
	o.segment_bytes = strtoul(argv[4], NULL, 10);
	if (journal_create(&j, argv[1], "LAB-20261124-0001", &o, &e) < 0 ||
	    fill(j, strtol(argv[2], NULL, 10), strtol(argv[3], NULL, 10), &e) < 0)
		goto failed;
	if (!strcmp(argv[5], "die"))
		_exit(0);
	if (stop(j, &e) < 0)
		goto failed;
	journal_close(&j);
	return 0;
failed:
	fprintf(stderr, "fill_journal: %s\n", e.text);
	return 1;
}
