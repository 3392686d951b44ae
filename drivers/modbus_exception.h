/* SPDX-License-Identifier: GPL-3.0-or-later
 * modbus_exception.h - the exceptions with which a device refuses a request, as sentences.
 *
 * MODBUS Application Protocol V1.1b3, chapter 7: the code alone says little.  A sentence names the registers that were
 * asked for and what to look at. */
#ifndef MODBUS_EXCEPTION_H
#define MODBUS_EXCEPTION_H

#include <stddef.h>
#include <stdint.h>

#include "err.h"

enum { EXCEPTION_ACKNOWLEDGE = 5, EXCEPTION_BUSY = 6, EXCEPTION_GATEWAY_PATH = 10, EXCEPTION_GATEWAY_TARGET };

/* request: the n bytes of its PDU.  Returns -1: ERR_INSTRUMENT; ERR_TIMEOUT where a gateway has given up waiting, for
 * then its unit's answer may still come to it. */
int exception_explain(int code, const uint8_t *request, size_t n, struct err *e);

#endif
