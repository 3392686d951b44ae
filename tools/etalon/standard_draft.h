/* SPDX-License-Identifier: GPL-3.0-or-later
 * standard_draft.h - a standard's file from a digital calibration certificate, digit for digit.
 *
 * What the certificate does not say, or only a person can judge, is left empty behind a comment "# TODO": until it is
 * filled in, etalon check and whatever loads the file refuse it. */
#ifndef STANDARD_DRAFT_H
#define STANDARD_DRAFT_H

#include "dcc.h"

struct draft_origin {
	const char *name, *quantity;     /* of the standard; of its results, NULL: a person says */
	const char *file, *sha256;       /* of the certificate */
};

void standard_draft(const struct dcc *d, const struct draft_origin *o, struct buf *out);

#endif
