/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_ingest - from a port to the journal: durable records a second beside write + fdatasync of
 * the same bytes in the same groups; how long a reading takes to be acknowledged, and to be in
 * an observer's hand, beside fdatasync alone. */
#include <fcntl.h>
#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>
#include <zmq.h>

#include "rig.h"

#define GROUP 1000               /* records handed over at a time; at most two groups under way */

/* What station_record sends for a scalar reading, or for a block of samples. */
static void send_reading(struct scribe *s, int32_t k, const void *body, size_t n)
{
	struct entry e = { .what = ENTRY_RECORD, .kind = RECORD_READING, .utc_ns = utc_now(),
			   .mono_ns = instant_now(), .tag = 1, .k = k, .value = 10.00000123,
			   .channel = "meter.voltage.dc" };
	struct buf *b = &s->keys;

	json_key(b, "value");
	json_number(b, 10.0 + (double)(k % 1000) * 1e-6);
	json_key(b, "unit");
	json_text(b, "V");
	json_key(b, "status");
	json_text(b, "ok");
	json_key(b, "raw");
	json_bytes(b, "+1.000000123E+01", 16);
	json_key(b, "span_ns");
	json_int(b, 1234567);
	json_key(b, "k");
	json_int(b, k);
	scribe_send(s, &e, body, n);
}

struct ingest { struct rig *rig; void *body; size_t body_len; unsigned group; };

/* n groups. */
static double ours(void *with, unsigned n)
{
	struct ingest *g = with;
	instant start = instant_now();

	for (unsigned i = 0; i < n; i++) {
		for (unsigned k = 0; k < g->group; k++)
			send_reading(&g->rig->scribe, (int32_t)k, g->body, g->body_len);
		scribe_mark(&g->rig->scribe, ++g->rig->requests, OUTCOME_DONE, NULL);
		while (g->rig->marks + 1 < g->rig->requests)
			rig_listen_once(g->rig);
	}
	rig_listen(g->rig);
	return aid_seconds(start);
}

struct plain { int fd; char *bytes; size_t n; };

static double plain(void *with, unsigned n)
{
	struct plain *p = with;
	instant start = instant_now();

	for (unsigned i = 0; i < n; i++)
		must(write(p->fd, p->bytes, p->n) == (ssize_t)p->n && fdatasync(p->fd) == 0, "fdatasync");
	return aid_seconds(start);
}

static struct plain plain_open(size_t n)
{
	char *path = aid_path("plain");
	struct plain p = { .fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600),
			   .bytes = mem_new(n), .n = n };

	must(p.fd >= 0, path);
	for (size_t i = 0; i < n; i++)
		p.bytes[i] = (char)(i * 31);
	free(path);
	return p;
}

/* Bytes of the journal for one group. */
static size_t group_bytes(struct rig *r, const struct ingest *g)
{
	struct journal_summary before, after;
	struct ingest one = *g;

	must(journal_verify(r->journal, &before, &aid_err) == 0, "verify");
	ours(&one, 4);
	must(journal_verify(r->journal, &after, &aid_err) == 0, "verify");
	journal_summary_release(&before);
	journal_summary_release(&after);
	return (size_t)((after.bytes - before.bytes) / 4);
}

static void throughput(const char *row, unsigned group, size_t samples, double target)
{
	const struct rounds rounds = { 9, 200 * NS_PER_MS, group };
	struct ingest g = { .body_len = 8 * samples, .group = group };
	struct plain p;
	struct rig rig;

	if (!aid_wanted(row))
		return;
	g.body = mem_new(g.body_len + 1);
	rig_open(&rig, NULL, NULL, 0, ANY_CORE, ANY_CORE);
	g.rig = &rig;
	ours(&g, 1);
	p = plain_open(group_bytes(&rig, &g));
	aid_compare_more(row, &rounds, (struct side){ ours, &g }, (struct side){ plain, &p }, target);
	close(p.fd);
	free(p.bytes);
	free(g.body);
	rig_close(&rig);
}

/* Delays. */

/* An observer as anybody would write one; it reads the centre of the exchange from the header. */
struct observer { char *endpoint; double *delays; size_t n, room; int ready; };

