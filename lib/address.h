/* SPDX-License-Identifier: GPL-3.0-or-later
 * address.h - where an instrument is reached, as a bench file writes it.
 *
 *     tcp://192.0.2.7:5025    tcp://[2001:db8::7]:5025    tcp://meter.example:5025
 *     serial:/dev/serial/by-id/usb-0403?baud=9600&bits=7&parity=even&stop=1&flow=rts-cts
 *     pty:/run/bench/meter                        a pseudo-terminal: simulators, bridges
 *     prologix://192.0.2.5/22                     GPIB, primary address 22, behind a controller that talks
 *     prologix://192.0.2.5:1234/22,3              as Prologix's do; with secondary address 3
 *     prologix:/dev/ttyUSB0/22                    the same on a serial line
 *     usb:0x2A8D/0x0101/MY123                     USBTMC: vendor, product and serial number
 *     vxi11://192.0.2.9/inst0                     the device is inst0 unless stated
 *     vxi11://192.0.2.9:1024/gpib0,22             at this port, without asking the portmapper
 *     hislip://192.0.2.9/hislip0                  likewise; at port 4880 unless one is given
 *     modbus+tcp://192.0.2.8:502/3                unit 3; or ?unit=3
 *     modbus+rtu:/dev/ttyUSB0?baud=19200&parity=even&unit=3
 *     modbus+ascii:/dev/ttyUSB0?baud=9600&bits=7&parity=even&unit=3
 *     modbus+rtu://192.0.2.10:4001/3?baud=9600    the line behind a terminal server; so for ascii
 *     manual:shelf 2, left                        no wire: the place where a person finds it
 *
 * or as a VISA resource string (visa.h): TCPIP0::192.0.2.7::INSTR, ASRL/dev/ttyUSB0::INSTR.
 * Those are translated into the plain form first, so that two ways to write one place are one
 * place.  Boards of GPIB (GPIB0::22::INSTR) are known to a bench file alone (gpib.h).  What etalon knows and cannot dial yet is refused with what to do instead.
 *
 * What may stand behind the '?' are the settings of line.h, durations as in character_delay=2ms; of
 * a serial server that is reached by tcp:// only echo, turnaround and character_delay, for it sets
 * its own port.
 *
 * The unit is 1 unless stated.  Text instruments that share one line differ in it, too.  This is the grammar alone; who dials is in drivers/. */
#ifndef ADDRESS_H
#define ADDRESS_H

#include <stdbool.h>

#include "err.h"
#include "gpib.h"
#include "line.h"

#define ADDRESS_HOST  200        /* bytes of a host's name, with NUL */
#define ADDRESS_PLACE 256

enum modbus { MODBUS_NOT, MODBUS_TCP, MODBUS_RTU, MODBUS_ASCII };        /* how Modbus is framed */

struct address {
	const char *scheme;              /* "tcp", "serial", "modbus+rtu" ... */
	enum modbus modbus;
	bool network;                    /* its place begins with a host */
	bool manual;                     /* its place is for people */
	char place[ADDRESS_PLACE];       /* "//host:port", "//host/device" or a path */
	struct gpib gpib;                /* behind a controller, which is what place names then */
	struct line line;
	int unit;                        /* of Modbus: 1 to 247 on a line, 0 to 255 in Modbus TCP; else any */
};

/* line: what holds for a serial line unless the address says otherwise; NULL: line_usual.  ERR_CONFIG. */
int   address_parse(struct address *a, const char *text, const struct line *line, struct err *e);
/* Is it well formed, and can it be dialled?  ERR_CONFIG explains. */
int   address_check(const char *text, struct err *e);
/* The plain form of a VISA resource string; any other text as it is.  The caller frees it. */
char *address_plain(const char *text);
/* The part that names its port, links followed: two instruments with the same one share a
 * thread.  The caller frees it. */
char *address_port(const char *text);
/* Do both name one instrument, however they are written? */
bool  address_same(const char *one, const char *other);

/* What a place on the network is made of. */
struct host {
	char name[ADDRESS_HOST];         /* without the brackets of IPv6 */
	char port[8];                    /* decimal, 1 to 65535; "" if none is given */
	char path[ADDRESS_PLACE];        /* behind the '/' after them; "" if there is none */
};
/* "//host", "//[host]:port", "//host/path".  ERR_CONFIG. */
int   address_host(const char *place, struct host *h, struct err *e);

#endif
