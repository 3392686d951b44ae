/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "model_aid.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stdint.h>

#include <cmocka.h>

#include "model.h"

struct quantities quantities;

int model_aid_start(void **state)
{
	struct problems ps = { 0 };

	(void)state;
	return quantities_load(&quantities, "config/quantities.yaml", &ps);
}

int model_aid_stop(void **state)
{
	(void)state;
	quantities_release(&quantities);
	unit_forget();
	return 0;
}

void model_aid_read(const char *path, const char *text, size_t n, struct problems *ps)
{
	struct model *m;
	int bad = model_parse(&m, path, text, n, &quantities, ps);

	assert_int_equal(bad ? -1 : 0, ps->total ? -1 : 0);
	assert_true((m == NULL) == (ps->total > 0));
	model_free(&m);
}
