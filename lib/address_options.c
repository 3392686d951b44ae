/* SPDX-License-Identifier: GPL-3.0-or-later
 * address_options.c - what may stand behind the '?' of an address. */
#include <math.h>
#include <stddef.h>
#include <string.h>

#include "address_parts.h"
#include "instant.h"
#include "number.h"

/* Where an option means something. */
enum {
	ON_PORT = 1,                     /* a serial port, or what stands for one */
	ON_SOCKET = 2,                   /* a connection to a serial server */
	ON_MODBUS = 4,                   /* a line that speaks Modbus, RTU or ASCII */
	ON_MODBUS_SERVER = 8,            /* the same behind a serial server; its settings say how long a character is */
	ON_CONTROLLER = 16,              /* the serial port of a GPIB controller */
	ON_NEITHER = 32,                 /* messages on a network, not a line's bytes */
	ON_EACH = ON_PORT | ON_SOCKET | ON_MODBUS | ON_MODBUS_SERVER | ON_NEITHER,
	ON_LINE = ON_PORT | ON_MODBUS,
	ON_WIRE = ON_LINE | ON_CONTROLLER
};

enum kind { KIND_NUMBER, KIND_WORD, KIND_YES, KIND_TIME, KIND_UNIT };

static const struct option {
	const char *name;
	enum kind kind;
	unsigned where;
	size_t offset;                   /* in struct line */
	int64_t low, high;               /* times: in ms */
	const char *const *words;
} options[] = {
#define AT(field) offsetof(struct line, field)
	{ "baud", KIND_NUMBER, ON_WIRE | ON_MODBUS_SERVER, AT(baud), 50, 4000000, NULL },
	{ "bits", KIND_NUMBER, ON_WIRE | ON_MODBUS_SERVER, AT(bits), 5, 8, NULL },
	{ "stop", KIND_NUMBER, ON_WIRE | ON_MODBUS_SERVER, AT(stop), 1, 2, NULL },
	{ "parity", KIND_WORD, ON_WIRE | ON_MODBUS_SERVER, AT(parity), 0, 0, line_parities },
	{ "flow", KIND_WORD, ON_WIRE, AT(flow), 0, 0, line_flows },
	{ "dtr", KIND_WORD, ON_WIRE, AT(dtr), 0, 0, line_levels },
	{ "rts", KIND_WORD, ON_WIRE, AT(rts), 0, 0, line_levels },
	{ "rs485", KIND_YES, ON_LINE, AT(rs485), 0, 0, NULL },
	{ "echo", KIND_YES, ON_LINE | ON_SOCKET | ON_MODBUS_SERVER, AT(echo), 0, 0, NULL },
	{ "turnaround", KIND_TIME, ON_LINE | ON_SOCKET | ON_MODBUS_SERVER, AT(turnaround_ns), 0, 10000, NULL },
	{ "character_delay", KIND_TIME, ON_PORT | ON_SOCKET, AT(character_delay_ns), 0, 1000, NULL },
	{ "break", KIND_TIME, ON_PORT, AT(break_ns), 0, 10000, NULL },
	{ "unit", KIND_UNIT, ON_EACH, 0, 0, 255, NULL },
#undef AT
};

static bool same(const char *word, const char *text, size_t n)
{
	return strlen(word) == n && !memcmp(word, text, n);
}

static const struct option *option_find(const char *name, size_t n)
{
	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		if (same(options[i].name, name, n))
			return &options[i];
	return NULL;
}

static int find_word(const char *const *words, const char *text, size_t n)
{
	for (int i = 0; words[i]; i++)
		if (same(words[i], text, n))
			return i;
	return -1;
}

/* "2ms", "0.5s": a URL has no blanks. */
static bool parse_time(const char *text, size_t n, int64_t *ns)
{
	size_t digits = n ? strspn(text, "0123456789.") : 0;
	struct err ignored;
	double number, scale;

	if (digits > n || number_parse(text, digits, &number, &ignored) < 0)
		return false;
	if (same("ms", text + digits, n - digits))
		scale = 1e6;
	else if (same("us", text + digits, n - digits))
		scale = 1e3;
	else if (same("s", text + digits, n - digits))
		scale = 1e9;
	else
		return false;
	if (!(number * scale <= 1e15))
		return false;
	*ns = llround(number * scale);
	return true;
}

static bool in_range(const struct option *o, int64_t v, int64_t scale)
{
	return v >= o->low * scale && v <= o->high * scale;
}

