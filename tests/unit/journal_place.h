/* SPDX-License-Identifier: GPL-3.0-or-later
 * journal_place.h - where the tests of the journal work: a folder of their own, and in it a journal of small segments.
 * A test's state is a struct journal_place.
 *
 * OK(call) fails the test with the sentence in journal_err, FAILS(call, code) if it does not fail just so. */
#ifndef JOURNAL_PLACE_H
#define JOURNAL_PLACE_H

#include "journal_aid.h"

#define RUN "LAB-20261124-0001"

extern struct err journal_err;
extern const struct journal_options journal_small;

#define OK(expression) do { \
	if ((expression) < 0) \
		fail_msg("%s: %s", #expression, journal_err.text); \
} while (0)

#define FAILS(expression, expected) do { \
	if ((expression) >= 0) \
		fail_msg("%s succeeded", #expression); \
	if (journal_err.code != (expected)) \
		fail_msg("%s: %s, not %s: %s", #expression, err_word(journal_err.code), err_word(expected), \
			 journal_err.text); \
} while (0)

struct journal_place {
	char *folder, *path;       /* a folder, and the journal's in it */
};

int   journal_place_new(void **state);
int   journal_place_free(void **state);
char *segment_path(const char *folder, unsigned n);      /* until the next call */
void  append_n(struct journal *j, uint64_t n);
void  make_journal(const char *path, uint64_t records, unsigned group);

#define IN_JOURNAL_PLACE(test) cmocka_unit_test_setup_teardown(test, journal_place_new, journal_place_free)

#endif
