/* SPDX-License-Identifier: GPL-3.0-or-later
 * hdf.h - HDF5 as this house uses it: few types, sticky errors, sentences instead of stacks.
 *
 * A struct hdf is one open file.  After the first failure every call does nothing and returns
 * H5I_INVALID_HID, so that whoever writes many things asks once, in hdf_close.  HDF5 itself
 * prints nothing.
 *
 * One thread only; beside it the one of chunks.h, which never calls HDF5.
 *
 * Strings are of variable length and UTF-8; numbers have a width and are little-endian.  Every
 * dataset has the attribute units. */
#ifndef HDF_H
#define HDF_H

#include <hdf5.h>

#include "err.h"
#include "json.h"

enum cell { CELL_INT8, CELL_INT16, CELL_INT32, CELL_INT64, CELL_UINT8, CELL_UINT64, CELL_FLOAT32, CELL_FLOAT64,
	    CELL_TEXT, CELLS };

struct hdf {
	hid_t file;
	hid_t types[CELLS];
	hid_t transfer;                /* for reading and writing datasets */
	struct chunks *chunks;         /* on their way into the file or out of it; NULL if it is live */
	struct err err;                /* the first failure; code ERR_NONE: none so far */
};

/* A new file in the 1.8 format, one in memory only, a new one that readers may follow (1.10
 * format), or an existing one to read. */
enum hdf_mode { HDF_CREATE, HDF_MEMORY, HDF_LIVE, HDF_READ };

int  hdf_open(struct hdf *h, const char *path, enum hdf_mode mode, struct err *e);
int  hdf_flush(struct hdf *h, struct err *e);
int  hdf_close(struct hdf *h, struct err *e);   /* -1 with the first failure, closing included */

/* The sentence and what HDF5 says of the cause.  hdf_fail keeps only the first. */
void hdf_fail(struct hdf *h, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
int  hdf_err(struct err *e, const char *fmt, ...) __attribute__((format(printf, 2, 3)));
bool hdf_failed(const struct hdf *h);

/* A transfer property list with a small buffer: HDF5's own clears two megabytes for each string. */
hid_t  hdf_transfer(void);
size_t hdf_size(enum cell type);                 /* bytes in memory; a text is a char * */

hid_t hdf_group(struct hdf *h, hid_t in, const char *name, const char *nx_class);
void  hdf_close_group(hid_t *group);
void  hdf_attr_text(struct hdf *h, hid_t of, const char *name, const char *value);
void  hdf_attr_list(struct hdf *h, hid_t of, const char *name, enum cell type, const void *values,
		    size_t n);
void  hdf_attr_int(struct hdf *h, hid_t of, const char *name, int64_t value);
void  hdf_attr_flag(struct hdf *h, hid_t of, const char *name, bool value);     /* int8, 0 or 1 */

/* Scalar datasets. */
void  hdf_put_text(struct hdf *h, hid_t in, const char *name, const char *value);
void  hdf_put_int(struct hdf *h, hid_t in, const char *name, int64_t value, const char *units);
void  hdf_put_flag(struct hdf *h, hid_t in, const char *name, bool value);
/* The same read back: NULL (to be freed otherwise), -1 if it is absent or of another type. */
char *hdf_get_text(struct hdf *h, const char *path);
int   hdf_get_int(struct hdf *h, const char *path, int64_t *value);
void  hdf_link(struct hdf *h, hid_t in, const char *name, const char *target);  /* soft */

/* A dataset of one dimension, `width` values to a row (1 for plain ones), that can grow if
 * `chunk` rows are not all it gets.  filters: shuffle and deflate; fletcher32 always. */
struct hdf_shape { enum cell type; size_t width, chunk; bool deflate, grows; };
hid_t hdf_dataset(struct hdf *h, hid_t in, const char *name, const struct hdf_shape *s,
		  const char *units);
/* Writes rows [from, from + n): one whole chunk, or the last one.  They need not be in the file
 * before hdf_flush or hdf_close (chunks.h). */
void  hdf_write(struct hdf *h, hid_t dataset, const struct hdf_shape *s, size_t from,
		const void *rows, size_t n);

/* Whether an existing one is what hdf_dataset and hdf_write make, text apart: this type as it lies
 * in memory, these filters, every chunk there and of a possible length. */
bool hdf_shape_of(hid_t dataset, struct hdf_shape *s, size_t *rows);

/* An existing one: negative unless it is there, of this type and `width` values to a row. */
hid_t hdf_open_rows(struct hdf *h, const char *path, enum cell type, size_t width, size_t *rows);
int   hdf_read_rows(struct hdf *h, hid_t dataset, enum cell type, size_t width, size_t from,
		    size_t n, void *out);

/* A whole scalar or column: integers of any width as CELL_INT64.  CELLS: it is neither. */
enum cell hdf_read_all(struct hdf *h, const char *path, char **values, size_t *n);
void  hdf_free_all(enum cell type, char *values, size_t n);

/* A name for a new link in this group, to be freed: '/' and control characters become '_', as
 * do an empty name and "." whole; where the name is taken, ".2", ".3" ... is added. */
char *hdf_link_name(struct hdf *h, hid_t in, const char *name);

#endif
