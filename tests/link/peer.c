/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "peer.h"

#include <arpa/inet.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#define RECORD 70000

/* VXI-11 B.6, RFC 1833 */
enum { CORE_PROGRAM = 395183, ABORT_PROGRAM = 395184, INTR_PROGRAM = 395185, PORTMAPPER = 100000 };

struct message {                 /* bytes being put together, or taken apart from `at` on */
	unsigned char bytes[RECORD];
	size_t n, at;
};

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

static void put(struct message *m, uint32_t v)
{
	for (int shift = 24; shift >= 0; shift -= 8)
		m->bytes[m->n++] = (unsigned char)(v >> shift);
}

static void put_bytes(struct message *m, const char *p, size_t n)
{
	put(m, (uint32_t)n);
	if (n)
		memcpy(m->bytes + m->n, p, n);
	m->n += n;
	while (m->n % 4)
		m->bytes[m->n++] = 0;
}

static uint32_t get(struct message *m)
{
	uint32_t v = 0;

	must(m->at + 4 <= m->n, "a call is too short");
	for (int i = 0; i < 4; i++)
		v = v << 8 | m->bytes[m->at++];
	return v;
}

static void rest(struct peer *p, int ms)
{
	struct pollfd f = { .fd = p->stop[0], .events = POLLIN };

	poll(&f, 1, ms);
}

static void send_all(int fd, const void *data, size_t n)
{
	const char *at = data;

	while (n > 0) {
		ssize_t sent = send(fd, at, n, MSG_NOSIGNAL);

		if (sent <= 0)
			return;
		at += sent;
		n -= (size_t)sent;
	}
}

static void send_fragment(int fd, const unsigned char *p, size_t n, bool last)
{
	uint32_t mark = htonl((uint32_t)n | (last ? UINT32_C(1) << 31 : 0));

	send_all(fd, &mark, 4);
	send_all(fd, p, n);
}

static void send_in_fragments(int fd, const struct message *m, size_t size)
{
	for (size_t at = 0; at < m->n; at += size) {
		size_t n = m->n - at < size ? m->n - at : size;

		send_fragment(fd, NULL, 0, false);
		send_fragment(fd, m->bytes + at, n, false);
	}
	send_fragment(fd, NULL, 0, true);
}

static void send_dribbling(struct peer *p, int fd, const struct message *m, int ms)
{
	uint32_t mark = htonl((uint32_t)m->n | UINT32_C(1) << 31);

	for (size_t i = 0; i < 4 + m->n; i++) {
		send_all(fd, i < 4 ? (const unsigned char *)&mark + i : m->bytes + i - 4, 1);
		rest(p, ms);
	}
}

static void reply_head(struct message *m, uint32_t xid, uint32_t accept_state)
{
	m->n = 0;
	put(m, xid);
	put(m, 1);                       /* REPLY */
	put(m, 0);                       /* MSG_ACCEPTED */
	put(m, 0);                       /* verifier AUTH_NONE */
	put(m, 0);
	put(m, accept_state);
}

static void send_denied(int fd, uint32_t xid, uint32_t reject_state)
{
	struct message m = { .n = 0 };

	put(&m, xid);
	put(&m, 1);
	put(&m, 1);                      /* MSG_DENIED */
	put(&m, reject_state);
	put(&m, 1);                      /* why, or the lowest version */
	put(&m, 1);
	send_fragment(fd, m.bytes, m.n, true);
}

static void hang_up(struct peer *p, int client)
{
	close(p->fds[client]);
	p->fds[client] = -1;
	if (p->pending == client)
		p->pending = 0;
}

/* m: the reply as it should be. */
static void send_spoiled(struct peer *p, int client, struct message *m, uint32_t xid, const struct part *part)
{
	int fd = p->fds[client];
	struct message other;

	switch (part->spoil) {
	case SPOIL_FRAGMENTS:
		send_in_fragments(fd, m, (size_t)part->arg);
		return;
	case SPOIL_DRIBBLE:
		send_dribbling(p, fd, m, part->arg);
		return;
	case SPOIL_LATE:
		rest(p, part->arg);
		break;
	case SPOIL_OLD_FIRST:
		reply_head(&other, p->last_xid, 0);
		put(&other, 0);
		put(&other, PEER_END);
		put_bytes(&other, "stale\n", 6);
		send_fragment(fd, other.bytes, other.n, true);
		break;
	case SPOIL_WRONG_XID:
		m->bytes[0] ^= 0x40;
		break;
	case SPOIL_CALL:
		m->bytes[7] = 0;
		break;
	case SPOIL_ACCEPT_STATE:
		reply_head(m, xid, (uint32_t)part->arg);
		break;
	case SPOIL_DENIED:
		send_denied(fd, xid, (uint32_t)part->arg);
		return;
	case SPOIL_SHORT:
		m->n = 24 + (size_t)part->arg;
		break;
	case SPOIL_HUGE:
		send_all(fd, "\x7f\xff\xff\xff", 4);
		return;
	case SPOIL_SILENT:
		p->pending = client;
		p->pending_xid = xid;
		return;
	case SPOIL_CLOSE:
		send_all(fd, "\x80\0\0\x40", 4);
		send_all(fd, m->bytes, m->n / 2);
		hang_up(p, client);
		return;
	case SPOIL_NOT:
		break;
	}
	send_fragment(fd, m->bytes, m->n, true);
}

