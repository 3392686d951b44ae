/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chunks.h"

#include <pthread.h>
#include <signal.h>

#include "press.h"

#define IN_HAND 8

struct chunk {
	hid_t dataset;                 /* a reference of our own */
	struct hdf_shape shape;
	size_t from, n;                /* rows */
	struct buf rows;               /* as many bytes as a whole chunk has */
	struct buf pressed;
};

/* Chunk i is in place i % IN_HAND, from when it is added to when it is written. */
struct chunks {
	struct chunk list[IN_HAND];
	size_t added, written;         /* the caller's */
	pthread_t thread;
	pthread_mutex_t lock;          /* of what follows */
	pthread_cond_t more, done;
	size_t given, pressed;
	bool end;
};

/* The thread. */

static struct chunk *take(struct chunks *c)
{
	struct chunk *one;

	pthread_mutex_lock(&c->lock);
	while (c->pressed == c->given && !c->end)
		pthread_cond_wait(&c->more, &c->lock);
	one = c->end ? NULL : &c->list[c->pressed % IN_HAND];
	pthread_mutex_unlock(&c->lock);
	return one;
}

static void give_back(struct chunks *c)
{
	pthread_mutex_lock(&c->lock);
	c->pressed++;
	pthread_cond_signal(&c->done);
	pthread_mutex_unlock(&c->lock);
}

static void *work(void *chunks)
{
	struct press *press = press_new();
	struct chunk *one;

	while ((one = take(chunks))) {
		press_chunk(press, one->rows.data, one->rows.len, hdf_size(one->shape.type),
			    one->shape.deflate, &one->pressed);
		give_back(chunks);
	}
	press_free(&press);
	return NULL;
}

/* The caller. */

/* Signals are for the threads that were there before. */
int chunks_start(struct chunks **cp, struct err *e)
{
	struct chunks *c = *cp = mem_new(sizeof *c);
	sigset_t all, old;
	int error;

	pthread_mutex_init(&c->lock, NULL);
	pthread_cond_init(&c->more, NULL);
	pthread_cond_init(&c->done, NULL);
	sigfillset(&all);
	pthread_sigmask(SIG_SETMASK, &all, &old);
	error = pthread_create(&c->thread, NULL, work, c);
	pthread_sigmask(SIG_SETMASK, &old, NULL);
	if (!error)
		return 0;
	free(c);
	*cp = NULL;
	return err_set(e, ERR_IO, "a thread cannot be started: %s", strerror(error));
}

void chunks_stop(struct chunks **cp)
{
	struct chunks *c = *cp;

	if (!c)
		return;
	pthread_mutex_lock(&c->lock);
	c->end = true;
	pthread_cond_signal(&c->more);
	pthread_mutex_unlock(&c->lock);
	pthread_join(c->thread, NULL);
	pthread_mutex_destroy(&c->lock);
	pthread_cond_destroy(&c->more);
	pthread_cond_destroy(&c->done);
	for (size_t i = 0; i < IN_HAND; i++) {
		buf_release(&c->list[i].rows);
		buf_release(&c->list[i].pressed);
	}
	free(c);
	*cp = NULL;
}

static void write_pressed(struct hdf *h, const struct chunk *one)
{
	hsize_t end[2] = { one->from + one->n, one->shape.width }, at[2] = { one->from, 0 };

	if (H5Dset_extent(one->dataset, end) < 0)
		hdf_fail(h, "a dataset cannot grow to %zu rows", one->from + one->n);
	else if (H5Dwrite_chunk(one->dataset, H5P_DEFAULT, 0, at, one->pressed.len,
				one->pressed.data) < 0)
		hdf_fail(h, "%zu rows cannot be written", one->n);
}

static void write_oldest(struct chunks *c, struct hdf *h)
{
	struct chunk *one = &c->list[c->written % IN_HAND];

	pthread_mutex_lock(&c->lock);
	while (c->pressed == c->written)
		pthread_cond_wait(&c->done, &c->lock);
	pthread_mutex_unlock(&c->lock);
	if (!hdf_failed(h))
		write_pressed(h, one);
	H5Idec_ref(one->dataset);
	c->written++;
}

/* The last chunk of a dataset is as long as the others in the file. */
static void fill(struct chunk *one, const void *rows)
{
	size_t row = hdf_size(one->shape.type) * one->shape.width;
	size_t whole = one->shape.chunk * row, used = one->n * row;

	buf_clear(&one->rows);
	buf_reserve(&one->rows, whole);
	buf_add(&one->rows, rows, used);
	memset(one->rows.data + used, 0, whole - used);
	one->rows.len = whole;
}

void chunks_add(struct chunks *c, struct hdf *h, hid_t dataset, const struct hdf_shape *s, size_t from,
		const void *rows, size_t n)
{
	struct chunk *one = &c->list[c->added % IN_HAND];

	if (c->added - c->written == IN_HAND)
		write_oldest(c, h);
	H5Iinc_ref(dataset);
	one->dataset = dataset;
	one->shape = *s;
	one->from = from;
	one->n = n;
	fill(one, rows);
	c->added++;
	pthread_mutex_lock(&c->lock);
	c->given = c->added;
	pthread_cond_signal(&c->more);
	pthread_mutex_unlock(&c->lock);
}

void chunks_finish(struct chunks *c, struct hdf *h)
{
	while (c->written < c->added)
		write_oldest(c, h);
}
