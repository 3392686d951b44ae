/* SPDX-License-Identifier: GPL-3.0-or-later
 * blocks.c - /entry/blocks: channels whose readings are arrays, as the instrument sent them. */
#include "projection.h"

#define SENTINELS 64             /* of a channel, that are named in the archive */

enum { SEQUENCE, TIME, AT, SPAN, INTERVAL, VALUE, RAW, POINT, ATTEMPT, STEP, K, STATUS, MARKED, COLUMNS };

static const struct column_spec columns[COLUMNS] = {
	[SEQUENCE] = { .name = "sequence", .kind = COLUMN_UINT64, .units = "",
		       .long_name = "of the record with the last part" },
	[TIME]     = { .name = "time", .kind = COLUMN_INT64, .units = "ns", .start = EPOCH,
		       .long_name = "centre of the exchange, UTC" },
	[AT]       = COLUMN_AT,
	[SPAN]     = { .name = "span", .kind = COLUMN_INT64, .units = "ns", .long_name = "length of the exchange" },
	[INTERVAL] = { .name = "sample_interval", .kind = COLUMN_INT64, .units = "ns",
		       .long_name = "between two samples; 0: not known" },
	[VALUE]    = { .name = "value", .kind = COLUMN_FLOAT32S, .units = NULL,
		       .long_name = "scale times this plus offset is in the units" },
	[RAW]      = { .name = "raw", .kind = COLUMN_BYTES, .units = "",
		       .long_name = "what the instrument said around the bytes" },
	[POINT]    = COLUMN_POINT,
	[ATTEMPT]  = COLUMN_ATTEMPT,
	[STEP]     = COLUMN_STEP,
	[K]        = COLUMN_K,
	/* Only of channels whose record says what their sentinels are. */
	[STATUS]   = { .name = "status", .kind = COLUMN_INT8, .units = "",
		       .meanings = "ok overload underload not_a_number unstable",
		       .long_name = "what the first of its sentinels means" },
	[MARKED]   = { .name = "sentinels", .kind = COLUMN_INT64, .units = "",
		       .long_name = "how many of its numbers mean something else" },
};

struct block_channel {
	char name[CHANNEL_NAME];
	struct column_spec specs[COLUMNS];
	struct table table;
	bool marked;                   /* it has STATUS and MARKED */
	struct buf bytes;              /* of the parts so far */
};

void blocks_begin(struct blocks *b, struct hdf *h, hid_t entry)
{
	*b = (struct blocks){ .h = h, .entry = entry, .group = H5I_INVALID_HID };
}

static struct block_channel *find(const struct blocks *b, const char *name)
{
	for (size_t i = 0; i < b->n; i++)
		if (!strcmp(b->list[i]->name, name))
			return b->list[i];
	return NULL;
}

static enum column_kind kind_of(const char *datatype)
{
	static const struct { const char *word; enum column_kind kind; } kinds[] = {
		{ "float32", COLUMN_FLOAT32S }, { "float64", COLUMN_FLOAT64S },
		{ "int16", COLUMN_INT16S },     { "int32", COLUMN_INT32S },
	};

	for (size_t i = 0; i < sizeof kinds / sizeof *kinds; i++)
		if (!strcmp(kinds[i].word, datatype))
			return kinds[i].kind;
	return COLUMN_BYTES;
}

/* Which of its numbers mean something else, and what. */
static void put_sentinels(struct blocks *b, hid_t group, struct span list)
{
	double values[SENTINELS];
	struct buf words = { 0 };
	struct members one = { 0 };
	struct span key, item;
	size_t at = 0, n = 0;

	while (n < SENTINELS && json_next(list, &at, &key, &item) > 0) {
		if (members_read(&one, item) < 0)
			continue;
		buf_printf(&words, "%s%s", n ? " " : "", member_text(&one, "status"));
		values[n++] = member_number(&one, "value");
	}
	if (n) {
		hdf_attr_list(b->h, group, "sentinel_values", CELL_FLOAT64, values, n);
		hdf_attr_text(b->h, group, "sentinel_meanings", words.data);
	}
	members_release(&one);
	buf_release(&words);
}