static void *observe(void *arg)
{
	struct observer *o = arg;
	void *context = zmq_ctx_new(), *sub = zmq_socket(context, ZMQ_SUB);
	char header[65536];
	int patience = 20000, more, n;

	zmq_setsockopt(sub, ZMQ_SUBSCRIBE, "", 0);
	zmq_setsockopt(sub, ZMQ_RCVTIMEO, &patience, sizeof patience);
	zmq_connect(sub, o->endpoint);
	__atomic_store_n(&o->ready, 1, __ATOMIC_RELEASE);
	while (o->n < o->room && zmq_recv(sub, header, sizeof header, 0) >= 0) {
		size_t size = sizeof more;
		const char *at;

		n = zmq_recv(sub, header, sizeof header - 1, 0);
		header[n] = '\0';
		at = strstr(header, "\"mono_ns\":");
		if (at && strstr(header, "\"reading\"") && o->n < o->room)
			o->delays[o->n++] = aid_seconds(strtoll(at + strlen("\"mono_ns\":"), NULL, 10));
		do {
			zmq_recv(sub, header, sizeof header, 0);
			zmq_getsockopt(sub, ZMQ_RCVMORE, &more, &size);
		} while (more);
	}
	zmq_close(sub);
	zmq_ctx_term(context);
	return NULL;
}

static void fdatasync_delays(double *delays, size_t n)
{
	struct plain p = plain_open(4096);

	for (size_t i = 0; i < n; i++)
		delays[i] = plain(&p, 1);
	close(p.fd);
	free(p.bytes);
}

static void delay_row(const char *what, unsigned rate, double q, double *ours_s, size_t n, double *sync,
		      size_t m, struct target target)
{
	char row[80];

	snprintf(row, sizeof row, "%s_p%.0f_at_%u", what, 100 * q, rate);
	aid_row(row, 1e3 * aid_quantile(ours_s, n, q), 1e3 * aid_quantile(sync, m, q), target, "ms");
}

static void delays(unsigned instruments, unsigned rate, unsigned readings)
{
	struct server server = server_scpi(instruments, ANY_CORE);
	struct observer o = { .delays = mem_array(readings, sizeof(double)), .room = readings };
	size_t m = 400;
	double *sync = mem_array(m, sizeof(double));
	pthread_t observer;
	struct rig rig;

	rig_open(&rig, aid_meter, server.addresses, instruments, ANY_CORE, ANY_CORE);
	o.endpoint = rig.endpoint;
	must(pthread_create(&observer, NULL, observe, &o) == 0, "pthread_create");
	while (!__atomic_load_n(&o.ready, __ATOMIC_ACQUIRE))
		usleep(1000);
	usleep(100000);
	rig_keep(&rig, readings);
	fdatasync_delays(sync, m / 2);
	rig_measure(&rig, readings / instruments, NS_PER_S * instruments / rate);
	fdatasync_delays(sync + m / 2, m - m / 2);
	pthread_join(observer, NULL);
	must(o.n == readings, "an observer");
	delay_row("acknowledged_beside_fdatasync", rate, 0.5, rig.delays, rig.kept, sync, m, at_most(1));
	delay_row("acknowledged_beside_fdatasync", rate, 0.99, rig.delays, rig.kept, sync, m, at_most(5));
	delay_row("in_hand_beside_fdatasync", rate, 0.5, o.delays, o.n, sync, m, stated());
	delay_row("in_hand_beside_fdatasync", rate, 0.99, o.delays, o.n, sync, m, stated());
	rig_close(&rig);
	server_end(&server);
	free(o.delays);
	free(sync);
}

int main(void)
{
	aid_folder_make();
	/* First, for what the others leave to be written back holds every fdatasync up. */
	if (aid_wanted("_at_100"))
		delays(1, 100, 200);
	if (aid_wanted("_at_10000"))
		delays(10, 10000, 20000);
	throughput("ingest_scalars", GROUP, 0, 0.30);
	throughput("ingest_blocks_of_100", GROUP, 100, 0.60);
	throughput("ingest_blocks_of_10000", GROUP / 20, 10000, 0.60);
	aid_folder_remove();
	return 0;
}
