/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model_unit.h"

#include <stdlib.h>
#include <string.h>

#include "mem.h"

static const char hole[] = "{unit";

bool model_unit_named(const struct source *s)
{
	return memmem(s->text, s->len, hole, strlen(hole)) != NULL;
}

/* What stands behind the word: "}", ":X}", ":02}", ":03X}".  Returns how long it is; 0: something else. */
static size_t put_number(struct buf *out, const char *form, int unit)
{
	const char *p = form;
	int digits = 0;
	bool hex;

	if (*p == ':' && p[1] == '0' && p[2] >= '1' && p[2] <= '9')
		digits = p[2] - '0';
	p += *p == ':' ? (digits ? 3 : 1) : 0;
	hex = p > form && *p == 'X';
	p += hex;
	if (*p != '}' || (p == form + 1))
		return 0;
	buf_printf(out, hex ? "%0*X" : "%0*d", digits, unit);
	return (size_t)(p - form) + 1;
}

static void fill_text(struct yaml *y, int unit, const struct source *s, struct problems *ps)
{
	struct buf out = { 0 };
	const char *p = y->text, *at;

	while ((at = strstr(p, hole))) {
		size_t n;

		buf_add(&out, p, (size_t)(at - p));
		p = at + strlen(hole);
		n = put_number(&out, p, unit);
		if (!n)
			problem_add(ps, s->path, y->line, y->column, "the unit is {unit}, {unit:02}, {unit:X} or {unit:02X}, not "
				    "{unit%.*s", (int)strcspn(p, "} \n") + (p[strcspn(p, "} \n")] == '}'), p);
		p += n;
	}
	buf_puts(&out, p);
	free(y->text);
	y->text = mem_string(out.data);
	y->len = out.len;
	buf_release(&out);
}

void model_unit_fill(struct yaml *y, int unit, const struct source *s, struct problems *ps)
{
	if (y->kind == YAML_TEXT && strstr(y->text, hole))
		fill_text(y, unit, s, ps);
	for (struct yaml *child = y->first; child; child = child->next)
		model_unit_fill(child, unit, s, ps);
}
