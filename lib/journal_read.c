/* SPDX-License-Identifier: GPL-3.0-or-later
 * journal_read.c - reading a journal in order, also one that somebody is appending to. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#include "journal.h"
#include "progress.h"
#include "segment.h"

#define BY_COMMIT_FRAMES UINT64_MAX

struct journal_reader {
	char *folder;
	struct segment segment;
	uint64_t at;               /* the next frame */
	uint64_t durable;          /* offset in this segment, as far as its commit frames showed */
	uint64_t limit;            /* records that are durable, or BY_COMMIT_FRAMES */
	uint64_t wanted;           /* seq of the next record to hand out */
	uint64_t bytes_before;     /* in the segments before this one, if read from the beginning */
	struct progress now;
	unsigned last_segment;     /* where the last record handed out lies */
	uint64_t last_at;
};

/* 1, 0, or -1: whether there is such a file. */
static int exists(const char *folder, unsigned number, struct err *e)
{
	struct segment s;
	int there = segment_open(&s, folder, number, O_RDONLY, e);

	if (there > 0)
		segment_close(&s);
	return there;
}

/* Opens a segment and reads its first frame: 1 and where the journal stands there, 0 if there is
 * no such segment or it is only being begun, -1. */
static int open_segment(const char *folder, unsigned number, struct segment *s, struct progress *p,
			uint64_t *end, struct err *e)
{
	int followed = exists(folder, number + 1, e);     /* asked first: a writer may be at work */
	int there = followed < 0 ? -1 : segment_open(s, folder, number, O_RDONLY, e);
	struct frame f;

	if (there <= 0)
		return there;
	there = segment_frame(s, 0, &f, e);
	if (there > 0) {
		*end = f.length;
		if (f.kind != FRAME_SEGMENT)
			there = segment_corrupt(s, 0, e, "its first frame is none that opens a segment");
		else if (progress_get(p, number, f.header, e) < 0)
			there = err_wrap(e, "%s", s->path);
	} else if (there == 0) {
		there = followed ? 1 : segment_promises(s, 0, e);
		if (there > 0)
			there = segment_corrupt(s, 0, e, "its first frame is damaged, and it was durable");
	}
	if (there <= 0)
		segment_close(s);
	return there;
}

/* Goes to the beginning of a segment: 1, 0 if it is not there (yet), -1. */
static int go_to(struct journal_reader *r, unsigned number, struct err *e)
{
	struct segment next;
	int there = open_segment(r->folder, number, &next, &r->now, &r->at, e);

	if (there <= 0)
		return there;
	segment_close(&r->segment);
	r->segment = next;
	r->durable = 0;
	return 1;
}

int journal_read_open(struct journal_reader **p, const char *folder, struct err *e)
{
	struct journal_reader *r = *p = mem_new(sizeof *r);
	unsigned last;
	int there;

	r->folder = mem_string(folder);
	r->limit = BY_COMMIT_FRAMES;
	progress_init(&r->now, "");
	there = segment_find_last(folder, &last, e);
	if (there == 0)
		there = go_to(r, 1, e);
	if (there > 0)
		return 0;
	if (there == 0)
		err_set(e, ERR_STATE, "%s holds no journal", folder);
	journal_read_close(p);
	return -1;
}

void journal_read_close(struct journal_reader **p)
{
	struct journal_reader *r = *p;

	if (!r)
		return;
	segment_close(&r->segment);
	progress_release(&r->now);
	free(r->folder);
	free(r);
	*p = NULL;
}

void journal_read_limit(struct journal_reader *r, uint64_t records)
{
	r->limit = records;
}

const char *journal_read_run(const struct journal_reader *r)
{
	return r->now.run;
}

void journal_read_place(const struct journal_reader *r, unsigned *segment, uint64_t *offset)
{
	*segment = r->last_segment;
	*offset = r->last_at;
}

