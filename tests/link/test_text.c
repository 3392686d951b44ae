/* SPDX-License-Identifier: GPL-3.0-or-later
 * test_text.c - a balance whose messages have frames, checksums and acknowledgements, over every transport,
 * with everything that can go wrong.  Its n-th weighing is n and a half grams, so that an old, foreign or
 * spoiled message taken for a reading shows. */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "device.h"
#include "scene.h"

#define FAULTY 3                        /* the weighing that meets the fault */
#define ACK "\x06"
#define NAK "\x15"
#define ENQ '\x05'

static const char balance_yaml[] =
	"model: balance\n"
	"title: balance\n"
	"manufacturer: ETALON\n"
	"number: B1\n"
	"driver: text\n"
	"seen: manual\n"
	"frame: {start: \"\\x02\", end: \"\\x03\", checksum: {kind: xor8, form: binary, place: after_end, covers: text+end}}\n"
	"command_end: \"\\n\"\n"
	"acknowledge: {ack: \"\\x06\", nak: \"\\x15\", then_ask: \"\\x05\", retries: 1}\n"
	"identity: {ask: I, expect: \"^I B1 ([0-9]+)$\", serial: 1}\n"
	"timeout: 250 ms\n"
	"latency: 60 ms\n"
	"init: [\"U g\"]\n"
	"points:\n"
	"  mass:\n"
	"    ask: S\n"
	"    reply: \"S [SD] +([-+]?[0-9.]+) ([a-z]+)\"\n"
	"    units: {g: g, mg: mg}\n"
	"    unstable: \"^S D\"\n"
	"    status_marks: [{match: \"^S [+]$\", is: overload}]\n";

/* The same without a question for the answer: what is acknowledged is answered at once. */
static const char at_once[] = "acknowledge: {ack: \"\\x06\", nak: \"\\x15\"}\n";

enum fault { NONE, LATE, PIECES, TWICE, CUT, NOISE_BEFORE, NOISE_WITHIN, WRONG_SUM, NAK_ONCE, NAK_ALWAYS, NO_ACK,
	     OTHER_ACK, SILENCE, CLOSE, WRONG_UNIT, OTHER_UNIT, UNSTABLE, OVERLOAD, FAULTS };

static const struct { const char *name; bool fails, value, stray; } faults[] = {
	[NONE] = { "none", false, true, false },
	[LATE] = { "late", true, false, true },
	[PIECES] = { "pieces", false, true, false },
	[TWICE] = { "twice", true, false, true },
	[CUT] = { "cut", true, false, false },
	[NOISE_BEFORE] = { "noise before", true, false, false },
	[NOISE_WITHIN] = { "noise within", true, false, false },
	[WRONG_SUM] = { "wrong checksum", true, false, false },
	[NAK_ONCE] = { "nak once", false, true, false },
	[NAK_ALWAYS] = { "nak always", true, false, false },
	[NO_ACK] = { "no acknowledgement", true, false, false },
	[OTHER_ACK] = { "something else", true, false, false },
	[SILENCE] = { "silence", true, false, false },
	[CLOSE] = { "close", true, false, false },
	[WRONG_UNIT] = { "wrong unit", true, false, false },
	[OTHER_UNIT] = { "other unit", false, true, false },
	[UNSTABLE] = { "unstable", false, false, false },
	[OVERLOAD] = { "overload", false, false, false },
};

#define SLOW_MS 5                /* from the first weighing to its acknowledgement */

struct play {
	bool at_once;
	atomic_int weighings, naks, bad_commands, units;
	char answer[64];                /* to the question that was acknowledged */
	int64_t weighed_ns;              /* UTC */
};

static char parity_of(const char *p, size_t n)
{
	char x = 0;

	while (n > 0)
		x = (char)(x ^ p[--n]);
	return x;
}

/* STX text ETX parity, put together here and not by the code under test. */
static size_t framed(const char *text, char out[80])
{
	size_t n = (size_t)snprintf(out, 80, "\x02%s\x03", text);

	out[n] = parity_of(out + 1, n - 1);
	return n + 1;
}

