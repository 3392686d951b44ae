/* SPDX-License-Identifier: GPL-3.0-or-later
 * modbus_lines.h - Modbus lines for benchmarks: a unit that always gives the same register, at once or at the pace
 * of a line, and the bare client of it. */
#ifndef MODBUS_LINES_H
#define MODBUS_LINES_H

#include "aid.h"
#include "modbus_frame.h"

/* The request for input register 0 of a unit, and its answer. */
struct exchanged {
	uint8_t ask[FRAME_MAX], answer[FRAME_MAX];
	size_t ask_n, answer_n;
};
struct exchanged exchanged_of(enum modbus how, int unit);

#define SILENT_UNIT 2                    /* never answers; all others do */
struct server server_line_over_tcp(enum modbus how, int core);
/* On a pseudo-terminal (ports[0]: its open slave) whose bytes take their time, 10 bits a character; the unit answers
 * 3.5 characters behind the request. */
#define PACED_BAUD 9600
struct server server_paced(enum modbus how, int core);
double paced_most(enum modbus how);              /* exchanges a second that such a line allows */

/* It keeps RTU's 3.5 characters of silence too, and nothing else. */
struct bare_line { int fd; struct exchanged x; int64_t gap_ns; };
struct bare_line bare_line_of(enum modbus how, int fd);
double bare_exchanges(void *bare_line, unsigned n);      /* a side */

#endif
