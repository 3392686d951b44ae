/* SPDX-License-Identifier: GPL-3.0-or-later
 * usbtmc_answer.h - one transfer in (DEV_DEP_MSG_IN: USBTMC 1.0, 3.3.1.1), as it came from an instrument. */
#ifndef USBTMC_ANSWER_H
#define USBTMC_ANSWER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "err.h"

#define USBTMC_HEADER 12
#define USBTMC_MSG_IN 2                  /* of the request as well */

struct usbtmc_answer {
	const char *bytes;               /* in the transfer; behind them there may be some for alignment */
	size_t n;
	bool end;                        /* of the message */
};

/* Is it the answer to the request with that tag, for at most so many bytes?  ERR_PROTOCOL. */
int usbtmc_answer_parse(struct usbtmc_answer *a, const char *in, size_t n, uint8_t tag, uint32_t most, struct err *e);

#endif