/* The first record of a segment: 1 and its seq, 0 if there is no such segment yet, -1. */
static int first_seq(const struct journal_reader *r, unsigned number, uint64_t *seq, struct err *e)
{
	struct progress p = { 0 };
	struct segment s;
	uint64_t end;
	int there = open_segment(r->folder, number, &s, &p, &end, e);

	*seq = p.seq;
	record_counts_release(&p.counts);
	if (there > 0)
		segment_close(&s);
	return there;
}

int journal_read_seek(struct journal_reader *r, uint64_t seq, struct err *e)
{
	unsigned low = 1, high;

	if (segment_find_last(r->folder, &high, e) < 0)
		return -1;
	while (low < high) {       /* the last segment whose first record is not beyond seq */
		unsigned middle = high - (high - low) / 2;
		uint64_t first;
		int there = first_seq(r, middle, &first, e);

		if (there < 0)
			return -1;
		if (there && first <= seq)
			low = middle;
		else
			high = middle - 1;
	}
	r->wanted = seq;
	if (low == r->segment.number && r->now.seq <= seq)
		return 0;
	return go_to(r, low, e) < 0 ? -1 : 0;
}

/* No whole frame lies at an offset of this segment: what does it mean? */
enum gap {
	GAP_END = 0,       /* the end of the journal for now */
	GAP_GREW,          /* there is one now */
	GAP_NEXT,          /* the end of the segment: the next one is there */
};

/* The order matters where somebody is appending: what was read before it was known that more
 * had to be there may be old, so it is read again. */
static int judge_gap(struct journal_reader *r, uint64_t at, struct err *e)
{
	struct segment *s = &r->segment;
	uint64_t seq, used;
	struct frame f;
	int next, promised, there;

	next = first_seq(r, s->number + 1, &seq, e);
	if (next < 0)
		return -1;
	segment_forget(s);
	promised = segment_promises(s, at, e);
	segment_forget(s);
	there = segment_frame(s, at, &f, e);
	if (promised < 0 || there < 0)
		return -1;
	if (there)
		return GAP_GREW;
	if (promised)
		return segment_corrupt(s, at, e, "damaged, and it was durable");
	if (!next)
		return GAP_END;
	if (segment_used(s, at, &used, e) < 0)
		return -1;
	return used == at ? GAP_NEXT : segment_corrupt(s, at, e, "damaged, and a segment follows");
}

/* Goes on in the next segment, which must begin just where this one ends. */
static int advance(struct journal_reader *r, struct err *e)
{
	struct progress p = { 0 };
	struct segment next;
	uint64_t at;
	int there = open_segment(r->folder, r->segment.number + 1, &next, &p, &at, e);

	if (there > 0 && !progress_equal(&p, &r->now)) {
		err_set(e, ERR_CORRUPT, "%s, offset %" PRIu64 ": it ends before record %" PRIu64
			", but the next segment begins at record %" PRIu64 " or with other counts",
			r->segment.path, r->at, r->now.seq, p.seq);
		segment_close(&next);
		there = -1;
	}
	record_counts_release(&p.counts);
	if (there <= 0)
		return there;
	segment_close(&r->segment);
	r->segment = next;
	r->bytes_before += r->at;
	r->at = at;
	r->durable = 0;
	return 1;
}

/* Looks for a commit frame that says that the record at r->at, which ends at `end`, is durable:
 * 1, 0 if there is none yet, -1. */
static int look_ahead(struct journal_reader *r, uint64_t end, struct err *e)
{
	uint64_t at = r->at;
	struct frame f;

	while (r->durable < end) {
		int there = segment_frame(&r->segment, at, &f, e);

		if (there < 0)
			return -1;
		if (there) {
			if (f.durable > r->durable)
				r->durable = f.durable;
			at += f.length;
			continue;
		}
		there = judge_gap(r, at, e);
		if (there <= 0)
			return there;
		if (there == GAP_NEXT)
			r->durable = UINT64_MAX;
	}
	return 1;
}

