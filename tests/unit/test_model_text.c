/* SPDX-License-Identifier: GPL-3.0-or-later
 * Keys of instruments that speak in text: what a model file may say, and what replies mean by it. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "model_aid.h"
#include "reply.h"
#include "spoil.h"

static const char balance[] =
	"model: balance\n"
	"title: Balance\n"
	"manufacturer: Acme\n"
	"number: B1\n"
	"driver: text\n"
	"seen: manual\n"
	"frame: {start: \"\\x02\", end: \"\\x03\", checksum: {kind: xor8, form: binary, place: after_end, covers: text+end}}\n"
	"acknowledge: {ack: \"\\x06\", nak: \"\\x15\", then_ask: \"\\x05\", retries: 2}\n"
	"points:\n"
	"  mass:\n"
	"    unit: g\n"
	"    ask: P\n"
	"    columns: {from: 7, to: 16, of: 22}\n"
	"    unit_columns: {from: 18, to: 20}\n"
	"    units: {g: g, mg: mg, kg: kg}\n"
	"    unstable: '^N {5}.{10} {6}$'\n"
	"    status_marks:\n"
	"      - {match: '^Stat +High', is: overload}\n"
	"      - {match: '^Stat +Low', is: underload}\n"
	"  temperature: {ask: T, suffix: C, unit: degC}\n";

static const struct spoiling bad[] = {
	{ "form: binary, place: after_end, covers: text+end", "form: binary", "7:60", "its place is after_end" },
	{ "form: binary, place: after_end, covers: text+end", "covers: text+end", "7:60", "cannot cover the end" },
	{ "start: \"\\x02\", end: \"\\x03\", ", "start: \"\\x02\", ", "7:24", "a checksum after the end needs 'end'" },
	{ "{start: \"\\x02\", end: \"\\x03\", checksum: {kind: xor8, form: binary, place: after_end, covers: text+end}}",
	  "{applies: both}", "7:8", "at least one of start, end, address and checksum" },
	{ "start: \"\\x02\", end: \"\\x03\", checksum: {kind: xor8, form: binary, place: after_end, covers: text+end}",
	  "checksum: {kind: lrc, covers: start+text}", "7:9", "a start that there is not" },
	{ "kind: xor8", "kind: crc16", "7:54", "did you mean 'crc16-" },
	{ ", nak: \"\\x15\"", "", "8:46", "'retries' means nothing without 'nak'" },
	{ "nak: \"\\x15\"", "nak: \"\\x06\"", "8:28", "begins with the other" },
	{ "retries: 2", "applies: commands", "8:41", "'then_ask' is for questions" },
	{ "acknowledge:", "answered: OK\nacknowledge:", "9:1", "answered ('answered') or acknowledged" },
	{ "from: 7, to: 16, of: 22", "from: 17, to: 16, of: 22", "13:15", "'from' is behind 'to'" },
	{ "from: 7, to: 16, of: 22", "from: 7, to: 16, of: 15", "13:24", "'to' is beyond" },
	{ ", of: 22", "", "13:5", "a byte too many or too few would shift the columns" },
	{ "units: {g: g, mg: mg, kg: kg}", "units: {g: g}\n    suffix: g", "15:5", "one ('suffix') or one of several ('units')" },
	{ "    units: {g: g, mg: mg, kg: kg}\n", "", "14:5", "'suffix' or 'units' says what it must be" },
	{ "mg: mg", "mg: mV", "15:23", "units: 'mV' does not convert to 'g'" },
	{ "units: {g: g, mg: mg, kg: kg}", "units: []", "15:12", "a mapping of the instrument's word" },
	{ "is: overload", "is: heavy", "18:36", "one of: overload, underload, not_a_number, unstable" },
	{ "    ask: P\n", "    ask: P\n    field: 2\n", "14:5", "by 'columns' or by 'field'" },
};

static const char talker[] =
	"model: balance\n"
	"title: Station\n"
	"manufacturer: Acme\n"
	"number: W1\n"
	"driver: text\n"
	"seen: manual\n"
	"identity: {heard: yes, expect: '^ID ([0-9]+)$', serial: 1}\n"
	"talk_on: T1\n"
	"talk_off: T0\n"
	"points:\n"
	"  temperature: {heard: 'T=([-0-9.]+) C', suffix: C, unit: degC, every: 2 s, newest: yes, heard_delay: 80 ms}\n"
	"  pressure: {heard: '[0-9.]+', columns: {from: 1, to: 6}, every: 1 s}\n"
	"  mass: {ask: M, suffix: g}\n";

static const struct spoiling bad_talker[] = {
	{ "every: 2 s, ", "", "11:17", "a talker needs 'every'" },
	{ "heard: 'T=([-0-9.]+) C', ", "", "11:3", "temperature can neither be measured (ask, heard" },
	{ "heard: 'T=([-0-9.]+) C', suffix: C", "ask: T", "11:37", "'every' means nothing without 'heard'" },
	{ "([-0-9.]+)", "[-0-9.]+", "11:17", "it has no ( )" },
	{ "suffix: C", "ask: T", "11:17", "asked for ('ask') or heard ('heard')" },
	{ "suffix: C", "reply: '(.*)'", "11:42", "'reply' means nothing without 'ask'" },
	{ "identity: {heard: yes, ", "identity: {ask: I, heard: yes, ", "7:1", "is not asked" },
	{ "heard: yes, expect: '^ID ([0-9]+)$', serial: 1", "heard: yes", "7:12", "'heard' means nothing without 'expect'" },
	{ "heard: yes, expect", "expect", "7:12", "'expect' means nothing without 'ask' or 'heard'" },
};

static void refusals(void **state)
{
	(void)state;
	assert_good(talker, model_aid_read);
	assert_spoiled(talker, bad_talker, COUNT(bad_talker), model_aid_read);
	assert_good(balance, model_aid_read);
	assert_spoiled(balance, bad, COUNT(bad), model_aid_read);
}

static struct model *model(const char *text)
{
	struct problems ps = { 0 };
	struct model *m;

	if (model_parse(&m, "balance.yaml", text, strlen(text), &quantities, &ps))
		fail_msg("%d:%d %s", ps.list[0].line, ps.list[0].column, ps.list[0].text);
	return m;
}

static void ends(void **state)
{
	struct model *m = model(balance);

	(void)state;
	assert_string_equal(m->reply_end, "");          /* nothing ends a framed message but its frame */
	assert_string_equal(m->command_end, "");
	assert_string_equal(m->frame.mark, "\x03");
	assert_int_equal(m->frame.behind, 1);
	model_free(&m);
}

