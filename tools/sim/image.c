/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "image.h"

#include "image_parts.h"

#define TABLES   (TABLE_DISCRETE + 1)
#define TOGETHER 128             /* most quantities in one request */

int image_words(const struct registers *r)
{
	return table_of_bits(r->table) ? 1 : (int)registers_words(r);
}

static void add(struct image *im, enum cell_kind kind, const struct registers *r, size_t point, const void *what)
{
	im->cells = mem_grow(im->cells, im->n, sizeof *im->cells);
	im->cells[im->n++] = (struct cell){ kind, r, point, what };
}

static bool same_place(const struct registers *a, const struct registers *b)
{
	return a->table == b->table && a->address == b->address;
}

static void add_point(struct image *im, size_t i)
{
	const struct point *p = im->device->points[i].point;
	const struct modbus_point *m = &p->modbus;
	const struct register_status *s = m->status.items;

	if (p->has_target)
		add(im, CELL_TARGET, &p->target, i, NULL);
	if (m->readback.given)
		add(im, CELL_READBACK, &m->readback.registers, i, NULL);
	if (p->has_registers && !(p->has_target && same_place(&p->registers, &p->target)))
		add(im, CELL_MEASURED, &p->registers, i, NULL);
	for (size_t k = 0; k < m->status.n; k++)
		add(im, CELL_STATUS, &s[k].registers, i, &s[k]);
	if (m->has_trigger)
		add(im, CELL_TRIGGER, &m->trigger.registers, i, NULL);
	if (m->has_ready)
		add(im, CELL_READY, &m->ready.registers, i, &m->ready);
	if (m->has_done)
		add(im, CELL_DONE, &m->done.registers, i, &m->done);
}

static void add_written(struct image *im, const struct list *writes)
{
	const struct register_write *w = writes->items;

	for (size_t i = 0; i < writes->n; i++)
		add(im, CELL_KEPT, &w[i].registers, 0, NULL);
}

/* Is it written at attach or in the safe state? */
static bool written(const struct image *im, const struct registers *r)
{
	for (size_t i = 0; i < im->n; i++)
		if (im->cells[i].kind == CELL_KEPT && !im->cells[i].what && same_place(im->cells[i].registers, r))
			return true;
	return false;
}

static void add_proven(struct image *im, const struct list *proofs)
{
	const struct register_proof *p = proofs->items;

	for (size_t i = 0; i < proofs->n; i++)
		if (!written(im, &p[i].registers))
			add(im, CELL_KEPT, &p[i].registers, 0, &p[i]);
}

static void add_all(struct image *im)
{
	const struct model *m = im->device->model;

	if (m->identity.has_registers)
		add(im, CELL_IDENTITY, &m->identity.registers, 0, NULL);
	if (m->modbus.has_serial)
		add(im, CELL_SERIAL, &m->modbus.serial, 0, NULL);
	if (m->modbus.has_firmware)
		add(im, CELL_FIRMWARE, &m->modbus.firmware, 0, NULL);
	for (size_t i = 0; i < im->device->n_points; i++)
		add_point(im, i);
	add_written(im, &m->modbus.init);
	add_written(im, &m->modbus.safe);
	add_proven(im, &m->modbus.state);
	add_proven(im, &m->modbus.safe_check);
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
		if ((unsigned)r->address + (unsigned)image_words(r) > end)
			end = (unsigned)r->address + (unsigned)image_words(r);
	}
	*count = end > *start ? end - *start : 0;
	if (!*count)
		*start = 0;
}

static void make_map(struct image *im)
{
	unsigned start[TABLES], count[TABLES];

	for (int t = 0; t < TABLES; t++)
		extent(im, t, &start[t], &count[t]);
	im->map = modbus_mapping_new_start_address(
		start[TABLE_COIL], count[TABLE_COIL], start[TABLE_DISCRETE], count[TABLE_DISCRETE],
		start[TABLE_HOLDING], count[TABLE_HOLDING], start[TABLE_INPUT], count[TABLE_INPUT]);
}

int image_new(struct image **out, struct device *d, struct err *e)
{
	struct image *im = *out = mem_new(sizeof *im);

	im->device = d;
	im->points = mem_array(d->n_points, sizeof *im->points);
	pthread_mutex_init(&im->lock, NULL);
	add_all(im);
	make_map(im);
	if (d->model->identity.registers.type == TYPE_TEXT && !d->identity)
		err_set(e, ERR_CONFIG, "model %s: simulate has no identity", d->model->name);
	else if (d->n_points > TOGETHER || !im->map)
		err_set(e, ERR_CONFIG, "model %s: more than %d numbers in registers", d->model->name, TOGETHER);
	else {
		image_power_on(im);
		return 0;
	}
	image_free(out);
	return -1;
}

void image_free(struct image **im)
{
	if (!*im)
		return;
	modbus_mapping_free((*im)->map);
	free((*im)->cells);
	free((*im)->points);
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
	if (im->powered != im->device->powered)
		image_power_on(im);
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
		&& c->registers->address + image_words(c->registers) > r->address;
}