static void device_read(struct peer *p, int client, uint32_t xid)
{
	static const struct part nothing = { NULL, 0, 0, 15, SPOIL_NOT, 0 };
	const struct part *part = p->script;
	struct message m;

	for (int i = 0; part && part->bytes && i < p->reads; i++)
		part++;
	if (!part || !part->bytes)
		part = &nothing;
	reply_head(&m, xid, 0);
	put(&m, part->error);
	put(&m, part->reason);
	put_bytes(&m, part->bytes, part->n);
	p->reads++;
	send_spoiled(p, client, &m, xid, part);
}

static void device_write(struct peer *p, struct message *call, struct message *m)
{
	uint32_t flags, n;

	get(call);
	get(call);
	flags = get(call);
	n = get(call);
	if (n > p->longest)
		p->longest = n;
	if (p->takes && n > p->takes) {
		n = p->takes;
		flags = 0;
	}
	must(p->written_n + n < sizeof p->written && call->at + n <= call->n, "device_write");
	memcpy(p->written + p->written_n, call->bytes + call->at, n);
	p->written_n += n;
	p->writes++;
	p->ends += (flags & 8) != 0;
	put(m, p->write_error);
	put(m, n);
}

static void create_link(struct peer *p, struct message *call, struct message *m)
{
	bool lock;
	uint32_t n;

	get(call);
	lock = get(call);
	get(call);
	n = get(call);
	must(n < sizeof p->device, "create_link");
	memcpy(p->device, call->bytes + call->at, n);
	p->device[n] = '\0';
	p->links++;
	p->locks += lock;
	put(m, lock && p->no_lock ? 8 : p->link_error);
	put(m, 77);
	put(m, p->port);
	put(m, p->most);
}

static void device_abort(struct peer *p)
{
	struct message m;

	p->aborts++;
	if (!p->pending)
		return;
	reply_head(&m, p->pending_xid, 0);
	put(&m, 23);
	put(&m, 0);
	put(&m, 0);
	send_fragment(p->fds[p->pending], m.bytes, m.n, true);
	p->pending = 0;
}

/* The instrument calls back: at the address its client gave, which is where that comes from. */
static void create_intr_chan(struct peer *p, struct message *call, struct message *m)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(get(call)) };

	p->intr_port = (uint16_t)get(call);
	a.sin_port = htons(p->intr_port);
	must(get(call) == INTR_PROGRAM && get(call) == 1 && get(call) == 0, "create_intr_chan");
	if (!p->intr_error) {
		p->intr = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		must(connect(p->intr, (void *)&a, sizeof a) == 0, "the interrupt channel");
	}
	put(m, p->intr_error);
}

static void enable_srq(struct peer *p, struct message *call, struct message *m)
{
	must(get(call) == 1, "enable");
	p->handle_n = get(call);
	must(p->handle_n <= sizeof p->handle, "handle");
	memcpy(p->handle, call->bytes + call->at, p->handle_n);
	put(m, 0);
}

void peer_request_service(int fd, const char *handle, size_t n)
{
	struct message m = { .n = 0 };
	const uint32_t head[] = { 4711, 0, 2, INTR_PROGRAM, 1, 30, 0, 0, 0, 0 };

	for (size_t i = 0; i < sizeof head / sizeof *head; i++)
		put(&m, head[i]);
	put_bytes(&m, handle, n);
	send_fragment(fd, m.bytes, m.n, true);
}

