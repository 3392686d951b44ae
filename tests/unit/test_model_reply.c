/* SPDX-License-Identifier: GPL-3.0-or-later
 * How far an answer reaches, as a model file says it: lines, a prompt, a pause; and which line of it is meant. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "model_aid.h"
#include "reply.h"
#include "spoil.h"

#define HEAD "model: display\ntitle: Display\nmanufacturer: Acme\nnumber: D1\ndriver: text\nseen: manual\n"

static const char lines[] = HEAD
	"identity: {ask: V, expect: '^D1', reply_lines: 2}\n"
	"reply_end: \"\\r\\n\"\n"
	"points:\n"
	"  length: {ask: F, unit: mm, reply_lines: 3, reply_line: 2, suffix: mm}\n"
	"  temperature: {ask: F, unit: degC, reply_lines: 3, reply_line: 3}\n";

static const struct spoiling bad_lines[] = {
	{ "reply_lines: 3, reply_line: 3", "reply_lines: 3, reply_line: 4", "11:3", "line 4 of an answer of 3" },
	{ "reply_lines: 3, reply_line: 3", "reply_line: 3", "11:3", "length asks the same, F, and states another number" },
	{ "ask: F, unit: degC", "heard: 'T(.*)', every: 1 s, unit: degC", "11:57", "'reply_lines' means nothing without 'ask'" },
	{ "reply_line: 3}", "block: {format: int16}}", "11:3", "an array is no line" },
	{ "reply_end:", "frame: {end: \"\\x03\"}\nreply_end:", "11:3", "a frame holds one line" },
	{ "reply_end: \"\\r\\n\"", "reply_pause: 50 ms", "10:3", "its answers end after 'reply_pause'" },
	{ "reply_lines: 2", "reply_lines: 0", "7:48", "1" },
};

static const char paused[] = HEAD
	"timeout: 500 ms\n"
	"reply_pause: 50 ms\n"
	"points:\n"
	"  force: {ask: W, reply: '([-+][0-9]{3}\\.[0-9]) N'}\n";

static const struct spoiling bad_pause[] = {
	{ "reply_pause: 50 ms", "reply_pause: 50 ms\nreply_end: \"\\r\"", "8:1", "with 'reply_end' or after 'reply_pause', not both" },
	{ "reply_pause: 50 ms", "reply_pause: 500 ms", "8:1", "shorter than 'timeout'" },
	{ "reply_pause: 50 ms", "reply_pause: 50 ms\nframe: {end: \"\\x03\"}", "8:1", "an answer in a frame ends where the frame does" },
	{ "ask: W, reply: '([-+][0-9]{3}\\.[0-9]) N'", "heard: '(.*) N', every: 1 s", "8:1", "nobody sees the pause between" },
	{ ", reply: '([-+][0-9]{3}\\.[0-9]) N'", "", "10:3", "a cut number is a number too" },
	{ "reply: '([-+][0-9]{3}\\.[0-9]) N'", "block: {format: int16}", "10:3", "an array has its length" },
};

static void refusals(void **state)
{
	(void)state;
	assert_good(lines, model_aid_read);
	assert_spoiled(lines, bad_lines, COUNT(bad_lines), model_aid_read);
	assert_good(paused, model_aid_read);
	assert_spoiled(paused, bad_pause, COUNT(bad_pause), model_aid_read);
}

static struct model *model(const char *text)
{
	struct problems ps = { 0 };
	struct model *m;

	if (model_parse(&m, "display.yaml", text, strlen(text), &quantities, &ps))
		fail_msg("%d:%d %s", ps.list[0].line, ps.list[0].column, ps.list[0].text);
	return m;
}

/* NAN: it is refused. */
static double value(const struct model *m, const char *quantity, const char *raw)
{
	enum reading_status status;
	struct err e;
	double v;

	return reply_parse(m, model_point(m, quantity), raw, strlen(raw), &v, &status, &e) < 0 ? NAN : v;
}

static void the_line_that_is_meant(void **state)
{
	struct model *m = model(lines);

	(void)state;
	assert_true(value(m, "length", "D1\r\n500 mm\r\n20.25") == 500);
	assert_true(value(m, "temperature", "D1\r\n12.5 mm\r\n20.25") == 20.25);
	assert_true(value(m, "temperature", "D1\n12.5 mm\n20.25") == 20.25);
	assert_true(value(m, "temperature", "D1\r12.5 mm\r20.25\r") == 20.25);
	assert_true(value(m, "temperature", "\r\n\r\n20.25") == 20.25);          /* an empty line is a line */
	assert_true(isnan(value(m, "temperature", "D1\r\n12.5 mm\r\n")));
	assert_true(isnan(value(m, "temperature", "12.5 mm\r\n20.25")));
	assert_true(isnan(value(m, "length", "D\xb1\r\n500 mm\r\n20.25")));        /* noise, though on another line */
	assert_true(isnan(value(m, "length", "12.5 mm\r\nD1\r\n20.25")));
	model_free(&m);
}

static void nothing_ends_what_a_pause_ends(void **state)
{
	struct model *m = model(paused);

	(void)state;
	assert_string_equal(m->reply_end, "");
	assert_int_equal(m->reply_pause_ns, 50000000);
	assert_true(value(m, "force", "+012.5 N") == 12.5);
	assert_true(isnan(value(m, "force", "+012.5")));
	assert_true(isnan(value(m, "force", "+012.5 N+012.5 N")));
	model_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals),
		cmocka_unit_test(the_line_that_is_meant),
		cmocka_unit_test(nothing_ends_what_a_pause_ends),
	};

	return cmocka_run_group_tests(tests, model_aid_start, model_aid_stop);
}
