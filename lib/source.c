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

static int too_long(const char *path, struct err *e)
{
	return err_set(e, ERR_CONFIG, "%s is longer than the %d MiB a file may have", path,
		       SOURCE_MAX >> 20);
}

int source_text(struct source *s, const char *path, const void *text, size_t n, struct err *e)
{
	uint8_t hash[HASH_SIZE];

	if (n > SOURCE_MAX)
		return too_long(path, e);
	hash_of(hash, text, n);
	*s = (struct source){ .path = mem_string(path), .text = mem_new(n + 1), .len = n };
	if (n)
		memcpy(s->text, text, n);
	hash_text(hash, s->sha256);
	return 0;
}

static int read_all(int fd, struct buf *b, const char *path, struct err *e)
{
	struct stat st;
	ssize_t got;

	if (fstat(fd, &st))
		return err_set(e, ERR_IO, "%s cannot be read: %s", path, strerror(errno));
	if (!S_ISREG(st.st_mode))
		return err_set(e, ERR_CONFIG, "%s is not a file", path);
	do {
		buf_reserve(b, 64 * 1024);
		got = read(fd, b->data + b->len, 64 * 1024);
		if (got > 0)
			b->len += (size_t)got;
		if (b->len > SOURCE_MAX)
			return too_long(path, e);
	} while (got > 0 || (got < 0 && errno == EINTR));
	if (got < 0)
		return err_set(e, ERR_IO, "%s cannot be read: %s", path, strerror(errno));
	return 0;
}

int source_load(struct source *s, const char *path, struct err *e)
{
	struct buf b = { 0 };
	/* Non-blocking: a FIFO put in a file's place must not hold us up. */
	int fd = open(path, O_RDONLY | O_CLOEXEC | O_NONBLOCK);
	int bad;

	if (fd < 0)
		return err_set(e, ERR_IO, "%s cannot be opened: %s", path, strerror(errno));
	bad = read_all(fd, &b, path, e);
	if (!bad)
		bad = source_text(s, path, b.data, b.len, e);
	close(fd);
	buf_release(&b);
	return bad;
}

void source_release(struct source *s)
{
	free(s->path);
	free(s->text);
	*s = (struct source){ 0 };
}
