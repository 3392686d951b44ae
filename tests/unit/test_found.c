/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_found.c - mDNS and portmapper messages, byte by byte from the standards. */
#include <setjmp.h>
#include <stdarg.h>
#include <string.h>

#include <cmocka.h>

#include "mdns.h"
#include "portmap.h"

#define BYTES(s) (s), sizeof(s) - 1

struct seen { struct mdns_record list[16]; size_t n; };

static void keep(void *who, const struct mdns_record *r)
{
	struct seen *s = who;

	assert_true(s->n < 16);
	s->list[s->n++] = *r;
}

static void query(void **state)
{
	static const char *const services[] = { "_lxi._tcp.local", "x..y", "_vxi-11._tcp.local" };
	static const char expected[] = "\0\0\0\0\0\2\0\0\0\0\0\0"
		"\4_lxi\4_tcp\5local\0\0\14\x80\1" "\7_vxi-11\4_tcp\5local\0\0\14\x80\1";
	struct buf out = { 0 };

	(void)state;
	mdns_query(&out, services, 3);
	assert_int_equal(out.len, sizeof expected - 1);
	assert_memory_equal(out.data, expected, out.len);
	buf_release(&out);
}

/* One answer of an instrument: names are written once and pointed at. */
static void response(void **state)
{
	static const char message[] = "\0\0\x84\0\0\0\0\1\0\0\0\4"
		"\4_lxi\4_tcp\5local\0\0\14\0\1\0\0\0\12\0\10\5Meter\xC0\14"             /* 12: PTR; 39: Meter._lxi... */
		"\xC0\x27\0\x21\x80\1\0\0\0\12\0\12\0\0\0\0\0\x50\1m\xC0\x16"            /* SRV port 80, m.local */
		"\xC0\x27\0\x10\x80\1\0\0\0\12\0\26\11txtvers=1\13Model=M-8/9"
		"\xC0\x3F\0\1\x80\1\0\0\0\12\0\4\xC0\0\2\7"
		"\xC0\x3F\0\x1C\x80\1\0\0\0\12\0\1x";                                    /* a type we do not know */
	struct seen s = { .n = 0 };
	char value[16];

	(void)state;
	assert_int_equal(mdns_read(BYTES(message), keep, &s), 4);
	assert_string_equal(s.list[0].name, "_lxi._tcp.local");
	assert_string_equal(s.list[0].target, "Meter._lxi._tcp.local");
	assert_string_equal(s.list[1].name, "Meter._lxi._tcp.local");
	assert_int_equal(s.list[1].port, 80);
	assert_true(mdns_property(&s.list[2], "model", value, sizeof value));
	assert_string_equal(value, "M-8/9");
	assert_true(mdns_property(&s.list[2], "model", value, 4));
	assert_string_equal(value, "M-8");
	assert_false(mdns_property(&s.list[2], "mode", value, sizeof value));
	assert_memory_equal(s.list[3].address, "\xC0\0\2\7", 4);
}

static void hostile(void **state)
{
	static const struct { const char *p; size_t n; } rows[] = {
		{ BYTES("") },
		{ BYTES("\0\0\0\0\0\0\0\1\0\0\0\0\0\0\1\0\1\0\0\0\0\0\0") },               /* a question */
		{ BYTES("\0\0\x84\0\0\0\0\1\0\0\0\0\xC0\14\0\1\0\1\0\0\0\0\0\4\1\2\3\4") },  /* a name that is itself */
		{ BYTES("\0\0\x84\0\0\0\0\1\0\0\0\0\xC0\xFF\0\1\0\1\0\0\0\0\0\4\1\2\3\4") }, /* beyond the end */
		{ BYTES("\0\0\x84\0\0\0\0\1\0\0\0\0\0\0\1\0\1\0\0\0\0\0\4\1\2\3") },         /* too short */
		{ BYTES("\0\0\x84\0\0\0\0\1\0\0\0\0\0\0\1\0\1\0\0\0\0\0\3\1\2\3\4") },       /* an A of three bytes */
		{ BYTES("\0\0\x84\0\0\0\0\1\0\0\0\0\x7F" "a\0\0\1\0\1\0\0\0\0\0\0") },         /* a label of 127 */
	};
	struct seen s = { .n = 0 };

	(void)state;
	for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
		if (mdns_read(rows[i].p, rows[i].n, keep, &s) != -1 || s.n)
			fail_msg("row %zu passes", i);
}

static void portmapper(void **state)
{
	static const char good[] = "\0\0\0\7\0\0\0\1\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\0\4\0";
	struct buf out = { 0 };

	(void)state;
	portmap_ask(&out, 7, PORTMAP_VXI11);
	assert_int_equal(out.len, 56);
	assert_memory_equal(out.data, "\0\0\0\7\0\0\0\0\0\0\0\2\0\1\x86\xA0\0\0\0\2\0\0\0\3", 24);
	assert_memory_equal(out.data + 40, "\0\6\7\xAF\0\0\0\1\0\0\0\6\0\0\0\0", 16);
	assert_int_equal(portmap_answer(BYTES(good), 7), 1024);
	assert_int_equal(portmap_answer(BYTES(good), 8), -1);
	assert_int_equal(portmap_answer(good, sizeof good - 2, 7), -1);
	assert_int_equal(portmap_answer(out.data, out.len, 7), -1);
	buf_release(&out);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(query), cmocka_unit_test(response), cmocka_unit_test(hostile), cmocka_unit_test(portmapper),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
