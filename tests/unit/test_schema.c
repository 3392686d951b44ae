/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <math.h>
#include <setjmp.h>
#include <stdarg.h>

#include <cmocka.h>

#include "schema.h"
#include "spoil.h"
#include "unit.h"

/* A struct with a field of every type. */
struct part { char *name; double weight; struct place place; };
struct thing {
	char *name, *text;
	struct texts title;
	bool flag, has_inner;
	int64_t count, wait_ns;
	double number, low;
	struct value value;
	int colour;
	struct strings words;
	int64_t inner_depth;
	struct list parts, dict;
	int custom;
};

static const char *const colours[] = { "red", "green", "blue", NULL };

static void read_custom(struct schema_context *c, const struct yaml *node, void *field)
{
	const char *text = schema_scalar(c, node, "the word forty-two");

	if (text && strcmp(text, "forty-two"))
		schema_problem(c, node, "custom: not forty-two");
	*(int *)field = 42;
}

static void check_part(struct schema_context *c, const struct yaml *node, void *out)
{
	const struct part *p = out;

	if (p->weight == 13)
		schema_problem_key(c, node, "weight", "13 brings bad luck");
}

static const struct schema_row part_rows[] = {
	{ .key = "name", .type = S_NAME, .offset = offsetof(struct part, name), .help = "a name" },
	{ .key = "weight", .type = S_NUMBER, .offset = offsetof(struct part, weight), .required = true,
	  .help = "how heavy it is" },
	{ 0 }
};
static const struct schema part_schema = {
	.what = "a part", .size = sizeof(struct part), .rows = part_rows,
	.place = offsetof(struct part, place), .check = check_part,
};

static const struct schema_row dict_rows[] = {
	{ .key = "weight", .type = S_NUMBER, .offset = offsetof(struct part, weight), .fallback = "1.5",
	  .help = "how heavy it is" },
	{ 0 }
};
static const struct schema dict_schema = {
	.what = "an entry", .size = sizeof(struct part), .rows = dict_rows, .place = offsetof(struct part, place),
};

#define AT(field) .offset = offsetof(struct thing, field)
static const struct schema_row inner_rows[] = {
	{ .key = "depth", .type = S_INT, AT(inner_depth), .fallback = "7", .help = "how deep" },
	{ 0 }
};
static const struct schema inner_schema = { .what = "the inner", .rows = inner_rows };

static const struct schema_row thing_rows[] = {
	{ .key = "name", .type = S_NAME, AT(name), .required = true, .help = "its name" },
	{ .key = "text", .type = S_STRING, AT(text), .help = "some text" },
	{ .key = "title", .type = S_TEXTS, AT(title), .help = "its title" },
	{ .key = "flag", .type = S_BOOL, AT(flag), .fallback = "yes", .help = "a flag" },
	{ .key = "count", .type = S_INT, AT(count), .low = 1, .high = 99, .fallback = "3", .help = "how many" },
	{ .key = "wait", .type = S_DURATION, AT(wait_ns), .low = 0.001, .high = 60, .fallback = "1.5 s",
	  .help = "how long" },
	{ .key = "number", .type = S_NUMBER, AT(number), .fallback = "-0.25", .help = "any number" },
	{ .key = "low", .type = S_NUMBER, AT(low), .low = 0, .high = INFINITY, .help = "not negative" },
	{ .key = "value", .type = S_VALUE, AT(value), .fallback = "10 mV", .help = "a value" },
	{ .key = "colour", .type = S_ENUM, AT(colour), .low = 5, .words = colours, .fallback = "green",
	  .help = "its colour" },
	{ .key = "words", .type = S_STRINGS, AT(words), .help = "some_words" },
	{ .key = "inner", .type = S_MAP, .sub = &inner_schema, .given = offsetof(struct thing, has_inner),
	  .help = "what is in it" },
	{ .key = "parts", .type = S_LIST, AT(parts), .sub = &part_schema, .help = "its parts" },
	{ .key = "dict", .type = S_DICT, AT(dict), .sub = &dict_schema, .help = "by name" },
	{ .key = "custom", .type = S_CUSTOM, AT(custom), .custom = read_custom, .form = "the word forty-two",
	  .help = "the answer" },
	{ 0 }
};
static const struct schema thing_schema = { .what = "a thing", .size = sizeof(struct thing), .rows = thing_rows };

