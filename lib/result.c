/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "result.h"

#include <math.h>
#include <string.h>

#include "contribution.h"

static const char *const kinds[RESULT_KINDS] = { "mean", "error_of_indication", "measurement" };
static const char *const methods[METHODS] = { "paired_differences", "difference_of_means" };

const char *result_method_name(enum result_method m)
{
	return methods[m];
}

static void put_place(struct buf *b, const struct result *r)
{
	json_put_int(b, "point", r->point);
	json_put_int(b, "attempt", r->attempt);
}

static void put_mean(struct buf *b, const struct result *r)
{
	put_place(b, r);
	json_put_int(b, "n", r->n);
	json_put_int(b, "excluded", r->excluded);
	json_put_number(b, "value", r->value);
	json_put_text(b, "unit", r->unit);
	json_put_number(b, "experimental_standard_deviation", r->deviation);
	json_put_number(b, "experimental_standard_deviation_of_the_mean", r->deviation_of_mean);
}

static void put_error(struct buf *b, const struct result *r)
{
	json_put_text(b, "name", r->name);
	json_put_text(b, "reference", r->reference);
	put_place(b, r);
	json_put_number(b, "nominal", r->nominal);
	json_put_int(b, "n", r->n);
	json_put_int(b, "n_reference", r->n_reference);
	json_put_int(b, "excluded", r->excluded);
	json_put_number(b, "value", r->value);
	json_put_text(b, "unit", r->unit);
	json_put_number(b, "standard_uncertainty_type_a", r->uncertainty);
	json_put_number(b, "degrees_of_freedom", r->degrees_of_freedom);
	json_put_text(b, "method", methods[r->method]);
}

static void put_json(struct buf *b, const char *key, const char *json)
{
	if (!json)
		return;
	json_key(b, key);
	buf_puts(b, json);
}

static void put_measurement(struct buf *b, const struct result *r)
{
	json_put_text(b, "name", r->name);
	put_place(b, r);
	json_put_number(b, "nominal", r->nominal);
	json_put_int(b, "excluded", r->excluded);
	json_put_number(b, "value", r->value);
	json_put_text(b, "unit", r->unit);
	json_put_number(b, "standard_uncertainty", r->uncertainty);
	json_key(b, "degrees_of_freedom");
	freedom_put(b, r->degrees_of_freedom);
	json_put_number(b, "coverage_probability", r->coverage_probability);
	json_put_number(b, "coverage_factor", r->coverage_factor);
	json_put_number(b, "expanded_uncertainty", r->expanded);
	json_put_text(b, "reported_value", r->reported_value);
	json_put_text(b, "reported_expanded_uncertainty", r->reported_expanded);
	if (*r->reason)
		json_put_text(b, "reason", r->reason);
	json_put_text(b, "model", r->model);
	put_json(b, "monte_carlo", r->monte_carlo);
	put_json(b, "budget", r->budget);
	put_json(b, "covariance", r->covariance);
}

void result_put(struct buf *b, const struct result *r)
{
	static void (*const put[RESULT_KINDS])(struct buf *, const struct result *) = {
		put_mean, put_error, put_measurement,
	};

	json_put_text(b, "result", kinds[r->kind]);
	put[r->kind](b, r);
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

static void get_mean(struct getter *g, struct result *r)
{
	get_int(g, "n", &r->n);
	get_number(g, "experimental_standard_deviation", &r->deviation);
	get_number(g, "experimental_standard_deviation_of_the_mean", &r->deviation_of_mean);
}

static void get_error(struct getter *g, struct result *r)
{
	int method = 0;

	get_int(g, "n", &r->n);
	get_string(g, "name", r->name, sizeof r->name);
	get_string(g, "reference", r->reference, sizeof r->reference);
	get_int(g, "n_reference", &r->n_reference);
	get_number(g, "nominal", &r->nominal);
	get_number(g, "standard_uncertainty_type_a", &r->uncertainty);
	get_number(g, "degrees_of_freedom", &r->degrees_of_freedom);
	get_word(g, "method", methods, METHODS, &method);
	r->method = (enum result_method)method;
	if (r->method == METHODS)
		missed(g, "method", "a method this program knows");
}

static void get_freedom(struct getter *g, double *out)
{
	struct span value;

	if (record_get(g->record, "degrees_of_freedom", &value) != 1 || freedom_get(value, out) < 0)
		missed(g, "degrees_of_freedom", "a number, null or infinite");
}

static void get_measurement(struct getter *g, struct result *r)
{
	get_string(g, "name", r->name, sizeof r->name);
	get_number(g, "nominal", &r->nominal);
	get_number(g, "standard_uncertainty", &r->uncertainty);
	get_freedom(g, &r->degrees_of_freedom);
	get_number(g, "coverage_probability", &r->coverage_probability);
	get_number(g, "coverage_factor", &r->coverage_factor);
	get_number(g, "expanded_uncertainty", &r->expanded);
	get_string(g, "reported_value", r->reported_value, sizeof r->reported_value);
	get_string(g, "reported_expanded_uncertainty", r->reported_expanded, sizeof r->reported_expanded);
	record_get_string(g->record, "reason", r->reason, sizeof r->reason);
}

int result_get(struct result *r, const struct record *record, struct err *e)
{
	static void (*const get[RESULT_KINDS])(struct getter *, struct result *) = {
		get_mean, get_error, get_measurement,
	};
	struct getter g = { .record = record, .e = e };
	int kind;

	*r = (struct result){ .deviation = NAN, .deviation_of_mean = NAN, .nominal = NAN,
			      .uncertainty = NAN, .degrees_of_freedom = NAN };
	get_word(&g, "result", kinds, RESULT_KINDS, &kind);
	r->kind = (enum result_kind)kind;
	if (r->kind == RESULT_KINDS)
		return g.bad;
	memcpy(r->channel, record->channel, sizeof r->channel);
	get_int(&g, "point", &r->point);
	get_int(&g, "attempt", &r->attempt);
	get_int(&g, "excluded", &r->excluded);
	get_number(&g, "value", &r->value);
	get_string(&g, "unit", r->unit, sizeof r->unit);
	get[r->kind](&g, r);
	return g.bad ? -1 : 1;
}

bool result_get_budget(const struct record *record, struct span *list)
{
	return record_get(record, "budget", list) == 1;
}

bool result_get_covariance(const struct record *record, struct span *list)
{
	return record_get(record, "covariance", list) == 1;
}

bool result_get_monte_carlo(const struct record *record, struct span *object)
{
	return record_get(record, "monte_carlo", object) == 1;
}
