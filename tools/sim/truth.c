/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "truth.h"

#include <errno.h>
#include <pthread.h>

#include "instant.h"

#define FLUSH_AT 65536

struct truth {
	pthread_mutex_t lock;
	FILE *file;
	struct buf lines;
};

int truth_open(struct truth **out, const char *path, const char *bench, int64_t seed, struct err *e)
{
	FILE *file = fopen(path, "we");
	struct truth *t;

	if (!file)
		return err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
	*out = t = mem_new(sizeof *t);
	pthread_mutex_init(&t->lock, NULL);
	t->file = file;
	buf_putc(&t->lines, '{');
	json_key(&t->lines, "bench");
	json_text(&t->lines, bench);
	json_key(&t->lines, "seed");
	json_int(&t->lines, seed);
	buf_puts(&t->lines, "}\n");
	truth_flush(t);
	return 0;
}

static void put_point(struct buf *b, const struct truth_entry *entry)
{
	json_put_text(b, "quantity", entry->quantity);
	json_put_text(b, "node", entry->node);
	json_put_text(b, "unit", entry->unit);
	if (entry->said.p) {
		json_put_number(b, "truth", entry->truth);
		json_put_number(b, "ideal", entry->ideal);
		json_put_number(b, "value", entry->value);
		json_key(b, "said");
		json_bytes(b, entry->said.p, entry->said.n);
	} else {
		json_put_number(b, "set", entry->value);
	}
}

static void put_entry(struct buf *b, const struct truth_entry *entry)
{
	buf_putc(b, '{');
	json_key(b, "utc_ns");
	json_int(b, entry->utc_ns);
	json_put_text(b, "role", entry->role);
	if (entry->quantity)
		put_point(b, entry);
	json_put_text(b, "fault", entry->fault);
	buf_puts(b, "}\n");
}

static void write_out(struct truth *t)
{
	fwrite(t->lines.data, 1, t->lines.len, t->file);
	fflush(t->file);
	buf_clear(&t->lines);
}

void truth_write(struct truth *t, const struct truth_entry *entry)
{
	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	put_entry(&t->lines, entry);
	if (t->lines.len >= FLUSH_AT)
		write_out(t);
	pthread_mutex_unlock(&t->lock);
}

void truth_fault(struct truth *t, const char *role, const char *fault)
{
	truth_write(t, &(struct truth_entry){ .utc_ns = utc_now(), .role = role, .fault = fault });
}

void truth_flush(struct truth *t)
{
	if (!t)
		return;
	pthread_mutex_lock(&t->lock);
	if (t->lines.len)
		write_out(t);
	pthread_mutex_unlock(&t->lock);
}

void truth_close(struct truth **t)
{
	if (!*t)
		return;
	truth_flush(*t);
	fclose((*t)->file);
	buf_release(&(*t)->lines);
	pthread_mutex_destroy(&(*t)->lock);
	free(*t);
	*t = NULL;
}
