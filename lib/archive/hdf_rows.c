/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chunks.h"
#include "press.h"

#define CHUNK_MAX ((size_t)2 << 20)     /* bytes; twice what is ever made */

/* Chunks are written once and whole, so a cache for them would only cost memory. */
static hid_t access_uncached(void)
{
	hid_t access = H5Pcreate(H5P_DATASET_ACCESS);

	H5Pset_chunk_cache(access, 0, 0, H5D_CHUNK_CACHE_W0_DEFAULT);
	return access;
}

static hid_t creation(const struct hdf_shape *s)
{
	hid_t create = H5Pcreate(H5P_DATASET_CREATE);
	hsize_t chunk[2] = { s->chunk, s->width };

	H5Pset_obj_track_times(create, false);
	if (!s->chunk)
		return create;
	H5Pset_chunk(create, s->width > 1 ? 2 : 1, chunk);
	if (s->type == CELL_TEXT)
		return create;         /* HDF5 has no filters for strings of variable length */
	if (s->deflate) {
		H5Pset_shuffle(create);
		H5Pset_deflate(create, PRESS_LEVEL);
	}
	H5Pset_fletcher32(create);
	return create;
}

hid_t hdf_dataset(struct hdf *h, hid_t in, const char *name, const struct hdf_shape *s,
		  const char *units)
{
	hsize_t dims[2] = { s->chunk, s->width }, most[2] = { s->grows ? H5S_UNLIMITED : s->chunk,
							     s->width };
	hid_t space, create, access, d;

	if (hdf_failed(h))
		return H5I_INVALID_HID;
	space = H5Screate_simple(s->width > 1 ? 2 : 1, dims, most);
	create = creation(s);
	access = access_uncached();
	d = H5Dcreate2(in, name, h->types[s->type], space, H5P_DEFAULT, create, access);
	if (d < 0)
		hdf_fail(h, "dataset %s cannot be created", name);
	H5Sclose(space);
	H5Pclose(create);
	H5Pclose(access);
	hdf_attr_text(h, d, "units", units);
	return d;
}

static void write_texts(struct hdf *h, hid_t dataset, size_t from, const void *texts, size_t n)
{
	hsize_t end = from + n, start = from, count = n;
	hid_t memory, space;

	if (H5Dset_extent(dataset, &end) < 0)
		hdf_fail(h, "a dataset cannot grow to %zu rows", from + n);
	memory = H5Screate_simple(1, &count, NULL);
	space = H5Dget_space(dataset);
	H5Sselect_hyperslab(space, H5S_SELECT_SET, &start, NULL, &count, NULL);
	if (!hdf_failed(h) && H5Dwrite(dataset, h->types[CELL_TEXT], memory, space, h->transfer,
				       texts) < 0)
		hdf_fail(h, "%zu rows cannot be written", n);
	H5Sclose(memory);
	H5Sclose(space);
}

void hdf_write(struct hdf *h, hid_t dataset, const struct hdf_shape *s, size_t from,
	       const void *rows, size_t n)
{
	if (hdf_failed(h) || n == 0)
		return;
	if (s->type == CELL_TEXT)
		write_texts(h, dataset, from, rows, n);
	else
		chunks_add(h->chunks, h, dataset, s, from, rows, n);
}

/* Filters as creation sets them. */
static bool shape_filters(hid_t create, struct hdf_shape *s)
{
	static const H5Z_filter_t ours[] = { H5Z_FILTER_SHUFFLE, H5Z_FILTER_DEFLATE, H5Z_FILTER_FLETCHER32 };
	int n = H5Pget_nfilters(create), skipped = 3 - n;
	unsigned flags;

	if (n != 1 && n != 3)
		return false;
	for (int i = 0; i < n; i++) {
		size_t none = 0;

		if (H5Pget_filter2(create, (unsigned)i, &flags, &none, NULL, 0, NULL, NULL) !=
		    ours[i + skipped])
			return false;
	}
	s->deflate = n == 3;
	return true;
}

static bool shape_type(hid_t type, struct hdf_shape *s)
{
	static const enum cell cells[] = { CELL_INT8, CELL_INT16, CELL_INT32, CELL_INT64, CELL_UINT8, CELL_UINT64,
					 CELL_FLOAT32, CELL_FLOAT64 };
	const hid_t types[] = { H5T_STD_I8LE, H5T_STD_I16LE, H5T_STD_I32LE, H5T_STD_I64LE, H5T_STD_U8LE, H5T_STD_U64LE,
				H5T_IEEE_F32LE, H5T_IEEE_F64LE };

	for (size_t i = 0; i < sizeof cells / sizeof *cells; i++) {
		s->type = cells[i];
		if (H5Tequal(type, types[i]) > 0)
			return true;
	}
	return false;
}

