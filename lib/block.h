/* SPDX-License-Identifier: GPL-3.0-or-later
 * block.h - arrays as instruments send them: IEEE 488.2, 8.7.9 (#<digits><length> and the bytes) and 8.7.10
 * (#0, the bytes, the end of the message), one or several in a reply.
 *
 * A reply is taken apart into its words, what stands before, between and behind the bytes, and the bytes
 * themselves, joined and turned to little endian; nothing is lost by that.  A number in it may mean something
 * else, as an answer of one number may: such sentinels are counted (reply.h) and stay where they are.  Pure
 * functions, shared by drivers, which take apart, and `etalon verify`, which proves that words and bytes
 * belong together. */
#ifndef BLOCK_H
#define BLOCK_H

#include "err.h"
#include "json.h"
#include "mem.h"
#include "record.h"
#include "schema.h"

enum block_format { BLOCK_FLOAT32, BLOCK_FLOAT64, BLOCK_INT16, BLOCK_INT32 };
enum block_order { BLOCK_BIG, BLOCK_LITTLE };

/* What a model file says of the array that a point answers with. */
struct block_form {
	bool given;
	int format, order;               /* the enums above */
	double scale, offset;            /* a value is scale times the number, plus offset, in the point's unit */
	int64_t interval_ns;             /* between two samples; 0: not known */
	int64_t count;                   /* how many numbers it must be; 0: not stated */
	char *count_ask;                 /* or the question that says so; NULL: none */
};

/* How many numbers of an array mean something else, by what they mean; nothing of READING_OK. */
struct block_marks {
	uint64_t of[READING_STATUSES];
	enum reading_status first;       /* in the order of the array: what the whole of it is marked with */
};

extern const struct schema block_schema;

size_t      block_width(const struct block_form *f);          /* bytes of a number */
const char *block_datatype(const struct block_form *f);       /* "float32" */
/* The number that these little-endian bytes of a block are, before scale and offset. */
double      block_number(const struct block_form *f, const char *bytes);
/* Appends words and bytes.  ERR_PROTOCOL: it is not blocks alone, or not of whole numbers. */
int  block_split(const struct block_form *f, struct span reply, struct buf *words, struct buf *bytes, struct err *e);
/* Are these the words of a reply with so many bytes?  ERR_PROTOCOL otherwise. */
int  block_check(const struct block_form *f, struct span words, size_t bytes, struct err *e);
/* Has it as many numbers as it must?  ERR_PROTOCOL otherwise; wanted 0: any. */
int  block_counted(const struct block_form *f, size_t bytes, uint64_t wanted, struct err *e);

#endif
