/* SPDX-License-Identifier: GPL-3.0-or-later
 * controller_own.h - between the two halves of the GPIB controller: controller.c has the connection and the
 * bus, controller_command.c knows the commands. */
#ifndef SIM_CONTROLLER_OWN_H
#define SIM_CONTROLLER_OWN_H

#include <stdatomic.h>

#include "controller.h"
#include "status.h"
#include "wire.h"

struct bus_instrument {
	struct gpib at;
	struct talk *talk;
	struct buf heard;            /* a message so far */
	struct said said;
	bool has_answer, again;
	instant ready;               /* the answer is, from then on */
	struct service service;
	atomic_bool forget;          /* its power was cycled: what it was about to say is lost */
};

struct controller {
	struct outlet *outlet;
	struct wires wires;
	pthread_mutex_t lock;        /* one client at a time: over all below */
	struct bus_instrument *instruments;
	size_t n;

	int fd;                      /* of the client in hand */
	int primary, secondary;      /* secondary -1: none */
	int mode, automatic, eoi, eos, eot_enable, eot_char, read_tmo, savecfg;
	struct buf line;
	bool escaped, is_data;       /* its first byte was */
};

/* The instrument in hand, or NULL. */
struct bus_instrument *controller_addressed(struct controller *c);
/* It talks until EOI, or until nothing comes for read_tmo.  -1: the connection is to be dropped. */
int  controller_read(struct controller *c);
/* A line that begins with "++", without it. */
int  controller_command(struct controller *c, char *text);
void controller_defaults(struct controller *c);
int  controller_say(struct controller *c, const char *text);
uint8_t controller_poll(struct bus_instrument *i);
bool controller_requests(struct bus_instrument *i);
void controller_clear(struct bus_instrument *i);
int  controller_hear(struct controller *c, const char *data, size_t n);       /* for the instrument in hand */

#endif
