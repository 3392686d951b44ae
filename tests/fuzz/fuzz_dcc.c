/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_dcc.c - any bytes, read as a digital calibration certificate, and as a unit of the D-SI. */
#include <stdint.h>
#include <stdlib.h>

#include "dcc.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char *text = mem_stringn((const char *)data, size);
	struct dcc *d;
	struct err e;

	dcc_parse(&d, data, size, &e);
	dcc_free(&d);
	free(dsi_unit(text));
	free(text);
	return 0;
}
