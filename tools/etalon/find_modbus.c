/* SPDX-License-Identifier: GPL-3.0-or-later
 * find_modbus.c - which units of a Modbus line are there: each is asked for one register, and whoever answers,
 * be it with an exception, is. */
#include <stdlib.h>
#include <string.h>

#include "find.h"
#include "host.h"
#include "modbus_bus.h"

/* 0: it answers; 1: it does not; -1: nothing can be asked there. */
static int ask_unit(struct bus *b, const struct find_modbus *o, int number, struct err *e)
{
	const uint8_t request[] = { 3, (uint8_t)(o->reg >> 8), (uint8_t)o->reg, 0, 1 };
	struct unit u = { .number = number, .latency_ns = o->patience_ns };
	uint8_t reply[PDU_MAX];

	if (bus_connect(b, instant_after(10 * o->patience_ns), e) < 0 ||
	    bus_ready(b, &u, instant_after(20 * o->patience_ns), e) < 0)
		return -1;
	if (bus_transact(b, &u, request, sizeof request, reply, instant_after(o->patience_ns), e) >= 0 ||
	    e->code == ERR_INSTRUMENT)
		return 0;
	if (e->code == ERR_CLOSED)
		bus_disconnect(b);
	return e->code == ERR_CANCELLED ? -1 : 1;
}

/* The address without its unit, and with another. */
static char *with_unit(const char *address, int unit)
{
	const char *query = strchr(address, '?');
	size_t n = query ? (size_t)(query - address) : strlen(address);
	bool network = !strncmp(address + strcspn(address, ":"), "://", 3);
	const char *slash = network ? memchr(address + strcspn(address, ":") + 3, '/', n - strcspn(address, ":") - 3) : NULL;
	struct buf options = { 0 };
	char *out;

	if (slash)
		n = (size_t)(slash - address);
	for (const char *p = query ? query + 1 : ""; *p;) {
		size_t k = strcspn(p, "&");

		if (strncmp(p, "unit=", 5))
			buf_printf(&options, "%.*s&", (int)k, p);
		p += k + (p[k] == '&');
	}
	if (network) {
		if (options.len)
			options.data[options.len - 1] = '\0';
		out = mem_format("%.*s/%d%s%s", (int)n, address, unit, options.len ? "?" : "", options.len ? options.data : "");
	} else {
		out = mem_format("%.*s?%sunit=%d", (int)n, address, options.len ? options.data : "", unit);
	}
	buf_release(&options);
	return out;
}

static int ask_units(struct finds *f, struct bus *b, const struct find_modbus *o, struct err *e)
{
	for (int unit = o->first; unit <= o->last; unit++) {
		int answers = ask_unit(b, o, unit, e);
		char *address;

		if (answers < 0)
			return -1;
		if (answers > 0)
			continue;
		address = with_unit(o->address, unit);
		finds_at(f, address, "Modbus unit");
		free(address);
	}
	return 0;
}

int find_modbus(struct finds *f, const struct find_modbus *o, struct err *e)
{
	struct address a;
	struct bus *b;
	char *resolved;
	int bad;

	if (address_parse(&a, o->address, NULL, e) < 0)
		return -1;
	if (!a.modbus)
		return err_set(e, ERR_CONFIG, "%s: expected modbus+tcp://HOST:PORT or modbus+rtu:/dev/...", o->address);
	resolved = host_resolve(o->address, e);
	if (!resolved)
		return -1;
	b = bus_new(resolved, &a.line, o->cancel);
	bus_latency(b, o->patience_ns);
	bad = ask_units(f, b, o, e);
	bus_free(&b);
	free(resolved);
	return bad;
}
