/* SPDX-License-Identifier: GPL-3.0-or-later
 * host.h - hosts by number, and connections to them.  Names are looked up once, when an instrument is
 * made, so that no reconnect ever waits for a name server. */
#ifndef HOST_H
#define HOST_H

#include <sys/socket.h>

#include "address.h"
#include "instant.h"

#define HOST_PATIENCE_NS (10 * NS_PER_MS)        /* of a blocking read on what host_connect returns */

/* The same address in its plain form with the host's name replaced by its number (IPv4 preferred).
 * NULL: the name is unknown (ERR_CONFIG).  The caller frees it. */
char *host_resolve(const char *text, struct err *e);
/* Place of an address whose host is a number; port 0 if it names none. */
int   host_numeric(const char *place, struct sockaddr_storage *to, socklen_t *n, struct err *e);
/* A blocking socket.  A half-open peer (power cut, pulled cable) is found by keep-alive even while
 * nobody asks. */
int   host_connect(const struct sockaddr_storage *to, socklen_t n, int cancel, instant by, struct err *e);

#endif
