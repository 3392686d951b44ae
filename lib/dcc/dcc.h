/* SPDX-License-Identifier: GPL-3.0-or-later
 * dcc.h - what a digital calibration certificate (PTB's DCC, schema versions 2.4 to 3.3) states, as far as a standard's file
 * holds it: whose certificate of what it is, and the tables of its results, every number as its digits stand there.
 *
 * The only place of libxml2.  A certificate is a foreign file: no DOCTYPE, no entities, no network, UTF-8 whatever it says
 * of itself, the parser's own limits on depth and lengths, at most DCC_MAX bytes. */
#ifndef DCC_H
#define DCC_H

#include "schema.h"

#define DCC_MAX (32 << 20)       /* bytes; scans of the paper may stand in it */

struct dcc_column {              /* one quantity of a table */
	char *name, *ref_type;   /* "" where it has none */
	char *unit;              /* as files here write it; NULL: a D-SI unit that is not known here */
	char *dsi;               /* as it stands there */
	struct strings values;
	struct strings expanded, coverage_factor, probability, standard;     /* none, one for all, or one for each value */
};

struct dcc_table {
	char *name;              /* of the result; in English where it has that */
	struct dcc_column *columns;
	size_t n;
};

struct dcc {
	char *version, *number, *laboratory, *calibrated, *issued, *due;     /* "" where it does not say */
	char *item, *manufacturer, *model, *serial_number;
	struct dcc_table *tables;
	size_t n;
};

/* ERR_CONFIG: it is no such certificate; which, and what is wrong with it. */
int  dcc_parse(struct dcc **d, const void *text, size_t n, struct err *e);
void dcc_free(struct dcc **d);

/* "\milli\volt\per\metre" as "mV/m"; NULL: a unit that is not known here, or not one.  The caller frees it. */
char *dsi_unit(const char *dsi);

#endif
