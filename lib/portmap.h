/* SPDX-License-Identifier: GPL-3.0-or-later
 * portmap.h - asking a portmapper by datagram at which port a program listens (RFC 1833, RFC 5531): to
 * everybody at once, that finds all VXI-11 instruments of a network. */
#ifndef PORTMAP_H
#define PORTMAP_H

#include "xdr.h"

#define PORTMAP_PORT   111
#define PORTMAP_VXI11  0x0607AF          /* the core channel of a device (VXI-11, B.6) */

/* A call numbered xid: the TCP port of version 1 of the program. */
void portmap_ask(struct buf *out, uint32_t xid, uint32_t program);
/* The port in the answer to that call, 0 if the program is not there; -1: it is no answer to it. */
int  portmap_answer(const void *message, size_t n, uint32_t xid);

#endif
