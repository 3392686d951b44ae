/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "projection.h"

#include <math.h>

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

struct result {
	char *key;                 /* its kind and name, or kind and channel */
	char *name;                /* of its group */
	bool mean;
	bool nominal;              /* every point had one */
	struct table table;
};

void results_begin(struct results *s, struct hdf *h, hid_t entry)
{
	s->h = h;
	s->group = hdf_group(h, entry, "results", "NXcollection");
}

static void describe(struct results *s, const struct result *one, const struct record *r,
		     struct members *m)
{
	static const char *const texts[] = { "result", "name", "reference", "unit" };
	size_t i;

	hdf_attr_text(s->h, one->table.group, "channel", r->channel);
	for (i = 0; i < sizeof texts / sizeof *texts; i++)
		hdf_attr_text(s->h, one->table.group, texts[i], member_text(m, texts[i]));
}

static struct result *result_of(struct results *s, const struct record *r, struct members *m)
{
	bool mean = !strcmp(member_text(m, "result"), "mean");
	char *plain = mean ? mem_format("mean.%s", r->channel) : mem_string(member_text(m, "name"));
	char *key = mem_format("%d %s", mean, plain);
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
	*one = (struct result){ .key = key, .mean = mean, .nominal = true };
	one->name = hdf_link_name(s->h, s->group, plain);
	free(plain);
	table_open(&one->table, s->h, s->group, one->name, "NXdata",
		   mean ? mean_columns : error_columns,
		   mean ? M_COLUMNS : R_COLUMNS, member_text(m, "unit"));
	describe(s, one, r, m);
	return one;
}

static void add_mean(struct table *t, const struct record *r, struct members *m)
{
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

void results_add(struct results *s, const struct record *r, struct members *m)
{
	struct result *one = result_of(s, r, m);

	if (one->mean)
		add_mean(&one->table, r, m);
	else
		add_error(one, r, m);
}

const char *results_first(const struct results *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (!s->list[i].mean)
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
			      !one->mean && one->nominal ? "nominal" : "point");
		table_close(&one->table);
		free(one->key);
		free(one->name);
	}
	free(s->list);
	hdf_close_group(&s->group);
}
