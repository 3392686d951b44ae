/* SPDX-License-Identifier: GPL-3.0-or-later
 * record_counts.c - how many records of which kind and channel: sorted by name, so that
 * finding one is quick and equal counts are written alike. */
#include "record.h"

/* Where the channel is, or belongs. */
static size_t place(const struct record_counts *c, const char *name, bool *found)
{
	size_t low = 0, high = c->n;

	*found = false;
	while (low < high && !*found) {
		size_t middle = low + (high - low) / 2;
		int order = strcmp(name, c->channels[middle].name);

		*found = order == 0;
		if (order < 0)
			high = middle;
		else
			low = order ? middle + 1 : middle;
	}
	return low;
}

struct channel_count *record_counts_channel(struct record_counts *c, const char *name)
{
	bool found;
	size_t i = place(c, name, &found);

	if (found)
		return &c->channels[i];
	c->channels = mem_grow(c->channels, c->n, sizeof *c->channels);
	memmove(&c->channels[i + 1], &c->channels[i], (c->n - i) * sizeof *c->channels);
	c->channels[i] = (struct channel_count){ 0 };
	snprintf(c->channels[i].name, CHANNEL_NAME, "%s", name);
	c->n++;
	return &c->channels[i];
}

uint64_t record_counts_next(const struct record_counts *c, const char *name)
{
	bool found;
	size_t i = place(c, name, &found);

	return found ? c->channels[i].records : 0;
}

void record_counts_add(struct record_counts *c, enum record_kind kind, const char *channel)
{
	struct channel_count *of = record_counts_channel(c, channel);

	c->kinds[kind]++;
	of->records++;
	if (kind == RECORD_READING)
		of->readings++;
}

void record_counts_take(struct record_counts *c, enum record_kind kind, const char *channel)
{
	bool found;
	size_t i = place(c, channel, &found);
	struct channel_count *of = &c->channels[i];

	c->kinds[kind]--;
	if (kind == RECORD_READING)
		of->readings--;
	if (--of->records == 0) {
		c->n--;
		memmove(of, of + 1, (c->n - i) * sizeof *of);
	}
}

static void put_count(struct buf *b, const char *key, uint64_t n)
{
	json_key(b, key);
	json_int(b, (int64_t)n);
}

void record_counts_put(struct buf *b, const struct record_counts *c)
{
	buf_puts(b, "{\"kinds\":{");
	for (size_t i = 0; i < RECORD_KINDS; i++)
		put_count(b, record_kind_name((enum record_kind)i), c->kinds[i]);
	buf_puts(b, "},\"channels\":{");
	for (size_t i = 0; i < c->n; i++) {
		json_key(b, c->channels[i].name);
		buf_putc(b, '{');
		put_count(b, "records", c->channels[i].records);
		put_count(b, "readings", c->channels[i].readings);
		buf_putc(b, '}');
	}
	buf_puts(b, "}}");
}

static int get_count(struct span object, const char *key, uint64_t *out)
{
	struct span value;
	int64_t n;

	if (json_member(object, key, &value) != 1 || json_get_int(value, &n) < 0 || n < 0)
		return -1;
	*out = (uint64_t)n;
	return 0;
}

static int get_kinds(struct record_counts *c, struct span object)
{
	struct span key, value;
	enum record_kind kind;
	size_t at = 0;
	int more;

	while ((more = json_next(object, &at, &key, &value)) > 0) {
		int64_t n;

		if (key.n < 2 || record_kind_parse((struct span){ key.p + 1, key.n - 2 }, &kind) < 0 ||
		    json_get_int(value, &n) < 0 || n < 0)
			return -1;
		c->kinds[kind] = (uint64_t)n;
	}
	return more;
}

static int get_channels(struct record_counts *c, struct span object)
{
	struct buf name = { 0 };
	struct span key, value;
	size_t at = 0;
	int more;

	while ((more = json_next(object, &at, &key, &value)) > 0) {
		struct channel_count *of;

		buf_clear(&name);
		if (json_get_string(key, &name) < 0 || name.len >= CHANNEL_NAME)
			break;
		of = record_counts_channel(c, name.data ? name.data : "");
		if (get_count(value, "records", &of->records) < 0 ||
		    get_count(value, "readings", &of->readings) < 0)
			break;
	}
	buf_release(&name);
	return more ? -1 : 0;
}

int record_counts_get(struct record_counts *c, struct span object, struct err *e)
{
	struct span kinds, channels;

	record_counts_release(c);
	if (json_member(object, "kinds", &kinds) != 1 || json_member(object, "channels", &channels) != 1 ||
	    *kinds.p != '{' || *channels.p != '{' ||
	    get_kinds(c, kinds) < 0 || get_channels(c, channels) < 0) {
		record_counts_release(c);
		return err_set(e, ERR_CORRUPT, "counts of records are not readable: %.*s",
			       object.n > 80 ? 80 : (int)object.n, object.p);
	}
	return 0;
}

bool record_counts_equal(const struct record_counts *a, const struct record_counts *b)
{
	if (a->n != b->n || memcmp(a->kinds, b->kinds, sizeof a->kinds))
		return false;
	for (size_t i = 0; i < a->n; i++)
		if (strcmp(a->channels[i].name, b->channels[i].name) ||
		    a->channels[i].records != b->channels[i].records ||
		    a->channels[i].readings != b->channels[i].readings)
			return false;
	return true;
}

void record_counts_release(struct record_counts *c)
{
	free(c->channels);
	*c = (struct record_counts){ 0 };
}
