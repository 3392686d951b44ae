/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "address_parts.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <limits.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "number.h"
#include "visa.h"

/* The ways there are.  The lines of Modbus may also be behind a terminal server: then a host follows.  later: what
 * to do until it is one. */
static const struct scheme {
	const char *name;
	bool network;                    /* a prologix is where its place says so */
	enum modbus modbus;
	const char *device;              /* of the host, where none is named; NULL: hosts have no devices */
	const char *later;
} schemes[] = {
	{ "tcp", true, false, NULL, NULL },
	{ "serial", false, false, NULL, NULL },
	{ "pty", false, false, NULL, NULL },
	{ "vxi11", true, false, "/inst0", NULL },
	{ "prologix", false, false, NULL, NULL },
	{ "hislip", true, false, "/hislip0", NULL },
	{ "modbus+tcp", true, MODBUS_TCP, NULL, NULL },
	{ "modbus+rtu", false, MODBUS_RTU, NULL, NULL },
	{ "modbus+ascii", false, MODBUS_ASCII, NULL, NULL },
	{ "manual", false, false, NULL, NULL },
	{ "usb", false, MODBUS_NOT, NULL, NULL },
	{ "gpib", false, false, NULL, "only a bench file knows which controller that board is: name it there (gpib: {GPIB0: "
	  "prologix://HOST}), or write prologix://HOST/22 or vxi11://HOST/gpib0,22" },
};

#define PROLOGIX_PORT ":1234"
#define PROLOGIX_BAUD 115200             /* its USB does not care; its copies with a UART do */

static bool same(const char *word, const char *text, size_t n)
{
	return strlen(word) == n && !memcmp(word, text, n);
}

/* The end of the name in "host:port", "[host]:port", "host/path"; NULL after a problem. */
static const char *name_end(const char *from, struct err *e)
{
	const char *bracket = *from == '[' ? strchr(from, ']') : NULL;
	const char *end = bracket ? bracket + 1 : from + strcspn(from, ":/");
	const char *colon = *end == ':' ? strchr(end + 1, ':') : NULL;

	if (!colon || memchr(end, '/', (size_t)(colon - end)))
		return end;
	err_set(e, ERR_CONFIG, "an IPv6 address stands in brackets: tcp://[::1]:5025");
	return NULL;
}

static int take_port(struct host *h, const char *port, size_t n, struct err *e)
{
	int64_t number;

	if (number_parse_int(port, n, &number, e) < 0 || number < 1 || number > 65535)
		return err_set(e, ERR_CONFIG, "'%.*s' is not a port from 1 to 65535", n > 40 ? 40 : (int)n, port);
	snprintf(h->port, sizeof h->port, "%d", (int)number);
	return 0;
}

/* What stands in brackets is an IPv6 address, perhaps with its interface behind '%'; a name of digits and dots
 * alone is an IPv4 address (RFC 1123, 2.1). */
static int check_numeric(const char *name, bool brackets, struct err *e)
{
	char text[ADDRESS_HOST];
	struct in6_addr number;

	if (!brackets && name[strspn(name, "0123456789.")])
		return 0;
	snprintf(text, sizeof text, "%.*s", (int)strcspn(name, "%"), name);
	if (inet_pton(brackets ? AF_INET6 : AF_INET, text, &number) == 1)
		return 0;
	return err_set(e, ERR_CONFIG, "'%s' is no IPv%d address", name, brackets ? 6 : 4);
}

int address_host(const char *place, struct host *h, struct err *e)
{
	const char *from = place + 2, *end;
	size_t brackets, n;

	*h = (struct host){ 0 };
	if (strncmp(place, "//", 2))
		return err_set(e, ERR_CONFIG, "two slashes stand before a host");
	end = name_end(from, e);
	if (!end)
		return -1;
	brackets = *from == '[' && end[-1] == ']';
	n = (size_t)(end - from) - 2 * brackets;
	if (n == 0 || n >= sizeof h->name)
		return err_set(e, ERR_CONFIG, "it names no host");
	memcpy(h->name, from + brackets, n);
	if (check_numeric(h->name, brackets, e) < 0)
		return -1;
	n = strcspn(end, "/");
	if (*end && *end != '/' && (*end != ':' || take_port(h, end + 1, n - 1, e) < 0))
		return *end == ':' ? -1 : err_set(e, ERR_CONFIG, "'%.40s' stands behind the host", end);
	snprintf(h->path, sizeof h->path, "%s", end[n] ? end + n + 1 : "");
	return 0;
}