static void core(struct peer *p, int client, uint32_t procedure, uint32_t xid, struct message *call)
{
	struct message m;

	reply_head(&m, xid, 0);
	if (procedure != 10 && procedure != 25 && procedure != 26)
		must(get(call) == 77, "another link");
	switch (procedure) {
	case 10:
		create_link(p, call, &m);
		break;
	case 11:
		device_write(p, call, &m);
		break;
	case 12:
		device_read(p, client, xid);
		return;
	case 13:
		p->statuses++;
		put(&m, p->status_error);
		put(&m, p->status);
		break;
	case 14:
		p->triggers++;
		put(&m, p->trigger_error);
		break;
	case 20:
		enable_srq(p, call, &m);
		break;
	case 25:
		if (p->knows_no_srq)
			reply_head(&m, xid, 3);
		else
			create_intr_chan(p, call, &m);
		break;
	case 26:
		p->intr_gone++;
		put(&m, 0);
		break;
	case 15:
		p->clears++;
		put(&m, p->clear_error);
		break;
	case 23:
		p->destroyed++;
		put(&m, 0);
		break;
	default:
		reply_head(&m, xid, 3);  /* PROC_UNAVAIL */
	}
	send_fragment(p->fds[client], m.bytes, m.n, true);
}

static void carry_out(struct peer *p, int client, struct message *call)
{
	uint32_t xid = get(call), program, procedure;
	struct message m;

	must(get(call) == 0 && get(call) == 2, "no call of RPC version 2");
	program = get(call);
	must(get(call) == (program == PORTMAPPER ? 2 : 1), "another version");
	procedure = get(call);
	for (int i = 0; i < 4; i++)
		must(get(call) == 0, "credentials");
	if (program == CORE_PROGRAM) {
		core(p, client, procedure, xid, call);
		p->last_xid = xid;
		return;
	}
	reply_head(&m, xid, 0);
	if (program == PORTMAPPER) {
		must(procedure == 3 && get(call) == CORE_PROGRAM && get(call) == 1 && get(call) == 6, "GETPORT");
		put(&m, p->registered == UINT32_MAX ? p->port : p->registered);
	} else {
		must(program == ABORT_PROGRAM && procedure == 1 && get(call) == 77, "device_abort");
		put(&m, 0);
	}
	send_fragment(p->fds[client], m.bytes, m.n, true);
	if (program == ABORT_PROGRAM)
		device_abort(p);
}

static bool read_all(int fd, void *data, size_t n)
{
	return n == 0 || recv(fd, data, n, MSG_WAITALL) == (ssize_t)n;
}

static void attend(struct peer *p, int client)
{
	struct message call = { .n = 0 };
	uint32_t mark;

	if (!read_all(p->fds[client], &mark, 4)) {
		hang_up(p, client);
		return;
	}
	call.n = ntohl(mark) & 0x7fffffff;
	must(ntohl(mark) >> 31 && call.n < RECORD, "a record of one fragment");
	if (read_all(p->fds[client], call.bytes, call.n))
		carry_out(p, client, &call);
	else
		hang_up(p, client);
}

static void welcome(struct peer *p)
{
	int fd = accept(p->fds[0], NULL, NULL), at = 1, on = 1;

	while (at < PEER_CLIENTS && p->fds[at] >= 0)
		at++;
	must(fd >= 0 && at < PEER_CLIENTS, "accept");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	p->fds[at] = fd;
}

static void *serve(void *arg)
{
	struct peer *p = arg;
	struct pollfd f[PEER_CLIENTS + 1];

	for (;;) {
		for (int i = 0; i < PEER_CLIENTS; i++)
			f[i] = (struct pollfd){ .fd = p->fds[i], .events = POLLIN };
		f[PEER_CLIENTS] = (struct pollfd){ .fd = p->stop[0], .events = POLLIN };
		if (poll(f, PEER_CLIENTS + 1, -1) < 0 || f[PEER_CLIENTS].revents)
			return NULL;
		for (int i = 1; i < PEER_CLIENTS; i++)
			if (f[i].revents && p->fds[i] >= 0)
				attend(p, i);
		if (f[0].revents)
			welcome(p);
	}
}

void peer_start(struct peer *p)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t n = sizeof a;

	for (int i = 1; i < PEER_CLIENTS; i++)
		p->fds[i] = -1;
	p->fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	must(!bind(p->fds[0], (void *)&a, sizeof a) && !listen(p->fds[0], 4) &&
	     !getsockname(p->fds[0], (void *)&a, &n) && !pipe(p->stop), "listen");
	p->port = ntohs(a.sin_port);
	snprintf(p->address, sizeof p->address, "vxi11://127.0.0.1:%d/inst0", p->port);
	must(!pthread_create(&p->thread, NULL, serve, p), "thread");
}

void peer_stop(struct peer *p)
{
	must(write(p->stop[1], "x", 1) == 1, "stop");
	pthread_join(p->thread, NULL);
	for (int i = 0; i < PEER_CLIENTS; i++)
		if (p->fds[i] >= 0)
			close(p->fds[i]);
	if (p->intr > 0)
		close(p->intr);
	close(p->stop[0]);
	close(p->stop[1]);
}