static enum topic topic_of(enum cell_kind kind)
{
	if (kind == CELL_MEASURED || kind == CELL_STATUS)
		return TOPIC_MEASURE;
	return kind >= CELL_IDENTITY && kind <= CELL_FIRMWARE ? TOPIC_IDENTITY : TOPIC_OTHER;
}

enum topic image_topic(const struct image *im, const struct request *r)
{
	enum topic topic = TOPIC_OTHER;

	if (r->values)
		return TOPIC_SET;
	for (size_t i = 0; i < im->n; i++) {
		if (!concerns(&im->cells[i], r))
			continue;
		if (topic_of(im->cells[i].kind) == TOPIC_MEASURE)
			return TOPIC_MEASURE;
		if (topic_of(im->cells[i].kind) == TOPIC_IDENTITY)
			topic = TOPIC_IDENTITY;
	}
	return topic;
}

/* Since when it measures: from its trigger on, else from the request on. */
static instant begin_of(struct image *im, const struct request *r, instant asked)
{
	instant since = asked;

	for (size_t i = 0; i < im->n; i++) {
		const struct cell *c = &im->cells[i];
		const struct point *p = im->device->points[c->point].point;

		if (c->kind == CELL_MEASURED && concerns(c, r) && p->modbus.has_trigger && p->modbus.has_ready &&
		    im->points[c->point].ready_at)
			since = im->points[c->point].ready_at - p->simulate.delay_ns;
	}
	return since;
}

void image_read(struct image *im, const struct request *r, const struct fault *f)
{
	instant asked = instant_now();
	struct sensed s[TOGETHER];
	size_t n = 0, k = 0;

	for (size_t i = 0; i < im->n; i++)
		if (concerns(&im->cells[i], r) && im->cells[i].kind == CELL_MEASURED)
			s[n++].of = &im->device->points[im->cells[i].point];
	if (n)
		device_sense(im->device, s, n, begin_of(im, r, asked));
	image_lock(im);
	for (size_t i = 0; i < im->n; i++) {
		const struct cell *c = &im->cells[i];

		if (!concerns(c, r))
			continue;
		if (c->kind == CELL_MEASURED)
			image_put_measured(im, c, &s[k++], f);
		else
			image_put_kept(im, c, f);
	}
	image_unlock(im);
}

/* The value of a target after the write: what that does not touch stays as commanded. */
static double value_written(const struct image *im, const struct cell *c, const struct request *r)
{
	const struct registers *to = c->registers;
	uint8_t bytes[REGISTERS_NUMBER] = { 0 };
	struct err e;

	(void)registers_encode(to, device_commanded(im->device, &im->device->points[c->point]), bytes, &e);
	if (r->function == 5) {
		bytes[0] = r->values[0] != 0;
	} else if (r->function == 15) {
		int bit = (int)to->address - r->address;

		bytes[0] = r->values[bit / 8] >> bit % 8 & 1;
	} else {
		for (int i = 0; i < image_words(to); i++) {
			int from = (int)to->address + i - r->address;

			if (from >= 0 && from < r->count)
				memcpy(bytes + 2 * i, r->values + 2 * from, 2);
		}
	}
	return registers_decode(to, bytes);
}

static int set_target(struct image *im, const struct cell *c, const struct request *r, const struct fault *f)
{
	struct device_point *dp = &im->device->points[c->point];
	struct err e;

	if (device_set(im->device, dp, value_written(im, c, r), f, &e))
		return f->kind == FAULT_REFUSE ? MODBUS_EXCEPTION_SLAVE_OR_SERVER_FAILURE
			: MODBUS_EXCEPTION_ILLEGAL_DATA_VALUE;
	image_lock(im);
	im->points[c->point].done_at = instant_after(dp->point->simulate.delay_ns);
	image_unlock(im);
	return 0;
}

static void pull_trigger(struct image *im, const struct cell *c)
{
	image_lock(im);
	im->points[c->point].ready_at = instant_after(im->device->points[c->point].point->simulate.delay_ns);
	image_unlock(im);
}

int image_write(struct image *im, const struct request *r, const struct fault *f)
{
	bool any = false;
	int exception;

	for (size_t i = 0; i < im->n; i++) {
		const struct cell *c = &im->cells[i];

		if (!concerns(c, r))
			continue;
		if (c->kind == CELL_TARGET && (exception = set_target(im, c, r, f)) != 0)
			return exception;
		if (c->kind == CELL_TRIGGER)
			pull_trigger(im, c);
		any |= c->kind == CELL_TARGET || c->kind == CELL_TRIGGER || (c->kind == CELL_KEPT && !c->what);
	}
	if (any && f->kind == FAULT_REFUSE)
		return MODBUS_EXCEPTION_SLAVE_OR_SERVER_FAILURE;
	return any ? 0 : MODBUS_EXCEPTION_ILLEGAL_DATA_ADDRESS;
}