static void open_channel(struct blocks *b, struct block_channel *one, const char *name, struct members *m)
{
	char *link;

	if (b->group < 0)
		b->group = hdf_group(b->h, b->entry, "blocks", "NXcollection");
	link = hdf_link_name(b->h, b->group, name);
	memcpy(one->specs, columns, sizeof columns);
	one->specs[VALUE].kind = kind_of(member_text(m, "datatype"));
	table_open(&one->table, b->h, b->group, link, "NXlog", one->specs, one->marked ? COLUMNS : STATUS,
		   member_text(m, "unit"));
	free(link);
}

void blocks_announce(struct blocks *b, const struct record *r, struct members *m)
{
	static const char *const texts[] = { "role", "quantity", "input", "instrument", "ask", "datatype" };
	struct block_channel *one = mem_new(sizeof *one);
	double scale = member_number(m, "scale"), offset = member_number(m, "offset");
	struct span sentinels;
	hid_t group;

	b->list = mem_grow(b->list, b->n, sizeof *b->list);
	b->list[b->n++] = one;
	snprintf(one->name, sizeof one->name, "%s", r->channel);
	one->marked = member_find(m, "sentinels", &sentinels);
	open_channel(b, one, r->channel, m);
	group = one->table.group;
	for (size_t i = 0; i < sizeof texts / sizeof *texts; i++)
		if (*member_text(m, texts[i]))
			hdf_attr_text(b->h, group, texts[i], member_text(m, texts[i]));
	hdf_attr_list(b->h, group, "scale", CELL_FLOAT64, &scale, 1);
	hdf_attr_list(b->h, group, "offset", CELL_FLOAT64, &offset, 1);
	if (member_int(m, "count", 0))
		hdf_attr_int(b->h, group, "count", member_int(m, "count", 0));
	if (one->marked)
		put_sentinels(b, group, sentinels);
	hdf_attr_flag(b->h, group, "simulated", member_flag(m, "simulated"));
}

static void put_marks(struct table *t, struct members *m)
{
	struct span object, key, value;
	int64_t n = 0, one;
	size_t at = 0;

	table_int(t, STATUS, member_status(m));
	if (!member_find(m, "sentinels", &object))
		object.n = 0;
	while (object.n && json_next(object, &at, &key, &value) > 0)
		n += json_get_int(value, &one) == 0 ? one : 0;
	table_int(t, MARKED, n);
}

static void put_row(struct block_channel *one, const struct record *r, struct members *m)
{
	struct table *t = &one->table;
	struct span raw;

	table_int(t, SEQUENCE, (int64_t)r->seq);
	table_int(t, TIME, r->utc_ns);
	table_int(t, AT, member_int(m, "at_ns", INT64_MIN));
	table_int(t, SPAN, member_int(m, "span_ns", 0));
	table_int(t, INTERVAL, member_int(m, "sample_interval_ns", 0));
	table_bytes(t, VALUE, one->bytes.data ? one->bytes.data : "", one->bytes.len);
	raw = member_bytes(m, "raw");
	table_bytes(t, RAW, raw.p, raw.n);
	table_int(t, POINT, member_int(m, "point", -1));
	table_int(t, ATTEMPT, member_int(m, "attempt", 0));
	table_int(t, STEP, member_int(m, "step", -1));
	table_int(t, K, member_int(m, "k", -1));
	if (one->marked)
		put_marks(t, m);
	table_row(t);
}

bool blocks_reading(struct blocks *b, const struct record *r, struct members *m)
{
	struct block_channel *one = find(b, r->channel);
	int64_t part = member_int(m, "part", 1);

	if (!one)
		return false;
	if (part == 1)
		buf_clear(&one->bytes);
	if (r->body_len)
		buf_add(&one->bytes, r->body, r->body_len);
	if (part == member_int(m, "parts", 1))
		put_row(one, r, m);
	return true;
}

void blocks_end(struct blocks *b)
{
	for (size_t i = 0; i < b->n; i++) {
		table_close(&b->list[i]->table);
		buf_release(&b->list[i]->bytes);
		free(b->list[i]);
	}
	free(b->list);
	hdf_close_group(&b->group);
}
