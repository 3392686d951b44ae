/* SPDX-License-Identifier: GPL-3.0-or-later
 * post.h - messages between the daemon's threads: values cross, pointers do not.
 *
 * Every thread reads one inbox; whoever writes to it has a socket of their own.  Sending never
 * blocks and never drops while the receiver lives: what may queue up is bounded by byte
 * credits (entry.h), not here.  A message to an inbox that has closed is forgotten. */
#ifndef POST_H
#define POST_H

#include <stdbool.h>
#include <stddef.h>
#include <zmq.h>

#include "instant.h"

void  post_start(void);                  /* makes the context */
void  post_stop(void);                   /* after the last socket is closed */
void *post_context(void);

/* "port/3", "run/7": inbox binds, outlet connects.  An inbox is made by the thread that starts
 * its owner, so that it exists before anybody writes to it. */
void *post_inbox(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void *post_outlet(const char *fmt, ...) __attribute__((format(printf, 1, 2)));
void  post_close(void **socket);

void  post_send(void *outlet, const void *message, size_t n);
/* The same in two steps: room for n bytes, to be filled in where they will lie; or a copy of n bytes. */
void *post_begin(zmq_msg_t *m, size_t n);
void  post_copy(zmq_msg_t *m, const void *data, size_t n);
void  post_end(void *outlet, zmq_msg_t *m);
/* Receives if something is there; the message is then the caller's to zmq_msg_close. */
bool  post_receive(void *inbox, zmq_msg_t *m);
/* Sleeps until something may be there or the instant has come, to the timer's own resolution.
 * Only after post_receive has said that the inbox is empty: what is there then wakes nobody. */
void  post_wait(void *inbox, instant by);

#endif
