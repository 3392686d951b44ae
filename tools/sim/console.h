/* SPDX-License-Identifier: GPL-3.0-or-later
 * console.h - the commands that etalon-sim takes on its standard input, one a line:
 *
 *     fault ROLE KIND [KEY=VALUE...]     fault.h says which
 *     clear [ROLE]                       no more faults, of one instrument or of all
 *     power ROLE [quiet]                 power-cycle: settings lost, connections closed; quiet: they
 *                                        stay, as a serial line does not notice
 *     set-world NODE VALUE               any of world.c, but the dew point
 *     flush                              what is known of the truth is in its file now
 *     quit */
#ifndef CONSOLE_H
#define CONSOLE_H

#include "play.h"

/* Carries out one line.  0, or -1 and why; sets *quit on `quit`. */
int console_line(struct play *p, const char *line, bool *quit, struct err *e);
/* ROLE:KIND[:KEY=VALUE...], as --fault has it. */
int console_fault(struct play *p, const char *text, struct err *e);

#endif
