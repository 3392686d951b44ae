/* SPDX-License-Identifier: GPL-3.0-or-later
 * numerics.h - which numerical library computes here, for those who have to put it on record (ISO/IEC 17025, 7.11.2). */
#ifndef NUMERICS_H
#define NUMERICS_H

/* "2.7.1", of the GNU Scientific Library that is loaded, not of the one that was compiled against. */
const char *numerics_version(void);

#endif
