/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_address.c - every form an address may take, and what is said of those it may not. */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>

#include <cmocka.h>

#include "address.h"
#include "mem.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))

static void plain_forms(void **state)
{
	static const char *const good[] = {
		"tcp://127.0.0.1:5025", "tcp://[::1]:5025", "tcp://meter.example:1?unit=255",
		"tcp://10.example:5025", "tcp://[fe80::1%eth0]:5025",
		"serial:/dev/ttyUSB0?baud=19200&bits=7&parity=even&stop=2&flow=rts-cts", "pty:/run/x", "pty:build/x",
		"serial:/a?dtr=off&rts=off&rs485=yes&echo=yes&turnaround=5ms&character_delay=2ms&break=0.25s",
		"serial:/a?parity=mark", "serial:/a?parity=space&bits=7", "tcp://a:1?echo=yes&character_delay=500us",
		"modbus+rtu:/a?dtr=on&rs485=yes&echo=yes&turnaround=5ms", "modbus+ascii://h:1/1?echo=yes", "serial:/a?unit=3",
		"usb:0x2a8d/0x0101/MY123", "usb:0x2A8D/0x101", "usb:0x2a8d/0x0101/a b/c", "USB0::0x2A8D::0x0101::MY123::INSTR",
		"prologix://a/0", "prologix://a:99/30", "prologix://[::1]/3,0", "prologix://[::1]:7/3", "prologix:/dev/ttyUSB0/22",
		"prologix:build/x/9,30?baud=9600&dtr=off&flow=rts-cts",
		"vxi11://h", "vxi11://h/gpib0,22", "vxi11://h:1024/inst0", "vxi11://[::1]", "vxi11://[::1]:1024/a:b",
		"hislip://h", "hislip://h/hislip1", "hislip://[::1]:4881/hislip0",
		"modbus+tcp://127.0.0.1:502/3", "modbus+tcp://[::1]:502?unit=0", "modbus+tcp://a:502",
		"modbus+rtu:/dev/ttyUSB0?baud=19200&parity=even&unit=247",
		"modbus+ascii:/dev/ttyUSB0?baud=9600&bits=7&parity=even&unit=3", "modbus+ascii://h:4001/247",
		"modbus+rtu://h:4001/3?baud=19200", "modbus+rtu://[::1]:4001?unit=1" };
	static const char *const bad[] = {
		"", "tcp", "tcp:", "tcp://", "tcp://:5", "tcp://a", "tcp://a:", "tcp://a:0", "tcp://a:65536",
		"tcp://a:5x", "tcp://10.0.0.300:5", "tcp://10.0.0:5", "tcp://[10.0.0.3]:5", "tcp://[meter]:5", "tcp://::1:5", "tcp:/a:5", "tcp://[]:5", "tcp://[::1]", "tcp://[::1:5", "ftp:7", "serial:",
		"serial://a", "serial:/a?", "prologix:", "prologix://", "prologix:///5", "prologix://a/b/5", "prologix://a/", "prologix://a/5,",
		"prologix://a/,5", "prologix://a/x", "prologix://a:0/5", "prologix:x", "prologix:/dev/x/5?rs485=yes", "serial:/a?baud", "serial:/a?baud=fast", "serial:/a?baud=9600&",
		"serial:/a?speed=9600", "serial:/a?parity=maybe", "serial:/a?bits=9", "tcp://a:5?unit=256", "serial:/a?dtr=1",
		"serial:/a?echo=on", "serial:/a?break=11s", "serial:/a?break=ms", "serial:/a?break=1e400s", "serial:/a?turnaround=5",
		"serial:/a?character_delay=1.5.5ms", "serial:/a?character_delay=2sm", "serial:/a?character_delay=-1ms", "tcp://a/b:5",
		"tcp://a:5/3", "tcp://a:5/", "vxi11:h", "vxi11://", "vxi11://h/", "vxi11://h:0/inst0", "vxi11://[::1", "hislip://h/", "modbus+tcp://a:502/", "modbus+tcp://a:502/256", "modbus+tcp://a:502/3/4",
		"modbus+rtu:/a?unit=248", "modbus+rtu:/a?unit=0", "modbus+rtu:", "modbus:/a",
		"modbus+rtu://h:4001/248", "modbus+rtu://h:4001/0", "modbus+rtu://h/3", "modbus+rtu:/a?bits=7",
		"modbus+ascii:/a?bits=6", "modbus+ascii://h:1/0", "modbus+rtu-over-tcp://h:1/1" };
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(good); i++)
		if (address_check(good[i], &e) < 0)
			fail_msg("%s", e.text);
	for (size_t i = 0; i < COUNT(bad); i++) {
		if (address_check(bad[i], &e) == 0)
			fail_msg("'%s' passes", bad[i]);
		assert_int_equal(e.code, ERR_CONFIG);
	}
}

