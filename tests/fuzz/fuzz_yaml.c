/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_yaml.c - any bytes, read as a vocabulary, a model, a bench, a procedure, a standard, an item, a scope and a daemon's file.
 *
 * clang -fsanitize=fuzzer,address explores; run_corpus.c runs what it found in every check. */
#include <stdint.h>

#include "cmc.h"
#include "config.h"
#include "item.h"
#include "procedure.h"
#include "standard.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_as(const struct schema *schema, const struct source *s, const struct yaml *root, void *user,
		    void *out)
{
	struct problems ps = { 0 };
	struct schema_context c = { .source = s, .problems = &ps, .user = user };
	struct buf text = { 0 };

	schema_read(schema, &c, root, out);
	problems_text(&ps, &text);
	schema_release(schema, out);
	buf_release(&text);
	problems_release(&ps);
}

static const struct quantities *vocabulary(void)
{
	static char names[][24] = { "voltage.dc", "temperature" }, units[][8] = { "V", "degC" };
	static char meaning[] = "something";
	static struct quantity list[] = { { names[0], units[0], meaning, NULL }, { names[1], units[1], meaning, NULL } };
	static const struct quantities q = { list, 2 };

	return &q;
}

static void read_model(const uint8_t *data, size_t size)
{
	struct problems ps = { 0 };
	struct model *m;

	model_parse(&m, "fuzz.yaml", data, size, vocabulary(), &ps);
	model_free(&m);
	problems_release(&ps);
}

static void read_bench(const uint8_t *data, size_t size)
{
	struct problems ps = { 0 };
	struct bench *b;

	bench_parse(&b, "config/benches/fuzz.yaml", data, size, vocabulary(), &ps);
	bench_free(&b);
	problems_release(&ps);
}

static void read_procedure(const uint8_t *data, size_t size)
{
	struct problems ps = { 0 };
	struct procedure *p;

	procedure_parse(&p, "fuzz.yaml", data, size, &ps);
	procedure_free(&p);
	problems_release(&ps);
}

static void read_standard(const uint8_t *data, size_t size)
{
	struct problems ps = { 0 };
	struct standard *s;

	standard_parse(&s, "fuzz.yaml", data, size, vocabulary(), &ps);
	standard_free(&s);
	problems_release(&ps);
}

static void read_item(const uint8_t *data, size_t size)
{
	struct problems ps = { 0 };
	struct item *i;

	item_parse(&i, "fuzz.yaml", data, size, vocabulary(), &ps);
	item_free(&i);
	problems_release(&ps);
}

static void read_quantities(const struct source *s)
{
	struct problems ps = { 0 };
	struct quantities q;

	quantities_parse(&q, s, &ps);
	quantities_release(&q);
	problems_release(&ps);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct problems ps = { 0 };
	struct source s = { 0 };
	struct config config = { 0 };
	struct cmc cmc = { 0 };
	struct yaml *root;
	struct err e;

	if (source_text(&s, "fuzz.yaml", data, size, &e))
		return 0;
	config.source.path = s.path;         /* paths are resolved against it */
	root = yaml_parse(&s, &ps);
	if (root)
		read_as(&config_schema, &s, root, NULL, &config);
	if (root)
		read_as(&cmc_schema, &s, root, (void *)vocabulary(), &cmc);
	yaml_drop(&root);
	problems_release(&ps);
	read_quantities(&s);
	source_release(&s);
	read_model(data, size);
	read_bench(data, size);
	read_procedure(data, size);
	read_standard(data, size);
	read_item(data, size);
	return 0;
}
