/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "value.h"

#include "chunks.h"

#define BLOCK_BYTES ((size_t)512 << 10)
#define RANK_MAX    2

_Static_assert(__BYTE_ORDER__ == __ORDER_LITTLE_ENDIAN__, "values are hashed as they lie in memory");

/* What the elements of a value are and how many. */
struct extent {
	const char *name;              /* "int64" */
	hid_t type;                    /* in memory; closed by extent_close */
	size_t size;
	bool text, real;
	int rank;
	hsize_t dims[RANK_MAX];
	size_t rows, width;            /* rank 0: 1 by 1 */
};

void value_put_count(struct buf *b, uint64_t n)
{
	buf_add(b, &n, sizeof n);
}

void value_put_text(struct buf *b, const char *s)
{
	value_put_count(b, strlen(s));
	buf_puts(b, s);
}

/* Types. */

static const struct { H5T_class_t class; size_t size; H5T_sign_t sign; const char *name; } known[] = {
	{ H5T_INTEGER, 1, H5T_SGN_2, "int8" },       { H5T_INTEGER, 1, H5T_SGN_NONE, "uint8" },
	{ H5T_INTEGER, 2, H5T_SGN_2, "int16" },      { H5T_INTEGER, 2, H5T_SGN_NONE, "uint16" },
	{ H5T_INTEGER, 4, H5T_SGN_2, "int32" },      { H5T_INTEGER, 4, H5T_SGN_NONE, "uint32" },
	{ H5T_INTEGER, 8, H5T_SGN_2, "int64" },      { H5T_INTEGER, 8, H5T_SGN_NONE, "uint64" },
	{ H5T_FLOAT, 4, H5T_SGN_ERROR, "float32" },  { H5T_FLOAT, 8, H5T_SGN_ERROR, "float64" },
};

static const char *number_name(hid_t type)
{
	H5T_class_t class = H5Tget_class(type);
	H5T_sign_t sign = class == H5T_INTEGER ? H5Tget_sign(type) : H5T_SGN_ERROR;
	size_t i;

	for (i = 0; i < sizeof known / sizeof *known; i++)
		if (known[i].class == class && known[i].size == H5Tget_size(type) &&
		    known[i].sign == sign)
			return known[i].name;
	return NULL;
}

static int extent_shape(struct extent *x, hid_t space)
{
	if (H5Sget_simple_extent_type(space) == H5S_NULL)
		return -1;
	x->rank = H5Sget_simple_extent_ndims(space);
	if (x->rank < 0 || x->rank > RANK_MAX || H5Sget_simple_extent_dims(space, x->dims, NULL) < 0)
		return -1;
	x->rows = x->rank > 0 ? x->dims[0] : 1;
	x->width = x->rank > 1 ? x->dims[1] : 1;
	return 0;
}

/* Takes over the type. */
static int extent_open(struct extent *x, hid_t type, hid_t space)
{
	hid_t native;

	*x = (struct extent){ .type = type, .size = H5Tget_size(type) };
	if (H5Tget_class(type) == H5T_STRING) {
		x->text = H5Tis_variable_str(type) > 0;
		x->name = x->text ? "string" : NULL;
	} else {
		x->real = H5Tget_class(type) == H5T_FLOAT;
		x->name = number_name(type);
		native = H5Tget_native_type(type, H5T_DIR_ASCEND);
		H5Tclose(type);
		x->type = native;
	}
	return x->name && extent_shape(x, space) == 0 ? 0 : -1;
}

static void extent_close(struct extent *x)
{
	if (x->type > 0)
		H5Tclose(x->type);
}

/* Values. */

static void hash_begin(struct hash *h, const struct extent *x)
{
	struct buf head = { 0 };
	int i;

	value_put_text(&head, x->name);
	value_put_count(&head, (uint64_t)x->rank);
	for (i = 0; i < x->rank; i++)
		value_put_count(&head, x->dims[i]);
	hash_add(h, head.data, head.len);
	buf_release(&head);
}

/* There are many not-a-numbers; one stands for all. */
static void one_nan(const struct extent *x, void *values, size_t n)
{
	static const uint64_t nan64 = UINT64_C(0x7ff8000000000000);
	static const uint32_t nan32 = UINT32_C(0x7fc00000);
	char *p = values;
	size_t i;

	for (i = 0; i < n; i++, p += x->size) {
		double v8;
		float v4;

		if (x->size == 8) {
			memcpy(&v8, p, sizeof v8);
			if (v8 != v8)
				memcpy(p, &nan64, sizeof nan64);
		} else {
			memcpy(&v4, p, sizeof v4);
			if (v4 != v4)
				memcpy(p, &nan32, sizeof nan32);
		}
	}
}

