/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "address.h"

#include <limits.h>
#include <netdb.h>
#include <stddef.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "mem.h"
#include "number.h"

#define HOST_MAX 200

static const char *const parity_words[] = { "none", "even", "odd", NULL };
static const char *const flow_words[] = { "none", "rts-cts", "xon-xoff", NULL };

/* The schemes of an address: a transport alone, or Modbus over one. */
static const struct scheme {
	const char *name;
	const struct transport *transport;
	bool modbus;
} schemes[] = {
	{ "tcp", &transport_tcp, false },
	{ "serial", &transport_serial, false },
	{ "pty", &transport_pty, false },
	{ "modbus+tcp", &transport_tcp, true },
	{ "modbus+rtu", NULL, true },
};

/* An option is a whole number within limits, or one of a list of words. */
static const struct option {
	const char *name;
	size_t offset;
	int64_t low, high;
	const char *const *words;
} options[] = {
	{ "baud", offsetof(struct address, line.baud), 50, 4000000, NULL },
	{ "bits", offsetof(struct address, line.bits), 5, 8, NULL },
	{ "stop", offsetof(struct address, line.stop), 1, 2, NULL },
	{ "parity", offsetof(struct address, line.parity), 0, 0, parity_words },
	{ "flow", offsetof(struct address, line.flow), 0, 0, flow_words },
	{ "unit", offsetof(struct address, unit), 0, 255, NULL },
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

static int option_value(const struct option *o, const char *text, size_t n, int *out, struct err *e)
{
	int64_t v;

	for (int i = 0; o->words && o->words[i]; i++) {
		if (same(o->words[i], text, n)) {
			*out = i;
			return 0;
		}
	}
	if (o->words || number_parse_int(text, n, &v, e) < 0 || v < o->low || v > o->high)
		return err_set(e, ERR_CONFIG, "%s cannot be '%.*s'", o->name, n > 80 ? 80 : (int)n, text);
	*out = (int)v;
	return 0;
}

/* One "name=value" of n bytes. */
static int option_parse(struct address *a, const char *text, size_t n, struct err *e)
{
	const char *equals = memchr(text, '=', n);
	const struct option *o = equals ? option_find(text, (size_t)(equals - text)) : NULL;

	if (!o)
		return err_set(e, ERR_CONFIG, "'%.*s' is not one of baud= bits= stop= parity= flow= unit=",
			       n > 80 ? 80 : (int)n, text);
	return option_value(o, equals + 1, n - (size_t)(equals + 1 - text),
			    (int *)(void *)((char *)a + o->offset), e);
}

static int options_parse(struct address *a, const char *text, struct err *e)
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

/* "//host:port" or "//[host]:port" to its parts; the port is a number. */
static int split_host(const char *place, char host[HOST_MAX], const char **port, struct err *e)
{
	const char *from = place + 2, *colon = strrchr(place, ':'), *to = colon;
	int64_t number;

	if (strncmp(place, "//", 2) || !colon || colon <= from)
		return err_set(e, ERR_CONFIG, "expected tcp://host:port");
	if (*from == '[' && to[-1] == ']') {
		from++;
		to--;
	} else if (memchr(from, ':', (size_t)(to - from))) {
		return err_set(e, ERR_CONFIG, "an IPv6 address stands in brackets: tcp://[::1]:5025");
	}
	if (to == from || to - from >= HOST_MAX || memchr(from, '/', (size_t)(to - from)))
		return err_set(e, ERR_CONFIG, "expected tcp://host:port");
	if (number_parse_int(colon + 1, strlen(colon + 1), &number, e) < 0 ||
	    number < 1 || number > 65535)
		return err_set(e, ERR_CONFIG, "'%s' is not a port from 1 to 65535", colon + 1);
	memcpy(host, from, (size_t)(to - from));
	host[to - from] = '\0';
	*port = colon + 1;
	return 0;
}

/* "/3" behind the port of a Modbus address is its unit. */
static int cut_unit(struct address *a, struct err *e)
{
	char *slash = strchr(a->place + 2, '/');

	if (!slash)
		return 0;
	*slash = '\0';
	return option_value(option_find("unit", 4), slash + 1, strlen(slash + 1), &a->unit, e);
}

static int place_check(struct address *a, struct err *e)
{
	char host[HOST_MAX];
	const char *port;

	if (a->transport != &transport_tcp) {
		if (a->place[0] && strncmp(a->place, "//", 2))
			return 0;
		return err_set(e, ERR_CONFIG, "expected %s:/path", a->scheme);
	}
	if (a->modbus && !strncmp(a->place, "//", 2) && cut_unit(a, e) < 0)
		return -1;
	return split_host(a->place, host, &port, e);
}

static int unit_check_range(const struct address *a, struct err *e)
{
	if (a->modbus && !a->transport && (a->unit < 1 || a->unit > 247))
		return err_set(e, ERR_CONFIG, "units of a line are 1 to 247, not %d", a->unit);
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

int address_parse(struct address *a, const char *text, const struct line *line, struct err *e)
{
	static const struct line usual = { 9600, 8, 1, PARITY_NONE, FLOW_NONE };
	const struct scheme *s = find_scheme(text);
	const char *place;
	size_t n;

	if (!s)
		return err_set(e, ERR_CONFIG, "%.80s: expected tcp://host:port, serial:/dev/..., pty:/..., "
			       "modbus+tcp://host:port/unit or modbus+rtu:/dev/...", text);
	*a = (struct address){ .scheme = s->name, .transport = s->transport, .modbus = s->modbus,
			       .line = line ? *line : usual, .unit = 1 };
	place = text + strlen(s->name) + 1;
	n = strcspn(place, "?");
	if (n >= sizeof a->place)
		return err_set(e, ERR_CONFIG, "%.40s...: longer than %zu bytes", text, sizeof a->place);
	memcpy(a->place, place, n);
	if (place_check(a, e) < 0 || (place[n] && options_parse(a, place + n + 1, e) < 0) ||
	    unit_check_range(a, e) < 0)
		return err_wrap(e, "%.80s", text);
	return 0;
}

int address_check(const char *text, struct err *e)
{
	struct address a;

	return address_parse(&a, text, NULL, e);
}

char *address_port(const char *text)
{
	char real[PATH_MAX];
	struct address a;
	struct err e;

	if (address_parse(&a, text, NULL, &e) < 0)
		return mem_string(text);
	if (a.transport != &transport_tcp && realpath(a.place, real))
		return mem_format("%s:%s", a.scheme, real);
	return mem_format("%s:%s", a.scheme, a.place);
}

int address_numeric(const char *place, struct sockaddr_storage *to, socklen_t *n, struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *found;
	char host[HOST_MAX];
	const char *port;

	if (split_host(place, host, &port, e) < 0)
		return -1;
	if (getaddrinfo(host, port, &hints, &found))
		return err_set(e, ERR_CONFIG, "'%s' is not a numeric address", host);
	memcpy(to, found->ai_addr, found->ai_addrlen);
	*n = found->ai_addrlen;
	freeaddrinfo(found);
	return 0;
}

static const struct addrinfo *prefer_ipv4(const struct addrinfo *all)
{
	for (const struct addrinfo *ai = all; ai; ai = ai->ai_next)
		if (ai->ai_family == AF_INET)
			return ai;
	return all;
}

char *address_resolve(const char *text, struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *all;
	const struct addrinfo *best;
	char host[HOST_MAX], number[HOST_MAX];
	const char *port;
	struct address a;
	char *resolved;
	int bad;

	if (address_parse(&a, text, NULL, e) < 0)
		return NULL;
	if (a.transport != &transport_tcp)
		return mem_string(text);
	split_host(a.place, host, &port, e);            /* address_parse has checked it */
	bad = getaddrinfo(host, port, &hints, &all);
	if (bad) {
		err_set(e, ERR_CONFIG, "%.80s: host '%s': %s", text, host, gai_strerror(bad));
		return NULL;
	}
	best = prefer_ipv4(all);
	getnameinfo(best->ai_addr, best->ai_addrlen, number, sizeof number, NULL, 0, NI_NUMERICHOST);
	resolved = mem_format(best->ai_family == AF_INET6 ? "%s://[%s]:%s?unit=%d" : "%s://%s:%s?unit=%d",
			      a.scheme, number, port, a.unit);
	freeaddrinfo(all);
	return resolved;
}
