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

#include "peer_wire.h"

/* VXI-11 B.6, RFC 1833 */
enum { CORE_PROGRAM = 395183, ABORT_PROGRAM = 395184, INTR_PROGRAM = 395185, PORTMAPPER = 100000 };

static void rest(struct peer *p, int ms)
{
	struct pollfd f = { .fd = p->stop[0], .events = POLLIN };

	poll(&f, 1, ms);
}

static void send_in_fragments(int fd, const struct peer_message *m, size_t size)
{
	for (size_t at = 0; at < m->n; at += size) {
		size_t n = m->n - at < size ? m->n - at : size;

		peer_send_fragment(fd, NULL, 0, false);
		peer_send_fragment(fd, m->bytes + at, n, false);
	}
	peer_send_fragment(fd, NULL, 0, true);
}

static void send_dribbling(struct peer *p, int fd, const struct peer_message *m, int ms)
{
	uint32_t mark = htonl((uint32_t)m->n | UINT32_C(1) << 31);

	for (size_t i = 0; i < 4 + m->n; i++) {
		peer_send_all(fd, i < 4 ? (const unsigned char *)&mark + i : m->bytes + i - 4, 1);
		rest(p, ms);
	}
}

static void send_denied(int fd, uint32_t xid, uint32_t reject_state)
{
	struct peer_message m = { .n = 0 };

	peer_put(&m, xid);
	peer_put(&m, 1);
	peer_put(&m, 1);                      /* MSG_DENIED */
	peer_put(&m, reject_state);
	peer_put(&m, 1);                      /* why, or the lowest version */
	peer_put(&m, 1);
	peer_send_fragment(fd, m.bytes, m.n, true);
}

static void hang_up(struct peer *p, int client)
{
	close(p->fds[client]);
	p->fds[client] = -1;
	if (p->pending == client)
		p->pending = 0;
}

/* m: the reply as it should be. */
static void send_spoiled(struct peer *p, int client, struct peer_message *m, uint32_t xid, const struct part *part)
{
	int fd = p->fds[client];
	struct peer_message other;

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
		peer_reply_head(&other, p->last_xid, 0);
		peer_put(&other, 0);
		peer_put(&other, PEER_END);
		peer_put_bytes(&other, "stale\n", 6);
		peer_send_fragment(fd, other.bytes, other.n, true);
		break;
	case SPOIL_WRONG_XID:
		m->bytes[0] ^= 0x40;
		break;
	case SPOIL_CALL:
		m->bytes[7] = 0;
		break;
	case SPOIL_ACCEPT_STATE:
		peer_reply_head(m, xid, (uint32_t)part->arg);
		break;
	case SPOIL_DENIED:
		send_denied(fd, xid, (uint32_t)part->arg);
		return;
	case SPOIL_SHORT:
		m->n = 24 + (size_t)part->arg;
		break;
	case SPOIL_HUGE:
		peer_send_all(fd, "\x7f\xff\xff\xff", 4);
		return;
	case SPOIL_SILENT:
		p->pending = client;
		p->pending_xid = xid;
		return;
	case SPOIL_CLOSE:
		peer_send_all(fd, "\x80\0\0\x40", 4);
		peer_send_all(fd, m->bytes, m->n / 2);
		hang_up(p, client);
		return;
	case SPOIL_NOT:
		break;
	}
	peer_send_fragment(fd, m->bytes, m->n, true);
}

/* What the device behind has said so far, or as soon as it says something; whole lines are whole messages. */
static void hand_on(struct peer *p)
{
	size_t n = p->said_n < p->pending_size ? p->said_n : p->pending_size;
	struct peer_message m;

	if (!p->pending || !n)
		return;
	peer_reply_head(&m, p->pending_xid, 0);
	peer_put(&m, 0);
	peer_put(&m, n < p->said_n ? PEER_COUNT : p->said[n - 1] == '\n' ? PEER_END : 0);
	peer_put_bytes(&m, p->said, n);
	p->said_n -= n;
	memmove(p->said, p->said + n, p->said_n);
	peer_send_fragment(p->fds[p->pending], m.bytes, m.n, true);
	p->pending = 0;
}

static void device_read(struct peer *p, int client, uint32_t xid, struct peer_message *call)
{
	static const struct part nothing = { NULL, 0, 0, 15, SPOIL_NOT, 0 };
	const struct part *part = p->script;
	struct peer_message m;

	if (p->device_fd >= 0) {
		p->pending = client;
		p->pending_xid = xid;
		p->pending_size = peer_get(call);
		hand_on(p);
		return;
	}
	for (int i = 0; part && part->bytes && i < p->reads; i++)
		part++;
	if (!part || !part->bytes)
		part = &nothing;
	peer_reply_head(&m, xid, 0);
	peer_put(&m, part->error);
	peer_put(&m, part->reason);
	peer_put_bytes(&m, part->bytes, part->n);
	p->reads++;
	send_spoiled(p, client, &m, xid, part);
}

