/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "standard_draft.h"

#include <string.h>

#include "json.h"
#include "number.h"
#include "unit.h"

/* What a column of a table is, by PTB's reference types; in the order in which a row names them. */
enum part { PART_INDICATION, PART_NOMINAL, PART_VALUE, PART_ERROR, PARTS };
static const struct { const char *key, *ref_type; } parts[PARTS] = {
	[PART_INDICATION] = { "indication", "basic_measuredValue" }, [PART_NOMINAL] = { "nominal", "basic_nominalValue" },
	[PART_VALUE] = { "value", "basic_referenceValue" }, [PART_ERROR] = { "error", "basic_measurementError" },
};

struct table {
	const struct dcc_column *columns[PARTS];        /* NULL: it has none such */
	const struct dcc_column *uncertain;             /* which states the uncertainty */
	size_t rows;
};

static void put_text(struct buf *out, const char *indent, const char *key, const char *text)
{
	buf_printf(out, "%s%s: ", indent, key);
	if (*text)
		json_text(out, text);
	else
		buf_puts(out, "# TODO: the certificate does not say");
	buf_putc(out, '\n');
}

/* A text that may be left out. */
static void put_said(struct buf *out, const char *indent, const char *key, const char *text)
{
	if (*text)
		put_text(out, indent, key, text);
}

/* Days are written without quotes; what is no day is told of by whoever reads the file. */
static void put_day(struct buf *out, const char *key, const char *day, const char *otherwise)
{
	size_t n = strspn(day, "0123456789-");

	if (*day)
		buf_printf(out, "    %s: %.*s\n", key, (int)(n < 10 ? n : 10), day);
	else if (otherwise)
		buf_printf(out, "    %s: # TODO: %s\n", key, otherwise);
}

static const char *word(const struct strings *s, size_t row)
{
	return s->n == 0 ? "" : s->list[s->n == 1 ? 0 : row];
}

static bool is_number(const char *text)
{
	double v;
	struct err e;

	return number_parse(text, strlen(text), &v, &e) == 0;
}

static bool are_numbers(const struct strings *s, size_t rows)
{
	for (size_t i = 0; i < s->n; i++)
		if (!is_number(s->list[i]))
			return false;
	return s->n <= 1 || s->n == rows;
}

/* A measured value without a reference beside it is that of a material measure, called by its nominal value. */
static void assign(struct table *t, const struct dcc_table *from)
{
	*t = (struct table){ 0 };
	for (size_t i = 0; i < from->n; i++)
		for (size_t k = 0; k < PARTS; k++)
			if (!t->columns[k] && from->columns[i].unit && !strcmp(from->columns[i].ref_type, parts[k].ref_type))
				t->columns[k] = &from->columns[i];
	if (t->columns[PART_INDICATION] && !t->columns[PART_VALUE] && !t->columns[PART_ERROR]) {
		t->columns[PART_VALUE] = t->columns[PART_INDICATION];
		t->columns[PART_INDICATION] = NULL;
	}
	if (t->columns[PART_INDICATION])
		t->columns[PART_NOMINAL] = NULL;
	for (size_t k = PARTS; k-- > 0;)
		if (t->columns[k] && (t->columns[k]->expanded.n || t->columns[k]->standard.n) && !t->uncertain)
			t->uncertain = t->columns[k];
}

static const struct dcc_column *argument(const struct table *t)
{
	return t->columns[PART_INDICATION] ? t->columns[PART_INDICATION] : t->columns[PART_NOMINAL];
}

/* Why a table is none that corrects; NULL: it is one. */
static const char *unfit(struct table *t)
{
	const struct dcc_column *x = argument(t), *u = t->uncertain;
	struct conversion c;
	struct err e;

	if (!x || (!t->columns[PART_VALUE] && !t->columns[PART_ERROR]))
		return "it needs an indication or a nominal value, and a value or an error";
	if (!u)
		return "it states no uncertainty";
	t->rows = x->values.n;
	for (size_t k = 0; k < PARTS; k++) {
		if (!t->columns[k])
			continue;
		if (unit_convert(&c, t->columns[k]->unit, x->unit, &e) < 0)
			return "its columns are of different quantities";
		if (t->columns[k]->values.n != t->rows || !are_numbers(&t->columns[k]->values, t->rows))
			return "its columns do not have one number for each row";
	}
	if (!are_numbers(&u->expanded, t->rows) || !are_numbers(&u->standard, t->rows) ||
	    !are_numbers(&u->coverage_factor, t->rows))
		return "its uncertainties are not one number, or one for each row";
	return t->rows ? NULL : "it has no row";
}

