/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "terminal.h"

#include <pty.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <termios.h>
#include <unistd.h>

static void must(int failed, const char *what)
{
	if (!failed)
		return;
	perror(what);
	abort();
}

static void open_pair(struct terminal *t)
{
	char name[64], new[104];
	struct termios raw;

	must(openpty(&t->master, &t->held, name, NULL, NULL), "openpty");
	tcgetattr(t->held, &raw);
	cfmakeraw(&raw);
	tcsetattr(t->held, TCSANOW, &raw);
	snprintf(new, sizeof new, "%s.new", t->path);
	must(symlink(name, new) || rename(new, t->path), "symlink");
}

void terminal_make(struct terminal *t, const char *scheme)
{
	*t = (struct terminal){ .folder = "/tmp/etalon-line-XXXXXX" };
	must(!mkdtemp(t->folder), "mkdtemp");
	snprintf(t->path, sizeof t->path, "%s/%s", t->folder, strcmp(scheme, "serial") ? "line" : "ttyS");
	open_pair(t);
}

void terminal_renew(struct terminal *t)
{
	int master = t->master, held = t->held;

	open_pair(t);
	close(held);
	close(master);
}

void terminal_remove(struct terminal *t)
{
	close(t->master);
	close(t->held);
	unlink(t->path);
	rmdir(t->folder);
}
