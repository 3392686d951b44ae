/* SPDX-License-Identifier: GPL-3.0-or-later
 * source.c - a file as it was read (yaml.h): whole, bounded, with its hash. */
#include "yaml.h"

#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "hash.h"

/* The sentences of these do not name the file: a problem does so, and source_load. */
static int fill(struct source *s, const char *path, const void *text, size_t n, struct err *e)
{
	uint8_t hash[HASH_SIZE];

	if (n > SOURCE_MAX)
		return err_set(e, ERR_CONFIG, "longer than the %d MiB a file may have", SOURCE_MAX >> 20);
	hash_of(hash, text, n);
	*s = (struct source){ .path = mem_string(path), .text = mem_new(n + 1), .len = n };
	if (n)
		memcpy(s->text, text, n);
	hash_text(hash, s->sha256);
	return 0;
}

static int read_all(int fd, struct buf *b, struct err *e)
{
	struct stat st;
	ssize_t got;

	if (fstat(fd, &st))
		return err_set(e, ERR_IO, "cannot be read: %s", strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_CONFIG, "is not a file");
	do {
		buf_reserve(b, 64 * 1024);
		got = read(fd, b->data + b->len, 64 * 1024);
		if (got > 0)
			b->len += (size_t)got;
	} while (b->len <= SOURCE_MAX && (got > 0 || (got < 0 && errno == EINTR)));
	if (got < 0)
		return err_set(e, ERR_IO, "cannot be read: %s", strerror(errno));
	return 0;
}

static int load(struct source *s, const char *path, struct err *e)
{
	struct buf b = { 0 };
	/* Non-blocking: a FIFO put in a file's place must not hold us up. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int bad;

	if (fd < 0)
		return err_set(e, ERR_IO, "cannot be opened: %s", strerror(errno));
	bad = read_all(fd, &b, e);
	if (!bad)
		bad = fill(s, path, b.data, b.len, e);
	close(fd);
	buf_release(&b);
	return bad;
}

int source_load(struct source *s, const char *path, struct err *e)
{
	return load(s, path, e) ? err_wrap(e, "%s", path) : 0;
}

int source_text(struct source *s, const char *path, const void *text, size_t n, struct err *e)
{
	return fill(s, path, text, n, e) ? err_wrap(e, "%s", path) : 0;
}

static int tell(struct problems *ps, const char *path, const struct err *e)
{
	problem_add(ps, path, 0, 0, "%s", e->text);
	return -1;
}

int source_read(struct source *s, const char *path, struct problems *ps)
{
	struct err e;

	return load(s, path, &e) ? tell(ps, path, &e) : 0;
}

int source_given(struct source *s, const char *path, const void *text, size_t n, struct problems *ps)
{
	struct err e;

	return fill(s, path, text, n, &e) ? tell(ps, path, &e) : 0;
}

void source_release(struct source *s)
{
	free(s->path);
	free(s->text);
	*s = (struct source){ 0 };
}
