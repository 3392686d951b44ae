/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vxi11_srq.h"

#include <arpa/inet.h>
#include <errno.h>
#include <poll.h>
#include <string.h>
#include <sys/random.h>
#include <sys/socket.h>
#include <unistd.h>

#include "xdr.h"

#define MARK         4                   /* bytes before a record (RFC 5531, 11) */
#define LAST         UINT32_C(0x80000000)
#define RECORD_MOST  1024                /* a call with the longest credentials is shorter */
#define AUTH_MOST    400
#define HANDLE_MOST  40
#define INTR_SRQ     30                  /* its procedure */
#define BACKLOG      16

static int listen_beside(int near, struct sockaddr_in *at)
{
	socklen_t n = sizeof *at;
	int fd = -1;

	if (getsockname(near, (struct sockaddr *)at, &n) < 0 || at->sin_family != AF_INET)
		return -1;
	at->sin_port = 0;
	fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC | SOCK_NONBLOCK, 0);
	if (fd >= 0 && !bind(fd, (struct sockaddr *)at, n) && !listen(fd, BACKLOG) &&
	    !getsockname(fd, (struct sockaddr *)at, &n))
		return fd;
	if (fd >= 0)
		close(fd);
	return -1;
}

int vxi11_srq_open(struct vxi11_srq *s, int near, uint32_t *host, uint16_t *port, struct err *e)
{
	struct sockaddr_in at = { .sin_family = AF_INET };

	*s = (struct vxi11_srq){ .listening = listen_beside(near, &at) };
	if (s->listening < 0)
		return at.sin_family != AF_INET
			? err_set(e, ERR_STATE, "VXI-11 has service requests only over IPv4")
			: err_set(e, ERR_IO, "cannot listen for service requests: %s", strerror(errno));
	if (getrandom(s->handle, sizeof s->handle, 0) != (ssize_t)sizeof s->handle) {
		vxi11_srq_close(s);
		return err_set(e, ERR_IO, "no random bytes: %s", strerror(errno));
	}
	*host = ntohl(at.sin_addr.s_addr);
	*port = ntohs(at.sin_port);
	return 0;
}

static void forget(struct vxi11_srq *s, size_t i)
{
	close(s->callers[i].fd);
	buf_release(&s->callers[i].heard);
	s->n--;
	memmove(&s->callers[i], &s->callers[i + 1], (s->n - i) * sizeof s->callers[0]);
}

void vxi11_srq_close(struct vxi11_srq *s)
{
	if (s->listening < 0)
		return;
	while (s->n > 0)
		forget(s, s->n - 1);
	close(s->listening);
	s->listening = -1;
}

static bool from_its_host(const struct sockaddr_in *from, int near)
{
	struct sockaddr_in its = { 0 };
	socklen_t n = sizeof its;

	return !getpeername(near, (struct sockaddr *)&its, &n) && its.sin_addr.s_addr == from->sin_addr.s_addr;
}

static bool make_room(struct vxi11_srq *s, bool akin)
{
	if (s->n < VXI11_SRQ_CALLERS)
		return true;
	for (size_t i = 0; akin && i < s->n; i++) {
		if (!s->callers[i].akin) {
			forget(s, i);
			return true;
		}
	}
	return false;
}

static void welcome(struct vxi11_srq *s, int near)
{
	struct sockaddr_in from = { 0 };
	socklen_t n = sizeof from;
	int fd = accept4(s->listening, (struct sockaddr *)&from, &n, SOCK_CLOEXEC | SOCK_NONBLOCK);
	bool akin = fd >= 0 && from_its_host(&from, near);

	if (fd >= 0 && make_room(s, akin))
		s->callers[s->n++] = (struct vxi11_srq_caller){ .fd = fd, .akin = akin };
	else if (fd >= 0)
		close(fd);
}

/* One call of device_intr_srq with this handle? */
static bool is_request(const char *p, size_t n, const char *handle)
{
	const uint32_t head[] = { 0, 2, VXI11_SRQ_PROGRAM, 1, INTR_SRQ };
	struct xdr x = { p, n, false };
	const char *shown;
	bool ours = true;
	size_t len;

	xdr_get(&x);                             /* its number: there is no reply */
	for (size_t i = 0; i < sizeof head / sizeof *head; i++)
		ours &= xdr_get(&x) == head[i];
	for (int i = 0; i < 2; i++) {            /* credentials and verifier */
		xdr_get(&x);
		xdr_get_bytes(&x, &len, AUTH_MOST);
	}
	shown = xdr_get_bytes(&x, &len, HANDLE_MOST);
	return ours && !x.bad && len == VXI11_SRQ_HANDLE && !memcmp(shown, handle, len);
}

int vxi11_srq_take(struct buf *heard, const char handle[VXI11_SRQ_HANDLE])
{
	int found = 0;

	while (heard->len >= MARK) {
		struct xdr x = { heard->data, heard->len, false };
		uint32_t mark = xdr_get(&x), n = mark & ~LAST;

		if (!(mark & LAST) || n > RECORD_MOST)
			return -1;
		if (heard->len < MARK + n)
			break;
		if (!is_request(heard->data + MARK, n, handle))
			return -1;
		found = 1;
		buf_consume(heard, MARK + n);
	}
	return found;
}

/* false: this caller is done with. */
static bool listen_to(struct vxi11_srq *s, struct vxi11_srq_caller *c)
{
	char part[512];
	ssize_t n = recv(c->fd, part, sizeof part, 0);
	int said;

	if (n <= 0)
		return n < 0 && (errno == EAGAIN || errno == EINTR);
	buf_add(&c->heard, part, (size_t)n);
	said = vxi11_srq_take(&c->heard, s->handle);
	if (said > 0)
		c->akin = s->requested = true;
	return said >= 0;
}

enum { AT_CANCEL, AT_NEAR, AT_DOOR, AT_CALLERS };

static void attend(struct vxi11_srq *s, int near, const struct pollfd *p)
{
	for (size_t i = s->n; i-- > 0; )
		if (p[AT_CALLERS + i].revents && !listen_to(s, &s->callers[i]))
			forget(s, i);
	if (p[AT_DOOR].revents)
		welcome(s, near);
}

int vxi11_srq_wait(struct vxi11_srq *s, int near, int cancel, instant by, struct err *e)
{
	struct pollfd p[AT_CALLERS + VXI11_SRQ_CALLERS] = {
		[AT_CANCEL] = { .fd = cancel, .events = POLLIN },
		[AT_NEAR] = { .fd = near, .events = POLLRDHUP },
		[AT_DOOR] = { .fd = s->listening, .events = POLLIN },
	};

	while (!s->requested) {
		int ready;

		for (size_t i = 0; i < s->n; i++)
			p[AT_CALLERS + i] = (struct pollfd){ .fd = s->callers[i].fd, .events = POLLIN };
		ready = poll(p, AT_CALLERS + s->n, instant_ms_left(by));
		if (ready < 0 && errno != EINTR)
			return err_set(e, ERR_IO, "poll: %s", strerror(errno));
		if (ready < 0)
			continue;
		attend(s, near, p);
		if (p[AT_CANCEL].revents)
			return err_set(e, ERR_CANCELLED, "cancelled");
		if (p[AT_NEAR].revents)
			return err_set(e, ERR_CLOSED, "the other end hung up");
		if (!s->requested && instant_passed(by))
			return err_set(e, ERR_TIMEOUT, "timed out");
	}
	s->requested = false;
	return 0;
}