static void hash_values(struct hash *h, const struct extent *x, void *values, size_t n)
{
	char **texts = values;
	size_t i;

	if (x->real)
		one_nan(x, values, n);
	if (!x->text) {
		hash_add(h, values, n * x->size);
		return;
	}
	for (i = 0; i < n; i++) {
		uint64_t length = texts[i] ? strlen(texts[i]) : 0;

		hash_add(h, &length, sizeof length);
		hash_add(h, texts[i], length);
	}
}

int value_hash_attribute(struct hash *h, hid_t attribute, uint8_t hash[HASH_SIZE])
{
	hid_t space = H5Aget_space(attribute);
	struct extent x;
	void *values = NULL;
	int bad;

	bad = extent_open(&x, H5Aget_type(attribute), space);
	if (!bad && x.rows * x.width > BLOCK_BYTES)
		bad = -1;
	if (!bad) {
		values = mem_array(x.rows * x.width + 1, x.size);
		bad = H5Aread(attribute, x.type, values) < 0 ? -1 : 0;
	}
	if (!bad) {
		hash_begin(h, &x);
		hash_values(h, &x, values, x.rows * x.width);
		hash_end(h, hash);
		if (x.text)
			H5Dvlen_reclaim(x.type, space, H5P_DEFAULT, values);
	}
	free(values);
	extent_close(&x);
	H5Sclose(space);
	return bad;
}

struct reading_rows { hid_t dataset, space, transfer; const struct extent *x; };

/* Rows [from, from + n) of a dataset. */
static int hash_block(struct hash *h, const struct reading_rows *r, size_t from, size_t n, void *values)
{
	const struct extent *x = r->x;
	hsize_t start[RANK_MAX] = { from, 0 }, count[RANK_MAX] = { n, x->width };
	hid_t memory = H5Screate_simple(x->rank, count, NULL);
	int bad;

	if (x->rank > 0)
		H5Sselect_hyperslab(r->space, H5S_SELECT_SET, start, NULL, count, NULL);
	bad = H5Dread(r->dataset, x->type, memory, r->space, r->transfer, values) < 0;
	if (!bad)
		hash_values(h, x, values, n * x->width);
	if (!bad && x->text)
		H5Dvlen_reclaim(x->type, memory, r->transfer, values);
	H5Sclose(memory);
	return bad ? -1 : 0;
}

static int hash_rows(struct hash *h, const struct reading_rows *r)
{
	const struct extent *x = r->x;
	size_t step = BLOCK_BYTES / x->size / (x->width ? x->width : 1), from, n;
	void *values;
	int bad = 0;

	if (step == 0)
		return -1;
	if (step > x->rows)
		step = x->rows;
	values = mem_array(step * x->width + 1, x->size);
	for (from = 0; !bad && from < x->rows; from += n) {
		n = x->rows - from < step ? x->rows - from : step;
		bad = hash_block(h, r, from, n, values);
	}
	free(values);
	return bad;
}

struct hashing { struct hash *hash; const struct extent *x; };

static void hash_chunk(void *hashing, void *rows, size_t n)
{
	const struct hashing *h = hashing;

	hash_values(h->hash, h->x, rows, n * h->x->width);
}

static int hash_elements(struct hash *h, struct chunks *chunks, const struct reading_rows *r)
{
	struct hashing hashing = { h, r->x };
	struct hdf_shape shape;
	size_t rows;

	if (chunks && hdf_shape_of(r->dataset, &shape, &rows))
		return chunks_each(chunks, r->dataset, &shape, rows, hash_chunk, &hashing);
	return hash_rows(h, r);
}

int value_hash_dataset(struct hash *h, struct chunks *chunks, hid_t dataset, uint8_t hash[HASH_SIZE])
{
	struct extent x;
	struct reading_rows r = { dataset, H5Dget_space(dataset), hdf_transfer(), &x };
	int bad = extent_open(&x, H5Dget_type(dataset), r.space);

	if (!bad) {
		hash_begin(h, &x);
		bad = hash_elements(h, chunks, &r);
		hash_end(h, hash);
	}
	extent_close(&x);
	H5Pclose(r.transfer);
	H5Sclose(r.space);
	return bad;
}
