/* SPDX-License-Identifier: GPL-3.0-or-later
 * file_check.c - telling what a file is and checking it (config.h). */
#include <string.h>

#include "cmc.h"
#include "config.h"
#include "item.h"
#include "procedure.h"
#include "standard.h"

static const char *const first_keys[] = {
	[FILE_UNKNOWN] = "",           [FILE_MODEL] = "model",       [FILE_BENCH] = "bench",
	[FILE_PROCEDURE] = "procedure", [FILE_CONFIG] = "laboratory", [FILE_QUANTITIES] = "quantities",
	[FILE_STANDARD] = "standard",  [FILE_CMC] = "cmc",           [FILE_ITEM] = "item",
};
#define KINDS (sizeof first_keys / sizeof *first_keys)

static enum file_kind kind_of(const struct yaml *root)
{
	for (size_t k = FILE_MODEL; root->kind == YAML_MAP && root->first && k < KINDS; k++)
		if (!strcmp(root->first->key, first_keys[k]))
			return (enum file_kind)k;
	return FILE_UNKNOWN;
}

static void unknown_kind(const char *path, const struct yaml *root, struct problems *ps)
{
	const char *key = root->kind == YAML_MAP && root->first ? root->first->key : "";
	const char *near = nearest_word(key, first_keys + 1, KINDS - 1);

	problem_add(ps, path, 1, 1,
		    "the first key says what a file is: model, bench, procedure, laboratory, "
		    "quantities, standard, cmc or item; this begins with '%s'%s%s%s", key, near ? "; did you mean '" : "",
		    near ? near : "", near ? "'?" : "");
}

enum file_kind file_kind(const char *path, struct problems *ps)
{
	struct source s = { 0 };
	struct yaml *root = NULL;
	enum file_kind kind = FILE_UNKNOWN;

	if (!source_read(&s, path, ps))
		root = yaml_parse(&s, ps);
	if (root) {
		kind = kind_of(root);
		if (kind == FILE_UNKNOWN)
			unknown_kind(path, root, ps);
	}
	yaml_drop(&root);
	source_release(&s);
	return kind;
}

static void check_model(const char *path, const struct quantities *q, struct problems *ps)
{
	struct model *m;

	model_load(&m, path, q, ps);
	model_free(&m);
}

static void check_bench(const char *path, const struct quantities *q, struct problems *ps)
{
	struct bench *b;

	bench_load(&b, path, q, ps);
	bench_free(&b);
}

static void check_standard(const char *path, const struct quantities *q, struct problems *ps)
{
	struct standard *s;

	if (standard_load(&s, path, q, ps) == 0)
		standard_check_documents(s, ps);
	standard_free(&s);
}

static void check_cmc(const char *path, const struct quantities *q, struct problems *ps)
{
	struct cmc *c;

	cmc_load(&c, path, q, ps);
	cmc_free(&c);
}

static void check_item(const char *path, const struct quantities *q, struct problems *ps)
{
	struct item *i;

	item_load(&i, path, q, ps);
	item_free(&i);
}

static void check_procedure(const char *path, struct problems *ps)
{
	struct procedure *p;

	procedure_load(&p, path, ps);
	procedure_free(&p);
}

static void check_config(const char *path, struct problems *ps)
{
	struct config *c;
	struct quantities q = { 0 };

	if (!config_load(&c, path, ps))
		quantities_load(&q, c->quantities, ps);
	quantities_release(&q);
	config_free(&c);
}

/* Those that name quantities. */
static void check_by_vocabulary(const char *path, enum file_kind kind, const char *quantities, struct problems *ps)
{
	static void (*const checks[KINDS])(const char *, const struct quantities *, struct problems *) = {
		[FILE_MODEL] = check_model, [FILE_BENCH] = check_bench, [FILE_STANDARD] = check_standard,
		[FILE_CMC] = check_cmc, [FILE_ITEM] = check_item,
	};
	struct quantities q = { 0 };

	if (checks[kind] && !quantities_load(&q, quantities, ps))
		checks[kind](path, &q, ps);
	quantities_release(&q);
}

int file_check(const char *path, const char *quantities, struct problems *ps, enum file_kind *kind)
{
	struct quantities q = { 0 };
	size_t before = ps->total;

	*kind = file_kind(path, ps);
	if (*kind == FILE_QUANTITIES)
		quantities_load(&q, path, ps);
	check_by_vocabulary(path, *kind, quantities, ps);
	if (*kind == FILE_PROCEDURE)
		check_procedure(path, ps);
	if (*kind == FILE_CONFIG)
		check_config(path, ps);
	quantities_release(&q);
	return ps->total == before ? 0 : -1;
}
