/* SPDX-License-Identifier: GPL-3.0-or-later
 * make_journal FOLDER RUN < LINES - a journal for the end to end tests, made by the real writer.
 *
 * A line is a JSON object: kind, channel, utc_ns, mono_ns, keys (the kind's own members) and body (a
 * string, each character a byte). */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "journal.h"

static int text(struct span line, const char *key, struct buf *out)
{
	struct span value;

	buf_clear(out);
	buf_puts(out, "");
	return json_member(line, key, &value) == 1 ? json_get_bytes(value, out) : 0;
}

/* {"a":1} becomes ,"a":1 */
static int own_keys(struct span line, struct buf *out)
{
	struct span value;

	buf_clear(out);
	if (json_member(line, "keys", &value) != 1 || value.n < 2)
		return -1;
	buf_putc(out, ',');
	buf_add(out, value.p + 1, value.n - 2);
	if (out->len == 1)
		buf_clear(out);
	return 0;
}

static int append(struct journal *j, struct span line, struct err *e)
{
	static struct buf kind, channel, keys, body;
	struct draft d = { 0 };
	struct span value;

	if (text(line, "kind", &kind) < 0 || text(line, "channel", &channel) < 0 ||
	    text(line, "body", &body) < 0 || own_keys(line, &keys) < 0 ||
	    record_kind_parse((struct span){ kind.data, kind.len }, &d.kind) < 0)
		return err_set(e, ERR_CONFIG, "not a line for make_journal");
	if (json_member(line, "utc_ns", &value) == 1)
		json_get_int(value, &d.utc_ns);
	if (json_member(line, "mono_ns", &value) == 1)
		json_get_int(value, &d.mono_ns);
	d.channel = channel.data;
	d.keys = keys.data;
	d.keys_len = keys.len;
	d.body = body.data;
	d.body_len = body.len;
	return journal_append(j, &d, JOURNAL_ORDINARY, NULL, e);
}

int main(int argc, char **argv)
{
	struct journal *j = NULL;
	char *line = NULL;
	size_t size = 0;
	struct err e = { 0 };
	ssize_t n;
	int bad;

	if (argc != 3)
		return 2;
	bad = journal_create(&j, argv[1], argv[2], NULL, &e);
	while (!bad && (n = getline(&line, &size, stdin)) > 0)
		bad = append(j, (struct span){ line, (size_t)n }, &e);
	if (!bad)
		bad = journal_commit(j, &e);
	if (bad)
		fprintf(stderr, "make_journal: %s\n", e.text);
	journal_close(&j);
	free(line);
	return bad ? 1 : 0;
}
