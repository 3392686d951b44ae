/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_found.c - any datagram as what the network says to somebody who looks for instruments: an mDNS response, an
 * answer of a portmapper. */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "mdns.h"
#include "portmap.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool ok)
{
	if (!ok)
		abort();
}

static void look(void *who, const struct mdns_record *r)
{
	char value[32];
	int *n = who;

	++*n;
	require(strlen(r->name) < MDNS_NAME && strlen(r->target) < MDNS_NAME);
	require(r->type == MDNS_TXT || r->text_n == 0);
	if (mdns_property(r, "Model", value, sizeof value))
		require(strlen(value) < sizeof value);
	free(mem_copy(r->text ? r->text : (const uint8_t *)"", r->text_n));      /* a sanitizer reads along */
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	int n = 0, told = mdns_read(data, size, look, &n), port = portmap_answer(data, size, 1);

	require(told == n || told == -1);
	require(port >= -1 && port <= 65535);
	return 0;
}
