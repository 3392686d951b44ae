/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "live.h"

#include <unistd.h>

#include "hdf.h"
#include "members.h"

#define BATCH     256                  /* rows kept before they are written */
#define CHUNK     512
#define RAW_MOST  64
#define WORD      64
#define SENTENCE  256

struct channel_row {
	char name[CHANNEL_NAME], unit[WORD], quantity[WORD], role[WORD];
	int8_t environment;
};

struct reading_row {
	uint64_t sequence;
	int64_t time, at;
	double value;
	int32_t channel, point, attempt, step, k, raw_length;
	int8_t status, use, raw_cut;
	uint8_t raw[RAW_MOST];
};

struct event_row {
	uint64_t sequence;
	int64_t time;
	int32_t point, attempt, step;
	char event[WORD], role[WORD], text[SENTENCE];
};

/* One member of a row: a number, a text of fixed size, or bytes of fixed size. */
struct field {
	const char *name;
	size_t offset, size;
	enum { INT8, INT32, INT64, UINT64, FLOAT64, TEXT, BYTES } type;
};

#define FIELD(member, kind) { #member, offsetof(struct ROW, member), sizeof ((struct ROW *)0)->member, kind }

#define ROW channel_row
static const struct field channel_fields[] = {
	FIELD(name, TEXT), FIELD(unit, TEXT), FIELD(quantity, TEXT), FIELD(role, TEXT),
	FIELD(environment, INT8), { 0 }
};
#undef ROW

#define ROW reading_row
static const struct field reading_fields[] = {
	FIELD(sequence, UINT64), FIELD(time, INT64), FIELD(at, INT64), FIELD(value, FLOAT64),
	FIELD(channel, INT32), FIELD(point, INT32), FIELD(attempt, INT32), FIELD(step, INT32),
	FIELD(k, INT32), FIELD(raw_length, INT32), FIELD(status, INT8), FIELD(use, INT8),
	FIELD(raw_cut, INT8), FIELD(raw, BYTES), { 0 }
};
#undef ROW

#define ROW event_row
static const struct field event_fields[] = {
	FIELD(sequence, UINT64), FIELD(time, INT64), FIELD(point, INT32), FIELD(attempt, INT32),
	FIELD(step, INT32), FIELD(event, TEXT), FIELD(role, TEXT), FIELD(text, TEXT), { 0 }
};
#undef ROW

struct rows {
	hid_t dataset, type;
	size_t size;
	uint64_t written;
	size_t held;
	char *data;                    /* BATCH rows */
};

struct live {
	struct hdf h;
	struct rows channels, readings, environment, events;
	struct { char name[CHANNEL_NAME]; bool environment; } *known;
	size_t n_known;
	struct members members;
};

/* Tables. */

static hid_t field_type(const struct field *f)
{
	hsize_t n = f->size;
	hid_t t;

	switch (f->type) {
	case INT8:    return H5Tcopy(H5T_STD_I8LE);
	case INT32:   return H5Tcopy(H5T_STD_I32LE);
	case INT64:   return H5Tcopy(H5T_STD_I64LE);
	case UINT64:  return H5Tcopy(H5T_STD_U64LE);
	case FLOAT64: return H5Tcopy(H5T_IEEE_F64LE);
	case BYTES:   return H5Tarray_create2(H5T_STD_U8LE, 1, &n);
	case TEXT:    break;
	}
	t = H5Tcopy(H5T_C_S1);
	H5Tset_size(t, f->size);
	H5Tset_cset(t, H5T_CSET_UTF8);
	return t;
}

static hid_t row_type(const struct field *fields, size_t size)
{
	hid_t row = H5Tcreate(H5T_COMPOUND, size), t;
	const struct field *f;

	for (f = fields; f->name; f++) {
		t = field_type(f);
		H5Tinsert(row, f->name, f->offset, t);
		H5Tclose(t);
	}
	return row;
}

