/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "folder.h"
#include "spoil.h"
#include "yaml.h"

static struct yaml *parse_n(struct source *s, const char *text, size_t n, struct problems *ps)
{
	struct err e;

	assert_int_equal(source_text(s, "t.yaml", text, n, &e), 0);
	return yaml_parse(s, ps);
}

static struct yaml *parse(struct source *s, const char *text)
{
	struct problems ps = { 0 };
	struct yaml *y = parse_n(s, text, strlen(text), &ps);

	if (ps.total)
		fail_msg("%d:%d: %s", ps.list[0].line, ps.list[0].column, ps.list[0].text);
	return y;
}

static void test_places(void **state)
{
	static const char text[] =
		"# é\n"
		"a: 1\n"
		"Ω_: x\n";
	static const char good[] =
		"# comment: й\n"
		"first: один\n"
		"second:\n"
		"  - {x: \"\\u00E9\\n\", y: [1, 2]}\n"
		"  - plain text  # with a comment\n"
		"third: |\n"
		"  block\n"
		"  text\n";
	struct source s;
	struct problems ps = { 0 };
	struct yaml *y = parse(&s, good), *v;

	(void)state;
	assert_int_equal(y->kind, YAML_MAP);
	assert_int_equal(y->n, 3);
	v = yaml_find(y, "first");
	assert_string_equal(v->text, "один");
	assert_int_equal(v->key_line, 2);
	assert_int_equal(v->key_column, 1);
	assert_int_equal(v->line, 2);
	assert_int_equal(v->column, 8);
	assert_memory_equal(s.text + v->from, "один", v->to - v->from);
	v = yaml_find(y, "second");
	assert_int_equal(v->kind, YAML_LIST);
	assert_int_equal(v->n, 2);
	assert_string_equal(v->first->next->text, "plain text");
	assert_false(v->first->next->quoted);
	assert_int_equal(v->first->next->line, 5);
	v = yaml_find(v->first, "x");
	assert_string_equal(v->text, "é\n");
	assert_true(v->quoted);
	assert_int_equal(v->line, 4);
	assert_int_equal(v->column, 9);
	v = yaml_find(y, "third");
	assert_string_equal(v->text, "block\ntext\n");
	assert_true(v->quoted);
	assert_null(yaml_find(y, "fourth"));
	yaml_drop(&y);
	assert_null(y);
	source_release(&s);

	assert_null(parse_n(&s, text, sizeof text - 1, &ps));    /* a key is no such word */
	assert_problem(&ps, 0, "3:1", "a key is a word");
	problems_release(&ps);
	source_release(&s);
}

static void test_line_ends(void **state)
{
	static const char *const texts[] = { "a: 1\r\nb:\r\n  - x\r\n", "\357\273\277a: 1\nb:\n  - x", "a: 1\rb:\r  - x\r" };

	(void)state;
	for (size_t i = 0; i < COUNT(texts); i++) {
		struct source s;
		struct yaml *y = parse(&s, texts[i]);

		assert_int_equal(yaml_find(y, "b")->first->line, 3);
		assert_int_equal(yaml_find(y, "b")->first->column, 5);
		assert_int_equal(s.text[yaml_find(y, "b")->first->from], 'x');
		yaml_drop(&y);
		source_release(&s);
	}
}

