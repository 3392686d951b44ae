/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_gpib.h - which controller each GPIB board of a bench file is:
 *
 *     gpib: {GPIB0: "prologix://192.0.2.5", GPIB1: "vxi11://192.0.2.6/gpib0"} */
#ifndef BENCH_GPIB_H
#define BENCH_GPIB_H

#include "schema.h"

struct gpib_boards {
	struct gpib_controller { int board; char *address; } *list;
	size_t n;
};

/* A row of a schema table, its field a struct gpib_boards. */
extern const char gpib_boards_form[];
void  gpib_boards_read(struct schema_context *c, const struct yaml *node, void *boards);
void  gpib_boards_release(void *boards);

/* An address whose board is named there, behind its controller; any other as it is.  NULL: the board is not
 * named (ERR_CONFIG).  The caller frees it. */
char *gpib_boards_place(const struct gpib_boards *b, const char *address, struct err *e);

#endif
