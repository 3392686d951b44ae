/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "modbus_exception.h"

#include <stdbool.h>
#include <stdio.h>

static const struct { const char *name, *remedy; } known[] = {
	[1] = { "illegal function", "the device does not do this; look at `table`, and at `function` where it writes" },
	[2] = { "illegal data address", "not all of these are there, or not all may be read at once; look at `table` and "
		"`address`, and at `gap`, `span` and `readable` of the model file" },
	[3] = { "illegal data value", "the device refuses the value, or so many registers at once; look at its range and "
		"at `span`" },
	[4] = { "server device failure", "the device has failed while it did this; look at its own display" },
	[5] = { "acknowledge", "the device has begun and needs time; `done` or `ready` in the model file waits for it" },
	[6] = { "server device busy", "the device is at work; `pause` in the model file gives it more time" },
	[7] = { "negative acknowledge", "the device cannot do this now; look at its mode (remote, local)" },
	[8] = { "memory parity error", "the device's memory is damaged; it needs service" },
	[10] = { "gateway path unavailable", "the gateway has no way to the unit; look at its settings" },
	[11] = { "gateway target device failed to respond", "the unit behind the gateway is off, or has another number" },
};

static int word(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

/* "reading input registers 0 to 6" */
static void describe(const uint8_t *request, size_t n, char *out, size_t size)
{
	static const char *const tables[17] = {
		[1] = "coils", [2] = "discrete inputs", [3] = "holding registers", [4] = "input registers",
		[5] = "coils", [6] = "holding registers", [15] = "coils", [16] = "holding registers",
	};
	int function = request[0], from, count;

	if (n < 5 || function > 16 || !tables[function]) {
		snprintf(out, size, "function %d", function);
		return;
	}
	from = word(request + 1);
	count = function == 5 || function == 6 ? 1 : word(request + 3);
	if (count < 2)
		snprintf(out, size, "%s %s %d", function < 5 ? "reading" : "writing", tables[function], from);
	else
		snprintf(out, size, "%s %s %d to %d", function < 5 ? "reading" : "writing", tables[function], from,
			 from + count - 1);
}

int exception_explain(int code, const uint8_t *request, size_t n, struct err *e)
{
	bool named = code > 0 && code < (int)(sizeof known / sizeof *known) && known[code].name;
	bool unheard = code == EXCEPTION_GATEWAY_PATH || code == EXCEPTION_GATEWAY_TARGET;
	enum err_code kind = unheard ? ERR_TIMEOUT : ERR_INSTRUMENT;
	char what[80];

	describe(request, n, what, sizeof what);
	if (!named)
		return err_set(e, kind, "%s: exception %d, which is the maker's own: look into its manual", what, code);
	return err_set(e, kind, "%s: exception %d, %s: %s", what, code, known[code].name, known[code].remedy);
}
