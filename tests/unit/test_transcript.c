/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_transcript.c - what a transcript says, what is said of a wrong one, and that writing is the inverse of
 * reading. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "escape.h"
#include "transcript.h"

#define COUNT(a) (sizeof(a) / sizeof *(a))
#define HEAD "model: m\nmanual: Guide, 2nd edition\nby: Anna\ndate: 2026-11-24\n"

static struct transcript *parse(const char *text)
{
	struct problems ps = { 0 };
	struct transcript *t;
	struct buf said = { 0 };

	if (transcript_parse(&t, "m.txt", text, strlen(text), &ps) < 0) {
		problems_text(&ps, &said);
		fail_msg("%s", said.data);
	}
	problems_release(&ps);
	return t;
}

static void header(void **state)
{
	struct transcript *t = parse("# first\nmodel: keithley-2182a\ninstrument:  Keithley 2182A\nserial: 7\n"
				     "firmware: C01 /A02\nby: Anna Weber\ndate: 2026-11-24\naddress: tcp://127.0.0.1:5025\n"
				     "title: Two ranges: one overload\n\nattach\n");

	(void)state;
	assert_string_equal(t->model, "keithley-2182a");
	assert_string_equal(t->instrument, "Keithley 2182A");
	assert_string_equal(t->firmware, "C01 /A02");
	assert_string_equal(t->title, "Two ranges: one overload");
	assert_string_equal(t->address, "tcp://127.0.0.1:5025");
	assert_null(t->manual);
	transcript_free(&t);
}

static void turns(void **state)
{
	struct transcript *t = parse(HEAD
		"\nattach\n> *IDN?\\n\n<@12ms A,\n< B\\n\n"
		"measure voltage.dc, current.dc\n> READ?\\n\n# a comment does not part them\n< +1E0,2\\n\n"
		"= voltage.dc 1 V raw +1E0\n= current.dc overload\n"
		"set voltage.dc -1.5 V\n>hex 01 ff00\n  ab\n! instrument: it reports 'x'\n"
		"safe\ncommand range  limit=10\n> RANG 10\\n\n");
	const struct turn *u = t->turns;

	(void)state;
	assert_int_equal(t->n_turns, 5);
	assert_int_equal(u[4].kind, TURN_COMMAND);
	assert_int_equal(u[4].words.n, 2);
	assert_string_equal(u[4].words.list[1], "limit=10");
	assert_int_equal(u[0].kind, TURN_ATTACH);
	assert_int_equal(u[0].line, 6);
	assert_int_equal(u[0].n_sayings, 3);
	assert_true(u[0].sayings[0].sent);
	assert_string_equal(u[0].sayings[0].bytes.data, "*IDN?\n");
	assert_int_equal(u[0].sayings[1].after_ns, 12 * NS_PER_MS);
	assert_int_equal(u[0].sayings[2].after_ns, -1);
	assert_int_equal(u[1].words.n, 2);
	assert_string_equal(u[1].words.list[1], "current.dc");
	assert_int_equal(u[1].n_outcomes, 2);
	assert_true(u[1].outcomes[0].value == 1 && u[1].outcomes[0].status == READING_OK);
	assert_string_equal(u[1].outcomes[0].raw.data, "+1E0");
	assert_true(isnan(u[1].outcomes[1].value) && !u[1].outcomes[1].has_raw);
	assert_int_equal(u[1].outcomes[1].status, READING_OVERLOAD);
	assert_true(u[2].value == -1.5);
	assert_string_equal(u[2].unit, "V");
	assert_int_equal(u[2].sayings[0].bytes.len, 4);
	assert_memory_equal(u[2].sayings[0].bytes.data, "\x01\xff\x00\xab", 4);
	assert_int_equal(u[2].fails, ERR_INSTRUMENT);
	assert_string_equal(u[2].why, "it reports 'x'");
	assert_int_equal(u[3].kind, TURN_SAFE);
	transcript_free(&t);
}

static void arrays(void **state)
{
	struct transcript *t = parse(HEAD "measure a@1, b\n= a@1 array 1 -2.5 9.91e37 raw #224\\n\n= b array\n");
	const struct outcome *o = t->turns[0].outcomes;
	struct problems ps = { 0 };
	struct buf text = { 0 };
	struct transcript *again;

	(void)state;
	assert_true(o[0].array && o[1].array && !o[0].unit);
	assert_int_equal(o[0].n_numbers, 3);
	assert_true(o[0].numbers[0] == 1 && o[0].numbers[1] == -2.5 && o[0].numbers[2] == 9.91e37);
	assert_string_equal(o[0].raw.data, "#224\n");
	assert_int_equal(o[1].n_numbers, 0);
	transcript_write(t, &text);
	assert_int_equal(transcript_parse(&again, "again", text.data, text.len, &ps), 0);
	assert_int_equal(again->turns[0].outcomes[0].n_numbers, 3);
	assert_true(again->turns[0].outcomes[0].numbers[2] == 9.91e37);
	buf_release(&text);
	transcript_free(&t);
	transcript_free(&again);
}

