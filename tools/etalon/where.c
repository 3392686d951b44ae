/* SPDX-License-Identifier: GPL-3.0-or-later
 * where.c - where the daemon and its state folder are, and other small things all commands need. */
#include <errno.h>
#include <limits.h>
#include <pwd.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "etalon.h"
#include "instant.h"

static const char *state_option, *control_option;

static error_t parse(int key, char *arg, struct argp_state *s)
{
	(void)s;
	if (key == 'S')
		state_option = arg;
	else if (key == 'C')
		control_option = arg;
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

error_t one_argument(const char **to, int key, char *arg, struct argp_state *s, const char *wanted)
{
	if (key == ARGP_KEY_ARG && !*to)
		*to = arg;
	else if (key == ARGP_KEY_ARG || key == ARGP_KEY_NO_ARGS)
		argp_error(s, "name one %s", wanted);
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp_option options[] = {
	{ "state", 'S', "FOLDER", 0,
	  "state folder of the daemon (ETALON_STATE, else /var/lib/etalon)", 10 },
	{ "control", 'C', "ENDPOINT", 0, "control endpoint (default ipc://FOLDER/control)", 10 },
	{ 0 },
};

const struct argp where_argp = { .options = options, .parser = parse };

const char *where_state(void)
{
	static char path[PATH_MAX];
	const char *state = state_option ? state_option : getenv("ETALON_STATE");

	if (!state || !*state)
		state = "/var/lib/etalon";
	return realpath(state, path) ? path : state;
}

const char *where_control(void)
{
	static char *endpoint;

	if (control_option)
		return control_option;
	if (!endpoint)
		endpoint = mem_format("ipc://%s/control", where_state());
	return endpoint;
}

char *where_journal(const char *run)
{
	return mem_format("%s/journals/%s", where_state(), run);
}

const char *login_name(void)
{
	const struct passwd *pw = getpwuid(getuid());

	return pw ? pw->pw_name : "unknown";
}

char *program_beside(const char *name)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	const char *slash;

	self[n > 0 ? n : 0] = '\0';
	slash = strrchr(self, '/');
	return mem_format("%.*s%s", slash ? (int)(slash - self) + 1 : 0, self, name);
}

int cannot(const struct err *e)
{
	return cannot_say("%s", e->text);
}

int cannot_say(const char *fmt, ...)
{
	va_list ap;

	fflush(stdout);
	fprintf(stderr, "%s: ", program_invocation_name);
	va_start(ap, fmt);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	fputc('\n', stderr);
	return CANNOT;
}

char *duration_format(int64_t ns, char text[DURATION_TEXT])
{
	int64_t s = (ns + NS_PER_S / 2) / NS_PER_S;

	if (ns < 10 * NS_PER_S)
		snprintf(text, DURATION_TEXT, "%.3g s", (double)ns / 1e9);
	else if (s < 60)
		snprintf(text, DURATION_TEXT, "%d s", (int)s);
	else if (s < 3600)
		snprintf(text, DURATION_TEXT, "%d min %d s", (int)(s / 60), (int)(s % 60));
	else if (s < 48 * 3600)
		snprintf(text, DURATION_TEXT, "%d h %d min", (int)(s / 3600), (int)(s / 60 % 60));
	else
		snprintf(text, DURATION_TEXT, "%lld days %d h", (long long)(s / 86400),
			 (int)(s / 3600 % 24));
	return text;
}

int client_failed(const struct client *c, const struct err *e)
{
	cannot(e);
	return e->code == ERR_CLOSED && client_lost(c) ? NO_DAEMON : CANNOT;
}
