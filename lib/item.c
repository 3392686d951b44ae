/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "item.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#define PER_CENT 100.0

/* What schema_context's user is while an item is read. */
struct item_loading { struct item *item; const struct quantities *quantities; };

#define AT(field) .offset = offsetof(struct item_specification, field)
static const struct schema_row range_rows[] = {
	{ .key = "from", .type = S_VALUE, AT(range.from), .required = true, .help = "the least value it holds for" },
	{ .key = "to", .type = S_VALUE, AT(range.to), .required = true, .help = "the greatest" },
	{ 0 }
};

static const struct schema_row temperature_rows[] = {
	{ .key = "from", .type = S_VALUE, AT(temperature.from), .required = true, .help = "from this temperature" },
	{ .key = "to", .type = S_VALUE, AT(temperature.to), .required = true, .help = "to this the specification holds as it is" },
	{ .key = "of_reading", .type = S_VALUE, AT(temperature.of_reading), .help = "added beyond, such as 5 ppm/degC" },
	{ .key = "of_range", .type = S_VALUE, AT(temperature.of_range), .help = "likewise, of the full scale" },
	{ 0 }
};

/* Their rows are at the offsets of the specification. */
static const struct schema range_schema = { .what = "a range", .rows = range_rows };
static const struct schema temperature_schema = { .what = "temperature", .rows = temperature_rows };

static void check_specification(struct schema_context *c, const struct yaml *node, void *specification);
static void check_item(struct schema_context *c, const struct yaml *node, void *item);

static const struct schema_row specification_rows[] = {
	{ .key = "quantity", .type = S_STRING, AT(quantity), .required = true,
	  .help = "a quantity, with @ and the input where the item has several" },
	{ .key = "range", .type = S_MAP, .sub = &range_schema, .required = true, .help = "where it holds" },
	{ .key = "full_scale", .type = S_VALUE, AT(full_scale),
	  .help = "what of_range and class are a share of; without it the greater end of the range" },
	{ .key = "of_reading", .type = S_VALUE, AT(of_reading), .help = "share of the value, such as 0.02 % or 35 ppm" },
	{ .key = "of_range", .type = S_VALUE, AT(of_range), .help = "share of the full scale, such as 5 ppm" },
	{ .key = "floor", .type = S_VALUE, AT(floor), .help = "the same everywhere, such as 2 uV; often the digits" },
	{ .key = "class", .type = S_NUMBER, AT(accuracy_class), .given = offsetof(struct item_specification, has_class),
	  .low = 1e-6, .high = 100, .help = "accuracy class, in place of the three: so many % of the full scale" },
	{ .key = "temperature", .type = S_MAP, .given = offsetof(struct item_specification, has_temperature),
	  .sub = &temperature_schema, .help = "for which temperatures it holds, and what is added beyond" },
	{ 0 }
};
#undef AT

static const struct schema specification_schema = {
	.what = "a specification", .size = sizeof(struct item_specification), .rows = specification_rows,
	.place = offsetof(struct item_specification, place), .check = check_specification,
};

#define AT(field) .offset = offsetof(struct item, field)
static const struct schema_row item_rows[] = {
	{ .key = "item", .type = S_NAME, AT(name), .required = true, .help = "its name; this is NAME.yaml" },
	{ .key = "title", .type = S_TEXTS, AT(title), .required = true, .help = "what it is, for people" },
	{ .key = "owner", .type = S_STRING, AT(owner), .help = "whose it is" },
	{ .key = "identification", .type = S_STRING, AT(identification), .help = "the owner's own number of it" },
	{ .key = "manufacturer", .type = S_STRING, AT(manufacturer), .required = true, .help = "who made it" },
	{ .key = "number", .type = S_STRING, AT(number), .required = true, .help = "the maker's type" },
	{ .key = "serial_number", .type = S_STRING, AT(serial_number), .required = true, .help = "the maker's number of this one" },
	{ .key = "condition", .type = S_STRING, AT(condition), .help = "its condition on receipt" },
	{ .key = "accessories", .type = S_STRINGS, AT(accessories), .help = "what came with it" },
	{ .key = "calibrated", .type = S_CUSTOM, AT(calibrated), .custom = day_read, .form = day_form,
	  .help = "the day of its last calibration" },
	{ .key = "interval_months", .type = S_INT, AT(interval_months), .low = 1, .high = 240,
	  .help = "the interval between calibrations that the owner wants" },
	{ .key = "specification", .type = S_LIST, AT(specification), .sub = &specification_schema,
	  .help = "maximum permissible errors, one for each quantity and range" },
	{ 0 }
};
#undef AT

const struct schema item_schema = {
	.what = "an item", .size = sizeof(struct item), .rows = item_rows, .check = check_item,
};

/* In the unit, where it is stated; false after a problem. */
static bool convert(struct schema_context *c, const struct value *v, const char *unit, bool difference, double *out)
{
	struct err e;

	if (!v->unit || (difference ? difference_in(v, unit, out, &e) : value_in(v, unit, out, &e)) == 0)
		return true;
	schema_problem_at(c, (struct place){ v->line, v->column }, "%s", e.text);
	return false;
}

