/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "journal_aid.h"

#include <inttypes.h>

static const char *const channels[] = { "meter.voltage.dc", "reference.voltage.dc", "room.temperature" };

unsigned aid_epoch;
unsigned aid_epochs[AID_MAX];

struct draft *aid_draft(struct aid *a, uint64_t i)
{
	size_t filler = i % 7 == 0 ? i * 131 % 3000 : i % 40;
	int n = snprintf(a->keys, sizeof a->keys, ",\"value\":%" PRIu64 ".5,\"epoch\":%u,\"raw\":\"%0*d\"",
			 i, aid_epochs[i], (int)filler + 1, 0);

	a->draft = (struct draft){
		.kind = i % 5 == 4 ? RECORD_EVENT : RECORD_READING,
		.channel = i % 5 == 4 ? "" : channels[i % 3],
		.utc_ns = 1795492762000000000 + (int64_t)i, .mono_ns = (int64_t)i * 1000,
		.keys = a->keys, .keys_len = (size_t)n,
		.body = a->body, .body_len = i % 11 == 3 ? i * 97 % sizeof a->body : 0,
	};
	memset(a->body, (int)(i % 251) + 1, a->draft.body_len);
	return &a->draft;
}

int aid_append(struct journal *j, uint64_t i, enum journal_class c, struct err *e)
{
	struct aid a;

	aid_epochs[i] = aid_epoch;
	return journal_append(j, aid_draft(&a, i), c, NULL, e);
}

bool aid_is(const struct record *r, uint64_t i)
{
	struct aid a;
	const struct draft *d = aid_draft(&a, i);

	return r->seq == i && r->kind == d->kind && !strcmp(r->channel, d->channel) &&
	       r->utc_ns == d->utc_ns && r->mono_ns == d->mono_ns && r->body_len == d->body_len &&
	       !memcmp(r->body, d->body, d->body_len) && r->header.n > d->keys_len &&
	       !memcmp(r->header.p + r->header.n - 1 - d->keys_len, d->keys, d->keys_len);
}

int64_t aid_read_all(const char *folder, struct err *e)
{
	struct journal_reader *r;
	struct record rec;
	int64_t n = 0;
	int more;

	if (journal_read_open(&r, folder, e) < 0)
		return -1;
	while ((more = journal_read_next(r, &rec, e)) > 0 && aid_is(&rec, (uint64_t)n))
		n++;
	if (more > 0)
		more = err_set(e, ERR_CORRUPT, "record %" PRIu64 " is not what was appended", rec.seq);
	journal_read_close(&r);
	return more < 0 ? -1 : n;
}
