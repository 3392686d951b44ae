/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "table.h"

#include <assert.h>

#include "hash.h"

#define CHUNK_BYTES  ((size_t)64 << 10)
#define CHUNK_JOINED ((size_t)512 << 10)         /* below the megabyte readers cache */
#define CHUNK_TEXTS  ((size_t)4096)

static const enum cell cells[] = {
	[COLUMN_INT8] = CELL_INT8,       [COLUMN_INT64] = CELL_INT64,
	[COLUMN_UINT64] = CELL_UINT64,   [COLUMN_FLOAT64] = CELL_FLOAT64,
	[COLUMN_TEXT] = CELL_TEXT,       [COLUMN_BYTES] = CELL_UINT8, [COLUMN_HASH] = CELL_UINT8,
	[COLUMN_FLOAT32S] = CELL_FLOAT32, [COLUMN_FLOAT64S] = CELL_FLOAT64,
	[COLUMN_INT16S] = CELL_INT16,    [COLUMN_INT32S] = CELL_INT32,
};

struct column {
	char *name;
	const char *units;
	const struct column_spec *spec;  /* NULL: offsets */
	struct hdf_shape shape;          /* chunk: rows that are written at once */
	size_t row_size;
	hid_t dataset;
	uint64_t written;                /* rows in the file */
	size_t held, room;               /* rows in memory */
	char *data;
	struct column *offsets;          /* where rows are joined */
};

/* Rows of any length, one behind the other. */
static bool joined(enum column_kind kind)
{
	return kind >= COLUMN_BYTES && kind <= COLUMN_INT32S;
}

static size_t chunk_of(enum column_kind kind, size_t row_size)
{
	if (joined(kind))
		return CHUNK_JOINED / row_size;
	return kind == COLUMN_TEXT ? CHUNK_TEXTS : CHUNK_BYTES / row_size;
}

static void column_init(struct column *c, const char *name, const char *units, enum column_kind kind)
{
	size_t width = kind == COLUMN_HASH ? HASH_SIZE : 1;

	c->name = mem_string(name);
	c->units = units;
	c->row_size = hdf_size(cells[kind]) * width;
	c->dataset = H5I_INVALID_HID;
	c->shape = (struct hdf_shape){ .type = cells[kind], .width = width,
		.chunk = chunk_of(kind, c->row_size), .deflate = kind != COLUMN_HASH, .grows = true };
}

static void column_attributes(struct hdf *h, const struct column *c)
{
	int8_t values[16];
	const char *p;
	int8_t n = 0;

	if (!c->spec)
		return;
	if (c->spec->start)
		hdf_attr_text(h, c->dataset, "start", c->spec->start);
	if (c->spec->long_name)
		hdf_attr_text(h, c->dataset, "long_name", c->spec->long_name);
	if (!c->spec->meanings)
		return;
	for (p = c->spec->meanings; p; p = strchr(p, ' ') ? strchr(p, ' ') + 1 : NULL, n++)
		values[n] = n;
	hdf_attr_list(h, c->dataset, "flag_values", CELL_INT8, values, (size_t)n);
	hdf_attr_text(h, c->dataset, "flag_meanings", c->spec->meanings);
}

static void texts_free(struct column *c)
{
	size_t i;

	for (i = 0; c->shape.type == CELL_TEXT && i < c->held; i++)
		free(((char **)(void *)c->data)[i]);
}

static void column_write(struct hdf *h, hid_t group, struct column *c, bool last)
{
	if (c->dataset < 0) {
		if (last) {
			c->shape.chunk = c->held;
			c->shape.grows = false;
		}
		c->dataset = hdf_dataset(h, group, c->name, &c->shape, c->units);
		column_attributes(h, c);
	}
	hdf_write(h, c->dataset, &c->shape, c->written, c->data, c->held);
	texts_free(c);
	c->written += c->held;
	c->held = 0;
}

