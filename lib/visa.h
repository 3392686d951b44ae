/* SPDX-License-Identifier: GPL-3.0-or-later
 * visa.h - VISA resource strings (VPP-4.3, section 4.3.1), translated into the plain addresses of
 * address.h.
 *
 *     TCPIP0::192.0.2.7::5025::SOCKET            tcp://192.0.2.7:5025
 *     TCPIP::meter.example::inst0::INSTR         vxi11://meter.example/inst0
 *     TCPIP::meter.example::hislip0::INSTR       hislip://meter.example/hislip0
 *     TCPIP::meter.example::hislip0,4881::INSTR  hislip://meter.example:4881/hislip0
 *     ASRL/dev/ttyUSB0::INSTR                    serial:/dev/ttyUSB0
 *     ASRL3::INSTR                               serial:/dev/ttyS2, counted as NI-VISA does
 *     GPIB0::22::INSTR                           gpib:0/22
 *     USB0::0x2A8D::0x0101::MY123::0::INSTR      usb:0x2a8d/0x0101/MY123
 *
 * Keywords are taken in either case; numbers of boards, INSTR and the last parts that VISA lets out
 * may be left out.  "?baud=9600" may stand behind. */
#ifndef VISA_H
#define VISA_H

#include <stdbool.h>
#include <stddef.h>

#include "err.h"

/* Does it begin as a resource string does? */
bool visa_is(const char *text);
/* ERR_CONFIG: which part is wrong, and what belongs there. */
int  visa_translate(const char *text, char *plain, size_t size, struct err *e);

#endif
