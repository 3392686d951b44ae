/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "strd.h"

#include <math.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "mem.h"

void strd_assert(const char *what, double x, double certified, double least)
{
	double digits = x == certified ? 15 : -log10(fabs(x - certified) / fabs(certified));

	if (!(digits >= least))
		fail_msg("%s: %.17g has %.2f digits of %.17g, not %g", what, x, digits, certified, least);
}

static char *read_whole(const char *path)
{
	FILE *f = fopen(path, "r");
	char *text = mem_new(1 << 16);

	if (!f) {
		free(text);
		print_message("%s: not there, skipped\n", path);
		skip();
	}
	assert_true(fread(text, 1, (1 << 16) - 1, f) > 0);
	fclose(f);
	return text;
}

/* "B2   -0.358E-01   0.334E-01", one line each, B0 first. */
static void read_certified(struct strd *s, const char *text)
{
	char name[8], *end;
	const char *p;

	for (;; s->parameters++) {
		snprintf(name, sizeof name, " B%zu ", s->parameters);
		p = strstr(strstr(text, "Certified Regression"), name);
		if (!p)
			break;
		s->parameter[s->parameters] = strtod(p + strlen(name), &end);
		s->deviation[s->parameters] = strtod(end, NULL);
	}
	p = strstr(strstr(text, "Residual\n"), "Deviation");
	s->residual = strtod(p + strlen("Deviation"), NULL);
}

static void read_data(struct strd *s, const char *text)
{
	const char *heading = text, *next;
	char *p, *end;
	size_t numbers = 0;

	while ((next = strstr(heading + 1, "\nData: ")))       /* the last one: the first names the columns */
		heading = next;
	p = strchr(heading + 1, '\n');
	s->data = mem_array(64 * s->columns, sizeof *s->data);
	for (; numbers < 64 * s->columns; numbers++, p = end) {
		s->data[numbers] = strtod(p, &end);
		if (end == p)
			break;
	}
	assert_int_equal(numbers % s->columns, 0);
	s->n = numbers / s->columns;
}

void strd_load(struct strd *s, const char *name, size_t columns)
{
	const char *cases = getenv("ETALON_CASES");
	char path[512], *text;

	snprintf(path, sizeof path, "%s/nist_strd/%s.dat", cases ? cases : "../shared/cases", name);
	text = read_whole(path);
	*s = (struct strd){ .columns = columns };
	read_certified(s, text);
	read_data(s, text);
	free(text);
}

void strd_release(struct strd *s)
{
	free(s->data);
	*s = (struct strd){ 0 };
}
