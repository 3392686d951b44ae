/* SPDX-License-Identifier: GPL-3.0-or-later
 * hislip_parts.h - between the parts of the HiSLIP server: hislip.c begins and ends sessions, hislip_sync.c
 * hears messages and answers them, hislip_async.c does what goes beside them.  Each session has a thread for
 * either of its connections. */
#ifndef HISLIP_PARTS_H
#define HISLIP_PARTS_H

#include <stdatomic.h>

#include "hislip.h"
#include "hislip_wire.h"
#include "wire.h"

#define HISLIP_MESSAGE_MOST (1024 * 1024)        /* what we take at once, with its header */
#define HISLIP_FIRST        UINT32_C(0xffffff00) /* number of the first message */

struct hislip_session {
	struct hislip_server *server;
	uint16_t id;
	pthread_mutex_t writing;         /* on its asynchronous channel */
	atomic_bool clearing;            /* what is asked and answered goes nowhere */
	atomic_bool message;             /* an answer went out, and has not been read as far as we know */
	atomic_ullong most;              /* of a message that the client takes */

	/* The synchronous thread's. */
	struct buf heard, out;
	struct said said;
	uint32_t number;                 /* of the message in hand */

	/* Under the lock of the server. */
	int sync, async;                 /* -1: not connected */
	struct service service;
	struct hislip_session *next;
};

struct hislip_server {
	struct talk *talk;
	struct outlet *outlet;
	char *device;
	struct wires wires;
	pthread_mutex_t lock;            /* over the rest */
	struct hislip_session *sessions, *holder;        /* holder: of the device's lock */
	uint16_t last_id;
};

void hislip_serve_sync(struct hislip_session *s, int fd);        /* until the client leaves */
void hislip_serve_async(struct hislip_session *s, int fd);
int  hislip_watch(struct hislip_server *server);                 /* starts to look for what requests service */

/* Until the lock is this session's, or (take: no) nobody else's.  false: not in time. */
bool hislip_lock(struct hislip_session *s, bool take, instant by);
int  hislip_send_async(struct hislip_session *s, enum hislip_type type, uint8_t control, uint32_t parameter,
		       const void *payload, size_t n);

#endif
