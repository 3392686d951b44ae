/* SPDX-License-Identifier: GPL-3.0-or-later
 * control.h - run.pause, run.resume, run.stop, run.abort. */
#ifndef CONTROL_H
#define CONTROL_H

#include "client.h"

/* As client_ask. */
json_t *control_ask(struct client *c, const char *cmd, const char *run, const char *operator,
		    const char *reason, struct err *e);

#endif
