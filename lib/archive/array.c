/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "array.h"

#include "reply.h"

#define LLU(n) ((unsigned long long)(n))

/* One part of an array of so many bytes. */
static void check_part(const struct record *r, struct members *m, int64_t bytes, struct archive_report *report)
{
	int64_t part = member_int(m, "part", 0), parts = member_int(m, "parts", 0);
	int64_t wanted = part < parts ? RECORD_BODY_MAX : bytes - (parts - 1) * RECORD_BODY_MAX;

	if (part < 1 || part > parts || (int64_t)r->body_len != wanted)
		report_add(report, "%s, record %llu: part %lld of %lld of an array of %lld bytes has %zu", r->channel,
			   LLU(r->seq), (long long)part, (long long)parts, (long long)bytes, r->body_len);
}

static void check_length(const struct block_form *f, const struct record *r, struct members *m,
			 struct archive_report *report)
{
	int64_t bytes = member_int(m, "bytes", -1);
	struct span words = member_bytes(m, "raw");
	struct err e;

	if (bytes < 0)
		report_add(report, "%s, record %llu: it does not say how long its array is", r->channel, LLU(r->seq));
	else if (block_check(f, words, (size_t)bytes, &e) < 0 ||
		 block_counted(f, (size_t)bytes, (uint64_t)f->count, &e) < 0)
		report_add(report, "%s, record %llu: %s", r->channel, LLU(r->seq), e.text);
	else
		check_part(r, m, bytes, report);
	if (strcmp(member_text(m, "dtype"), block_datatype(f)) != 0)
		report_add(report, "%s, record %llu: its array is %s, the model file says %s", r->channel, LLU(r->seq),
			   member_text(m, "dtype"), block_datatype(f));
}

static void check_marks(const struct block_marks *marks, const struct record *r, struct members *m,
			struct archive_report *report)
{
	struct members stated = { 0 };
	struct span object;

	if (member_find(m, "sentinels", &object))
		members_read(&stated, object);
	if (member_status(m) != (int)marks->first)
		report_add(report, "%s, record %llu: the status is \"%s\", the numbers of its array say \"%s\"", r->channel,
			   LLU(r->seq), member_text(m, "status"), reading_status_name(marks->first));
	for (unsigned s = READING_OK + 1; s < READING_STATUSES; s++) {
		const char *word = reading_status_name((enum reading_status)s);
		int64_t n = member_int(&stated, word, 0);

		if (n != (int64_t)marks->of[s])
			report_add(report, "%s, record %llu: %lld of its numbers are \"%s\", its array has %llu", r->channel,
				   LLU(r->seq), (long long)n, word, LLU(marks->of[s]));
	}
	members_release(&stated);
}

void array_check(struct array *a, const struct model *model, const struct point *p, const struct record *r,
		 struct members *m, struct archive_report *report)
{
	int64_t part = member_int(m, "part", 1);

	check_length(&p->block, r, m, report);
	if (part == 1)
		*a = (struct array){ 0 };
	if (r->body_len)
		reply_array(model, &p->block, (struct span){ r->body, r->body_len }, &a->marks);
	if (part == member_int(m, "parts", 1))
		check_marks(&a->marks, r, m, report);
}
