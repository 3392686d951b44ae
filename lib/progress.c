/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "progress.h"

#include <inttypes.h>

void progress_init(struct progress *p, const char *run)
{
	*p = (struct progress){ .hash = hash_new() };
	snprintf(p->run, sizeof p->run, "%s", run);
}

void progress_release(struct progress *p)
{
	record_counts_release(&p->counts);
	hash_free(&p->hash);
}

bool progress_stopped(const struct progress *p)
{
	return p->counts.kinds[RECORD_STOP] > 0;
}

bool progress_equal(const struct progress *a, const struct progress *b)
{
	return !strcmp(a->run, b->run) && a->seq == b->seq && !memcmp(a->head, b->head, HASH_SIZE) &&
	       record_counts_equal(&a->counts, &b->counts);
}

void progress_put(const struct progress *p, unsigned segment, struct buf *out)
{
	char hex[HASH_TEXT];

	buf_putc(out, '{');
	json_key(out, "format");
	json_int(out, JOURNAL_FORMAT);
	json_key(out, "run");
	json_text(out, p->run);
	json_key(out, "segment");
	json_int(out, segment);
	json_key(out, "first_seq");
	json_int(out, (int64_t)p->seq);
	json_key(out, "head");
	json_text(out, hash_text(p->head, hex));
	json_key(out, "counts");
	record_counts_put(out, &p->counts);
	buf_putc(out, '}');
}

static int get_int(struct span text, const char *key, int64_t *out)
{
	struct span value;

	return json_member(text, key, &value) == 1 ? json_get_int(value, out) : -1;
}

static int get_run(struct progress *p, struct span text)
{
	struct buf name = { 0 };
	struct span value;
	int result = -1;

	if (json_member(text, "run", &value) == 1 && !json_get_string(value, &name) &&
	    name.len > 0 && name.len < RUN_NAME) {
		snprintf(p->run, sizeof p->run, "%s", name.data);
		result = 0;
	}
	buf_release(&name);
	return result;
}

static bool is_beginning(const struct progress *p)
{
	static const struct record_counts none;
	static const uint8_t zeros[HASH_SIZE];

	return p->seq == 0 && !memcmp(p->head, zeros, HASH_SIZE) && record_counts_equal(&p->counts, &none);
}

int progress_get(struct progress *p, unsigned segment, struct span text, struct err *e)
{
	int64_t format, number, seq;
	struct span head, counts;

	if (json_check(text) < 0 || get_int(text, "format", &format) < 0)
		return err_set(e, ERR_CORRUPT, "the segment's header is not readable");
	if (format != JOURNAL_FORMAT)
		return err_set(e, ERR_CONFIG, "the journal has format %" PRId64 "; this program knows %d",
			       format, JOURNAL_FORMAT);
	if (get_run(p, text) < 0 || get_int(text, "segment", &number) < 0 || number != segment ||
	    get_int(text, "first_seq", &seq) < 0 || seq < 0 ||
	    json_member(text, "head", &head) != 1 || head.n < 2 ||
	    hash_parse(head.p + 1, head.n - 2, p->head) < 0 ||
	    json_member(text, "counts", &counts) != 1)
		return err_set(e, ERR_CORRUPT, "the segment's header is not as it should be");
	p->seq = (uint64_t)seq;
	if (record_counts_get(&p->counts, counts, e) < 0)
		return -1;
	if (segment == 1 && !is_beginning(p))
		return err_set(e, ERR_CORRUPT, "the first segment does not begin with record 0");
	return 0;
}

void progress_add(struct progress *p, enum record_kind kind, const char *channel,
		  struct span header, struct span body)
{
	record_chain(p->hash, p->head, p->head, header, body.p, body.n);
	record_counts_add(&p->counts, kind, channel);
	p->seq++;
}

int progress_follow(struct progress *p, const struct frame *f, struct record *r, struct err *e)
{
	if (record_decode(r, f->header, f->body.p, f->body.n, e) < 0)
		return -1;
	if (strcmp(r->run, p->run))
		return err_set(e, ERR_CORRUPT, "a record of run %s in the journal of %s", r->run, p->run);
	if (r->seq != p->seq)
		return err_set(e, ERR_CORRUPT, "record %" PRIu64 " where %" PRIu64 " belongs", r->seq, p->seq);
	if (memcmp(r->prev, p->head, HASH_SIZE))
		return err_set(e, ERR_CORRUPT, "record %" PRIu64 " does not chain to the one before", r->seq);
	if (r->nth != record_counts_next(&p->counts, r->channel))
		return err_set(e, ERR_CORRUPT, "record %" PRIu64 " has a wrong nth %" PRIu64, r->seq, r->nth);
	if (progress_stopped(p))
		return err_set(e, ERR_CORRUPT, "record %" PRIu64 " follows stop", r->seq);
	progress_add(p, r->kind, r->channel, f->header, f->body);
	return 0;
}
