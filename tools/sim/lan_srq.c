/* SPDX-License-Identifier: GPL-3.0-or-later
 * lan_srq.c - requests for service over VXI-11: the interrupt channel, over which the instrument calls its client. */
#include <arpa/inet.h>
#include <sys/socket.h>
#include <unistd.h>

#include "lan_call.h"

#define INTR_PROGRAM 0x0607B1
#define INTR_SRQ     30
#define OVER_TCP     0
#define LAST         UINT32_C(0x80000000)
#define LOOK_NS      (2 * NS_PER_MS)

static uint8_t byte_of(struct lan *lan, struct lan_link *l)
{
	return device_status(talk_device(lan->talk), l->message);
}

uint8_t lan_poll(struct lan *lan, struct lan_link *l)
{
	uint8_t byte = byte_of(lan, l);

	pthread_mutex_lock(&lan->lock);
	byte = service_poll(&l->service, &talk_device(lan->talk)->status, byte);
	pthread_mutex_unlock(&lan->lock);
	return byte;
}

void lan_enable_srq(struct lan_session *s, struct lan_link *l, struct xdr *x, struct buf *out)
{
	bool on = xdr_get(x);
	size_t n;
	const char *handle = xdr_get_bytes(x, &n, LAN_HANDLE);

	pthread_mutex_lock(&s->lan->lock);
	l->told = on;
	l->handle_n = n;
	memcpy(l->handle, handle, n);
	pthread_mutex_unlock(&s->lan->lock);
	xdr_put(out, LAN_FINE);
}

/* A client may have itself called, and nobody else. */
static bool is_client(const struct lan_session *s, uint32_t host)
{
	struct sockaddr_in client = { 0 };
	socklen_t n = sizeof client;

	return !getpeername(s->fd, (struct sockaddr *)&client, &n) && client.sin_family == AF_INET &&
	       ntohl(client.sin_addr.s_addr) == host;
}

static int dial(uint32_t host, uint32_t port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(host), .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	if (fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) < 0) {
		close(fd);
		return -1;
	}
	return fd;
}

void lan_create_intr(struct lan_session *s, struct xdr *x, struct buf *out)
{
	uint32_t host = xdr_get(x), port = xdr_get(x), program = xdr_get(x), version = xdr_get(x), family = xdr_get(x);
	enum lan_error error = LAN_FINE;
	int fd = -1;

	if (s->intr >= 0)
		error = LAN_ESTABLISHED;
	else if (x->bad || !is_client(s, host) || port > UINT16_MAX || program != INTR_PROGRAM || version != 1 ||
		 family != OVER_TCP)
		error = LAN_PARAMETER;
	else if ((fd = dial(host, port)) < 0)
		error = LAN_IO;
	if (fd >= 0) {
		pthread_mutex_lock(&s->lan->lock);
		s->intr = fd;
		pthread_mutex_unlock(&s->lan->lock);
	}
	xdr_put(out, error);
}

void lan_close_intr(struct lan_session *s)
{
	pthread_mutex_lock(&s->lan->lock);
	if (s->intr >= 0)
		close(s->intr);
	s->intr = -1;
	pthread_mutex_unlock(&s->lan->lock);
}

void lan_destroy_intr(struct lan_session *s, struct buf *out)
{
	xdr_put(out, s->intr >= 0 ? LAN_FINE : LAN_NO_CHANNEL);
	lan_close_intr(s);
}

/* Nobody replies to it.  A client that does not listen misses it. */
static void call(const struct lan_link *l, uint32_t number)
{
	const uint32_t head[] = { 0, number, 0, 2, INTR_PROGRAM, 1, INTR_SRQ, 0, 0, 0, 0 };
	struct buf b = { 0 };
	uint32_t mark;

	for (size_t i = 0; i < sizeof head / sizeof *head; i++)
		xdr_put(&b, head[i]);
	xdr_put_bytes(&b, l->handle, l->handle_n);
	mark = htonl(LAST | (uint32_t)(b.len - sizeof mark));
	memcpy(b.data, &mark, sizeof mark);
	(void)!send(l->session->intr, b.data, b.len, MSG_DONTWAIT | MSG_NOSIGNAL);
	buf_release(&b);
}

static void *watch(void *arg)
{
	struct lan *lan = arg;
	uint32_t number = 0;

	for (;;) {
		instant_sleep_until(instant_after(LOOK_NS));
		pthread_mutex_lock(&lan->lock);
		for (struct lan_link *l = lan->links; l; l = l->next)
			if (service_begins(&l->service, &talk_device(lan->talk)->status, byte_of(lan, l)) && l->told &&
			    l->session->intr >= 0)
				call(l, ++number);
		pthread_mutex_unlock(&lan->lock);
	}
	return NULL;
}

int lan_watch(struct lan *lan)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, watch, lan))
		return -1;
	pthread_detach(thread);
	return 0;
}
