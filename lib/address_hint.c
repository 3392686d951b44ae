/* SPDX-License-Identifier: GPL-3.0-or-later
 * address_hint.c - what was probably meant by a text that is no address.
 *
 * People bring addresses from elsewhere: the name that Windows or the kernel gives a port, the host alone, another
 * program's spelling.  The first row that fits says how it is written here. */
#include <regex.h>

#include "address_parts.h"

#define LINE_DEVICE "serial:/dev/ttyUSB0, or ASRL/dev/ttyUSB0::INSTR (`etalon find` lists the ports)"
#define USB_DEVICE "usb:VENDOR/PRODUCT/SERIAL, or USB0::VENDOR::PRODUCT::SERIAL::INSTR, as `etalon find` shows it"

static const struct hint {
	const char *pattern;             /* extended, in either case */
	const char *text;
} hints[] = {
	{ "^COM[0-9]+$", "a serial line is named by its device here: " LINE_DEVICE },
	{ "^(/dev/)?usbtmc", "a USB instrument is named by what it is, not by where it is plugged in: " USB_DEVICE },
	{ "^/dev/", "which way it is used stands before a device: " LINE_DEVICE },
	{ "^(https?|lxi)://", "that is its page for people; instruments on a network are TCPIP::HOST::INSTR (VXI-11), "
	  "TCPIP::HOST::hislip0::INSTR or tcp://HOST:PORT" },
	{ "^vxi-11:", "expected vxi11://HOST" },
	{ "^modbus[+](rtu|ascii)[-+](over-)?tcp", "RTU behind a terminal server is written modbus+rtu://HOST:PORT/UNIT; so "
	  "is ASCII, modbus+ascii://" },
	{ "^modbus:", "how is it framed?  modbus+tcp://HOST:PORT/UNIT, modbus+rtu:DEVICE, modbus+ascii:DEVICE" },
	{ "^prologix[+]", "a controller is prologix://HOST/22 on the network, prologix:DEVICE/22 on a serial line" },
	{ "^(TCPIP|GPIB|ASRL|USB)[0-9]*:[^:]", "two colons stand between the parts of a VISA resource string" },
	{ "^[[:alnum:]-]+::", "VISA knows no such interface: expected TCPIP, ASRL, GPIB or USB" },
	{ "^[[:alnum:].-]+[.][[:alnum:]-]+$", "a host alone does not say how to speak to it: TCPIP::HOST::INSTR (VXI-11), "
	  "TCPIP::HOST::hislip0::INSTR or tcp://HOST:PORT" },
	{ "^[[:alnum:].-]+:[0-9]+$", "host and port are tcp://HOST:PORT, or modbus+tcp://HOST:PORT/UNIT" },
	{ "", "expected tcp://HOST:PORT, serial:DEVICE, pty:PATH, vxi11://HOST/DEVICE, hislip://HOST/DEVICE, "
	  "usb:VENDOR/PRODUCT/SERIAL, prologix://HOST/ADDRESS, modbus+tcp://HOST:PORT/UNIT, modbus+rtu:DEVICE?unit=N, "
	  "modbus+ascii:DEVICE?unit=N, manual:PLACE or a VISA resource string" },
};

static bool fits(const char *pattern, const char *text)
{
	regex_t r;
	bool found;

	if (regcomp(&r, pattern, REG_EXTENDED | REG_ICASE | REG_NOSUB))
		return false;
	found = regexec(&r, text, 0, NULL, 0) == 0;
	regfree(&r);
	return found;
}

int address_unknown(const char *text, struct err *e)
{
	const struct hint *h = hints;

	while (*h->pattern && !fits(h->pattern, text))
		h++;
	return err_set(e, ERR_CONFIG, "%s", h->text);
}
