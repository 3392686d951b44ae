/* SPDX-License-Identifier: GPL-3.0-or-later
 * device_errors.c - what a simulated instrument tells of itself: its error queue, its status byte. */
#include "device.h"

static unsigned bit_of(const struct model_wait *w)
{
	return w->has_status_bit ? 1u << w->status_bit : 0;
}

uint8_t device_own_status(struct device *d)
{
	const struct model *m = d->model;
	const struct point *p = m->points.items;
	unsigned byte = 0;

	for (size_t i = 0; i < m->points.n && !status_busy(&d->status); i++)
		byte |= bit_of(&p[i].done) | bit_of(&p[i].ready);
	if (m->errors.has_status_bit && device_errors(d))
		byte |= 1u << m->errors.status_bit;
	return (uint8_t)byte;
}

uint8_t device_status(struct device *d, bool message)
{
	uint8_t byte = status_byte(&d->status, message, device_errors(d) > 0);

	return d->model->status_ask ? byte | device_own_status(d) : byte;
}

void device_error(struct device *d, const char *text)
{
	status_error(&d->status, text);
	pthread_mutex_lock(&d->lock);
	if (d->n_errors < DEVICE_ERRORS)
		d->errors[d->n_errors++] = text;
	else
		d->errors[DEVICE_ERRORS - 1] = "-350,\"Queue overflow\"";
	pthread_mutex_unlock(&d->lock);
}

const char *device_next_error(struct device *d)
{
	const char *first = d->no_error;

	pthread_mutex_lock(&d->lock);
	if (d->n_errors) {
		first = d->errors[0];
		memmove(d->errors, d->errors + 1, --d->n_errors * sizeof *d->errors);
	}
	pthread_mutex_unlock(&d->lock);
	return first;
}

size_t device_errors(struct device *d)
{
	size_t n;

	pthread_mutex_lock(&d->lock);
	n = d->n_errors;
	pthread_mutex_unlock(&d->lock);
	return n;
}

void device_clear_errors(struct device *d)
{
	pthread_mutex_lock(&d->lock);
	d->n_errors = 0;
	pthread_mutex_unlock(&d->lock);
}
