/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "report.h"

#include <stdarg.h>

#include "members.h"

#define SENTENCE 1024

static void keep(struct archive_report *r, const char *text)
{
	r->total++;
	if (r->n == ARCHIVE_FINDINGS_MOST)
		return;
	r->findings = mem_grow(r->findings, r->n, sizeof *r->findings);
	r->findings[r->n++] = mem_string(text);
}

void report_add(struct archive_report *r, const char *fmt, ...)
{
	char text[SENTENCE];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	keep(r, text);
}

void archive_report_release(struct archive_report *r)
{
	size_t i;

	for (i = 0; i < r->n; i++)
		free(r->findings[i]);
	free(r->findings);
	*r = (struct archive_report){ 0 };
}

void report_put(struct buf *b, const struct archive_report *r)
{
	char text[HASH_TEXT];
	size_t i;

	buf_putc(b, '{');
	json_put_text(b, "run", r->seal.run);
	json_put_int(b, "records", (int64_t)r->seal.records);
	json_put_text(b, "head", hash_text(r->seal.head, text));
	json_put_text(b, "digest", hash_text(r->seal.digest, text));
	json_put_text(b, "status", r->status);
	json_key(b, "simulated");
	json_bool(b, r->simulated);
	json_put_int(b, "readings", (int64_t)r->readings);
	json_put_int(b, "parsed", (int64_t)r->parsed);
	json_put_int(b, "total", (int64_t)r->total);
	json_key(b, "findings");
	buf_putc(b, '[');
	for (i = 0; i < r->n; i++) {
		if (i)
			buf_putc(b, ',');
		json_text(b, r->findings[i]);
	}
	buf_puts(b, "]}");
}

static void get_text(struct members *m, const char *key, char *out, size_t size)
{
	snprintf(out, size, "%s", member_text(m, key));
}

static void get_hash(struct members *m, const char *key, uint8_t hash[HASH_SIZE])
{
	const char *text = member_text(m, key);

	if (hash_parse(text, strlen(text), hash) < 0)
		memset(hash, 0, HASH_SIZE);
}

static void get_findings(struct archive_report *r, const struct members *m)
{
	struct span list, key, value;
	struct buf text = { 0 };
	size_t at = 0;

	if (!member_find(m, "findings", &list))
		return;
	while (json_next(list, &at, &key, &value) > 0) {
		buf_clear(&text);
		if (json_get_string(value, &text) == 0)
			keep(r, text.len ? text.data : "");
	}
	buf_release(&text);
}

int report_get(struct archive_report *r, struct span text)
{
	struct members m = { 0 };
	uint64_t total;

	*r = (struct archive_report){ 0 };
	if (json_check(text) < 0 || members_read(&m, text) < 0) {
		members_release(&m);
		return -1;
	}
	get_text(&m, "run", r->seal.run, sizeof r->seal.run);
	r->seal.records = (uint64_t)member_int(&m, "records", 0);
	get_hash(&m, "head", r->seal.head);
	get_hash(&m, "digest", r->seal.digest);
	get_text(&m, "status", r->status, sizeof r->status);
	r->simulated = member_flag(&m, "simulated");
	r->readings = (uint64_t)member_int(&m, "readings", 0);
	r->parsed = (uint64_t)member_int(&m, "parsed", 0);
	get_findings(r, &m);
	total = (uint64_t)member_int(&m, "total", 0);
	r->total = total > r->total ? total : r->total;
	members_release(&m);
	return 0;
}
