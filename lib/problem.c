/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "problem.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* Where a problem belongs: files in the order they were first named, within one by place. */
static size_t slot(const struct problems *ps, const char *file, int line, int column)
{
	size_t at = ps->n;

	while (at > 0 && strcmp(ps->list[at - 1].file, file))
		at--;
	if (at == 0)
		return ps->n;
	while (at > 0 && !strcmp(ps->list[at - 1].file, file)) {
		const struct problem *p = &ps->list[at - 1];

		if (p->line < line || (p->line == line && p->column <= column))
			break;
		at--;
	}
	return at;
}

void problem_add(struct problems *ps, const char *file, int line, int column, const char *fmt, ...)
{
	char text[1024];
	va_list ap;
	size_t at;

	ps->total++;
	if (ps->n == PROBLEMS_MOST)
		return;
	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	at = slot(ps, file, line, column);
	ps->list = mem_grow(ps->list, ps->n, sizeof *ps->list);
	memmove(ps->list + at + 1, ps->list + at, (ps->n - at) * sizeof *ps->list);
	ps->list[at] = (struct problem){ mem_string(file), line, column, mem_string(text) };
	ps->n++;
}

static void put_place(const struct problem *p, struct buf *out)
{
	buf_puts(out, p->file);
	if (p->line > 0)
		buf_printf(out, ":%d:%d", p->line, p->column);
}

void problems_text(const struct problems *ps, struct buf *out)
{
	for (size_t i = 0; i < ps->n; i++) {
		put_place(&ps->list[i], out);
		buf_printf(out, ": error: %s\n", ps->list[i].text);
	}
	if (ps->total > ps->n)
		buf_printf(out, "and %zu more\n", ps->total - ps->n);
}

void problems_release(struct problems *ps)
{
	for (size_t i = 0; i < ps->n; i++) {
		free(ps->list[i].file);
		free(ps->list[i].text);
	}
	free(ps->list);
	*ps = (struct problems){ 0 };
}

int problems_err(const struct problems *ps, struct err *e)
{
	struct buf b = { 0 };

	if (!ps->total)
		return 0;
	put_place(&ps->list[0], &b);
	buf_printf(&b, ": %s", ps->list[0].text);
	if (ps->total > 1)
		buf_printf(&b, " (and %zu more)", ps->total - 1);
	err_set(e, ERR_CONFIG, "%s", b.data);
	buf_release(&b);
	return -1;
}
