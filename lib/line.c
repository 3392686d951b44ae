/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "line.h"

#include <stddef.h>

const char *const line_parities[] = { "none", "even", "odd", "mark", "space", NULL };
const char *const line_flows[] = { "none", "rts-cts", "xon-xoff", NULL };
const char *const line_levels[] = { "off", "on", NULL };

const struct line line_usual = { .baud = 9600, .bits = 8, .stop = 1, .dtr = LEVEL_ON, .rts = LEVEL_ON };

int line_check(const struct line *l, struct err *e)
{
	if (l->flow == FLOW_RTS_CTS && l->rts == LEVEL_OFF)
		return err_set(e, ERR_CONFIG, "with flow control rts-cts the line RTS cannot be off");
	if (l->flow == FLOW_RTS_CTS && l->rs485)
		return err_set(e, ERR_CONFIG, "RS-485 has no lines for flow control rts-cts");
	if (l->flow == FLOW_XON_XOFF && l->bits < 7)
		return err_set(e, ERR_CONFIG, "XON and XOFF need 7 data bits or 8");
	return 0;
}
