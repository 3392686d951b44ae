/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_address.c - any text as an address: it is taken or refused with a sentence, its plain form is
 * taken or refused with it, names the same port, and is its own plain form. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "address.h"
#include "mem.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
	if (!ok)
		abort();
}

static void check_taken(const char *text, const char *plain, const struct address *a)
{
	struct host h;
	struct err e;

	require(address_same(text, plain));
	require(strlen(a->place) > 0);
	require(a->unit >= 0 && a->unit <= 255 && a->line.baud >= 50);
	if (a->network)
		require(address_host(a->place, &h, &e) == 0 && h.name[0] && (h.port[0] || h.path[0]));
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_stringn((const char *)data, size), *plain = address_plain(text);
	char *again = address_plain(plain);
	struct address a = { 0 };
	struct err e = { 0 };
	int taken = address_parse(&a, text, NULL, &e);

	require(!strcmp(plain, again));
	require(taken == address_check(plain, &e));
	if (taken == 0)
		check_taken(text, plain, &a);
	else
		require(e.code == ERR_CONFIG && e.text[0]);
	free(text);
	free(plain);
	free(again);
	return 0;
}
