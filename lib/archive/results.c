/* SPDX-License-Identifier: GPL-3.0-or-later
 * results.c - result records: a table for each mean, error of indication and measurement. */
#include "projection.h"

#include <math.h>

#include "contribution.h"

enum { M_SEQUENCE, M_POINT, M_ATTEMPT, M_N, M_EXCLUDED, M_VALUE, M_ERRORS, M_DEVIATION, M_COLUMNS };

static const struct column_spec mean_columns[M_COLUMNS] = {
	[M_SEQUENCE]  = { .name = "sequence", .kind = COLUMN_UINT64, .units = "" },
	[M_POINT]     = { .name = "point", .kind = COLUMN_INT64, .units = "",
			  .long_name = "row of points" },
	[M_ATTEMPT]   = { .name = "attempt", .kind = COLUMN_INT64, .units = "" },
	[M_N]         = { .name = "n", .kind = COLUMN_INT64, .units = "", .long_name = "readings" },
	[M_EXCLUDED]  = { .name = "excluded", .kind = COLUMN_INT64, .units = "",
			  .long_name = "readings whose status is not ok" },
	[M_VALUE]     = { .name = "value", .kind = COLUMN_FLOAT64, .units = NULL,
			  .long_name = "arithmetic mean" },
	[M_ERRORS]    = { "value_errors", COLUMN_FLOAT64, NULL,
			  .long_name = "experimental standard deviation of the mean" },
	[M_DEVIATION] = { .name = "experimental_standard_deviation", .kind = COLUMN_FLOAT64,
			  .units = NULL, .long_name = "of a reading" },
};

enum { R_SEQUENCE, R_POINT, R_ATTEMPT, R_N, R_NOMINAL, R_VALUE, R_ERRORS, R_FREEDOM, R_METHOD,
       R_COLUMNS };

static const struct column_spec error_columns[R_COLUMNS] = {
	[R_SEQUENCE] = { .name = "sequence", .kind = COLUMN_UINT64, .units = "" },
	[R_POINT]    = { .name = "point", .kind = COLUMN_INT64, .units = "",
			 .long_name = "row of points" },
	[R_ATTEMPT]  = { .name = "attempt", .kind = COLUMN_INT64, .units = "" },
	[R_N]        = { .name = "n", .kind = COLUMN_INT64, .units = "",
			 .long_name = "readings, or pairs of them" },
	[R_NOMINAL]  = { .name = "nominal", .kind = COLUMN_FLOAT64, .units = NULL,
			 .long_name = "the point's value; NaN: it has none" },
	[R_VALUE]    = { .name = "value", .kind = COLUMN_FLOAT64, .units = NULL,
			 .long_name = "indication minus reference" },
	[R_ERRORS]   = { .name = "value_errors", .kind = COLUMN_FLOAT64, .units = NULL,
			 .long_name = "standard uncertainty, type A" },
	[R_FREEDOM]  = { .name = "degrees_of_freedom", .kind = COLUMN_FLOAT64, .units = "1" },
	[R_METHOD]   = { .name = "method", .kind = COLUMN_TEXT, .units = "" },
};

enum { U_SEQUENCE, U_POINT, U_ATTEMPT, U_NOMINAL, U_VALUE, U_ERRORS, U_FREEDOM, U_EXPANDED, U_FACTOR, U_PROBABILITY,
       U_REPORTED, U_REPORTED_U, U_TRIALS, U_LOW, U_HIGH, U_SHORTEST_LOW, U_SHORTEST_HIGH, U_COVARIANCE, U_COLUMNS };

