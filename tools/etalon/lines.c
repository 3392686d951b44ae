/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "lines.h"

#include <ctype.h>
#include <inttypes.h>
#include <string.h>

void lines_json(const struct record *r, FILE *out)
{
	fwrite(r->header.p, 1, r->header.n, out);
	fputc('\n', out);
}

/* Texts come from instruments and files: nothing of them may steer a terminal. */
static void put_safely(const char *s, size_t n, FILE *out)
{
	for (size_t i = 0; i < n; i++) {
		unsigned char c = (unsigned char)s[i];

		if (c < 0x20 || c == 0x7f)
			fprintf(out, "\\x%02x", c);
		else
			fputc(c, out);
	}
}

/* Bytes of an instrument, of which only printable ASCII shows as it is. */
static void put_bytes(struct span value, FILE *out)
{
	struct buf bytes = { 0 };

	json_get_bytes(value, &bytes);
	fputc('"', out);
	for (size_t i = 0; i < bytes.len; i++) {
		unsigned char c = (unsigned char)bytes.data[i];

		if (c < 0x20 || c >= 0x7f || c == '"' || c == '\\')
			fprintf(out, "\\x%02x", c);
		else
			fputc(c, out);
	}
	fputc('"', out);
	buf_release(&bytes);
}

static void put_member(const struct record *r, const char *key, FILE *out)
{
	struct buf text = { 0 };
	struct span value;

	if (!record_get(r, key, &value) || json_isnull(value) || json_equals(value, ""))
		return;
	fputc(' ', out);
	if (!strcmp(key, "raw") || !strcmp(key, "sent") || !strcmp(key, "received")) {
		put_bytes(value, out);
	} else if (json_get_string(value, &text) == 0) {
		put_safely(text.data ? text.data : "", text.len, out);
	} else {
		put_safely(value.p, value.n, out);
	}
	buf_release(&text);
}

/* What of each kind a person wants to see, in this order. */
static const char *const shown[RECORD_KINDS][12] = {
	[RECORD_FILE] = { "what", "name", "part", "parts", "sha256" },
	[RECORD_START] = { "procedure", "bench", "operator", "simulated" },
	[RECORD_CHANNEL] = { "unit", "instrument", "ask" },
	[RECORD_READING] = { "value", "unit", "status", "raw", "use", "point", "attempt", "k" },
	[RECORD_EXCHANGE] = { "role", "why", "sent", "received", "code", "failed" },
	[RECORD_EVENT] = { "event", "role", "point", "attempt", "step", "raw", "outcome", "code", "text" },
	[RECORD_RESULT] = { "result", "point", "n", "value", "unit", "experimental_standard_deviation",
			    "standard_uncertainty_type_a", "method" },
	[RECORD_STOP] = { "status", "reason" },
};

void lines_text(const struct record *r, FILE *out)
{
	char utc[UTC_TEXT];

	fprintf(out, "%6" PRIu64 " %s %-8s", r->seq, utc_format(r->utc_ns, utc),
		record_kind_name(r->kind));
	if (r->channel[0])
		fprintf(out, " %s", r->channel);
	for (const char *const *key = shown[r->kind]; *key; key++)
		put_member(r, *key, out);
	fputc('\n', out);
}
