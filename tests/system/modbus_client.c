/* SPDX-License-Identifier: GPL-3.0-or-later
 * modbus_client - one instrument as the daemon would use it, for tests against other people's Modbus: attaches, sets
 * what is told, measures every point that can be and prints "QUANTITY VALUE RAW" lines, RAW in hexadecimal.
 *
 *     modbus_client QUANTITIES MODEL ADDRESS [QUANTITY=VALUE...] */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "instrument.h"
#include "number.h"

#define GUARD_MS 20000

static void must(bool ok, const char *why)
{
	if (ok)
		return;
	fprintf(stderr, "%s\n", why);
	exit(1);
}

static void must_load(bool ok, struct problems *ps)
{
	struct buf text = { 0 };

	if (!ok)
		problems_text(ps, &text);
	must(ok, text.data);
}

static void attach(struct instrument *in)
{
	struct err e;
	int failed = instrument_attach(in, instant_after_ms(GUARD_MS), &e);

	if (failed && e.code == ERR_WARM_UP) {
		instant_sleep_until(in->warm_at);
		failed = instrument_attach(in, instant_after_ms(GUARD_MS), &e);
	}
	must(!failed, e.text);
}

static void set(struct instrument *in, char *word)
{
	char *equals = strchr(word, '=');
	const struct point *p;
	struct err e;
	double value;

	must(equals != NULL, "expected QUANTITY=VALUE");
	*equals = '\0';
	p = model_point(in->model, word);
	must(p && number_parse(equals + 1, strlen(equals + 1), &value, &e) == 0, word);
	must(instrument_set(in, p, value, instant_after_ms(GUARD_MS), &e) == 0, e.text);
}

static void measure(struct instrument *in)
{
	const struct point *p = in->model->points.items, *asked[256];
	struct reading r[256];
	struct err e;
	size_t n = 0;

	for (size_t i = 0; i < in->model->points.n; i++)
		if (point_measures(&p[i]))
			asked[n++] = &p[i];
	must(instrument_measure(in, asked, n, r, instant_after_ms(GUARD_MS), &e) == (ssize_t)n, e.text);
	for (size_t i = 0; i < n; i++) {
		printf("%s ", r[i].point->quantity);
		if (r[i].status == READING_OK)
			printf("%.17g ", r[i].value);
		else
			printf("%s ", reading_status_name(r[i].status));
		for (size_t k = 0; k < r[i].raw.n; k++)
			printf("%02x", (uint8_t)r[i].raw.p[k]);
		putchar('\n');
	}
}

int main(int argc, char **argv)
{
	struct quantities q;
	struct problems ps = { 0 };
	struct instrument *in;
	struct model *m;
	struct err e;

	must(argc >= 4, "modbus_client QUANTITIES MODEL ADDRESS [QUANTITY=VALUE...]");
	must_load(quantities_load(&q, argv[1], &ps) == 0, &ps);
	must_load(model_load(&m, argv[2], &q, &ps) == 0, &ps);
	must(instrument_new(&in, m, "client", argv[3], NULL, NULL, -1, &e) == 0, e.text);
	attach(in);
	for (int i = 4; i < argc; i++)
		set(in, argv[i]);
	measure(in);
	instrument_free(&in);
	model_free(&m);
	quantities_release(&q);
	return 0;
}
