/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "config.h"

#include <stdlib.h>
#include <string.h>

#define LABORATORY_MOST 16

static const char laboratory_form[] = "a code of capital letters, digits and '-', at most 16";

static bool is_code(const char *text)
{
	return *text != '-' && strlen(text) <= LABORATORY_MOST &&
	       strspn(text, "ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-") == strlen(text);
}

static void read_laboratory(struct schema_context *c, const struct yaml *node, void *field)
{
	const char *text = schema_scalar(c, node, laboratory_form);

	if (text && !is_code(text))
		schema_problem(c, node, "laboratory: expected %s, found '%s'", laboratory_form, text);
	else if (text)
		*(char **)field = mem_string(text);
}

static void free_text(void *field)
{
	char **text = field;

	free(*text);
	*text = NULL;
}

/* A path in the file is seen from the file. */
static void resolve(const struct config *c, char **path)
{
	const char *slash = strrchr(c->source.path, '/');
	char *whole;

	if (!*path || **path == '/' || !slash)
		return;
	whole = mem_format("%.*s%s", (int)(slash - c->source.path) + 1, c->source.path, *path);
	free(*path);
	*path = whole;
}

static bool is_endpoint(const char *text)
{
	if (!strncmp(text, "ipc://", 6))
		return text[6] != '\0';
	return !strncmp(text, "tcp://", 6) && strrchr(text + 6, ':');
}

static void check_endpoint(struct schema_context *c, const struct yaml *node, const char *key,
			   const char *text)
{
	if (!is_endpoint(text))
		schema_problem_key(c, node, key,
				   "expected an endpoint ipc://PATH or tcp://ADDRESS:PORT, found '%s'",
				   text);
}

static void check_endpoints(struct schema_context *c, const struct yaml *node, void *config)
{
	const struct config *f = config;

	if (f->endpoints.control)
		check_endpoint(c, node, "control", f->endpoints.control);
	for (size_t i = 0; i < f->endpoints.stream.n; i++)
		check_endpoint(c, node, "stream", f->endpoints.stream.list[i]);
}

static void check_journal(struct schema_context *c, const struct yaml *node, void *config)
{
	const struct config *f = config;

	if (f->journal.reserve_bytes + f->journal.ahead_bytes > f->journal.segment_bytes)
		schema_problem_key(c, node, "segment_bytes",
				   "a segment is not smaller than reserve and ahead together");
}

static void check_config(struct schema_context *c, const struct yaml *node, void *config)
{
	struct config *f = config;

	(void)c;
	(void)node;
	resolve(f, &f->state);
	resolve(f, &f->quantities);
	resolve(f, &f->record.program);
}

#define AT(field) .offset = offsetof(struct config, field)
static const struct schema_row endpoints_rows[] = {
	{ .key = "control", .type = S_STRING, AT(endpoints.control),
	  .help = "where commands are taken; without it ipc://STATE/control" },
	{ .key = "stream", .type = S_STRINGS, AT(endpoints.stream),
	  .help = "where every record is published; without it ipc://STATE/stream" },
	{ 0 }
};

static const struct schema_row journal_rows[] = {
	{ .key = "segment_bytes", .type = S_INT, AT(journal.segment_bytes), .low = 1 << 20,
	  .high = 1 << 30, .fallback = "67108864", .help = "size of a segment" },
	{ .key = "reserve_bytes", .type = S_INT, AT(journal.reserve_bytes), .low = 64 << 10,
	  .high = 64 << 20, .fallback = "262144",
	  .help = "kept free for the records of an end: safe states, alarms, stop" },
	{ .key = "ahead_bytes", .type = S_INT, AT(journal.ahead_bytes), .low = 4096, .high = 64 << 20,
	  .fallback = "1048576", .help = "zeroed ahead of the end in steps of this" },
	{ 0 }
};

static const struct schema_row record_rows[] = {
	{ .key = "start", .type = S_BOOL, AT(record.start), .fallback = "yes",
	  .help = "etalond starts etalon-record, and again when it dies" },
	{ .key = "program", .type = S_STRING, AT(record.program),
	  .help = "which program that is; without it the one beside etalond" },
	{ .key = "live", .type = S_DURATION, AT(record.live_ns), .low = 0.1, .high = 3600,
	  .fallback = "1 s", .help = "how often the live file is flushed" },
	{ 0 }
};

static const struct schema endpoints_schema = {
	.what = "endpoints", .rows = endpoints_rows, .check = check_endpoints,
};
static const struct schema journal_schema = {
	.what = "journal", .rows = journal_rows, .check = check_journal,
};
static const struct schema record_schema = { .what = "record", .rows = record_rows };

static const struct schema_row config_rows[] = {
	{ .key = "laboratory", .type = S_CUSTOM, AT(laboratory), .custom = read_laboratory,
	  .release = free_text,
	  .form = laboratory_form, .required = true, .help = "the code every run's name begins with" },
	{ .key = "name", .type = S_TEXTS, AT(name), .required = true, .help = "the laboratory's name" },
	{ .key = "state", .type = S_STRING, AT(state), .required = true,
	  .help = "the folder for journals, archives and all that must survive, seen from this file" },
	{ .key = "quantities", .type = S_STRING, AT(quantities), .fallback = "quantities.yaml",
	  .help = "the vocabulary, seen from this file" },
	{ .key = "endpoints", .type = S_MAP, .sub = &endpoints_schema, .help = "ZeroMQ endpoints" },
	{ .key = "journal", .type = S_MAP, .sub = &journal_schema, .help = "sizes of the journal" },
	{ .key = "record", .type = S_MAP, .sub = &record_schema,
	  .help = "the program that makes HDF5 of the stream" },
	{ 0 }
};
#undef AT

const struct schema config_schema = {
	.what = "the daemon's file", .size = sizeof(struct config), .rows = config_rows,
	.check = check_config,
};

int config_load(struct config **c, const char *path, struct problems *ps)
{
	struct config *fresh = mem_new(sizeof *fresh);
	struct schema_context context = { .source = &fresh->source, .problems = ps };

	if (source_read(&fresh->source, path, ps) || schema_read_source(&config_schema, &context, fresh))
		config_free(&fresh);
	*c = fresh;
	return fresh ? 0 : -1;
}

void config_free(struct config **c)
{
	if (!*c)
		return;
	schema_release(&config_schema, *c);
	source_release(&(*c)->source);
	free(*c);
	*c = NULL;
}