/* What an option may be: "even, odd or none", "from 5 to 8". */
static int refuse_value(const struct option *o, const char *text, size_t n, struct err *e)
{
	char may_be[256] = "yes, no";

	if (o->kind == KIND_NUMBER || o->kind == KIND_UNIT)
		snprintf(may_be, sizeof may_be, "a whole number from %lld to %lld", (long long)o->low, (long long)o->high);
	else if (o->kind == KIND_TIME)
		snprintf(may_be, sizeof may_be, "a time up to %lld ms, such as %s=2ms", (long long)o->high, o->name);
	for (int i = 0; o->words && o->words[i]; i++)
		snprintf(may_be + (i ? strlen(may_be) : 0), sizeof may_be - (i ? strlen(may_be) : 0), "%s%s", i ? ", " : "",
			 o->words[i]);
	return err_set(e, ERR_CONFIG, "%s cannot be '%.*s': expected %s", o->name, n > 80 ? 80 : (int)n, text, may_be);
}

static int option_value(struct address *a, const struct option *o, const char *text, size_t n, struct err *e)
{
	void *field = (char *)&a->line + o->offset;
	struct err ignored;
	int64_t v = 0;
	int word;

	switch (o->kind) {
	case KIND_NUMBER:
		if (number_parse_int(text, n, &v, &ignored) < 0 || !in_range(o, v, 1))
			break;
		*(int64_t *)field = v;
		return 0;
	case KIND_UNIT:
		if (number_parse_int(text, n, &v, &ignored) < 0 || !in_range(o, v, 1))
			break;
		a->unit = (int)v;
		return 0;
	case KIND_TIME:
		if (!parse_time(text, n, &v) || !in_range(o, v, NS_PER_MS))
			break;
		*(int64_t *)field = v;
		return 0;
	case KIND_WORD:
		word = find_word(o->words, text, n);
		if (word < 0)
			break;
		*(int *)field = word;
		return 0;
	case KIND_YES:
		if (!same("yes", text, n) && !same("no", text, n))
			break;
		*(bool *)field = *text == 'y';
		return 0;
	}
	return refuse_value(o, text, n, e);
}

int address_unit(struct address *a, const char *text, struct err *e)
{
	return option_value(a, option_find("unit", 4), text, strlen(text), e);
}

static int no_option(const char *text, size_t n, struct err *e)
{
	char names[256] = "";

	for (size_t i = 0; i < sizeof options / sizeof *options; i++)
		snprintf(names + strlen(names), sizeof names - strlen(names), " %s=", options[i].name);
	return err_set(e, ERR_CONFIG, "'%.*s' is not one of%s", n > 80 ? 80 : (int)n, text, names);
}

static unsigned place_of(const struct address *a)
{
	if (a->modbus == MODBUS_RTU || a->modbus == MODBUS_ASCII)
		return a->network ? ON_MODBUS_SERVER : ON_MODBUS;
	if (a->gpib.primary >= 0)
		return a->network ? 0 : ON_CONTROLLER;
	if (!strcmp(a->scheme, "usb"))
		return ON_NEITHER;
	return !a->network ? ON_PORT : !strcmp(a->scheme, "tcp") ? ON_SOCKET : ON_NEITHER;
}

static int out_of_place(const struct address *a, const struct option *o, struct err *e)
{
	unsigned place = place_of(a);

	if (place == ON_NEITHER || a->gpib.primary >= 0)
		return err_set(e, ERR_CONFIG, "%s is for an instrument's serial line, not for %s", o->name, a->scheme);
	if (a->modbus && !(o->where & ON_MODBUS))
		return err_set(e, ERR_CONFIG, "%s is for lines of text, not for Modbus", o->name);
	return err_set(e, ERR_CONFIG, "%s is set at the serial server itself, not in the address", o->name);
}

/* One "name=value" of n bytes. */
static int option_parse(struct address *a, const char *text, size_t n, struct err *e)
{
	const char *equals = memchr(text, '=', n);
	const struct option *o = equals ? option_find(text, (size_t)(equals - text)) : NULL;

	if (!o)
		return no_option(text, n, e);
	if (!(o->where & place_of(a)))
		return out_of_place(a, o, e);
	return option_value(a, o, equals + 1, n - (size_t)(equals + 1 - text), e);
}

int address_options(struct address *a, const char *text, struct err *e)
{
	for (;;) {
		size_t n = strcspn(text, "&");

		if (option_parse(a, text, n, e) < 0)
			return -1;
		if (!text[n])
			return 0;
		text += n + 1;
	}
}
