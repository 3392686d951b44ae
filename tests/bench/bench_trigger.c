/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_trigger - how far apart two instruments of one measure step are triggered: the time between the
 * arrivals of *TRG at two sockets of this machine, one a port.
 *
 * Beside it, in turns: two plain threads that sleep until the same instant and write. */
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <unistd.h>

#include "rig.h"
#include "server_parts.h"

#define SIDES    2
#define TRIGGERS 100             /* a round */
#define ROUNDS   4
#define PACE     (10 * NS_PER_MS)
#define LEAD     (200 * NS_PER_MS)       /* an armed step begins so much later */

static const char model[] =
	"model: bench\ntitle: {en: a meter that is triggered}\nmanufacturer: etalon\nnumber: B1\n"
	"driver: scpi\nseen: manual\ntimeout: 2 s\nlatency: 1 ms\n"
	"points:\n  voltage.dc: {ask: \"FETC?\", trigger: \"*TRG\"}\n";

/* An instrument: a listener, and when each trigger came. */
struct end {
	int listener;
	instant came[(2 * ROUNDS + 1) * TRIGGERS];
	atomic_size_t n;
	pthread_t thread;
};

static struct end ends[SIDES];

static void hear(struct end *end, int fd, char *line)
{
	if (!strcmp(line, "*TRG"))
		end->came[end->n++] = instant_now();
	else
		must(write(fd, "1\n", 2) == 2, "an answer");
}

static void converse(struct end *end, int fd)
{
	char text[256];
	size_t len = 0;
	ssize_t n;

	while ((n = read(fd, text + len, sizeof text - 1 - len)) > 0) {
		char *from = text, *mark;

		len += (size_t)n;
		text[len] = '\0';
		for (; (mark = strchr(from, '\n')); from = mark + 1) {
			*mark = '\0';
			hear(end, fd, from);
		}
		len -= (size_t)(from - text);
		memmove(text, from, len);
	}
	close(fd);
}

struct caller { struct end *end; int fd; };

static void *play_line(void *arg)
{
	struct caller l = *(struct caller *)arg;

	free(arg);
	converse(l.end, l.fd);
	return NULL;
}

static void *play_end(void *arg)
{
	struct end *end = arg;

	while (end->listener >= 0) {
		struct caller *l = mem_new(sizeof *l);
		pthread_t t;

		*l = (struct caller){ end, accept(end->listener, NULL, NULL) };
		must(l->fd >= 0 && pthread_create(&t, NULL, play_line, l) == 0, "a connection");
		pthread_detach(t);
	}
	return NULL;
}

static void start(struct end *end, struct server *s, unsigned i)
{
	end->listener = s->listening[i];
	must(pthread_create(&end->thread, NULL, play_end, end) == 0, "pthread_create");
}

/* A plain thread at the right instants. */
struct plain { int fd; instant start; pthread_t thread; };

static void *write_plainly(void *arg)
{
	struct plain *p = arg;

	prctl(PR_SET_TIMERSLACK, 1, 0, 0, 0);
	for (int k = 0; k < TRIGGERS; k++) {
		instant_sleep_until(p->start + k * PACE);
		must(write(p->fd, "*TRG\n", 5) == 5, "a trigger");
	}
	return NULL;
}

static void plain_round(struct plain *sides)
{
	instant start = instant_after(LEAD);

	for (int i = 0; i < SIDES; i++) {
		sides[i].start = start;
		must(pthread_create(&sides[i].thread, NULL, write_plainly, &sides[i]) == 0, "pthread_create");
	}
	for (int i = 0; i < SIDES; i++)
		pthread_join(sides[i].thread, NULL);
}

/* The last round's triggers, which have all come. */
static void collect(double *skew, size_t wanted)
{
	for (int i = 0; i < SIDES; i++)
		while (ends[i].n < wanted)
			instant_sleep_until(instant_after(NS_PER_MS));
	for (size_t k = 0; k < TRIGGERS; k++) {
		instant a = ends[0].came[wanted - TRIGGERS + k], b = ends[1].came[wanted - TRIGGERS + k];

		skew[k] = (double)llabs(a - b) / 1e3;
	}
}

static int connect_plainly(int port)
{
	struct sockaddr_in to = { .sin_family = AF_INET, .sin_port = htons((uint16_t)port),
				  .sin_addr.s_addr = htonl(INADDR_LOOPBACK) };
	int fd = socket(AF_INET, SOCK_STREAM | SOCK_CLOEXEC, 0), on = 1;

	must(fd >= 0 && connect(fd, (struct sockaddr *)&to, sizeof to) == 0, "connect");
	setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
	return fd;
}

static void rows(double *ours, double *beside, size_t n)
{
	aid_row("trigger_skew_of_two_ports_p50", aid_quantile(ours, n, 0.5), aid_quantile(beside, n, 0.5), at_most(200),
		"us");
	aid_row("trigger_skew_of_two_ports_p99", aid_quantile(ours, n, 0.99), aid_quantile(beside, n, 0.99), stated(),
		"us");
}

int main(void)
{
	static double ours[ROUNDS * TRIGGERS], beside[ROUNDS * TRIGGERS];
	struct plain sides[SIDES];
	struct server server;
	size_t seen = TRIGGERS;
	struct rig rig;

	if (!aid_wanted("trigger_skew"))
		return 0;
	aid_folder_make();
	server_listen(&server, SIDES, "tcp", "");
	for (unsigned i = 0; i < SIDES; i++) {
		start(&ends[i], &server, i);
		sides[i].fd = connect_plainly(server.ports[i]);
	}
	rig_open(&rig, 1, SIDES, model, server.addresses, ANY_CORE, ANY_CORE);
	rig.players[0].together = true;
	player_measure(&rig.players[0], TRIGGERS, PACE);         /* attaches, and warms */
	for (int i = 0; i < ROUNDS; i++) {
		plain_round(sides);
		collect(beside + i * TRIGGERS, seen += TRIGGERS);
		player_measure(&rig.players[0], TRIGGERS, PACE);
		collect(ours + i * TRIGGERS, seen += TRIGGERS);
	}
	rows(ours, beside, ROUNDS * TRIGGERS);
	rig_close(&rig);
	aid_folder_remove();
	return 0;
}
