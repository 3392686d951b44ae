/* SPDX-License-Identifier: GPL-3.0-or-later
 * slip.h - a HiSLIP server for tests, written from IVI-6.1 alone and as hostile as a test wants: what it
 * answers to each question is the next rows of a script, up to one that ends a message, and each
 * row can spoil its message on the way.
 *
 * One thread, one session.  What a client must not do ends the test. */
#ifndef SLIP_H
#define SLIP_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum slip_spoil {
	SLIP_NOT,
	SLIP_NUMBER,             /* another message's: `arg` is added to the right one */
	SLIP_NO_NUMBER,          /* 0xffffffff */
	SLIP_PROLOGUE,           /* "HX" */
	SLIP_TYPE,               /* message type `arg` */
	SLIP_TOO_LONG,           /* a length of 2^40 is announced */
	SLIP_SPLIT,              /* in two pieces, `arg` bytes in the first */
	SLIP_CUT,                /* `arg` bytes of it, then both connections are closed */
	SLIP_DRIBBLE,            /* a byte every `arg` ms */
	SLIP_LATE,               /* after `arg` ms, deaf to everything */
	SLIP_SILENT,             /* nothing comes */
	SLIP_AFTER_CLEAR,        /* once the next clear is over, under the number that will be given out then */
	SLIP_TWICE,
	SLIP_ERROR,              /* Error `arg` in its place, with the bytes as text */
	SLIP_FATAL,              /* FatalError `arg` */
	SLIP_INTERRUPTED,        /* on both channels */
};

struct slip_row {
	const char *bytes;       /* NULL ends the script: silence from then on */
	size_t n;
	bool end;
	enum slip_spoil spoil;
	int arg;
};

struct slip {
	/* The test's, before it is started. */
	const struct slip_row *script;
	uint64_t most;                   /* maximum message size it takes */
	size_t chunk;                    /* most payload of the messages it sends; 0: all the client takes */
	uint16_t version;
	uint8_t welcome;                 /* control code of InitializeResponse */
	int welcome_type;                /* its type */
	int refuse, refuse_async;        /* FatalError of that code in place of a welcome; -1: none */
	int lock_answer;                 /* control code; -1: Error 1, it knows no locks */
	int size_length;                 /* of the answer to AsyncMaximumMessageSize */
	uint8_t features;                /* of DeviceClearAcknowledge */
	int async_type;                  /* type of the answers to status queries */
	atomic_bool deaf;                /* status queries and clears are not answered */
	atomic_uchar status;
	int behind;                      /* a device on this port of TCP answers, in lines; 0: the script does */

	/* What it has seen. */
	char *written;
	size_t written_n;
	char device[64];
	atomic_int messages, ends, delivered, triggers, clears, locks, releases, statuses, sessions, fatals;
	atomic_uint status_number, release_number;     /* of a message: with the last query, with the release */
	uint64_t longest;                /* message, with its header */

	char address[64];                /* "hislip://127.0.0.1:port/hislip0" */
	atomic_int sync, async;
	int listening, device_fd, stop[2];
	uint64_t client_most;
	uint32_t number;                 /* of the client's last message */
	size_t row;
	const struct slip_row *stale;    /* to be sent after a clear */
	pthread_t thread;
};

void slip_prepare(struct slip *s, const struct slip_row *script);
void slip_start(struct slip *s);
void slip_stop(struct slip *s);
void slip_request_service(struct slip *s, uint8_t status);      /* from any thread */
void slip_late_status(struct slip *s, uint8_t status);          /* the answer to an earlier query */
void slip_say(struct slip *s, uint32_t number, const char *text);      /* unasked */
void slip_hang_up(struct slip *s);                              /* likewise */

#endif
