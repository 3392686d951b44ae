/* SPDX-License-Identifier: GPL-3.0-or-later
 * server_parts.h - what servers of the benchmarks share: a child process that answers. */
#ifndef SERVER_PARTS_H
#define SERVER_PARTS_H

#include "aid.h"

/* A listening socket an instrument, and what a bench file calls it. */
void server_listen(struct server *s, unsigned n, const char *scheme, const char *unit);
void server_thread(void *(*serve)(void *), void *arg);
bool server_child(struct server *s, int core);           /* ends with its parent; true in the child */
void server_serve(const struct server *s, void *(*answer)(void *));      /* its life: a thread for every connection */
void server_leave(struct server *s);                     /* in the parent: the sockets are the child's */

#endif
