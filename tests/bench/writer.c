/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "writer.h"

#include <signal.h>
#include <stdlib.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>
#include <zmq.h>

#include "journal.h"

static void keep(struct record *to, const struct record *r)
{
	*to = *r;
	to->header.p = mem_copy(r->header.p, r->header.n);
	to->body = r->body_len ? mem_copy(r->body, r->body_len) : NULL;
}

static void read_group(struct writer *w, const char *journal)
{
	struct journal_reader *reader;
	struct record r;
	unsigned n = 0;

	w->records = mem_array(w->group, sizeof *w->records);
	must(journal_read_open(&reader, journal, &aid_err) == 0, journal);
	while (n < w->group && journal_read_next(reader, &r, &aid_err) > 0)
		if (r.kind == RECORD_READING)
			keep(&w->records[n++], &r);
	must(n == w->group, "a group in the journal");
	journal_read_close(&reader);
}

static pid_t start(const char *endpoint, enum writer_manner how)
{
	char *file = aid_path("writer.h5");
	pid_t pid = fork();

	if (pid == 0) {
		prctl(PR_SET_PDEATHSIG, SIGKILL);
		execl("/usr/bin/python3", "python3", "tests/bench/writer.py", endpoint, file,
		      how == WRITER_EACH ? "each" : "group", (char *)NULL);
		_exit(127);
	}
	must(pid > 0, "fork");
	free(file);
	return pid;
}

static void await(struct writer *w)
{
	char answer[16];

	must(zmq_recv(w->socket, answer, sizeof answer, 0) >= 0, "writer.py");
}

void writer_start(struct writer *w, const char *journal, unsigned group, enum writer_manner how)
{
	char *endpoint = mem_format("ipc://%s/writer", aid_folder);
	int none = 0, patience = 20000;

	*w = (struct writer){ .context = zmq_ctx_new(), .group = group };
	read_group(w, journal);
	w->socket = zmq_socket(w->context, ZMQ_PAIR);
	zmq_setsockopt(w->socket, ZMQ_SNDHWM, &none, sizeof none);
	zmq_setsockopt(w->socket, ZMQ_RCVTIMEO, &patience, sizeof patience);
	must(zmq_bind(w->socket, endpoint) == 0, endpoint);
	w->pid = start(endpoint, how);
	await(w);
	free(endpoint);
}

static void send_group(struct writer *w)
{
	for (unsigned i = 0; i < w->group; i++) {
		const struct record *r = &w->records[i];

		zmq_send(w->socket, r->header.p, r->header.n, ZMQ_SNDMORE);
		zmq_send(w->socket, r->body, r->body_len, 0);
	}
	zmq_send(w->socket, "", 0, 0);
}

double writer_run(void *with, unsigned n)
{
	struct writer *w = with;
	instant begun = instant_now();

	for (unsigned i = 0; i < n; i++) {
		send_group(w);
		if (i)
			await(w);
	}
	await(w);
	return aid_seconds(begun);
}

void writer_stop(struct writer *w)
{
	zmq_send(w->socket, "end", 3, 0);
	waitpid(w->pid, NULL, 0);
	zmq_close(w->socket);
	zmq_ctx_term(w->context);
	for (unsigned i = 0; i < w->group; i++) {
		free((void *)(uintptr_t)w->records[i].header.p);
		free((void *)(uintptr_t)w->records[i].body);
	}
	free(w->records);
}
