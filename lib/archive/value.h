/* SPDX-License-Identifier: GPL-3.0-or-later
 * value.h - the hash of one HDF5 value: type, shape and elements (docs/archive.md, "The digest").
 *
 * Strings are UTF-8 with their lengths, integers little-endian of their declared width, floats
 * IEEE 754 with one not-a-number for all and -0 kept. */
#ifndef VALUE_H
#define VALUE_H

#include <hdf5.h>

#include "hash.h"
#include "mem.h"

/* -1: it cannot be read, or is of a type or shape this format does not have. */
int value_hash_attribute(struct hash *h, hid_t attribute, uint8_t hash[HASH_SIZE]);
/* chunks: reads what is of our own shape beside HDF5; NULL: HDF5 reads all, to the same end. */
struct chunks;
int value_hash_dataset(struct hash *h, struct chunks *chunks, hid_t dataset, uint8_t hash[HASH_SIZE]);

/* A count, and a text with its count before it, as they are hashed everywhere. */
void value_put_count(struct buf *b, uint64_t n);
void value_put_text(struct buf *b, const char *s);

#endif
