/* SPDX-License-Identifier: GPL-3.0-or-later
 * quantity.h - the vocabulary of config/quantities.yaml: name, unit, meaning, its word in digital certificates.
 * Loaded once, constant then, and outlives the models that point into it. */
#ifndef QUANTITY_H
#define QUANTITY_H

#include "schema.h"

#define QUANTITY_MOST 56             /* characters of a name, input and all; with a role it is a channel */
#define INPUT_MOST    16             /* of the input behind the @ of it */

struct quantity {
	char *name;          /* "voltage.dc" */
	char *unit;          /* the coherent or customary unit readings are kept in: "V" */
	char *meaning;
	char *ref_type;      /* of the DCC: "basic_temperature"; NULL: no published list has one */
};

struct quantities {
	struct quantity *list;
	size_t n;
};

/* From a file, or a text already read.  -1 if it added a problem; *q is empty then. */
int  quantities_load(struct quantities *q, const char *path, struct problems *ps);
int  quantities_parse(struct quantities *q, const struct source *s, struct problems *ps);
const struct quantity *quantity_find(const struct quantities *q, const char *name);
const char *quantity_nearest(const struct quantities *q, const char *name);   /* for messages */
/* A value of a file as a number in `unit`; a difference (a band, a tolerance) converts without
 * the origin of a scale.  ERR_CONFIG: it has no unit, or one that does not convert. */
int  value_in(const struct value *v, const char *unit, double *out, struct err *e);
int  difference_in(const struct value *v, const char *unit, double *out, struct err *e);
void quantities_release(struct quantities *q);
extern const struct schema quantities_schema;

#endif