static void say_faulty(struct device *d, char *message, size_t n, enum fault f)
{
	if (f == LATE)
		device_pause(d, 280);           /* beyond the timeout, within the silence after it */
	if (f == NOISE_BEFORE)
		device_send(d, "\xff\x80", 2);
	if (f == NOISE_WITHIN)
		message[5] = (char)(message[5] ^ 0x10);
	if (f == WRONG_SUM)
		message[n - 1] = (char)(message[n - 1] ^ 1);
	if (f == PIECES) {
		for (size_t i = 0; i < n; i++) {
			device_send(d, message + i, 1);
			device_pause(d, 2);
		}
		return;
	}
	if (f == CLOSE)
		device_hang_up(d);
	else if (f != SILENCE)
		device_send(d, message, f == CUT ? n - 3 : n);
	if (f == TWICE)
		device_send(d, message, n);
}

static void say_answer(struct device *d)
{
	struct play *p = (struct play *)d->script;
	enum fault f = p->answer[0] == 'S' && p->weighings == FAULTY ? (enum fault)d->fault : NONE;
	char message[80];
	size_t n = framed(p->answer, message);

	say_faulty(d, message, n, f);
	p->answer[0] = '\0';
}

static void weigh(struct play *p, enum fault f)
{
	p->weighings++;
	p->weighed_ns = utc_now();
	f = p->weighings == FAULTY ? f : NONE;
	if (f == OVERLOAD)
		snprintf(p->answer, sizeof p->answer, "S +");
	else if (f == OTHER_UNIT)
		snprintf(p->answer, sizeof p->answer, "S S %d500 mg", p->weighings);
	else
		snprintf(p->answer, sizeof p->answer, "S %c     %d.5 %s", f == UNSTABLE ? 'D' : 'S', p->weighings,
			 f == WRONG_UNIT ? "ct" : "g");
}

static void balance(struct device *d, const char *ask, size_t n)
{
	struct play *p = (struct play *)d->script;
	enum fault f = p->weighings == FAULTY - 1 ? (enum fault)d->fault : NONE;
	char whole[80];

	if (d->ended_by == ENQ) {
		say_answer(d);
		return;
	}
	if (n < 4 || n != framed((char[]){ ask[1], ask[2] == '\x03' ? '\0' : ask[2], ask[3], '\0' }, whole) ||
	    memcmp(whole, ask, n)) {
		p->bad_commands++;
		return;
	}
	if (ask[1] == 'S' && f == NO_ACK) {
		p->weighings++;
		return;
	}
	if (ask[1] == 'S' && (f == NAK_ALWAYS || (f == NAK_ONCE && p->naks == 0))) {
		p->weighings += f == NAK_ALWAYS && p->naks == 1;
		p->naks++;
		device_say(d, NAK);
		return;
	}
	if (ask[1] == 'U')
		p->units++;
	else if (ask[1] == 'I')
		snprintf(p->answer, sizeof p->answer, "I B1 4711");
	else
		weigh(p, (enum fault)d->fault);
	if (p->weighings == 1)
		device_pause(d, SLOW_MS);
	device_say(d, ask[1] == 'S' && f == OTHER_ACK ? "?" : ACK);     /* counted before anybody knows of it */
	if (p->at_once && ask[1] != 'U')
		say_answer(d);
}

struct stage {
	struct device d;
	struct play play;
	char *yaml;
};

static void begin(struct scene *s, struct stage *x, const char *scheme, bool without_enq)
{
	const char *from = strstr(balance_yaml, "acknowledge:");

	*x = (struct stage){ .d = { .answer = balance, .script = &x->play, .other_end = ENQ } };
	x->play.at_once = without_enq;
	x->yaml = without_enq ? mem_format("%.*s%s%s", (int)(from - balance_yaml), balance_yaml, at_once,
					   strchr(from, '\n') + 1) : mem_string(balance_yaml);
	device_start(&x->d, scheme);
	scene_begin(s, x->yaml, x->d.address, "4711", NULL);
}

static void finish(struct scene *s, struct stage *x)
{
	scene_finish(s);
	device_stop(&x->d);
	free(x->yaml);
}

/* What the instrument said stands in the reading whole, frame and checksum with it. */
static void expect_whole(const struct reading *r)
{
	assert_int_equal(r->raw.p[0], '\x02');
	assert_int_equal(r->raw.p[r->raw.n - 2], '\x03');
	assert_int_equal(r->raw.p[r->raw.n - 1], parity_of(r->raw.p + 1, r->raw.n - 2));
}

