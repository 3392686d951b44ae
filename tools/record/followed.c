/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "followed.h"

#include <unistd.h>

#define LIVE_FIRST    (10 * NS_PER_S)
#define LIVE_LAST     (600 * NS_PER_S)
#define SEAL_FIRST    (50 * NS_PER_MS)         /* the daemon closes the journal after the stop record */
#define SEAL_LAST     (600 * NS_PER_S)
#define SEAL_PATIENCE (2 * NS_PER_S)           /* a journal may still be open for so long: no complaint */

static char *live_path(const struct followed *f, const char *folder)
{
	return mem_format("%s/%s.h5", folder, f->run);
}

/* The interval between two attempts doubles up to `last`. */
static int64_t longer(int64_t interval, int64_t last)
{
	return 2 * interval < last ? 2 * interval : last;
}

/* Whatever went wrong, HDF5 cannot be trusted with this file any more.  Nor does it give back what
 * it holds of a file it could not write (over 100 kB), so that it is not tried too often. */
static void live_failed(struct followed *f, const struct err *e)
{
	log_complain(&f->live_trouble, "the live file of %s is given up and made again: %s", f->run,
		     e->text);
	live_close(&f->live);
	f->live_interval = f->live_interval ? longer(f->live_interval, LIVE_LAST) : LIVE_FIRST;
	f->live_again = instant_after(f->live_interval);
	f->dirty = false;
}

static void live_begin(struct followed *f, const char *folder)
{
	char *path = live_path(f, folder);
	struct err e;

	f->next = 0;
	if (live_create(&f->live, path, f->run, &e) < 0)
		live_failed(f, &e);
	free(path);
}

void followed_take(struct followed *f, const struct record *r)
{
	struct err e;

	if (f->seen <= r->seq)
		f->seen = r->seq + 1;
	if (r->kind == RECORD_STOP)
		followed_stop(f);
	if (!f->live || r->seq != f->next)
		return;
	f->next++;
	f->dirty = true;
	if (live_add(f->live, r, &e) < 0)
		live_failed(f, &e);
}

bool followed_lags(struct followed *f, const char *folder)
{
	if (!f->live && !f->stopped && instant_passed(f->live_again))
		live_begin(f, folder);
	return f->live && f->next < f->seen;
}

void followed_flush(struct followed *f)
{
	struct err e;

	if (!f->live || !f->dirty)
		return;
	f->dirty = false;
	if (live_flush(f->live, &e) < 0)
		live_failed(f, &e);
	else
		log_release(&f->live_trouble, "the live file of %s is there again", f->run);
}

void followed_stop(struct followed *f)
{
	if (f->stopped)
		return;
	f->stopped = true;
	f->seal_interval = SEAL_FIRST;
	f->seal_again = instant_now();
}

void followed_not_sealed(struct followed *f, const struct err *e)
{
	if (e->code != ERR_STATE || f->seal_interval > SEAL_PATIENCE)
		log_complain(&f->seal_trouble, "%s is not sealed yet and will be tried again: %s",
			     f->run, e->text);
	f->seal_again = instant_after(f->seal_interval);
	f->seal_interval = longer(f->seal_interval, SEAL_LAST);
}

void followed_sealed(struct followed *f, const char *folder, const char *head, const char *digest)
{
	char *path = live_path(f, folder);

	live_close(&f->live);
	unlink(path);
	free(path);
	snprintf(f->head, sizeof f->head, "%s", head);
	snprintf(f->digest, sizeof f->digest, "%s", digest);
	log_release(&f->seal_trouble, "%s is sealed", f->run);
}

void followed_release(struct followed *f)
{
	live_close(&f->live);
}
