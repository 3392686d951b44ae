/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "visa.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>

#include "number.h"

#define WORDS 8
#define WORD  200

/* A resource string cut at its "::".  words[0] is what follows the interface's keyword. */
struct resource {
	char words[WORDS][WORD];
	size_t n;                        /* without the class at the end */
	bool socket;                     /* its class; else INSTR */
	char *out;
	size_t size;
};

static int say(struct resource *r, struct err *e, const char *fmt, ...) __attribute__((format(printf, 3, 4)));

static int say(struct resource *r, struct err *e, const char *fmt, ...)
{
	va_list args;
	int n;

	va_start(args, fmt);
	n = vsnprintf(r->out, r->size, fmt, args);
	va_end(args);
	return n < 0 || (size_t)n >= r->size ? err_set(e, ERR_CONFIG, "it is too long") : 0;
}

static bool number_in(const char *text, int64_t low, int64_t high, int64_t *v)
{
	struct err ignored;

	return isdigit((unsigned char)*text) && number_parse_int(text, strlen(text), v, &ignored) == 0 &&
	       *v >= low && *v <= high;
}

/* "TCPIP0", "GPIB": behind the keyword stands the number of a board, or nothing. */
static int board(const struct resource *r, const char *keyword, int64_t *number, struct err *e)
{
	*number = 0;
	if (!r->words[0][0] || number_in(r->words[0], 0, 99, number))
		return 0;
	return err_set(e, ERR_CONFIG, "'%s%s' is not %s with the number of a board", keyword, r->words[0], keyword);
}

static bool begins(const char *text, const char *head)
{
	return !strncasecmp(text, head, strlen(head));
}

/* A port may stand behind the name. */
static int from_hislip(struct resource *r, const char *host, const char *name, struct err *e)
{
	size_t n = strcspn(name, ",");

	if (!name[n])
		return say(r, e, "hislip://%s/%s", host, name);
	return say(r, e, "hislip://%s:%s/%.*s", host, name + n + 1, (int)n, name);
}

/* "INST", "SOCKETS": a class written wrong, and no device. */
static bool is_class(const char *name)
{
	return (begins(name, "inst") || begins(name, "sock")) &&
	       !name[strspn(name, "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ")];
}

/* The words from the host on, as far as they are an IPv6 address that stands there without its brackets. */
static bool bare_ipv6(const struct resource *r, char text[INET6_ADDRSTRLEN])
{
	struct in6_addr number;

	for (size_t to = r->n - r->socket; to > 1; to--) {
		size_t at = 0;

		text[0] = '\0';
		for (size_t i = 1; i < to && at < INET6_ADDRSTRLEN; i++)
			at += (size_t)snprintf(text + at, INET6_ADDRSTRLEN - at, "%s%s", i > 1 ? "::" : "", r->words[i]);
		if (at < INET6_ADDRSTRLEN && inet_pton(AF_INET6, text, &number) == 1)
			return true;
	}
	return false;
}

static int want_brackets(const struct resource *r, const char *number, struct err *e)
{
	return err_set(e, ERR_CONFIG, "an IPv6 address stands in brackets: TCPIP::[%s]::%s", number,
		       r->socket ? "PORT::SOCKET" : "INSTR");
}

static int from_tcpip(struct resource *r, struct err *e)
{
	char number[INET6_ADDRSTRLEN];

	const char *host = r->words[1], *name = r->n > 2 ? r->words[2] : "inst0";
	int64_t v;

	if (board(r, "TCPIP", &v, e) < 0)
		return -1;
	if (r->n > 1 && bare_ipv6(r, number))
		return want_brackets(r, number, e);
	if (r->n < 2 || !host[0])
		return err_set(e, ERR_CONFIG, "it names no host: expected TCPIP::HOST::INSTR or "
			       "TCPIP::HOST::PORT::SOCKET");
	if (r->socket)
		return r->n == 3 ? say(r, e, "tcp://%s:%s", host, name)
				 : err_set(e, ERR_CONFIG, "expected TCPIP::HOST::PORT::SOCKET");
	if (r->n > 3 || !name[0] || is_class(name))
		return err_set(e, ERR_CONFIG, "expected TCPIP::HOST::INSTR or TCPIP::HOST::inst0::INSTR");
	if (number_in(name, 0, INT64_MAX, &v))
		return err_set(e, ERR_CONFIG, "a port belongs to a socket: TCPIP::%s::%s::SOCKET", host, name);
	return begins(name, "hislip") ? from_hislip(r, host, name, e) : say(r, e, "vxi11://%s/%s", host, name);
}

/* NI-VISA counts serial lines from 1, the kernel from 0. */
static int from_asrl(struct resource *r, struct err *e)
{
	const char *line = r->words[0];
	int64_t v;

	if (r->n != 1 || r->socket)
		return err_set(e, ERR_CONFIG, "expected ASRL/dev/...::INSTR");
	if (line[0] == '/')
		return say(r, e, "serial:%s", line);
	if (number_in(line, 1, 256, &v))
		return say(r, e, "serial:/dev/ttyS%d", (int)v - 1);
	return err_set(e, ERR_CONFIG, "'ASRL%s' is no line: expected ASRL1 to ASRL256, or the device as in "
		       "ASRL/dev/ttyUSB0::INSTR", line);
}