#define TEXT(s) s, sizeof(s) - 1
static const struct {
	const char *text;
	size_t n;
	const char *place, *says;
} refused[] = {
	{ TEXT(""), "1:1", "the file is empty" },
	{ TEXT("# nothing but a comment\n"), "1:1", "the file is empty" },
	{ TEXT("a: 1\nb: 2\na: 3\n"), "3:1", "key 'a' is here a second time; it stood at line 1" },
	{ TEXT("x: {a: 1, b: 2, a: 3}\n"), "1:17", "second time" },
	{ TEXT("a: &x 1\n"), "1:4", "anchors" },
	{ TEXT("a: 1\nb: *a\n"), "2:4", "aliases" },
	{ TEXT("*a : 1\n"), "1:1", "aliases" },
	{ TEXT("a: &a [x,x]\nb: &b [*a,*a]\nc: [*b,*b]\n"), "1:4", "anchors" },
	{ TEXT("<<: {a: 1}\n"), "1:1", "a key is a word" },
	{ TEXT("a: !!str 1\n"), "1:4", "tags" },
	{ TEXT("a: !x {b: 1}\n"), "1:4", "tags" },
	{ TEXT("a: 1\n---\nb: 2\n"), "2:1", "a second document" },
	{ TEXT("a b: 1\n"), "1:1", "a key is a word" },
	{ TEXT("\"\": 1\n"), "1:1", "a key is a word" },
	{ TEXT("\"a\\0b\": 1\n"), "1:1", "NUL" },
	{ TEXT("? [a, b]\n: 1\n"), "1:3", "a key is a word" },
	{ TEXT("? {a: b}\n: 1\n"), "1:3", "a key is a word" },
	{ TEXT("a: \"x\\0y\"\n"), "1:4", "NUL; one that an instrument sends is matched by [^ -~]" },
	{ TEXT("a:\n\t- 1\n"), "2:1", "a tab" },
	{ TEXT("a: 1\n  b: 2\n"), "2:4", "mapping values are not allowed" },
	{ TEXT("a: [1, 2\n"), "2:1", "expected ',' or ']'" },
	{ TEXT("a: \"x\n"), "2:1", "unexpected end of stream" },
	{ TEXT("a: 1\nb\n"), "3:1", "could not find expected ':'" },
	{ TEXT("a: @x\n"), "1:4", "quotes" },
	{ TEXT("a: 1\n\xff\n"), "2:1", "byte 0xFF is not UTF-8" },
	{ TEXT("a: \xc3\x28\n"), "1:4", "byte 0xC3" },
	{ TEXT("a: \xc0\x80\n"), "1:4", "byte 0xC0" },
	{ TEXT("a: \xed\xa0\x80\n"), "1:4", "byte 0xED" },
	{ TEXT("a: \xf4\x90\x80\x80\n"), "1:4", "byte 0xF4" },
	{ TEXT("a: \xe2\x82"), "1:4", "byte 0xE2" },
	{ TEXT("\xff\xfe" "a\0:\0"), "1:1", "byte 0xFF" },
	{ TEXT("a: x\0y\n"), "1:5", "character U+0000" },
	{ TEXT("a: \x1b[31m\n"), "1:4", "character U+001B" },
	{ TEXT("a: \xc2\x85\n"), "1:4", "character U+0085" },
	{ TEXT("a: \xe2\x80\xa8\n"), "1:4", "character U+2028" },
};

static void test_refused(void **state)
{
	(void)state;
	for (size_t i = 0; i < COUNT(refused); i++) {
		struct problems ps = { 0 };
		struct source s;

		assert_null(parse_n(&s, refused[i].text, refused[i].n, &ps));
		assert_problem(&ps, 0, refused[i].place, refused[i].says);
		problems_release(&ps);
		source_release(&s);
	}
}

static void test_all_in_one_pass(void **state)
{
	static const char text[] = "a: &x 1\nb: *x\nb: !y 2\nc: {d: 1, d: 2}\n";
	struct problems ps = { 0 };
	struct source s;

	(void)state;
	assert_null(parse_n(&s, text, sizeof text - 1, &ps));
	assert_int_equal(ps.total, 5);
	assert_problem(&ps, 0, "1:4", "anchors");
	assert_problem(&ps, 1, "2:4", "aliases");
	assert_problem(&ps, 2, "3:1", "second time");
	assert_problem(&ps, 3, "3:4", "tags");
	assert_problem(&ps, 4, "4:11", "second time");
	problems_release(&ps);
	source_release(&s);
}

static char *repeated(const char *piece, size_t times)
{
	struct buf b = { 0 };

	while (times--)
		buf_puts(&b, piece);
	return b.data;
}

