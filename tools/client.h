/* SPDX-License-Identifier: GPL-3.0-or-later
 * client.h - asking etalond over its control socket (docs/control.md). */
#ifndef CLIENT_H
#define CLIENT_H

#include <jansson.h>

#include "record.h"

struct client;

#define CLIENT_PATIENCE_MS 10000

/* endpoint: where_control().  ERR_CLOSED says why nobody is there and what to do. */
int client_open(struct client **c, const char *endpoint, struct err *e);

/* args is taken over and may be NULL.  Returns the answer's result, to be released with
 * json_decref, or NULL: ERR_CLOSED if no answer came within timeout_ms, else the daemon's own
 * error. */
json_t *client_ask(struct client *c, const char *cmd, json_t *args, int timeout_ms, struct err *e);

/* Did the last failure come from the daemon's absence rather than from its answer? */
bool client_lost(const struct client *c);

/* Calls `each` for records from..to-1 (to = UINT64_MAX: as far as acknowledged), in order,
 * until it returns other than 0.  *next: the record after the last one seen. */
int client_replay(struct client *c, const char *run, uint64_t from, uint64_t to, uint64_t *next,
		  int (*each)(void *who, const struct record *r, struct err *e), void *who,
		  struct err *e);

/* A socket that hears the topics `prefix`; NULL and the error set if the daemon states no
 * endpoint.  Belongs to the client and is closed with it. */
void *client_subscribe(struct client *c, const char *prefix, struct err *e);

/* The same at a known endpoint. */
void *client_listen(struct client *c, const char *endpoint, const char *prefix, struct err *e);

/* Takes one message of the stream if one is there: 1, 0 if none, -1.  The record is valid until the
 * next call. */
int client_heard(struct client *c, struct record *r, struct err *e);

void client_close(struct client **c);

#endif
