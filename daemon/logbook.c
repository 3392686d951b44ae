/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "logbook.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>

#include "entry.h"
#include "notice.h"
#include "parcel.h"
#include "port.h"
#include "post.h"

#define GROUP_BYTES    (4 * 1024 * 1024)     /* most that one commit takes */
#define RETRY_NS       (500 * NS_PER_MS)     /* how often space is looked for again */
#define PROGRESS_NS    (200 * NS_PER_MS)     /* for people who look at the status */
#define LEAST_CREDIT   (SCRIBE_CREDIT / 8)   /* given back at a time: each time wakes the port */

struct queue { zmq_msg_t *list; size_t n, cap; };

struct creditor { uint32_t port; void *outlet; int64_t owed; };

struct logbook {
	uint32_t run;
	struct journal *journal;
	void *inbox, *to_run, *to_stream, *to_main;
	pthread_t thread;

	/* of the group in hand, until it is durable */
	struct buf parcel;           /* for the stream */
	struct ack *acks;
	size_t n_acks, cap_acks;

	struct queue group;          /* the entries it was made of: not let go before they are durable */
	struct queue waiting;        /* entries that found no space, in order */
	bool full, dead, ended;

	struct creditor *ports;
	size_t n_ports;
	struct buf stop;             /* keys of the stop record */
	instant told;                /* main was last told of progress */
	uint64_t told_records;
};

static const char *keys_of(const struct entry *e)
{
	return (const char *)(e + 1);
}

static void tell_run(struct logbook *l, enum ack_what what, const struct err *why)
{
	struct ack a = { .what = what };

	if (why) {
		a.code = why->code;
		snprintf(a.text, sizeof a.text, "%.*s", (int)sizeof a.text - 1, why->text);
	}
	post_send(l->to_run, &a, sizeof a);
}

static void die(struct logbook *l, const struct err *why)
{
	struct notice n = { .what = NOTICE_DEAD, .run = l->run };

	if (l->dead)
		return;
	l->dead = true;
	tell_run(l, ACK_DEAD, why);
	snprintf(n.text, sizeof n.text, "%.*s", (int)sizeof n.text - 1, why->text);
	post_send(l->to_main, &n, sizeof n);
}

static struct creditor *creditor(struct logbook *l, uint32_t port)
{
	for (size_t i = 0; i < l->n_ports; i++)
		if (l->ports[i].port == port)
			return &l->ports[i];
	l->ports = mem_grow(l->ports, l->n_ports, sizeof *l->ports);
	l->ports[l->n_ports] = (struct creditor){ .port = port, .outlet = post_outlet("port/%u", port) };
	return &l->ports[l->n_ports++];
}

static void owe(struct logbook *l, zmq_msg_t *m)
{
	const struct entry *e = zmq_msg_data(m);

	if (e->port)
		creditor(l, e->port)->owed += (int64_t)zmq_msg_size(m);
}

static void pay(struct logbook *l)
{
	for (size_t i = 0; i < l->n_ports; i++) {
		struct creditor *c = &l->ports[i];
		struct port_request r = { .what = PORT_CREDIT, .run = l->run, .credit = c->owed };

		if (c->owed < LEAST_CREDIT)
			continue;
		post_send(c->outlet, &r, sizeof r);
		c->owed = 0;
	}
}

static void new_ack(struct logbook *l, enum ack_what what, const struct entry *e)
{
	struct ack *a;

	l->acks = mem_fit(l->acks, l->n_acks, &l->cap_acks, sizeof *l->acks);
	a = &l->acks[l->n_acks++];
	*a = (struct ack){ .what = what, .request = e->request, .tag = e->tag, .k = e->k,
			   .value = e->value, .status = e->status, .mono_ns = e->mono_ns,
			   .outcome = e->outcome, .code = e->code };
	if (what == ACK_MARK)
		snprintf(a->text, sizeof a->text, "%.*s", (int)e->keys_len, keys_of(e));
}

static void no_space(struct logbook *l, const struct err *why)
{
	if (!l->full)
		tell_run(l, ACK_FULL, why);
	l->full = true;
}

/* The keys of `stop` are completed here: only the journal knows what it holds. */
static void complete_stop(struct logbook *l, struct draft *d)
{
	buf_clear(&l->stop);
	buf_add(&l->stop, d->keys, d->keys_len);
	json_key(&l->stop, "counts");
	record_counts_put(&l->stop, journal_counts(l->journal));
	d->keys = l->stop.data;
	d->keys_len = l->stop.len;
}

