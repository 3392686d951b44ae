/* SPDX-License-Identifier: GPL-3.0-or-later
 * seal.h - /entry/seal: what an archive says of itself, outside of its own digest. */
#ifndef SEAL_H
#define SEAL_H

#include "archive.h"
#include "hdf.h"

void seal_write(struct hdf *h, const struct archive_result *r);
/* ERR_CORRUPT: there is no seal, or it is of another form.  run is taken from entry_identifier. */
int  seal_read(struct hdf *h, struct archive_result *r, struct err *e);

#endif
