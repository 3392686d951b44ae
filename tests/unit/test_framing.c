/* SPDX-License-Identifier: GPL-3.0-or-later
 * Messages as the manuals of instruments print them, byte for byte. */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <string.h>

#include <cmocka.h>

#include "checksum.h"
#include "framing.h"

static int kind(const char *name)
{
	int i = 0;

	while (strcmp(checksum_names[i], name))
		i++;
	return i;
}

static char dollar[] = "$", star[] = "*", one[] = "001";

static struct framing nmea(void)
{
	return (struct framing){ .given = true, .start = dollar, .sum = {
		.given = true, .kind = kind("xor8"), .separator = star } };
}

/* STX text ETX BCC, the parity over text and ETX: ANSI X3.28, ISO 1745. */
static char stx[] = "\x02", etx[] = "\x03";

static struct framing bisync(void)
{
	return (struct framing){ .given = true, .start = stx, .end = etx, .sum = {
		.given = true, .kind = kind("xor8"), .form = CHECKSUM_BINARY, .covers = COVERS_END,
		.place = PLACE_AFTER_END } };
}

/* A vacuum gauge's telegram: address, text, three decimal digits. */
static struct framing telegram(void)
{
	return (struct framing){ .given = true, .address = one, .sum = {
		.given = true, .kind = kind("sum8"), .form = CHECKSUM_DECIMAL } };
}

static void wraps(const struct framing *f, const char *text, const char *message)
{
	struct buf out = { 0 };
	struct span found;
	struct err e;

	framing_wrap(f, (struct span){ text, strlen(text) }, &out);
	assert_string_equal(out.data, message);
	if (framing_open(f, (struct span){ out.data, out.len }, &found, &e) < 0)
		fail_msg("%s", e.text);
	assert_int_equal(found.n, strlen(text));
	assert_memory_equal(found.p, text, found.n);
	buf_release(&out);
}

static void messages(void **state)
{
	struct framing a = nmea(), b = bisync(), c = telegram();

	(void)state;
	wraps(&a, "GPGLL,5300.97914,N,00259.98174,E,125926,A", "$GPGLL,5300.97914,N,00259.98174,E,125926,A*28");
	wraps(&b, "R", "\x02R\x03Q");
	wraps(&c, "0030902=?", "0010030902=?107");
	c.sum.given = false;
	wraps(&c, "PR1?", "001PR1?");
	b.sum.covers = COVERS_ALL;
	wraps(&b, "R", "\x02R\x03S");
	b.sum.covers = COVERS_TEXT;
	wraps(&b, "R", "\x02R\x03R");
	b.sum.covers = COVERS_START;
	b.sum.place = PLACE_BEFORE_END;
	b.sum.form = CHECKSUM_HEX_LOWER;
	wraps(&b, "mm", "\x02mm02\x03");
}

static void refuses(const struct framing *f, const char *message, size_t n, const char *says)
{
	struct span text;
	struct err e;

	if (framing_open(f, (struct span){ message, n }, &text, &e) == 0)
		fail_msg("taken: %.*s", (int)n, message);
	assert_int_equal(e.code, ERR_PROTOCOL);
	if (!strstr(e.text, says))
		fail_msg("'%s' does not say '%s'", e.text, says);
}

#define REFUSES(f, message, says) refuses(f, message, sizeof message - 1, says)

static void refusals(void **state)
{
	struct framing a = nmea(), b = bisync(), c = telegram();

	(void)state;
	REFUSES(&a, "$GPGLL,5300.97914,N,00259.98174,E,125926,A*29", "is 29, its bytes give 28");
	REFUSES(&a, "$GPGLL,5300.97914,N,00259.98174,E,125927,A*28", "is 28, its bytes give 29");
	REFUSES(&a, "GPGLL*50", "does not begin");
	REFUSES(&a, "x$GPGLL*50", "does not begin");
	REFUSES(&a, "$GPGLL50", "does not end");
	REFUSES(&a, "$*0", "does not end");
	REFUSES(&a, "$", "does not end");
	REFUSES(&a, "", "does not begin");
	REFUSES(&b, "\x02R\x03", "does not end");
	REFUSES(&b, "\x02R\x03R", "is 52 (hexadecimal), its bytes give 51");
	REFUSES(&b, "\x02\x03", "does not end");
	REFUSES(&b, "\x02", "does not end");
	REFUSES(&c, "0020030902=?108", "not from address 001");
	REFUSES(&c, "07", "does not end");
	REFUSES(&c, "0010030902=?07", "its bytes give");
}

static void either_case(void **state)
{
	struct framing f = nmea();
	struct span text;
	struct err e;

	(void)state;
	assert_int_equal(framing_open(&f, (struct span){ "$j*6a", 5 }, &text, &e), 0);
	assert_int_equal(framing_open(&f, (struct span){ "$j*6A", 5 }, &text, &e), 0);
	assert_int_equal(text.n, 1);
}

static void marks(void **state)
{
	struct framing a = nmea(), b = bisync(), c = telegram();

	(void)state;
	framing_find_mark(&a, "\r\n");
	assert_string_equal(a.mark, "\r\n");
	assert_int_equal(a.behind, 0);
	framing_find_mark(&b, "\r");
	assert_string_equal(b.mark, "\x03");
	assert_int_equal(b.behind, 2);
	c.applies = APPLIES_COMMANDS;
	framing_find_mark(&c, "\r");
	assert_null(c.mark);
	free(a.mark);
	free(b.mark);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(messages),
		cmocka_unit_test(refusals),
		cmocka_unit_test(either_case),
		cmocka_unit_test(marks),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