/* "/3" behind the port of a Modbus address is its unit. */
static int cut_unit(struct address *a, struct err *e)
{
	char *slash = strchr(a->place + 2, '/');

	if (!slash)
		return 0;
	*slash = '\0';
	return address_unit(a, slash + 1, e);
}

static int append(struct address *a, const char *text, struct err *e)
{
	size_t n = strlen(a->place);

	if (n + strlen(text) >= sizeof a->place)
		return err_set(e, ERR_CONFIG, "longer than %zu bytes", sizeof a->place);
	memcpy(a->place + n, text, strlen(text) + 1);
	return 0;
}

/* Every name of a device is there, so that one place is always written in one way. */
static int complete_device(struct address *a, const char *usual, const struct host *h, struct err *e)
{
	size_t n = strlen(a->place);

	if (h->path[0])
		return 0;
	if (n && a->place[n - 1] == '/')
		return err_set(e, ERR_CONFIG, "expected %s://host%s", a->scheme, usual);
	return append(a, usual, e);
}

/* Behind the last '/' stands the address on the bus; what remains is the controller. */
static int cut_gpib(struct address *a, struct err *e)
{
	char *slash = strrchr(a->place + 2 * a->network, '/');
	struct host h;

	if (!slash || slash == a->place)
		return err_set(e, ERR_CONFIG, "expected prologix://HOST/22 or prologix:DEVICE/22, with the address on the bus");
	if (gpib_parse(&a->gpib, slash + 1, e) < 0)
		return -1;
	*slash = '\0';
	if (!a->network)
		return 0;
	if (address_host(a->place, &h, e) < 0)
		return -1;
	return h.path[0] ? err_set(e, ERR_CONFIG, "expected prologix://HOST/22")
		: h.port[0] ? 0 : append(a, PROLOGIX_PORT, e);
}

/* Numbers are written in one way, and a serial number is what an instrument says it is. */
static int complete_usb(struct address *a, struct err *e)
{
	unsigned vendor, product;
	int serial = 0;
	char *text;
	size_t n;

	if (sscanf(a->place, "0x%4x/0x%4x%n", &vendor, &product, &serial) != 2 || (a->place[serial] && a->place[serial] != '/'))
		return err_set(e, ERR_CONFIG, "expected usb:0x2A8D/0x0101/SERIAL with vendor and product, as lsusb shows them");
	text = mem_format("0x%04x/0x%04x/%s", vendor, product, a->place[serial] ? a->place + serial + 1 : "");
	n = strlen(text);
	memcpy(a->place, text, n < sizeof a->place ? n + 1 : 0);
	free(text);
	return n < sizeof a->place ? 0 : err_set(e, ERR_CONFIG, "longer than %zu bytes", sizeof a->place);
}

static int place_check(struct address *a, const char *device, struct err *e)
{
	struct host h;

	if (!strcmp(a->scheme, "usb"))
		return complete_usb(a, e);
	if (!strcmp(a->scheme, "prologix"))
		return cut_gpib(a, e);
	if (!a->network) {
		if (a->place[0] && strncmp(a->place, "//", 2))
			return 0;
		return err_set(e, ERR_CONFIG, "expected %s:/path", a->scheme);
	}
	if (a->modbus && !strncmp(a->place, "//", 2) && cut_unit(a, e) < 0)
		return -1;
	if (address_host(a->place, &h, e) < 0)
		return -1;
	if (device)
		return complete_device(a, device, &h, e);
	return h.port[0] && !strchr(a->place + 2, '/') ? 0
		: err_set(e, ERR_CONFIG, "expected %s://HOST:PORT%s", a->scheme,
			  a->modbus == MODBUS_TCP ? "; instruments listen at port 502" : a->modbus ? "" :
			  "; the port for SCPI is 5025 as a rule");
}

