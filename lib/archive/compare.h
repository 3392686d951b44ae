/* SPDX-License-Identifier: GPL-3.0-or-later
 * compare.h - what an archive holds against what its records give, part by part. */
#ifndef COMPARE_H
#define COMPARE_H

#include "digest.h"
#include "hdf.h"
#include "report.h"

/* found: the file as it is; made: the one projected from its records. */
void compare_parts(struct hdf *found, const struct digest *found_parts, struct hdf *made,
		   const struct digest *made_parts, struct archive_report *r);

#endif