static int read_thing(const char *path, const char *text, size_t n, struct problems *ps, struct thing *t)
{
	struct source s;
	struct err e;
	struct schema_context c = { .source = &s, .problems = ps };
	struct yaml *y;
	int bad;

	assert_int_equal(source_text(&s, path, text, n, &e), 0);
	y = yaml_parse(&s, ps);
	bad = y ? schema_read(&thing_schema, &c, y, t) : -1;
	yaml_drop(&y);
	source_release(&s);
	return bad;
}

static void read_and_release(const char *path, const char *text, size_t n, struct problems *ps)
{
	struct thing t = { 0 };

	read_thing(path, text, n, ps, &t);
	schema_release(&thing_schema, &t);
	schema_release(&thing_schema, &t);      /* it left everything empty */
}

static const char good[] =
	"name: a-thing_1.x\n"
	"text: \" spaced \"\n"
	"title: {en: Thing, de-CH: Ding, ru: Вещь}\n"
	"flag: no\n"
	"count: 12\n"
	"wait: 200 ms\n"
	"number: 1.5e-3\n"
	"low: 0.5\n"
	"value: -2.5 uV/V\n"
	"colour: blue\n"
	"words: [one, two]\n"
	"inner: {depth: 9}\n"
	"parts:\n"
	"  - {name: p1, weight: 2}\n"
	"  - weight: 3\n"
	"dict:\n"
	"  first: {weight: 4}\n"
	"  second: {}\n"
	"custom: forty-two\n";

static void test_all_types(void **state)
{
	struct problems ps = { 0 };
	struct thing t = { 0 };
	const struct part *p;

	(void)state;
	assert_int_equal(read_thing("t", good, sizeof good - 1, &ps, &t), 0);
	assert_string_equal(t.name, "a-thing_1.x");
	assert_string_equal(t.text, " spaced ");
	assert_int_equal(t.title.n, 3);
	assert_string_equal(texts_pick(&t.title, "ru"), "Вещь");
	assert_string_equal(texts_pick(&t.title, "ru-RU"), "Вещь");
	assert_string_equal(texts_pick(&t.title, "de-CH"), "Ding");
	assert_string_equal(texts_pick(&t.title, "fr"), "Thing");
	assert_string_equal(texts_pick(&t.title, NULL), "Thing");
	assert_false(t.flag);
	assert_int_equal(t.count, 12);
	assert_int_equal(t.wait_ns, 200000000);
	assert_true(t.number == 1.5e-3);
	assert_true(t.value.number == -2.5);
	assert_string_equal(t.value.unit, "uV/V");
	assert_int_equal(t.value.line, 9);
	assert_int_equal(t.value.column, 8);
	assert_int_equal(t.colour, 7);
	assert_int_equal(t.words.n, 2);
	assert_string_equal(t.words.list[1], "two");
	assert_true(t.has_inner);
	assert_int_equal(t.inner_depth, 9);
	p = t.parts.items;
	assert_int_equal(t.parts.n, 2);
	assert_string_equal(p[0].name, "p1");
	assert_null(p[1].name);
	assert_true(p[1].weight == 3);
	assert_int_equal(p[1].place.line, 15);
	assert_int_equal(p[1].place.column, 5);
	p = t.dict.items;
	assert_string_equal(p[1].name, "second");
	assert_true(p[1].weight == 1.5);
	assert_int_equal(p[1].place.line, 18);
	assert_int_equal(p[1].place.column, 3);
	assert_int_equal(t.custom, 42);
	schema_release(&thing_schema, &t);
	assert_int_equal(ps.total, 0);
}

static void test_defaults(void **state)
{
	static const char text[] = "name: x\nwords: lone\ntitle: plain\n";
	struct problems ps = { 0 };
	struct thing t = { 0 };

	(void)state;
	assert_int_equal(read_thing("t", text, sizeof text - 1, &ps, &t), 0);
	assert_true(t.flag);
	assert_int_equal(t.count, 3);
	assert_int_equal(t.wait_ns, 1500000000);
	assert_true(t.number == -0.25);
	assert_string_equal(t.value.unit, "mV");
	assert_int_equal(t.colour, 6);
	assert_int_equal(t.words.n, 1);
	assert_string_equal(t.words.list[0], "lone");
	assert_string_equal(texts_pick(&t.title, "ru"), "plain");
	assert_false(t.has_inner);
	assert_int_equal(t.inner_depth, 7);
	assert_null(t.text);
	schema_release(&thing_schema, &t);
}

