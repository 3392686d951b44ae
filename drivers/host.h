/* SPDX-License-Identifier: GPL-3.0-or-later
 * host.h - hosts by number.  Names are looked up once, when an instrument is made, so that no
 * reconnect ever waits for a name server. */
#ifndef HOST_H
#define HOST_H

#include <sys/socket.h>

#include "address.h"

/* The same address in its plain form with the host's name replaced by its number (IPv4 preferred).
 * NULL: the name is unknown (ERR_CONFIG).  The caller frees it. */
char *host_resolve(const char *text, struct err *e);
/* Place of an address whose host is a number. */
int   host_numeric(const char *place, struct sockaddr_storage *to, socklen_t *n, struct err *e);

#endif