static void device_write(struct peer *p, struct peer_message *call, struct peer_message *m)
{
	uint32_t flags, n;

	peer_get(call);
	peer_get(call);
	flags = peer_get(call);
	n = peer_get(call);
	if (n > p->longest)
		p->longest = n;
	if (p->takes && n > p->takes) {
		n = p->takes;
		flags = 0;
	}
	peer_must(p->written_n + n < sizeof p->written && call->at + n <= call->n, "device_write");
	memcpy(p->written + p->written_n, call->bytes + call->at, n);
	if (p->device_fd >= 0)
		peer_send_all(p->device_fd, call->bytes + call->at, n);
	p->said_n = 0;                   /* an answer that nobody read: IEEE 488.2, 6.3.2.3 */
	p->written_n += n;
	p->writes++;
	p->ends += (flags & 8) != 0;
	peer_put(m, p->write_error);
	peer_put(m, n);
}

static void dial(struct peer *p)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_port = htons((uint16_t)p->behind),
				 .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };

	if (p->device_fd >= 0)
		close(p->device_fd);
	p->said_n = 0;
	p->device_fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	peer_must(connect(p->device_fd, (void *)&a, sizeof a) == 0, "the device behind");
}

static void create_link(struct peer *p, struct peer_message *call, struct peer_message *m)
{
	bool lock;
	uint32_t n;

	peer_get(call);
	lock = peer_get(call);
	peer_get(call);
	n = peer_get(call);
	peer_must(n < sizeof p->device, "create_link");
	memcpy(p->device, call->bytes + call->at, n);
	p->device[n] = '\0';
	p->links++;
	if (p->behind)
		dial(p);
	p->locks += lock;
	peer_put(m, lock && p->no_lock ? 8 : p->link_error);
	peer_put(m, 77);
	peer_put(m, p->port);
	peer_put(m, p->most);
}

static void device_abort(struct peer *p)
{
	struct peer_message m;

	p->aborts++;
	if (!p->pending)
		return;
	peer_reply_head(&m, p->pending_xid, 0);
	peer_put(&m, 23);
	peer_put(&m, 0);
	peer_put(&m, 0);
	peer_send_fragment(p->fds[p->pending], m.bytes, m.n, true);
	p->pending = 0;
}

/* The instrument calls back: at the address its client gave, which is where that comes from. */
static void create_intr_chan(struct peer *p, struct peer_message *call, struct peer_message *m)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(peer_get(call)) };

	p->intr_port = (uint16_t)peer_get(call);
	a.sin_port = htons(p->intr_port);
	peer_must(peer_get(call) == INTR_PROGRAM && peer_get(call) == 1 && peer_get(call) == 0, "create_intr_chan");
	if (!p->intr_error) {
		p->intr = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
		peer_must(connect(p->intr, (void *)&a, sizeof a) == 0, "the interrupt channel");
	}
	peer_put(m, p->intr_error);
}

static void enable_srq(struct peer *p, struct peer_message *call, struct peer_message *m)
{
	peer_must(peer_get(call) == 1, "enable");
	p->handle_n = peer_get(call);
	peer_must(p->handle_n <= sizeof p->handle, "handle");
	memcpy(p->handle, call->bytes + call->at, p->handle_n);
	peer_put(m, 0);
}

void peer_request_service(int fd, const char *handle, size_t n)
{
	struct peer_message m = { .n = 0 };
	const uint32_t head[] = { 4711, 0, 2, INTR_PROGRAM, 1, 30, 0, 0, 0, 0 };

	for (size_t i = 0; i < sizeof head / sizeof *head; i++)
		peer_put(&m, head[i]);
	peer_put_bytes(&m, handle, n);
	peer_send_fragment(fd, m.bytes, m.n, true);
}

static void core(struct peer *p, int client, uint32_t procedure, uint32_t xid, struct peer_message *call)
{
	struct peer_message m;

	peer_reply_head(&m, xid, 0);
	if (procedure != 10 && procedure != 25 && procedure != 26)
		peer_must(peer_get(call) == 77, "another link");
	switch (procedure) {
	case 10:
		create_link(p, call, &m);
		break;
	case 11:
		device_write(p, call, &m);
		break;
	case 12:
		device_read(p, client, xid, call);
		return;
	case 13:
		p->statuses++;
		peer_put(&m, p->status_error);
		peer_put(&m, p->status);
		break;
	case 14:
		p->triggers++;
		peer_put(&m, p->trigger_error);
		break;
	case 20:
		enable_srq(p, call, &m);
		break;
	case 25:
		if (p->knows_no_srq)
			peer_reply_head(&m, xid, 3);
		else
			create_intr_chan(p, call, &m);
		break;
	case 26:
		p->intr_gone++;
		peer_put(&m, 0);
		break;
	case 15:
		p->clears++;
		p->said_n = 0;
		peer_put(&m, p->clear_error);
		break;
	case 23:
		p->destroyed++;
		peer_put(&m, 0);
		break;
	default:
		peer_reply_head(&m, xid, 3);  /* PROC_UNAVAIL */
	}
	peer_send_fragment(p->fds[client], m.bytes, m.n, true);
}

