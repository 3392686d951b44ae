/* SPDX-License-Identifier: GPL-3.0-or-later
 * peer.h - a VXI-11 server for tests, written from the specifications alone (VXI-11 revision 1.0,
 * RFC 5531, RFC 1833) and as hostile as a test wants: what it answers to each device_read is a row of a
 * script, and each row can spoil its reply on the way.
 *
 * One thread and one port serve the portmapper, the core channel and the abort channel.  The interrupt
 * channel goes to wherever create_intr_chan says. */
#ifndef PEER_H
#define PEER_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define PEER_CLIENTS 8

enum { PEER_COUNT = 1, PEER_CHARACTER = 2, PEER_END = 4 };       /* reasons */

enum spoil {
	SPOIL_NOT,
	SPOIL_FRAGMENTS,         /* of `arg` bytes, each behind an empty one */
	SPOIL_DRIBBLE,           /* a byte every `arg` ms */
	SPOIL_LATE,              /* after `arg` ms, deaf to everything */
	SPOIL_OLD_FIRST,         /* the reply to the call before it comes first, once more */
	SPOIL_WRONG_XID,         /* a number never given out */
	SPOIL_CALL,              /* a call instead of a reply */
	SPOIL_ACCEPT_STATE,      /* accept_stat `arg` */
	SPOIL_DENIED,            /* reject_stat `arg` */
	SPOIL_SHORT,             /* results end after `arg` bytes */
	SPOIL_HUGE,              /* a fragment of 2 GB is announced */
	SPOIL_SILENT,            /* no reply until aborted, then error 23 */
	SPOIL_CLOSE,             /* half of the reply, then the connection is closed */
};

struct part {                    /* of an answer: one device_read */
	const char *bytes;       /* NULL ends the script: error 15 from then on */
	size_t n;
	uint32_t reason, error;
	enum spoil spoil;
	int arg;
};

struct peer {
	/* The test's, before it is started. */
	const struct part *script;
	uint32_t most;                   /* maxRecvSize */
	uint32_t takes;                  /* bytes that device_write accepts at once; 0: all */
	uint32_t write_error, clear_error, link_error, trigger_error, status_error, intr_error;
	atomic_uint status;              /* its status byte */
	bool knows_no_srq;               /* a server of before VXI-11 had them: no such procedure */
	bool no_lock;                    /* a link with the lock is error 8 */
	int behind;                      /* a device on this port of TCP answers, in lines; 0: the script does */
	uint32_t registered;             /* port told by the portmapper; UINT32_MAX: its own */

	/* What it has seen. */
	char written[65536];
	size_t written_n;
	atomic_int writes, ends, reads, aborts, clears, links, locks, destroyed, triggers, statuses, intr_gone;
	atomic_uint longest;             /* of the parts written */
	char device[64];
	char handle[40];                 /* of device_enable_srq */
	size_t handle_n;
	atomic_ushort intr_port;         /* of create_intr_chan */
	atomic_int intr;                 /* the connection to it; 0: none */

	char address[64];                /* "vxi11://127.0.0.1:port/inst0" */
	uint16_t port;
	atomic_int fds[PEER_CLIENTS];    /* fds[0] listens */
	int stop[2];
	int pending;                     /* client whose device_read waits; 0: none */
	uint32_t pending_xid, pending_size, last_xid;
	int device_fd;
	char said[4096];                 /* by the device, and not read yet */
	size_t said_n;
	pthread_t thread;
};

void peer_start(struct peer *p);
void peer_stop(struct peer *p);
/* From any thread: device_intr_srq with this handle, over that connection. */
void peer_request_service(int fd, const char *handle, size_t n);

#endif
