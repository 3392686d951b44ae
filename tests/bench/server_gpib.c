/* SPDX-License-Identifier: GPL-3.0-or-later
 * server_gpib.c - a GPIB controller whose instrument answers at once, and the bare client: the same lines, always
 * the same ones. */
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

#include "server_parts.h"

#define MOST 4096

static const char command[] = "++addr 22\nREAD?\x1b\n\n", fetch[] = "++addr 22\n++read eoi\n";
static const char reply[] = "+1.02345678E+00\n\x04";

/* What each line is answered with; NULL: nothing. */
static const char *answer_to(const char *line)
{
	static char number[16];
	static const struct { const char *line, *answer; } answers[] = {
		{ "++read eoi", reply }, { "++ver", "Prologix GPIB-ETHERNET Controller version 01.06.06.00\r\n" },
		{ "++mode", "1\r\n" }, { "++auto", "0\r\n" }, { "++eoi", "1\r\n" }, { "++eos", "3\r\n" },
		{ "++eot_char", "4\r\n" }, { "++eot_enable", "1\r\n" }, { "++read_tmo_ms", number },
	};

	if (!strncmp(line, "++read_tmo_ms ", 14))
		snprintf(number, sizeof number, "%.10s\r\n", line + 14);
	for (size_t i = 0; i < sizeof answers / sizeof *answers; i++)
		if (!strcmp(answers[i].line, line))
			return answers[i].answer;
	return NULL;
}

/* The lines at the head of n bytes; how many bytes they take. */
static size_t carry_out(int fd, char *in, size_t n)
{
	size_t taken = 0;
	char *end;

	while ((end = memchr(in + taken, '\n', n - taken))) {
		const char *answer;

		*end = '\0';
		answer = answer_to(in + taken);
		if (answer)
			must(send(fd, answer, strlen(answer), MSG_NOSIGNAL) > 0, "send");
		taken = (size_t)(end - in) + 1;
	}
	return taken;
}

static void *answer_host(void *arg)
{
	int fd = (int)(intptr_t)arg;
	char in[MOST];
	size_t n = 0;

	for (;;) {
		ssize_t got = read(fd, in + n, sizeof in - n);
		size_t taken;

		if (got <= 0)
			break;
		n += (size_t)got;
		taken = carry_out(fd, in, n);
		n -= taken;
		memmove(in, in + taken, n);
	}
	close(fd);
	return NULL;
}

struct server server_gpib(int core)
{
	struct server s;

	server_listen(&s, 1, "prologix", "/22");
	if (server_child(&s, core))
		server_serve(&s, answer_host);
	server_leave(&s);
	return s;
}

double bare_controller(void *with, unsigned n)
{
	int fd = *(int *)with;
	instant start = instant_now();
	char got[256];

	for (unsigned i = 0; i < n; i++) {
		ssize_t k = 0, more;

		must(write(fd, command, sizeof command - 1) == sizeof command - 1, "write");
		must(write(fd, fetch, sizeof fetch - 1) == sizeof fetch - 1, "write");
		do {
			more = read(fd, got + k, sizeof got - (size_t)k);
			must(more > 0, "read");
			k += more;
		} while (got[k - 1] != reply[sizeof reply - 2]);
	}
	return aid_seconds(start);
}
