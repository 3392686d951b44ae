/* SPDX-License-Identifier: GPL-3.0-or-later
 * vxi11_srq.h - where an instrument on VXI-11 requests service: the interrupt channel, on which the roles
 * are exchanged (VXI-11 revision 1.0, section B.4.3 and program DEVICE_INTR).  We listen, it connects and calls
 * device_intr_srq, to which nobody replies.
 *
 * Anybody on the network may connect there as well.  What is no such call with our handle - random
 * bytes that only the instrument was told - ends its connection and has no other effect.  Where there is no
 * room for another connection, one from the instrument's own host takes the place of one from
 * elsewhere, and is refused otherwise: the instrument, which comes first, cannot be crowded out. */
#ifndef VXI11_SRQ_H
#define VXI11_SRQ_H

#include <stdbool.h>
#include <stdint.h>

#include "instant.h"
#include "mem.h"

#define VXI11_SRQ_HANDLE  16             /* bytes of it; the specification allows 40 */
#define VXI11_SRQ_PROGRAM 0x0607B1
#define VXI11_SRQ_CALLERS 4

struct vxi11_srq {
	int listening;                   /* -1: not open */
	char handle[VXI11_SRQ_HANDLE];
	bool requested;                  /* and nobody has waited for it since */
	struct vxi11_srq_caller {
		int fd;
		bool akin;               /* from the instrument's host, or has shown the handle */
		struct buf heard;
	} callers[VXI11_SRQ_CALLERS];
	size_t n;
};

/* Listens at the address by which the connected socket `near` reaches the instrument, and nowhere else: *host
 * and *port, as create_intr_chan has them.  ERR_STATE where that is not IPv4, the only one it can name. */
int  vxi11_srq_open(struct vxi11_srq *s, int near, uint32_t *host, uint16_t *port, struct err *e);
/* Until service is requested.  ERR_CLOSED when `near` hangs up. */
int  vxi11_srq_wait(struct vxi11_srq *s, int near, int cancel, instant by, struct err *e);
void vxi11_srq_close(struct vxi11_srq *s);

/* Takes the whole records at the head of what a caller has said.  1: a request with this handle was among
 * them, 0: not yet, -1: it says something else. */
int  vxi11_srq_take(struct buf *heard, const char handle[VXI11_SRQ_HANDLE]);

#endif
