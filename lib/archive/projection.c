/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "projection.h"

enum { HEADER, PREV, BODY, COLUMNS };

static const struct column_spec columns[COLUMNS] = {
	[HEADER] = { .name = "header", .kind = COLUMN_BYTES, .units = "",
		     .long_name = "without the 64 digits of prev" },
	[PREV]   = { .name = "prev", .kind = COLUMN_HASH, .units = "" },
	[BODY]   = { .name = "body", .kind = COLUMN_BYTES, .units = "" },
};

struct projection {
	struct hdf *h;
	hid_t root, entry;
	struct table records;
	struct notes notes;
	struct channels channels;
	struct blocks blocks;
	struct happenings happenings;
	struct results results;
	struct members members;
	char run[RUN_NAME];
	struct buf start;              /* header of the start record */
	struct buf cut;                /* the header in hand, without the digits of prev */
	bool simulated, stopped;
	uint8_t head[HASH_SIZE];       /* after the stop record */
};

struct projection *projection_new(struct hdf *h)
{
	struct projection *p = mem_new(sizeof *p);

	p->h = h;
	p->root = hdf_failed(h) ? H5I_INVALID_HID : H5Gopen2(h->file, "/", H5P_DEFAULT);
	hdf_attr_text(h, p->root, "NX_class", "NXroot");
	hdf_attr_text(h, p->root, "default", "entry");
	hdf_attr_text(h, p->root, "creator", "etalon");
	hdf_attr_text(h, p->root, "creator_version", VERSION);
	hdf_attr_int(h, p->root, "etalon_format", ARCHIVE_FORMAT);
	p->entry = hdf_group(h, p->root, "entry", "NXentry");
	hdf_put_text(h, p->entry, "definition", "etalon_run");
	table_open(&p->records, h, p->entry, "record", "NXcollection", columns, COLUMNS, "");
	p->notes = (struct notes){ .h = h, .entry = p->entry, .folders = { H5I_INVALID_HID, H5I_INVALID_HID, H5I_INVALID_HID } };
	channels_begin(&p->channels, h, p->entry);
	blocks_begin(&p->blocks, h, p->entry);
	happenings_begin(&p->happenings, h, p->entry);
	results_begin(&p->results, h, p->entry);
	return p;
}

/* The header is stored without the digits of prev, which hardly compress and stand beside it.
 * Only headers as record_encode writes them can be put together again. */
static int store(struct projection *p, const struct record *r, struct err *e)
{
	static const char before[] = "\"prev\":\"";
	const char *quote = r->header.p + r->own - 1, *prev = quote - (HASH_TEXT - 1);
	char digits[HASH_TEXT];
	struct buf *cut = &p->cut;

	hash_text(r->prev, digits);
	if (memcmp(prev, digits, HASH_TEXT - 1) ||
	    memcmp(prev - (sizeof before - 1), before, sizeof before - 1))
		return err_set(e, ERR_CORRUPT,
			       "record %llu is not written as this program writes headers",
			       (unsigned long long)r->seq);
	buf_clear(cut);
	buf_add(cut, r->header.p, (size_t)(prev - r->header.p));
	buf_add(cut, quote, (size_t)(r->header.p + r->header.n - quote));
	table_bytes(&p->records, HEADER, cut->data, cut->len);
	table_bytes(&p->records, PREV, r->prev, HASH_SIZE);
	table_bytes(&p->records, BODY, r->body, r->body_len);
	table_row(&p->records);
	return 0;
}

static void add_start(struct projection *p, const struct record *r)
{
	if (p->start.len)
		return;
	buf_add(&p->start, r->header.p, r->header.n);
	p->simulated |= member_flag(&p->members, "simulated");
	about_start(p->h, p->entry, r, &p->members);
}

static void add_stop(struct projection *p, const struct record *r)
{
	struct hash *h = hash_new();

	record_chain(h, p->head, r->prev, r->header, r->body, r->body_len);
	hash_free(&h);
	p->stopped = true;
	p->simulated |= member_flag(&p->members, "simulated");
	about_stop(p->h, p->entry, r, &p->members);
}

