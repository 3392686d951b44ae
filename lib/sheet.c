/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sheet.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

enum column { POINT, VALUE, TIME, QUANTITY, REASON, COLUMNS };

static const char *const names[COLUMNS] = { "point", "value", "time", "quantity", "reason" };

#define MOST_FIELDS 32

/* Fields of one line, in its own copy. */
struct fields { char *text; char *list[MOST_FIELDS]; size_t n; };

struct reader {
	struct sheet *sheet;
	const char *name;                /* of the file */
	const struct model *model;
	const struct procedure *procedure;
	const char *by;
	int64_t now;
	struct problems *problems;
	char separator;
	int at[COLUMNS];                 /* which field; -1: none */
	size_t columns;
	int line;
};

static void complain(struct reader *r, const char *text)
{
	problem_add(r->problems, r->name, r->line, 1, "%s", text);
}

static void complain_of(struct reader *r, const char *what, const char *text, const char *why)
{
	problem_add(r->problems, r->name, r->line, 1, "%s '%.60s': %s", what, text, why);
}

/* Cuts the line up where it lies.  False: quotes that do not end, or too many fields. */
static bool split(struct fields *f, char separator)
{
	char *in = f->text, *out = f->text;

	for (f->n = 0; f->n < MOST_FIELDS; ) {
		bool quoted = *in == '"';

		f->list[f->n++] = out;
		in += quoted;
		for (; *in && (quoted || *in != separator); in++) {
			if (quoted && *in == '"' && in[1] != '"') {
				quoted = false;
				continue;
			}
			in += quoted && *in == '"';
			*out++ = *in;
		}
		if (quoted)
			return false;
		if (!*in) {
			*out = '\0';
			return true;
		}
		in++;
		*out++ = '\0';
	}
	return false;
}

static char find_separator(const char *header)
{
	return header[strcspn(header, ",;\t")];
}

static void read_header(struct reader *r, struct fields *f)
{
	r->columns = f->n;
	for (size_t c = 0; c < COLUMNS; c++)
		r->at[c] = -1;
	for (size_t i = 0; i < f->n; i++) {
		size_t c = 0;

		while (c < COLUMNS && strcmp(f->list[i], names[c]))
			c++;
		if (c == COLUMNS)
			complain_of(r, "column", f->list[i], "expected point, value, time, quantity or reason");
		else if (r->at[c] >= 0)
			complain_of(r, "column", f->list[i], "it stands there twice");
		else
			r->at[c] = (int)i;
	}
	for (size_t c = 0; c <= TIME; c++)
		if (r->at[c] < 0)
			complain_of(r, "column", names[c], "it is missing in the first line");
}

static const char *field(const struct reader *r, const struct fields *f, enum column c)
{
	return r->at[c] < 0 ? "" : f->list[r->at[c]];
}

static void find_point(struct reader *r, const char *name, struct sheet_row *row)
{
	const struct procedure_point *p = r->procedure->points.items;

	for (size_t i = 0; i < r->procedure->points.n; i++) {
		if (strcmp(p[i].name, name))
			continue;
		row->point = (int32_t)i;
		return;
	}
	complain_of(r, "point", name, "the procedure has no such point");
}

/* The one that is named, or the only one there is. */
static void find_quantity(struct reader *r, const char *name, struct sheet_row *row)
{
	const struct point *p = r->model->points.items;
	size_t n = 0;

	for (size_t i = 0; i < r->model->points.n; i++) {
		if (!point_measures(&p[i]) || (*name && strcmp(p[i].quantity, name)))
			continue;
		row->of = &p[i];
		n++;
	}
	if (n == 0)
		complain_of(r, "quantity", name, "the instrument does not measure it");
	else if (n > 1)
		complain_of(r, "quantity", name, "the instrument measures several: name one in a column quantity");
}

static void take_text(struct reader *r, char *to, size_t size, const char *from, const char *what)
{
	if (strlen(from) < size)
		memcpy(to, from, strlen(from) + 1);
	else
		complain_of(r, what, from, "it is too long");
}

static void take_time(struct reader *r, const char *text, struct sheet_row *row)
{
	struct err e;

	if (utc_parse(text, &row->keyed.read_ns, &e) < 0)
		complain_of(r, "time", text, "expected UTC such as 2026-11-24T09:30:00Z");
	else if (row->keyed.read_ns <= 0 || row->keyed.read_ns > r->now)
		complain_of(r, "time", text, "it is still to come");
}

