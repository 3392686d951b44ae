/* SPDX-License-Identifier: GPL-3.0-or-later
 * hislip_async.c - the asynchronous channel: lock, device clear, status byte and requests for service. */
#include "hislip_parts.h"
#include "xdr.h"

#define DELIVERED 1              /* control code: our answer was read to its end */
#define LOOK_NS   (2 * NS_PER_MS)

enum { LOCK_RELEASE, LOCK_REQUEST };
enum { LOCK_FAILED, LOCK_DONE, LOCK_INVALID = 3 };

int hislip_send_async(struct hislip_session *s, enum hislip_type type, uint8_t control, uint32_t parameter,
		      const void *payload, size_t n)
{
	int bad;

	pthread_mutex_lock(&s->writing);
	bad = s->async < 0 || hislip_send(s->async, type, control, parameter, payload, n);
	pthread_mutex_unlock(&s->writing);
	return bad ? -1 : 0;
}

static int reply(struct hislip_session *s, enum hislip_type type, uint8_t control)
{
	return hislip_send_async(s, type, control, 0, "", 0);
}

static int complain(struct hislip_session *s)
{
	static const char text[] = "no message of the asynchronous channel";

	return hislip_send_async(s, HISLIP_ERROR, HISLIP_ERROR_TYPE, 0, text, sizeof text - 1);
}

static int release_lock(struct hislip_session *s)
{
	struct hislip_server *server = s->server;
	bool held;

	pthread_mutex_lock(&server->lock);
	held = server->holder == s;
	if (held)
		server->holder = NULL;
	pthread_mutex_unlock(&server->lock);
	return reply(s, HISLIP_ASYNC_LOCK_RESPONSE, held ? LOCK_DONE : LOCK_INVALID);
}

/* With a name it would be a shared one. */
static int lock(struct hislip_session *s, const struct hislip_message *m)
{
	if (m->control == LOCK_RELEASE)
		return release_lock(s);
	if (m->control != LOCK_REQUEST || m->length)
		return reply(s, HISLIP_ASYNC_LOCK_RESPONSE, LOCK_INVALID);
	return reply(s, HISLIP_ASYNC_LOCK_RESPONSE,
		     hislip_lock(s, true, instant_after_ms(m->parameter)) ? LOCK_DONE : LOCK_FAILED);
}

static int lock_info(struct hislip_session *s)
{
	bool held;

	pthread_mutex_lock(&s->server->lock);
	held = s->server->holder != NULL;
	pthread_mutex_unlock(&s->server->lock);
	return reply(s, HISLIP_ASYNC_LOCK_INFO_RESPONSE, held);
}

static int agree_on_size(struct hislip_session *s, struct hislip_message *m)
{
	struct buf size = { 0 };
	uint64_t most;
	struct xdr x;

	if (m->length != 8 || hislip_read_payload(s->async, m, &size))
		return -1;
	x = (struct xdr){ size.data, size.len, false };
	most = xdr_get_hyper(&x);
	s->most = most < 17 ? 17 : most < HISLIP_MESSAGE_MOST ? most : HISLIP_MESSAGE_MOST;
	buf_clear(&size);
	xdr_put_hyper(&size, HISLIP_MESSAGE_MOST);
	hislip_send_async(s, HISLIP_ASYNC_MAXIMUM_SIZE_RESPONSE, 0, 0, size.data, size.len);
	buf_release(&size);
	return 0;
}

static uint8_t byte_of(struct hislip_session *s)
{
	return device_status(talk_device(s->server->talk), s->message);
}

static int tell_status(struct hislip_session *s, const struct hislip_message *m)
{
	uint8_t byte;

	if (m->control & DELIVERED)
		s->message = false;
	byte = byte_of(s);
	pthread_mutex_lock(&s->server->lock);
	byte = service_poll(&s->service, &talk_device(s->server->talk)->status, byte);
	pthread_mutex_unlock(&s->server->lock);
	return reply(s, HISLIP_ASYNC_STATUS_RESPONSE, byte);
}

static int attend(struct hislip_session *s, struct hislip_message *m)
{
	switch (m->type) {
	case HISLIP_ASYNC_LOCK:
		return lock(s, m);
	case HISLIP_ASYNC_LOCK_INFO:
		return lock_info(s);
	case HISLIP_ASYNC_REMOTE_LOCAL:
		return reply(s, HISLIP_ASYNC_REMOTE_LOCAL_RESPONSE, 0);
	case HISLIP_ASYNC_MAXIMUM_SIZE:
		return agree_on_size(s, m);
	case HISLIP_ASYNC_DEVICE_CLEAR:
		s->clearing = true;
		return reply(s, HISLIP_ASYNC_DEVICE_CLEAR_ACKNOWLEDGE, 0);
	case HISLIP_ASYNC_STATUS_QUERY:
		return tell_status(s, m);
	case HISLIP_FATAL_ERROR:
		return -1;
	case HISLIP_ERROR:
		return 0;
	default:
		return complain(s);
	}
}

void hislip_serve_async(struct hislip_session *s, int fd)
{
	struct hislip_message m;

	while (!hislip_read(fd, &m) && !attend(s, &m) && !hislip_skip_payload(fd, &m))
		;
}

static void *watch(void *arg)
{
	struct hislip_server *server = arg;
	struct status *status = &talk_device(server->talk)->status;

	for (;;) {
		instant_sleep_until(instant_after(LOOK_NS));
		pthread_mutex_lock(&server->lock);
		for (struct hislip_session *s = server->sessions; s; s = s->next) {
			uint8_t byte = byte_of(s);

			if (service_begins(&s->service, status, byte))
				hislip_send_async(s, HISLIP_ASYNC_SERVICE_REQUEST, byte | STATUS_SERVICE, 0, "", 0);
		}
		pthread_mutex_unlock(&server->lock);
	}
	return NULL;
}

int hislip_watch(struct hislip_server *server)
{
	pthread_t thread;

	if (pthread_create(&thread, NULL, watch, server))
		return -1;
	pthread_detach(thread);
	return 0;
}
