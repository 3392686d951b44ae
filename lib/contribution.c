/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "contribution.h"

#include <math.h>
#include <stdlib.h>

void freedom_put(struct buf *out, double degrees_of_freedom)
{
	if (isinf(degrees_of_freedom))
		json_text(out, "infinite");
	else
		json_number(out, degrees_of_freedom);
}

int freedom_get(struct span value, double *degrees_of_freedom)
{
	*degrees_of_freedom = json_equals(value, "infinite") ? INFINITY : NAN;
	return isinf(*degrees_of_freedom) || json_isnull(value) ? 0 : json_get_number(value, degrees_of_freedom);
}

static const struct member {
	const char *key;
	size_t offset;
	enum { TEXT, NUMBER, FREEDOM } type;
} members[] = {
	{ "input", offsetof(struct contribution, input), TEXT },
	{ "identity", offsetof(struct contribution, identity), TEXT },
	{ "estimate", offsetof(struct contribution, estimate), NUMBER },
	{ "unit", offsetof(struct contribution, unit), TEXT },
	{ "standard_uncertainty", offsetof(struct contribution, uncertainty), NUMBER },
	{ "distribution", offsetof(struct contribution, distribution), TEXT },
	{ "type", offsetof(struct contribution, type), TEXT },
	{ "degrees_of_freedom", offsetof(struct contribution, degrees_of_freedom), FREEDOM },
	{ "sensitivity", offsetof(struct contribution, sensitivity), NUMBER },
	{ "contribution", offsetof(struct contribution, amount), NUMBER },
	{ "percent", offsetof(struct contribution, percent), NUMBER },
	{ "source", offsetof(struct contribution, source), TEXT },
};
enum { MEMBERS = sizeof members / sizeof *members };

static void *place(const struct contribution *c, const struct member *m)
{
	return (char *)c + m->offset;
}

void contribution_put(struct buf *out, const struct contribution *c)
{
	buf_putc(out, '{');
	for (size_t i = 0; i < MEMBERS; i++) {
		const struct member *m = &members[i];

		json_key(out, m->key);
		if (m->type == TEXT)
			json_text(out, *(char *const *)place(c, m));
		else if (m->type == NUMBER)
			json_number(out, *(const double *)place(c, m));
		else
			freedom_put(out, *(const double *)place(c, m));
	}
	buf_putc(out, '}');
}

static int get_text(struct span value, char **out)
{
	struct buf text = { 0 };

	buf_puts(&text, "");
	if (json_get_string(value, &text) < 0) {
		buf_release(&text);
		return -1;
	}
	*out = text.data;
	return 0;
}

/* null is a number that is not defined. */
static int get_number(struct span value, double *out)
{
	*out = NAN;
	return json_isnull(value) ? 0 : json_get_number(value, out);
}

static int get(struct span value, const struct member *m, struct contribution *c)
{
	return m->type == TEXT ? get_text(value, place(c, m))
		: m->type == NUMBER ? get_number(value, place(c, m)) : freedom_get(value, place(c, m));
}

int contribution_next(struct span budget, size_t *at, struct contribution *c, struct err *e)
{
	struct span key, line, value;
	int more = json_next(budget, at, &key, &line);

	*c = (struct contribution){ 0 };
	for (size_t i = 0; more == 1 && i < MEMBERS; i++)
		if (json_member(line, members[i].key, &value) != 1 || get(value, &members[i], c) < 0) {
			contribution_release(c);
			return err_set(e, ERR_CORRUPT, "a budget's line has no valid '%s'", members[i].key);
		}
	return more < 0 ? err_set(e, ERR_CORRUPT, "a budget is not a list") : more;
}

void contribution_release(struct contribution *c)
{
	for (size_t i = 0; i < MEMBERS; i++)
		if (members[i].type == TEXT)
			free(*(char **)place(c, &members[i]));
	*c = (struct contribution){ 0 };
}
