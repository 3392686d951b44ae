/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "errand.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdlib.h>
#include <sys/prctl.h>

#include "mem.h"

struct errand {
	void (*call)(void *);
	void *arg;
	pthread_t thread;
	sem_t errands, owners;           /* whose turn it is */
	instant due;
	bool over, cancelled;
};

static void await(sem_t *turn)
{
	while (sem_wait(turn) < 0)
		;                        /* a signal */
}

static void *run(void *arg)
{
	struct errand *e = arg;

	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	await(&e->errands);
	if (!e->cancelled)
		e->call(e->arg);
	e->over = true;
	sem_post(&e->owners);
	return NULL;
}

void errand_new(struct errand **out, void (*call)(void *), void *arg)
{
	struct errand *e = *out = mem_new(sizeof *e);

	e->call = call;
	e->arg = arg;
	if (sem_init(&e->errands, 0, 0) || sem_init(&e->owners, 0, 0) || pthread_create(&e->thread, NULL, run, e))
		abort();
}

bool errand_go_on(struct errand *e)
{
	if (e->over)
		return true;
	sem_post(&e->errands);
	await(&e->owners);
	return e->over;
}

instant errand_due(const struct errand *e)
{
	return e->due;
}

int errand_leave(struct errand *e, instant until, struct err *why)
{
	e->due = until;
	if (!e->cancelled) {
		sem_post(&e->owners);
		await(&e->errands);
	}
	return e->cancelled ? err_set(why, ERR_CANCELLED, "cancelled") : 0;
}

void errand_free(struct errand **out)
{
	struct errand *e = *out;

	if (!e)
		return;
	e->cancelled = true;
	errand_go_on(e);
	pthread_join(e->thread, NULL);
	sem_destroy(&e->errands);
	sem_destroy(&e->owners);
	free(e);
	*out = NULL;
}