static void add_channel(struct projection *p, const struct record *r)
{
	if (member_flag(&p->members, "block"))
		blocks_announce(&p->blocks, r, &p->members);
	else
		channels_announce(&p->channels, r, &p->members);
}

static void add_reading(struct projection *p, const struct record *r)
{
	if (!blocks_reading(&p->blocks, r, &p->members))
		channels_reading(&p->channels, r, &p->members);
}

static void dispatch(struct projection *p, const struct record *r)
{
	switch (r->kind) {
	case RECORD_FILE:     notes_add(&p->notes, r, &p->members); break;
	case RECORD_START:    add_start(p, r); break;
	case RECORD_CHANNEL:  add_channel(p, r); break;
	case RECORD_READING:  add_reading(p, r); break;
	case RECORD_EXCHANGE: happenings_exchange(&p->happenings, r, &p->members); break;
	case RECORD_EVENT:    happenings_event(&p->happenings, r, &p->members); break;
	case RECORD_RESULT:   results_add(&p->results, r, &p->members); break;
	case RECORD_STOP:     add_stop(p, r); break;
	case RECORD_KINDS:    break;
	}
}

int projection_add(struct projection *p, const struct record *r, struct err *e)
{
	if (r->seq != p->records.rows)
		return err_set(e, ERR_CORRUPT, "record %llu stands where record %llu belongs",
			       (unsigned long long)r->seq, (unsigned long long)p->records.rows);
	if (p->stopped)
		return err_set(e, ERR_CORRUPT, "record %llu follows the stop record",
			       (unsigned long long)r->seq);
	if (members_read_own(&p->members, r) < 0)
		return err_set(e, ERR_CORRUPT, "the header of record %llu is not JSON",
			       (unsigned long long)r->seq);
	if (store(p, r, e) < 0)
		return -1;
	if (r->seq == 0) {
		memcpy(p->run, r->run, sizeof p->run);
		hdf_put_text(p->h, p->entry, "entry_identifier", r->run);
	}
	dispatch(p, r);
	if (hdf_failed(p->h))
		*e = p->h->err;
	return hdf_failed(p->h) ? -1 : 0;
}

/* Without results, the first channel's readings over time are what a viewer shows. */
static void put_default(struct projection *p)
{
	char *path = channels_first(&p->channels), *target;
	hid_t data;

	if (results_first(&p->results)) {
		hdf_attr_text(p->h, p->entry, "default", "results");
	} else if (path) {
		hdf_attr_text(p->h, p->entry, "default", "data");
		data = hdf_group(p->h, p->entry, "data", "NXdata");
		hdf_attr_text(p->h, data, "signal", "value");
		hdf_attr_text(p->h, data, "axes", "time");
		target = mem_format("/entry/%s/value", path);
		hdf_link(p->h, data, "value", target);
		free(target);
		target = mem_format("/entry/%s/time", path);
		hdf_link(p->h, data, "time", target);
		free(target);
		hdf_close_group(&data);
	}
	free(path);
}

int projection_end(struct projection *p, struct archive_result *made, struct err *e)
{
	if (!p->stopped)
		return err_set(e, ERR_STATE, "the run has no stop record yet");
	put_default(p);
	hdf_put_flag(p->h, p->entry, "simulated", p->simulated);
	hdf_attr_flag(p->h, p->root, "simulated", p->simulated);
	about_instruments(p->h, p->entry, (struct span){ p->start.data, p->start.len }, &p->happenings);
	snprintf(made->run, sizeof made->run, "%s", p->run);
	made->records = p->records.rows;
	memcpy(made->head, p->head, HASH_SIZE);
	return 0;
}

void projection_free(struct projection **pp)
{
	struct projection *p = *pp;

	if (!p)
		return;
	notes_end(&p->notes);
	channels_end(&p->channels);
	blocks_end(&p->blocks);
	happenings_end(&p->happenings);
	results_end(&p->results);
	table_close(&p->records);
	members_release(&p->members);
	buf_release(&p->start);
	buf_release(&p->cut);
	hdf_close_group(&p->entry);
	hdf_close_group(&p->root);
	free(p);
	*pp = NULL;
}
