/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_format.c - texts of a model file that the simulator hands to printf: they must take one
 * double and nothing else. */
#include <stdlib.h>
#include <string.h>

#include "model_parts.h"

const char format_form[] = "a text with one number in printf's form, such as %+.8E";

/* The % that is not doubled; NULL: none, or none any more. */
static const char *find_conversion(const char *p)
{
	while ((p = strchr(p, '%')) && p[1] == '%')
		p += 2;
	return p;
}

static bool is_format(const char *text)
{
	const char *p = find_conversion(text);

	if (!p)
		return false;
	p += 1 + strspn(p + 1, "+");
	p += strspn(p, "0123456789") < 3 ? strspn(p, "0123456789") : 0;
	if (*p == '.')
		p += 1 + (strspn(p + 1, "0123456789") < 3 ? strspn(p + 1, "0123456789") : 0);
	return *p && strchr("eEfgG", *p) && !find_conversion(p + 1);
}

void format_read(struct schema_context *c, const struct yaml *node, void *field)
{
	const char *text = schema_scalar(c, node, format_form);

	if (text && !is_format(text))
		schema_problem(c, node, "%s: expected %s, found '%s'", node->key, format_form, text);
	else if (text)
		*(char **)field = mem_string(text);
}

void text_free(void *field)
{
	char **text = field;

	free(*text);
	*text = NULL;
}
