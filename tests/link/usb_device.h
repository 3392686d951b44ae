/* SPDX-License-Identifier: GPL-3.0-or-later
 * usb_device.h - an instrument at the end of a USB, as the USBTMC specification (1.0) and USB488 have it, played
 * by a thread at a socket that tests/shim/usbtmc_on_socket.c takes for /dev/usbtmcN. */
#ifndef USB_DEVICE_H
#define USB_DEVICE_H

#include <pthread.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum usb_fault {
	USB_FINE,
	USB_SILENT,              /* the next request for an answer gets none, until it is cleared */
	USB_TAG,                 /* its answer has another tag */
	USB_ID,                  /* another message */
	USB_SHORT,               /* no whole header */
	USB_LIES,                /* more bytes announced than come */
	USB_EMPTY,               /* no byte, and no end */
	USB_STALL,
	USB_STALE,               /* the answer before, with its tag */
	USB_GONE,                /* unplugged in the middle */
};

struct usb_device {
	/* The test's. */
	atomic_int fault, status;
	atomic_uint most;                /* bytes of one transfer in, 0: as many as were asked for */
	uint8_t caps;

	/* What it has seen. */
	char heard[1024 * 1024];         /* the messages out, one behind the other */
	atomic_size_t heard_n;
	atomic_int messages, ends, requests, clears, triggers, locals, bad;

	const char *reply;               /* what it says to each message; NULL: "n\n", n its number */
	size_t reply_n;
	size_t said;                     /* of the reply in hand */
	bool has_reply, owed;
	uint8_t last_tag, answered_tag;
	uint32_t owed_most;
	char own[32];

	char root[64];
	int number, listening, fd, stop[2];
	pthread_t thread;
};

/* First in main: runs the program again under the shim, with USBTMC_ROOT in a folder of its own. */
void usb_shim(char **argv);
/* Removes that folder. */
void usb_shim_end(void);

/* serial NULL: it has none. */
void usb_start(struct usb_device *d, int number, unsigned vendor, unsigned product, const char *serial);
void usb_stop(struct usb_device *d);

#endif
