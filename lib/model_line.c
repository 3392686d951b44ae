/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_line.c - what a model file says of its serial line. */
#include "model_parts.h"

#define AT(field) .offset = offsetof(struct line, field)
static const struct schema_row line_rows[] = {
	{ .key = "baud", .type = S_INT, AT(baud), .low = 50, .high = 4000000, .fallback = "9600",
	  .help = "bits per second" },
	{ .key = "bits", .type = S_INT, AT(bits), .low = 5, .high = 8, .fallback = "8", .help = "data bits" },
	{ .key = "stop", .type = S_INT, AT(stop), .low = 1, .high = 2, .fallback = "1", .help = "stop bits" },
	{ .key = "parity", .type = S_ENUM, AT(parity), .words = line_parities, .fallback = "none",
	  .help = "parity bit" },
	{ .key = "flow", .type = S_ENUM, AT(flow), .words = line_flows, .fallback = "none", .help = "flow control" },
	{ .key = "dtr", .type = S_ENUM, AT(dtr), .words = line_levels, .fallback = "on",
	  .help = "state of the line DTR; some instruments and opto-isolated adapters live on it" },
	{ .key = "rts", .type = S_ENUM, AT(rts), .words = line_levels, .fallback = "on",
	  .help = "state of the line RTS, where flow control does not drive it" },
	{ .key = "rs485", .type = S_BOOL, AT(rs485), .fallback = "no",
	  .help = "half duplex: the kernel turns the line round where its driver can; elsewhere the adapter must" },
	{ .key = "echo", .type = S_BOOL, AT(echo), .fallback = "no",
	  .help = "what is sent comes back; it is compared byte for byte and taken away, and a difference is an error" },
	{ .key = "turnaround", .type = S_DURATION, AT(turnaround_ns), .low = 0, .high = 10, .fallback = "0 s",
	  .help = "from the last byte received to the first one sent" },
	{ .key = "character_delay", .type = S_DURATION, AT(character_delay_ns), .low = 0, .high = 1, .fallback = "0 s",
	  .help = "between two characters sent" },
	{ .key = "break", .type = S_DURATION, AT(break_ns), .low = 0, .high = 10, .fallback = "0 s",
	  .help = "how long a break is sent before the line is cleared; 0 for none" },
	{ 0 }
};
#undef AT

static void check_line(struct schema_context *c, const struct yaml *node, void *line)
{
	const struct model_loading *l = c->user;
	const struct line *of = line;
	struct err e;

	if (line_check(of, &e) < 0)
		schema_problem_key(c, node, "flow", "%s", e.text);
	if (l->model->manner == MANNER_MODBUS && (of->character_delay_ns || of->break_ns))
		schema_problem(c, node, "character_delay and break are for lines of text, not for Modbus");
}

const struct schema model_line_schema = {
	.what = "a serial line", .size = sizeof(struct line), .rows = line_rows, .check = check_line,
};
