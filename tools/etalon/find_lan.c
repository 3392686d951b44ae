/* SPDX-License-Identifier: GPL-3.0-or-later
 * find_lan.c - LXI instruments: those that answer a portmapper's question to everybody, and those that tell of
 * themselves by mDNS. */
#include <arpa/inet.h>
#include <errno.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "find.h"
#include "mdns.h"
#include "portmap.h"

#define DATAGRAM_MOST 9000       /* of mDNS (RFC 6762, 17) */
#define INSTANCES     100        /* of one message */

static const char *const services[] = { "_lxi._tcp.local", "_vxi-11._tcp.local", "_hislip._tcp.local",
					"_scpi-raw._tcp.local" };

struct search {
	struct finds *f;
	const struct find_lan *o;
	uint32_t xid;
	int vxi11, mdns;                 /* sockets */
};

/* ---- asking ---- */

static struct sockaddr_in at_port(struct in_addr host, uint16_t port)
{
	return (struct sockaddr_in){ .sin_family = AF_INET, .sin_addr = host, .sin_port = htons(port) };
}

/* Nobody who listens there is no trouble. */
static void send_to(int fd, const struct buf *message, const struct sockaddr_in *to)
{
	if (sendto(fd, message->data, message->len, 0, (const struct sockaddr *)to, sizeof *to) < 0)
		return;
}

static void ask_portmappers(const struct search *s, const struct ifaddrs *i)
{
	struct sockaddr_in to;
	struct buf call = { 0 };

	if (i->ifa_flags & IFF_LOOPBACK)
		to = at_port((struct in_addr){ htonl(INADDR_LOOPBACK | 0x00FFFFFF) }, s->o->portmap_port);
	else if (i->ifa_flags & IFF_BROADCAST && i->ifa_broadaddr)
		to = at_port(((const struct sockaddr_in *)(const void *)i->ifa_broadaddr)->sin_addr, s->o->portmap_port);
	else
		return;
	portmap_ask(&call, s->xid, PORTMAP_VXI11);
	send_to(s->vxi11, &call, &to);
	buf_release(&call);
}

/* From a port that is not mDNS's own: the answers come to us alone (RFC 6762, 6.7). */
static void ask_mdns(const struct search *s, const struct ifaddrs *i)
{
	struct in_addr own = ((const struct sockaddr_in *)(const void *)i->ifa_addr)->sin_addr;
	struct sockaddr_in to = at_port((struct in_addr){ inet_addr(MDNS_GROUP) }, s->o->mdns_port);
	struct buf query = { 0 };

	setsockopt(s->mdns, IPPROTO_IP, IP_MULTICAST_IF, &own, sizeof own);
	mdns_query(&query, services, sizeof services / sizeof *services);
	send_to(s->mdns, &query, &to);
	buf_release(&query);
}

static bool wanted(const struct ifaddrs *i, const char *name)
{
	if (!i->ifa_addr || i->ifa_addr->sa_family != AF_INET || !(i->ifa_flags & IFF_UP))
		return false;
	return name ? !strcmp(i->ifa_name, name) : !(i->ifa_flags & IFF_LOOPBACK);
}

static int ask_all(const struct search *s, struct err *e)
{
	struct ifaddrs *all;
	bool any = false;

	if (getifaddrs(&all))
		return err_set(e, ERR_IO, "network interfaces: %s", strerror(errno));
	for (const struct ifaddrs *i = all; i; i = i->ifa_next) {
		if (!wanted(i, s->o->interface))
			continue;
		any = true;
		ask_portmappers(s, i);
		ask_mdns(s, i);
	}
	freeifaddrs(all);
	if (!any && s->o->interface)
		return err_set(e, ERR_CONFIG, "there is no interface %s with an IPv4 address", s->o->interface);
	return 0;
}

/* ---- what comes back ---- */

static void take_portmap(struct search *s, const void *message, size_t n, const struct sockaddr_in *from)
{
	char host[INET_ADDRSTRLEN];
	char *address;

	if (portmap_answer(message, n, s->xid) <= 0)
		return;
	inet_ntop(AF_INET, &from->sin_addr, host, sizeof host);
	address = mem_format("vxi11://%s/inst0", host);
	finds_at(s->f, address, "VXI-11 broadcast");
	free(address);
}

/* The records of one message that are about instances of our services. */
struct told {
	struct { char instance[MDNS_NAME]; uint16_t port; struct found text; bool srv; } list[INSTANCES];
	size_t n;
	bool has_address;
	uint8_t address[4];
};

static bool is_ours(const char *instance)
{
	for (size_t i = 0; i < sizeof services / sizeof *services; i++) {
		size_t n = strlen(services[i]), all = strlen(instance);

		if (all > n && !strcasecmp(instance + all - n, services[i]))
			return true;
	}
	return false;
}

