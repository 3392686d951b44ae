/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "segment.h"

#include <dirent.h>
#include <errno.h>
#include <inttypes.h>

#include "hash.h"
#include "io.h"
#include "record.h"

#define WINDOW (64 * 1024)

static const char magic[FRAME_KINDS][4] = {
	[FRAME_RECORD] = { 'E', 'T', 'R', '1' },
	[FRAME_COMMIT] = { 'E', 'T', 'C', '1' },
	[FRAME_SEGMENT] = { 'E', 'T', 'S', '1' },
};

static const struct {
	size_t header_min, header_max, body_max;
} limits[FRAME_KINDS] = {
	[FRAME_RECORD] = { 2, RECORD_HEADER_MAX, RECORD_BODY_MAX },
	[FRAME_COMMIT] = { 8, 8, 0 },
	[FRAME_SEGMENT] = { 2, SEGMENT_HEADER_MAX, 0 },
};

static void put_le(char *p, uint64_t v, int bytes)
{
	for (int i = 0; i < bytes; i++)
		p[i] = (char)(v >> 8 * i);
}

static uint64_t get_le(const char *p, int bytes)
{
	uint64_t v = 0;

	for (int i = bytes; i-- > 0;)
		v = v << 8 | (unsigned char)p[i];
	return v;
}

void frame_seal(char *frame, enum frame_kind kind, size_t header_len, size_t body_len,
		unsigned segment, uint64_t offset)
{
	size_t n = header_len + body_len;

	memcpy(frame, magic[kind], 4);
	put_le(frame + 4, header_len, 4);
	put_le(frame + 8, body_len, 4);
	put_le(frame + 12, segment, 4);
	put_le(frame + 16, offset, 8);
	put_le(frame + 24, crc32c(0, frame, 24), 4);
	put_le(frame + FRAME_PREFIX + n, crc32c(0, frame + FRAME_PREFIX, n), 4);
}

void frame_lengths(const char *frame, size_t *header, size_t *body)
{
	*header = get_le(frame + 4, 4);
	*body = get_le(frame + 8, 4);
}

void frame_put_commit(char *frame, unsigned segment, uint64_t offset, uint64_t durable)
{
	put_le(frame + FRAME_PREFIX, durable, 8);
	frame_seal(frame, FRAME_COMMIT, 8, 0, segment, offset);
}

/* Files. */

/* The number in a segment's name, 0 if it is no such name. */
static unsigned number_of(const char *name)
{
	unsigned n = 0;

	if (strlen(name) != 6 || strspn(name, "0123456789") != 6)
		return 0;
	for (; *name; name++)
		n = n * 10 + (unsigned)(*name - '0');
	return n;
}

int segment_find_last(const char *folder, unsigned *last, struct err *e)
{
	DIR *d = opendir(folder);
	unsigned count = 0, number;
	struct dirent *entry;

	*last = 0;
	if (!d)
		return err_set(e, ERR_IO, "%s: %s", folder, strerror(errno));
	while ((entry = readdir(d))) {
		number = number_of(entry->d_name);
		count += number > 0;
		if (number > *last)
			*last = number;
	}
	closedir(d);
	if (count != *last)
		return err_set(e, ERR_CORRUPT, "%s: %u of the segments 000001 to %06u are missing",
			       folder, *last - count, *last);
	return 0;
}

int segment_open(struct segment *s, const char *folder, unsigned number, int flags, struct err *e)
{
	char *path = mem_format("%s/%06u", folder, number);
	int fd = io->open(path, flags, 0640), error = errno;

	*s = (struct segment){ .fd = fd, .number = number, .path = fd < 0 ? NULL : path };
	if (fd >= 0)
		return 1;
	if (error != ENOENT)
		err_set(e, error == ENOSPC || error == EDQUOT ? ERR_FULL : ERR_IO, "%s: %s", path,
			strerror(error));
	free(path);
	errno = error;
	return error == ENOENT ? 0 : -1;
}

void segment_close(struct segment *s)
{
	if (!s->path)
		return;
	io->close(s->fd);
	free(s->path);
	buf_release(&s->window);
	*s = (struct segment){ .fd = -1 };
}

void segment_forget(struct segment *s)
{
	buf_clear(&s->window);
}