/* A record that no format can hold is not passed over in silence: an alarm stands in its place. */
static bool stand_in(struct logbook *l, const struct entry *e, const struct err *cause, struct record *r,
		     struct err *why)
{
	struct draft d = { .kind = RECORD_EVENT, .channel = "", .utc_ns = e->utc_ns, .mono_ns = e->mono_ns };
	char text[sizeof cause->text + 64];
	struct buf keys = { 0 };
	bool done;

	snprintf(text, sizeof text, "a %s of %s is not on record: %.400s", record_kind_name(e->kind),
		 e->channel[0] ? e->channel : "this run", cause->text);
	json_key(&keys, "event");
	json_text(&keys, "alarm");
	json_key(&keys, "text");
	json_text(&keys, text);
	d.keys = keys.data;
	d.keys_len = keys.len;
	done = journal_append(l->journal, &d, JOURNAL_RESERVED, r, why) == 0;
	buf_release(&keys);
	return done;
}

/* 0, or -1 when there is no space and the entry must wait. */
static int append(struct logbook *l, const struct entry *e)
{
	struct draft d = {
		.kind = e->kind, .channel = e->channel, .utc_ns = e->utc_ns, .mono_ns = e->mono_ns,
		.keys = keys_of(e), .keys_len = e->keys_len,
		.body = keys_of(e) + e->keys_len, .body_len = e->body_len,
	};
	struct record r;
	struct err why;

	if (e->kind == RECORD_STOP)
		complete_stop(l, &d);
	if (journal_append(l->journal, &d, e->class, &r, &why) < 0) {
		if (why.code == ERR_FULL) {
			no_space(l, &why);
			return -1;
		}
		if (why.code != ERR_CONFIG || !stand_in(l, e, &why, &r, &why)) {
			die(l, &why);
			return 0;
		}
	}
	parcel_add(&l->parcel, &r);
	if (r.kind == RECORD_READING && e->request)
		new_ack(l, ACK_READING, e);
	return 0;
}

static int take(struct logbook *l, const struct entry *e)
{
	switch (e->what) {
	case ENTRY_RECORD:
		if (append(l, e) < 0)
			return -1;
		break;
	case ENTRY_MARK:
		new_ack(l, ACK_MARK, e);
		break;
	case ENTRY_END:
		l->ended = true;
		break;
	case ENTRY_TELL:             /* when the group is durable: tell_desk */
	case ENTRY_DROP:
		break;
	}
	return 0;
}

static void queue_add(struct queue *q, zmq_msg_t *m)
{
	q->list = mem_fit(q->list, q->n, &q->cap, sizeof *q->list);
	q->list[q->n++] = *m;
}

static void queue_drop(struct queue *q)
{
	for (size_t i = 0; i < q->n; i++)
		zmq_msg_close(&q->list[i]);
	q->n = 0;
}

/* Tries those that found no space before, in their order. */
static void retry_waiting(struct logbook *l)
{
	struct queue *q = &l->waiting;
	size_t i = 0;

	while (i < q->n && !l->dead && take(l, zmq_msg_data(&q->list[i])) == 0)
		queue_add(&l->group, &q->list[i++]);
	q->n -= i;
	if (i)
		memmove(q->list, q->list + i, q->n * sizeof *q->list);
}

static void tell_desk(struct logbook *l, const struct entry *e, bool waits)
{
	struct notice n = { .what = NOTICE_DESK, .run = l->run, .port = e->port, .station = e->tag, .waits = waits,
			    .ticket = waits ? 0 : e->request, .code = e->code, .more = e->keys_len };
	zmq_msg_t m;
	char *p = post_begin(&m, sizeof n + e->keys_len);

	memcpy(p, &n, sizeof n);
	memcpy(p + sizeof n, keys_of(e), e->keys_len);
	post_end(l->to_main, &m);
}

/* It waits for space.  An answer among what waits is not acknowledged, but its question is asked no more. */
static void park(struct logbook *l, struct queue *q, zmq_msg_t *m)
{
	const struct entry *e = zmq_msg_data(m);

	if (e->what == ENTRY_TELL && e->request && e->code == ERR_NONE)
		tell_desk(l, e, true);
	queue_add(q, m);
}

/* The file system had no space after all: the whole group waits, before those that waited. */
static void put_back(struct logbook *l)
{
	struct queue all = { 0 };

	for (size_t i = 0; i < l->group.n; i++)
		park(l, &all, &l->group.list[i]);
	for (size_t i = 0; i < l->waiting.n; i++)
		queue_add(&all, &l->waiting.list[i]);
	l->waiting.n = l->group.n = 0;
	free(l->waiting.list);
	l->waiting = all;
	l->ended = false;
}

static bool must_queue(const struct logbook *l, const struct entry *e)
{
	return l->waiting.n && e->what != ENTRY_DROP && e->what != ENTRY_END &&
		e->class != JOURNAL_RESERVED;
}

