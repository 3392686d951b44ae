/* SPDX-License-Identifier: GPL-3.0-or-later
 * lan_call.h - between the two halves of the VXI-11 server: lan_call.c takes calls off the wire and sends
 * their replies (RFC 5531), lan.c knows what they mean. */
#ifndef LAN_CALL_H
#define LAN_CALL_H

#include <stdatomic.h>

#include "lan.h"
#include "wire.h"
#include "xdr.h"

#define LAN_WRITE_MOST  4096     /* of one device_write */
#define LAN_CREATE_LINK 10
#define LAN_CREATE_INTR 25
#define LAN_DESTROY_INTR 26
#define LAN_PROCEDURES  27

enum lan_error { LAN_FINE, LAN_NOT_THERE = 3, LAN_NO_LINK = 4, LAN_PARAMETER = 5, LAN_NO_CHANNEL = 6,
		 LAN_LOCKED = 11, LAN_NO_LOCK = 12,
		 LAN_TIMEOUT = 15, LAN_IO = 17, LAN_ABORTED = 23, LAN_ESTABLISHED = 29 };
enum { LAN_FLAG_WAIT = 1, LAN_FLAG_END = 8 };
enum { LAN_COUNT = 1, LAN_END = 4 };             /* reasons */

#define LAN_HANDLE     40                /* most bytes of one */

struct lan_session;

/* Its conversation belongs to the thread of its session. */
struct lan_link {
	uint32_t id;
	struct lan_session *session;
	int abort;                   /* eventfd */
	struct buf heard;            /* the message so far */
	struct buf ready;            /* the answer, as far as it has not been read */
	bool cut;                    /* the end of the answer does not come */
	struct fault fault;          /* strikes the answer on its way */
	atomic_bool message;         /* ready is not empty */
	struct lan_link *next;

	struct service service;      /* from here on under the lock of links */
	bool told;                   /* of requests, with this handle */
	char handle[LAN_HANDLE];
	size_t handle_n;
};

struct lan {
	struct talk *talk;
	struct outlet *outlet;
	char *device;
	uint16_t port;
	struct wires wires;
	pthread_mutex_t lock;        /* over the rest */
	struct lan_link *links;
	uint32_t last_id, holder;    /* holder: the link that has the device's lock; 0: none */
};

/* One client's connection. */
struct lan_session {
	struct lan *lan;
	int fd;
	struct buf call, reply;
	struct said said;
	struct lan_link *ended;      /* a message to it is complete */
	struct fault fault;          /* strikes the reply in hand */
	int intr;                    /* its interrupt channel, under the lock of links; -1: none */
};

/* lan_call.c: serves one client until it leaves; who: the lan. */
void lan_serve(void *who, int fd);

/* lan.c: the core channel; false: there is no such procedure. */
bool lan_core(struct lan_session *s, uint32_t procedure, struct xdr *x, struct buf *out);
void lan_abort(struct lan_session *s, struct xdr *x, struct buf *out);
/* Carries out the message a link has heard.  -1: the connection is to be dropped. */
int  lan_message(struct lan_session *s, struct lan_link *l);
/* lan_srq.c: requests for service, and the procedures about them. */
uint8_t lan_poll(struct lan *lan, struct lan_link *l);
void lan_enable_srq(struct lan_session *s, struct lan_link *l, struct xdr *x, struct buf *out);
void lan_create_intr(struct lan_session *s, struct xdr *x, struct buf *out);
void lan_destroy_intr(struct lan_session *s, struct buf *out);
void lan_close_intr(struct lan_session *s);
int  lan_watch(struct lan *lan);                 /* starts to look for what requests service */

void lan_leave(struct lan_session *s);           /* its links end */

#endif
