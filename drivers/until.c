/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "until.h"

#include <string.h>

/* One block's header and bytes at the head of n bytes: *size, if they are all there. */
static enum seen find_block(const char *p, size_t n, size_t *size)
{
	size_t length = 0, digits;

	if (n < 2)
		return n == 1 && p[0] != '#' ? SEEN_NONSENSE : SEEN_PART;
	if (p[0] != '#' || p[1] < '1' || p[1] > '9')
		return SEEN_NONSENSE;
	digits = (size_t)(p[1] - '0');
	for (size_t i = 0; i < digits && 2 + i < n; i++) {
		if (p[2 + i] < '0' || p[2 + i] > '9')
			return SEEN_NONSENSE;
		length = 10 * length + (size_t)(p[2 + i] - '0');
	}
	if (n < 2 + digits)
		return SEEN_PART;
	if (length > LINK_REPLY_MAX)
		return SEEN_NONSENSE;
	*size = 2 + digits + length;
	return n < *size ? SEEN_PART : SEEN_WHOLE;
}

/* Blocks in a row, then the mark, or in its place the end of the message.  Those before the last need no second look. */
static enum seen find_blocks(struct until_view *v, const char *mark, size_t *len)
{
	size_t at = v->looked, n = v->n, size, mark_len = mark ? strlen(mark) : 0;
	const char *p = v->p;

	for (;;) {
		enum seen s = at > LINK_REPLY_MAX ? SEEN_NONSENSE : find_block(p + at, n - at, &size);

		v->looked = at;
		if (s != SEEN_WHOLE)
			return s;
		at += size;
		*len = at;
		if (!mark || (v->ended && at == n))
			return SEEN_WHOLE;
		size = n - at < mark_len ? n - at : mark_len;
		if (!memcmp(p + at, mark, size))
			return size == mark_len ? SEEN_WHOLE : SEEN_PART;
		if (p[at] == ',')
			at++;
	}
}

/* What stands behind the last mark ends with the message where the transport says that this has ended. */
static enum seen at_the_end(const struct until_view *v, struct until end, size_t behind_mark, size_t *len)
{
	if (!v->ended || (end.lines > 1 && (v->marks + 1 < end.lines || v->n == behind_mark)))
		return v->n > LINK_LINE_MAX ? SEEN_NONSENSE : SEEN_PART;
	*len = v->n;
	return SEEN_WHOLE;
}

static enum seen find_mark(struct until_view *v, struct until end, size_t *len)
{
	size_t mark_len = strlen(end.mark), n = v->n, behind = v->looked;
	const char *at;

	while ((at = memmem(v->p + v->looked, n - v->looked, end.mark, mark_len))) {
		behind = (size_t)(at - v->p) + mark_len;
		if (v->marks + 1 >= end.lines) {
			*len = end.whole ? behind + end.behind : behind - mark_len;
			return *len <= n ? SEEN_WHOLE : SEEN_PART;
		}
		v->marks++;
		v->looked = behind;
	}
	if (n >= mark_len && n - mark_len + 1 > v->looked)
		v->looked = n - mark_len + 1;
	return at_the_end(v, end, behind, len);
}

/* One of the words, or as much of it as has come. */
static enum seen find_word(const char *p, size_t n, const char *const words[2], size_t *len)
{
	enum seen best = SEEN_NONSENSE;

	for (int i = 0; i < 2 && words[i]; i++) {
		size_t word_len = strlen(words[i]);

		if (memcmp(p, words[i], n < word_len ? n : word_len))
			continue;
		*len = word_len;
		if (n >= word_len)
			return SEEN_WHOLE;
		best = SEEN_PART;
	}
	return best;
}

static enum seen look(struct until_view *v, struct until end, size_t *len)
{
	const char *p = v->p;
	size_t n = v->n;

	*len = n;
	if (end.block && v->ends && n > 1 && !memcmp(p, "#0", 2))
		return v->ended ? SEEN_WHOLE : n > LINK_REPLY_MAX ? SEEN_NONSENSE : SEEN_PART;
	if (end.block)
		return find_blocks(v, end.mark, len);
	if (end.count) {
		*len = end.count;
		return end.count > LINK_REPLY_MAX ? SEEN_NONSENSE : n < end.count ? SEEN_PART : SEEN_WHOLE;
	}
	if (end.either[0])
		return find_word(p, n, end.either, len);
	if (end.mark && !end.block)
		return find_mark(v, end, len);
	return v->ended ? SEEN_WHOLE : n > (end.pause_ns ? LINK_LINE_MAX : LINK_REPLY_MAX) ? SEEN_NONSENSE : SEEN_PART;
}

enum seen until_find(struct until end, struct until_view *v, size_t *len)
{
	enum seen s = look(v, end, len);

	return s == SEEN_PART && v->ended ? SEEN_NONSENSE : s;
}
