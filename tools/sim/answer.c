/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "answer.h"

#include <math.h>

#include "format.h"

void answer_text(struct said *out, const char *text)
{
	buf_puts(&out->text, text);
	out->answered = true;
}

static void put_value(const struct device *d, const struct sensed *s, struct said *out)
{
	bool over = out->fault.kind == FAULT_OVERLOAD || device_overloaded(s);
	const struct point *p = s->of->point;

	if (out->fault.kind == FAULT_UNSTABLE)
		format_unstable(p, s->value, &out->text);
	else if (over && p->simulate.overload)
		buf_puts(&out->text, p->simulate.overload);
	else
		format_value(p, over ? device_overload(d->model) : s->value, &out->text);
}

/* Listed ones stand behind each other; of others without fields there is one. */
static void put_all(const struct device *d, const struct sensed *s, size_t n, struct said *out)
{
	for (size_t i = 0; i < n; i++) {
		if (i && !point_listed(s[i].of->point))
			break;
		if (i)
			buf_putc(&out->text, ',');
		put_value(d, &s[i], out);
	}
}

/* All fields up to the last that the model names, in order. */
static void put_fields(const struct device *d, const struct sensed *s, size_t n, int64_t last, struct said *out)
{
	for (int64_t field = 1; field <= last; field++) {
		size_t i = 0;

		if (field > 1)
			buf_putc(&out->text, ',');
		while (i < n && s[i].of->point->field != field)
			i++;
		if (i < n)
			put_value(d, &s[i], out);
		else
			buf_putc(&out->text, '0');
	}
}

static bool named(const struct point *p, struct span name)
{
	return strlen(p->quantity) == name.n && !memcmp(p->quantity, name.p, name.n);
}

/* The hole that begins at `p`: the quantity of a reading, with = behind it what that is set to, or the
 * serial number.  Returns its length. */
static size_t fill_hole(struct device *d, const char *p, const struct sensed *s, size_t n, struct said *out)
{
	bool other = out->fault.kind == FAULT_IDENTITY;
	const char *serial = other ? DEVICE_OTHER_SERIAL : d->role->serial_number, *end = strchr(p, '}');
	struct span name = { p + 1, end ? (size_t)(end - p) - 1 : 0 };
	bool commanded = name.n > 0 && name.p[name.n - 1] == '=';

	if (!strncmp(p, "{serial}", 8))
		buf_puts(&out->text, serial ? serial : "0");
	name.n -= commanded;
	for (size_t i = 0; i < n; i++) {
		if (!named(s[i].of->point, name))
			continue;
		if (commanded)
			format_value(s[i].of->point, device_commanded(d, s[i].of), &out->text);
		else
			put_value(d, &s[i], out);
	}
	return end ? (size_t)(end - p) + 1 : 1;
}

static void put_said(struct device *d, const char *say, const struct sensed *s, size_t n, struct said *out)
{
	while (*say) {
		size_t plain = strcspn(say, "{");

		buf_add(&out->text, say, plain);
		say += plain;
		if (*say)
			say += fill_hole(d, say, s, n, out);
	}
}

static int64_t last_field(const struct sensed *s, size_t n)
{
	int64_t last = 0;

	for (size_t i = 0; i < n; i++)
		if (s[i].of->point->field > last)
			last = s[i].of->point->field;
	return last;
}

static double number_of(const struct block_form *f, double value)
{
	return round((value - f->offset) / f->scale * 1e12) / 1e12;
}

static void put_number(const struct block_form *f, double number, struct buf *out)
{
	union { float f32; double f64; int16_t i16; int32_t i32; char bytes[8]; } x = { .f64 = 0 };
	size_t width = block_width(f);

	if (f->format == BLOCK_FLOAT32)
		x.f32 = (float)number;
	else if (f->format == BLOCK_FLOAT64)
		x.f64 = number;
	else if (f->format == BLOCK_INT16)
		x.i16 = (int16_t)lround(number);
	else
		x.i32 = (int32_t)lround(number);
	for (size_t i = 0; i < width; i++)
		buf_putc(out, x.bytes[f->order == BLOCK_BIG ? width - 1 - i : i]);
}

/* The samples of one block, each a step above the one before; what is out of its range is the number for that. */
static void put_samples(const struct model *m, const struct sensed *s, int64_t from, int64_t to, struct buf *out)
{
	const struct point *p = s->of->point;
	struct sensed one = *s;

	for (int64_t i = from; i < to; i++) {
		one.value = s->value + (double)i * p->simulate.resolution;
		put_number(&p->block, device_overloaded(&one) ? device_overload(m) : number_of(&p->block, one.value), out);
	}
}

static void put_array(const struct model *m, const struct sensed *s, struct buf *out)
{
	const struct point *p = s->of->point;
	int64_t n = p->simulate.samples, pieces = p->simulate.pieces, each = pieces ? n / pieces : n;
	char length[24];

	buf_reserve(out, (size_t)n * block_width(&p->block));
	for (int64_t i = 0; i < (pieces ? pieces : 1); i++) {
		int64_t to = i + 1 == pieces || !pieces ? n : (i + 1) * each;

		snprintf(length, sizeof length, "%lld", (long long)(to - i * each) * (long long)block_width(&p->block));
		if (pieces)
			buf_printf(out, "%s#%zu%s", i ? "," : "", strlen(length), length);
		else
			buf_puts(out, "#0");
		put_samples(m, s, i * each, to, out);
	}
}

static void put_echo(const struct device *d, struct span question, struct said *out)
{
	if (d->identity)
		buf_puts(&out->text, d->identity);
	else
		buf_add(&out->text, question.p, question.n);
}

void answer_reading(struct device *d, struct device_point *const *points, size_t n, struct span question,
		    const char *say, struct said *out)
{
	instant asked = instant_now();
	struct sensed s[ANSWER_POINTS];
	bool block = n && points[0]->point->block.given;        /* a talker says things without any point */
	int64_t last;

	for (size_t i = 0; i < n; i++)
		s[i].of = points[i];
	device_sense(d, s, n, asked);
	last = last_field(s, n);
	if (out->fault.kind == FAULT_WRONG_ECHO)
		put_echo(d, question, out);
	else if (block)
		put_array(d->model, &s[0], &out->text);
	else if (say)
		put_said(d, say, s, n, out);
	else if (last)
		put_fields(d, s, n, last, out);
	else
		put_all(d, s, n, out);
	if (n && out->fault.kind == FAULT_UNIT)
		format_other_unit(s[0].of->point, &out->text);
	device_tell(d, s, n, (struct span){ out->text.data, block ? 0 : out->text.len }, &out->fault);
	out->answered = true;
}
