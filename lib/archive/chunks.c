/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "chunks.h"

#include <assert.h>
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
	bool undo, bad;
};

/* Chunk i is in place i % IN_HAND, from when it is added to when it is taken back. */
struct chunks {
	struct chunk list[IN_HAND];
	size_t added, taken;           /* the caller's */
	pthread_t thread;
	pthread_mutex_t lock;          /* of what follows */
	pthread_cond_t more, done;
	size_t given, pressed;
	bool end;
};

/* The thread. */

static struct chunk *next_given(struct chunks *c)
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

static void do_one(struct press *press, struct chunk *one)
{
	size_t size = hdf_size(one->shape.type);

	if (one->undo && !one->bad)
		one->bad = press_undo(press, &one->pressed, size, one->shape.deflate,
				      one->rows.data, one->rows.len) < 0;
	else if (!one->undo)
		press_chunk(press, one->rows.data, one->rows.len, size, one->shape.deflate,
			    &one->pressed);
}

static void *work(void *chunks)
{
	struct press *press = press_new();
	struct chunk *one;

	while ((one = next_given(chunks))) {
		do_one(press, one);
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

static size_t chunk_bytes(const struct hdf_shape *s)
{
	return s->chunk * s->width * hdf_size(s->type);
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

/* The place where the next chunk goes; the oldest must have been taken out of it. */
static struct chunk *next_place(struct chunks *c, hid_t dataset, const struct hdf_shape *s, size_t from,
				size_t n)
{
	struct chunk *one = &c->list[c->added % IN_HAND];

	one->dataset = dataset;
	one->shape = *s;
	one->from = from;
	one->n = n;
	one->undo = one->bad = false;
	buf_clear(&one->rows);
	buf_reserve(&one->rows, chunk_bytes(s));
	one->rows.len = chunk_bytes(s);
	return one;
}

static void give(struct chunks *c)
{
	pthread_mutex_lock(&c->lock);
	c->given = ++c->added;
	pthread_cond_signal(&c->more);
	pthread_mutex_unlock(&c->lock);
}

static struct chunk *take_oldest(struct chunks *c)
{
	pthread_mutex_lock(&c->lock);
	while (c->pressed == c->taken)
		pthread_cond_wait(&c->done, &c->lock);
	pthread_mutex_unlock(&c->lock);
	return &c->list[c->taken++ % IN_HAND];
}

/* Writing. */

static void write_oldest(struct chunks *c, struct hdf *h)
{
	struct chunk *one = take_oldest(c);

	if (!hdf_failed(h))
		write_pressed(h, one);
	H5Idec_ref(one->dataset);
}

/* The last chunk of a dataset is as long as the others in the file. */
void chunks_add(struct chunks *c, struct hdf *h, hid_t dataset, const struct hdf_shape *s, size_t from,
		const void *rows, size_t n)
{
	size_t used = n * hdf_size(s->type) * s->width;
	struct chunk *one;

	if (c->added - c->taken == IN_HAND)
		write_oldest(c, h);
	one = next_place(c, dataset, s, from, n);
	H5Iinc_ref(dataset);
	memcpy(one->rows.data, rows, used);
	memset(one->rows.data + used, 0, one->rows.len - used);
	give(c);
}

void chunks_finish(struct chunks *c, struct hdf *h)
{
	while (c->taken < c->added)
		write_oldest(c, h);
}

/* Reading. */

static void read_pressed(struct chunk *one)
{
	hsize_t at[2] = { one->from, 0 }, size = 0;
	uint32_t mask = 0;

	one->undo = true;
	buf_clear(&one->pressed);
	one->bad = H5Dget_chunk_storage_size(one->dataset, at, &size) < 0;
	buf_reserve(&one->pressed, size);
	one->bad = one->bad ||
		   H5Dread_chunk(one->dataset, H5P_DEFAULT, at, &mask, one->pressed.data) < 0;
	one->pressed.len = size;
}

int chunks_each(struct chunks *c, hid_t dataset, const struct hdf_shape *s, size_t rows,
		chunks_taker *take, void *who)
{
	size_t from = 0;
	bool bad = false;

	assert(c->taken == c->added);
	while ((from < rows && !bad) || c->taken < c->added) {
		struct chunk *one;

		if (from < rows && !bad && c->added - c->taken < IN_HAND) {
			one = next_place(c, dataset, s, from, rows - from < s->chunk ? rows - from : s->chunk);
			read_pressed(one);
			from += one->n;
			give(c);
		} else {
			one = take_oldest(c);
			bad |= one->bad;
			if (!bad)
				take(who, one->rows.data, one->n);
		}
	}
	return bad ? -1 : 0;
}