static void resource_strings(void **state)
{
	static const struct { const char *visa, *plain; } rows[] = {
		{ "TCPIP0::192.0.2.7::5025::SOCKET", "tcp://192.0.2.7:5025" },
		{ "tcpip::Meter.example::5025::socket", "tcp://Meter.example:5025" },
		{ "TCPIP::[::1]::5025::SOCKET", "tcp://[::1]:5025" },
		{ "TCPIP::[2001:db8::7]::inst0::INSTR", "vxi11://[2001:db8::7]/inst0" },
		{ "TCPIP::h::INSTR", "vxi11://h/inst0" },
		{ "TCPIP0::h", "vxi11://h/inst0" },
		{ "TCPIP::h::inst3", "vxi11://h/inst3" },
		{ "TCPIP::h::gpib0,22::INSTR", "vxi11://h/gpib0,22" },
		{ "TCPIP::h::hislip0::INSTR", "hislip://h/hislip0" },
		{ "TCPIP::h::HiSLIP1", "hislip://h/HiSLIP1" },
		{ "TCPIP::h::hislip0,5001::INSTR", "hislip://h:5001/hislip0" },
		{ "ASRL/dev/ttyUSB0::INSTR", "serial:/dev/ttyUSB0" },
		{ "asrl/dev/serial/by-id/usb-1?baud=1200&bits=7", "serial:/dev/serial/by-id/usb-1?baud=1200&bits=7" },
		{ "ASRL3::INSTR", "serial:/dev/ttyS2" },
		{ "ASRL1", "serial:/dev/ttyS0" },
		{ "GPIB0::22::INSTR", "gpib:0/22" },
		{ "gpib::9::3", "gpib:0/9/3" },
		{ "USB0::0x2A8D::0x0101::MY123::0::INSTR", "usb:0x2a8d/0x0101/MY123" },
		{ "USB::10893::257::MY123", "usb:0x2a8d/0x0101/MY123" },
		{ "USB0::0x2A8D::0x0101::INSTR", "usb:0x2a8d/0x0101/" },
		/* No resource strings: they stay as they are. */
		{ "tcp://TCPIP::1:2", "tcp://TCPIP::1:2" },
		{ "vxi11://[::1]/inst0", "vxi11://[::1]/inst0" },
		{ "usb:0x2a8d/0x0101/a::b", "usb:0x2a8d/0x0101/a::b" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		char *plain = address_plain(rows[i].visa);

		assert_string_equal(plain, rows[i].plain);
		free(plain);
	}
}

static void resource_strings_that_can_be_dialled(void **state)
{
	struct address a;
	struct err e;

	(void)state;
	assert_int_equal(address_parse(&a, "TCPIP0::192.0.2.7::5025::SOCKET", NULL, &e), 0);
	assert_string_equal(a.scheme, "tcp");
	assert_string_equal(a.place, "//192.0.2.7:5025");
	assert_true(a.network && !a.modbus);
	assert_int_equal(address_parse(&a, "ASRL/dev/ttyUSB0::INSTR?baud=1200&parity=odd", NULL, &e), 0);
	assert_string_equal(a.place, "/dev/ttyUSB0");
	assert_true(!a.network && a.line.baud == 1200 && a.line.parity == PARITY_ODD);
	assert_true(a.line.dtr == LEVEL_ON && a.line.rts == LEVEL_ON && !a.line.echo);
	assert_int_equal(address_parse(&a, "serial:/a?dtr=off&rts=off&rs485=yes&echo=yes&turnaround=5ms&character_delay=500us&"
				       "break=0.25s", NULL, &e), 0);
	assert_true(a.line.dtr == LEVEL_OFF && a.line.rts == LEVEL_OFF && a.line.rs485 && a.line.echo);
	assert_true(a.line.turnaround_ns == 5000000 && a.line.character_delay_ns == 500000 &&
		    a.line.break_ns == 250000000);
}

/* What is wrong, and what to do. */
static void complaints(void **state)
{
	static const struct { const char *address, *why; } rows[] = {
		{ "TCPIP::h::5025", "a port belongs to a socket: TCPIP::h::5025::SOCKET" },
		{ "TCPIP::h::SOCKET", "expected TCPIP::HOST::PORT::SOCKET" },
		{ "TCPIP::h::70000::SOCKET", "'70000' is not a port from 1 to 65535" },
		{ "TCPIP::INSTR", "it names no host" },
		{ "TCPIP", "it names no host" },
		{ "TCPIP0::", "it names no host" },
		{ "TCPIPx::h::INSTR", "'TCPIPx' is not TCPIP with the number of a board" },
		{ "TCPIP1x::h::INSTR", "'TCPIP1x' is not TCPIP with the number of a board" },
		{ "TCPIP::h::inst0::5::INSTR", "expected TCPIP::HOST::INSTR" },
		{ "TCPIP::::5025::SOCKET", "it names no host" },
		{ "TCPIP::fe80::1::INSTR", "an IPv6 address stands in brackets: TCPIP::[fe80::1]::INSTR" },
		{ "TCPIP0::fe80::1:2:3:4::inst0::INSTR", "in brackets: TCPIP::[fe80::1:2:3:4]::INSTR" },
		{ "TCPIP::2001:db8:0:0:0:0:0:7::INSTR", "in brackets: TCPIP::[2001:db8:0:0:0:0:0:7]::INSTR" },
		{ "TCPIP::2001:db8::7::5025::SOCKET", "in brackets: TCPIP::[2001:db8::7]::PORT::SOCKET" },
		{ "ASRLCOM3::INSTR", "'ASRLCOM3' is no line: expected ASRL1 to ASRL256" },
		{ "ASRL0::INSTR", "expected ASRL1 to ASRL256" },
		{ "ASRL/dev/ttyS0::9600::INSTR", "expected ASRL/dev/...::INSTR" },
		{ "ASRL1::SOCKET", "expected ASRL/dev/...::INSTR" },
		{ "ASRL1?speed=9600", "'speed=9600' is not one of baud=" },
		{ "serial:/a?flow=rts-cts&rts=off", "with flow control rts-cts the line RTS cannot be off" },
		{ "serial:/a?flow=rts-cts&rs485=yes", "RS-485 has no lines for flow control rts-cts" },
		{ "serial:/a?flow=xon-xoff&bits=6", "XON and XOFF need 7 data bits or 8" },
		{ "serial:/a?character_delay=2", "expected a time up to 1000 ms, such as character_delay=2ms" },
		{ "tcp://a:1?baud=9600", "baud is set at the serial server itself, not in the address" },
		{ "tcp://a:1?break=1s", "break is set at the serial server itself" },
		{ "modbus+tcp://a:1?parity=even", "parity is for an instrument's serial line, not for modbus+tcp" },
		{ "modbus+rtu:/a?break=1s", "break is for lines of text, not for Modbus" },
		{ "modbus+ascii://a:1/1?character_delay=1ms", "character_delay is for lines of text, not for Modbus" },
		{ "modbus+ascii://a:1/1?flow=rts-cts", "flow is set at the serial server itself" },
		{ "vxi11://a?echo=yes", "echo is for an instrument's serial line, not for vxi11" },
		{ "GPIB0::31::INSTR", "expected GPIB0::N::INSTR with N from 0 to 30" },
		{ "GPIB0::INSTR", "expected GPIB0::N::INSTR" },
		{ "GPIB0::22::INSTR", "only a bench file knows which controller that board is: name it there (gpib: {GPIB0: "
			"prologix://HOST})" },
		{ "prologix://a", "expected prologix://HOST/22" },
		{ "prologix:/22", "expected prologix://HOST/22 or prologix:DEVICE/22" },
		{ "prologix://a/31", "'31' is no primary address of a GPIB: 0 to 30" },
		{ "prologix://a/5,96", "'96' is no secondary address of a GPIB: 0 to 30" },
		{ "prologix://a/5?unit=2", "unit is for an instrument's serial line, not for prologix" },
		{ "prologix:/dev/ttyUSB0/5?echo=yes", "echo is for an instrument's serial line, not for prologix" },
		{ "USB0::0x2A8D::INSTR", "expected USB0::VENDOR::PRODUCT::SERIAL::INSTR" },
		{ "USB0::0x12A8D::1::a::INSTR", "expected USB0::VENDOR::PRODUCT::SERIAL::INSTR" },
		{ "usb:0x2a8d", "expected usb:0x2A8D/0x0101/SERIAL" },
		{ "usb:2a8d/0101/a", "expected usb:0x2A8D/0x0101/SERIAL" },
		{ "usb:0x2a8d/0x0101/a?baud=9600", "baud is for an instrument's serial line, not for usb" },
		{ "GPIB0::22::96::INSTR", "a secondary address is counted from 0, too" },
		{ "TCPIP::h::INST", "expected TCPIP::HOST::INSTR" },
		{ "TCPIP::h::1::SOCKETS", "expected TCPIP::HOST::INSTR" },
		{ "TCPIP::h::INSTR ", "a blank stands before or behind it" },
		{ " tcp://a:1", "a blank stands before or behind it" },
		{ "serial:/a?parity=evn", "parity cannot be 'evn': expected none, even, odd, mark, space" },
		{ "serial:/a?bits=9", "bits cannot be '9': expected a whole number from 5 to 8" },
		{ "serial:/a?echo=on", "echo cannot be 'on': expected yes, no" },
		{ "modbus+tcp://a:1/256", "unit cannot be '256': expected a whole number from 0 to 255" },
		{ "tcp://a", "expected tcp://HOST:PORT; the port for SCPI is 5025 as a rule" },
		{ "modbus+tcp://a", "expected modbus+tcp://HOST:PORT; instruments listen at port 502" },
		{ "COM3", "a serial line is named by its device here: serial:/dev/ttyUSB0" },
		{ "/dev/ttyUSB0", "which way it is used stands before a device: serial:/dev/ttyUSB0" },
		{ "/dev/usbtmc0", "a USB instrument is named by what it is" },
		{ "http://a", "that is its page for people; instruments on a network are TCPIP::HOST::INSTR" },
		{ "vxi-11://a", "expected vxi11://HOST" },
		{ "modbus+rtu-over-tcp://a:1/1", "RTU behind a terminal server is written modbus+rtu://HOST:PORT/UNIT" },
		{ "modbus:/a", "how is it framed?  modbus+tcp://HOST:PORT/UNIT" },
		{ "prologix+tcp://a/1", "a controller is prologix://HOST/22 on the network" },
		{ "TCPIP0:a:INSTR", "two colons stand between the parts of a VISA resource string" },
		{ "GPBI0::22::INSTR", "VISA knows no such interface: expected TCPIP, ASRL, GPIB or USB" },
		{ "192.0.2.7", "a host alone does not say how to speak to it: TCPIP::HOST::INSTR" },
		{ "meter:5025", "host and port are tcp://HOST:PORT" },
		{ "ftp:seven", "expected tcp://HOST:PORT, serial:DEVICE" },
		{ "PXI0::1::INSTR", "no way to this interface: expected TCPIP, ASRL, GPIB or USB" },
		{ "TCPIP::a::b::c::d::e::f::g::h::i", "it has more parts" },
	};
	struct err e;

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		if (address_check(rows[i].address, &e) == 0)
			fail_msg("'%s' passes", rows[i].address);
		assert_int_equal(e.code, ERR_CONFIG);
		if (!strstr(e.text, rows[i].address) || !strstr(e.text, rows[i].why))
			fail_msg("%s: %s", rows[i].address, e.text);
	}
}

