/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_keyed.c - any text as what a person keyed, and as a file of readings: a value comes out whose text a
 * number is, or a status without one, or a sentence that says what is wrong. */
#include <math.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "sheet.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
	if (!ok)
		abort();
}

static char pressure[] = "pressure.gauge", temperature[] = "temperature", bar[] = "bar", celsius[] = "degC",
	    here[] = "here", there[] = "4 \"bar\"", read_it[] = "Read it", none[] = "";
static struct text read_text = { none, read_it };
static struct point points[] = {
	{ .quantity = pressure, .unit = bar, .to_quantity = { .factor = 1e5 }, .set_low = 0, .set_high = 10,
	  .resolution = 0.05, .manual = { .read = { &read_text, 1 }, .leap = 0.5 } },
	{ .quantity = temperature, .unit = celsius, .to_quantity = { .factor = 1 }, .set_low = -INFINITY,
	  .set_high = INFINITY, .manual = { .read = { &read_text, 1 } } },
};
static const struct model model = { .manner = MANNER_MANUAL, .points = { points, 2 } };
static struct procedure_point places[] = { { .name = here }, { .name = there } };
static const struct procedure procedure = { .points = { places, 2 } };

static void check_answer(const struct point *p, const char *text, size_t n)
{
	enum reading_status status = READING_STATUSES;
	enum keyed_doubt doubt;
	struct err e = { 0 };
	double value = 0, own;
	int decimals;

	if (keyed_parse(p, (struct span){ text, n }, &value, &status, &e) < 0) {
		require(isnan(value) && e.code == ERR_CONFIG && e.text[0]);
		return;
	}
	require(status < READING_STATUSES && (status == READING_OK) == (bool)isfinite(value));
	if (status != READING_OK)
		return;
	require(keyed_number(p, (struct span){ text, n }, &own, &decimals, &e) == 0);
	require(value == conversion_apply(&p->to_quantity, own));
	if (keyed_judge(p, own, decimals, 5, &doubt, &e) == 0)
		require(own >= p->set_low && own <= p->set_high);
}

static void check_row(const struct sheet_row *row)
{
	require(row->of >= points && row->of < points + 2);
	require(row->point == 0 || row->point == 1);
	require(row->keyed.read_ns > 0 && row->keyed.row > 1);
	check_answer(row->of, row->keyed.raw, strlen(row->keyed.raw));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_new(size + 1);
	struct problems ps = { 0 };
	struct sheet s;

	if (size)
		memcpy(text, data, size);
	check_answer(&points[0], text, size);
	check_answer(&points[1], text, size);
	if (sheet_parse(&s, "fuzz.csv", text, size, &model, &procedure, "Ada", INT64_MAX, &ps) == 0)
		require(s.n > 0 && ps.total == 0);
	else
		require(s.n == 0 && ps.total > 0);
	for (size_t i = 0; i < s.n; i++)
		check_row(&s.rows[i]);
	sheet_release(&s);
	problems_release(&ps);
	free(text);
	return 0;
}
