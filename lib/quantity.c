/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "quantity.h"

#include <stdlib.h>
#include <string.h>

#include "schema.h"
#include "unit.h"

struct vocabulary {
	struct list quantities;          /* of struct quantity */
};

/* Whether somebody published the word cannot be seen here, only whether it is a word, with the list it is from. */
static bool is_ref_type(const char *text)
{
	const char *word = strchr(text, '_');

	return word && word > text && word[1] && text[strspn(text, "abcdefghijklmnopqrstuvwxyz"
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-")] == '\0';
}

static void check_dcc(struct schema_context *c, const struct yaml *node, void *out)
{
	const struct quantity *q = out;

	if (q->ref_type && !is_ref_type(q->ref_type))
		schema_problem_key(c, node, "refType", "refType: expected a word of a published list, such as "
				   "basic_temperature, found '%s'", q->ref_type);
}

static void check_quantity(struct schema_context *c, const struct yaml *node, void *out)
{
	const struct quantity *q = out;
	struct err e;

	if (unit_check(q->unit, &e))
		schema_problem(c, yaml_find(node, "unit"), "%s", e.text);
}

static const struct schema_row dcc_rows[] = {
	{ .key = "refType", .type = S_STRING, .offset = offsetof(struct quantity, ref_type), .required = true,
	  .help = "the word by which machines know the quantity in a certificate" },
	{ 0 }
};

static const struct schema dcc_schema = {
	.what = "dcc", .rows = dcc_rows, .check = check_dcc,
};

static const struct schema_row quantity_rows[] = {
	{ .key = "unit", .type = S_STRING, .offset = offsetof(struct quantity, unit), .required = true,
	  .help = "the unit in which readings of this quantity are kept" },
	{ .key = "meaning", .type = S_STRING, .offset = offsetof(struct quantity, meaning), .required = true,
	  .help = "what it is, in one sentence" },
	{ .key = "dcc", .type = S_MAP, .sub = &dcc_schema,
	  .help = "what the Digital Calibration Certificate (PTB) calls it, where its good practice has a word" },
	{ 0 }
};

static const struct schema quantity_schema = {
	.what = "a quantity", .size = sizeof(struct quantity), .rows = quantity_rows,
	.check = check_quantity,
};

static const struct schema_row vocabulary_rows[] = {
	{ .key = "quantities", .type = S_DICT, .offset = offsetof(struct vocabulary, quantities),
	  .required = true, .sub = &quantity_schema,
	  .help = "every quantity a model file may name, such as voltage.dc" },
	{ 0 }
};

const struct schema quantities_schema = {
	.what = "a vocabulary", .size = sizeof(struct vocabulary), .rows = vocabulary_rows,
};

int quantities_parse(struct quantities *q, const struct source *s, struct problems *ps)
{
	struct schema_context c = { .source = s, .problems = ps };
	struct vocabulary v = { 0 };
	struct yaml *root = yaml_parse(s, ps);
	int bad = root ? schema_read(&quantities_schema, &c, root, &v) : -1;

	*q = (struct quantities){ v.quantities.items, v.quantities.n };
	if (bad)
		quantities_release(q);
	yaml_drop(&root);
	return bad;
}

int quantities_load(struct quantities *q, const char *path, struct problems *ps)
{
	struct source s = { 0 };
	int bad;

	*q = (struct quantities){ 0 };
	if (source_read(&s, path, ps)) {
		problem_add(ps, path, 0, 0, "without the vocabulary of quantities nothing else can be read: it stands beside the "
			    "file, in one of the two folders above, or is named (--quantities FILE; quantities: in etalond.yaml)");
		return -1;
	}
	bad = quantities_parse(q, &s, ps);
	source_release(&s);
	return bad;
}

const struct quantity *quantity_find(const struct quantities *q, const char *name)
{
	for (size_t i = 0; i < q->n; i++)
		if (!strcmp(q->list[i].name, name))
			return &q->list[i];
	return NULL;
}

const char *quantity_nearest(const struct quantities *q, const char *name)
{
	struct nearest best = { 0 };

	for (size_t i = 0; i < q->n; i++)
		nearest_offer(&best, name, q->list[i].name);
	return best.word;
}

static int convert(struct conversion *c, const struct value *v, const char *unit, struct err *e)
{
	struct err none;

	if (*v->unit)
		return unit_convert(c, v->unit, unit, e);
	if (unit_convert(c, "1", unit, &none))
		return err_set(e, ERR_CONFIG, "%.12g has no unit; expected one that converts to '%s'",
			       v->number, unit);
	return 0;
}

int value_in(const struct value *v, const char *unit, double *out, struct err *e)
{
	struct conversion c;

	if (convert(&c, v, unit, e))
		return -1;
	*out = conversion_apply(&c, v->number);
	return 0;
}

int difference_in(const struct value *v, const char *unit, double *out, struct err *e)
{
	struct conversion c;

	if (convert(&c, v, unit, e))
		return -1;
	*out = conversion_scale(&c, v->number);
	return 0;
}

void quantities_release(struct quantities *q)
{
	struct vocabulary v = { .quantities = { q->list, q->n } };

	schema_release(&quantities_schema, &v);
	*q = (struct quantities){ 0 };
}
