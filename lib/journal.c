/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "journal.h"

#include <assert.h>
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>

#include "io.h"
#include "journal_private.h"

#define BLOCK (1024 * 1024)
#define HEADER_ROOM 1024         /* more than the common members of a header ever take */

static const char zeros[64 * 1024];

int journal_die(struct journal *j, const char *path, const char *what, int error, struct err *e)
{
	err_set(&j->cause, ERR_IO, "%s: %s: %s; the journal takes nothing more", path, what,
		strerror(error));
	j->dead = true;
	*e = j->cause;
	return -1;
}

static int die(struct journal *j, const char *what, int error, struct err *e)
{
	return journal_die(j, j->segment.path, what, error, e);
}

static int alive(const struct journal *j, struct err *e)
{
	if (!j->dead)
		return 0;
	*e = j->cause;
	return -1;
}

bool journal_no_space(int error)
{
	return error == ENOSPC || error == EDQUOT;
}

int journal_write(int fd, const void *data, size_t n, uint64_t at)
{
	const char *p = data;

	while (n > 0) {
		ssize_t done = io->pwrite(fd, p, n, (off_t)at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done < 0 ? errno : EIO;
		p += done;
		at += (uint64_t)done;
		n -= (size_t)done;
	}
	return 0;
}

/* Space. */

int journal_zero(int fd, uint64_t *at, uint64_t to)
{
	while (*at < to) {
		size_t n = to - *at < sizeof zeros ? (size_t)(to - *at) : sizeof zeros;
		ssize_t done = io->pwrite(fd, zeros, n, (off_t)*at);

		if (done < 0 && errno == EINTR)
			continue;
		if (done <= 0)
			return done < 0 ? errno : EIO;
		*at += (uint64_t)done;
	}
	return 0;
}

/* Zeros written ahead make the sync of a small group cheap: it changes no metadata.  A large one
 * hardly notices that, but would be written twice: for it the space is only allocated. */
static int extend(struct journal *j, uint64_t to)
{
	if (j->group > j->options.ahead_bytes / 8 &&
	    io->allocate(j->segment.fd, (off_t)j->zeroed, (off_t)(to - j->zeroed)) == 0) {
		j->zeroed = to;
		return 0;
	}
	return journal_zero(j->segment.fd, &j->zeroed, to);
}

/* Whether the group may reach to this offset: an ordinary record leaves the reserve whole. */
static int make_room(struct journal *j, uint64_t to, enum journal_class c, struct err *e)
{
	uint64_t reserve = j->options.reserve_bytes;
	int error;

	if (j->zeroed >= to + reserve)
		return 0;
	error = extend(j, to + reserve + j->options.ahead_bytes);
	if (error && !journal_no_space(error))
		return die(j, "writing zeros ahead", error, e);
	if (j->zeroed >= to + (c == JOURNAL_ORDINARY ? reserve : 0))
		return 0;
	return err_set(e, ERR_FULL, "%s: no space for %s record: %s", j->segment.path,
		       c == JOURNAL_ORDINARY ? "another" : "a reserved", strerror(error));
}

/* A segment that has its size is left for the next one.  Without space for that it goes on:
 * its reserve is there, the next one's is not. */
static int rotate(struct journal *j, struct err *e)
{
	struct segment old = j->segment;
	uint64_t end = j->end;

	if (old.number == SEGMENT_LAST)
		return 0;
	if (journal_begin_segment(j, old.number + 1, e) < 0)
		return j->dead ? -1 : 0;
	if (io->ftruncate(old.fd, (off_t)end) < 0)
		journal_die(j, old.path, "trimming it", errno, e);
	segment_close(&old);
	return alive(j, e);
}

/* The group. */

static void clear_group(struct journal *j)
{
	for (size_t i = 0; i < j->blocks_n; i++)
		buf_clear(&j->blocks[i]);
	j->block = 0;
	j->group = 0;
	j->committed = false;
}

/* A block with room for n more bytes, that will not move for them. */
static struct buf *block_for(struct journal *j, size_t n)
{
	struct buf *b = j->blocks_n ? &j->blocks[j->block] : NULL;

	if (b && b->len > 0 && b->len + n < b->cap)
		return b;
	if (b && b->len > 0)
		j->block++;
	if (j->block == j->blocks_n) {
		j->blocks = mem_grow(j->blocks, j->blocks_n, sizeof *j->blocks);
		j->blocks[j->blocks_n++] = (struct buf){ 0 };
	}
	b = &j->blocks[j->block];
	buf_reserve(b, n > BLOCK ? n : BLOCK - 1);
	return b;
}

static void add_room(struct buf *b, size_t n)
{
	buf_reserve(b, n);
	b->len += n;
}

/* Before the first record of a group: the blocks are emptied, and a full segment is left. */
static int begin_group(struct journal *j, enum journal_class c, struct err *e)
{
	if (j->committed)
		clear_group(j);
	if (j->group > 0 || j->end < j->options.segment_bytes || c == JOURNAL_RESERVED)
		return 0;
	return rotate(j, e);
}

static void hand_out(const struct journal *j, const struct draft *d, uint64_t nth, const struct buf *b,
		     size_t start, size_t header_len, struct record *at)
{
	at->seq = j->now.seq;
	at->nth = nth;
	at->kind = d->kind;
	memcpy(at->run, j->now.run, sizeof at->run);
	memcpy(at->channel, d->channel, strlen(d->channel) + 1);   /* record_encode has measured it */
	at->utc_ns = d->utc_ns;
	at->mono_ns = d->mono_ns;
	memcpy(at->boot, instant_boot(), sizeof at->boot);
	memcpy(at->prev, j->now.head, HASH_SIZE);
	at->header = (struct span){ b->data + start + FRAME_PREFIX, header_len };
	at->body = at->header.p + header_len;
	at->body_len = d->body_len;
}

/* Writes the frame behind what is in the block; its length, or 0 with the error. */
static size_t put_frame(struct journal *j, struct buf *b, const struct draft *d, uint64_t nth,
			size_t *header_len, struct err *e)
{
	size_t start = b->len;

	add_room(b, FRAME_PREFIX);
	if (record_encode(b, j->now.run, j->now.seq, nth, j->now.head, d, e) < 0)
		return 0;
	*header_len = b->len - start - FRAME_PREFIX;
	buf_add(b, d->body, d->body_len);
	add_room(b, 4);
	return b->len - start;
}

int journal_append(struct journal *j, const struct draft *d, enum journal_class c,
		   struct record *at, struct err *e)
{
	uint64_t nth = record_counts_next(&j->now.counts, d->channel);
	size_t header_len, start, room, length, opening;
	struct buf *b;
	char *data;

	if (alive(j, e) < 0)
		return -1;
	if (progress_stopped(&j->now))
		return err_set(e, ERR_STATE, "run %s has its stop record: nothing follows it", j->now.run);
	if (begin_group(j, c, e) < 0)
		return -1;
	room = FRAME_COMMIT_BYTES + FRAME_EXTRA + HEADER_ROOM + d->keys_len + d->body_len;
	b = block_for(j, room);
	data = b->data;
	opening = j->group == 0 ? FRAME_COMMIT_BYTES : 0;
	start = b->len + opening;
	add_room(b, opening);
	length = put_frame(j, b, d, nth, &header_len, e);
	assert(b->data == data);
	if (length == 0 || make_room(j, j->end + j->group + opening + length, c, e) < 0) {
		b->len = start - opening;
		return -1;
	}
	frame_seal(b->data + start, FRAME_RECORD, header_len, d->body_len, j->segment.number,
		   j->end + j->group + opening);
	if (at)
		hand_out(j, d, nth, b, start, header_len, at);
	progress_add(&j->now, d->kind, d->channel,
		     (struct span){ b->data + start + FRAME_PREFIX, header_len },
		     (struct span){ b->data + start + FRAME_PREFIX + header_len, d->body_len });
	j->group += opening + length;
	return 0;
}

static int write_group(struct journal *j)
{
	uint64_t at = j->end;
	int error = 0;

	for (size_t i = 0; i <= j->block && !error; i++) {
		error = journal_write(j->segment.fd, j->blocks[i].data, j->blocks[i].len, at);
		at += j->blocks[i].len;
	}
	return error;
}

/* A file system may want new space even for zeroed one.  The group is refused as a whole: what
 * got there of it is zeroed again, so that it can never be taken for records. */
static int take_back(struct journal *j, int cause, struct err *e)
{
	uint64_t at = j->end;
	int error = journal_zero(j->segment.fd, &at, j->end + j->group);

	if (!error && io->fdatasync(j->segment.fd) < 0)
		error = errno;
	if (error)
		return die(j, "taking back a group that did not fit", error, e);
	err_set(e, ERR_FULL, "%s: no space for %zu bytes of records: %s", j->segment.path, j->group,
		strerror(cause));
	journal_discard(j);
	return -1;
}

int journal_commit(struct journal *j, struct err *e)
{
	int error;

	if (alive(j, e) < 0)
		return -1;
	if (journal_pending(j) == 0)
		return 0;
	frame_put_commit(j->blocks[0].data, j->segment.number, j->end, j->end);
	error = write_group(j);
	if (journal_no_space(error))
		return take_back(j, error, e);
	if (error)
		return die(j, "writing records", error, e);
	if (io->fdatasync(j->segment.fd) < 0)
		return die(j, "fdatasync", errno, e);
	j->shown = j->end;
	j->end += j->group;
	j->acknowledged = j->now.seq;
	memcpy(j->durable_head, j->now.head, HASH_SIZE);
	j->group = 0;
	j->committed = true;
	return 0;
}

/* Takes the pending records out of the counts again, reading them where they lie. */
static void uncount(struct journal *j)
{
	struct record r;
	struct err e;

	for (size_t i = 0; i <= j->block; i++) {
		const struct buf *b = &j->blocks[i];

		for (size_t at = i ? 0 : FRAME_COMMIT_BYTES; at < b->len;) {
			size_t header, body;

			frame_lengths(b->data + at, &header, &body);
			if (record_decode(&r, (struct span){ b->data + at + FRAME_PREFIX, header }, NULL, 0, &e) == 0)
				record_counts_take(&j->now.counts, r.kind, r.channel);
			at += FRAME_EXTRA + header + body;
		}
	}
}

void journal_discard(struct journal *j)
{
	if (journal_pending(j) == 0)
		return;
	uncount(j);
	j->now.seq = j->acknowledged;
	memcpy(j->now.head, j->durable_head, HASH_SIZE);
	clear_group(j);
}

size_t journal_pending(const struct journal *j)
{
	return j->group;
}

uint64_t journal_next_seq(const struct journal *j)
{
	return j->now.seq;
}

uint64_t journal_acknowledged(const struct journal *j)
{
	return j->acknowledged;
}

const struct record_counts *journal_counts(const struct journal *j)
{
	return &j->now.counts;
}

const uint8_t *journal_head(const struct journal *j)
{
	return j->now.head;
}

const char *journal_run(const struct journal *j)
{
	return j->now.run;
}

/* A last commit frame shows readers that all is durable; what was zeroed ahead is given back.
 * Should this fail, the journal is as after a crash: recovery takes care of it. */
static void finish(struct journal *j)
{
	char commit[FRAME_COMMIT_BYTES];
	uint64_t end = j->end;

	if (j->shown != end - FRAME_COMMIT_BYTES) {
		frame_put_commit(commit, j->segment.number, end, end);
		if (journal_write(j->segment.fd, commit, sizeof commit, end))
			return;
		end += sizeof commit;
	}
	if (io->ftruncate(j->segment.fd, (off_t)end) == 0)
		io->fdatasync(j->segment.fd);
}

void journal_close(struct journal **p)
{
	struct journal *j = *p;

	if (!j)
		return;
	if (j->segment.path && !j->dead)
		finish(j);
	segment_close(&j->segment);
	if (j->lock >= 0)
		io->close(j->lock);
	for (size_t i = 0; i < j->blocks_n; i++)
		buf_release(&j->blocks[i]);
	free(j->blocks);
	progress_release(&j->now);
	free(j->folder);
	free(j);
	*p = NULL;
}