static int settings_check(const struct address *a, struct err *e)
{
	if (line_check(&a->line, e) < 0)
		return -1;
	if ((a->modbus == MODBUS_RTU || a->modbus == MODBUS_ASCII) && (a->unit < 1 || a->unit > 247))
		return err_set(e, ERR_CONFIG, "units of a line are 1 to 247, not %d", a->unit);
	if (a->modbus == MODBUS_RTU && a->line.bits != 8)
		return err_set(e, ERR_CONFIG, "RTU needs bits=8, not %d; ASCII does with 7", (int)a->line.bits);
	if (a->modbus == MODBUS_ASCII && a->line.bits < 7)
		return err_set(e, ERR_CONFIG, "ASCII needs bits=7 or bits=8, not %d", (int)a->line.bits);
	return 0;
}

static const struct scheme *find_scheme(const char *text)
{
	size_t n = strcspn(text, ":");

	for (size_t i = 0; text[n] && i < sizeof schemes / sizeof *schemes; i++)
		if (same(schemes[i].name, text, n))
			return &schemes[i];
	return NULL;
}

/* The model's line is the instrument's serial interface, and no network's or controller's. */
static struct line usual_line(const struct address *a, const struct line *model)
{
	struct line line = line_usual;
	bool prologix = !strcmp(a->scheme, "prologix"), usb = !strcmp(a->scheme, "usb");

	if (prologix)
		line.baud = PROLOGIX_BAUD;
	return model && !a->network && !prologix && !usb ? *model : line;
}

static int parse_plain(struct address *a, const char *text, const struct line *line, struct err *e)
{
	const struct scheme *s = find_scheme(text);
	const char *place;
	size_t n;

	if (!s)
		return address_unknown(text, e);
	if (s->later)
		return err_set(e, ERR_CONFIG, "%s", s->later);
	*a = (struct address){ .scheme = s->name, .modbus = s->modbus, .manual = !strcmp(s->name, "manual"),
			       .gpib = { -1, -1 }, .unit = 1 };
	place = text + strlen(s->name) + 1;
	a->network = s->network || ((s->modbus || !strcmp(s->name, "prologix")) && !strncmp(place, "//", 2));
	a->line = usual_line(a, line);
	n = strcspn(place, "?");
	if (n >= sizeof a->place)
		return err_set(e, ERR_CONFIG, "longer than %zu bytes", sizeof a->place);
	memcpy(a->place, place, n);
	if (place_check(a, s->device, e) < 0 || (place[n] && address_options(a, place + n + 1, e) < 0))
		return -1;
	return settings_check(a, e);
}

/* A blank that was copied along would become part of a device's name. */
static int check_blanks(const char *text, struct err *e)
{
	size_t n = strlen(text);

	if (n && (isspace((unsigned char)text[0]) || isspace((unsigned char)text[n - 1])))
		return err_set(e, ERR_CONFIG, "a blank stands before or behind it: take it away");
	return 0;
}

int address_parse(struct address *a, const char *text, const struct line *line, struct err *e)
{
	char plain[2 * ADDRESS_PLACE];
	bool visa = visa_is(text);

	if (check_blanks(text, e) == 0 && (!visa || visa_translate(text, plain, sizeof plain, e) == 0) &&
	    parse_plain(a, visa ? plain : text, line, e) == 0)
		return 0;
	return err_wrap(e, "'%.80s'", text);
}

int address_check(const char *text, struct err *e)
{
	struct address a;

	return address_parse(&a, text, NULL, e);
}

char *address_plain(const char *text)
{
	char plain[2 * ADDRESS_PLACE];
	struct err e;

	return mem_string(visa_is(text) && visa_translate(text, plain, sizeof plain, &e) == 0 ? plain : text);
}

static char *port_of(const struct address *a)
{
	char real[PATH_MAX];

	if (!a->network && !a->manual && realpath(a->place, real))
		return mem_format("%s:%s", a->scheme, real);
	return mem_format("%s:%s", a->scheme, a->place);
}

char *address_port(const char *text)
{
	struct address a;
	struct err e;

	return address_parse(&a, text, NULL, &e) < 0 ? mem_string(text) : port_of(&a);
}

bool address_same(const char *one, const char *other)
{
	struct address a, b;
	struct err e;
	char *p, *q;
	bool same_port;

	if (address_parse(&a, one, NULL, &e) < 0 || address_parse(&b, other, NULL, &e) < 0)
		return !strcmp(one, other);
	p = port_of(&a);
	q = port_of(&b);
	same_port = !strcmp(p, q);
	free(p);
	free(q);
	return same_port && a.unit == b.unit && gpib_same(&a.gpib, &b.gpib);
}