static void ends(void **state)
{
	struct transcript *t = parse(HEAD "talk\n< #0ab\\\\END\n< ab\\END\n<hex 00 01 \\END\n< \\END\n> x\\\\END\n");
	const struct saying *s = t->turns[0].sayings;

	(void)state;
	assert_false(s[0].end);
	assert_string_equal(s[0].bytes.data, "#0ab\\END");
	assert_true(s[1].end && s[2].end && s[3].end);
	assert_string_equal(s[1].bytes.data, "ab");
	assert_int_equal(s[2].bytes.len, 2);
	assert_int_equal(s[3].bytes.len, 0);
	assert_string_equal(s[4].bytes.data, "x\\END");
	transcript_free(&t);
}

static void beside_the_messages(void **state)
{
	static const char text[] = HEAD "\nattach\n> A\\n\n<status 0x10\n<srq@4000ms 0x50\n>trigger\n< B\\n\n<status 0xFF\n";
	struct transcript *t = parse(text);
	const struct saying *s = t->turns[0].sayings;
	struct buf out = { 0 };

	(void)state;
	assert_int_equal(t->turns[0].n_sayings, 6);
	assert_true(s[1].kind == SAYING_STATUS && s[1].status == 0x10 && !s[1].sent);
	assert_true(s[2].kind == SAYING_SRQ && s[2].status == 0x50 && s[2].after_ns == 4 * NS_PER_S);
	assert_true(s[3].kind == SAYING_TRIGGER && s[3].sent && s[4].kind == SAYING_BYTES);
	assert_int_equal(transcript_beside(t), 8);
	transcript_write(t, &out);
	assert_string_equal(out.data, "model: m\nmanual: Guide, 2nd edition\nby: Anna\ndate: 2026-11-24\n"
			    "\nattach\n> A\\n\n<status 0x10\n<srq@4000ms 0x50\n>trigger\n< B\\n\n<status 0xFF\n");
	buf_release(&out);
	transcript_free(&t);
	t = parse(HEAD "attach\n> A\\n\n<status 80\n");
	assert_int_equal(t->turns[0].sayings[1].status, 80);
	transcript_free(&t);
	t = parse(HEAD "attach\n> trigger\n");
	assert_int_equal(transcript_beside(t), 0);
	transcript_free(&t);
}

