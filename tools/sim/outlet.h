/* SPDX-License-Identifier: GPL-3.0-or-later
 * outlet.h - where a simulated instrument can be reached: a listening socket, or a
 * pseudo-terminal behind a symbolic link.
 *
 *     tcp://host:port    modbus+tcp://host:port/unit    serial:path    pty:path    modbus+rtu:path
 *     modbus+rtu://host:port/unit    modbus+ascii:path    modbus+ascii://host:port/unit
 *     prologix://host:port/address    prologix:path/address    a GPIB controller
 *     vxi11://host:port/device    without a port at that of the portmapper, 111
 *     hislip://host:port/device   without a port at 4880
 *
 * each with ?options, of which `unit` says which Modbus unit it is.
 *
 * The simulator keeps the terminal's other end open itself, so that like a real line it does not
 * notice who is listening. */
#ifndef OUTLET_H
#define OUTLET_H

#include <stdbool.h>

#include "err.h"

struct outlet {
	bool tcp;
	int fd;                      /* listening socket, or the master of the terminal */
	int slave;                   /* its other end; -1 for tcp */
	char *scheme, *place;        /* of the bench file's address: "tcp", "//127.0.0.1:5025" */
	char *link;                  /* the path clients open */
	char *address;               /* as it can be reached, without options */
};

struct outlet_options {
	bool any;                    /* free ports and paths instead of those in the file */
	const char *folder;          /* for paths; NULL: none given */
};

/* The Modbus unit of an address, 1 if it has none.  ERR_CONFIG. */
int  outlet_unit(const char *address, int *unit, struct err *e);
bool outlet_is(const struct outlet *o, const char *address);         /* same place */
/* What is left of an address beside scheme and place: "/2", "/inst0", "?baud=9600&unit=2", "". */
const char *outlet_options_of(const char *address);

int  outlet_open(struct outlet **o, const char *address, const char *role,
		 const struct outlet_options *options, struct err *e);
/* A new terminal behind the same link: whoever has the old one open sees it hang up. */
int  outlet_reopen(struct outlet *o, struct err *e);
/* Takes the link away and leaves the rest: safe while a thread serves it. */
void outlet_unlink(struct outlet *o);
void outlet_close(struct outlet **o);

#endif
