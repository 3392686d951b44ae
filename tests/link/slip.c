/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "slip.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "slip_wire.h"

#define WRITTEN_MOST (16 * 1024 * 1024)
#define SESSION      0x1234
#define FIRST        0xffffff00u

static void rest(struct slip *s, int ms)
{
	struct pollfd f = { .fd = s->stop[0], .events = POLLIN };

	poll(&f, 1, ms);
}

static void hang_up(struct slip *s)
{
	if (s->sync >= 0)
		close(s->sync);
	if (s->async >= 0)
		close(s->async);
	if (s->device_fd >= 0)
		close(s->device_fd);
	s->sync = s->async = s->device_fd = -1;
}

static void send_dribbling(struct slip *s, const unsigned char *m, size_t n, int ms)
{
	for (size_t i = 0; i < n; i++) {
		slip_send_all(s->sync, m + i, 1);
		rest(s, ms);
	}
}

static void send_split(struct slip *s, const unsigned char *m, size_t n, size_t first)
{
	slip_send_all(s->sync, m, first);
	rest(s, 1);
	slip_send_all(s->sync, m + first, n - first);
}

/* m: the n bytes of a message as it should be. */
static void send_spoiled(struct slip *s, const struct slip_row *r, unsigned char *m, size_t n)
{
	size_t arg = (size_t)r->arg;

	switch (r->spoil) {
	case SLIP_NUMBER:
		slip_put(m + 4, s->number + (uint32_t)r->arg, 4);
		break;
	case SLIP_NO_NUMBER:
		slip_put(m + 4, UINT32_MAX, 4);
		break;
	case SLIP_PROLOGUE:
		m[1] = 'X';
		break;
	case SLIP_TYPE:
		m[2] = (unsigned char)arg;
		break;
	case SLIP_TOO_LONG:
		slip_put(m + 8, UINT64_C(1) << 40, 8);
		break;
	case SLIP_SPLIT:
		send_split(s, m, n, arg);
		return;
	case SLIP_CUT:
		slip_send_all(s->sync, m, arg);
		hang_up(s);
		return;
	case SLIP_DRIBBLE:
		send_dribbling(s, m, n, r->arg);
		return;
	case SLIP_LATE:
		rest(s, r->arg);
		break;
	case SLIP_TWICE:
		slip_send_all(s->sync, m, n);
		break;
	case SLIP_SILENT:
		return;
	case SLIP_AFTER_CLEAR:
		s->stale = r;
		return;
	case SLIP_ERROR:
	case SLIP_FATAL:
		slip_send(s->sync, r->spoil == SLIP_FATAL ? FATAL_ERROR : ERROR, (unsigned)arg, 0, r->bytes, r->n);
		return;
	case SLIP_INTERRUPTED:
		slip_send(s->sync, INTERRUPTED, 0, s->number, "", 0);
		slip_send(s->async, ASYNC_INTERRUPTED, 0, s->number, "", 0);
		return;
	case SLIP_NOT:
		break;
	}
	slip_send_all(s->sync, m, n);
}

/* One row, in as many messages as it takes. */
static void send_row(struct slip *s, const struct slip_row *r)
{
	size_t most = s->chunk ? s->chunk : s->client_most - 16, at = 0;
	unsigned char *m = malloc(16 + (r->n < most ? r->n : most));

	slip_must(m != NULL && most + 16 <= s->client_most, "what the client takes");
	do {
		size_t n = r->n - at < most ? r->n - at : most;

		slip_head(m, r->end && at + n == r->n ? DATA_END : DATA, 0, s->number, n);
		if (n)
			memcpy(m + 16, r->bytes + at, n);
		send_spoiled(s, r, m, 16 + n);
		at += n;
	} while (at < r->n && s->sync >= 0);
	free(m);
}

static void answer(struct slip *s)
{
	while (s->script && s->script[s->row].bytes && s->sync >= 0) {
		const struct slip_row *r = &s->script[s->row++];

		send_row(s, r);
		if (r->end)
			return;
	}
}

/* Every message that may be answered has the number after the last one's. */
static void count(struct slip *s, const struct slip_message *m)
{
	slip_must(m->parameter == s->number + 2, "message number");
	slip_must(m->control <= 1, "control code of a message");
	s->number = m->parameter;
	s->delivered += m->control == 1;
}

