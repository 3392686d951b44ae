/* SPDX-License-Identifier: GPL-3.0-or-later
 * find.h - what `etalon find` has found so far, and those who look.
 *
 * Looking disturbs nobody: files of the system are read, and two kinds of datagram go out to everybody.
 * Instruments themselves are asked only where the user says so.  What strangers answer is bounded in
 * number, length and time. */
#ifndef FIND_H
#define FIND_H

#include "instant.h"
#include "model_files.h"

#define FOUND_MOST 500           /* beyond it strangers flood us */
#define FOUND_TEXT 128

struct found {
	char *address;                   /* as a bench file writes it */
	char *how;                       /* "USB", "VXI-11 broadcast", "mDNS" ... */
	char maker[FOUND_TEXT], number[FOUND_TEXT], serial[FOUND_TEXT], firmware[FOUND_TEXT];    /* "": not said */
	char *identity;                  /* what it answered when it was asked; NULL: it was not */
	char *trouble;                   /* why it did not; NULL: none */
	char *model;                     /* the model file that fits; NULL: none does */
};

struct finds {
	struct found *list;
	size_t n;
};

/* The one at the address, new if there is none; NULL: too many. */
struct found *finds_at(struct finds *f, const char *address, const char *how);
void finds_release(struct finds *f);

/* Serial ports and USBTMC devices, from the system's own tree of devices (/sys). */
void find_usb(struct finds *f, const char *sysfs);

/* VXI-11 and mDNS on one interface, or on all that can (NULL); ports: where portmappers and mDNS listen. */
struct find_lan {
	const char *interface;
	uint16_t portmap_port, mdns_port;
	int64_t patience_ns;
};
int  find_lan(struct finds *f, const struct find_lan *o, struct err *e);

/* Units of a Modbus line that answer a question for one holding register. */
struct find_modbus {
	const char *address;
	int first, last;
	int64_t reg, patience_ns;        /* of one unit */
	int cancel;
};
int  find_modbus(struct finds *f, const struct find_modbus *o, struct err *e);

/* Asks each that has no identity yet for *IDN?, or a Modbus unit for what model files prove it by. */
struct known_models { struct loaded_model *list; size_t n; };
void find_identify(struct finds *f, const struct known_models *m, int64_t patience_ns, int cancel);
/* Says which model file fits what is known of each. */
void find_models(struct finds *f, const struct known_models *m);

#endif
