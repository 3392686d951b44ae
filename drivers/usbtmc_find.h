/* SPDX-License-Identifier: GPL-3.0-or-later
 * usbtmc_find.h - which /dev/usbtmcN an instrument is now: the kernel numbers them in the order in which they
 * come, so only vendor, product and serial number, read in /sys/class/usbmisc, name one. */
#ifndef USBTMC_FIND_H
#define USBTMC_FIND_H

#include <stdbool.h>

#include "err.h"

#define USBTMC_PATH 64

/* place: "0x2a8d/0x0101/MY123", or without a serial number, where there must be one alone of them.
 * ERR_CLOSED: it is not there; ERR_CONFIG: which of several is meant? */
int usbtmc_find(const char *place, char path[USBTMC_PATH], struct err *e);

#endif