/* Room for at least one more row, at most up to the end of the chunk. */
static void column_reserve(struct column *c)
{
	size_t room = c->room ? 2 * c->room : 64;

	if (c->held < c->room)
		return;
	c->room = room < c->shape.chunk ? room : c->shape.chunk;
	c->data = mem_resize(c->data, c->room, c->row_size);
}

static void column_add(struct hdf *h, hid_t group, struct column *c, const void *rows, size_t n)
{
	const char *p = rows;
	size_t k;

	for (; n; n -= k, p += k * c->row_size) {
		if (c->held == c->shape.chunk)
			column_write(h, group, c, false);
		column_reserve(c);
		k = c->room - c->held < n ? c->room - c->held : n;
		memcpy(c->data + c->held * c->row_size, p, k * c->row_size);
		c->held += k;
	}
}

static void column_release(struct column *c)
{
	if (!c)
		return;
	texts_free(c);
	if (c->dataset >= 0)
		H5Dclose(c->dataset);
	free(c->data);
	free(c->name);
	column_release(c->offsets);
	free(c->offsets);
}

static void offset_add(struct table *t, struct column *c)
{
	uint64_t end = c->written + c->held;

	column_add(t->h, t->group, c->offsets, &end, 1);
}

void table_open(struct table *t, struct hdf *h, hid_t in, const char *name, const char *nx_class,
		const struct column_spec *specs, size_t n, const char *unit)
{
	size_t i;

	*t = (struct table){ .h = h, .specs = specs, .n = n, .unit = mem_string(unit) };
	t->group = hdf_group(h, in, name, nx_class);
	t->columns = mem_array(n, sizeof *t->columns);
	for (i = 0; i < n; i++) {
		struct column *c = &t->columns[i];
		char *offset_name;

		column_init(c, specs[i].name, specs[i].units ? specs[i].units : t->unit, specs[i].kind);
		c->spec = &specs[i];
		if (!joined(specs[i].kind))
			continue;
		offset_name = mem_format("%s_offset", specs[i].name);
		c->offsets = mem_new(sizeof *c->offsets);
		column_init(c->offsets, offset_name, "", COLUMN_UINT64);
		free(offset_name);
		offset_add(t, c);
	}
}

void table_int(struct table *t, size_t column, int64_t v)
{
	struct column *c = &t->columns[column];
	int8_t v8 = (int8_t)v;

	assert(c->shape.type != CELL_TEXT && c->shape.type != CELL_FLOAT64);
	column_add(t->h, t->group, c, c->row_size == 8 ? (void *)&v : &v8, 1);
}

void table_number(struct table *t, size_t column, double v)
{
	assert(t->columns[column].shape.type == CELL_FLOAT64);
	column_add(t->h, t->group, &t->columns[column], &v, 1);
}

void table_text(struct table *t, size_t column, const char *text)
{
	char *copy = mem_string(text);

	assert(t->columns[column].shape.type == CELL_TEXT);
	column_add(t->h, t->group, &t->columns[column], &copy, 1);
}

void table_bytes(struct table *t, size_t column, const void *p, size_t n)
{
	struct column *c = &t->columns[column];

	assert(c->offsets || c->row_size == n);
	column_add(t->h, t->group, c, p, c->offsets ? n / c->row_size : 1);
	if (c->offsets)
		offset_add(t, c);
}

void table_row(struct table *t)
{
	t->rows++;
}

void table_close(struct table *t)
{
	size_t i;

	for (i = 0; i < t->n; i++) {
		column_write(t->h, t->group, &t->columns[i], true);
		if (t->columns[i].offsets)
			column_write(t->h, t->group, t->columns[i].offsets, true);
	}
	table_drop(t);
}

void table_drop(struct table *t)
{
	size_t i;

	for (i = 0; i < t->n; i++)
		column_release(&t->columns[i]);
	free(t->columns);
	free(t->unit);
	hdf_close_group(&t->group);
	*t = (struct table){ .group = H5I_INVALID_HID };
}
