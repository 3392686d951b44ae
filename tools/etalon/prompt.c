/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "prompt.h"

#include <errno.h>
#include <histedit.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "mem.h"

#define REMEMBERED 1000

struct prompt {
	char *text, *file;               /* file NULL: nothing is remembered */
	EditLine *editor;                /* NULL: no terminal */
	History *history;
	char *line;                      /* getline's */
	size_t room;
};

static char *prompt_text(EditLine *el)
{
	struct prompt *p;

	el_get(el, EL_CLIENTDATA, &p);
	return p->text;
}

/* Folders of the path that are missing are made, for this person alone. */
static void make_folders(char *path)
{
	for (char *slash = strchr(path + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(path, 0700);       /* if it fails, the history is not kept */
		*slash = '/';
	}
}

/* $XDG_STATE_HOME/etalon/NAME, or below ~/.local/state (XDG Base Directory Specification 0.8). */
static char *state_file(const char *name)
{
	const char *state = getenv("XDG_STATE_HOME"), *home = getenv("HOME");
	char *path;

	if (state && *state == '/')
		path = mem_format("%s/etalon/%s", state, name);
	else if (home && *home == '/')
		path = mem_format("%s/.local/state/etalon/%s", home, name);
	else
		return NULL;
	make_folders(path);
	return path;
}

static void begin_history(struct prompt *p, const char *name)
{
	HistEvent ev;

	p->file = state_file(name);
	p->history = history_init();
	history(p->history, &ev, H_SETSIZE, REMEMBERED);
	history(p->history, &ev, H_SETUNIQUE, 1);
	if (p->file)
		history(p->history, &ev, H_LOAD, p->file);
	el_set(p->editor, EL_HIST, history, p->history);
}

static void begin_editing(struct prompt *p)
{
	el_set(p->editor, EL_CLIENTDATA, p);
	el_set(p->editor, EL_PROMPT, prompt_text);
	el_set(p->editor, EL_EDITOR, "emacs");
	/* Ctrl-C throws the line away.  It is a key here, because libedit takes one interrupted read for an
	 * accident and goes on. */
	el_set(p->editor, EL_SETTY, "-d", "-isig", NULL);
	el_set(p->editor, EL_BIND, "^C", "em-kill-line", NULL);
	el_set(p->editor, EL_BIND, "^R", "em-inc-search-prev", NULL);
	el_source(p->editor, NULL);              /* ~/.editrc */
}

struct prompt *prompt_open(const char *text, const char *name)
{
	struct prompt *p = mem_new(sizeof *p);

	p->text = mem_string(text);
	if (!isatty(STDIN_FILENO) || !isatty(STDOUT_FILENO))
		return p;
	p->editor = el_init("etalon", stdin, stdout, stderr);
	if (!p->editor)
		return p;
	begin_editing(p);
	begin_history(p, name);
	return p;
}

bool prompt_edits(const struct prompt *p)
{
	return p->editor != NULL;
}

static void remember(struct prompt *p, const char *line)
{
	HistEvent ev;

	if (line[0] == '\n' || line[0] == '\0')
		return;
	history(p->history, &ev, H_ENTER, line);
	if (p->file)
		history(p->history, &ev, H_SAVE, p->file);
}

static const char *edit(struct prompt *p)
{
	const char *line;
	int n;

	/* Before the prompt is there, or a Ctrl-D typed at it is lost. */
	el_set(p->editor, EL_PREP_TERM, 1);
	line = el_gets(p->editor, &n);
	if (!line || n <= 0)
		return NULL;
	remember(p, line);
	free(p->line);
	p->line = mem_stringn(line, strcspn(line, "\n"));
	return p->line;
}

static const char *take(struct prompt *p)
{
	ssize_t n;

	do
		n = getline(&p->line, &p->room, stdin);
	while (n < 0 && errno == EINTR && !feof(stdin));
	if (n < 0)
		return NULL;
	p->line[strcspn(p->line, "\n")] = '\0';
	return p->line;
}

const char *prompt_line(struct prompt *p)
{
	return p->editor ? edit(p) : take(p);
}

void prompt_close(struct prompt **out)
{
	struct prompt *p = *out;

	if (!p)
		return;
	if (p->editor)
		el_end(p->editor);
	if (p->history)
		history_end(p->history);
	free(p->text);
	free(p->file);
	free(p->line);
	free(p);
	*out = NULL;
}