static void hear(struct slip *s, const struct slip_message *m)
{
	slip_must(m->length + 16 <= s->most && s->written_n + m->length <= WRITTEN_MOST, "message size");
	if (m->length + 16 > s->longest)
		s->longest = m->length + 16;
	count(s, m);
	slip_must(slip_read_all(s->sync, s->written + s->written_n, m->length), "message");
	if (s->device_fd >= 0)
		slip_send_all(s->device_fd, s->written + s->written_n, m->length);
	s->written_n += m->length;
	s->messages++;
	if (m->type == DATA)
		return;
	s->ends++;
	if (s->device_fd < 0)
		answer(s);
}

/* Whole lines are whole messages. */
static void attend_device(struct slip *s)
{
	char said[4096];
	ssize_t n = recv(s->device_fd, said, sizeof said, 0);

	if (n > 0)
		slip_send(s->sync, said[n - 1] == '\n' ? DATA_END : DATA, 0, s->number, said, (size_t)n);
	else
		hang_up(s);
}

static void clear_complete(struct slip *s, const struct slip_message *m)
{
	slip_must(m->control == 0 && m->parameter == 0 && m->length == 0, "DeviceClearComplete");
	s->clears++;
	s->number = FIRST - 2;
	slip_send(s->sync, DEVICE_CLEAR_ACKNOWLEDGE, s->features, 0, "", 0);
	if (!s->stale)
		return;
	slip_send(s->sync, DATA_END, 0, FIRST, s->stale->bytes, s->stale->n);
	s->stale = NULL;
}

static void attend_sync(struct slip *s)
{
	struct slip_message m;

	if (!slip_read_head(s->sync, &m)) {
		hang_up(s);
		return;
	}
	slip_must(s->async >= 0 || m.type == FATAL_ERROR, "messages before the session is complete");
	switch (m.type) {
	case DATA:
	case DATA_END:
		hear(s, &m);
		break;
	case TRIGGER:
		slip_must(m.length == 0, "Trigger");
		count(s, &m);
		s->triggers++;
		answer(s);
		break;
	case DEVICE_CLEAR_COMPLETE:
		clear_complete(s, &m);
		break;
	case FATAL_ERROR:
		s->fatals++;
		hang_up(s);
		break;
	default:
		slip_must(false, "a message that does not belong on the synchronous channel");
	}
}

static void negotiate(struct slip *s, const struct slip_message *m)
{
	unsigned char size[16] = { 0 };

	slip_must(m->control == 0 && m->parameter == 0 && m->length == 8 && slip_read_all(s->async, size, 8), "maximum size");
	s->client_most = slip_get(size, 8);
	slip_put(size, s->most, 8);
	slip_send(s->async, ASYNC_MAXIMUM_RESPONSE, 0, 0, size, (size_t)s->size_length);
}

static void lock(struct slip *s, const struct slip_message *m)
{
	slip_must(m->length == 0 && m->control <= 1, "an exclusive lock");
	if (m->control)
		s->locks++;
	else
		s->releases++;
	s->release_number = m->parameter;
	if (s->lock_answer < 0)
		slip_send(s->async, ERROR, 1, 0, "no such message", 15);
	else
		slip_send(s->async, ASYNC_LOCK_RESPONSE, (unsigned)s->lock_answer, 0, "", 0);
}

static void tell_status(struct slip *s, const struct slip_message *m)
{
	slip_must(m->control <= 1 && m->length == 0, "AsyncStatusQuery");
	s->statuses++;
	s->status_number = m->parameter;
	if (!s->deaf)
		slip_send(s->async, (unsigned)s->async_type, s->status, 0, "", 0);
}

static void attend_async(struct slip *s)
{
	struct slip_message m;

	if (!slip_read_head(s->async, &m)) {
		hang_up(s);
		return;
	}
	switch (m.type) {
	case ASYNC_MAXIMUM:
		negotiate(s, &m);
		break;
	case ASYNC_LOCK:
		lock(s, &m);
		break;
	case ASYNC_DEVICE_CLEAR:
		slip_must(m.control == 0 && m.parameter == 0 && m.length == 0, "AsyncDeviceClear");
		if (!s->deaf)
			slip_send(s->async, ASYNC_DEVICE_CLEAR_ACKNOWLEDGE, s->features, 0, "", 0);
		break;
	case ASYNC_STATUS_QUERY:
		tell_status(s, &m);
		break;
	case FATAL_ERROR:
		s->fatals++;
		hang_up(s);
		break;
	default:
		slip_must(false, "a message that does not belong on the asynchronous channel");
	}
}

static int dial(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	slip_must(connect(fd, (void *)&a, sizeof a) == 0, "the device behind");
	return fd;
}