static const struct column_spec measurement_columns[U_COLUMNS] = {
	[U_SEQUENCE] = { .name = "sequence", .kind = COLUMN_UINT64, .units = "" },
	[U_POINT]    = { .name = "point", .kind = COLUMN_INT64, .units = "", .long_name = "row of points" },
	[U_ATTEMPT]  = { .name = "attempt", .kind = COLUMN_INT64, .units = "" },
	[U_NOMINAL]  = { .name = "nominal", .kind = COLUMN_FLOAT64, .units = "",
			 .long_name = "the point's value for the channel, in its unit; NaN: it has none" },
	[U_VALUE]    = { .name = "value", .kind = COLUMN_FLOAT64, .units = NULL,
			 .long_name = "by the measurement model" },
	[U_ERRORS]   = { .name = "value_errors", .kind = COLUMN_FLOAT64, .units = NULL,
			 .long_name = "combined standard uncertainty" },
	[U_FREEDOM]  = { .name = "degrees_of_freedom", .kind = COLUMN_FLOAT64, .units = "1",
			 .long_name = "effective" },
	[U_EXPANDED] = { .name = "expanded_uncertainty", .kind = COLUMN_FLOAT64, .units = NULL },
	[U_FACTOR]   = { .name = "coverage_factor", .kind = COLUMN_FLOAT64, .units = "1" },
	[U_PROBABILITY] = { .name = "coverage_probability", .kind = COLUMN_FLOAT64, .units = "1" },
	[U_REPORTED] = { .name = "reported_value", .kind = COLUMN_TEXT, .units = "", .long_name = "rounded" },
	[U_REPORTED_U] = { .name = "reported_expanded_uncertainty", .kind = COLUMN_TEXT, .units = "",
			   .long_name = "rounded" },
	[U_TRIALS]   = { .name = "trials", .kind = COLUMN_INT64, .units = "",
			 .long_name = "of the Monte Carlo method; 0: not used" },
	[U_LOW]      = { .name = "symmetric_low", .kind = COLUMN_FLOAT64, .units = NULL,
			 .long_name = "probabilistically symmetric coverage interval, by Monte Carlo" },
	[U_HIGH]     = { .name = "symmetric_high", .kind = COLUMN_FLOAT64, .units = NULL },
	[U_SHORTEST_LOW] = { .name = "shortest_low", .kind = COLUMN_FLOAT64, .units = NULL,
			     .long_name = "shortest coverage interval, by Monte Carlo" },
	[U_SHORTEST_HIGH] = { .name = "shortest_high", .kind = COLUMN_FLOAT64, .units = NULL },
	[U_COVARIANCE] = { .name = "covariance", .kind = COLUMN_FLOAT64S, .units = "",
			   .long_name = "with every measurement of the run up to this one, by sequence" },
};

enum kind { MEAN, ERROR, MEASUREMENT };

static const struct form {
	const struct column_spec *columns;
	size_t n;
} forms[] = {
	[MEAN] = { mean_columns, M_COLUMNS },
	[ERROR] = { error_columns, R_COLUMNS },
	[MEASUREMENT] = { measurement_columns, U_COLUMNS },
};

struct result {
	char *key;                 /* its kind and name, or kind and channel */
	char *name;                /* of its group */
	enum kind kind;
	bool nominal;              /* every point had one */
	struct table table;
};

void results_begin(struct results *s, struct hdf *h, hid_t entry)
{
	s->h = h;
	s->group = hdf_group(h, entry, "results", "NXcollection");
	budgets_begin(&s->budgets, h, entry);
}

static enum kind kind_of(struct members *m)
{
	const char *word = member_text(m, "result");

	return !strcmp(word, "mean") ? MEAN : !strcmp(word, "measurement") ? MEASUREMENT : ERROR;
}

static void describe(struct results *s, const struct result *one, const struct record *r,
		     struct members *m)
{
	static const char *const texts[] = { "result", "name", "reference", "unit" };
	size_t i;

	hdf_attr_text(s->h, one->table.group, "channel", r->channel);
	for (i = 0; i < sizeof texts / sizeof *texts; i++)
		hdf_attr_text(s->h, one->table.group, texts[i], member_text(m, texts[i]));
	if (one->kind == MEASUREMENT)
		hdf_attr_text(s->h, one->table.group, "model", member_text(m, "model"));
}

static struct result *result_of(struct results *s, const struct record *r, struct members *m)
{
	enum kind kind = kind_of(m);
	char *plain = kind == MEAN ? mem_format("mean.%s", r->channel) : mem_string(member_text(m, "name"));
	char *key = mem_format("%d %s", kind == MEAN, plain);
	struct result *one;
	size_t i;

	for (i = 0; i < s->n && strcmp(s->list[i].key, key) != 0; i++)
		;
	if (i < s->n) {
		free(plain);
		free(key);
		return &s->list[i];
	}
	s->list = mem_grow(s->list, s->n, sizeof *s->list);
	one = &s->list[s->n++];
	*one = (struct result){ .key = key, .kind = kind, .nominal = true };
	one->name = hdf_link_name(s->h, s->group, plain);
	free(plain);
	table_open(&one->table, s->h, s->group, one->name, "NXdata", forms[kind].columns, forms[kind].n,
		   member_text(m, "unit"));
	describe(s, one, r, m);
	return one;
}

static void add_mean(struct result *one, const struct record *r, struct members *m)
{
	struct table *t = &one->table;

	table_int(t, M_SEQUENCE, (int64_t)r->seq);
	table_int(t, M_POINT, member_int(m, "point", -1));
	table_int(t, M_ATTEMPT, member_int(m, "attempt", 0));
	table_int(t, M_N, member_int(m, "n", 0));
	table_int(t, M_EXCLUDED, member_int(m, "excluded", 0));
	table_number(t, M_VALUE, member_number(m, "value"));
	table_number(t, M_ERRORS, member_number(m, "experimental_standard_deviation_of_the_mean"));
	table_number(t, M_DEVIATION, member_number(m, "experimental_standard_deviation"));
	table_row(t);
}

