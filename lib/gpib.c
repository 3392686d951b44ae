/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "gpib.h"

#include <string.h>

#include "mem.h"
#include "number.h"

#define LAST_ADDRESS 30

static const char scheme[] = "gpib:";

static int parse_number(const char *text, size_t n, const char *what, int *out, struct err *e)
{
	struct err ignored;
	int64_t v;

	if (number_parse_int(text, n, &v, &ignored) < 0 || v < 0 || v > LAST_ADDRESS)
		return err_set(e, ERR_CONFIG, "'%.*s' is no %s address of a GPIB: 0 to %d", n > 40 ? 40 : (int)n, text, what,
			       LAST_ADDRESS);
	*out = (int)v;
	return 0;
}

int gpib_parse(struct gpib *g, const char *text, struct err *e)
{
	size_t n = strcspn(text, ",");

	*g = (struct gpib){ -1, -1 };
	if (parse_number(text, n, "primary", &g->primary, e) < 0)
		return -1;
	return text[n] ? parse_number(text + n + 1, strlen(text + n + 1), "secondary", &g->secondary, e) : 0;
}

bool gpib_same(const struct gpib *a, const struct gpib *b)
{
	return a->primary == b->primary && a->secondary == b->secondary;
}

int gpib_board(const char *plain)
{
	size_t n = strlen(scheme);
	struct err ignored;
	int64_t v;

	if (strncmp(plain, scheme, n) || number_parse_int(plain + n, strcspn(plain + n, "/"), &v, &ignored) < 0 ||
	    v < 0 || v > INT16_MAX)
		return -1;
	return (int)v;
}

char *gpib_behind(const char *controller, const char *plain, struct err *e)
{
	bool gateway = !strncmp(controller, "vxi11:", 6);
	const char *address = strchr(plain, '/');
	size_t n = strcspn(controller, "?");
	char *whole, *slash;

	if (!gateway && strncmp(controller, "prologix:", 9)) {
		err_set(e, ERR_CONFIG, "'%.80s' is no GPIB controller: expected prologix://HOST, prologix:DEVICE or "
			"vxi11://HOST/gpib0", controller);
		return NULL;
	}
	while (n && controller[n - 1] == '/')
		n--;
	whole = mem_format("%.*s%s%s%s", (int)n, controller, gateway ? "," : "/", address ? address + 1 : "",
			   controller + strcspn(controller, "?"));
	slash = strchr(whole + n + 1, '/');
	if (slash)
		*slash = ',';                   /* before a secondary address */
	return whole;
}
