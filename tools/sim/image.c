/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image.h"

#include <math.h>

#include "reply.h"

#define TABLES   (TABLE_DISCRETE + 1)
#define TOGETHER 64              /* most quantities in one request */
#define WIDEST   8               /* bytes of the longest register type */

enum cell_kind { CELL_MEASURED, CELL_COMMANDED, CELL_IDENTITY };

/* A number that stands in registers. */
struct cell {
	enum cell_kind kind;
	const struct registers *registers;
	struct device_point *point;          /* not of an identity */
};

struct image {
	struct device *device;
	struct cell *cells;
	size_t n;
	pthread_mutex_t lock;                /* over the map */
	modbus_mapping_t *map;
};

static bool bits(int table)
{
	return table == TABLE_COIL || table == TABLE_DISCRETE;
}

static int words(const struct registers *r)
{
	return bits(r->table) ? 1 : (int)registers_words(r);
}

static void add(struct image *im, enum cell_kind kind, const struct registers *r,
		struct device_point *dp)
{
	im->cells = mem_grow(im->cells, im->n, sizeof *im->cells);
	im->cells[im->n++] = (struct cell){ kind, r, dp };
}

static bool same_place(const struct registers *a, const struct registers *b)
{
	return a->table == b->table && a->address == b->address;
}

static void add_point(struct image *im, struct device_point *dp)
{
	const struct point *p = dp->point;

	if (p->has_target)
		add(im, CELL_COMMANDED, &p->target, dp);
	if (p->has_registers && !(p->has_target && same_place(&p->registers, &p->target)))
		add(im, CELL_MEASURED, &p->registers, dp);
}

/* First register of a table and how many up to the last one. */
static void extent(const struct image *im, int table, unsigned *start, unsigned *count)
{
	unsigned end = 0;

	*start = 65536;
	for (size_t i = 0; i < im->n; i++) {
		const struct registers *r = im->cells[i].registers;

		if (r->table != table)
			continue;
		if (r->address < *start)
			*start = (unsigned)r->address;
		if ((unsigned)r->address + (unsigned)words(r) > end)
			end = (unsigned)r->address + (unsigned)words(r);
	}
	*count = end > *start ? end - *start : 0;
	if (!*count)
		*start = 0;
}

int image_new(struct image **out, struct device *d, struct err *e)
{
	struct image *im = *out = mem_new(sizeof *im);
	unsigned start[TABLES], count[TABLES];
	const struct model *m = d->model;

	im->device = d;
	pthread_mutex_init(&im->lock, NULL);
	if (m->identity.has_registers)
		add(im, CELL_IDENTITY, &m->identity.registers, NULL);
	for (size_t i = 0; i < d->n_points; i++)
		add_point(im, &d->points[i]);
	for (int t = 0; t < TABLES; t++)
		extent(im, t, &start[t], &count[t]);
	im->map = modbus_mapping_new_start_address(
		start[TABLE_COIL], count[TABLE_COIL], start[TABLE_DISCRETE], count[TABLE_DISCRETE],
		start[TABLE_HOLDING], count[TABLE_HOLDING], start[TABLE_INPUT], count[TABLE_INPUT]);
	if (im->n <= TOGETHER && im->map)
		return 0;
	image_free(out);
	return err_set(e, ERR_CONFIG, "model %s: more than %d numbers in registers", m->name, TOGETHER);
}

void image_free(struct image **im)
{
	if (!*im)
		return;
	modbus_mapping_free((*im)->map);
	free((*im)->cells);
	free(*im);
	*im = NULL;
}

struct device *image_device(const struct image *im)
{
	return im->device;
}

modbus_mapping_t *image_lock(struct image *im)
{
	pthread_mutex_lock(&im->lock);
	return im->map;
}

void image_unlock(struct image *im)
{
	pthread_mutex_unlock(&im->lock);
}

static int word(const uint8_t *p)
{
	return p[0] << 8 | p[1];
}

/* MODBUS Application Protocol V1.1b3, chapter 6: 1 to 4 read, 5 and 6 write one, 15 and 16
 * several. */
bool image_request(const uint8_t *pdu, size_t n, struct request *r)
{
	static const int tables[17] = {
		[1] = TABLE_COIL, [2] = TABLE_DISCRETE, [3] = TABLE_HOLDING, [4] = TABLE_INPUT,
		[5] = TABLE_COIL, [6] = TABLE_HOLDING, [15] = TABLE_COIL, [16] = TABLE_HOLDING,
	};
	bool single, several;

	*r = (struct request){ .function = n ? pdu[0] : 0, .count = 1 };
	single = r->function == 5 || r->function == 6;
	several = r->function == 15 || r->function == 16;
	if (n < 5 || r->function < 1 || !(r->function <= 6 || several))
		return false;
	r->table = tables[r->function];
	r->address = word(pdu + 1);
	if (single) {
		r->values = pdu + 3;
		return true;
	}
	r->count = word(pdu + 3);
	if (!several)
		return true;
	r->values = pdu + 6;
	return n >= 6 && n - 6 >= pdu[5]
		&& pdu[5] == (r->function == 16 ? 2 * r->count : (r->count + 7) / 8);
}

static bool concerns(const struct cell *c, const struct request *r)
{
	return c->registers->table == r->table && c->registers->address < r->address + r->count
		&& c->registers->address + words(c->registers) > r->address;
}

enum topic image_topic(const struct image *im, const struct request *r)
{
	enum topic topic = TOPIC_OTHER;

