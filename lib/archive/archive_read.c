/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "archive_read.h"

#include <inttypes.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "confine.h"
#include "hdf.h"
#include "stored.h"

/* What the child sends before each record, and at the end with the sentence of an error, if any. */
struct piece {
	uint32_t end;                   /* 0: a record; 1: the end; else 1 + the code of an error */
	uint32_t header, body;          /* lengths of what follows; the sentence counts as header */
};

struct archive_reader {
	char *path;
	FILE *in;
	pid_t pid;
	bool ended;
	struct buf data;
	struct hash *hash;
	uint64_t next;
	uint8_t prev[HASH_SIZE];
};

/* The child. */

static int send_records(int fd, struct stored *s, struct err *e)
{
	struct record r;
	int more;

	while ((more = stored_next(s, &r, e)) > 0) {
		struct piece p = { .header = (uint32_t)r.header.n, .body = (uint32_t)r.body_len };

		if (confine_write(fd, &p, sizeof p) < 0 ||
		    confine_write(fd, r.header.p, r.header.n) < 0 ||
		    confine_write(fd, r.body, r.body_len) < 0)
			_exit(0);
	}
	return more;
}

static void child(int fd, const char *path, const void *who)
{
	struct piece p = { .end = 1 };
	struct stored *s = NULL;
	struct err e = { 0 };
	struct hdf h;

	(void)who;
	if (hdf_open(&h, path, HDF_READ, &e) < 0 || stored_open(&s, &h, &e) < 0 ||
	    send_records(fd, s, &e) < 0) {
		p.end = 1 + (uint32_t)e.code;
		p.header = (uint32_t)strlen(e.text);
	}
	if (confine_write(fd, &p, sizeof p) == 0)
		confine_write(fd, e.text, p.header);
}

/* The parent. */

int archive_read_open(struct archive_reader **a, const char *path, struct err *e)
{
	pid_t pid;
	int fd = confine_start(path, child, NULL, &pid, e);

	*a = NULL;
	if (fd < 0)
		return -1;
	*a = mem_new(sizeof **a);
	(*a)->path = mem_string(path);
	(*a)->pid = pid;
	(*a)->in = fdopen(fd, "r");
	(*a)->hash = hash_new();
	return 0;
}

void archive_read_close(struct archive_reader **a)
{
	if (!*a)
		return;
	fclose((*a)->in);
	if (!(*a)->ended) {
		kill((*a)->pid, SIGKILL);
		confine_end((*a)->pid);
	}
	hash_free(&(*a)->hash);
	buf_release(&(*a)->data);
	free((*a)->path);
	free(*a);
	*a = NULL;
}

/* The child is gone without an end, or what it sent is no piece of ours. */
static int broken(struct archive_reader *a, struct err *e)
{
	const char *how = a->ended ? NULL : (kill(a->pid, SIGKILL), confine_end(a->pid));

	a->ended = true;
	return err_set(e, ERR_CORRUPT, "%s: %s", a->path,
		       how ? how : "reading the file came to no end");
}

static int take(struct archive_reader *a, size_t n)
{
	buf_clear(&a->data);
	buf_reserve(&a->data, n);
	if (fread(a->data.data, 1, n, a->in) != n)
		return -1;
	a->data.len = n;
	a->data.data[n] = '\0';
	return 0;
}

static int check(struct archive_reader *a, const struct record *r, struct err *e)
{
	if (r->seq != a->next || memcmp(r->prev, a->prev, HASH_SIZE))
		return err_set(e, ERR_CORRUPT,
			       "%s: record %" PRIu64 " does not chain to the one before it",
			       a->path, a->next);
	record_chain(a->hash, a->prev, r->prev, r->header, r->body, r->body_len);
	a->next++;
	return 1;
}

int archive_read_next(struct archive_reader *a, struct record *r, struct err *e)
{
	struct piece p;

	if (a->ended)
		return 0;
	if (fread(&p, sizeof p, 1, a->in) != 1 || p.header > RECORD_HEADER_MAX ||
	    p.body > RECORD_BODY_MAX || take(a, (size_t)p.header + p.body) < 0)
		return broken(a, e);
	if (p.end) {
		a->ended = true;
		confine_end(a->pid);
		if (p.end == 1)
			return 0;
		err_set(e, p.end <= ERR_CODES ? (enum err_code)(p.end - 1) : ERR_CORRUPT, "%s",
			a->data.data);
		return err_wrap(e, "%s", a->path);
	}
	if (record_decode(r, (struct span){ a->data.data, p.header }, a->data.data + p.header,
			  p.body, e) < 0)
		return err_wrap(e, "%s", a->path);
	return check(a, r, e);
}