static int at_gap(struct journal_reader *r, struct err *e)
{
	int gap = judge_gap(r, r->at, e);

	if (gap == GAP_NEXT)
		return advance(r, e);
	if (gap == GAP_END && r->limit != BY_COMMIT_FRAMES)
		return err_set(e, ERR_CORRUPT, "%s, offset %" PRIu64 ": record %" PRIu64
			       " was acknowledged, but it is not there", r->segment.path, r->at, r->now.seq);
	return gap;
}

/* The next record's frame: 1, 0 at the end, -1. */
static int next_frame(struct journal_reader *r, struct frame *f, struct err *e)
{
	for (;;) {
		int there;

		if (r->now.seq >= r->limit)
			return 0;
		there = segment_frame(&r->segment, r->at, f, e);
		if (there > 0 && f->kind == FRAME_SEGMENT)
			return segment_corrupt(&r->segment, r->at, e, "a second segment header");
		if (there > 0 && f->kind == FRAME_RECORD) {
			uint64_t end = r->at + f->length;

			if (r->limit != BY_COMMIT_FRAMES || r->durable >= end)
				return 1;
			there = look_ahead(r, end, e);
			/* That may have moved what the frame pointed to. */
			return there > 0 ? segment_frame(&r->segment, r->at, f, e) : there;
		}
		if (there > 0) {
			if (f->durable > r->durable)
				r->durable = f->durable;
			r->at += f->length;
			continue;
		}
		there = there < 0 ? -1 : at_gap(r, e);
		if (there <= 0)
			return there;
	}
}

int journal_read_next(struct journal_reader *r, struct record *rec, struct err *e)
{
	struct frame f;
	int there;

	do {
		there = next_frame(r, &f, e);
		if (there <= 0)
			return there;
		if (progress_follow(&r->now, &f, rec, e) < 0)
			return err_wrap(e, "%s, offset %" PRIu64, r->segment.path, r->at);
		r->last_segment = r->segment.number;
		r->last_at = r->at;
		r->at += f.length;
	} while (rec->seq < r->wanted);
	return 1;
}

/* Verifying. */

/* The counts in `stop` are those of all records before it. */
static int check_stop(const struct record *rec, const struct record_counts *with_stop,
		      struct err *e)
{
	struct record_counts said = { 0 };
	struct span counts;
	int result = -1;

	if (!record_get(rec, "counts", &counts)) {
		err_set(e, ERR_CORRUPT, "stop has no counts");
	} else if (record_counts_get(&said, counts, e) == 0) {
		record_counts_add(&said, RECORD_STOP, rec->channel);
		result = record_counts_equal(&said, with_stop) ? 0 :
			err_set(e, ERR_CORRUPT, "the counts of stop are not those of the records before it");
	}
	record_counts_release(&said);
	return result;
}

static int verify_all(struct journal_reader *r, struct err *e)
{
	struct record rec;
	int more;

	while ((more = journal_read_next(r, &rec, e)) > 0)
		if (rec.kind == RECORD_STOP && check_stop(&rec, &r->now.counts, e) < 0)
			return err_wrap(e, "%s, offset %" PRIu64, r->segment.path, r->last_at);
	return more;
}

int journal_verify(const char *folder, struct journal_summary *s, struct err *e)
{
	struct journal_reader *r;
	int result;

	*s = (struct journal_summary){ 0 };
	if (journal_read_open(&r, folder, e) < 0)
		return -1;
	result = verify_all(r, e);
	memcpy(s->run, r->now.run, sizeof s->run);
	memcpy(s->head, r->now.head, HASH_SIZE);
	s->records = r->now.seq;
	s->bytes = r->bytes_before + r->at;
	s->segments = r->segment.number;
	s->stopped = progress_stopped(&r->now);
	s->counts = r->now.counts;
	r->now.counts = (struct record_counts){ 0 };
	journal_read_close(&r);
	return result;
}

void journal_summary_release(struct journal_summary *s)
{
	record_counts_release(&s->counts);
}