int segment_corrupt(const struct segment *s, uint64_t at, struct err *e, const char *what)
{
	return err_set(e, ERR_CORRUPT, "%s, offset %" PRIu64 ": %s", s->path, at, what);
}

/* Reads on until n bytes are there or the file ends. */
static int fill(struct segment *s, uint64_t at, size_t n, struct err *e)
{
	buf_clear(&s->window);
	buf_reserve(&s->window, n > WINDOW ? n : WINDOW);
	s->window_at = at;
	while (s->window.len < n) {
		ssize_t got = io->pread(s->fd, s->window.data + s->window.len,
					s->window.cap - 1 - s->window.len, (off_t)(at + s->window.len));

		if (got < 0 && errno == EINTR)
			continue;
		if (got < 0)
			return err_set(e, ERR_IO, "%s, offset %" PRIu64 ": %s", s->path, at, strerror(errno));
		if (got == 0)
			break;
		s->window.len += (size_t)got;
	}
	return 0;
}

/* What lies at this offset: n bytes or more, fewer only at the end of the file. */
static int look(struct segment *s, uint64_t at, size_t n, struct span *got, struct err *e)
{
	uint64_t from = s->window_at;

	if (at < from || at + n > from + s->window.len) {
		if (fill(s, at, n, e) < 0)
			return -1;
		from = at;
	}
	*got = (struct span){ s->window.data + (at - from), s->window.len - (size_t)(at - from) };
	return 0;
}

/* Frames. */

static bool take_prefix(struct frame *f, const char *p, unsigned segment, uint64_t at)
{
	int kind = FRAME_KINDS;
	size_t header, body;

	frame_lengths(p, &header, &body);
	while (kind-- > 0 && memcmp(p, magic[kind], 4))
		;
	if (kind < 0 || get_le(p + 24, 4) != crc32c(0, p, 24) ||
	    get_le(p + 12, 4) != segment || get_le(p + 16, 8) != at ||
	    header < limits[kind].header_min || header > limits[kind].header_max ||
	    body > limits[kind].body_max)
		return false;
	f->kind = (enum frame_kind)kind;
	f->header.n = header;
	f->body.n = body;
	f->length = FRAME_EXTRA + header + body;
	return true;
}

int segment_frame(struct segment *s, uint64_t at, struct frame *f, struct err *e)
{
	struct span got;
	size_t n;

	if (look(s, at, FRAME_PREFIX, &got, e) < 0)
		return -1;
	if (got.n < FRAME_PREFIX || !take_prefix(f, got.p, s->number, at))
		return 0;
	if (look(s, at, f->length, &got, e) < 0)
		return -1;
	n = f->header.n + f->body.n;
	if (got.n < f->length || get_le(got.p + FRAME_PREFIX + n, 4) != crc32c(0, got.p + FRAME_PREFIX, n))
		return 0;
	f->header.p = got.p + FRAME_PREFIX;
	f->body.p = f->header.p + f->header.n;
	f->durable = f->kind == FRAME_COMMIT ? get_le(f->header.p, 8) : 0;
	return f->durable <= at;
}

int segment_promises(struct segment *s, uint64_t at, struct err *e)
{
	for (uint64_t from = at;;) {
		struct span got;
		const char *hit;
		struct frame f;
		int there;

		if (look(s, from, FRAME_COMMIT_BYTES, &got, e) < 0)
			return -1;
		if (got.n < FRAME_COMMIT_BYTES)
			return 0;
		hit = memmem(got.p, got.n, magic[FRAME_COMMIT], 4);
		if (!hit) {
			from += got.n - 3;
			continue;
		}
		from += (uint64_t)(hit - got.p);
		there = segment_frame(s, from, &f, e);
		if (there < 0 || (there && f.durable > at))
			return there;
		from++;
	}
}

int segment_used(struct segment *s, uint64_t at, uint64_t *end, struct err *e)
{
	struct span got;

	for (*end = at; ; at += got.n) {
		if (look(s, at, 1, &got, e) < 0)
			return -1;
		if (got.n == 0)
			return 0;
		for (size_t n = got.n; n > 0; n--) {
			if (got.p[n - 1]) {
				*end = at + n;
				break;
			}
		}
	}
}