	if (r->values)
		return TOPIC_SET;
	for (size_t i = 0; i < im->n; i++) {
		if (!concerns(&im->cells[i], r))
			continue;
		if (im->cells[i].kind == CELL_MEASURED)
			return TOPIC_MEASURE;
		if (im->cells[i].kind == CELL_IDENTITY)
			topic = TOPIC_IDENTITY;
	}
	return topic;
}

/* Where a cell's registers are in the map: words, or for bits bytes. */
static void put(struct image *im, const struct registers *r, const uint8_t *bytes)
{
	modbus_mapping_t *m = im->map;
	int at = (int)r->address;

	if (r->table == TABLE_COIL)
		m->tab_bits[at - m->start_bits] = bytes[0];
	else if (r->table == TABLE_DISCRETE)
		m->tab_input_bits[at - m->start_input_bits] = bytes[0];
	else
		for (int i = 0; i < words(r); i++) {
			uint16_t *to = r->table == TABLE_INPUT
				? m->tab_input_registers + at - m->start_input_registers
				: m->tab_registers + at - m->start_registers;

			to[i] = (uint16_t)word(bytes + 2 * i);
		}
}

static double largest(const struct registers *r)
{
	static const double raw[] = {
		[TYPE_INT16] = INT16_MAX, [TYPE_UINT16] = UINT16_MAX, [TYPE_INT32] = INT32_MAX,
		[TYPE_UINT32] = UINT32_MAX, [TYPE_FLOAT32] = NAN, [TYPE_FLOAT64] = NAN, [TYPE_BIT] = 1,
	};

	return raw[r->type] * r->scale + r->offset;
}

/* The model's own sign of overload if it has one and the registers can hold it, else NaN or
 * the largest number. */
static void encode_overload(const struct image *im, const struct registers *r, uint8_t *bytes)
{
	struct err e;

	if (im->device->model->sentinels.n
	    && !registers_encode(r, device_overload(im->device->model), bytes, &e))
		return;
	if (registers_encode(r, largest(r), bytes, &e))
		memset(bytes, 0xff, WIDEST);
}

static void put_measured(struct image *im, const struct cell *c, const struct sensed *s,
			 const struct fault *f)
{
	uint8_t bytes[WIDEST] = { 0 };
	struct err e;

	if (f->kind == FAULT_OVERLOAD || device_overloaded(s)
	    || registers_encode(c->registers, s->value, bytes, &e))
		encode_overload(im, c->registers, bytes);
	put(im, c->registers, bytes);
	device_tell(im->device, s, 1,
		    (struct span){ (char *)bytes, registers_bytes(c->registers) }, f);
}

static void put_kept(struct image *im, const struct cell *c, const struct fault *f)
{
	uint8_t bytes[WIDEST] = { 0 };
	double value = c->kind == CELL_COMMANDED ? device_commanded(im->device, c->point)
		: im->device->model->identity.value;
	struct err e;

	if (c->kind == CELL_IDENTITY && f->kind == FAULT_IDENTITY)
		value += c->registers->scale;
	if (registers_encode(c->registers, value, bytes, &e))
		encode_overload(im, c->registers, bytes);
	put(im, c->registers, bytes);
}

void image_read(struct image *im, const struct request *r, const struct fault *f)
{
	instant asked = instant_now();
	struct sensed s[TOGETHER];
	size_t n = 0, k = 0;

	for (size_t i = 0; i < im->n; i++)
		if (concerns(&im->cells[i], r) && im->cells[i].kind == CELL_MEASURED)
			s[n++].of = im->cells[i].point;
	if (n)
		device_sense(im->device, s, n, asked);
	pthread_mutex_lock(&im->lock);
	for (size_t i = 0; i < im->n; i++) {
		const struct cell *c = &im->cells[i];

		if (!concerns(c, r))
			continue;
		if (c->kind == CELL_MEASURED)
			put_measured(im, c, &s[k++], f);
		else
			put_kept(im, c, f);
	}
	pthread_mutex_unlock(&im->lock);
}

/* The bytes of a cell after the write: what it does not touch stays as commanded. */
static double written(const struct image *im, const struct cell *c, const struct request *r)
{
	const struct registers *to = c->registers;
	uint8_t bytes[WIDEST] = { 0 };
	struct err e;

	(void)registers_encode(to, device_commanded(im->device, c->point), bytes, &e);
	if (r->function == 5) {
		bytes[0] = r->values[0] != 0;
	} else if (r->function == 15) {
		int bit = (int)to->address - r->address;

		bytes[0] = r->values[bit / 8] >> bit % 8 & 1;
	} else {
		for (int i = 0; i < words(to); i++) {
			int from = (int)to->address + i - r->address;

			if (from >= 0 && from < r->count)
				memcpy(bytes + 2 * i, r->values + 2 * from, 2);
		}
	}
	return registers_decode(to, bytes);
}

int image_write(struct image *im, const struct request *r, const struct fault *f)
{
	bool any = false;
	struct err e;

	for (size_t i = 0; i < im->n; i++) {
		const struct cell *c = &im->cells[i];

		if (c->kind != CELL_COMMANDED || !concerns(c, r))
			continue;
		any = true;
		if (device_set(im->device, c->point, written(im, c, r), f, &e))
			return f->kind == FAULT_REFUSE ? MODBUS_EXCEPTION_SLAVE_OR_SERVER_FAILURE
				: MODBUS_EXCEPTION_ILLEGAL_DATA_VALUE;
	}
	return any ? 0 : MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS;
}
