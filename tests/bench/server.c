/* SPDX-License-Identifier: GPL-3.0-or-later
 * server.c - instruments that answer at once, in a child process, and the bare client. */
#include <errno.h>
#include <fcntl.h>
#include <modbus/modbus.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <pty.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <termios.h>
#include <unistd.h>

#include "server_parts.h"
#include "xdr.h"

#define REPLY "+1.000000123E+01\n"

static const char question[] = "READ?\n";

static int listening(int *port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	socklen_t size = sizeof a;
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0);

	must(fd >= 0 && bind(fd, (struct sockaddr *)&a, size) == 0 && listen(fd, 16) == 0 &&
	     getsockname(fd, (struct sockaddr *)&a, &size) == 0, "listen");
	*port = ntohs(a.sin_port);
	return fd;
}

int server_free_port(void)
{
	int port;

	close(listening(&port));
	return port;
}

/* A listening socket an instrument, and what a bench file calls it. */
void server_listen(struct server *s, unsigned n, const char *scheme, const char *unit)
{
	struct rlimit files;

	getrlimit(RLIMIT_NOFILE, &files);
	files.rlim_cur = files.rlim_max;
	setrlimit(RLIMIT_NOFILE, &files);
	*s = (struct server){ .n = n, .ports = mem_array(n, sizeof(int)), .listening = mem_array(n, sizeof(int)),
			     .addresses = mem_array(n, sizeof(char *)) };
	for (unsigned i = 0; i < n; i++) {
		s->listening[i] = listening(&s->ports[i]);
		s->addresses[i] = mem_format("%s://127.0.0.1:%d%s", scheme, s->ports[i], unit);
	}
}

