/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_copy.h - a copy of a bench file, comments and all, in which the roles have other addresses
 * and the folder of models is absolute, so that it can be used from anywhere. */
#ifndef BENCH_COPY_H
#define BENCH_COPY_H

#include "bench.h"

/* addresses: by index of role; NULL leaves a role as it is. */
int bench_copy(const struct bench *b, const char *const *addresses, const char *path, struct err *e);

#endif