static int from_gpib(struct resource *r, struct err *e)
{
	int64_t number, first, second = 0;

	if (board(r, "GPIB", &number, e) < 0)
		return -1;
	if (r->socket || r->n < 2 || r->n > 3 || !number_in(r->words[1], 0, 30, &first) ||
	    (r->n == 3 && !number_in(r->words[2], 0, 30, &second)))
		return err_set(e, ERR_CONFIG, "expected GPIB0::N::INSTR with N from 0 to 30; a secondary address "
			       "is counted from 0, too (96 less)");
	return r->n == 3 ? say(r, e, "gpib:%d/%d/%d", (int)number, (int)first, (int)second)
			 : say(r, e, "gpib:%d/%d", (int)number, (int)first);
}

/* "0x2A8D" or "10893". */
static bool identifier(const char *text, unsigned *v)
{
	char behind;

	return isdigit((unsigned char)*text) && strlen(text) <= 6 &&
	       sscanf(text, begins(text, "0x") ? "%x%c" : "%u%c", v, &behind) == 1 && *v <= 0xffff;
}

static int from_usb(struct resource *r, struct err *e)
{
	unsigned vendor, product;
	int64_t v;

	if (board(r, "USB", &v, e) < 0)
		return -1;
	if (r->socket || r->n < 3 || r->n > 5 || !identifier(r->words[1], &vendor) ||
	    !identifier(r->words[2], &product) || (r->n == 5 && !number_in(r->words[4], 0, 255, &v)))
		return err_set(e, ERR_CONFIG, "expected USB0::VENDOR::PRODUCT::SERIAL::INSTR with VENDOR and "
			       "PRODUCT as in 0x2A8D");
	return say(r, e, "usb:0x%04x/0x%04x/%s", vendor, product, r->n > 3 ? r->words[3] : "");
}

static int from_other(struct resource *r, struct err *e)
{
	(void)r;
	return err_set(e, ERR_CONFIG, "no way to this interface: expected TCPIP, ASRL, GPIB or USB");
}

/* The longer of two keywords that begin alike comes first. */
static const struct interface {
	const char *keyword;
	int (*translate)(struct resource *r, struct err *e);
} interfaces[] = {
	{ "TCPIP", from_tcpip }, { "ASRL", from_asrl }, { "GPIB-VXI", from_other }, { "GPIB", from_gpib },
	{ "USB", from_usb }, { "VXI", from_other }, { "PXI", from_other },
};

/* "vxi11://h", "vxi-11://h" have one colon where a resource string has two. */
static bool is_plain(const char *text)
{
	while (isalnum((unsigned char)*text) || *text == '-')
		text++;
	return text[0] == ':' && text[1] != ':';
}

static const struct interface *find(const char *text)
{
	for (size_t i = 0; i < sizeof interfaces / sizeof *interfaces; i++) {
		const char *keyword = interfaces[i].keyword;

		if (begins(text, keyword) && !is_plain(text))
			return &interfaces[i];
	}
	return NULL;
}

bool visa_is(const char *text)
{
	return find(text) != NULL;
}

/* How long the first word is; "::" within brackets is part of an IPv6 address. */
static size_t word_length(const char *p, size_t n)
{
	const char *bracket = n && *p == '[' ? memchr(p, ']', n) : NULL;
	size_t from = bracket ? (size_t)(bracket - p) : 0;
	const char *end = memmem(p + from, n - from, "::", 2);

	return end ? (size_t)(end - p) : n;
}

static int cut(struct resource *r, const char *p, size_t n, struct err *e)
{
	for (;;) {
		size_t word = word_length(p, n);

		if (r->n == WORDS || word >= WORD)
			return err_set(e, ERR_CONFIG, "it has more parts, or longer ones, than a resource string");
		memcpy(r->words[r->n], p, word);
		r->words[r->n++][word] = '\0';
		if (word == n)
			return 0;
		p += word + 2;
		n -= word + 2;
	}
}

/* INSTR is what is meant where none is given. */
static void take_class(struct resource *r)
{
	const char *last = r->words[r->n - 1];

	r->socket = !strcasecmp(last, "SOCKET");
	if (r->n > 1 && (r->socket || !strcasecmp(last, "INSTR")))
		r->n--;
}

int visa_translate(const char *text, char *plain, size_t size, struct err *e)
{
	const struct interface *i = find(text);
	struct resource r = { .out = plain, .size = size };
	const char *from = text + strlen(i->keyword);
	size_t n = strcspn(from, "?");

	if (cut(&r, from, n, e) < 0)
		return -1;
	take_class(&r);
	if (i->translate(&r, e) < 0)
		return -1;
	r.out += strlen(plain);
	r.size -= strlen(plain);
	return say(&r, e, "%s", from + n);
}
