/* SPDX-License-Identifier: GPL-3.0-or-later
 * idn.h - the fields of an answer to *IDN?: maker, model, serial number, firmware (IEEE 488.2, 10.14.3). */
#ifndef IDN_H
#define IDN_H

#include "json.h"

#define IDN_FIELDS 4

struct span idn_trim(struct span s);             /* without white space around it */
struct span idn_number(struct span model);       /* "MODEL 2182A" and "2182A" are 2182A */

#endif
