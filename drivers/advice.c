/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "advice.h"

#include <stdio.h>
#include <string.h>

#include "address.h"

#define LINE_IS_THERE "is it plugged in, and may you open it (group dialout)? `etalon find` lists what is there"

static const struct advice {
	const char *scheme;
	bool network;
	const char *unreached, *unanswered;      /* NULL: the error says all there is to say */
} table[] = {
	{ "tcp", true, "is it on, and is this the port of its raw socket (often 5025)?",
	  "does it listen to commands at this port, and do its lines end as they should?" },
	{ "vxi11", true, "is it on, does it speak VXI-11, and is its device named so (inst0; behind a gateway gpib0,N)?  No port "
	  "need be given", NULL },
	{ "hislip", true, "is it on, does it speak HiSLIP there (port 4880), and is its device named so (hislip0)?", NULL },
	{ "usb", false, "`etalon find` lists what is connected", NULL },
	{ "prologix", true, "is there a Prologix-style GPIB controller at this port (usually 1234), and is nobody else connected?",
	  "is it on, and is this its address on the GPIB?" },
	{ "prologix", false, "is a Prologix-style GPIB controller plugged in there?",
	  "is it on, and is this its address on the GPIB?" },
	{ "modbus+tcp", true, "is it on, and is this its Modbus port (usually 502)?",
	  "is this its unit, and does it speak Modbus TCP?  RTU behind a terminal server is modbus+rtu://" },
	{ "modbus+rtu", true, "is the terminal server on, and is this the port of the line?",
	  "are unit and line settings right, is it RTU and not ASCII?  Modbus TCP is modbus+tcp://" },
	{ "modbus+ascii", true, "is the terminal server on, and is this the port of the line?",
	  "are unit and line settings right, is it ASCII and not RTU?  Modbus TCP is modbus+tcp://" },
	{ "modbus+rtu", false, LINE_IS_THERE, "are unit, baud rate and parity right, is it RTU and not ASCII, are both wires right?" },
	{ "modbus+ascii", false, LINE_IS_THERE, "are unit, baud rate and parity right, is it ASCII and not RTU, are both wires right?" },
	{ "serial", false, LINE_IS_THERE, "are baud rate, parity, flow control and the ends of lines as they are set there?" },
	{ "pty", false, NULL, "are the ends of lines as they are set there?" },
};

static const struct advice *find(const struct address *a)
{
	for (size_t i = 0; i < sizeof table / sizeof *table; i++)
		if (!strcmp(table[i].scheme, a->scheme) && table[i].network == a->network)
			return &table[i];
	return NULL;
}

static bool may_help(enum err_code c)
{
	return c == ERR_TIMEOUT || c == ERR_CLOSED || c == ERR_PROTOCOL || c == ERR_IO;
}

void advice_add(const char *address, bool reached, struct err *e)
{
	const struct advice *found;
	size_t n = strlen(e->text);
	const char *text;
	struct address a;
	struct err bad;

	if (!may_help(e->code) || address_parse(&a, address, NULL, &bad) < 0 || !(found = find(&a)))
		return;
	text = reached ? found->unanswered : found->unreached;
	if (text && n + strlen(text) + sizeof ": " <= sizeof e->text)
		snprintf(e->text + n, sizeof e->text - n, ": %s", text);
}
