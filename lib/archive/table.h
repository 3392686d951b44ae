/* SPDX-License-Identifier: GPL-3.0-or-later
 * table.h - a group of columns of equal length, written row by row, kept chunk by chunk.
 *
 * What the columns are is a constant array; a column's number is its index there.  Rows
 * collect in memory until a chunk is whole, which is then written once.  A column that
 * never fills a chunk becomes a dataset of just its length. */
#ifndef TABLE_H
#define TABLE_H

#include "hdf.h"

enum column_kind {
	COLUMN_INT8, COLUMN_INT64, COLUMN_UINT64, COLUMN_FLOAT64, COLUMN_TEXT,
	COLUMN_BYTES,      /* NAME: all rows' bytes joined; NAME_offset: where each begins, and the end */
	COLUMN_FLOAT32S, COLUMN_FLOAT64S, COLUMN_INT16S, COLUMN_INT32S,   /* the same with numbers, little-endian */
	COLUMN_HASH,       /* 32 bytes to a row, not compressed */
};

#define EPOCH "1970-01-01T00:00:00Z"

struct column_spec {
	const char *name;
	enum column_kind kind;
	const char *units;             /* NULL: the table's */
	const char *meanings;          /* of 0, 1, 2 ...: becomes flag_values and flag_meanings */
	const char *start;             /* of times: what they count from */
	const char *long_name;
};

struct column;

struct table {
	struct hdf *h;
	hid_t group;
	const struct column_spec *specs;
	size_t n;
	struct column *columns;
	char *unit;
	uint64_t rows;
};

/* Opens a new group `name`; attributes may be added to t->group until table_close. */
void table_open(struct table *t, struct hdf *h, hid_t in, const char *name, const char *nx_class,
		const struct column_spec *specs, size_t n, const char *unit);

/* A row is one value for every column, in any order, and table_row. */
void table_int(struct table *t, size_t column, int64_t v);
void table_number(struct table *t, size_t column, double v);
void table_text(struct table *t, size_t column, const char *text);
void table_bytes(struct table *t, size_t column, const void *p, size_t n);    /* of numbers: their bytes */
void table_row(struct table *t);

void table_close(struct table *t);               /* writes what is left */
void table_drop(struct table *t);                /* forgets it, after a failure */

#endif
