/* SPDX-License-Identifier: GPL-3.0-or-later
 * mdns.h - asking who offers a service on the local network (RFC 6762, RFC 6763), and what comes back.
 *
 * One message asks for several services; an answer from a good responder carries the instance (PTR), its
 * host and port (SRV), its properties (TXT) and addresses (A) together.  Messages come from
 * anybody: everything is bounded, and what cannot be read ends the reading. */
#ifndef MDNS_H
#define MDNS_H

#include <stdbool.h>
#include <stdint.h>

#include "mem.h"

#define MDNS_PORT  5353
#define MDNS_GROUP "224.0.0.251"
#define MDNS_NAME  256                   /* with NUL */

enum mdns_type { MDNS_A = 1, MDNS_PTR = 12, MDNS_TXT = 16, MDNS_SRV = 33 };

struct mdns_record {
	char name[MDNS_NAME];            /* "Meter 7._hislip._tcp.local": labels with dots between */
	int type;                        /* others than those above are not handed out */
	char target[MDNS_NAME];          /* PTR, SRV */
	uint16_t port;                   /* SRV */
	uint8_t address[4];              /* A */
	const uint8_t *text;             /* TXT: strings with their lengths before them, within the message */
	size_t text_n;
};

/* A query for the instances of each service ("_lxi._tcp.local"); names longer than DNS allows are left out. */
void mdns_query(struct buf *out, const char *const *services, size_t n);

/* Hands out the records of a response in order.  Returns how many; -1: it is no response, or broken there. */
int  mdns_read(const void *message, size_t n, void (*each)(void *who, const struct mdns_record *r), void *who);

/* The value of a key of a TXT record: true if it is there ("Model=34470A"), as printable text. */
bool mdns_property(const struct mdns_record *r, const char *key, char *out, size_t size);

#endif
