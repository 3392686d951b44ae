/* SPDX-License-Identifier: GPL-3.0-or-later
 * digest.h - the content digest of an HDF5 file (docs/archive.md, "The digest").
 *
 * A tree of SHA-256 over names, types, shapes, attributes and values in the order of the
 * names, so that it does not depend on chunks, filters, the library's version or the clock.
 * The hash of every part is kept: two files are compared part by part. */
#ifndef DIGEST_H
#define DIGEST_H

#include <hdf5.h>

#include "err.h"
#include "hash.h"
#include "json.h"

struct chunks;

struct digest_part {
	char *path;                    /* "/entry/title", "/entry/title@units", "/entry/" of a group */
	uint8_t hash[HASH_SIZE];       /* of a value or a link's target; zero for a group */
};

struct digest {
	uint8_t whole[HASH_SIZE];
	struct digest_part *parts;     /* in order of path bytes */
	size_t n;
};

/* chunks, if not NULL, halve the time (value.h).  ERR_CORRUPT names the part that cannot be read or is of a kind this format does not have. */
int  digest_take(struct digest *d, hid_t file, struct chunks *chunks, struct err *e);
void digest_release(struct digest *d);

#endif
