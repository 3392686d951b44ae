/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "grid.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>
#include <wchar.h>

struct column {
	char align;
	size_t width;
	size_t before, after;           /* d: most places before and from the point on */
};

struct grid {
	struct column *columns;
	size_t n_columns;
	char **cells;
	size_t n_cells;
};

struct grid *grid_new(const char *columns)
{
	struct grid *t = mem_new(sizeof *t);

	t->n_columns = strlen(columns);
	t->columns = mem_array(t->n_columns, sizeof *t->columns);
	for (size_t i = 0; i < t->n_columns; i++)
		t->columns[i].align = columns[i];
	return t;
}

size_t text_width(const char *s)
{
	mbstate_t state = { 0 };
	size_t width = 0, n = strlen(s);

	while (n > 0) {
		wchar_t c;
		size_t took = mbrtowc(&c, s, n, &state);
		int w;

		if (took == 0 || took > n)      /* malformed: one byte, one column */
			return width + n;
		w = wcwidth(c);
		width += w > 0 ? (size_t)w : 0;
		s += took;
		n -= took;
	}
	return width;
}

/* Is it a number, to be lined up?  Headings and "-" are not. */
static size_t point_place(const char *cell)
{
	size_t digits = strspn(cell, "+-0123456789");

	return digits > 0 && strpbrk(cell, "0123456789") ? digits : 0;
}

static void measure(struct column *c, const char *cell)
{
	size_t width = text_width(cell), before = c->align == 'd' ? point_place(cell) : 0;

	if (before) {
		if (before > c->before)
			c->before = before;
		if (width - before > c->after)
			c->after = width - before;
		width = c->before + c->after;
	}
	if (width > c->width)
		c->width = width;
}

void grid_cell(struct grid *t, const char *fmt, ...)
{
	char text[512];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	t->cells = mem_grow(t->cells, t->n_cells, sizeof *t->cells);
	t->cells[t->n_cells] = mem_string(text);
	measure(&t->columns[t->n_cells % t->n_columns], text);
	t->n_cells++;
}

static void put_cell(const struct column *c, const char *cell, bool last, FILE *out)
{
	size_t width = text_width(cell), before = c->align == 'd' ? point_place(cell) : 0;
	size_t left = c->align == 'l' ? 0 : c->width - width;

	if (before)
		left = c->width - c->after - before;
	fprintf(out, "%*s%s", (int)left, "", cell);
	if (!last)
		fprintf(out, "%*s", (int)(c->width - width - left + 2), "");
}

void grid_heading(struct grid *t, const char *const *words)
{
	for (; *words; words++)
		grid_cell(t, "%s", *words);
}

void grid_print(const struct grid *t, const char *indent, FILE *out)
{
	for (size_t i = 0; i < t->n_cells; i++) {
		bool last = (i + 1) % t->n_columns == 0;

		if (i % t->n_columns == 0)
			fputs(indent, out);
		put_cell(&t->columns[i % t->n_columns], t->cells[i], last, out);
		if (last)
			fputc('\n', out);
	}
}

void grid_free(struct grid **t)
{
	if (!*t)
		return;
	for (size_t i = 0; i < (*t)->n_cells; i++)
		free((*t)->cells[i]);
	free((*t)->cells);
	free((*t)->columns);
	free(*t);
	*t = NULL;
}
