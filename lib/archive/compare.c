/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "compare.h"

#include <inttypes.h>

/* Both values of one row, as text; the row is the first in which they differ. */
struct difference { size_t row; struct buf found, made; };

static void cell_text(struct buf *b, enum cell type, const char *at)
{
	double real;
	int64_t whole;

	buf_clear(b);
	if (type == CELL_TEXT) {
		json_text(b, *(char *const *)(const void *)at);
	} else if (type == CELL_FLOAT64) {
		memcpy(&real, at, sizeof real);
		buf_printf(b, "%.17g", real);
	} else {
		memcpy(&whole, at, sizeof whole);
		buf_printf(b, "%" PRId64, whole);
	}
}

static bool cell_equal(enum cell type, const char *a, const char *b)
{
	double x, y;

	if (type == CELL_TEXT)
		return !strcmp(*(char *const *)(const void *)a, *(char *const *)(const void *)b);
	if (type != CELL_FLOAT64)
		return !memcmp(a, b, hdf_size(type));
	memcpy(&x, a, sizeof x);
	memcpy(&y, b, sizeof y);
	return !memcmp(&x, &y, sizeof x) || (x != x && y != y);
}

static bool first_difference(struct difference *d, enum cell type, const char *found,
			     const char *made, size_t n)
{
	size_t size = hdf_size(type), i;

	for (i = 0; i < n; i++, found += size, made += size) {
		if (cell_equal(type, found, made))
			continue;
		d->row = i;
		cell_text(&d->found, type, found);
		cell_text(&d->made, type, made);
		return true;
	}
	return false;
}

/* Integers of any width are read as 64 bits; columns of one dimension and scalars only. */
static bool read_both(struct hdf *found, struct hdf *made, const char *path, struct difference *d)
{
	char *values[2] = { NULL, NULL };
	size_t n[2] = { 0, 0 };
	enum cell type[2];
	bool differ = false;

	type[0] = hdf_read_all(found, path, &values[0], &n[0]);
	type[1] = hdf_read_all(made, path, &values[1], &n[1]);
	if (type[0] == type[1] && type[0] != CELLS && n[0] == n[1])
		differ = first_difference(d, type[0], values[0], values[1], n[0]);
	hdf_free_all(type[0], values[0], n[0]);
	hdf_free_all(type[1], values[1], n[1]);
	return differ;
}

static void differs(struct hdf *found, struct hdf *made, const char *path, struct archive_report *r)
{
	struct difference d = { 0 };

	if (!strchr(path, '@') && read_both(found, made, path, &d))
		report_add(r, "%s, row %zu: the archive has %s, its records give %s", path, d.row,
			   d.found.data, d.made.data);
	else
		report_add(r, "%s is not what the records give", path);
	buf_release(&d.found);
	buf_release(&d.made);
}

void compare_parts(struct hdf *found, const struct digest *found_parts, struct hdf *made,
		   const struct digest *made_parts, struct archive_report *r)
{
	const struct digest_part *a = found_parts->parts, *a_end = a + found_parts->n;
	const struct digest_part *b = made_parts->parts, *b_end = b + made_parts->n;

	while (a < a_end || b < b_end) {
		int order = a == a_end ? 1 : b == b_end ? -1 : strcmp(a->path, b->path);

		if (order < 0)
			report_add(r, "%s is in the archive, but the records do not give it", a->path);
		else if (order > 0)
			report_add(r, "%s is missing", b->path);
		else if (memcmp(a->hash, b->hash, HASH_SIZE))
			differs(found, made, a->path, r);
		a += order <= 0;
		b += order >= 0;
	}
}