static void initialize(struct slip *s, int fd, const struct slip_message *m)
{
	slip_must(m->control == 0 && m->parameter >> 16 == 0x0100 && m->length < sizeof s->device, "Initialize");
	hang_up(s);                              /* an earlier session */
	memset(s->device, 0, sizeof s->device);
	slip_must(slip_read_all(fd, s->device, m->length), "Initialize");
	s->sync = fd;
	if (s->behind)
		s->device_fd = dial(s->behind);
	s->number = FIRST - 2;
	s->sessions++;
	if (s->refuse >= 0)
		slip_send(fd, FATAL_ERROR, (unsigned)s->refuse, 0, "not today", 9);
	else
		slip_send(fd, (unsigned)s->welcome_type, s->welcome, (uint32_t)s->version << 16 | SESSION, "", 0);
}

static void initialize_async(struct slip *s, int fd, const struct slip_message *m)
{
	slip_must(m->control == 0 && m->parameter == SESSION && m->length == 0 && s->async < 0, "AsyncInitialize");
	s->async = fd;
	if (s->refuse_async >= 0)
		slip_send(fd, FATAL_ERROR, (unsigned)s->refuse_async, 0, "", 0);
	else
		slip_send(fd, ASYNC_INITIALIZE_RESPONSE, 0, 0x5858, "", 0);
}

static void welcome(struct slip *s)
{
	int fd = accept(s->listening, NULL, NULL), on = 1;
	struct slip_message m;

	slip_must(fd >= 0, "accept");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	if (!slip_read_head(fd, &m)) {
		close(fd);
		return;
	}
	slip_must(m.type == INITIALIZE || m.type == ASYNC_INITIALIZE, "the first message");
	if (m.type == INITIALIZE)
		initialize(s, fd, &m);
	else
		initialize_async(s, fd, &m);
}

static void *serve(void *arg)
{
	struct slip *s = arg;

	for (;;) {
		struct pollfd f[] = {
			{ .fd = s->stop[0], .events = POLLIN }, { .fd = s->sync, .events = POLLIN },
			{ .fd = s->async, .events = POLLIN }, { .fd = s->listening, .events = POLLIN },
			{ .fd = s->device_fd, .events = POLLIN },
		};

		if (poll(f, 5, -1) < 0 || f[0].revents)
			return NULL;
		if (f[2].revents)
			attend_async(s);
		if (f[1].revents && s->sync >= 0)
			attend_sync(s);
		if (f[4].revents && s->device_fd >= 0)
			attend_device(s);
		if (f[3].revents)
			welcome(s);
	}
}

void slip_request_service(struct slip *s, uint8_t status)
{
	slip_send(s->async, ASYNC_SERVICE_REQUEST, status, 0, "", 0);
}

void slip_late_status(struct slip *s, uint8_t status)
{
	slip_send(s->async, ASYNC_STATUS_RESPONSE, status, 0, "", 0);
}

void slip_say(struct slip *s, uint32_t number, const char *text)
{
	slip_send(s->sync, DATA_END, 0, number, text, strlen(text));
}

void slip_hang_up(struct slip *s)
{
	shutdown(s->sync, SHUT_RDWR);
	shutdown(s->async, SHUT_RDWR);
}

void slip_prepare(struct slip *s, const struct slip_row *script)
{
	memset(s, 0, sizeof *s);
	s->script = script;
	s->most = 65536;
	s->version = 0x0100;
	s->welcome_type = 1;
	s->refuse = s->refuse_async = -1;
	s->lock_answer = 1;
	s->size_length = 8;
	s->async_type = ASYNC_STATUS_RESPONSE;
	s->sync = s->async = s->device_fd = -1;
}

void slip_start(struct slip *s)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;

	s->written = malloc(WRITTEN_MOST);
	slip_must(s->written != NULL, "memory");
	s->listening = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	slip_must(!bind(s->listening, (void *)&a, sizeof a) && !listen(s->listening, 4) &&
	     !getsockname(s->listening, (void *)&a, &n) && !pipe(s->stop), "listen");
	snprintf(s->address, sizeof s->address, "hislip://127.0.0.1:%d/hislip0", ntohs(a.sin_port));
	slip_must(!pthread_create(&s->thread, NULL, serve, s), "thread");
}

void slip_stop(struct slip *s)
{
	slip_must(write(s->stop[1], "x", 1) == 1, "stop");
	pthread_join(s->thread, NULL);
	hang_up(s);
	close(s->listening);
	close(s->stop[0]);
	close(s->stop[1]);
	free(s->written);
}