/* A message as the instrument sends it; the parity is worked out here. */
static int parse(const struct model *m, const char *quantity, const char *text, double *v, enum reading_status *s,
		 struct err *e)
{
	char raw[64];
	int n = snprintf(raw, sizeof raw, "\x02%s\x03", text);
	char parity = 0;

	for (int i = 1; i < n; i++)
		parity = (char)(parity ^ raw[i]);
	raw[n++] = parity;
	return reply_parse(m, model_point(m, quantity), raw, (size_t)n, v, s, e);
}

static void gives(const struct model *m, const char *text, double grams)
{
	enum reading_status status;
	struct err e;
	double v;

	if (parse(m, "mass", text, &v, &status, &e) < 0)
		fail_msg("'%s': %s", text, e.text);
	assert_int_equal(status, READING_OK);
	if (fabs(v - grams) > 1e-12)
		fail_msg("'%s' gives %.17g", text, v);
}

static void says(const struct model *m, const char *text, enum reading_status want)
{
	enum reading_status status;
	struct err e;
	double v;

	if (parse(m, "mass", text, &v, &status, &e) < 0)
		fail_msg("'%s': %s", text, e.text);
	assert_int_equal(status, want);
	assert_true(isnan(v));
}

static void refuses(const struct model *m, const char *quantity, const char *text, const char *why)
{
	enum reading_status status;
	struct err e;
	double v;

	if (parse(m, quantity, text, &v, &status, &e) == 0)
		fail_msg("'%s' gives %g", text, v);
	assert_int_equal(e.code, ERR_PROTOCOL);
	if (!strstr(e.text, why))
		fail_msg("'%s': %s", text, e.text);
}

/* The 22 columns of a well-known maker: identifier, sign apart from the digits, unit, blanks. */
static void replies(void **state)
{
	struct model *m = model(balance);

	(void)state;
	gives(m, "N     +  123.456 g    ", 123.456);
	gives(m, "N     -    0.010 kg   ", -10);
	gives(m, "N      12345.678 mg   ", 12.345678);
	says(m, "N     +  123.456      ", READING_UNSTABLE);     /* no unit before the weight stands still */
	says(m, "Stat       High       ", READING_OVERLOAD);
	says(m, "Stat       Low        ", READING_UNDERLOAD);
	refuses(m, "mass", "N     +  123.456 ct   ", "none of the units");
	refuses(m, "mass", "N     +  123.456 oz   ", "none of the units");
	refuses(m, "mass", "xN     +  123.456 g    ", "length");
	refuses(m, "mass", "N     +  123.456 g   ", "length");
	refuses(m, "mass", "N     + -123.456 g    ", "not a number");
	refuses(m, "mass", "N     +  12 .456 g    ", "not a number");
	refuses(m, "temperature", "20.1 F", "does not end in the unit");
	model_free(&m);
}