static int accept_one(int from)
{
	int fd = accept4(from, NULL, NULL, SOCK_CLOEXEC), on = 1;

	must(fd >= 0, "accept");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

void server_thread(void *(*serve)(void *), void *arg)
{
	pthread_attr_t small;
	pthread_t t;

	pthread_attr_init(&small);
	pthread_attr_setstacksize(&small, 64 * 1024);
	pthread_attr_setdetachstate(&small, PTHREAD_CREATE_DETACHED);
	must(pthread_create(&t, &small, serve, arg) == 0, "pthread_create");
	pthread_attr_destroy(&small);
}

/* The child of a server, which ends with its parent.  True in the child. */
bool server_child(struct server *s, int core)
{
	pid_t parent = getpid();

	fflush(stdout);
	s->pid = fork();
	must(s->pid >= 0, "fork");
	if (s->pid)
		return false;
	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(0);
	aid_pin(core);
	return true;
}

void server_end(struct server *s)
{
	kill(s->pid, SIGKILL);
	waitpid(s->pid, NULL, 0);
	for (unsigned i = 0; i < s->n; i++)
		free(s->addresses[i]);
	free(s->addresses);
	free(s->ports);
	free(s->listening);
}

/* The child's life: a thread for every connection. */
void server_serve(const struct server *s, void *(*answer)(void *))
{
	struct pollfd *p = mem_array(s->n, sizeof *p);

	for (unsigned i = 0; i < s->n; i++)
		p[i] = (struct pollfd){ .fd = s->listening[i], .events = POLLIN };
	for (;;) {
		must(poll(p, s->n, -1) > 0, "poll");
		for (unsigned i = 0; i < s->n; i++)
			if (p[i].revents)
				server_thread(answer, (void *)(intptr_t)accept_one(p[i].fd));
	}
}

void server_leave(struct server *s)
{
	for (unsigned i = 0; i < s->n; i++)
		close(s->listening[i]);
}

/* SCPI over TCP, lines over a pseudo-terminal. */

static void *answer_lines(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char got[256];
	ssize_t n;

	while ((n = read(fd, got, sizeof got)) > 0)
		if (got[n - 1] == '\n' && write(fd, REPLY, strlen(REPLY)) < 0)
			break;
	close(fd);
	return NULL;
}

struct server server_scpi(unsigned n, int core)
{
	struct server s;

	server_listen(&s, n, "tcp", "");
	if (server_child(&s, core))
		server_serve(&s, answer_lines);
	server_leave(&s);
	return s;
}

struct server server_lines(int core)
{
	struct server s = { .n = 2, .ports = mem_array(2, sizeof(int)), .addresses = mem_array(2, sizeof(char *)) };
	char name[64];
	struct termios raw = { .c_cc = { [VMIN] = 1 } };
	int masters[2];

	cfmakeraw(&raw);
	raw.c_cflag |= CREAD | CLOCAL | CS8;
	for (int i = 0; i < 2; i++) {
		must(openpty(&masters[i], &s.ports[i], name, &raw, NULL) == 0, "openpty");
		s.addresses[i] = mem_format("pty:%s", name);
	}
	if (server_child(&s, core)) {
		server_thread(answer_lines, (void *)(intptr_t)masters[0]);
		answer_lines((void *)(intptr_t)masters[1]);
		pause();
	}
	close(masters[0]);
	close(masters[1]);
	return s;
}

/* VXI-11: a core channel, each call in one fragment. */

enum { CREATE_LINK = 10, DEVICE_WRITE, DEVICE_READ };

static void put_all(struct buf *b, const uint32_t *words, size_t n)
{
	for (size_t i = 0; i < n; i++)
		xdr_put(b, words[i]);
}

static void send_record(int fd, struct buf *b)
{
	uint32_t mark = htonl(UINT32_C(1) << 31 | (uint32_t)(b->len - 4));

	memcpy(b->data, &mark, sizeof mark);
	must(write(fd, b->data, b->len) == (ssize_t)b->len, "write");
}

/* Its length without the mark; 0: the other end has gone. */
static size_t read_record(int fd, char *got, size_t size)
{
	uint32_t mark;
	size_t have = 0, whole = sizeof mark;

	while (have < whole) {
		ssize_t n = read(fd, got + have, size - have);

		if (n <= 0)
			return 0;
		have += (size_t)n;
		memcpy(&mark, got, sizeof mark);
		whole = have < sizeof mark ? sizeof mark : sizeof mark + (ntohl(mark) & 0x7fffffff);
		must(whole <= size, "a record");
	}
	return whole - sizeof mark;
}

static void answer_call(struct buf *reply, struct xdr *x)
{
	uint32_t xid = xdr_get(x), procedure;

	for (int i = 0; i < 4; i++)
		xdr_get(x);
	procedure = xdr_get(x);
	for (int i = 0; i < 4 + 4; i++)         /* credentials; link, two times, flags */
		xdr_get(x);
	buf_clear(reply);
	put_all(reply, (uint32_t[]){ 0, xid, 1, 0, 0, 0, 0, 0 }, 8);
	if (procedure == CREATE_LINK)
		put_all(reply, (uint32_t[]){ 1, 0, 4096 }, 3);
	else if (procedure == DEVICE_WRITE)
		xdr_put(reply, xdr_get(x));
	else if (procedure == DEVICE_READ) {
		xdr_put(reply, 4);
		xdr_put_bytes(reply, REPLY, strlen(REPLY));
	}
}

static void *answer_calls(void *arg)
{
	int fd = (int)(intptr_t)arg;
	struct buf reply = { 0 };
	char got[8192];
	size_t n;

	while ((n = read_record(fd, got, sizeof got)) > 0) {
		struct xdr x = { got + 4, n, false };

		answer_call(&reply, &x);
		send_record(fd, &reply);
	}
	buf_release(&reply);
	close(fd);
	return NULL;
}

struct server server_vxi11(int core)
{
	struct server s;

	server_listen(&s, 1, "vxi11", "/inst0");
	if (server_child(&s, core))
		server_serve(&s, answer_calls);
	server_leave(&s);
	return s;
}

/* HiSLIP: both channels of a session, each message in one piece. */

#define HEADER 16
enum { DATA_END = 7 };

static void put_message(struct buf *b, uint32_t type, uint32_t control, uint32_t parameter, const char *payload)
{
	const uint32_t head[] = { 0x48530000 | type << 8 | control, parameter, 0, (uint32_t)strlen(payload) };

	buf_clear(b);
	put_all(b, head, 4);
	buf_puts(b, payload);
}

/* Its payload follows the header in got; false: the other end has gone. */
static bool read_message(int fd, char *got, size_t size)
{
	size_t have = 0, whole = HEADER;

	while (have < whole) {
		ssize_t n = read(fd, got + have, size - have);
		uint32_t length;

		if (n <= 0)
			return false;
		have += (size_t)n;
		memcpy(&length, got + 12, sizeof length);
		whole = have < HEADER ? HEADER : HEADER + ntohl(length);
		must(whole <= size, "a message");
	}
	return true;
}

static void answer_message(struct buf *reply, const char *got)
{
	/* The type of the answer to each type, and its control code. */
	static const struct { uint32_t type, control; } answers[] = {
		[0] = { 1, 0 }, [4] = { 5, 1 }, [DATA_END] = { DATA_END, 0 }, [8] = { 9, 0 }, [15] = { 16, 0 }, [17] = { 18, 0 },
		[19] = { 23, 0 },
	};
	struct xdr x = { got, HEADER, false };
	uint32_t type = xdr_get(&x) >> 8 & 0xff, parameter = xdr_get(&x);

	must(type < sizeof answers / sizeof *answers && answers[type].type, "a message that is answered");
	if (type == 0)
		parameter = 0x01000001;          /* version 1.0, session 1 */
	put_message(reply, answers[type].type, answers[type].control, parameter, type == DATA_END ? REPLY : "");
	if (type == 15) {
		buf_clear(reply);
		put_all(reply, (uint32_t[]){ 0x48531000, 0, 0, 8, 0, 65536 }, 6);
	}
}

static void *answer_messages(void *arg)
{
	int fd = (int)(intptr_t)arg;
	struct buf reply = { 0 };
	char got[8192];

	while (read_message(fd, got, sizeof got)) {
		answer_message(&reply, got);
		must(write(fd, reply.data, reply.len) == (ssize_t)reply.len, "write");
	}
	buf_release(&reply);
	close(fd);
	return NULL;
}

struct server server_hislip(int core)
{
	struct server s;

	server_listen(&s, 1, "hislip", "/hislip0");
	if (server_child(&s, core))
		server_serve(&s, answer_messages);
	server_leave(&s);
	return s;
}

/* Modbus TCP, by libmodbus. */

static void *answer_requests(void *arg)
{
	modbus_t *m = modbus_new_tcp(NULL, 0);
	modbus_mapping_t *map = modbus_mapping_new(0, 0, 0, 1000);
	uint8_t request[MODBUS_TCP_MAX_ADU_LENGTH];
	int n;

	modbus_set_socket(m, (int)(intptr_t)arg);
	while ((n = modbus_receive(m, request)) >= 0)
		if (n > 0)
			modbus_reply(m, request, n, map);
	close((int)(intptr_t)arg);
	modbus_mapping_free(map);
	modbus_free(m);
	return NULL;
}

struct server server_modbus(int core)
{
	struct server s;

	server_listen(&s, 1, "modbus+tcp", "/1");
	if (server_child(&s, core))
		server_serve(&s, answer_requests);
	server_leave(&s);
	return s;
}

/* The bare client. */

int bare_connect(int port)
{
	struct sockaddr_in a = { .sin_family = AF_INET, .sin_addr.s_addr = htonl(INADDR_LOOPBACK),
				 .sin_port = htons((uint16_t)port) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	must(fd >= 0 && connect(fd, (struct sockaddr *)&a, sizeof a) == 0, "connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

double bare_loop(void *with, unsigned n)
{
	int fd = *(int *)with;
	instant start = instant_now();
	char got[256];

	for (unsigned i = 0; i < n; i++) {
		ssize_t k = 0, more;

		must(write(fd, question, strlen(question)) == (ssize_t)strlen(question), "write");
		do {
			more = read(fd, got + k, sizeof got - (size_t)k);
			must(more > 0, "read");
			k += more;
		} while (got[k - 1] != '\n');
	}
	return aid_seconds(start);
}

/* A question and its answer are two calls, always the same ones. */
double bare_calls(void *with, unsigned n)
{
	int fd = *(int *)with;
	struct buf ask = { 0 }, fetch = { 0 };
	char got[256];
	instant start;

	put_all(&ask, (uint32_t[]){ 0, 1, 0, 2, 0x0607AF, 1, DEVICE_WRITE, 0, 0, 0, 0, 1, 2000, 0, 8 }, 15);
	xdr_put_bytes(&ask, question, strlen(question));
	put_all(&fetch, (uint32_t[]){ 0, 1, 0, 2, 0x0607AF, 1, DEVICE_READ, 0, 0, 0, 0, 1, 4096, 2000, 0, 0, 0 }, 17);
	start = instant_now();
	for (unsigned i = 0; i < n; i++) {
		send_record(fd, &ask);
		must(read_record(fd, got, sizeof got) > 0, "device_write");
		send_record(fd, &fetch);
		must(read_record(fd, got, sizeof got) > 0, "device_read");
	}
	buf_release(&ask);
	buf_release(&fetch);
	return aid_seconds(start);
}

/* A question and its answer are a message either way. */
double bare_messages(void *with, unsigned n)
{
	int fd = *(int *)with;
	struct buf ask = { 0 };
	char got[256];
	instant start;

	put_message(&ask, DATA_END, 1, 0xffffff00, question);
	start = instant_now();
	for (unsigned i = 0; i < n; i++) {
		must(write(fd, ask.data, ask.len) == (ssize_t)ask.len, "write");
		must(read_message(fd, got, sizeof got), "an answer");
	}
	buf_release(&ask);
	return aid_seconds(start);
}
