/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "parallel.h"

#include <pthread.h>
#include <unistd.h>

#define MOST_THREADS 64

long parallel_take(struct pieces *p)
{
	size_t i = __atomic_fetch_add(&p->next, 1, __ATOMIC_RELAXED);

	return i < p->end ? (long)i : -1;
}

static unsigned sensible(unsigned threads)
{
	long processors = sysconf(_SC_NPROCESSORS_ONLN);

	if (threads == 0)
		threads = processors > 0 ? (unsigned)processors : 1;
	return threads < MOST_THREADS ? threads : MOST_THREADS;
}

void parallel_run(unsigned threads, void *(*work)(void *with), void *with)
{
	pthread_t others[MOST_THREADS];
	unsigned n = 0;

	threads = sensible(threads);
	while (n + 1 < threads && pthread_create(&others[n], NULL, work, with) == 0)
		n++;
	work(with);
	while (n > 0)
		pthread_join(others[--n], NULL);
}
