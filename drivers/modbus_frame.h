/* SPDX-License-Identifier: GPL-3.0-or-later
 * modbus_frame.h - how a unit and a PDU (function code and data) go over a wire: Modbus TCP, RTU, ASCII.
 *
 * Pure functions of bytes: who reads and writes them, and when, is modbus_bus.h.  Our own, because libmodbus has no
 * ASCII, cannot be cancelled, takes replies of wrong units and transactions over TCP, and lets dribbled bytes stretch
 * its timeouts (facts found with 3.1.6; it still serves as the other end in tests).
 *
 *     TCP    transaction, 0, length, unit, PDU     MODBUS Messaging on TCP/IP V1.0b, 3.1.3
 *     RTU    unit, PDU, CRC-16                     MODBUS over Serial Line V1.02, 2.5.1
 *     ASCII  ':' unit, PDU, LRC in hex, CR LF      the same, 2.5.2
 *
 * RTU has no mark for a frame's end but silence, which no operating system hands on: a reply's length follows from
 * its function.  Only replies to functions 1 to 6, 15, 16 and 22 and exceptions are known. */
#ifndef MODBUS_FRAME_H
#define MODBUS_FRAME_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <sys/types.h>

#include "address.h"
#include "instant.h"

#define PDU_MAX   253
#define FRAME_MAX 513                    /* of ASCII; RTU and TCP have half */

struct modbus_frame {
	const char *name;
	/* Nothing in a frame tells which question it answers: an old reply fits each later one. */
	bool anonymous;
	double gap;                      /* characters of silence before a request */
	int64_t pause_ns;                /* most between two bytes; 0: the frame's length bounds the whole of it */
	/* Frames a request, returns its length. */
	size_t  (*wrap)(uint8_t out[FRAME_MAX], unsigned transaction, int unit, const uint8_t *pdu, size_t n);
	/* Length of the reply that begins with these n bytes; 0: more must come first.  ERR_PROTOCOL. */
	ssize_t (*measure)(const uint8_t *bytes, size_t n, struct err *e);
	/* Takes a whole reply apart, returns the length of its PDU.  ERR_PROTOCOL: sums, header, transaction. */
	ssize_t (*unwrap)(const uint8_t *frame, size_t n, unsigned transaction, int *unit, uint8_t pdu[PDU_MAX],
			  struct err *e);
};

extern const struct modbus_frame modbus_frame_tcp, modbus_frame_rtu, modbus_frame_ascii;
const struct modbus_frame *modbus_frame_of(enum modbus how);

uint16_t modbus_frame_crc(const uint8_t *bytes, size_t n);             /* RTU; low byte first on the line */
uint8_t  modbus_frame_lrc(const uint8_t *bytes, size_t n);             /* ASCII */

#endif
