/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chunks.h"

#include <stdarg.h>
#include <string.h>

#define MEMORY_STEP    ((size_t)4 << 20)
#define TRANSFER_BYTES ((size_t)64 << 10)

static const size_t sizes[CELLS] = {
	[CELL_INT8] = 1,  [CELL_INT64] = 8,   [CELL_UINT8] = 1,
	[CELL_UINT64] = 8, [CELL_FLOAT64] = 8, [CELL_TEXT] = sizeof(char *),
	[CELL_INT16] = 2, [CELL_INT32] = 4,   [CELL_FLOAT32] = 4,
};

hid_t hdf_transfer(void)
{
	hid_t transfer = H5Pcreate(H5P_DATASET_XFER);

	H5Pset_buffer(transfer, TRANSFER_BYTES, NULL, NULL);
	return transfer;
}

size_t hdf_size(enum cell type)
{
	return sizes[type];
}

bool hdf_failed(const struct hdf *h)
{
	return h->err.code != ERR_NONE;
}

/* The innermost message of the stack is the cause; the last one walked upward. */
static herr_t innermost(unsigned n, const H5E_error2_t *entry, void *text)
{
	if (n == 0)
		snprintf(text, 256, "%s", entry->desc ? entry->desc : "no reason given");
	return 0;
}

static int __attribute__((format(printf, 2, 0))) fail(struct err *e, const char *fmt, va_list ap)
{
	char what[256], why[256] = "no reason given";

	vsnprintf(what, sizeof what, fmt, ap);
	H5Ewalk2(H5E_DEFAULT, H5E_WALK_UPWARD, innermost, why);
	H5Eclear2(H5E_DEFAULT);
	return err_set(e, strstr(why, "errno = 28") ? ERR_FULL : ERR_IO, "%s: HDF5 says: %s", what,
		       why);
}

int hdf_err(struct err *e, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	fail(e, fmt, ap);
	va_end(ap);
	return -1;
}

void hdf_fail(struct hdf *h, const char *fmt, ...)
{
	va_list ap;

	if (hdf_failed(h))
		return;
	va_start(ap, fmt);
	fail(&h->err, fmt, ap);
	va_end(ap);
}

static hid_t text_type(void)
{
	hid_t t = H5Tcopy(H5T_C_S1);

	H5Tset_size(t, H5T_VARIABLE);
	H5Tset_cset(t, H5T_CSET_UTF8);
	return t;
}

static void types_open(struct hdf *h)
{
	h->types[CELL_INT8] = H5T_STD_I8LE;
	h->types[CELL_INT16] = H5T_STD_I16LE;
	h->types[CELL_INT32] = H5T_STD_I32LE;
	h->types[CELL_INT64] = H5T_STD_I64LE;
	h->types[CELL_UINT8] = H5T_STD_U8LE;
	h->types[CELL_UINT64] = H5T_STD_U64LE;
	h->types[CELL_FLOAT32] = H5T_IEEE_F32LE;
	h->types[CELL_FLOAT64] = H5T_IEEE_F64LE;
	h->types[CELL_TEXT] = text_type();
	h->transfer = hdf_transfer();
}

/* Objects of a file carry no times, so that building it again gives the same bytes. */
static hid_t without_times(hid_t class)
{
	hid_t create = H5Pcreate(class);

	H5Pset_obj_track_times(create, false);
	return create;
}

static int begin_chunks(struct hdf *h, struct err *e)
{
	struct err closing;

	if (chunks_start(&h->chunks, e) == 0)
		return 0;
	hdf_close(h, &closing);
	return -1;
}