static void talk_without_a_talker(void **state)
{
	static const struct spoiling bad_balance[] = {
		{ "acknowledge:", "talk_on: T1\nacknowledge:", "8:1", "some point is heard" },
		{ "acknowledge:", "talk_off: T0\nacknowledge:", "8:1", "some point is heard" },
		{ "acknowledge:", "identity: {heard: yes, expect: B}\nacknowledge:", "8:1", "nothing is heard of a model" },
	};

	(void)state;
	assert_spoiled(balance, bad_balance, COUNT(bad_balance), model_aid_read);
}

static void heard(void **state)
{
	struct model *m = model(talker);
	const struct point *t = model_point(m, "temperature"), *p = model_point(m, "pressure");
	enum reading_status status;
	struct err e;
	double v;

	(void)state;
	assert_true(point_measures(t) && point_measures(p));
	assert_int_equal(model_talks_every(m), 2000000000);
	assert_int_equal(point_patience(m, t, false), m->timeout_ns + 2 * INT64_C(2000000000));
	assert_true(t->heard.has_delay && t->heard.newest && !p->heard.has_delay && !p->heard.newest);
	assert_true(reply_heard(t, (struct span){ "T=2.5 C", 7 }) && !reply_heard(t, (struct span){ "xT=2.5 C", 8 }));
	assert_false(reply_heard(model_point(m, "mass"), (struct span){ "1 g", 3 }));
	assert_int_equal(reply_parse(m, t, "T=-2.5 C", 8, &v, &status, &e), 0);
	assert_true(v == -2.5);
	assert_int_equal(reply_parse(m, t, "T=-2.5 F", 8, &v, &status, &e), -1);
	assert_int_equal(reply_parse(m, p, "1013.2", 6, &v, &status, &e), 0);
	assert_true(v == 1013.2);
	assert_int_equal(reply_parse(m, p, "1013.", 5, &v, &status, &e), -1);
	model_free(&m);
}

static void form_in_place_of_length(void **state)
{
	char *text = mem_string(balance), *at = strstr(text, ", of: 22");
	struct model *m;
	char *with;

	(void)state;
	with = mem_format("%.*s}\n    reply: 'N {5}.*'%s", (int)(at - text), text, at + strlen(", of: 22}"));
	m = model(with);
	gives(m, "N     +  123.456 g  ", 123.456);
	refuses(m, "mass", "x     +  123.456 g  ", "not of the form");
	refuses(m, "mass", "N     +  123.456 g", "too short");
	model_free(&m);
	free(with);
	free(text);
}

static void broken_frames(void **state)
{
	struct model *m = model(balance);
	static const char cut[] = "\x02N     +  123.456 g    \x03";
	enum reading_status status;
	struct err e;
	double v;

	(void)state;
	assert_int_equal(reply_parse(m, model_point(m, "mass"), cut, sizeof cut - 1, &v, &status, &e), -1);
	assert_int_equal(e.code, ERR_PROTOCOL);
	assert_true(isnan(v));
	model_free(&m);
}

/* The unit behind the number: the longest word counts, and one the model does not list is refused. */
static void units_behind(void **state)
{
	struct model *m = model("model: balance\ntitle: B\nmanufacturer: A\nnumber: B\ndriver: text\nseen: manual\n"
				"points:\n  mass: {ask: SI, units: {g: g, mg: mg}}\n");
	const struct point *p = model_point(m, "mass");
	enum reading_status status;
	struct err e;
	double v;

	(void)state;
	assert_int_equal(reply_parse(m, p, "12.5mg", 6, &v, &status, &e), 0);
	assert_true(fabs(v - 0.0125) < 1e-15);
	assert_int_equal(reply_parse(m, p, "- 12.5 g", 8, &v, &status, &e), 0);
	assert_true(v == -12.5);
	assert_int_equal(reply_parse(m, p, "12.5 ct", 7, &v, &status, &e), -1);
	assert_int_equal(reply_parse(m, p, "12.5 kg", 7, &v, &status, &e), -1);
	assert_int_equal(reply_parse(m, p, "12.5", 4, &v, &status, &e), -1);
	model_free(&m);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(refusals),
		cmocka_unit_test(ends),
		cmocka_unit_test(replies),
		cmocka_unit_test(form_in_place_of_length),
		cmocka_unit_test(talk_without_a_talker),
		cmocka_unit_test(heard),
		cmocka_unit_test(broken_frames),
		cmocka_unit_test(units_behind),
	};

	return cmocka_run_group_tests(tests, model_aid_start, model_aid_stop);
}