static bool resolve_shares(struct schema_context *c, struct item_specification *s)
{
	const char *unit = s->known->unit, *per_degree = "1/degC";
	const struct item_temperature *t = &s->temperature;

	return convert(c, &s->range.from, unit, false, &s->low) && convert(c, &s->range.to, unit, false, &s->high) &&
		convert(c, &s->full_scale, unit, true, &s->scale) && convert(c, &s->floor, unit, true, &s->least) &&
		convert(c, &s->of_reading, "1", true, &s->reading_share) &&
		convert(c, &s->of_range, "1", true, &s->range_share) &&
		convert(c, &t->from, "degC", false, &s->temperature_low) &&
		convert(c, &t->to, "degC", false, &s->temperature_high) &&
		convert(c, &t->of_reading, per_degree, true, &s->reading_share_per_degree) &&
		convert(c, &t->of_range, per_degree, true, &s->range_share_per_degree);
}

static bool know(struct schema_context *c, const struct yaml *node, struct item_specification *s)
{
	const struct item_loading *l = c->user;
	char *plain = mem_stringn(s->quantity, strcspn(s->quantity, "@"));
	const char *near = quantity_nearest(l->quantities, plain);

	s->known = quantity_find(l->quantities, plain);
	if (!s->known)
		schema_problem_key(c, node, "quantity", near ? "unknown quantity '%s'; did you mean '%s'?" :
				   "unknown quantity '%s'; it would have to stand in quantities.yaml", plain, near);
	free(plain);
	return s->known;
}

static void check_ranges(struct schema_context *c, const struct yaml *node, const struct item_specification *s)
{
	if (!(s->low < s->high))
		schema_problem_key(c, node, "range", "a range goes from the lesser value to the greater");
	if (s->has_temperature && !(s->temperature_low < s->temperature_high))
		schema_problem_key(c, node, "temperature", "it goes from the lesser temperature to the greater");
	if (!(s->scale > 0))
		schema_problem_key(c, node, s->full_scale.unit ? "full_scale" : "range", "what of_range and class are a share of is "
				   "not greater than 0: full_scale");
	if (s->reading_share < 0 || s->range_share < 0 || s->least < 0 || s->reading_share_per_degree < 0 ||
	    s->range_share_per_degree < 0)
		schema_problem(c, node, "a permissible error is stated as its amount: it is not negative");
}

static void check_specification(struct schema_context *c, const struct yaml *node, void *specification)
{
	struct item_specification *s = specification;
	bool shares = s->of_reading.unit || s->of_range.unit || s->floor.unit;

	if (s->has_class == shares)
		schema_problem(c, node, "a specification states of_reading, of_range and floor, those that it has, or a class");
	if (!know(c, node, s) || !resolve_shares(c, s))
		return;
	if (!s->full_scale.unit)
		s->scale = fmax(fabs(s->low), fabs(s->high));
	if (s->has_class)
		s->range_share = s->accuracy_class / PER_CENT;
	check_ranges(c, node, s);
}

static void check_item(struct schema_context *c, const struct yaml *node, void *item)
{
	const struct item *i = item;
	const struct item_specification *s = i->specification.items;
	const char *slash = strrchr(i->source.path, '/'), *file = slash ? slash + 1 : i->source.path;
	size_t n = strlen(i->name);

	if (strncmp(file, i->name, n) || strcmp(file + n, ".yaml"))
		schema_problem_key(c, node, "item", "the file of item '%s' is named %s.yaml", i->name, i->name);
	for (size_t a = 1; a < i->specification.n; a++)
		for (size_t b = 0; b < a; b++)
			if (!strcmp(s[a].quantity, s[b].quantity) && s[a].low < s[b].high && s[b].low < s[a].high)
				schema_problem_at(c, s[a].place, "%s: the ranges of two specifications overlap: which of them "
						  "holds?", s[a].quantity);
}

/* The item takes the source over. */
static int parse_source(struct item **out, struct source *source, const struct quantities *q, struct problems *ps)
{
	struct item *i = mem_new(sizeof *i);
	struct item_loading loading = { i, q };
	struct schema_context c = { .source = &i->source, .problems = ps, .user = &loading };

	i->source = *source;
	if (schema_read_source(&item_schema, &c, i))
		item_free(&i);
	*out = i;
	return i ? 0 : -1;
}

int item_load(struct item **i, const char *path, const struct quantities *q, struct problems *ps)
{
	struct source s;

	*i = NULL;
	return source_read(&s, path, ps) ? -1 : parse_source(i, &s, q, ps);
}

int item_parse(struct item **i, const char *path, const void *text, size_t n, const struct quantities *q,
	       struct problems *ps)
{
	struct source s;

	*i = NULL;
	return source_given(&s, path, text, n, ps) ? -1 : parse_source(i, &s, q, ps);
}

void item_free(struct item **i)
{
	if (!*i)
		return;
	schema_release(&item_schema, *i);
	source_release(&(*i)->source);
	free(*i);
	*i = NULL;
}

int64_t item_due(const struct item *i)
{
	return i->calibrated && i->interval_months ? day_months_after(i->calibrated, (int)i->interval_months) : 0;
}

const struct item_specification *item_specification(const struct item *i, const char *quantity, double value)
{
	const struct item_specification *s = i->specification.items;

	for (size_t k = 0; k < i->specification.n; k++)
		if (!strcmp(s[k].quantity, quantity) && value >= s[k].low && value <= s[k].high)
			return &s[k];
	return NULL;
}

struct interval item_limits(const struct item_specification *s, double value, double temperature)
{
	double beyond = 0, most;

	if (s->has_temperature && !isnan(temperature))
		beyond = fmax(0, fmax(s->temperature_low - temperature, temperature - s->temperature_high));
	most = (s->reading_share + beyond * s->reading_share_per_degree) * fabs(value) +
		(s->range_share + beyond * s->range_share_per_degree) * s->scale + s->least;
	return (struct interval){ value - most, value + most };
}
