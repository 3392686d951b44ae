/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "idn.h"

#include <ctype.h>
#include <string.h>

struct span idn_trim(struct span s)
{
	while (s.n && isspace((unsigned char)s.p[0]))
		s = (struct span){ s.p + 1, s.n - 1 };
	while (s.n && isspace((unsigned char)s.p[s.n - 1]))
		s.n--;
	return s;
}

struct span idn_number(struct span model)
{
	static const char word[] = "MODEL ";
	size_t n = strlen(word);

	model = idn_trim(model);
	if (model.n < n || strncasecmp(model.p, word, n))
		return model;
	return idn_trim((struct span){ model.p + n, model.n - n });
}
