/* SPDX-License-Identifier: GPL-3.0-or-later
 * export.c - etalon export: the readings of a run for other programs, digit for digit. */
#include <string.h>

#include "records.h"
#include "whole.h"

static struct {
	const char *what, *output, *channel, *format;
} opt;

static const struct argp_option options[] = {
	{ "format", 'f', "csv|json", 0, "how (default: by the name of the output, else csv)", 0 },
	{ "output", 'o', "FILE", 0, "where to (default: standard output)", 0 },
	{ "channel", 'c', "PREFIX", 0, "only channels that begin with this", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *s)
{
	if (key == 'f')
		opt.format = arg;
	else if (key == 'o')
		opt.output = arg;
	else if (key == 'c')
		opt.channel = arg;
	else
		return one_argument(&opt.what, key, arg, s, RECORDS_WANTED);
	if (opt.format && strcmp(opt.format, "csv") && strcmp(opt.format, "json"))
		argp_error(s, "--format: csv or json, not '%s'", opt.format);
	return 0;
}

static const struct argp_child children[] = { { &where_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	.options = options, .parser = parse, .args_doc = "RUN|JOURNAL|ARCHIVE", .children = children,
	.doc = "Readings as CSV (RFC 4180) or JSON, with every column and digit for digit."
	       "\vIn CSV, bytes of `raw` that are not printable ASCII stand as \\xNN and a "
	       "backslash as \\\\.  "
	       "JSON holds the very headers of the reading records (docs/stream.md).",
};

/* The columns of CSV, in order; members a reading does not have are empty. */
static const char *const columns[] = {
	"run", "seq", "nth", "channel", "utc", "utc_ns", "mono_ns", "boot", "value", "unit", "status", "raw",
	"span_ns", "at_ns", "exchange", "point", "attempt", "step", "k", "use",
};
#define COLUMNS (sizeof columns / sizeof columns[0])

static void put_raw(struct buf *out, struct span value)
{
	struct buf bytes = { 0 };

	json_get_bytes(value, &bytes);
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.data[i];

		if (c == '\\')
			buf_puts(out, "\\\\");
		else if (c >= 0x20 && c < 0x7f)
			buf_putc(out, (char)c);
		else
			buf_printf(out, "\\x%02x", c);
	}
	buf_release(&bytes);
}

/* Numbers are copied as they stand in the record: no digit is made or lost. */
static void put_field(struct buf *out, const struct record *r, const char *column)
{
	char utc[UTC_TEXT];
	struct span value;

	if (!strcmp(column, "utc"))
		buf_puts(out, utc_format(r->utc_ns, utc));
	else if (!record_get(r, column, &value) || json_isnull(value))
		return;
	else if (!strcmp(column, "raw"))
		put_raw(out, value);
	else if (value.n && *value.p == '"')
		json_get_string(value, out);
	else
		buf_add(out, value.p, value.n);
}

/* RFC 4180, 2.6 and 2.7. */
static void quote(struct buf *out, const struct buf *field)
{
	const char *text = field->data ? field->data : "";

	if (!strpbrk(text, ",\"\r\n")) {
		buf_puts(out, text);
		return;
	}
	buf_putc(out, '"');
	for (const char *p = text; *p; p++) {
		if (*p == '"')
			buf_putc(out, '"');
		buf_putc(out, *p);
	}
	buf_putc(out, '"');
}

static void csv_begin(FILE *out)
{
	for (size_t i = 0; i < COLUMNS; i++)
		fprintf(out, "%s%s", i ? "," : "", columns[i]);
	fputs("\r\n", out);
}

static void csv_add(FILE *out, const struct record *r, bool first)
{
	static struct buf line, field;

	(void)first;
	buf_clear(&line);
	for (size_t i = 0; i < COLUMNS; i++) {
		if (i)
			buf_putc(&line, ',');
		buf_clear(&field);
		put_field(&field, r, columns[i]);
		quote(&line, &field);
	}
	buf_puts(&line, "\r\n");
	fwrite(line.data, 1, line.len, out);
}

static void csv_end(FILE *out)
{
	(void)out;
}

static void json_begin(FILE *out)
{
	fputs("{\"readings\":[", out);
}

static void json_add(FILE *out, const struct record *r, bool first)
{
	fputs(first ? "\n" : ",\n", out);
	fwrite(r->header.p, 1, r->header.n, out);
}

static void json_end(FILE *out)
{
	fputs("\n]}\n", out);
}

static const struct format {
	const char *name;
	void (*begin)(FILE *out);
	void (*add)(FILE *out, const struct record *r, bool first);
	void (*end)(FILE *out);
} formats[] = {
	{ "csv", csv_begin, csv_add, csv_end },
	{ "json", json_begin, json_add, json_end },
};

static const struct format *format_wanted(void)
{
	const char *dot = opt.output ? strrchr(opt.output, '.') : NULL;
	const char *name = opt.format ? opt.format : dot && !strcmp(dot, ".json") ? "json" : "csv";

	return strcmp(name, "json") ? &formats[0] : &formats[1];
}

static int write_all(struct records *s, FILE *out, struct err *e)
{
	const struct format *f = format_wanted();
	size_t prefix = opt.channel ? strlen(opt.channel) : 0;
	bool first = true;
	struct span array;              /* they are no numbers of a line: the archive has them */
	struct record r;
	int more;

	f->begin(out);
	while ((more = records_next(s, &r, e)) > 0) {
		if (r.kind != RECORD_READING || record_get(&r, "dtype", &array) == 1 ||
		    strncmp(r.channel, opt.channel ? opt.channel : "", prefix))
			continue;
		f->add(out, &r, first);
		first = false;
	}
	f->end(out);
	return more;
}

static int write_file(struct records *s, struct err *e)
{
	struct whole w;

	if (whole_open(&w, opt.output, e) < 0)
		return -1;
	return whole_close(&w, write_all(s, w.out, e), e);
}

int cmd_export(int argc, char **argv)
{
	struct records *s;
	struct err e;
	int bad;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	if (records_open(&s, opt.what, &e) < 0)
		return cannot(&e);
	bad = opt.output ? write_file(s, &e) : write_all(s, stdout, &e);
	records_close(&s);
	return bad ? cannot(&e) : DONE;
}
