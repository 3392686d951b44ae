/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "inputs.h"

#include <string.h>

bool inputs_match(const char *question, struct span text, struct span *list)
{
	const char *hole = strstr(question, INPUTS_HOLE);
	size_t before = hole ? (size_t)(hole - question) : strlen(question);
	const char *rest = hole ? hole + strlen(INPUTS_HOLE) : "";
	size_t behind = strlen(rest);

	*list = (struct span){ "", 0 };
	if (text.n < before + behind || (!hole && text.n != before) || memcmp(text.p, question, before) ||
	    (behind && memcmp(text.p + text.n - behind, rest, behind)))
		return false;
	if (hole)
		*list = (struct span){ text.p + before, text.n - before - behind };
	return true;
}

bool inputs_nth(struct span list, int64_t n, struct span *one)
{
	for (;;) {
		const char *comma = list.n ? memchr(list.p, ',', list.n) : NULL;
		size_t len = comma ? (size_t)(comma - list.p) : list.n;

		*one = (struct span){ list.p, len };
		if (n-- == 1)
			return len > 0;
		if (!comma)
			return false;
		list = (struct span){ comma + 1, list.n - len - 1 };
	}
}
