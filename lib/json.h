/* SPDX-License-Identifier: GPL-3.0-or-later
 * json.h - JSON on the record path: written straight into a buffer, read where it lies.
 *
 * Record headers are made and read by the million, so nothing here allocates or builds a tree
 * (jansson does that for control messages).  The reader is strict RFC 8259: a malformed text
 * is an error wherever it is met, and nesting is bounded.
 *
 * Raw bytes of an instrument travel as a string in which byte 0xNN is the character U+00NN. */
#ifndef JSON_H
#define JSON_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "mem.h"

#define JSON_INT_TEXT 20

struct span {                      /* somebody else's bytes */
	const char *p;
	size_t n;
};

/* No name here may be one of jansson's, which programs link too: its own calls would end in ours.
 *
 * Writer.  A member is  ,"key":value  - the comma is left out at the start of an object.
 * Keys are ours: plain ASCII, written as they are.  Bytes of a text that are not UTF-8 become
 * U+FFFD, so that what is written can be read. */
void json_key(struct buf *b, const char *key);
void json_text(struct buf *b, const char *s);           /* UTF-8; NULL becomes null */
void json_textn(struct buf *b, const char *s, size_t n);
void json_bytes(struct buf *b, const void *raw, size_t n);
void json_int(struct buf *b, int64_t v);
size_t json_int_text(int64_t v, char text[JSON_INT_TEXT]);   /* its length; no NUL */
void json_number(struct buf *b, double v);                /* null unless finite */
void json_bool(struct buf *b, bool v);

/* A whole member. */
static inline void json_put_text(struct buf *b, const char *key, const char *s)
{
	json_key(b, key);
	json_text(b, s);
}

static inline void json_put_int(struct buf *b, const char *key, int64_t v)
{
	json_key(b, key);
	json_int(b, v);
}

static inline void json_put_number(struct buf *b, const char *key, double v)
{
	json_key(b, key);
	json_number(b, v);
}

/* Reader.  json_check says whether the text is one whole valid value.  json_member finds the
 * value of a key in an object: 1 found, 0 absent, -1 malformed.  json_next walks the members
 * of an object (key set) or the elements of an array: start with *at = 0; 1, 0 at the end, -1.
 * A key is a string value, in its quotes: json_equals and json_get_string read it.  Of equal
 * keys json_member finds the first. */
int json_check(struct span text);
int json_check_members(struct span text);   /* ,"key":value and so on, or nothing */
bool json_is_utf8(const char *s, size_t n);
int json_member(struct span object, const char *key, struct span *value);
int json_next(struct span container, size_t *at, struct span *key, struct span *value);

/* A value as a C type: 0, or -1 if it is of another type or out of range (an int has neither
 * fraction nor exponent; a number has at most 63 characters).  Strings and bytes are appended
 * to the buffer; a string may hold U+0000. */
int json_get_int(struct span value, int64_t *out);
int json_get_number(struct span value, double *out);      /* -1 for null too */
int json_get_bool(struct span value, bool *out);
int json_get_string(struct span value, struct buf *out);
int json_get_bytes(struct span value, struct buf *out);   /* -1 above U+00FF */
/* A text of an object, to be freed; NULL: it has none of that key.  For what is read once. */
char *json_member_text(struct span object, const char *key);
bool json_isnull(struct span value);
bool json_equals(struct span value, const char *string);  /* a string with just this text */

#endif
