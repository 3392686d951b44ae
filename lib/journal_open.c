/* SPDX-License-Identifier: GPL-3.0-or-later
 * journal_open.c - creating a journal, and finding out where an existing one ends. */
#include <errno.h>
#include <fcntl.h>
#include <inttypes.h>
#include <sys/file.h>

#include "io.h"
#include "journal_private.h"

static struct journal *new_journal(const char *folder, const struct journal_options *o)
{
	struct journal *j = mem_new(sizeof *j);

	j->folder = mem_string(folder);
	j->lock = -1;
	j->segment.fd = -1;
	if (o)
		j->options = *o;
	if (!j->options.segment_bytes)
		j->options.segment_bytes = 64 << 20;
	if (!j->options.reserve_bytes)
		j->options.reserve_bytes = 256 << 10;
	if (!j->options.ahead_bytes)
		j->options.ahead_bytes = 1 << 20;
	return j;
}

/* After a failure nothing more is written: what is there is for recovery. */
static int give_up(struct journal **j)
{
	(*j)->dead = true;
	journal_close(j);
	return -1;
}

static int system_error(const char *path, struct err *e)
{
	return err_set(e, journal_no_space(errno) ? ERR_FULL : ERR_IO, "%s: %s", path, strerror(errno));
}

static int take_lock(struct journal *j, struct err *e)
{
	char *path = mem_format("%s/lock", j->folder);
	int result = 0;

	j->lock = io->open(path, O_RDWR | O_CREAT, 0640);
	if (j->lock < 0)
		result = system_error(path, e);
	else if (flock(j->lock, LOCK_EX | LOCK_NB) < 0)
		result = errno != EWOULDBLOCK ? system_error(path, e) :
			 err_set(e, ERR_STATE, "the journal in %s is already open for appending: "
				 "somebody holds %s", j->folder, path);
	free(path);
	return result;
}

int journal_sync_folder(const char *folder)
{
	int fd = io->open(folder, O_RDONLY | O_DIRECTORY, 0);
	int error = 0;

	if (fd < 0)
		return errno;
	if (io->fsync(fd) < 0)
		error = errno;
	io->close(fd);
	return error;
}

/* Beginning a segment. */

/* The first frame, and zeros behind it; *end is the end of the frame.  0 or errno. */
static int write_opening(const struct journal *j, const struct segment *s, uint64_t *end,
			 uint64_t *zeroed)
{
	uint64_t reserve = j->options.reserve_bytes;
	struct buf b = { 0 };
	int error;

	buf_reserve(&b, FRAME_PREFIX);
	b.len = FRAME_PREFIX;
	progress_put(&j->now, s->number, &b);
	buf_reserve(&b, 4);
	b.len += 4;
	frame_seal(b.data, FRAME_SEGMENT, b.len - FRAME_EXTRA, 0, s->number, 0);
	*end = b.len;
	*zeroed = 0;
	error = journal_zero(s->fd, zeroed, *end + reserve + j->options.ahead_bytes);
	if (journal_no_space(error) && *zeroed >= *end + reserve)
		error = 0;
	if (!error)
		error = journal_write(s->fd, b.data, b.len, 0);
	buf_release(&b);
	return error;
}

/* Removes what began but found no space.  It must not come back after a crash, beside what is
 * then appended to the segment before. */
static int unbegin(struct journal *j, const struct segment *s, int cause, struct err *e)
{
	int error = io->unlink(s->path) < 0 ? errno : journal_sync_folder(j->folder);

	if (error)
		return journal_die(j, s->path, "removing it", error, e);
	return err_set(e, ERR_FULL, "%s: %s", s->path, strerror(cause));
}

