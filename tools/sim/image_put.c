/* SPDX-License-Identifier: GPL-3.0-or-later
 * image_put.c - what stands in the registers: readings and their status, settings, names, whether it is done. */
#include <math.h>

#include "image_parts.h"
#include "number.h"

#define WIDEST REGISTERS_TEXT            /* bytes of the longest number or text */
#define FIRMWARE "1.0"
#define OTHER_SERIAL 999

static uint16_t *words_at(const struct image *im, const struct registers *r)
{
	modbus_mapping_t *m = im->map;

	return r->table == TABLE_INPUT ? m->tab_input_registers + r->address - m->start_input_registers
				       : m->tab_registers + r->address - m->start_registers;
}

static uint8_t *bit_at(const struct image *im, const struct registers *r)
{
	modbus_mapping_t *m = im->map;

	return r->table == TABLE_COIL ? m->tab_bits + r->address - m->start_bits
				      : m->tab_input_bits + r->address - m->start_input_bits;
}

void image_take(const struct image *im, const struct registers *r, uint8_t *bytes)
{
	if (table_of_bits(r->table)) {
		bytes[0] = *bit_at(im, r);
		return;
	}
	for (int i = 0; i < image_words(r); i++) {
		bytes[2 * i] = (uint8_t)(words_at(im, r)[i] >> 8);
		bytes[2 * i + 1] = (uint8_t)words_at(im, r)[i];
	}
}

static void put(struct image *im, const struct registers *r, const uint8_t *bytes)
{
	if (table_of_bits(r->table)) {
		*bit_at(im, r) = bytes[0];
		return;
	}
	for (int i = 0; i < image_words(r); i++)
		words_at(im, r)[i] = (uint16_t)(bytes[2 * i] << 8 | bytes[2 * i + 1]);
}