/* It was measured between the question and the answer, though the enquiry came in between. */
static void expect_time(const struct reading *r, const struct play *p)
{
	int64_t off = r->utc_ns - p->weighed_ns;

	assert_true(llabs(off) <= r->span_ns / 2 + NS_PER_MS);
}

static void meet(const char *scheme, enum fault f, bool without_enq)
{
	struct stage x;
	struct scene s;
	struct reading r;
	bool stray = faults[f].stray || (without_enq && f == OTHER_ACK);        /* the answer follows all the same */
	int failed = 0, good = 0, marked = 0;

	begin(&s, &x, scheme, without_enq);
	x.d.fault = (int)f;
	for (int i = 0; i < 6; i++) {
		if (!s.in->attached)
			scene_attach(&s);
		if (scene_measure(&s, "mass", &r) < 0) {
			failed++;
			continue;
		}
		expect_whole(&r);
		expect_time(&r, &x.play);
		if (r.status != READING_OK) {
			assert_true(isnan(r.value));
			assert_int_equal(r.status, f == OVERLOAD ? READING_OVERLOAD : READING_UNSTABLE);
			marked++;
		} else if (r.value != x.play.weighings + 0.5) {
			fail_msg("%s, %s: %g for %d", scheme, faults[f].name, r.value, x.play.weighings);
		} else {
			good++;
		}
	}
	if (failed != faults[f].fails || marked != (!faults[f].fails && !faults[f].value) ||
	    (s.in->stray_bytes + s.in->unasked_bytes > 0) != stray)
		fail_msg("%s, %s: %d failed, %d marked, %d good, %zu stray: %s", scheme, faults[f].name, failed,
			 marked, good, s.in->stray_bytes + s.in->unasked_bytes, s.e.text);
	assert_int_equal(x.play.bad_commands, 0);
	finish(&s, &x);
}

static void no_wrong_value_ever(void **state)
{
	(void)state;
	EACH_SCHEME(scheme)
		for (enum fault f = NONE; f < FAULTS; f++)
			meet(scheme, f, false);
}

static void answered_at_once(void **state)
{
	(void)state;
	for (enum fault f = NONE; f < FAULTS; f++)
		if (f != NAK_ONCE && f != NAK_ALWAYS)
			meet("tcp", f, true);
}

/* What was refused is sent again as often as the model file says, and then it is an error; silence is none
 * that is answered by asking again. */
static void refused_commands(void **state)
{
	struct stage x;
	struct scene s;
	struct reading r;

	(void)state;
	begin(&s, &x, "tcp", false);
	scene_attach(&s);
	assert_int_equal(x.play.units, 1);
	x.play.weighings = FAULTY - 1;
	x.d.fault = NAK_ALWAYS;
	assert_int_equal(scene_measure(&s, "mass", &r), -1);
	assert_int_equal(s.e.code, ERR_INSTRUMENT);
	assert_non_null(strstr(s.e.text, "NAK"));
	assert_int_equal(x.play.naks, 2);
	assert_true(s.in->attached);
	x.play.weighings = FAULTY - 1;
	x.d.fault = NO_ACK;
	assert_int_equal(scene_measure(&s, "mass", &r), -1);
	assert_int_equal(s.e.code, ERR_TIMEOUT);
	assert_int_equal(x.play.weighings, FAULTY);     /* asked once */
	finish(&s, &x);
}

static void wrong_checksum_is_out_of_step(void **state)
{
	struct stage x;
	struct scene s;
	struct reading r;

	(void)state;
	begin(&s, &x, "tcp", false);
	scene_attach(&s);
	x.play.weighings = FAULTY - 1;
	x.d.fault = WRONG_SUM;
	assert_int_equal(scene_measure(&s, "mass", &r), -1);
	assert_int_equal(s.e.code, ERR_PROTOCOL);
	assert_non_null(strstr(s.e.text, "checksum"));
	assert_false(s.in->attached);
	assert_false(link_in_step(s.in->link));
	finish(&s, &x);
}

int main(int argc, char **argv)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_wrong_value_ever),
		cmocka_unit_test(answered_at_once),
		cmocka_unit_test(refused_commands),
		cmocka_unit_test(wrong_checksum_is_out_of_step),
	};

	(void)argc;
	device_shim(argv);
	return cmocka_run_group_tests(tests, scene_load, scene_unload);
}
