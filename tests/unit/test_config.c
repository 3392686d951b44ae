/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "config.h"
#include "folder.h"
#include "spoil.h"
#include "unit.h"

static char *folder;

static void read_config(const char *path, const char *text, size_t n, struct problems *ps)
{
	char *file = folder_put(folder, path, text);
	struct config *c;
	int bad = config_load(&c, file, ps);

	(void)n;
	assert_int_equal(bad ? -1 : 0, ps->total ? -1 : 0);
	assert_true((c == NULL) == (ps->total > 0));
	config_free(&c);
	free(file);
}

static const char good[] =
	"laboratory: LAB-1\n"
	"name: {en: Laboratory}\n"
	"state: state\n"
	"endpoints:\n"
	"  control: tcp://127.0.0.1:5555\n"
	"  stream: [ipc:///run/x, 'tcp://*:5556']\n"
	"journal: {segment_bytes: 4194304, reserve_bytes: 65536, ahead_bytes: 4096}\n"
	"record: {start: no, program: /usr/bin/etalon-record, live: 500 ms}\n";

static void test_good(void **state)
{
	char *path = folder_put(folder, "etalond.yaml", good);
	char *resolved = mem_format("%s/state", folder), *vocabulary = mem_format("%s/quantities.yaml", folder);
	struct problems ps = { 0 };
	struct config *c;

	(void)state;
	assert_int_equal(config_load(&c, path, &ps), 0);
	assert_string_equal(c->laboratory, "LAB-1");
	assert_string_equal(c->state, resolved);
	assert_string_equal(c->quantities, vocabulary);
	assert_string_equal(c->endpoints.control, "tcp://127.0.0.1:5555");
	assert_int_equal(c->endpoints.stream.n, 2);
	assert_int_equal(c->journal.segment_bytes, 4194304);
	assert_false(c->record.start);
	assert_string_equal(c->record.program, "/usr/bin/etalon-record");
	assert_int_equal(c->record.live_ns, 500000000);
	config_free(&c);
	free(path);
	free(resolved);
	free(vocabulary);
}

static void test_defaults(void **state)
{
	char *path = folder_put(folder, "d.yaml", "laboratory: X\nname: x\nstate: /var/lib/etalon\n");
	struct problems ps = { 0 };
	struct config *c;

	(void)state;
	assert_int_equal(config_load(&c, path, &ps), 0);
	assert_string_equal(c->state, "/var/lib/etalon");
	assert_null(c->endpoints.control);
	assert_int_equal(c->endpoints.stream.n, 0);
	assert_int_equal(c->journal.segment_bytes, 64 << 20);
	assert_int_equal(c->journal.reserve_bytes, 256 << 10);
	assert_int_equal(c->journal.ahead_bytes, 1 << 20);
	assert_true(c->record.start);
	assert_null(c->record.program);
	assert_int_equal(c->record.live_ns, 1000000000);
	config_free(&c);
	free(path);
}

static const struct spoiling bad[] = {
	{ "laboratory: LAB-1", "laboratory: lab", "1:13", "expected a code of capital letters" },
	{ "laboratory: LAB-1", "laboratory: LABORATORY-NUMBER-1", "1:13", "at most 16" },
	{ "laboratory: LAB-1", "laboratory: -X", "1:13", "expected a code" },
	{ "laboratory: LAB-1\n", "", "1:1", "needs the key 'laboratory'" },
	{ "state: state", "state: ''", "3:8", "state: expected a text" },
	{ "tcp://127.0.0.1:5555", "127.0.0.1:5555", "5:3", "expected an endpoint ipc://PATH or tcp://ADDRESS:PORT, found '127.0.0.1:5555'" },
	{ "ipc:///run/x", "udp://x:1", "6:3", "expected an endpoint" },
	{ "segment_bytes: 4194304", "segment_bytes: 4 MB", "7:26", "it has no unit of its own here" },
	{ "reserve_bytes: 65536", "reserve_bytes: 4194304", "7:11", "a segment is not smaller" },
	{ "record:", "recorder:", "8:1", "unknown key 'recorder' in the daemon's file; did you mean 'record'?" },
	{ "live: 500 ms", "live: 500", "8:60", "the unit is missing" },
};

static void test_bad(void **state)
{
	(void)state;
	assert_good(good, read_config);
	assert_spoiled(good, bad, COUNT(bad), read_config);
}