static void refusals(void **state)
{
	static const struct { const char *text, *where, *why; } rows[] = {
		{ "model: m\n", "m.txt:1:1", "'instrument', or 'manual'" },
		{ "manual: x\nsimulated: y\nmodel: m\nby: a\ndate: 2026-11-24\nsafe\n", "m.txt:1:1", "where this comes from" },
		{ "model: m\ninstrument: x\nby: a\ndate: 2026-11-24\nsafe\n", "m.txt:1:1", "'serial' and 'firmware'" },
		{ "model: m\nmanual: x\nby: a\ndate: 24.11.2026\nsafe\n", "m.txt:1:1", "expected YYYY-MM-DD" },
		{ HEAD "model: n\nsafe\n", "m.txt:5:1", "twice" },
		{ HEAD "modell: n\nsafe\n", "m.txt:5:1", "unknown key 'modell'" },
		{ HEAD "safe\nserial: 5\n", "m.txt:6:1", "before the first turn" },
		{ HEAD "serial:\nsafe\n", "m.txt:5:1", "says nothing" },
		{ HEAD, "m.txt:1:1", "nothing is said" },
		{ HEAD "> x\n", "m.txt:5:1", "there is none yet" },
		{ HEAD "meazure voltage.dc\n", "m.txt:5:1", "is no turn" },
		{ HEAD "safe now\n", "m.txt:5:1", "means nothing" },
		{ HEAD "command\n", "m.txt:5:1", "name of a command" },
		{ HEAD "command range 10\n", "m.txt:5:1", "an argument is NAME=TEXT" },
		{ HEAD "measure\n= a 1 V\n", "m.txt:5:1", "name of a quantity" },
		{ HEAD "measure a\n> x\n", "m.txt:5:1", "has readings" },
		{ HEAD "measure a\n= a 1 V\n! timeout\n", "m.txt:5:1", "gives no readings" },
		{ HEAD "measure a\n= a 1\n", "m.txt:6:1", "has a unit" },
		{ HEAD "measure a\n= a 1,5 V\n", "m.txt:6:1", "1,5" },
		{ HEAD "measure a\n= a ok\n", "m.txt:6:1", "has a number" },
		{ HEAD "measure a\n= a array 1 1,5\n", "m.txt:6:1", "1,5" },
		{ HEAD "attach\n= a 1 V\n", "m.txt:6:1", "only 'measure'" },
		{ HEAD "set a 1\n", "m.txt:5:1", "has a unit" },
		{ HEAD "attach\n> \\q\n", "m.txt:6:1", "is none of" },
		{ HEAD "attach\n> \\x4\n", "m.txt:6:1", "is none of" },
		{ HEAD "attach\n> \xC2\xB5\n", "m.txt:6:1", "write it as \\xC2" },
		{ HEAD "attach\n> a \n", "m.txt:6:1", "\\x20 if it is meant" },
		{ HEAD "attach\r\n", "m.txt:5:1", "blank stands at the end" },
		{ HEAD "attach\n>hex 0g\n", "m.txt:6:1", "no pair" },
		{ HEAD "attach\n<@12 a\n", "m.txt:6:1", "a time such as" },
		{ HEAD "attach\n<soon a\n", "m.txt:6:1", "only hex, status, srq and @TIME" },
		{ HEAD "attach\n>status 0x10\n", "m.txt:6:1", "only hex, trigger and @TIME" },
		{ HEAD "attach\n<trigger\n", "m.txt:6:1", "only hex, status, srq and @TIME" },
		{ HEAD "attach\n>trigger now\n", "m.txt:6:1", "nothing stands behind the trigger" },
		{ HEAD "attach\n<status\n", "m.txt:6:1", "expected a status byte" },
		{ HEAD "attach\n<status 0x\n", "m.txt:6:1", "expected a status byte" },
		{ HEAD "attach\n<status 0x100\n", "m.txt:6:1", "expected a status byte" },
		{ HEAD "attach\n<srq -1\n", "m.txt:6:1", "expected a status byte" },
		{ HEAD "attach\n<status 0x10 0x20\n", "m.txt:6:1", "expected a status byte" },
		{ HEAD "attach\n<status 0x10\n  0x20\n", "m.txt:7:1", "which has none" },
		{ HEAD "attach\n  more\n", "m.txt:6:1", "which has none" },
		{ HEAD "attach\n< a\\END\n  more\n", "m.txt:7:1", "ends its message" },
		{ HEAD "attach\n! slowly\n", "m.txt:6:1", "no way to fail" },
		{ HEAD "attach\n! timeout\n! timeout\n", "m.txt:7:1", "fails twice" },
		{ HEAD "talk\n! timeout\n", "m.txt:6:1", "no outcome" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(rows); i++) {
		struct problems ps = { 0 };
		struct transcript *t;
		struct buf said = { 0 };

		assert_int_equal(transcript_parse(&t, "m.txt", rows[i].text, strlen(rows[i].text), &ps), -1);
		assert_null(t);
		problems_text(&ps, &said);
		if (!strstr(said.data, rows[i].why) || !strstr(said.data, rows[i].where))
			fail_msg("row %zu: expected %s: %s, found %s", i, rows[i].where, rows[i].why, said.data);
		buf_release(&said);
		problems_release(&ps);
	}
}

/* All 256 bytes, a block too long for a line, blanks where a line is wrapped. */
static void writing(void **state)
{
	struct transcript *t = parse(HEAD "talk\n"), *again;
	char bytes[1000], blanks[300];
	struct problems ps = { 0 };
	struct buf text = { 0 };

	(void)state;
	for (size_t i = 0; i < sizeof bytes; i++)
		bytes[i] = (char)(i * 7 % 256);
	memset(blanks, ' ', sizeof blanks);
	turn_add_saying(&t->turns[0], true, "a?\n", 3)->after_ns = 1500 * NS_PER_MS;
	turn_add_saying(&t->turns[0], false, bytes, sizeof bytes)->end = true;
	turn_add_saying(&t->turns[0], false, blanks, sizeof blanks);
	turn_add_saying(&t->turns[0], false, "", 0)->end = true;
	transcript_write(t, &text);
	assert_non_null(strstr(text.data, "\n>@1500ms a?\\n\n"));
	assert_int_equal(transcript_parse(&again, "again", text.data, text.len, &ps), 0);
	assert_int_equal(again->turns[0].n_sayings, 4);
	for (size_t i = 0; i < 4; i++) {
		const struct saying *a = &t->turns[0].sayings[i], *b = &again->turns[0].sayings[i];

		assert_int_equal(a->bytes.len, b->bytes.len);
		assert_memory_equal(a->bytes.data, b->bytes.data, a->bytes.len);
		assert_true(a->end == b->end && a->sent == b->sent && a->after_ns == b->after_ns);
	}
	buf_release(&text);
	transcript_free(&t);
	transcript_free(&again);
}

static void escapes(void **state)
{
	struct buf out = { 0 }, text = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(escape_parse(&out, "a\\n\\r\\t\\\\\\x00\\xfF", 17, &e), 0);
	assert_int_equal(out.len, 7);
	assert_memory_equal(out.data, "a\n\r\t\\\0\xff", 7);
	escape_write(&text, out.data, out.len);
	assert_string_equal(text.data, "a\\n\\r\\t\\\\\\x00\\xFF");
	assert_int_equal(escape_parse(&out, "\\", 1, &e), -1);
	assert_int_equal(escape_parse(&out, "\\x4", 3, &e), -1);
	buf_release(&out);
	buf_release(&text);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(header), cmocka_unit_test(turns), cmocka_unit_test(arrays), cmocka_unit_test(ends),
		cmocka_unit_test(beside_the_messages),
		cmocka_unit_test(refusals),
		cmocka_unit_test(writing), cmocka_unit_test(escapes),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