int journal_begin_segment(struct journal *j, unsigned number, struct err *e)
{
	int opened, error;
	uint64_t end, zeroed;
	struct segment next;

	opened = segment_open(&next, j->folder, number, O_RDWR | O_CREAT | O_TRUNC, e);
	if (opened < 0 && e->code == ERR_FULL)
		return -1;
	if (opened <= 0)
		return journal_die(j, j->folder, "making a segment", errno, e);
	error = write_opening(j, &next, &end, &zeroed);
	if (journal_no_space(error)) {
		unbegin(j, &next, error, e);
		goto failed;
	}
	if (!error && io->fsync(next.fd) < 0)
		error = errno;
	if (!error)
		error = journal_sync_folder(j->folder);
	if (error) {
		journal_die(j, next.path, "beginning it", error, e);
		goto failed;
	}
	j->segment = next;
	j->end = end;
	j->zeroed = zeroed;
	j->shown = 0;
	return 0;
failed:
	segment_close(&next);
	return -1;
}

/* Creating. */

/* 1 if a journal was begun here and something in it may have been acknowledged. */
static int holds_journal(const struct journal *j, struct err *e)
{
	struct segment s;
	struct frame f;
	unsigned last;
	int there;

	if (segment_find_last(j->folder, &last, e) < 0)
		return -1;
	if (last != 1)
		return last > 1;
	if (segment_open(&s, j->folder, 1, O_RDONLY, e) <= 0)
		return -1;
	there = segment_frame(&s, 0, &f, e);
	if (there == 0)
		there = segment_promises(&s, 0, e);
	segment_close(&s);
	return there;
}

/* The folder's own entry must be durable too. */
static int make_folder(const char *folder, struct err *e)
{
	char *parent;
	size_t n = strlen(folder);
	int error;

	if (io->mkdir(folder, 0750) < 0 && errno != EEXIST)
		return system_error(folder, e);
	while (n > 1 && folder[n - 1] == '/')
		n--;
	while (n > 0 && folder[n - 1] != '/')
		n--;
	parent = n ? mem_stringn(folder, n) : mem_string(".");
	error = journal_sync_folder(parent);
	if (error)
		err_set(e, ERR_IO, "%s: %s", parent, strerror(error));
	free(parent);
	return error ? -1 : 0;
}

int journal_create(struct journal **p, const char *folder, const char *run,
		   const struct journal_options *o, struct err *e)
{
	struct journal *j;
	int there;

	*p = NULL;
	if (!*run || strlen(run) >= RUN_NAME)
		return err_set(e, ERR_CONFIG, "'%.80s' cannot be the name of a run", run);
	if (make_folder(folder, e) < 0)
		return -1;
	j = *p = new_journal(folder, o);
	progress_init(&j->now, run);
	if (take_lock(j, e) < 0)
		return give_up(p);
	there = holds_journal(j, e);
	if (there > 0)
		err_set(e, ERR_STATE, "%s already holds a journal", folder);
	if (there || journal_begin_segment(j, 1, e) < 0)
		return give_up(p);
	return 0;
}

/* Recovering. */

/* Opens a segment and makes sure that what will be read is what the disk holds: a failed write
 * of an earlier process may have left other pages in the cache. */
static int open_for_recovery(struct journal *j, unsigned number, struct err *e)
{
	int opened = segment_open(&j->segment, j->folder, number, O_RDWR, e);

	if (opened < 0)
		return -1;
	if (opened == 0)
		return err_set(e, ERR_IO, "%s/%06u: %s", j->folder, number, strerror(errno));
	if (io->fdatasync(j->segment.fd) < 0 || io->drop_cache(j->segment.fd) < 0)
		return system_error(j->segment.path, e);
	return 0;
}

/* Reads the first frame of the segment: 1, 0 if it never became durable, -1. */
static int read_opening(struct journal *j, struct err *e)
{
	struct segment *s = &j->segment;
	struct frame f;
	int there = segment_frame(s, 0, &f, e);

	if (there < 0)
		return -1;
	if (there) {
		j->end = f.length;
		if (f.kind != FRAME_SEGMENT)
			return segment_corrupt(s, 0, e, "its first frame is none that opens a segment");
		return progress_get(&j->now, s->number, f.header, e) < 0 ? err_wrap(e, "%s", s->path) : 1;
	}
	there = segment_promises(s, 0, e);
	if (there > 0)
		return segment_corrupt(s, 0, e, "its first frame is damaged, and it was durable");
	return there;
}