static void too_long(void **state)
{
	char text[1024], host[300];
	struct err e;

	(void)state;
	memset(host, 'h', sizeof host - 1);
	host[sizeof host - 1] = '\0';
	for (size_t n = 150; n < sizeof host; n += 7) {
		snprintf(text, sizeof text, "TCPIP::%.*s::5025::SOCKET", (int)n, host);
		assert_int_equal(address_check(text, &e), n < ADDRESS_HOST ? 0 : -1);
	}
	snprintf(text, sizeof text, "ASRL/%.190s?%.299s%.299s", host, host, host);
	assert_int_equal(address_check(text, &e), -1);
	assert_non_null(strstr(e.text, "it is too long"));
}

static void assert_port(const char *address, const char *expected)
{
	char *port = address_port(address);

	assert_string_equal(port, expected);
	free(port);
}

static void ports(void **state)
{
	(void)state;
	assert_port("modbus+rtu:/dev/../dev/null?baud=9600&unit=2", "modbus+rtu:/dev/null");
	assert_port("modbus+ascii://127.0.0.1:4001/7?baud=9600", "modbus+ascii://127.0.0.1:4001");
	assert_port("modbus+tcp://127.0.0.1:502/7", "modbus+tcp://127.0.0.1:502");
	assert_port("TCPIP0::127.0.0.1::5025::SOCKET", "tcp://127.0.0.1:5025");
	assert_port("TCPIP0::h::INSTR", "vxi11://h/inst0");
	assert_port("vxi11://h", "vxi11://h/inst0");
	assert_port("hislip://h", "hislip://h/hislip0");
	assert_port("nonsense", "nonsense");
}

static void one_instrument_in_two_ways(void **state)
{
	(void)state;
	assert_true(address_same("tcp://h:5025", "TCPIP::h::5025::SOCKET"));
	assert_true(address_same("serial:/dev/null", "ASRL/dev/../dev/null::INSTR?baud=1200"));
	assert_true(address_same("modbus+tcp://h:502/1", "modbus+tcp://h:502"));
	assert_false(address_same("modbus+tcp://h:502/1", "modbus+tcp://h:502/2"));
	assert_true(address_same("vxi11://h", "tcpip::h::inst0"));
	assert_false(address_same("vxi11://h", "vxi11://h/inst1"));
	assert_false(address_same("tcp://h:5025", "tcp://h:5026"));
	assert_true(address_same("x", "x"));
	assert_false(address_same("x", "tcp://h:5025"));
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(plain_forms),
		cmocka_unit_test(resource_strings),
		cmocka_unit_test(resource_strings_that_can_be_dialled),
		cmocka_unit_test(complaints),
		cmocka_unit_test(too_long),
		cmocka_unit_test(ports),
		cmocka_unit_test(one_instrument_in_two_ways),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
