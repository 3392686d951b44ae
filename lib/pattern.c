/* SPDX-License-Identifier: GPL-3.0-or-later
 * Bounded so that no file can make regcomp eat the machine. */
#include "pattern.h"

#include <ctype.h>
#include <locale.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "number.h"

#define LONGEST 256
#define REPEATS 1000

const char pattern_form[] = "an extended regular expression (POSIX)";

/* {m,n} copies what stands before it, and they multiply where they nest. */
static bool repeats_too_much(const char *text)
{
	double product = 1;

	for (const char *p = strchr(text, '{'); p; p = strchr(p + 1, '{')) {
		double low = strtod(p + 1, NULL);
		const char *comma = p + 1 + strspn(p + 1, "0123456789");
		double high = *comma == ',' ? strtod(comma + 1, NULL) : 0;

		product *= low > high ? fmax(low, 1) : fmax(high, 1);
	}
	return product > REPEATS;
}

/* \1 to \9: matching them takes exponential time. */
static bool refers_back(const char *text)
{
	for (const char *p = strchr(text, '\\'); p && p[1]; p = strchr(p + 2, '\\'))
		if (isdigit((unsigned char)p[1]))
			return true;
	return false;
}

void pattern_read(struct schema_context *c, const struct yaml *node, void *field)
{
	struct pattern *p = field;
	const char *text = schema_scalar(c, node, pattern_form);
	const char *refusal;
	locale_t before;
	char why[128];
	int bad;

	if (!text)
		return;
	refusal = node->len > LONGEST ? "is longer than 256 characters" :
		  repeats_too_much(text) ? "repeats more than 1000 times" :
		  refers_back(text) ? "refers back (\\1), which is not done here" : NULL;
	if (refusal) {
		schema_problem(c, node, "this expression %s", refusal);
		return;
	}
	/* Bytes match bytes, in the daemon as in a tool whose output is UTF-8. */
	before = uselocale(number_locale());
	bad = regcomp(&p->compiled, text, REG_EXTENDED);
	uselocale(before);
	if (bad) {
		regerror(bad, &p->compiled, why, sizeof why);
		schema_problem(c, node, "'%s' is not %s: %s", text, pattern_form, why);
		return;
	}
	p->text = mem_string(text);
}

void pattern_free(void *field)
{
	struct pattern *p = field;

	if (!p->text)
		return;
	regfree(&p->compiled);
	free(p->text);
	*p = (struct pattern){ 0 };
}

bool pattern_matches(const struct pattern *p, const char *text, size_t n, regmatch_t *groups, size_t n_groups)
{
	regmatch_t own[1], *g = groups ? groups : own;

	if (memchr(text, 0, n))
		return false;
	g[0] = (regmatch_t){ .rm_so = 0, .rm_eo = (regoff_t)n };
	return regexec(&p->compiled, text, groups ? n_groups : 1, g, REG_STARTEND) == 0;
}