/* The reading before it at the same point; NAN: it is the first, or that one has no value. */
static double last_of(const struct reader *r, const struct sheet_row *row)
{
	const struct sheet_row *rows = r->sheet->rows;
	double own;
	int decimals;
	struct err e;

	for (size_t i = r->sheet->n; i-- > 0; ) {
		struct span raw = { rows[i].keyed.raw, strlen(rows[i].keyed.raw) };

		if (rows[i].of == row->of && rows[i].point == row->point &&
		    keyed_number(row->of, raw, &own, &decimals, &e) == 0)
			return own;
	}
	return NAN;
}

static void judge(struct reader *r, const struct sheet_row *row)
{
	struct span raw = { row->keyed.raw, strlen(row->keyed.raw) };
	enum reading_status status;
	enum keyed_doubt doubt = DOUBT_NONE;
	double value, own;
	int decimals;
	struct err e;

	if (keyed_parse(row->of, raw, &value, &status, &e) < 0)
		complain_of(r, "value", row->keyed.raw, e.text);
	else if (status == READING_OK && keyed_number(row->of, raw, &own, &decimals, &e) == 0 &&
		 (keyed_judge(row->of, own, decimals, last_of(r, row), &doubt, &e) < 0 ||
		  (doubt != DOUBT_NONE && !row->keyed.reason[0])))
		complain_of(r, "value", row->keyed.raw, e.text);
}

static void read_row(struct reader *r, const struct fields *f)
{
	struct sheet *s = r->sheet;
	struct sheet_row row = { .keyed.utc_ns = r->now, .keyed.row = r->line };
	size_t before = r->problems->total;

	find_point(r, field(r, f, POINT), &row);
	find_quantity(r, field(r, f, QUANTITY), &row);
	take_time(r, field(r, f, TIME), &row);
	take_text(r, row.keyed.raw, sizeof row.keyed.raw, field(r, f, VALUE), "value");
	take_text(r, row.keyed.reason, sizeof row.keyed.reason, field(r, f, REASON), "reason");
	take_text(r, row.keyed.by, sizeof row.keyed.by, r->by, "name");
	if (r->problems->total != before)
		return;
	judge(r, &row);
	s->rows = mem_grow(s->rows, s->n, sizeof *s->rows);
	s->rows[s->n++] = row;
}

static void read_line(struct reader *r, const char *from, size_t n)
{
	struct fields f = { .text = mem_stringn(from, n && from[n - 1] == '\r' ? n - 1 : n) };

	if (r->line == 1)
		r->separator = find_separator(f.text);
	if (!*f.text && r->line > 1)
		;                        /* an empty line says nothing */
	else if (!split(&f, r->separator))
		complain(r, "quotes that do not end on this line, or too many columns");
	else if (r->line == 1)
		read_header(r, &f);
	else if (f.n != r->columns)
		complain(r, "it has not as many columns as the first line");
	else
		read_row(r, &f);
	free(f.text);
}

/* What the lines mean is not known where the first one is wrong. */
static void read_lines(struct reader *r, const char *p, const char *end)
{
	size_t before = r->problems->total;

	while (p < end && (r->line != 1 || r->problems->total == before)) {
		const char *newline = memchr(p, '\n', (size_t)(end - p));
		const char *stop = newline ? newline : end;

		r->line++;
		read_line(r, p, (size_t)(stop - p));
		p = stop + 1;
	}
}

int sheet_parse(struct sheet *s, const char *name, const char *text, size_t n, const struct model *m,
		const struct procedure *p, const char *by, int64_t now, struct problems *ps)
{
	struct reader r = { .sheet = s, .name = name, .model = m, .procedure = p, .by = by, .now = now, .problems = ps };
	size_t before = ps->total, mark = n >= 3 && !memcmp(text, "\xef\xbb\xbf", 3) ? 3 : 0;

	*s = (struct sheet){ 0 };
	if (memchr(text, '\0', n))
		complain(&r, "it is not a text file");
	else
		read_lines(&r, text + mark, text + n);
	if (ps->total == before && !s->n)
		complain(&r, "it holds no reading");
	if (ps->total == before)
		return 0;
	sheet_release(s);
	return -1;
}

struct sheet_row *sheet_next(const struct sheet *s, const struct point *of, int32_t point, int32_t attempt)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->rows[i].of == of && s->rows[i].point == point && s->rows[i].used != attempt)
			return &s->rows[i];
	return NULL;
}

void sheet_release(struct sheet *s)
{
	free(s->rows);
	*s = (struct sheet){ 0 };
}
