/* SPDX-License-Identifier: GPL-3.0-or-later
 * budgets.c - the uncertainty budget of each measurement: a table for each point of each result. */
#include "projection.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "contribution.h"

enum { B_INPUT, B_IDENTITY, B_ESTIMATE, B_UNIT, B_UNCERTAINTY, B_DISTRIBUTION, B_TYPE, B_FREEDOM, B_SENSITIVITY,
       B_CONTRIBUTION, B_PERCENT, B_SOURCE, B_COLUMNS };

static const struct column_spec columns[B_COLUMNS] = {
	[B_INPUT]        = { .name = "input", .kind = COLUMN_TEXT, .units = "", .long_name = "its name in the model" },
	[B_IDENTITY]     = { .name = "input_id", .kind = COLUMN_TEXT, .units = "",
			     .long_name = "equal where it is the same random variable" },
	[B_ESTIMATE]     = { .name = "value", .kind = COLUMN_FLOAT64, .units = "", .long_name = "in the row's unit" },
	[B_UNIT]         = { .name = "unit", .kind = COLUMN_TEXT, .units = "" },
	[B_UNCERTAINTY]  = { .name = "standard_uncertainty", .kind = COLUMN_FLOAT64, .units = "",
			     .long_name = "in the row's unit" },
	[B_DISTRIBUTION] = { .name = "distribution", .kind = COLUMN_TEXT, .units = "" },
	[B_TYPE]         = { .name = "type", .kind = COLUMN_TEXT, .units = "", .long_name = "of evaluation: A or B" },
	[B_FREEDOM]      = { .name = "dof", .kind = COLUMN_FLOAT64, .units = "1", .long_name = "degrees of freedom" },
	[B_SENSITIVITY]  = { .name = "sensitivity", .kind = COLUMN_FLOAT64, .units = "",
			     .long_name = "unit of the result over the row's" },
	[B_CONTRIBUTION] = { .name = "contribution", .kind = COLUMN_FLOAT64, .units = NULL,
			     .long_name = "sensitivity times standard uncertainty" },
	[B_PERCENT]      = { .name = "percent", .kind = COLUMN_FLOAT64, .units = "%", .long_name = "of the variance" },
	[B_SOURCE]       = { .name = "source", .kind = COLUMN_TEXT, .units = "" },
};

void budgets_begin(struct budgets *b, struct hdf *h, hid_t entry)
{
	*b = (struct budgets){ .h = h, .entry = entry, .group = H5I_INVALID_HID };
}

static hid_t folder(struct budgets *b, const char *result)
{
	struct budget_folder *one;

	for (size_t i = 0; i < b->n; i++)
		if (!strcmp(b->list[i].name, result))
			return b->list[i].group;
	if (!b->n)
		b->group = hdf_group(b->h, b->entry, "budgets", "NXcollection");
	b->list = mem_grow(b->list, b->n, sizeof *b->list);
	one = &b->list[b->n++];
	one->name = mem_string(result);
	one->group = hdf_group(b->h, b->group, result, "NXcollection");
	return one->group;
}

static void add_line(struct table *t, const struct contribution *c)
{
	table_text(t, B_INPUT, c->input);
	table_text(t, B_IDENTITY, c->identity);
	table_number(t, B_ESTIMATE, c->estimate);
	table_text(t, B_UNIT, c->unit);
	table_number(t, B_UNCERTAINTY, c->uncertainty);
	table_text(t, B_DISTRIBUTION, c->distribution);
	table_text(t, B_TYPE, c->type);
	table_number(t, B_FREEDOM, c->degrees_of_freedom);
	table_number(t, B_SENSITIVITY, c->sensitivity);
	table_number(t, B_CONTRIBUTION, c->amount);
	table_number(t, B_PERCENT, c->percent);
	table_text(t, B_SOURCE, c->source);
	table_row(t);
}

/* A budget that cannot be read is cut where it cannot; its record is in the archive all the same. */
void budgets_add(struct budgets *b, const char *result, struct members *m)
{
	char name[24];
	struct table t;
	struct contribution c;
	struct span budget;
	struct err e;
	size_t at = 0;

	if (!member_find(m, "budget", &budget))
		return;
	snprintf(name, sizeof name, "%" PRId64, member_int(m, "point", -1));
	table_open(&t, b->h, folder(b, result), name, "NXcollection", columns, B_COLUMNS, member_text(m, "unit"));
	while (contribution_next(budget, &at, &c, &e) == 1) {
		add_line(&t, &c);
		contribution_release(&c);
	}
	table_close(&t);
}

void budgets_end(struct budgets *b)
{
	for (size_t i = 0; i < b->n; i++) {
		hdf_close_group(&b->list[i].group);
		free(b->list[i].name);
	}
	free(b->list);
	if (b->n)
		hdf_close_group(&b->group);
}
