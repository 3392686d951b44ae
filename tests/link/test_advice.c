/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_advice.c - what is put behind an error where nobody has answered, and where nothing is. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "advice.h"

static void each_way_has_its_own(void **state)
{
	static const struct { const char *address; bool reached; const char *words; } rows[] = {
		{ "tcp://192.0.2.7:5025", false, ": is it on, and is this the port of its raw socket (often 5025)?" },
		{ "TCPIP0::192.0.2.7::5025::SOCKET", true, ": does it listen to commands at this port" },
		{ "vxi11://192.0.2.7/inst0", false, "does it speak VXI-11" },
		{ "TCPIP0::192.0.2.7::hislip0::INSTR", false, "does it speak HiSLIP there (port 4880)" },
		{ "usb:0x2a8d/0x0101/MY1", false, ": `etalon find` lists what is connected" },
		{ "prologix://192.0.2.7/22", false, "at this port (usually 1234)" },
		{ "prologix:/dev/ttyUSB0/22", false, ": is a Prologix-style GPIB controller plugged in there?" },
		{ "prologix:/dev/ttyUSB0/22", true, ": is it on, and is this its address on the GPIB?" },
		{ "modbus+tcp://192.0.2.7:502/3", true, ": is this its unit, and does it speak Modbus TCP?" },
		{ "modbus+rtu://192.0.2.7:4001/3", true, "is it RTU and not ASCII" },
		{ "modbus+ascii://192.0.2.7:4001/3", false, ": is the terminal server on" },
		{ "modbus+ascii:/dev/ttyUSB0?unit=3", true, "is it ASCII and not RTU" },
		{ "serial:/dev/ttyUSB0", false, "`etalon find` lists what is there" },
		{ "ASRL/dev/ttyUSB0::INSTR", true, ": are baud rate, parity" },
	};

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		struct err e;

		err_set(&e, ERR_TIMEOUT, "timed out");
		advice_add(rows[i].address, rows[i].reached, &e);
		if (strncmp(e.text, "timed out: ", 11) || !strstr(e.text, rows[i].words))
			fail_msg("%s: %s", rows[i].address, e.text);
	}
}

/* An error that says itself what to do, an address that is none, an error that has no room. */
static void none_where_it_would_not_help(void **state)
{
	static const struct { const char *address; enum err_code code; } rows[] = {
		{ "tcp://192.0.2.7:5025", ERR_IDENTITY }, { "tcp://192.0.2.7:5025", ERR_CANCELLED },
		{ "tcp://192.0.2.7:5025", ERR_CONFIG }, { "modbus+tcp://192.0.2.7:502/3", ERR_INSTRUMENT },
		{ "nonsense", ERR_TIMEOUT }, { "manual:shelf 2", ERR_TIMEOUT },
	};
	char text[ERR_TEXT];
	struct err e;

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++) {
		err_set(&e, rows[i].code, "as it was");
		advice_add(rows[i].address, false, &e);
		assert_string_equal(e.text, "as it was");
	}
	memset(text, 'x', sizeof text);
	text[sizeof text - 20] = '\0';
	err_set(&e, ERR_TIMEOUT, "%s", text);
	advice_add("tcp://192.0.2.7:5025", false, &e);
	assert_string_equal(e.text, text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_way_has_its_own),
		cmocka_unit_test(none_where_it_would_not_help),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
