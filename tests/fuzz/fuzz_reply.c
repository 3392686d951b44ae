/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_reply.c - any bytes as a reply to instruments that speak in text: frames, columns, units, marks, talk.  A
 * value is finite and comes only with status ok; a message that is cut, or has a byte more at an end, never
 * gives the value of the whole; and a talker's reading is one of its messages.
 *
 * Input: one byte for the point, then the reply. */
#include <math.h>
#include <stdlib.h>

#include "reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD "title: t\nmanufacturer: A\nnumber: B\ndriver: text\nseen: manual\n"

static const char *const files[] = {
	"model: a\n" HEAD "points:\n"
	"  mass: {ask: P, columns: {from: 7, to: 16, of: 22}, unit_columns: {from: 18, to: 20}, units: {g: g, mg: mg, kg: kg},"
	" unstable: '^N {5}.{10} {6}$', status_marks: [{match: High, is: overload}]}\n"
	"  temperature: {ask: T, unit: degC, suffix: C}\n"
	"  length: {ask: L, units: {mm: mm, cm: cm, m: m}}\n"
	"  force: {ask: F, reply: 'F=([-+ 0-9.E]+) *([a-zA-Z]+)', units: {N: N, kN: kN}}\n"
	"  pressure: {ask: D, field: 3, suffix: hPa, unit: hPa}\n",
	"model: b\n" HEAD
	"frame: {start: $, checksum: {kind: xor8, separator: '*'}, applies: replies}\nreply_end: \"\\r\\n\"\n"
	"points:\n"
	"  temperature: {heard: 'T=([-+0-9.]+) C', every: 1 s, unit: degC}\n"
	"  humidity.relative: {heard: 'H=.*', columns: {from: 3, to: 6}, every: 1 s}\n",
	"model: c\n" HEAD
	"frame: {start: \"\\x02\", end: \"\\x03\", address: '01', checksum: {kind: crc16-modbus, form: binary, order: little,"
	" place: after_end, covers: text+end}}\n"
	"points:\n  mass: {ask: P, unit: g}\n",
	"model: d\n" HEAD
	"points:\n  length: {ask: F, unit: mm, reply_lines: 3, reply_line: 2, suffix: mm}\n",
};

static struct { const struct model *m; const struct point *p; } points[16];
static size_t n_points;

static void require(bool ok)
{
	if (!ok)
		abort();
}

static void load(void)
{
	static struct quantities quantities;
	struct problems ps = { 0 };

	require(quantities_load(&quantities, "config/quantities.yaml", &ps) == 0);
	for (size_t i = 0; i < sizeof files / sizeof *files; i++) {
		struct model *m;

		require(model_parse(&m, "fuzz.yaml", files[i], strlen(files[i]), &quantities, &ps) == 0);
		for (size_t k = 0; k < m->points.n; k++, n_points++) {
			points[n_points].m = m;
			points[n_points].p = (const struct point *)m->points.items + k;
		}
	}
}

/* A copy with NUL behind it, as a link has it: the sanitizer's regexec looks for that. */
static bool reads(size_t i, const void *raw, size_t n, double *v)
{
	enum reading_status status = READING_OVERLOAD;
	struct buf copy = { 0 };
	struct err e;
	int bad;

	buf_add(&copy, raw, n);
	bad = reply_parse(points[i].m, points[i].p, copy.data, n, v, &status, &e);
	buf_release(&copy);
	require(!bad || isnan(*v));
	require(bad || isfinite(*v) == reading_has_value(status));
	return !bad && reading_has_value(status);
}

/* The number of such a message has a place, so that a byte more or less must be noticed. */
static bool is_exact(const struct point *p)
{
	return p->columns.of > 0;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct buf longer = { 0 };
	struct span text;
	struct err e;
	double v, other;
	size_t i, n;

	if (!n_points)
		load();
	if (size < 1 || size > 4096)
		return 0;
	i = data[0] % n_points;
	n = size - 1;
	if (!reads(i, data + 1, n, &v))
		return 0;
	buf_add(&longer, data + 1, n);
	require(reply_open(points[i].m, (struct span){ longer.data, n }, &text, &e) == 0);
	require(!points[i].p->heard.match.text || reply_heard(points[i].p, text));
	if (framing_on_replies(&points[i].m->frame) || is_exact(points[i].p)) {
		require(!reads(i, data + 2, n - 1, &other) && !reads(i, data + 1, n - 1, &other));
		buf_clear(&longer);
		buf_putc(&longer, ' ');
		buf_add(&longer, data + 1, n);
		require(!reads(i, longer.data, longer.len, &other));
	}
	buf_release(&longer);
	return 0;
}
