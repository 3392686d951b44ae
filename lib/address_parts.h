/* SPDX-License-Identifier: GPL-3.0-or-later
 * address_parts.h - the pieces of address.h's grammar, for address*.c alone. */
#ifndef ADDRESS_PARTS_H
#define ADDRESS_PARTS_H

#include "address.h"

/* "name=value&name=value", what follows the '?'. */
int address_options(struct address *a, const char *text, struct err *e);
int address_unit(struct address *a, const char *text, struct err *e);
/* Refuses what has the form of no address, and says what was probably meant. */
int address_unknown(const char *text, struct err *e);

#endif
