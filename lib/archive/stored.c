/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stored.h"

#define BATCH 256                      /* records read at a time; their bytes are bounded with them */

/* Bytes of many rows joined, and where each begins. */
struct joined {
	const char *name;
	size_t most;                   /* bytes of one row */
	hid_t bytes, offsets;
	size_t total;                  /* bytes in the dataset */
	uint64_t at[BATCH + 1];        /* of the batch in hand */
	char *data;
};

struct stored {
	struct hdf *h;
	size_t count, next;            /* records, and the one to give next */
	size_t first, held;            /* the batch in hand */
	struct joined header, body;
	hid_t prev;
	uint8_t prevs[BATCH][HASH_SIZE];
	struct buf whole;
};

static int joined_open(struct stored *s, struct joined *j, const char *name, size_t most,
		       size_t *rows, struct err *e)
{
	char *path = mem_format("/entry/record/%s", name), *offsets = mem_format("%s_offset", path);
	size_t n = 0;

	*j = (struct joined){ .name = name, .most = most };
	j->bytes = hdf_open_rows(s->h, path, CELL_UINT8, 1, &j->total);
	j->offsets = hdf_open_rows(s->h, offsets, CELL_UINT64, 1, &n);
	free(path);
	free(offsets);
	if (j->bytes < 0 || j->offsets < 0 || n == 0)
		return err_set(e, ERR_CORRUPT, "the stored records have no %s", name);
	*rows = n - 1;
	return 0;
}

static void joined_close(struct joined *j)
{
	if (j->bytes > 0)
		H5Dclose(j->bytes);
	if (j->offsets > 0)
		H5Dclose(j->offsets);
	free(j->data);
}

/* Offsets are foreign numbers: each row must lie within the data and be of a possible length. */
static int joined_read(struct stored *s, struct joined *j, size_t first, size_t n, struct err *e)
{
	size_t i;

	if (hdf_read_rows(s->h, j->offsets, CELL_UINT64, 1, first, n + 1, j->at) < 0)
		return hdf_err(e, "/entry/record/%s_offset cannot be read", j->name);
	for (i = 0; i < n; i++)
		if (j->at[i + 1] < j->at[i] || j->at[i + 1] > j->total ||
		    j->at[i + 1] - j->at[i] > j->most)
			return err_set(e, ERR_CORRUPT,
				       "the %s of record %zu has no possible length", j->name, first + i);
	j->data = mem_resize(j->data, j->at[n] - j->at[0] + 1, 1);
	if (hdf_read_rows(s->h, j->bytes, CELL_UINT8, 1, j->at[0], j->at[n] - j->at[0], j->data) < 0)
		return hdf_err(e, "/entry/record/%s cannot be read", j->name);
	return 0;
}

static struct span joined_row(const struct joined *j, size_t i)
{
	return (struct span){ j->data + (j->at[i] - j->at[0]), j->at[i + 1] - j->at[i] };
}

int stored_open(struct stored **sp, struct hdf *h, struct err *e)
{
	struct stored *s = mem_new(sizeof *s);
	size_t bodies = 0, prevs = 0;

	s->h = h;
	*sp = s;
	if (joined_open(s, &s->header, "header", RECORD_HEADER_MAX, &s->count, e) < 0 ||
	    joined_open(s, &s->body, "body", RECORD_BODY_MAX, &bodies, e) < 0)
		return -1;
	s->prev = hdf_open_rows(h, "/entry/record/prev", CELL_UINT8, HASH_SIZE, &prevs);
	if (s->prev < 0 || bodies != s->count || prevs != s->count)
		return err_set(e, ERR_CORRUPT,
			       "the stored records have %zu headers, %zu bodies and %zu hashes",
			       s->count, bodies, prevs);
	return 0;
}

uint64_t stored_count(const struct stored *s)
{
	return s->count;
}

static int read_batch(struct stored *s, struct err *e)
{
	size_t left = s->count - s->next;

	s->first = s->next;
	s->held = left < BATCH ? left : BATCH;
	if (joined_read(s, &s->header, s->first, s->held, e) < 0 ||
	    joined_read(s, &s->body, s->first, s->held, e) < 0)
		return -1;
	if (hdf_read_rows(s->h, s->prev, CELL_UINT8, HASH_SIZE, s->first, s->held, s->prevs) < 0)
		return hdf_err(e, "/entry/record/prev cannot be read");
	return 0;
}

/* prev comes before all members of the kind, and within a string its quotes would be escaped:
 * the first place where it stands empty is the right one. */
static int put_together(struct stored *s, size_t i, struct err *e)
{
	static const char empty[] = "\"prev\":\"\"";
	struct span header = joined_row(&s->header, i);
	const char *at = memmem(header.p, header.n, empty, sizeof empty - 1);
	char digits[HASH_TEXT];

	if (!at)
		return err_set(e, ERR_CORRUPT, "the header of record %zu has no empty prev",
			       s->first + i);
	at += sizeof empty - 2;
	buf_clear(&s->whole);
	buf_add(&s->whole, header.p, (size_t)(at - header.p));
	buf_puts(&s->whole, hash_text(s->prevs[i], digits));
	buf_add(&s->whole, at, (size_t)(header.p + header.n - at));
	return 0;
}

int stored_next(struct stored *s, struct record *r, struct err *e)
{
	struct span body;
	size_t i;

	if (s->next == s->count)
		return 0;
	if (s->next == s->first + s->held && read_batch(s, e) < 0)
		return -1;
	i = s->next++ - s->first;
	if (put_together(s, i, e) < 0)
		return -1;
	body = joined_row(&s->body, i);
	if (record_decode(r, (struct span){ s->whole.data, s->whole.len }, body.p, body.n, e) < 0)
		return err_wrap(e, "record %zu", s->first + i);
	return 1;
}

void stored_close(struct stored **sp)
{
	struct stored *s = *sp;

	if (!s)
		return;
	joined_close(&s->header);
	joined_close(&s->body);
	if (s->prev > 0)
		H5Dclose(s->prev);
	buf_release(&s->whole);
	free(s);
	*sp = NULL;
}
