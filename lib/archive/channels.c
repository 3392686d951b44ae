/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "projection.h"

#include <math.h>

struct channel {
	char name[CHANNEL_NAME];
	char *path;                /* readings/NAME */
	bool environment;
	struct table table;
};

#define STATUSES "ok overload underload not_a_number unstable"

/* An environment channel has the columns before POINT. */
enum { SEQUENCE, TIME, AT, VALUE, STATUS, RAW, SPAN, EXCHANGE, POINT, ATTEMPT, STEP, K, USE, COLUMNS };

static const struct column_spec columns[COLUMNS] = {
	[SEQUENCE] = { .name = "sequence", .kind = COLUMN_UINT64, .units = "" },
	[TIME]     = { .name = "time", .kind = COLUMN_INT64, .units = "ns",
		       .start = EPOCH, .long_name = "centre of the exchange, UTC" },
	[AT]       = COLUMN_AT,
	[VALUE]    = { .name = "value", .kind = COLUMN_FLOAT64, .units = NULL,
		       .long_name = "NaN unless the status is ok" },
	[STATUS]   = { .name = "status", .kind = COLUMN_INT8, .units = "", .meanings = STATUSES },
	[RAW]      = { .name = "raw", .kind = COLUMN_BYTES, .units = "",
		       .long_name = "what the instrument said" },
	[SPAN]     = { .name = "span", .kind = COLUMN_INT64, .units = "ns",
		       .long_name = "length of the exchange" },
	[EXCHANGE] = { .name = "exchange", .kind = COLUMN_BYTES, .units = "",
		       .long_name = "id of the exchange it was cut from, where several were" },
	[POINT]    = COLUMN_POINT,
	[ATTEMPT]  = COLUMN_ATTEMPT,
	[STEP]     = COLUMN_STEP,
	[K]        = COLUMN_K,
	[USE]      = { .name = "use", .kind = COLUMN_INT8, .units = "",
		       .meanings = "none measure settle" },
};

/* Of a channel whose record states a range.  Journals from before it did keep their digest. */
static struct column_spec *columns_with_range(void)
{
	struct column_spec *list = mem_array(COLUMNS, sizeof *list);

	memcpy(list, columns, sizeof columns);
	list[VALUE].long_name = "NaN unless the status is ok or out_of_range";
	list[STATUS].meanings = STATUSES " out_of_range";
	return list;
}

void channels_begin(struct channels *c, struct hdf *h, hid_t entry)
{
	c->h = h;
	c->ranged = columns_with_range();
	c->readings = hdf_group(h, entry, "readings", "NXcollection");
	c->environment = hdf_group(h, entry, "environment", "NXcollection");
}

static struct channel *find(struct channels *c, const char *name)
{
	size_t i;

	for (i = 1; i <= c->n; i++) {
		size_t at = (c->last + i) % c->n;

		if (!strcmp(c->list[at].name, name)) {
			c->last = at;
			return &c->list[at];
		}
	}
	return NULL;
}

static struct channel *channel_new(struct channels *c, const char *name, bool environment,
				   const char *unit, const struct column_spec *specs)
{
	hid_t in = environment ? c->environment : c->readings;
	char *link = hdf_link_name(c->h, in, name);
	struct channel *one;

	c->list = mem_grow(c->list, c->n, sizeof *c->list);
	one = &c->list[c->n++];
	*one = (struct channel){ .environment = environment };
	snprintf(one->name, sizeof one->name, "%s", name);
	one->path = mem_format("%s/%s", environment ? "environment" : "readings", link);
	table_open(&one->table, c->h, in, link, "NXlog", specs, environment ? POINT : COLUMNS, unit);
	free(link);
	return one;
}

void channels_announce(struct channels *c, const struct record *r, struct members *m)
{
	static const char *const texts[] = { "role", "quantity", "instrument", "ask", "datatype" };
	bool ranged = !isnan(member_number(m, "low")) || !isnan(member_number(m, "high"));
	struct channel *one;
	hid_t group;
	size_t i;

	if (find(c, r->channel))
		return;
	one = channel_new(c, r->channel, member_flag(m, "environment"), member_text(m, "unit"),
			  ranged ? c->ranged : columns);
	group = one->table.group;
	for (i = 0; i < sizeof texts / sizeof *texts; i++)
		hdf_attr_text(c->h, group, texts[i], member_text(m, texts[i]));
	if (*member_text(m, "input"))
		hdf_attr_text(c->h, group, "input", member_text(m, "input"));
	hdf_attr_int(c->h, group, "interval_ns", member_int(m, "interval_ns", 0));
	hdf_attr_int(c->h, group, "aperture_ns", member_int(m, "aperture_ns", 0));
	hdf_attr_flag(c->h, group, "simulated", member_flag(m, "simulated"));
}

static int use_of(struct members *m)
{
	const char *word = member_text(m, "use");

	return !strcmp(word, "measure") ? 1 : !strcmp(word, "settle") ? 2 : 0;
}

void channels_reading(struct channels *c, const struct record *r, struct members *m)
{
	struct channel *one = find(c, r->channel);
	struct table *t;
	const char *exchange;
	struct span raw;
	int status = member_status(m);

	if (!one)
		one = channel_new(c, r->channel, false, member_text(m, "unit"), columns);
	t = &one->table;
	table_int(t, SEQUENCE, (int64_t)r->seq);
	table_int(t, TIME, r->utc_ns);
	table_int(t, AT, member_int(m, "at_ns", INT64_MIN));
	table_number(t, VALUE, reading_has_value((enum reading_status)status) ? member_number(m, "value") : (double)NAN);
	table_int(t, STATUS, status);
	raw = member_bytes(m, "raw");
	table_bytes(t, RAW, raw.p, raw.n);
	table_int(t, SPAN, member_int(m, "span_ns", 0));
	exchange = member_text(m, "exchange");
	table_bytes(t, EXCHANGE, exchange, strlen(exchange));
	if (!one->environment) {
		table_int(t, POINT, member_int(m, "point", -1));
		table_int(t, ATTEMPT, member_int(m, "attempt", 0));
		table_int(t, STEP, member_int(m, "step", -1));
		table_int(t, K, member_int(m, "k", -1));
		table_int(t, USE, use_of(m));
	}
	table_row(t);
}

char *channels_first(const struct channels *c)
{
	int environment;
	size_t i;

	for (environment = 0; environment < 2; environment++)
		for (i = 0; i < c->n; i++)
			if (c->list[i].environment == environment && c->list[i].table.rows)
				return mem_string(c->list[i].path);
	return NULL;
}

void channels_end(struct channels *c)
{
	size_t i;

	for (i = 0; i < c->n; i++) {
		table_close(&c->list[i].table);
		free(c->list[i].path);
	}
	free(c->list);
	free(c->ranged);
	hdf_close_group(&c->readings);
	hdf_close_group(&c->environment);
}