static const struct spoiling bad[] = {
	{ "name: a-thing_1.x\n", "", "1:1", "a thing needs the key 'name': its name" },
	{ "a-thing_1.x", "A-thing", "1:7", "expected a name in small letters, digits, '_', '.' and '-', found 'A-thing'" },
	{ "a-thing_1.x", "-x", "1:7", "expected a name" },
	{ "a-thing_1.x", "", "1:6", "found nothing" },
	{ "a-thing_1.x", "[a]", "1:7", "found a list" },
	{ "a-thing_1.x", "n123456789012345678901234567890123456789012345678901234567890123", "1:7", "too long" },
	{ "\" spaced \"", "\"\"", "2:7", "text: expected a text" },
	{ "\" spaced \"", "~", "2:7", "found nothing" },
	{ "\" spaced \"", "{a: b}", "2:7", "expected a text, found a mapping" },
	{ "text:", "txet:", "2:1", "unknown key 'txet' in a thing; did you mean 'text'?" },
	{ "text:", "Text:", "2:1", "did you mean 'text'?" },
	{ "text:", "zzzzzz:", "2:1", "which knows: name, text, title, flag" },
	{ "de-CH", "d", "3:20", "'d' is not a language tag" },
	{ "{en: Thing, de-CH: Ding, ru: Вещь}", "[a, b]", "3:8", "a mapping of languages" },
	{ "flag: no", "flag: maybe", "4:7", "flag: expected yes or no, found 'maybe'" },
	{ "flag: no", "flag: \"no\"", "4:7", "expected yes or no" },
	{ "flag: no", "flag: on", "4:7", "expected yes or no" },
	{ "count: 12", "count: 1.5", "5:8", "count: expected a whole number from 1 to 99, found '1.5'" },
	{ "count: 12", "count: 100", "5:8", "from 1 to 99, found '100'" },
	{ "count: 12", "count: 0", "5:8", "from 1 to 99" },
	{ "count: 12", "count: 012", "5:8", "leading zeros" },
	{ "count: 12", "count: \"12\"", "5:8", "write it without quotes" },
	{ "count: 12", "count: 12 V", "5:8", "it has no unit of its own" },
	{ "count: 12", "count: 0x1f", "5:8", "expected a whole number" },
	{ "wait: 200 ms", "wait: 200", "6:7", "the unit is missing" },
	{ "wait: 200 ms", "wait: 200 msec", "6:7", "the units of time are" },
	{ "wait: 200 ms", "wait: 200ms", "6:7", "expected a duration" },
	{ "wait: 200 ms", "wait: -1 s", "6:7", "expected a duration" },
	{ "wait: 200 ms", "wait: 2 min", "6:7", "from 0.001 s to 60 s, found '2 min'" },
	{ "wait: 200 ms", "wait: 1e300 h", "6:7", "expected a duration" },
	{ "wait: 200 ms", "wait: 0,2 s", "6:7", "expected a duration" },
	{ "number: 1.5e-3", "number: 1,5", "7:9", "number: expected a number, found '1,5'; the decimal sign is a point" },
	{ "number: 1.5e-3", "number: 5 mV", "7:9", "it has no unit of its own here" },
	{ "number: 1.5e-3", "number: 1e400", "7:9", "beyond what a number can be" },
	{ "number: 1.5e-3", "number: .inf", "7:9", "expected a number" },
	{ "number: 1.5e-3", "number: \"1\"", "7:9", "write it without quotes" },
	{ "number: 1.5e-3", "number: ", "7:8", "found nothing" },
	{ "number: 1.5e-3", "number: 'один два три четыре пять шесть семь'", "7:9", "found 'один два три четыре пя...'" },
	{ "low: 0.5", "low: -0.5", "8:6", "expected a number, at least 0, found '-0.5'" },
	{ "-2.5 uV/V", "-2.5 uV/Volt", "9:8", "value: unknown unit 'uV/Volt'" },
	{ "-2.5 uV/V", "5mV", "9:8", "expected a number and a unit such as 10 mV, found '5mV'" },
	{ "-2.5 uV/V", "1,5 V", "9:8", "the decimal sign is a point" },
	{ "-2.5 uV/V", "V", "9:8", "expected a number and a unit" },
	{ "-2.5 uV/V", "1e400 V", "9:8", "expected a number and a unit" },
	{ "colour: blue", "colour: bleu", "10:9", "one of: red, green, blue, found 'bleu'; did you mean 'blue'?" },
	{ "colour: blue", "colour: Blue", "10:9", "did you mean 'blue'?" },
	{ "colour: blue", "colour: [blue]", "10:9", "found a list" },
	{ "[one, two]", "[one, [two]]", "11:14", "expected a text, found a list" },
	{ "[one, two]", "[one, ~]", "11:14", "expected a text, found nothing" },
	{ "[one, two]", "{one: two}", "11:8", "a text or a list of texts" },
	{ "{depth: 9}", "{depht: 9}", "12:9", "unknown key 'depht' in the inner; did you mean 'depth'?" },
	{ "{depth: 9}", "9", "12:8", "inner: expected a mapping" },
	{ "  - weight: 3", "  - 3", "15:5", "a part is a mapping of keys" },
	{ "{name: p1, weight: 2}", "{name: p1}", "14:5", "a part needs the key 'weight': how heavy it is" },
	{ "weight: 2}", "weight: 13}", "14:16", "13 brings bad luck" },
	{ "  first: {weight: 4}", "  First: {weight: 4}", "17:3", "'First' is not a name" },
	{ "  second: {}\n", "  second:\n", "18:10", "an entry is a mapping" },
	{ "forty-two", "43", "19:9", "not forty-two" },
	{ "forty-two", "[1]", "19:9", "custom: expected the word forty-two, found a list" },
	{ "custom: forty-two\n", "custom:\n", "19:8", "custom: expected the word forty-two, found nothing" },
};