static double largest(const struct registers *r)
{
	static const double raw[] = {
		[TYPE_INT16] = INT16_MAX, [TYPE_UINT16] = UINT16_MAX, [TYPE_INT32] = INT32_MAX,
		[TYPE_UINT32] = UINT32_MAX, [TYPE_INT64] = 0x1p62, [TYPE_UINT64] = 0x1p63, [TYPE_FLOAT32] = NAN,
		[TYPE_FLOAT64] = NAN, [TYPE_BCD16] = 9999, [TYPE_BCD32] = 99999999, [TYPE_BIT] = 1,
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
		memset(bytes, 0xff, registers_bytes(r));
}

/* A field of bits leaves its neighbours alone. */
static void put_number(struct image *im, const struct registers *r, double value)
{
	uint8_t bytes[WIDEST];
	struct err e;

	image_take(im, r, bytes);
	if (registers_encode(r, value, bytes, &e))
		encode_overload(im, r, bytes);
	put(im, r, bytes);
}

static void put_text(struct image *im, const struct registers *r, const char *text)
{
	uint8_t bytes[WIDEST];

	registers_put_text(r, text, bytes);
	put(im, r, bytes);
}

/* A value that a status, or what is waited for, does not have. */
static double other_than(const struct registers *r, double value)
{
	double none = registers_apply(r, 0);

	return value == none ? registers_apply(r, 1) : none;
}

static void put_status(struct image *im, const struct register_status *s, bool applies)
{
	double is = s->has_is ? s->is : 1;

	put_number(im, &s->registers, applies ? is : s->has_is ? other_than(&s->registers, is) : 0);
}

static void put_statuses(struct image *im, const struct point *p, bool overload)
{
	const struct register_status *s = p->modbus.status.items;

	for (size_t i = 0; i < p->modbus.status.n; i++)
		put_status(im, &s[i], overload && s[i].status == READING_OVERLOAD);
}

/* The raw reading as a client that reads it now would record it. */
static void tell(struct image *im, const struct cell *c, const struct sensed *s, const struct fault *f)
{
	const struct point *p = s->of->point;
	const struct register_status *st = p->modbus.status.items;
	uint8_t raw[512];
	size_t n = registers_bytes(c->registers);

	image_take(im, c->registers, raw);
	for (size_t i = 0; i < p->modbus.status.n && n + REGISTERS_NUMBER <= sizeof raw; i++) {
		image_take(im, &st[i].registers, raw + n);
		n += registers_bytes(&st[i].registers);
	}
	device_tell(im->device, s, 1, (struct span){ (char *)raw, n }, f);
}

void image_put_measured(struct image *im, const struct cell *c, const struct sensed *s, const struct fault *f)
{
	bool overload = f->kind == FAULT_OVERLOAD || device_overloaded(s);
	uint8_t bytes[WIDEST];

	if (overload) {
		image_take(im, c->registers, bytes);
		encode_overload(im, c->registers, bytes);
		put(im, c->registers, bytes);
	} else {
		put_number(im, c->registers, s->value);
	}
	put_statuses(im, s->of->point, overload);
	tell(im, c, s, f);
}

static void put_name(struct image *im, const struct registers *r, const char *name, bool other)
{
	struct err e;
	double number;

	if (r->type == TYPE_TEXT)
		put_text(im, r, other ? "OTHER999" : name);
	else
		put_number(im, r, other || number_parse(name, strlen(name), &number, &e) ? OTHER_SERIAL : number);
}

static void put_identity(struct image *im, const struct registers *r, bool other)
{
	const struct model *m = im->device->model;

	if (r->type == TYPE_TEXT)
		put_text(im, r, other ? "SOMEBODY ELSE" : im->device->identity);
	else
		put_number(im, r, m->identity.value + (other ? r->scale : 0));
}

static void put_poll(struct image *im, const struct register_poll *p, instant at)
{
	put_number(im, &p->registers, instant_passed(at) ? p->is : other_than(&p->registers, p->is));
}

void image_put_kept(struct image *im, const struct cell *c, const struct fault *f)
{
	const char *serial = im->device->role->serial_number;
	bool other = f->kind == FAULT_IDENTITY;

	switch (c->kind) {
	case CELL_TARGET:
	case CELL_READBACK:
		put_number(im, c->registers, device_commanded(im->device, &im->device->points[c->point]));
		break;
	case CELL_READY:
		put_poll(im, c->what, im->points[c->point].ready_at);
		break;
	case CELL_DONE:
		put_poll(im, c->what, im->points[c->point].done_at);
		break;
	case CELL_IDENTITY:
		put_identity(im, c->registers, other);
		break;
	case CELL_SERIAL:
		put_name(im, c->registers, serial ? serial : "0", other);
		break;
	case CELL_FIRMWARE:
		put_name(im, c->registers, FIRMWARE, false);
		break;
	default:
		break;               /* it is there */
	}
}

/* As they are once it was used. */
static void put_initialised(struct image *im)
{
	const struct list *init = &im->device->model->modbus.init;
	const struct register_write *w = init->items;

	for (size_t i = 0; i < init->n; i++)
		put_number(im, &w[i].registers, w[i].value);
}

/* Kept registers are 0, but for those that hold what is to be proven and that nobody writes. */
void image_power_on(struct image *im)
{
	static const struct fault none = { .kind = FAULT_NONE };

	im->powered = im->device->powered;
	memset(im->points, 0, im->device->n_points * sizeof *im->points);
	for (size_t i = 0; i < im->n; i++)
		if (im->cells[i].kind == CELL_KEPT)
			put_number(im, im->cells[i].registers, registers_apply(im->cells[i].registers, 0));
	for (size_t i = 0; i < im->n; i++) {
		const struct cell *c = &im->cells[i];

		if (c->kind == CELL_KEPT && c->what)
			put_number(im, c->registers, ((const struct register_proof *)c->what)->is);
		else if (c->kind == CELL_STATUS)
			put_status(im, c->what, false);
		else
			image_put_kept(im, c, &none);
	}
	if (device_is_warm(im->device))
		put_initialised(im);
}
