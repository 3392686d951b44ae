/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "host.h"

#include <netdb.h>
#include <string.h>

#include "mem.h"

int host_numeric(const char *place, struct sockaddr_storage *to, socklen_t *n, struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_NUMERICHOST | AI_NUMERICSERV };
	struct addrinfo *found;
	struct host h;

	if (address_host(place, &h, e) < 0)
		return -1;
	if (getaddrinfo(h.name, h.port, &hints, &found))
		return err_set(e, ERR_CONFIG, "'%s' is not a numeric address", h.name);
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

static int look_up(const struct host *h, char number[ADDRESS_HOST], bool *six, struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM }, *all;
	const struct addrinfo *best;
	int bad = getaddrinfo(h->name, h->port, &hints, &all);

	if (bad)
		return err_set(e, ERR_CONFIG, "host '%s': %s", h->name, gai_strerror(bad));
	best = prefer_ipv4(all);
	getnameinfo(best->ai_addr, best->ai_addrlen, number, ADDRESS_HOST, NULL, 0, NI_NUMERICHOST);
	*six = best->ai_family == AF_INET6;
	freeaddrinfo(all);
	return 0;
}

char *host_resolve(const char *text, struct err *e)
{
	char number[ADDRESS_HOST];
	struct address a;
	struct host h;
	bool six = false;

	if (address_parse(&a, text, NULL, e) < 0)
		return NULL;
	if (!a.network)
		return address_plain(text);
	address_host(a.place, &h, e);           /* address_parse has checked it */
	if (look_up(&h, number, &six, e) < 0) {
		err_wrap(e, "%.80s", text);
		return NULL;
	}
	return mem_format(six ? "%s://[%s]:%s?unit=%d" : "%s://%s:%s?unit=%d", a.scheme, number, h.port, a.unit);
}
