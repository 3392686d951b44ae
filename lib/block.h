/* SPDX-License-Identifier: GPL-3.0-or-later
 * block.h - arrays as instruments send them: IEEE 488.2, 8.7.9 (#<digits><length> and the bytes) and 8.7.10
 * (#0, the bytes, the end of the message), one or several in a reply.
 *
 * A reply is taken apart into its words, what stands before, between and behind the bytes, and the bytes
 * themselves, joined and turned to little endian; nothing is lost by that.  Pure functions, shared by
 * drivers, which take apart, and `etalon verify`, which proves that words and bytes belong together. */
#ifndef BLOCK_H
#define BLOCK_H

#include "err.h"
#include "json.h"
#include "mem.h"
#include "schema.h"

enum block_format { BLOCK_FLOAT32, BLOCK_FLOAT64, BLOCK_INT16, BLOCK_INT32 };
enum block_order { BLOCK_BIG, BLOCK_LITTLE };

/* What a model file says of the array that a point answers with. */
struct block_form {
	bool given;
	int format, order;               /* the enums above */
	double scale, offset;            /* a value is scale times the number, plus offset, in the point's unit */
	int64_t interval_ns;             /* between two samples; 0: not known */
};

extern const struct schema block_schema;

size_t      block_width(const struct block_form *f);          /* bytes of a number */
const char *block_datatype(const struct block_form *f);       /* "float32" */
/* Appends words and bytes.  ERR_PROTOCOL: it is not blocks alone, or not of whole numbers. */
int  block_split(const struct block_form *f, struct span reply, struct buf *words, struct buf *bytes, struct err *e);
/* Are these the words of a reply with so many bytes?  ERR_PROTOCOL otherwise. */
int  block_check(const struct block_form *f, struct span words, size_t bytes, struct err *e);

#endif
