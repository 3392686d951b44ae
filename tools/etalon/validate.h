/* SPDX-License-Identifier: GPL-3.0-or-later
 * validate.h - the published cases of lib/uncertainty, computed here and now, and the record of it: validate.c runs and
 * prints them, validate_record.c writes what a laboratory keeps (ISO/IEC 17025:2017, 7.11.2). */
#ifndef VALIDATE_H
#define VALIDATE_H

#include <stdint.h>

#include "hash.h"
#include "mem.h"
#include "published.h"

struct validated_figure {
	double computed;
	struct comparison comparison;
};

struct validated_case {
	const struct published_case *of;
	struct validated_figure *figures;       /* of->n */
	char *trouble;                          /* NULL: it could be computed */
};

struct validated {
	struct validated_case *cases;
	size_t n;
	size_t figures, agreeing;
	int64_t utc_ns;
};

/* What computed: "etalon 0.1 (build abc), GSL 2.7.1, glibc 2.36, Linux 6.1 x86_64, lab-pc".  The caller frees it. */
char *validate_software(void);

/* The record, one JSON object with its line end: the bytes the digest is of. */
void validate_record(const struct validated *v, struct buf *out);

#endif
