/* SPDX-License-Identifier: GPL-3.0-or-later
 * power.h - storage whose power can be cut at any call, and which can be made to fail.
 *
 * Stands in the io seam before real files of one folder and keeps beside each what a disk
 * would hold: sectors of 512 bytes reach it when a sync returns, or at any earlier moment, or
 * never.  After a failed sync the sectors it should have written count as clean and are lost
 * once the cache is dropped, as the kernel has it.  Names reach the disk when their folder is
 * synced, or earlier.  One thread. */
#ifndef POWER_H
#define POWER_H

#include <stdbool.h>
#include <stdint.h>

enum power_call {
	POWER_OPEN, POWER_PWRITE, POWER_PREAD, POWER_FDATASYNC, POWER_FSYNC, POWER_FTRUNCATE,
	POWER_ALLOCATE, POWER_FSTAT, POWER_MKDIR, POWER_UNLINK, POWER_DROP_CACHE, POWER_CALLS
};

/* Takes the seam for this folder.  What is in it already counts as durable.  A watcher may put
 * another one on, and off again. */
void power_on(const char *folder, uint64_t seed);
void power_off(void);

/* Called before every call that changes something, with the seam open to the system. */
void power_watch(void (*before)(void));

/* What a power cut now would leave, made in the (new) folder `to`; false if there would not even
 * be a folder. */
enum power_loss {
	POWER_ALL_KEPT,        /* the process died, not the machine */
	POWER_ALL_LOST,        /* only what was synced */
	POWER_TORN,            /* pages of 512 bytes or 4 KiB kept or lost at random */
};
bool power_image(const char *to, enum power_loss loss);

/* The n-th call from now on (from 1, of any kind) fails with this errno: once, or from there on
 * all of its kind.  POWER_SHORT: if it is a write, it writes half; only once. */
#define POWER_SHORT (-1)
void power_fail(uint64_t nth, int error, bool lasting);
uint64_t power_count(void);                  /* calls so far */
bool power_failed(enum power_call *what);    /* whether the failure was met, and by which call */

uint64_t power_random(uint64_t below);

#endif
