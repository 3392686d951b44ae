/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "hash.h"
#include "standard_parts.h"

/* The standard takes the source over. */
static int parse_source(struct standard **out, struct source *source, const struct quantities *q, struct problems *ps)
{
	struct standard *s = mem_new(sizeof *s);
	struct standard_loading loading = { s, q };
	struct schema_context c = { .source = &s->source, .problems = ps, .user = &loading };

	s->source = *source;
	if (schema_read_source(&standard_schema, &c, s))
		standard_free(&s);
	*out = s;
	return s ? 0 : -1;
}

int standard_load(struct standard **s, const char *path, const struct quantities *q, struct problems *ps)
{
	struct source source;

	*s = NULL;
	return source_read(&source, path, ps) ? -1 : parse_source(s, &source, q, ps);
}

int standard_parse(struct standard **s, const char *path, const void *text, size_t n, const struct quantities *q,
		   struct problems *ps)
{
	struct source source;

	*s = NULL;
	return source_given(&source, path, text, n, ps) ? -1 : parse_source(s, &source, q, ps);
}

void standard_free(struct standard **s)
{
	struct certificate *c;

	if (!*s)
		return;
	c = (*s)->certificates.items;
	for (size_t i = 0; i < (*s)->certificates.n; i++) {
		struct standard_statement *t = c[i].results.items;

		for (size_t k = 0; k < c[i].results.n; k++)
			standard_forget(&t[k]);
	}
	schema_release(&standard_schema, *s);
	source_release(&(*s)->source);
	free(*s);
	*s = NULL;
}

/* Its SHA-256; ERR_IO. */
static int hash_file(const char *path, char sha256[HASH_TEXT], struct err *e)
{
	FILE *f = fopen(path, "rbe");
	struct hash *h = hash_new();
	uint8_t bytes[65536], sum[HASH_SIZE];
	size_t n;
	bool bad;

	while (f && (n = fread(bytes, 1, sizeof bytes, f)) > 0)
		hash_add(h, bytes, n);
	bad = !f || ferror(f);
	if (bad)
		err_set(e, ERR_IO, "%s cannot be read: %s", path, strerror(errno));
	if (f)
		fclose(f);
	hash_end(h, sum);
	hash_free(&h);
	hash_text(sum, sha256);
	return bad ? -1 : 0;
}

static void check_document(const struct standard *s, const struct certificate *c, struct problems *ps)
{
	const char *slash = strrchr(s->source.path, '/');
	int folder = slash && *c->dcc.file != '/' ? (int)(slash - s->source.path) + 1 : 0;
	char *path = mem_format("%.*s%s", folder, s->source.path, c->dcc.file), sha256[HASH_TEXT];
	struct err e;

	if (hash_file(path, sha256, &e) < 0)
		problem_add(ps, s->source.path, c->place.line, c->place.column, "certificate %s: %s", c->number, e.text);
	else if (strcasecmp(sha256, c->dcc.sha256))
		problem_add(ps, s->source.path, c->place.line, c->place.column, "certificate %s: %s is not the file this was copied "
			    "from, its SHA-256 is %s: copy it again (etalon standard new)", c->number, path, sha256);
	free(path);
}

void standard_check_documents(const struct standard *s, struct problems *ps)
{
	const struct certificate *c = s->certificates.items;

	for (size_t i = 0; i < s->certificates.n; i++)
		if (c[i].dcc.file)
			check_document(s, &c[i], ps);
}

const struct certificate *standard_certificate(const struct standard *s, int64_t day)
{
	const struct certificate *c = s->certificates.items;

	for (size_t i = s->certificates.n; i-- > 0;)
		if (c[i].calibrated <= day)
			return &c[i];
	return NULL;
}

int standard_check_due(const struct standard *s, int64_t day, struct err *e)
{
	const struct certificate *c = standard_certificate(s, day), *first = s->certificates.items;
	char text[DAY_TEXT];

	if (!c)
		return err_set(e, ERR_STATE, "standard %s is not calibrated before %s (%s:%d)", s->name,
			       day_format(first->calibrated, text), s->source.path, first->place.line);
	if (day > c->due)
		return err_set(e, ERR_STATE, "standard %s was due on %s by certificate %s (%s:%d): have it calibrated and add its "
			       "new certificate there", s->name, day_format(c->due, text), c->number, s->source.path,
			       c->place.line);
	return 0;
}

bool statement_covers(const struct standard_statement *t, double value)
{
	if (t->form != STATEMENT_TABLE || t->interpolation != INTERPOLATION_NONE)
		return value >= t->low && value <= t->high;
	for (size_t i = 0; i < t->n_main; i++)
		if (fabs(value - t->inputs[i].at) <= 1e-9 * fabs(value))
			return true;
	return false;
}

static double distance(const struct standard_statement *t, double value)
{
	if (statement_covers(t, value))
		return -1;
	return fmax(0, fmax(t->low - value, value - t->high));
}

const struct standard_statement *certificate_statement(const struct certificate *c, const char *quantity, double value)
{
	const struct standard_statement *t = c->results.items, *best = NULL;

	for (size_t i = 0; i < c->results.n; i++)
		if (!strcmp(t[i].quantity, quantity) && (!best || distance(&t[i], value) < distance(best, value)))
			best = &t[i];
	return best;
}

int standard_check_value(const struct standard *s, int64_t day, const char *quantity, double value, struct err *e)
{
	const struct certificate *c = standard_certificate(s, day);
	const struct standard_statement *t;

	if (!c)
		return standard_check_due(s, day, e);
	t = certificate_statement(c, quantity, value);
	if (!t)
		return err_set(e, ERR_STATE, "certificate %s of standard %s states nothing of %s (%s:%d)", c->number, s->name, quantity,
			       s->source.path, c->place.line);
	if (statement_covers(t, value))
		return 0;
	if (t->form == STATEMENT_TABLE && t->interpolation == INTERPOLATION_NONE)
		return err_set(e, ERR_STATE, "certificate %s of standard %s has no row at %.12g %s, and is not interpolated (%s:%d)",
			       c->number, s->name, value, t->known->unit, s->source.path, t->place.line);
	return err_set(e, ERR_STATE, "%.12g %s is outside what certificate %s of standard %s states for %s, %.12g %s to %.12g %s "
		       "(%s:%d)", value, t->known->unit, c->number, s->name, quantity, t->low, t->known->unit, t->high,
		       t->known->unit, s->source.path, t->place.line);
}
