/* SPDX-License-Identifier: GPL-3.0-or-later
 * terminal.h - a pseudo-terminal under a name of its own; a test speaks at its master end. */
#ifndef TERMINAL_H
#define TERMINAL_H

struct terminal {
	char folder[64], path[96];
	int master, held;        /* held: the other end, open so that it lives without a client */
};

/* scheme "serial": its name makes it a serial port under the shim (tests/shim/serial_on_pty.c). */
void terminal_make(struct terminal *t, const char *scheme);
/* The cable is pulled and comes back: the new terminal has the old name before the old one goes. */
void terminal_renew(struct terminal *t);
void terminal_remove(struct terminal *t);

#endif
