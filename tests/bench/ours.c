/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "ours.h"

#include <sys/eventfd.h>
#include <unistd.h>

void ours_join(struct ours *o, const char *model, char *address, struct ours *sibling)
{
	const struct bench_role *role;

	o->setup = aid_setup(model, &address, 1);
	role = bench_role(o->setup->bench, "r0");
	o->cancel = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
	o->n = role->model->points.n;
	must(o->n <= OURS_MOST, "points");
	for (size_t i = 0; i < o->n; i++)
		o->points[i] = (const struct point *)role->model->points.items + i;
	must(instrument_new(&o->instrument, role->model, role->name, role->address, NULL,
			    sibling ? sibling->instrument : NULL, o->cancel,
			    &aid_err) == 0, address);
	must(instrument_attach(o->instrument, instant_after_ms(5000), &aid_err) == 0, address);
}

void ours_connect(struct ours *o, const char *model, char *address)
{
	ours_join(o, model, address, NULL);
}

void ours_release(struct ours *o)
{
	instrument_free(&o->instrument);
	setup_leave(&o->setup);
	close(o->cancel);
}

double ours_measure(void *with, unsigned n)
{
	struct ours *o = with;
	instant start = instant_now();

	for (unsigned i = 0; i < n; i++)
		must(instrument_measure(o->instrument, o->points, o->n, o->readings, instant_after_ms(2000),
					&aid_err) == (ssize_t)o->n, "measure");
	return aid_seconds(start);
}