static void receive(struct logbook *l, zmq_msg_t *m)
{
	const struct entry *e = zmq_msg_data(m);

	if (l->dead && e->what != ENTRY_END) {
		zmq_msg_close(m);
		return;
	}
	if (e->what == ENTRY_DROP)
		queue_drop(&l->waiting);
	if (must_queue(l, e) || take(l, e) < 0)
		park(l, &l->waiting, m);
	else
		queue_add(&l->group, m);
}

/* False while the inbox is not empty yet. */
static bool gather(struct logbook *l)
{
	zmq_msg_t m;

	if (l->waiting.n)
		retry_waiting(l);
	while (journal_pending(l->journal) < GROUP_BYTES) {
		if (!post_receive(l->inbox, &m))
			return true;
		receive(l, &m);
	}
	return false;
}

static void forget_group(struct logbook *l)
{
	buf_clear(&l->parcel);
	l->n_acks = 0;
}

static void settle(struct logbook *l, zmq_msg_t *m)
{
	const struct entry *e = zmq_msg_data(m);

	if (e->what == ENTRY_TELL)
		tell_desk(l, e, false);
	owe(l, m);
}

/* What is durable is published, acknowledged and paid for. */
static void release(struct logbook *l)
{
	if (l->parcel.len)
		post_send(l->to_stream, l->parcel.data, l->parcel.len);
	for (size_t i = 0; i < l->n_acks; i++) {
		l->acks[i].records = journal_acknowledged(l->journal);
		post_send(l->to_run, &l->acks[i], sizeof l->acks[i]);
	}
	forget_group(l);
	for (size_t i = 0; i < l->group.n; i++)
		settle(l, &l->group.list[i]);
	queue_drop(&l->group);
	pay(l);
	if (l->full && !l->waiting.n) {
		l->full = false;
		tell_run(l, ACK_SPACE, NULL);
	}
}

static void commit(struct logbook *l)
{
	struct err why;

	if (!l->dead && journal_pending(l->journal) && journal_commit(l->journal, &why) < 0) {
		if (why.code == ERR_FULL) {
			no_space(l, &why);
			forget_group(l);
			put_back(l);
			return;
		}
		die(l, &why);
	}
	if (l->dead)
		forget_group(l);
	else
		release(l);
}

static bool progress_due(const struct logbook *l)
{
	return journal_acknowledged(l->journal) != l->told_records;
}

static void tell_progress(struct logbook *l)
{
	struct notice n = { .what = NOTICE_PROGRESS, .run = l->run,
			    .records = journal_acknowledged(l->journal),
			    .readings = journal_counts(l->journal)->kinds[RECORD_READING] };

	post_send(l->to_main, &n, sizeof n);
	l->told_records = n.records;
	l->told = instant_now();
}

static instant patience(const struct logbook *l)
{
	if (progress_due(l))
		return l->told + PROGRESS_NS;
	return l->full && !l->dead ? instant_after(RETRY_NS) : INSTANT_NEVER;
}

static void *serve(void *arg)
{
	struct logbook *l = arg;
	bool empty;

	while (!l->ended) {
		empty = gather(l);
		commit(l);
		if (progress_due(l) && instant_now() - l->told >= PROGRESS_NS)
			tell_progress(l);
		if (empty && !l->ended)
			post_wait(l->inbox, patience(l));
	}
	tell_progress(l);
	journal_close(&l->journal);
	tell_run(l, ACK_ENDED, NULL);
	return NULL;
}

void logbook_start(struct logbook **out, uint32_t run, struct journal *j)
{
	struct logbook *l = mem_new(sizeof *l);

	l->run = run;
	l->journal = j;
	l->inbox = post_inbox("log/%u", run);
	l->to_run = post_outlet("run/%u", run);
	l->to_stream = post_outlet("stream");
	l->to_main = post_outlet("main");
	if (pthread_create(&l->thread, NULL, serve, l))
		abort();
	*out = l;
}

void logbook_join(struct logbook **out)
{
	struct logbook *l = *out;

	if (!l)
		return;
	pthread_join(l->thread, NULL);
	queue_drop(&l->waiting);
	queue_drop(&l->group);
	for (size_t i = 0; i < l->n_ports; i++)
		post_close(&l->ports[i].outlet);
	post_close(&l->inbox);
	post_close(&l->to_run);
	post_close(&l->to_stream);
	post_close(&l->to_main);
	buf_release(&l->stop);
	buf_release(&l->parcel);
	free(l->acks);
	free(l->waiting.list);
	free(l->group.list);
	free(l->ports);
	free(l);
	*out = NULL;
}