int hdf_open(struct hdf *h, const char *path, enum hdf_mode mode, struct err *e)
{
	hid_t access, create;

	H5dont_atexit();               /* before all else; it crashes there over files that did not close */
	H5Eset_auto2(H5E_DEFAULT, NULL, NULL);
	*h = (struct hdf){ .file = H5I_INVALID_HID };
	create = without_times(H5P_FILE_CREATE);
	access = H5Pcreate(H5P_FILE_ACCESS);
	H5Pset_fclose_degree(access, H5F_CLOSE_STRONG);
	if (mode == HDF_LIVE)
		H5Pset_libver_bounds(access, H5F_LIBVER_V110, H5F_LIBVER_V110);
	else
		H5Pset_libver_bounds(access, H5F_LIBVER_V18, H5F_LIBVER_V18);
	if (mode == HDF_MEMORY)
		H5Pset_fapl_core(access, MEMORY_STEP, false);
	if (mode == HDF_READ)
		h->file = H5Fopen(path, H5F_ACC_RDONLY, access);
	else
		h->file = H5Fcreate(path, H5F_ACC_TRUNC, create, access);
	H5Pclose(create);
	H5Pclose(access);
	if (h->file < 0)
		return hdf_err(e, "%s cannot be %s", path, mode == HDF_READ ? "opened" : "created");
	types_open(h);
	return mode == HDF_LIVE ? 0 : begin_chunks(h, e);
}

int hdf_flush(struct hdf *h, struct err *e)
{
	if (h->chunks)
		chunks_finish(h->chunks, h);
	if (!hdf_failed(h) && H5Fflush(h->file, H5F_SCOPE_LOCAL) < 0)
		hdf_fail(h, "what was written does not reach the file");
	if (hdf_failed(h))
		*e = h->err;
	return hdf_failed(h) ? -1 : 0;
}

int hdf_close(struct hdf *h, struct err *e)
{
	if (h->chunks)
		chunks_finish(h->chunks, h);
	chunks_stop(&h->chunks);
	if (h->file >= 0) {
		H5Tclose(h->types[CELL_TEXT]);
		H5Pclose(h->transfer);
		if (H5Fclose(h->file) < 0)
			hdf_fail(h, "the file does not close");
		h->file = H5I_INVALID_HID;
	}
	if (hdf_failed(h))
		*e = h->err;
	return hdf_failed(h) ? -1 : 0;
}

hid_t hdf_group(struct hdf *h, hid_t in, const char *name, const char *nx_class)
{
	hid_t group, create;

	if (hdf_failed(h))
		return H5I_INVALID_HID;
	create = without_times(H5P_GROUP_CREATE);
	group = H5Gcreate2(in, name, H5P_DEFAULT, create, H5P_DEFAULT);
	H5Pclose(create);
	if (group < 0)
		hdf_fail(h, "group %s cannot be created", name);
	hdf_attr_text(h, group, "NX_class", nx_class);
	return group;
}

void hdf_close_group(hid_t *group)
{
	if (*group > 0)
		H5Gclose(*group);
	*group = H5I_INVALID_HID;
}

static void attr(struct hdf *h, hid_t of, const char *name, enum cell type, hid_t space,
		 const void *values)
{
	hid_t a;

	if (hdf_failed(h))
		return;
	a = H5Acreate2(of, name, h->types[type], space, H5P_DEFAULT, H5P_DEFAULT);
	if (a < 0 || H5Awrite(a, h->types[type], values) < 0)
		hdf_fail(h, "attribute %s cannot be written", name);
	if (a >= 0)
		H5Aclose(a);
}

static void attr_scalar(struct hdf *h, hid_t of, const char *name, enum cell type, const void *value)
{
	hid_t space = H5Screate(H5S_SCALAR);

	attr(h, of, name, type, space, value);
	H5Sclose(space);
}

void hdf_attr_text(struct hdf *h, hid_t of, const char *name, const char *value)
{
	attr_scalar(h, of, name, CELL_TEXT, &value);
}

void hdf_attr_list(struct hdf *h, hid_t of, const char *name, enum cell type, const void *values,
		   size_t n)
{
	hsize_t dims = n;
	hid_t space = H5Screate_simple(1, &dims, NULL);

	attr(h, of, name, type, space, values);
	H5Sclose(space);
}