static void rows_open(struct live *l, struct rows *r, hid_t in, const char *name,
		      const struct field *fields, size_t size)
{
	hsize_t none = 0, most = H5S_UNLIMITED, chunk = CHUNK;
	hid_t space = H5Screate_simple(1, &none, &most), create = H5Pcreate(H5P_DATASET_CREATE);

	H5Pset_chunk(create, 1, &chunk);
	r->size = size;
	r->data = mem_array(BATCH, size);
	r->type = row_type(fields, size);
	r->dataset = H5Dcreate2(in, name, r->type, space, H5P_DEFAULT, create, H5P_DEFAULT);
	if (r->dataset < 0)
		hdf_fail(&l->h, "table %s cannot be created", name);
	H5Sclose(space);
	H5Pclose(create);
}

static void rows_write(struct live *l, struct rows *r)
{
	hsize_t from = r->written, n = r->held, end = from + n;
	hid_t memory, space;

	if (n == 0 || hdf_failed(&l->h))
		return;
	if (H5Dset_extent(r->dataset, &end) < 0)
		hdf_fail(&l->h, "a table of the live file cannot grow");
	memory = H5Screate_simple(1, &n, NULL);
	space = H5Dget_space(r->dataset);
	H5Sselect_hyperslab(space, H5S_SELECT_SET, &from, NULL, &n, NULL);
	if (H5Dwrite(r->dataset, r->type, memory, space, H5P_DEFAULT, r->data) < 0)
		hdf_fail(&l->h, "rows of the live file cannot be written");
	H5Sclose(memory);
	H5Sclose(space);
	r->written = end;
	r->held = 0;
}

static void rows_add(struct live *l, struct rows *r, const void *row)
{
	memcpy(r->data + r->held * r->size, row, r->size);
	if (++r->held == BATCH)
		rows_write(l, r);
}

static void rows_close(struct rows *r)
{
	if (r->dataset > 0)
		H5Dclose(r->dataset);
	if (r->type > 0)
		H5Tclose(r->type);
	free(r->data);
}

/* Records. */

/* Cut where a character ends. */
static void copy_text(char *out, size_t size, const char *text)
{
	size_t n = strlen(text);

	if (n >= size)
		for (n = size - 1; n && ((unsigned char)text[n] & 0xc0) == 0x80; n--)
			;
	memset(out, 0, size);
	memcpy(out, text, n);
}

static int32_t find_channel(const struct live *l, const char *name)
{
	size_t i;

	for (i = 0; i < l->n_known; i++)
		if (!strcmp(l->known[i].name, name))
			return (int32_t)i;
	return -1;
}

static int32_t add_channel(struct live *l, const struct record *r)
{
	struct members *m = &l->members;
	struct channel_row row = { 0 };

	if (find_channel(l, r->channel) >= 0)
		return find_channel(l, r->channel);
	l->known = mem_grow(l->known, l->n_known, sizeof *l->known);
	copy_text(l->known[l->n_known].name, sizeof l->known->name, r->channel);
	l->known[l->n_known].environment = r->kind == RECORD_CHANNEL && member_flag(m, "environment");
	copy_text(row.name, sizeof row.name, r->channel);
	copy_text(row.unit, sizeof row.unit, member_text(m, "unit"));
	copy_text(row.quantity, sizeof row.quantity, member_text(m, "quantity"));
	copy_text(row.role, sizeof row.role, member_text(m, "role"));
	row.environment = l->known[l->n_known].environment;
	rows_add(l, &l->channels, &row);
	return (int32_t)l->n_known++;
}

static int8_t status_of(struct members *m)
{
	const char *word = member_text(m, "status");
	enum reading_status s;

	return reading_status_parse((struct span){ word, strlen(word) }, &s) == 0 ? (int8_t)s : -1;
}

static void add_reading(struct live *l, const struct record *r)
{
	struct members *m = &l->members;
	struct reading_row row = { .sequence = r->seq, .time = r->utc_ns };
	struct span raw;
	const char *use;

	row.channel = add_channel(l, r);
	row.at = member_int(m, "at_ns", INT64_MIN);
	row.value = member_number(m, "value");
	row.status = status_of(m);
	row.point = (int32_t)member_int(m, "point", -1);
	row.attempt = (int32_t)member_int(m, "attempt", 0);
	row.step = (int32_t)member_int(m, "step", -1);
	row.k = (int32_t)member_int(m, "k", -1);
	use = member_text(m, "use");
	row.use = !strcmp(use, "measure") ? 1 : !strcmp(use, "settle") ? 2 : 0;
	raw = member_bytes(m, "raw");
	row.raw_length = (int32_t)raw.n;
	row.raw_cut = raw.n > RAW_MOST;
	memcpy(row.raw, raw.p, row.raw_cut ? RAW_MOST : raw.n);
	rows_add(l, l->known[row.channel].environment ? &l->environment : &l->readings, &row);
}