static void put_row(const struct table *t, size_t row, struct buf *out)
{
	const struct dcc_column *u = t->uncertain;
	bool expanded = u->expanded.n;

	buf_puts(out, "          - {");
	for (size_t k = 0; k < PARTS; k++)
		if (t->columns[k])
			buf_printf(out, "%s: %s %s, ", parts[k].key, word(&t->columns[k]->values, row), t->columns[k]->unit);
	buf_printf(out, "%s: %s %s", expanded ? "U" : "u", word(expanded ? &u->expanded : &u->standard, row), u->unit);
	if (expanded && u->coverage_factor.n)
		buf_printf(out, ", k: %s", word(&u->coverage_factor, row));
	buf_puts(out, "}\n");
}

static double number(const char *text)
{
	double v = 0;
	struct err e;

	number_parse(text, strlen(text), &v, &e);
	return v;
}

static void put_range(const struct dcc_column *x, struct buf *out)
{
	size_t least = 0, most = 0;

	for (size_t i = 1; i < x->values.n; i++) {
		if (number(x->values.list[i]) < number(x->values.list[least]))
			least = i;
		if (number(x->values.list[i]) > number(x->values.list[most]))
			most = i;
	}
	buf_printf(out, "        range: {from: %s %s, to: %s %s}\n", x->values.list[least], x->unit, x->values.list[most], x->unit);
}

static void put_table(const struct table *t, const char *name, const struct draft_origin *o, struct buf *out)
{
	const struct strings *p = &t->uncertain->probability;
	double probability = p->n ? 100 * number(p->list[0]) : 0;
	bool interpolated = t->columns[PART_INDICATION];
	struct buf quoted = { 0 };

	json_text(&quoted, name);
	buf_printf(out, "      # %s\n      - quantity: %s\n", quoted.data, o->quantity ? o->quantity : "# TODO: which quantity");
	if (interpolated)
		put_range(argument(t), out);
	buf_printf(out, "        interpolation: %s\n", interpolated ? "linear" : "none");
	if (probability >= 50 && probability < 100)
		buf_printf(out, "        probability: %.6g\n", probability);
	buf_puts(out, "        table:\n");
	for (size_t i = 0; i < t->rows; i++)
		put_row(t, i, out);
	buf_release(&quoted);
}

static void put_unfit(const struct dcc_table *from, const char *why, struct buf *out)
{
	json_text(out, from->name);
	buf_printf(out, " is left out: %s; it has", why);
	for (size_t i = 0; i < from->n; i++) {
		buf_puts(out, i ? ", " : " ");
		json_text(out, from->columns[i].name);
		buf_puts(out, " (");
		json_text(out, from->columns[i].ref_type);
		buf_puts(out, ")");
	}
	buf_putc(out, '\n');
}

static void put_results(const struct dcc *d, const struct draft_origin *o, struct buf *out)
{
	size_t used = 0;

	buf_puts(out, "    results:\n");
	for (size_t i = 0; i < d->n; i++) {
		struct table t;
		const char *why;

		assign(&t, &d->tables[i]);
		why = unfit(&t);
		if (why) {
			buf_puts(out, "      # ");
			put_unfit(&d->tables[i], why, out);
			continue;
		}
		put_table(&t, d->tables[i].name, o, out);
		used++;
	}
	if (!used)
		buf_puts(out, "      # TODO: none of its results is a table that a standard is corrected by\n");
}

void standard_draft(const struct dcc *d, const struct draft_origin *o, struct buf *out)
{
	buf_puts(out, "# Drafted from a digital calibration certificate: look at every line.\n");
	buf_printf(out, "standard: %s\n", o->name);
	put_text(out, "", "title", d->item);
	put_said(out, "", "manufacturer", d->manufacturer);
	put_said(out, "", "number", d->model);
	put_text(out, "", "serial_number", d->serial_number);
	buf_puts(out, "certificates:\n");
	put_text(out, "  - ", "certificate", d->number);
	put_text(out, "    ", "laboratory", d->laboratory);
	put_day(out, "calibrated", d->calibrated, "the day of the calibration");
	put_day(out, "issued", d->issued, NULL);
	put_day(out, "due", d->due, "the last day on which it may be used");
	buf_puts(out, "    dcc: {file: ");
	json_text(out, o->file);
	buf_printf(out, ", sha256: %s}\n", o->sha256);
	put_results(d, o, out);
}