void hdf_attr_int(struct hdf *h, hid_t of, const char *name, int64_t value)
{
	attr_scalar(h, of, name, CELL_INT64, &value);
}

void hdf_attr_flag(struct hdf *h, hid_t of, const char *name, bool value)
{
	int8_t flag = value;

	attr_scalar(h, of, name, CELL_INT8, &flag);
}

static void put(struct hdf *h, hid_t in, const char *name, enum cell type, const void *value,
		const char *units)
{
	hid_t space, create, d;

	if (hdf_failed(h))
		return;
	space = H5Screate(H5S_SCALAR);
	create = without_times(H5P_DATASET_CREATE);
	d = H5Dcreate2(in, name, h->types[type], space, H5P_DEFAULT, create, H5P_DEFAULT);
	H5Sclose(space);
	H5Pclose(create);
	if (d < 0 || H5Dwrite(d, h->types[type], H5S_ALL, H5S_ALL, h->transfer, value) < 0)
		hdf_fail(h, "dataset %s cannot be written", name);
	hdf_attr_text(h, d, "units", units);
	if (d >= 0)
		H5Dclose(d);
}

void hdf_put_text(struct hdf *h, hid_t in, const char *name, const char *value)
{
	put(h, in, name, CELL_TEXT, &value, "");
}

void hdf_put_int(struct hdf *h, hid_t in, const char *name, int64_t value, const char *units)
{
	put(h, in, name, CELL_INT64, &value, units);
}

void hdf_put_flag(struct hdf *h, hid_t in, const char *name, bool value)
{
	int8_t flag = value;

	put(h, in, name, CELL_INT8, &flag, "");
}

/* Reads one value if the dataset is a scalar of this class. */
static int get(struct hdf *h, const char *path, H5T_class_t class, enum cell type, void *value)
{
	hid_t d = H5Dopen2(h->file, path, H5P_DEFAULT), t, space;
	int bad;

	if (d < 0)
		return -1;
	t = H5Dget_type(d);
	space = H5Dget_space(d);
	bad = H5Tget_class(t) != class || H5Sget_simple_extent_npoints(space) != 1 ||
	      (class == H5T_STRING && H5Tis_variable_str(t) <= 0) ||
	      H5Dread(d, h->types[type], H5S_ALL, H5S_ALL, h->transfer, value) < 0;
	H5Sclose(space);
	H5Tclose(t);
	H5Dclose(d);
	return bad ? -1 : 0;
}

char *hdf_get_text(struct hdf *h, const char *path)
{
	char *text = NULL, *copy;

	if (get(h, path, H5T_STRING, CELL_TEXT, &text) < 0 || !text)
		return NULL;
	copy = mem_string(text);
	H5free_memory(text);
	return copy;
}

int hdf_get_int(struct hdf *h, const char *path, int64_t *value)
{
	return get(h, path, H5T_INTEGER, CELL_INT64, value);
}

void hdf_link(struct hdf *h, hid_t in, const char *name, const char *target)
{
	if (!hdf_failed(h) && H5Lcreate_soft(target, in, name, H5P_DEFAULT, H5P_DEFAULT) < 0)
		hdf_fail(h, "link %s cannot be created", name);
}

static bool name_taken(struct hdf *h, hid_t in, const char *name)
{
	return !hdf_failed(h) && H5Lexists(in, name, H5P_DEFAULT) > 0;
}

char *hdf_link_name(struct hdf *h, hid_t in, const char *name)
{
	char *clean = mem_string(*name && strcmp(name, ".") != 0 ? name : "_");
	char *unique, *p;
	unsigned n;

	for (p = clean; *p; p++)
		if (*p == '/' || (unsigned char)*p < 0x20)
			*p = '_';
	unique = mem_string(clean);
	for (n = 2; name_taken(h, in, unique); n++) {
		free(unique);
		unique = mem_format("%s.%u", clean, n);
	}
	free(clean);
	return unique;
}