static void add_event(struct live *l, const struct record *r)
{
	struct members *m = &l->members;
	struct event_row row = { .sequence = r->seq, .time = r->utc_ns };

	row.point = (int32_t)member_int(m, "point", -1);
	row.attempt = (int32_t)member_int(m, "attempt", 0);
	row.step = (int32_t)member_int(m, "step", -1);
	copy_text(row.event, sizeof row.event, member_text(m, "event"));
	copy_text(row.role, sizeof row.role, member_text(m, "role"));
	copy_text(row.text, sizeof row.text, member_text(m, "text"));
	rows_add(l, &l->events, &row);
}

static int result_of(struct live *l, struct err *e)
{
	if (hdf_failed(&l->h))
		*e = l->h.err;
	return hdf_failed(&l->h) ? -1 : 0;
}

int live_add(struct live *l, const struct record *r, struct err *e)
{
	if (members_read_own(&l->members, r) < 0)
		return err_set(e, ERR_CORRUPT, "record %llu is not JSON", (unsigned long long)r->seq);
	if (r->kind == RECORD_CHANNEL)
		add_channel(l, r);
	else if (r->kind == RECORD_READING && !*member_text(&l->members, "dtype"))
		add_reading(l, r);      /* arrays only show in the archive */
	else if (r->kind == RECORD_EVENT)
		add_event(l, r);
	return result_of(l, e);
}

int live_flush(struct live *l, struct err *e)
{
	rows_write(l, &l->channels);
	rows_write(l, &l->readings);
	rows_write(l, &l->environment);
	rows_write(l, &l->events);
	return hdf_flush(&l->h, e);
}

/* The file. */

static void describe(struct live *l, const char *run)
{
	hid_t root = H5Gopen2(l->h.file, "/", H5P_DEFAULT), entry;

	hdf_attr_text(&l->h, root, "NX_class", "NXroot");
	hdf_attr_text(&l->h, root, "creator", "etalon");
	hdf_attr_text(&l->h, root, "comment", "a run in progress: neither complete nor durable");
	entry = hdf_group(&l->h, root, "entry", "NXentry");
	hdf_put_text(&l->h, entry, "entry_identifier", run);
	rows_open(l, &l->channels, entry, "channels", channel_fields, sizeof(struct channel_row));
	rows_open(l, &l->readings, entry, "readings", reading_fields, sizeof(struct reading_row));
	rows_open(l, &l->environment, entry, "environment", reading_fields, sizeof(struct reading_row));
	rows_open(l, &l->events, entry, "events", event_fields, sizeof(struct event_row));
	hdf_close_group(&entry);
	hdf_close_group(&root);
}

/* Whoever still reads an old file keeps it: it is unlinked, not overwritten. */
int live_create(struct live **lp, const char *path, const char *run, struct err *e)
{
	struct live *l = mem_new(sizeof *l);

	*lp = l;
	unlink(path);
	if (hdf_open(&l->h, path, HDF_LIVE, e) < 0)
		return -1;
	describe(l, run);
	if (!hdf_failed(&l->h) && H5Fstart_swmr_write(l->h.file) < 0)
		hdf_fail(&l->h, "%s cannot be opened to readers", path);
	return result_of(l, e);
}

void live_close(struct live **lp)
{
	struct live *l = *lp;
	struct err ignored;

	if (!l)
		return;
	rows_close(&l->channels);
	rows_close(&l->readings);
	rows_close(&l->environment);
	rows_close(&l->events);
	hdf_close(&l->h, &ignored);
	members_release(&l->members);
	free(l->known);
	free(l);
	*lp = NULL;
}