static size_t slot(struct told *t, const char *instance)
{
	size_t i = 0;

	while (i < t->n && strcasecmp(t->list[i].instance, instance))
		i++;
	if (i == t->n && t->n < INSTANCES && is_ours(instance))
		snprintf(t->list[t->n++].instance, MDNS_NAME, "%s", instance);
	return i < t->n ? i : INSTANCES;
}

static void learn(void *who, const struct mdns_record *r)
{
	struct told *t = who;
	size_t i;

	if (r->type == MDNS_A) {
		t->has_address = true;
		memcpy(t->address, r->address, sizeof t->address);
		return;
	}
	i = slot(t, r->type == MDNS_PTR ? r->target : r->name);
	if (i == INSTANCES)
		return;
	if (r->type == MDNS_SRV) {
		t->list[i].srv = true;
		t->list[i].port = r->port;
	}
	if (r->type == MDNS_TXT) {
		mdns_property(r, "Manufacturer", t->list[i].text.maker, FOUND_TEXT);
		mdns_property(r, "Model", t->list[i].text.number, FOUND_TEXT);
		mdns_property(r, "SerialNumber", t->list[i].text.serial, FOUND_TEXT);
		mdns_property(r, "FirmwareVersion", t->list[i].text.firmware, FOUND_TEXT);
	}
}

/* How the instance is reached; the web page alone (_lxi) is only a hint of VXI-11. */
static char *address_of(const char *instance, const char *host, bool srv, uint16_t port)
{
	if (strcasestr(instance, "._scpi-raw._tcp."))
		return mem_format("tcp://%s:%d", host, srv ? port : 5025);
	if (strcasestr(instance, "._hislip._tcp."))
		return srv && port != 4880 ? mem_format("hislip://%s:%d/hislip0", host, port) : mem_format("hislip://%s/hislip0",
													host);
	return mem_format("vxi11://%s/inst0", host);
}

static void take_mdns(struct search *s, const void *message, size_t n, const struct sockaddr_in *from)
{
	struct told *t = mem_new(sizeof *t);
	char host[INET_ADDRSTRLEN];

	mdns_read(message, n, learn, t);         /* what was whole before it broke counts */
	inet_ntop(AF_INET, t->has_address ? (const void *)t->address : &from->sin_addr, host, sizeof host);
	for (size_t i = 0; i < t->n; i++) {
		char *address = address_of(t->list[i].instance, host, t->list[i].srv, t->list[i].port);
		struct found *x = finds_at(s->f, address, "mDNS");

		if (x && t->list[i].text.number[0]) {
			memcpy(x->maker, t->list[i].text.maker, FOUND_TEXT);
			memcpy(x->number, t->list[i].text.number, FOUND_TEXT);
			memcpy(x->serial, t->list[i].text.serial, FOUND_TEXT);
			memcpy(x->firmware, t->list[i].text.firmware, FOUND_TEXT);
		}
		free(address);
	}
	free(t);
}

static void take(struct search *s, int fd)
{
	static char message[DATAGRAM_MOST];
	struct sockaddr_in from;
	socklen_t size = sizeof from;
	ssize_t n = recvfrom(fd, message, sizeof message, MSG_DONTWAIT, (struct sockaddr *)&from, &size);

	if (n <= 0)
		return;
	(fd == s->vxi11 ? take_portmap : take_mdns)(s, message, (size_t)n, &from);
}

static void listen_for(struct search *s)
{
	instant by = instant_after(s->o->patience_ns);
	struct pollfd p[2] = { { .fd = s->vxi11, .events = POLLIN }, { .fd = s->mdns, .events = POLLIN } };

	while (!instant_passed(by) && s->f->n < FOUND_MOST) {
		if (poll(p, 2, instant_ms_left(by)) <= 0)
			continue;
		for (int i = 0; i < 2; i++)
			if (p[i].revents)
				take(s, p[i].fd);
	}
}

int find_lan(struct finds *f, const struct find_lan *o, struct err *e)
{
	struct search s = { .f = f, .o = o, .xid = (uint32_t)utc_now(), .vxi11 = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0),
			    .mdns = socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0) };
	int on = 1, bad;

	if (s.vxi11 < 0 || s.mdns < 0 || setsockopt(s.vxi11, SOL_SOCKET, SO_BROADCAST, &on, sizeof on))
		bad = err_set(e, ERR_IO, "socket: %s", strerror(errno));
	else
		bad = ask_all(&s, e);
	if (!bad)
		listen_for(&s);
	close(s.vxi11);
	close(s.mdns);
	return bad;
}
