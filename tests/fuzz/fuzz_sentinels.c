/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_sentinels.c - any bytes as the numbers of an array: which of them mean something else.
 *
 * The rule is that of an answer of one number: each is written out and read as such, and must mean the same.  So each
 * status is counted, the first of them marks the whole, and it does not matter in which parts the array comes.
 *
 * Input: one byte for the model and the form of its numbers, one for where the array is cut in two, then the bytes. */
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "reply.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define HEAD "title: t\nmanufacturer: A\nnumber: B\ndriver: scpi\nseen: manual\nidentity: {ask: '*IDN?', expect: A}\n"
#define POINTS "points:\n" \
	"  voltage.dc@0: {ask: A, block: {format: float32}}\n  voltage.dc@1: {ask: B, block: {format: float64}}\n" \
	"  voltage.dc@2: {ask: C, block: {format: int16, scale: 0.5}}\n  voltage.dc@3: {ask: D, block: {format: int32}}\n" \
	"  voltage.dc@one: {ask: E}\n"
#define FORMS 4

static const char *const files[] = {
	"model: usual\n" HEAD POINTS,
	"model: own\n" HEAD "sentinels: [{value: 1.0E+38, status: overload}, {value: -32768, status: underload},"
	" {value: 0, status: not_a_number}, {value: 200.0E+33, status: overload}]\n" POINTS,
};

static const struct model *models[2];

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
	for (size_t i = 0; i < 2; i++) {
		struct model *m;

		require(model_parse(&m, "fuzz.yaml", files[i], strlen(files[i]), &quantities, &ps) == 0);
		models[i] = m;
	}
}

/* An infinite number and none cannot be written out: an answer of one number is refused then. */
static enum reading_status alone(const struct model *m, double x)
{
	enum reading_status status;
	char text[32];
	struct err e;
	double v;
	int n;

	if (isnan(x))
		return READING_NOT_A_NUMBER;
	if (isinf(x))
		return x > 0 ? READING_OVERLOAD : READING_UNDERLOAD;
	n = snprintf(text, sizeof text, "%.17g", x);
	require(reply_parse(m, model_point(m, "voltage.dc@one"), text, (size_t)n, &v, &status, &e) == 0);
	return status;
}

static struct block_marks one_by_one(const struct model *m, const struct block_form *f, struct span bytes)
{
	struct block_marks found = { .first = READING_OK };

	for (size_t i = 0; i < bytes.n; i += block_width(f)) {
		enum reading_status s = alone(m, block_number(f, bytes.p + i));

		if (s == READING_OK)
			continue;
		found.of[s]++;
		if (found.first == READING_OK)
			found.first = s;
	}
	return found;
}

static void same(const struct block_marks *a, const struct block_marks *b)
{
	require(a->first == b->first && !memcmp(a->of, b->of, sizeof a->of));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct block_marks whole = { .first = READING_OK }, parts = { .first = READING_OK }, wanted;
	const struct block_form *f;
	const struct model *m;
	struct span bytes;
	char name[16];
	size_t cut;

	if (!models[0])
		load();
	if (size < 2 || size > 4096)
		return 0;
	m = models[data[0] / FORMS % 2];
	snprintf(name, sizeof name, "voltage.dc@%d", data[0] % FORMS);
	f = &model_point(m, name)->block;
	bytes = (struct span){ (const char *)data + 2, (size - 2) / block_width(f) * block_width(f) };
	cut = data[1] * block_width(f) < bytes.n ? data[1] * block_width(f) : bytes.n;
	reply_array(m, f, bytes, &whole);
	reply_array(m, f, (struct span){ bytes.p, cut }, &parts);
	reply_array(m, f, (struct span){ bytes.p + cut, bytes.n - cut }, &parts);
	same(&whole, &parts);
	wanted = one_by_one(m, f, bytes);
	same(&whole, &wanted);
	return 0;
}
