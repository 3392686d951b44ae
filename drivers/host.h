/* SPDX-License-Identifier: GPL-3.0-or-later
 * host.h - hosts by number, and connections to them.  Names are looked up once, when an instrument is
 * made, so that no reconnect ever waits for a name server. */
#ifndef HOST_H
#define HOST_H

#include <sys/socket.h>
#include <sys/types.h>

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
void  host_set_port(struct sockaddr_storage *to, uint16_t port);
/* fd_read on such a socket, at less cost while its peer answers fast. */
ssize_t host_read(int fd, void *data, size_t max, int cancel, instant by, struct err *e);

/* Milliseconds that a server may take of the time until `by`, so that it usually says itself that it timed out. */
uint32_t host_patience(instant by);
/* Lets that much time pass.  ERR_TIMEOUT at once if it is not there. */
int   host_pause(int64_t ns, int cancel, instant by, struct err *e);

#endif