static void add_error(struct result *one, const struct record *r, struct members *m)
{
	struct table *t = &one->table;
	double nominal = member_number(m, "nominal");

	one->nominal = one->nominal && !isnan(nominal);
	table_int(t, R_SEQUENCE, (int64_t)r->seq);
	table_int(t, R_POINT, member_int(m, "point", -1));
	table_int(t, R_ATTEMPT, member_int(m, "attempt", 0));
	table_int(t, R_N, member_int(m, "n", 0));
	table_number(t, R_NOMINAL, nominal);
	table_number(t, R_VALUE, member_number(m, "value"));
	table_number(t, R_ERRORS, member_number(m, "standard_uncertainty_type_a"));
	table_number(t, R_FREEDOM, member_number(m, "degrees_of_freedom"));
	table_text(t, R_METHOD, member_text(m, "method"));
	table_row(t);
}

static double freedom(const struct members *m)
{
	struct span value;
	double n = NAN;

	if (member_find(m, "degrees_of_freedom", &value))
		freedom_get(value, &n);
	return n;
}

static void add_interval(struct table *t, size_t low, struct span object, const char *key)
{
	struct span list = { 0 }, k, v;
	size_t at = 0;

	json_member(object, key, &list);
	for (size_t i = 0; i < 2; i++) {
		double x = NAN;

		if (list.n && json_next(list, &at, &k, &v) == 1)
			json_get_number(v, &x);
		table_number(t, low + i, x);
	}
}

static void add_monte_carlo(struct table *t, const struct members *m)
{
	struct span object = { "{}", 2 }, v;
	int64_t trials = 0;

	member_find(m, "monte_carlo", &object);
	if (json_member(object, "trials", &v) == 1)
		json_get_int(v, &trials);
	table_int(t, U_TRIALS, trials);
	add_interval(t, U_LOW, object, "symmetric");
	add_interval(t, U_SHORTEST_LOW, object, "shortest");
}

static void add_covariance(struct table *t, const struct members *m)
{
	struct buf numbers = { 0 };
	struct span list, k, v;
	size_t at = 0;

	buf_puts(&numbers, "");
	if (member_find(m, "covariance", &list))
		while (json_next(list, &at, &k, &v) == 1) {
			double x = NAN;

			json_get_number(v, &x);
			buf_add(&numbers, &x, sizeof x);
		}
	table_bytes(t, U_COVARIANCE, numbers.data, numbers.len);
	buf_release(&numbers);
}

static void add_measurement(struct result *one, const struct record *r, struct members *m)
{
	struct table *t = &one->table;
	double nominal = member_number(m, "nominal");

	one->nominal = one->nominal && !isnan(nominal);
	table_int(t, U_SEQUENCE, (int64_t)r->seq);
	table_int(t, U_POINT, member_int(m, "point", -1));
	table_int(t, U_ATTEMPT, member_int(m, "attempt", 0));
	table_number(t, U_NOMINAL, nominal);
	table_number(t, U_VALUE, member_number(m, "value"));
	table_number(t, U_ERRORS, member_number(m, "standard_uncertainty"));
	table_number(t, U_FREEDOM, freedom(m));
	table_number(t, U_EXPANDED, member_number(m, "expanded_uncertainty"));
	table_number(t, U_FACTOR, member_number(m, "coverage_factor"));
	table_number(t, U_PROBABILITY, member_number(m, "coverage_probability"));
	table_text(t, U_REPORTED, member_text(m, "reported_value"));
	table_text(t, U_REPORTED_U, member_text(m, "reported_expanded_uncertainty"));
	add_monte_carlo(t, m);
	add_covariance(t, m);
	table_row(t);
}

void results_add(struct results *s, const struct record *r, struct members *m)
{
	static void (*const add[])(struct result *, const struct record *, struct members *) = {
		[MEAN] = add_mean, [ERROR] = add_error, [MEASUREMENT] = add_measurement,
	};
	struct result *one = result_of(s, r, m);

	add[one->kind](one, r, m);
	if (one->kind == MEASUREMENT)
		budgets_add(&s->budgets, one->name, m);
}

const char *results_first(const struct results *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (s->list[i].kind != MEAN)
			return s->list[i].name;
	return NULL;
}

void results_end(struct results *s)
{
	const char *first = results_first(s);
	size_t i;

	if (first)
		hdf_attr_text(s->h, s->group, "default", first);
	for (i = 0; i < s->n; i++) {
		struct result *one = &s->list[i];

		hdf_attr_text(s->h, one->table.group, "signal", "value");
		hdf_attr_text(s->h, one->table.group, "axes",
			      one->kind != MEAN && one->nominal ? "nominal" : "point");
		table_close(&one->table);
		free(one->key);
		free(one->name);
	}
	free(s->list);
	budgets_end(&s->budgets);
	hdf_close_group(&s->group);
}