static void carry_out(struct peer *p, int client, struct peer_message *call)
{
	uint32_t xid = peer_get(call), program, procedure;
	struct peer_message m;

	peer_must(peer_get(call) == 0 && peer_get(call) == 2, "no call of RPC version 2");
	program = peer_get(call);
	peer_must(peer_get(call) == (program == PORTMAPPER ? 2 : 1), "another version");
	procedure = peer_get(call);
	for (int i = 0; i < 4; i++)
		peer_must(peer_get(call) == 0, "credentials");
	if (program == CORE_PROGRAM) {
		core(p, client, procedure, xid, call);
		p->last_xid = xid;
		return;
	}
	peer_reply_head(&m, xid, 0);
	if (program == PORTMAPPER) {
		peer_must(procedure == 3 && peer_get(call) == CORE_PROGRAM && peer_get(call) == 1 && peer_get(call) == 6, "GETPORT");
		peer_put(&m, p->registered == UINT32_MAX ? p->port : p->registered);
	} else {
		peer_must(program == ABORT_PROGRAM && procedure == 1 && peer_get(call) == 77, "device_abort");
		peer_put(&m, 0);
	}
	peer_send_fragment(p->fds[client], m.bytes, m.n, true);
	if (program == ABORT_PROGRAM)
		device_abort(p);
}

static void attend(struct peer *p, int client)
{
	struct peer_message call = { .n = 0 };
	uint32_t mark;

	if (!peer_read_all(p->fds[client], &mark, 4)) {
		hang_up(p, client);
		return;
	}
	call.n = ntohl(mark) & 0x7fffffff;
	peer_must(ntohl(mark) >> 31 && call.n < PEER_RECORD, "a record of one fragment");
	if (peer_read_all(p->fds[client], call.bytes, call.n))
		carry_out(p, client, &call);
	else
		hang_up(p, client);
}

static void welcome(struct peer *p)
{
	int fd = accept(p->fds[0], NULL, NULL), at = 1, on = 1;

	while (at < PEER_CLIENTS && p->fds[at] >= 0)
		at++;
	peer_must(fd >= 0 && at < PEER_CLIENTS, "accept");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	p->fds[at] = fd;
}

/* When it hangs up, so do we. */
static void attend_device(struct peer *p)
{
	ssize_t n = recv(p->device_fd, p->said + p->said_n, sizeof p->said - p->said_n, 0);

	if (n > 0) {
		p->said_n += (size_t)n;
		hand_on(p);
		return;
	}
	close(p->device_fd);
	p->device_fd = -1;
	for (int i = 1; i < PEER_CLIENTS; i++)
		if (p->fds[i] >= 0)
			hang_up(p, i);
}

static void *serve(void *arg)
{
	struct peer *p = arg;
	struct pollfd f[PEER_CLIENTS + 2];

	for (;;) {
		for (int i = 0; i < PEER_CLIENTS; i++)
			f[i] = (struct pollfd){ .fd = p->fds[i], .events = POLLIN };
		f[PEER_CLIENTS] = (struct pollfd){ .fd = p->stop[0], .events = POLLIN };
		f[PEER_CLIENTS + 1] = (struct pollfd){ .fd = p->device_fd, .events = POLLIN };
		if (poll(f, PEER_CLIENTS + 2, -1) < 0 || f[PEER_CLIENTS].revents)
			return NULL;
		for (int i = 1; i < PEER_CLIENTS; i++)
			if (f[i].revents && p->fds[i] >= 0)
				attend(p, i);
		if (f[PEER_CLIENTS + 1].revents && p->device_fd >= 0)
			attend_device(p);
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
	p->device_fd = -1;
	p->fds[0] = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);
	peer_must(!bind(p->fds[0], (void *)&a, sizeof a) && !listen(p->fds[0], 4) &&
	     !getsockname(p->fds[0], (void *)&a, &n) && !pipe(p->stop), "listen");
	p->port = ntohs(a.sin_port);
	snprintf(p->address, sizeof p->address, "vxi11://127.0.0.1:%d/inst0", p->port);
	peer_must(!pthread_create(&p->thread, NULL, serve, p), "thread");
}

void peer_stop(struct peer *p)
{
	peer_must(write(p->stop[1], "x", 1) == 1, "stop");
	pthread_join(p->thread, NULL);
	for (int i = 0; i < PEER_CLIENTS; i++)
		if (p->fds[i] >= 0)
			close(p->fds[i]);
	if (p->intr > 0)
		close(p->intr);
	if (p->device_fd >= 0)
		close(p->device_fd);
	close(p->stop[0]);
	close(p->stop[1]);
}
