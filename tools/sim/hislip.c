/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "hislip.h"

#include <sys/socket.h>
#include <unistd.h>

#include "hislip_parts.h"

#define VERSION_1_0 0x0100
#define VENDOR      0x5858       /* "XX" */
#define NAME_MOST   256

static struct hislip_session *begin_session(struct hislip_server *server, int fd)
{
	struct hislip_session *s = mem_new(sizeof *s);

	s->server = server;
	s->sync = fd;
	s->async = -1;
	s->most = HISLIP_MESSAGE_MOST;
	s->number = HISLIP_FIRST - 2;
	pthread_mutex_init(&s->writing, NULL);
	pthread_mutex_lock(&server->lock);
	s->id = ++server->last_id;
	s->next = server->sessions;
	server->sessions = s;
	pthread_mutex_unlock(&server->lock);
	return s;
}

/* The lock is held. */
static void free_session(struct hislip_session *gone)
{
	struct hislip_session **at = &gone->server->sessions;

	while (*at != gone)
		at = &(*at)->next;
	*at = gone->next;
	buf_release(&gone->heard);
	buf_release(&gone->out);
	buf_release(&gone->said.text);
	free(gone);
}

/* One connection has ended, so the other ends too; the last one takes the session along. */
static void leave(struct hislip_session *s, int *mine, const int *other)
{
	struct hislip_server *server = s->server;

	pthread_mutex_lock(&server->lock);
	pthread_mutex_lock(&s->writing);
	*mine = -1;
	pthread_mutex_unlock(&s->writing);
	if (server->holder == s)
		server->holder = NULL;
	if (*other >= 0)
		shutdown(*other, SHUT_RDWR);
	else
		free_session(s);
	pthread_mutex_unlock(&server->lock);
}

/* The payload of Initialize names the device; none is meant for the only one there is. */
static bool names_device(const struct hislip_server *server, int fd, struct hislip_message *m)
{
	struct buf name = { 0 };
	bool ours;

	if (m->length > NAME_MOST || hislip_read_payload(fd, m, &name))
		return false;
	ours = !name.len || (name.len == strlen(server->device) && !strncasecmp(name.data, server->device, name.len));
	buf_release(&name);
	return ours;
}

static void serve_sync(struct hislip_server *server, int fd, struct hislip_message *m)
{
	struct hislip_session *s;

	if (!names_device(server, fd, m)) {
		hislip_complain(fd, HISLIP_FATAL_ERROR, 0, "there is no device of this name");
		return;
	}
	s = begin_session(server, fd);
	if (!hislip_send(fd, HISLIP_INITIALIZE_RESPONSE, 0, (uint32_t)VERSION_1_0 << 16 | s->id, "", 0))
		hislip_serve_sync(s, fd);
	leave(s, &s->sync, &s->async);
}

static struct hislip_session *join(struct hislip_server *server, uint32_t id, int fd)
{
	struct hislip_session *s;

	pthread_mutex_lock(&server->lock);
	for (s = server->sessions; s; s = s->next)
		if (s->id == id && s->sync >= 0 && s->async < 0)
			break;
	if (s)
		s->async = fd;
	pthread_mutex_unlock(&server->lock);
	return s;
}

static void serve_async(struct hislip_server *server, int fd, const struct hislip_message *m)
{
	struct hislip_session *s = join(server, m->parameter, fd);

	if (!s) {
		hislip_complain(fd, HISLIP_FATAL_ERROR, HISLIP_FATAL_ORDER, "there is no session of this number");
		return;
	}
	if (!hislip_send_async(s, HISLIP_ASYNC_INITIALIZE_RESPONSE, 0, VENDOR, "", 0))
		hislip_serve_async(s, fd);
	leave(s, &s->async, &s->sync);
}

static void serve_client(void *who, int fd)
{
	struct hislip_server *server = who;
	struct hislip_message m;

	wires_add(&server->wires, fd);
	if (!hislip_read(fd, &m)) {
		if (m.type == HISLIP_INITIALIZE)
			serve_sync(server, fd, &m);
		else if (m.type == HISLIP_ASYNC_INITIALIZE)
			serve_async(server, fd, &m);
		else
			hislip_complain(fd, HISLIP_FATAL_ERROR, HISLIP_FATAL_ORDER, "a session begins with Initialize");
	}
	wires_close(&server->wires, fd);
}

bool hislip_lock(struct hislip_session *s, bool take, instant by)
{
	struct hislip_server *server = s->server;
	bool got;

	pthread_mutex_lock(&server->lock);
	while (server->holder && server->holder != s && !instant_passed(by) && s->sync >= 0 && s->async >= 0) {
		pthread_mutex_unlock(&server->lock);
		instant_sleep_until(instant_after_ms(1));
		pthread_mutex_lock(&server->lock);
	}
	got = !server->holder || server->holder == s;
	if (got && take)
		server->holder = s;
	pthread_mutex_unlock(&server->lock);
	return got;
}

static void *listen_thread(void *arg)
{
	struct hislip_server *server = arg;

	wire_accept(server->outlet->fd, serve_client, server);
	return NULL;
}

static void hang_up(void *line)
{
	struct hislip_server *server = line;

	wires_hang_up(&server->wires);
}

int hislip_start(struct talk *t, struct outlet *o, const char *device, struct err *e)
{
	struct hislip_server *server = mem_new(sizeof *server);
	pthread_t thread;

	server->talk = t;
	server->outlet = o;
	server->device = mem_string(device);
	pthread_mutex_init(&server->lock, NULL);
	wires_init(&server->wires);
	talk_device(t)->hang_up = hang_up;
	talk_device(t)->line = server;
	if (hislip_watch(server) || pthread_create(&thread, NULL, listen_thread, server))
		return err_set(e, ERR_IO, "%s: cannot start a thread", o->address);
	pthread_detach(thread);
	return 0;
}
