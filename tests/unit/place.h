/* SPDX-License-Identifier: GPL-3.0-or-later
 * place.h - where the tests of the archive work: a folder of their own with room for a journal
 * and the HDF5 file made of it.  A test's state is a struct place.
 *
 * OK(call) fails the test with the sentence in place_err. */
#ifndef PLACE_H
#define PLACE_H

#include "archive.h"

extern struct err place_err;

#define OK(expression) do { \
	if ((expression) < 0) \
		fail_msg("%s: %s", #expression, place_err.text); \
} while (0)

struct place { char *folder, *journal, *file; };

int place_new(void **state);
int place_free(void **state);

#define IN_PLACE(test) cmocka_unit_test_setup_teardown(test, place_new, place_free)

#endif
