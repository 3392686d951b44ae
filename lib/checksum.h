/* SPDX-License-Identifier: GPL-3.0-or-later
 * checksum.h - the checksums instruments put behind their messages, by name, and how they write them.
 *
 * Pure functions.  The polynomials, initial values and check values of the CRCs are those of the
 * "Catalogue of parametrised CRC algorithms" (G. Cook, reveng.sourceforge.io/crc-catalogue); where
 * makers call one by several names the most common stands here.
 *
 *     sum8            sum of all bytes modulo 256
 *     sum8-ones       its ones' complement (255 - sum8)
 *     sum8-twos, lrc  its two's complement (256 - sum8), the LRC of Modbus ASCII
 *     sum16           sum of all bytes modulo 65536
 *     xor8            exclusive or of all bytes: BCC, the longitudinal parity of ISO 1155
 *     crc8, crc8-maxim                                          CRC-8/SMBUS, CRC-8/MAXIM-DOW
 *     crc16-arc, crc16-modbus, crc16-usb, crc16-maxim, crc16-umts     polynomial 8005
 *     crc16-ccitt-false, crc16-xmodem, crc16-kermit, crc16-x25, crc16-aug-ccitt, crc16-genibus,
 *     crc16-mcrf4xx                                                   polynomial 1021
 *     crc16-dnp, crc32                                                3D65, 04C11DB7 */
#ifndef CHECKSUM_H
#define CHECKSUM_H

#include <stddef.h>
#include <stdint.h>

#define CHECKSUM_TEXT 12         /* longest written form and its NUL */

/* Both cases of a hexadecimal digit are taken from an instrument.  Nibbles are bytes of 30 to 3F
 * (hexadecimal), "0" to "?". */
enum checksum_form { CHECKSUM_HEX_UPPER, CHECKSUM_HEX_LOWER, CHECKSUM_BINARY, CHECKSUM_DECIMAL, CHECKSUM_NIBBLES };
enum checksum_order { CHECKSUM_BIG, CHECKSUM_LITTLE };

/* Index: a kind.  Ended by NULL, as a schema's words are. */
extern const char *const checksum_names[], *const checksum_forms[], *const checksum_orders[];

uint32_t checksum(int kind, const void *data, size_t n);
/* Bytes of its written form: 8 bits are 1 in binary, 2 in hexadecimal and nibbles, 3 in decimal. */
size_t checksum_size(int kind, int form);
/* As it is written; returns its length.  A binary form may hold any byte. */
size_t checksum_write(int kind, int form, int order, uint32_t value, char text[CHECKSUM_TEXT]);

#endif