static void test_shipped_files(void **state)
{
	static const struct { const char *path; enum file_kind kind; } list[] = {
		{ "config/etalond.yaml", FILE_CONFIG },
		{ "config/quantities.yaml", FILE_QUANTITIES },
		{ "config/cmc.yaml", FILE_CMC },
		{ "config/benches/demo.yaml", FILE_BENCH },
		{ "config/instruments/demo-calibrator.yaml", FILE_MODEL },
		{ "config/instruments/demo-dmm8.yaml", FILE_MODEL },
		{ "config/instruments/demo-dmm6.yaml", FILE_MODEL },
		{ "config/instruments/demo-room.yaml", FILE_MODEL },
		{ "config/instruments/demo-thermometer.yaml", FILE_MODEL },
		{ "config/procedures/dc-voltage-meter.yaml", FILE_PROCEDURE },
		{ "config/procedures/dc-voltage-quick.yaml", FILE_PROCEDURE },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(list); i++) {
		struct problems ps = { 0 };
		enum file_kind kind;

		if (file_check(list[i].path, "config/quantities.yaml", &ps, &kind))
			fail_msg("%s:%d: %s", list[i].path, ps.list[0].line, ps.list[0].text);
		assert_int_equal(kind, list[i].kind);
	}
}

static void test_file_kinds(void **state)
{
	static const struct { const char *text; enum file_kind kind; const char *place, *says; } list[] = {
		{ "modle: x\n", FILE_UNKNOWN, "1:1", "this begins with 'modle'; did you mean 'model'?" },
		{ "- 1\n", FILE_UNKNOWN, "1:1", "the first key says what a file is" },
		{ "title: x\nbench: b\n", FILE_UNKNOWN, "1:1", "this begins with 'title'" },
		{ "bench: [\n", FILE_UNKNOWN, "2:1", "did not find expected node content" },
		{ "bench: b\n", FILE_BENCH, "1:1", "a bench needs the key 'title'" },
		{ "procedure: b\n", FILE_PROCEDURE, "1:1", "a procedure needs the key 'title'" },
		{ "model: b\n", FILE_MODEL, "1:1", "a model needs the key 'title'" },
		{ "laboratory: B\n", FILE_CONFIG, "1:1", "the daemon's file needs the key 'name'" },
		{ "quantities: 1\n", FILE_QUANTITIES, "1:13", "expected a mapping of names to mappings" },
		{ "laboratory: B\nname: x\nstate: s\nquantities: none.yaml\n", FILE_CONFIG, "0:0", "cannot be opened" },
	};

	(void)state;
	for (size_t i = 0; i < COUNT(list); i++) {
		char *path = folder_put(folder, "f.yaml", list[i].text);
		struct problems ps = { 0 };
		enum file_kind kind;

		assert_int_equal(file_check(path, "config/quantities.yaml", &ps, &kind), -1);
		assert_problem(&ps, 0, list[i].place, list[i].says);
		assert_int_equal(kind, list[i].kind);
		problems_release(&ps);
		free(path);
	}
}

/* The next block of four blanks in docs/files.md; NULL at the end. */
static char *next_example(const char **at)
{
	struct buf b = { 0 };
	const char *p = strstr(*at, "\n\n    ");

	if (!p)
		return NULL;
	for (p += 2; !strncmp(p, "    ", 4); p = strchr(p, '\n') + 1)
		buf_add(&b, p + 4, strcspn(p + 4, "\n") + 1);
	*at = p - 1;
	return b.data;
}

static void check_example(const char *name, const char *text, int *seen)
{
	char *path = folder_put(folder, name, text);
	struct problems ps = { 0 };
	enum file_kind kind;

	file_check(path, "config/quantities.yaml", &ps, &kind);
	for (size_t i = 0; i < ps.n; i++)
		if (ps.list[i].line && !strstr(ps.list[i].text, "there is no model"))      /* the bench's are not there */
			fail_msg("%s:%d: %s", path, ps.list[i].line, ps.list[i].text);
	seen[kind]++;
	problems_release(&ps);
	free(path);
}

/* What the reference shows as a whole file is one. */
static void test_documentation(void **state)
{
	static const char *const first[] = { "model: acme-34a", "bench:", "procedure:", "laboratory:", "quantities:", "cmc:" };
	int seen[FILE_CMC + 1] = { 0 };
	size_t n;
	char *doc = file_read("docs/files.md", &n), *text;
	const char *at = doc;

	(void)state;
	doc[n] = '\0';
	for (; (text = next_example(&at)); free(text))
		for (size_t i = 0; i < COUNT(first); i++)
			if (!strncmp(text, first[i], strlen(first[i])))
				check_example(i ? "example.yaml" : "acme-34a.yaml", text, seen);
	for (size_t k = FILE_MODEL; k <= FILE_QUANTITIES; k++)
		assert_int_equal(seen[k], 1);
	assert_int_equal(seen[FILE_CMC], 1);
	free(doc);
}

static int start(void **state)
{
	(void)state;
	folder = folder_new();
	return 0;
}

static int stop(void **state)
{
	(void)state;
	folder_remove(&folder);
	unit_forget();
	return 0;
}

int main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_good), cmocka_unit_test(test_defaults),      cmocka_unit_test(test_bad),
		cmocka_unit_test(test_shipped_files), cmocka_unit_test(test_file_kinds),
		cmocka_unit_test(test_documentation),
	};

	return cmocka_run_group_tests(tests, start, stop);
}
