/* SPDX-License-Identifier: GPL-3.0-or-later
 * array.h - is an array on record what its words, its bytes and the model file of the run say?
 *
 * It comes in parts, one record each.  Each part is there and as long as it must be, the words say how many bytes
 * there are, and status and sentinels are what the bytes of all parts give. */
#ifndef ARRAY_H
#define ARRAY_H

#include "members.h"
#include "model.h"
#include "report.h"

struct array {                         /* all zero: none in hand */
	struct block_marks marks;      /* of the parts so far */
};

void array_check(struct array *a, const struct model *model, const struct point *p, const struct record *r,
		 struct members *m, struct archive_report *report);

#endif
