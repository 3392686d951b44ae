/* SPDX-License-Identifier: GPL-3.0-or-later
 * ports.h - who stands where: the main thread's table of ports, stations and their users.
 *
 * A role of a run takes a seat: a station (an instrument) at a port.  An exclusive instrument
 * has one run at a time, a shared one any number. */
#ifndef PORTS_H
#define PORTS_H

#include "port.h"
#include "setup.h"

struct seat {
	uint32_t role;               /* index in the bench file */
	uint32_t port, station;
	int cancel;                  /* the port's, for port_line_open */
	bool shared;
};

/* Where a role's instrument is. */
struct place_taken { const char *run; uint32_t port, station; };

struct ports;

void ports_start(struct ports **p);
void ports_stop(struct ports **p);       /* joins every port thread */

/* A seat for every role of the procedure, or ERR_STATE naming the run that has an instrument.
 * seats has room for procedure->roles.n. */
int  ports_take(struct ports *p, const char *run, const struct setup *s, struct seat *seats, struct err *e);
void ports_rename(struct ports *p, const char *run, const char *name);   /* once the run has its name */
void ports_release(struct ports *p, const char *run);
void ports_answer(struct ports *p, uint32_t port, const struct port_answer *a, const char *more);

void ports_since(struct ports *p, uint32_t port, const struct port_since *s);
/* Where the instrument of a role is, and the run that has it; run "": whichever it is.  ERR_STATE: none has, or
 * several. */
int  ports_find(const struct ports *p, const char *run, const char *role, struct place_taken *at, struct err *e);

/* For `status`. */
struct port_view {
	const char *name;
	bool trouble;
	char text[256];
	unsigned stations;
};
void ports_trouble(struct ports *p, uint32_t port, bool trouble, const char *text);
size_t ports_count(const struct ports *p);
const struct port_view *ports_view(const struct ports *p, size_t i);

#endif
