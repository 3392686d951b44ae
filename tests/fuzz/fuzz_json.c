/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_json.c - checking, walking and decoding must agree about any text, and what a string says
 * must come back when it is written again. */
#include <stdint.h>

#include "record.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void round_trip(struct span string)
{
	struct buf text = { 0 }, again = { 0 }, back = { 0 };

	must(json_get_string(string, &text) == 0);
	json_textn(&again, text.data ? text.data : "", text.len);
	must(json_get_string((struct span){ again.data, again.len }, &back) == 0);
	must(back.len == text.len && (!text.len || !memcmp(back.data, text.data, text.len)));
	buf_release(&text);
	buf_release(&again);
	buf_release(&back);
}

static void value_is_fine(struct span value)
{
	struct buf bytes = { 0 };
	int64_t i;
	double x;
	bool b;

	must(json_check(value) == 0);
	json_get_int(value, &i);
	json_get_number(value, &x);
	json_get_bool(value, &b);
	json_get_bytes(value, &bytes);
	json_equals(value, "abc");
	if (*value.p == '"')
		round_trip(value);
	buf_release(&bytes);
}

/* -1 where a member, an element or the end is malformed. */
static int walk(struct span container)
{
	struct span key, value;
	size_t at = 0;
	int more;

	while ((more = json_next(container, &at, &key, &value)) > 0)
		value_is_fine(value);
	return more;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct span text = { (const char *)data, size }, value;
	int valid = json_check(text);
	struct record r;
	struct err e;

	if (size > 0 && (*data == '{' || *data == '['))
		must(walk(text) == valid);
	if (json_member(text, "prev", &value) == 1)
		value_is_fine(value);
	if (record_decode(&r, text, NULL, 0, &e) == 0)
		must(valid == 0 && *r.run && strlen(r.channel) < CHANNEL_NAME);
	return 0;
}
