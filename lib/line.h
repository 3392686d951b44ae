/* SPDX-License-Identifier: GPL-3.0-or-later
 * line.h - settings of a serial line, as a model file's `line:` states them and the options of an
 * address override them.
 *
 * The first seven are the port's own, and drivers/serial.c hands them to the kernel.  The other four
 * are manners of speaking over it, which drivers/paced.c keeps above any transport. */
#ifndef LINE_H
#define LINE_H

#include <stdbool.h>
#include <stdint.h>

#include "err.h"

enum parity { PARITY_NONE, PARITY_EVEN, PARITY_ODD, PARITY_MARK, PARITY_SPACE };
enum flow { FLOW_NONE, FLOW_RTS_CTS, FLOW_XON_XOFF };
enum level { LEVEL_OFF, LEVEL_ON };

struct line {
	int64_t baud, bits, stop;
	int parity, flow;                /* enum parity, enum flow */
	int dtr, rts;                    /* enum level; rts means nothing with FLOW_RTS_CTS */
	bool rs485;                      /* half duplex: the kernel turns the line round, where its driver can */

	bool echo;                       /* what is sent comes back, and is compared */
	int64_t turnaround_ns;           /* from the last byte that came to the first one sent */
	int64_t character_delay_ns;      /* between two characters sent */
	int64_t break_ns;                /* sent before the line is cleared; 0: none */
};

extern const struct line line_usual;             /* 9600 8N1, DTR and RTS on */

/* By the enums above; ended by NULL. */
extern const char *const line_parities[], *const line_flows[], *const line_levels[];

/* ERR_CONFIG: settings that contradict each other. */
int line_check(const struct line *l, struct err *e);

#endif