static void limit(const char *head, const char *piece, size_t times, const char *says)
{
	char *many = repeated(piece, times);
	char *text = mem_format("%s%s", head, many);
	struct problems ps = { 0 };
	struct source s;

	assert_null(parse_n(&s, text, strlen(text), &ps));
	assert_true(ps.total >= 1);
	assert_non_null(strstr(ps.list[0].text, says));
	problems_release(&ps);
	source_release(&s);
	free(text);
	free(many);
}

static void test_limits(void **state)
{
	char *deep = repeated("[", 31), *ends = repeated("]", 31);
	char *text = mem_format("%s1%s", deep, ends);
	struct source s;
	struct yaml *y = parse(&s, text);
	struct err e;

	(void)state;
	assert_non_null(y);
	yaml_drop(&y);
	source_release(&s);
	limit("", "[", 33, "nested deeper than 32");
	limit("", "[", 100000, "nested deeper than 32");
	limit("", "- ", 40000, "nested deeper than 32");
	limit("", "- 1\n", YAML_NODES_MAX, "more values");
	free(text);
	text = repeated("x", SOURCE_MAX + 1);
	assert_int_equal(source_text(&s, "long.yaml", text, SOURCE_MAX + 1, &e), -1);
	assert_string_equal(e.text, "long.yaml: longer than the 4 MiB a file may have");
	free(text);
	free(deep);
	free(ends);
}

static void test_files(void **state)
{
	char *folder = folder_new();
	char *path = folder_put(folder, "a.yaml", "a: 1\n");
	char *fifo = mem_format("%s/fifo", folder);
	struct source s;
	struct err e;

	(void)state;
	assert_int_equal(source_load(&s, path, &e), 0);
	assert_string_equal(s.text, "a: 1\n");
	assert_string_equal(s.path, path);
	assert_string_equal(s.sha256, "37b128c59f1f5097f73f82691cb519f1f568667faab5ced1b4ab979d36837eae");
	source_release(&s);
	assert_int_equal(mkfifo(fifo, 0600), 0);
	assert_int_equal(source_load(&s, fifo, &e), -1);
	assert_non_null(strstr(e.text, "fifo: is not a file"));
	assert_int_equal(source_load(&s, folder, &e), -1);
	assert_int_equal(unlink(path), 0);
	assert_int_equal(source_load(&s, path, &e), -1);
	assert_int_equal(e.code, ERR_IO);
	assert_non_null(strstr(e.text, "a.yaml: cannot be opened: No such file"));
	free(fifo);
	free(path);
	folder_remove(&folder);
}

static void test_problems(void **state)
{
	struct problems ps = { 0 };
	struct buf out = { 0 };
	struct err e;

	(void)state;
	assert_int_equal(problems_err(&ps, &e), 0);
	problem_add(&ps, "b", 3, 1, "third");
	problem_add(&ps, "b", 1, 9, "second");
	problem_add(&ps, "m", 7, 2, "of another file");
	problem_add(&ps, "b", 1, 2, "first");
	problem_add(&ps, "b", 3, 1, "after it");
	problem_add(&ps, "x", 0, 0, "as a whole");
	problems_text(&ps, &out);
	assert_string_equal(out.data, "b:1:2: error: first\nb:1:9: error: second\nb:3:1: error: third\n"
			    "b:3:1: error: after it\nm:7:2: error: of another file\nx: error: as a whole\n");
	assert_int_equal(problems_err(&ps, &e), -1);
	assert_string_equal(e.text, "b:1:2: first (and 5 more)");
	for (int i = 0; i < 200; i++)
		problem_add(&ps, "b", 10 + i, 1, "one of many");
	assert_int_equal(ps.n, PROBLEMS_MOST);
	assert_int_equal(ps.total, 206);
	buf_clear(&out);
	problems_text(&ps, &out);
	assert_non_null(strstr(out.data, "and 106 more\n"));
	buf_release(&out);
	problems_release(&ps);
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_places),
		cmocka_unit_test(test_line_ends),
		cmocka_unit_test(test_refused),
		cmocka_unit_test(test_all_in_one_pass),
		cmocka_unit_test(test_limits),
		cmocka_unit_test(test_files),
		cmocka_unit_test(test_problems),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
