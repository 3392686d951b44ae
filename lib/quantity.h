/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantity.h - the vocabulary of config/quantities.yaml: name, unit, meaning. */
#ifndef QUANTITY_H
#define QUANTITY_H

#include "problem.h"

struct quantity {
	char *name;          /* "voltage.dc" */
	char *unit;          /* the coherent or customary unit readings are kept in: "V" */
	char *meaning;
};

struct quantities {
	struct quantity *list;
	size_t n;
};

int  quantities_load(struct quantities *q, const char *path, struct problems *ps);
const struct quantity *quantity_find(const struct quantities *q, const char *name);
const char *quantity_nearest(const struct quantities *q, const char *name);   /* for messages */
void quantities_release(struct quantities *q);

#endif
