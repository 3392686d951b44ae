/* SPDX-License-Identifier: GPL-3.0-or-later
 * station_record.c - readings on their way to the journals of the runs that asked for them. */
#include "station.h"

/* What a number has and an array has not. */
static void put_value(struct buf *b, const struct reading *reading)
{
	json_key(b, "value");
	if (reading_has_value(reading->status) && !reading->point->block.given)
		json_number(b, reading->value);
	else
		buf_puts(b, "null");
	json_put_text(b, "unit", reading->point->known->unit);
	json_put_text(b, "status", reading_status_name(reading->status));
	json_key(b, "raw");
	json_bytes(b, reading->raw.p, reading->raw.n);
}

/* The identity of an exchange of its; nothing where there is none. */
static void put_exchange(struct buf *b, const char *key, const struct service *to, unsigned number)
{
	char id[EXCHANGE_ID];

	if (!number)
		return;
	station_exchange_id(id, to, number);
	json_put_text(b, key, id);
}

static void put_how(struct buf *b, const struct service *to, const struct reading *reading)
{
	json_put_int(b, "span_ns", reading->span_ns);
	put_exchange(b, "exchange", to, reading->exchange);
	put_exchange(b, "counted", to, reading->counted);
	if (reading->field)
		json_put_int(b, "field", reading->field);
	if (reading->at_ns)
		json_put_int(b, "at_ns", reading->at_ns);
}

static void put_asked(struct buf *b, const struct port_request *r, int32_t k)
{
	if (r->what != PORT_MEASURE)
		return;
	json_put_int(b, "point", r->point);
	json_put_int(b, "attempt", r->attempt);
	json_put_int(b, "step", r->step);
	json_put_int(b, "k", k);
	json_put_text(b, "use", r->settle ? "settle" : "measure");
}

/* The array of a reading, or a part of it that fits a record. */
struct part { size_t number, of, from, n; };

static struct part part_of(const struct reading *reading, size_t i)
{
	size_t whole = reading->block.n, from = i * RECORD_BODY_MAX;
	size_t parts = whole / RECORD_BODY_MAX + (whole % RECORD_BODY_MAX || !whole);

	return (struct part){ i + 1, parts, from, whole - from < RECORD_BODY_MAX ? whole - from : RECORD_BODY_MAX };
}

/* How many of its numbers are none, by what they mean. */
static void put_marks(struct buf *b, const struct block_marks *marks)
{
	const char *comma = "";

	if (marks->first == READING_OK)
		return;
	json_key(b, "sentinels");
	buf_putc(b, '{');
	for (unsigned s = READING_OK + 1; s < READING_STATUSES; s++) {
		if (!marks->of[s])
			continue;
		buf_printf(b, "%s\"%s\":%llu", comma, reading_status_name((enum reading_status)s),
			   (unsigned long long)marks->of[s]);
		comma = ",";
	}
	buf_putc(b, '}');
}

static void put_array(struct buf *b, const struct reading *reading, const struct part *part)
{
	const struct block_form *f = &reading->point->block;

	json_put_text(b, "dtype", block_datatype(f));
	json_key(b, "shape");
	buf_printf(b, "[%zu]", reading->block.n / block_width(f));
	json_put_text(b, "sent", f->order == BLOCK_BIG ? "big" : "little");
	json_put_int(b, "sample_interval_ns", f->interval_ns);
	put_marks(b, &reading->marks);
	json_put_int(b, "bytes", (int64_t)reading->block.n);
	json_put_int(b, "part", (int64_t)part->number);
	json_put_int(b, "parts", (int64_t)part->of);
}

static void record(const struct service *to, const struct port_request *r, unsigned i, int32_t k,
		   const struct reading *reading, const struct part *part)
{
	struct scribe *scribe = &to->client->scribe;
	struct entry e = { .what = ENTRY_RECORD, .kind = RECORD_READING, .utc_ns = reading->utc_ns,
			   .mono_ns = reading->mono_ns, .request = r->settle ? r->request : 0, .tag = r->tags[i],
			   .k = k, .value = reading->value, .status = reading->status };

	snprintf(e.channel, sizeof e.channel, "%s.%s", to->role, reading->point->quantity);
	put_value(&scribe->keys, reading);
	if (part)
		put_array(&scribe->keys, reading, part);
	put_how(&scribe->keys, to, reading);
	put_asked(&scribe->keys, r, k);
	scribe_send(scribe, &e, part ? reading->block.p + part->from : NULL, part ? part->n : 0);
}

void station_record(const struct service *to, const struct port_request *r, unsigned i, int32_t k,
		    const struct reading *reading)
{
	struct part part = part_of(reading, 0);

	if (!reading->point->block.given) {
		record(to, r, i, k, reading, NULL);
		return;
	}
	for (size_t number = 0; number < part.of; number++) {
		part = part_of(reading, number);
		record(to, r, i, k, reading, &part);
	}
}