static bool shape_extent(hid_t space, hid_t create, struct hdf_shape *s, size_t *rows)
{
	hsize_t dims[2] = { 0, 1 }, chunk[2] = { 0, 1 };
	int rank = H5Sget_simple_extent_ndims(space);

	if (rank < 1 || rank > 2 || H5Pget_layout(create) != H5D_CHUNKED ||
	    H5Pget_chunk(create, rank, chunk) != rank ||
	    H5Sget_simple_extent_dims(space, dims, NULL) != rank || chunk[1] != dims[1])
		return false;
	s->width = dims[1];
	s->chunk = chunk[0];
	*rows = dims[0];
	return s->width > 0 && s->chunk > 0 && s->width <= CHUNK_MAX &&
	       s->chunk <= CHUNK_MAX / s->width / hdf_size(s->type);
}

static bool shape_chunks(hid_t dataset, const struct hdf_shape *s, size_t rows)
{
	for (size_t from = 0; from < rows; from += s->chunk) {
		hsize_t at[2] = { from, 0 }, size;
		unsigned mask;
		haddr_t where;

		if (H5Dget_chunk_info_by_coord(dataset, at, &mask, &where, &size) < 0 || mask ||
		    where == HADDR_UNDEF || size == 0 || size > CHUNK_MAX)
			return false;
	}
	return true;
}

bool hdf_shape_of(hid_t dataset, struct hdf_shape *s, size_t *rows)
{
	hid_t type = H5Dget_type(dataset), space = H5Dget_space(dataset);
	hid_t create = H5Dget_create_plist(dataset);
	bool fits;

	*s = (struct hdf_shape){ 0 };
	fits = shape_type(type, s) && shape_filters(create, s) && shape_extent(space, create, s, rows) &&
	       shape_chunks(dataset, s, *rows);
	H5Tclose(type);
	H5Sclose(space);
	H5Pclose(create);
	return fits;
}

hid_t hdf_open_rows(struct hdf *h, const char *path, enum cell type, size_t width, size_t *rows)
{
	hid_t d = H5Dopen2(h->file, path, H5P_DEFAULT), t, space;
	hsize_t dims[2] = { 0, 1 };
	bool fits;

	if (d < 0)
		return d;
	t = H5Dget_type(d);
	space = H5Dget_space(d);
	fits = H5Tequal(t,
			h->types[type]) > 0 && H5Sget_simple_extent_ndims(space) == (width > 1 ? 2 : 1) &&
	       H5Sget_simple_extent_dims(space, dims, NULL) > 0 && dims[1] == width;
	*rows = dims[0];
	H5Sclose(space);
	H5Tclose(t);
	if (fits)
		return d;
	H5Dclose(d);
	return H5I_INVALID_HID;
}

int hdf_read_rows(struct hdf *h, hid_t dataset, enum cell type, size_t width, size_t from, size_t n,
		  void *out)
{
	hsize_t start[2] = { from, 0 }, count[2] = { n, width };
	hid_t memory, space;
	int bad;

	if (n == 0)
		return 0;
	memory = H5Screate_simple(width > 1 ? 2 : 1, count, NULL);
	space = H5Dget_space(dataset);
	bad = H5Sselect_hyperslab(space, H5S_SELECT_SET, start, NULL, count, NULL) < 0 ||
	      H5Dread(dataset, h->types[type], memory, space, h->transfer, out) < 0;
	H5Sclose(memory);
	H5Sclose(space);
	return bad ? -1 : 0;
}

static enum cell cell_of(hid_t type)
{
	switch (H5Tget_class(type)) {
	case H5T_INTEGER: return CELL_INT64;
	case H5T_FLOAT:   return CELL_FLOAT64;
	case H5T_STRING:  return H5Tis_variable_str(type) > 0 ? CELL_TEXT : CELLS;
	default:          return CELLS;
	}
}

enum cell hdf_read_all(struct hdf *h, const char *path, char **values, size_t *n)
{
	hid_t d = H5Dopen2(h->file, path, H5P_DEFAULT), t, space;
	hssize_t points;
	enum cell type;

	*values = NULL;
	*n = 0;
	if (d < 0)
		return CELLS;
	t = H5Dget_type(d);
	space = H5Dget_space(d);
	points = H5Sget_simple_extent_npoints(space);
	type = H5Sget_simple_extent_ndims(space) <= 1 && points >= 0 ? cell_of(t) : CELLS;
	if (type != CELLS) {
		*n = (size_t)points;
		*values = mem_array(*n + 1, hdf_size(type));
		if (H5Dread(d, h->types[type], H5S_ALL, H5S_ALL, h->transfer, *values) < 0) {
			free(*values);
			*values = NULL;
			type = CELLS;
		}
	}
	H5Sclose(space);
	H5Tclose(t);
	H5Dclose(d);
	return type;
}

void hdf_free_all(enum cell type, char *values, size_t n)
{
	size_t i;

	for (i = 0; type == CELL_TEXT && i < n; i++)
		H5free_memory(((char **)(void *)values)[i]);
	free(values);
}