/* The newest segment may be one that a crash left half begun: then nothing was acknowledged in
 * it and the journal ends in the one before. */
static int find_end(struct journal *j, struct err *e)
{
	unsigned last;
	int there, error;

	if (segment_find_last(j->folder, &last, e) < 0)
		return -1;
	if (last == 0)
		return err_set(e, ERR_STATE, "%s holds no journal", j->folder);
	if (open_for_recovery(j, last, e) < 0)
		return -1;
	there = read_opening(j, e);
	if (there)
		return there < 0 ? -1 : 0;
	if (last == 1)
		return err_set(e, ERR_STATE, "%s holds no journal: its making was never finished", j->folder);
	error = io->unlink(j->segment.path) < 0 ? errno : journal_sync_folder(j->folder);
	if (error)
		return err_set(e, ERR_IO, "%s: removing it: %s", j->segment.path, strerror(error));
	segment_close(&j->segment);
	if (open_for_recovery(j, last - 1, e) < 0)
		return -1;
	there = read_opening(j, e);
	return there ? (there < 0 ? -1 : 0) :
		segment_corrupt(&j->segment, 0, e, "its first frame is damaged");
}

/* Walks the frames of the last segment to the first that is not whole. */
static int walk(struct journal *j, struct err *e)
{
	struct segment *s = &j->segment;
	struct record r;
	struct frame f;
	int more;

	while ((more = segment_frame(s, j->end, &f, e)) > 0) {
		if (f.kind == FRAME_SEGMENT)
			return segment_corrupt(s, j->end, e, "a second segment header");
		if (f.kind == FRAME_COMMIT)
			j->shown = f.durable;
		else if (progress_follow(&j->now, &f, &r, e) < 0)
			return err_wrap(e, "%s, offset %" PRIu64, s->path, j->end);
		j->end += f.length;
	}
	return more;
}

/* Zeros everything behind the last whole frame, in place: what was there can never be taken
 * for frames later, and the space that the reserve had stays ours on a full disk. */
static int cut(struct journal *j, struct err *e)
{
	struct segment *s = &j->segment;
	uint64_t wanted = j->end + j->options.reserve_bytes + j->options.ahead_bytes;
	struct stat st;
	int error;

	if (io->fstat(s->fd, &st) < 0)
		return system_error(s->path, e);
	if ((uint64_t)st.st_size > wanted && io->ftruncate(s->fd, (off_t)wanted) < 0)
		return system_error(s->path, e);
	j->zeroed = j->end;
	error = journal_zero(s->fd, &j->zeroed, wanted);
	if (error && !(journal_no_space(error) && j->zeroed >= (uint64_t)st.st_size))
		return err_set(e, ERR_IO, "%s: %s", s->path, strerror(error));
	if (io->fsync(s->fd) < 0)
		return system_error(s->path, e);
	error = journal_sync_folder(j->folder);
	return error ? err_set(e, ERR_IO, "%s: %s", j->folder, strerror(error)) : 0;
}

static int recover(struct journal *j, struct journal_recovery *found, struct err *e)
{
	struct segment *s = &j->segment;
	uint64_t used;
	int promised;

	if (walk(j, e) < 0)
		return -1;
	promised = segment_promises(s, j->end, e);
	if (promised > 0)
		return segment_corrupt(s, j->end, e, "damaged, and it was durable");
	if (promised < 0 || segment_used(s, j->end, &used, e) < 0 || cut(j, e) < 0)
		return -1;
	buf_release(&s->window);
	j->acknowledged = j->now.seq;
	memcpy(j->durable_head, j->now.head, HASH_SIZE);
	*found = (struct journal_recovery){
		.records = j->now.seq, .cut_bytes = used - j->end, .stopped = progress_stopped(&j->now),
	};
	return 0;
}

int journal_open(struct journal **p, const char *folder, const struct journal_options *o,
		 struct journal_recovery *found, struct err *e)
{
	struct journal *j = *p = new_journal(folder, o);

	progress_init(&j->now, "");
	if (take_lock(j, e) < 0 || find_end(j, e) < 0 || recover(j, found, e) < 0)
		return give_up(p);
	return 0;
}
