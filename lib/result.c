/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "result.h"

#include <math.h>
#include <string.h>

static const char *const kinds[RESULT_KINDS] = { "mean", "error_of_indication" };
static const char *const methods[METHODS] = { "paired_differences", "difference_of_means" };

const char *result_method_name(enum result_method m)
{
	return methods[m];
}

static void put_string(struct buf *b, const char *key, const char *value)
{
	json_key(b, key);
	json_text(b, value);
}

static void put_int(struct buf *b, const char *key, int64_t value)
{
	json_key(b, key);
	json_int(b, value);
}

static void put_number(struct buf *b, const char *key, double value)
{
	json_key(b, key);
	json_number(b, value);
}

void result_put(struct buf *b, const struct result *r)
{
	put_string(b, "result", kinds[r->kind]);
	if (r->kind == RESULT_ERROR_OF_INDICATION) {
		put_string(b, "name", r->name);
		put_string(b, "reference", r->reference);
	}
	put_int(b, "point", r->point);
	put_int(b, "attempt", r->attempt);
	if (r->kind == RESULT_ERROR_OF_INDICATION)
		put_number(b, "nominal", r->nominal);
	put_int(b, "n", r->n);
	if (r->kind == RESULT_ERROR_OF_INDICATION)
		put_int(b, "n_reference", r->n_reference);
	put_int(b, "excluded", r->excluded);
	put_number(b, "value", r->value);
	put_string(b, "unit", r->unit);
	if (r->kind == RESULT_MEAN) {
		put_number(b, "experimental_standard_deviation", r->deviation);
		put_number(b, "experimental_standard_deviation_of_the_mean", r->deviation_of_mean);
	} else {
		put_number(b, "standard_uncertainty_type_a", r->uncertainty);
		put_number(b, "degrees_of_freedom", r->degrees_of_freedom);
		put_string(b, "method", methods[r->method]);
	}
}

/* Reading: each getter names the member it misses, and the first to fail has the last word. */

struct getter {
	const struct record *record;
	struct err *e;
	int bad;
};

static void missed(struct getter *g, const char *key, const char *type)
{
	if (!g->bad)
		g->bad = err_set(g->e, ERR_CORRUPT, "result record %llu of %s: '%s' is not %s",
				 (unsigned long long)g->record->seq, g->record->run, key, type);
}

static void get_string(struct getter *g, const char *key, char *out, size_t size)
{
	if (record_get_string(g->record, key, out, size) != 1)
		missed(g, key, "a text");
}

static void get_int(struct getter *g, const char *key, int64_t *out)
{
	if (record_get_int(g->record, key, out) != 1)
		missed(g, key, "a whole number");
}

static void get_number(struct getter *g, const char *key, double *out)
{
	struct span value;

	*out = NAN;
	if (record_get(g->record, key, &value) != 1 ||
	    (!json_isnull(value) && json_get_number(value, out) < 0))
		missed(g, key, "a number or null");
}

static void get_word(struct getter *g, const char *key, const char *const *words, int n, int *out)
{
	struct span value;

	*out = n;
	if (record_get(g->record, key, &value) != 1) {
		missed(g, key, "there");
		return;
	}
	for (int i = 0; i < n; i++)
		if (json_equals(value, words[i]))
			*out = i;
}

int result_get(struct result *r, const struct record *record, struct err *e)
{
	struct getter g = { .record = record, .e = e };
	int kind, method = 0;

	*r = (struct result){ .deviation = NAN, .deviation_of_mean = NAN, .nominal = NAN,
			      .uncertainty = NAN, .degrees_of_freedom = NAN };
	get_word(&g, "result", kinds, RESULT_KINDS, &kind);
	r->kind = (enum result_kind)kind;
	if (r->kind == RESULT_KINDS)
		return g.bad;
	memcpy(r->channel, record->channel, sizeof r->channel);
	get_int(&g, "point", &r->point);
	get_int(&g, "attempt", &r->attempt);
	get_int(&g, "n", &r->n);
	get_int(&g, "excluded", &r->excluded);
	get_number(&g, "value", &r->value);
	get_string(&g, "unit", r->unit, sizeof r->unit);
	if (r->kind == RESULT_MEAN) {
		get_number(&g, "experimental_standard_deviation", &r->deviation);
		get_number(&g, "experimental_standard_deviation_of_the_mean", &r->deviation_of_mean);
	} else {
		get_string(&g, "name", r->name, sizeof r->name);
		get_string(&g, "reference", r->reference, sizeof r->reference);
		get_int(&g, "n_reference", &r->n_reference);
		get_number(&g, "nominal", &r->nominal);
		get_number(&g, "standard_uncertainty_type_a", &r->uncertainty);
		get_number(&g, "degrees_of_freedom", &r->degrees_of_freedom);
		get_word(&g, "method", methods, METHODS, &method);
		r->method = (enum result_method)method;
		if (r->method == METHODS)
			missed(&g, "method", "a method this program knows");
	}
	return g.bad ? -1 : 1;
}