static void test_bad(void **state)
{
	(void)state;
	assert_good(good, read_and_release);
	assert_spoiled(good, bad, COUNT(bad), read_and_release);
}

static void test_one_pass(void **state)
{
	static const char text[] = "nmae: x\ncount: 1,5\nwait: 3\ncolour: pink\nparts: [{weight: x}, {weight: 13}]\n";
	struct problems ps = { 0 };

	(void)state;
	read_and_release("t", text, sizeof text - 1, &ps);
	assert_int_equal(ps.total, 7);
	assert_problem(&ps, 0, "1:1", "unknown key 'nmae' in a thing; did you mean 'name'?");
	assert_problem(&ps, 1, "1:1", "needs the key 'name'");
	assert_problem(&ps, 2, "2:8", "count");
	assert_problem(&ps, 3, "3:7", "wait");
	assert_problem(&ps, 4, "4:9", "colour");
	assert_problem(&ps, 5, "5:18", "weight");
	assert_problem(&ps, 6, "5:23", "13 brings bad luck");
	problems_release(&ps);
}

static void test_help(void **state)
{
	struct buf out = { 0 };

	(void)state;
	schema_help(&thing_schema, &out);
	assert_non_null(strstr(out.data, "|  *name*\n:  a name in small letters, digits, '\\_', '.' and '-'\n:  required\n"));
	assert_non_null(strstr(out.data, "|  *count*\n:  a whole number from 1 to 99\n:  3\n:  how many\n"));
	assert_non_null(strstr(out.data, "|  *inner.depth*\n"));
	assert_non_null(strstr(out.data, "|  *parts[].weight*\n"));
	assert_non_null(strstr(out.data, "|  *dict.NAME.weight*\n:  a number\n:  1.5\n"));
	assert_non_null(strstr(out.data, ":  one of: red, green, blue\n:  green\n"));
	assert_non_null(strstr(out.data, "some\\_words"));
	buf_release(&out);
}

static void test_nearest(void **state)
{
	static const char *const words[] = { "tolerance", "timeout", "interval", "V" };
	static const struct { const char *wrong, *near; } list[] = {
		{ "tolerence", "tolerance" }, { "TIMEOUT", "timeout" }, { "tiemout", "timeout" },
		{ "timeuot", "timeout" }, { "interva", "interval" }, { "v", "V" }, { "x", NULL }, { "", NULL },
		{ "time", "timeout" }, { "ti", NULL }, { "quite another word altogether, and much too long for any of them", NULL },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(list); i++) {
		const char *near = nearest_word(list[i].wrong, words, COUNT(words));

		if (list[i].near)
			assert_string_equal(near, list[i].near);
		else
			assert_null(near);
	}
	assert_int_equal(nearest_distance("", "abc"), 3);
	assert_int_equal(nearest_distance("abcd", "acbd"), 1);
	assert_int_equal(nearest_distance("kitten", "sitting"), 3);
}

static int forget(void **state)
{
	(void)state;
	unit_forget();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_all_types), cmocka_unit_test(test_defaults), cmocka_unit_test(test_bad),
		cmocka_unit_test(test_one_pass),  cmocka_unit_test(test_help),     cmocka_unit_test(test_nearest),
	};

	return cmocka_run_group_tests(tests, NULL, forget);
}
