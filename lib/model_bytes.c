/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model_bytes.h"

#include <string.h>

static bool for_people(const struct yaml *y)
{
	static const char *const keys[] = { "title", "manufacturer", "number", "seen", "manual", "text", "unit", "picture" };

	for (size_t i = 0; y->key && i < sizeof keys / sizeof *keys; i++)
		if (!strcmp(y->key, keys[i]))
			return true;
	return false;
}

/* In place: each two bytes of UTF-8 become one.  False at a character that is no byte. */
static bool shorten(char *text, size_t *len)
{
	const unsigned char *from = (const unsigned char *)text, *end = from + *len;
	char *to = text;

	while (from < end) {
		if (*from > 0xC3)
			return false;
		if (*from >= 0xC2) {
			*to++ = (char)(*from << 6 | (from[1] & 0x3F));
			from += 2;
		} else {
			*to++ = (char)*from++;
		}
	}
	*to = '\0';
	*len = (size_t)(to - text);
	return true;
}

static void check(bool bytes, const struct yaml *y, const struct source *s, struct problems *ps)
{
	if (!bytes)
		problem_add(ps, s->path, y->line, y->column, "what goes over the wire is bytes \\x01 to \\xFF, one for each "
			    "character, and there is one beyond U+00FF");
}

/* The instrument's words are the keys; what they mean is for people. */
static void fill_words(struct yaml *units, const struct source *s, struct problems *ps)
{
	for (struct yaml *word = units->first; word; word = word->next) {
		size_t n = word->key ? strlen(word->key) : 0;

		check(!n || shorten(word->key, &n), word, s, ps);
	}
}

void model_bytes_fill(struct yaml *y, const struct source *s, struct problems *ps)
{
	if (for_people(y))
		return;
	if (y->key && !strcmp(y->key, "units")) {
		fill_words(y, s, ps);
		return;
	}
	if (y->kind == YAML_TEXT && y->text)
		check(shorten(y->text, &y->len), y, s, ps);
	for (struct yaml *child = y->first; child; child = child->next)
		model_bytes_fill(child, s, ps);
}
