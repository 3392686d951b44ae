/* SPDX-License-Identifier: GPL-3.0-or-later
 * talk.c - etalon talk: a console on one instrument. */
#include "talk.h"

#include <errno.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

#include "escape.h"
#include "etalon.h"
#include "model_files.h"
#include "number.h"
#include "prompt.h"

static struct {
	const char *address, *model, *quantities, *end, *reply_end, *save;
	double timeout_s;
	bool hex;
} opt = { .timeout_s = 0 };

enum { OPT_REPLY_END = 256, OPT_SAVE };

static const struct argp_option options[] = {
	{ "model", 'm', "FILE", 0, "take line settings, ends, timeout and errors from this model", 0 },
	{ "quantities", 'q', "FILE", 0, "with --model: vocabulary (default: the nearest quantities.yaml)", 0 },
	{ "end", 'e', "BYTES", 0, "what ends a command (\\n)", 0 },
	{ "reply-end", OPT_REPLY_END, "BYTES", 0, "what ends a reply (\\n); empty: the transport says", 0 },
	{ "timeout", 't', "SECONDS", 0, "how long to wait for a reply (5)", 0 },
	{ "hex", 'x', NULL, 0, "show replies in hexadecimal as well", 0 },
	{ "save", OPT_SAVE, "FILE", 0, "keep the session as a transcript; the file must not exist", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *s)
{
	struct err e;

	if (key == 'm')
		opt.model = arg;
	else if (key == 'q')
		opt.quantities = arg;
	else if (key == 'e')
		opt.end = arg;
	else if (key == OPT_REPLY_END)
		opt.reply_end = arg;
	else if (key == OPT_SAVE)
		opt.save = arg;
	else if (key == 'x')
		opt.hex = true;
	else if (key == 't' && (number_parse(arg, strlen(arg), &opt.timeout_s, &e) < 0 || !(opt.timeout_s > 0) ||
				opt.timeout_s > 86400))
		argp_error(s, "--timeout: expected seconds, at most 86400");
	else if (key != 't')
		return one_argument(&opt.address, key, arg, s, "address");
	return 0;
}

static const struct argp argp = {
	.options = options, .parser = parse, .args_doc = "ADDRESS",
	.doc = "Speak to an instrument by hand.  Each line is sent; where it has a ?, the reply is read and shown.  Lines "
	       "that begin with a backslash are for the console: \\help lists them.  From a pipe it does the same "
	       "without a prompt."
	       "\vADDRESS is as in a bench file: tcp://HOST:PORT, serial:/dev/ttyUSB0?baud=9600, "
	       "TCPIP::HOST::INSTR, modbus+tcp://HOST:502/UNIT.  Ctrl-C ends a wait, Ctrl-D the session.  Exit status 1 "
	       "if anything failed.",
};

/* ---- Ctrl-C ---- */

static int cancel_fd = -1;

static void on_interrupt(int signal_number)
{
	const uint64_t one = 1;
	int before = errno;

	(void)signal_number;
	if (write(cancel_fd, &one, sizeof one) < 0)
		abort();                 /* an eventfd takes it */
	errno = before;
}

/* Without SA_RESTART, so that it also reaches a line being edited. */
static int catch_interrupt(void)
{
	struct sigaction a = { .sa_handler = on_interrupt };

	cancel_fd = eventfd(0, EFD_CLOEXEC | EFD_NONBLOCK);
	return cancel_fd < 0 ? -1 : sigaction(SIGINT, &a, NULL);
}

/* What was typed at the prompt cancels nothing. */
static void forget_interrupt(void)
{
	uint64_t asked;

	if (read(cancel_fd, &asked, sizeof asked) < 0)
		return;
}

/* ---- a line ---- */

int talk_reply(struct talk *t, struct until until, struct err *e)
{
	struct span reply;
	int64_t took_ns;

	if (session_read(t->s, until, &reply, &took_ns, e) < 0) {
		show_part(t, reply, "(part of a reply)");
		return -1;
	}
	show_reply(t, reply, took_ns);
	return 0;
}

/* How many lines its answer has, as the model says: what it asks, it asks in these words. */
static size_t lines_of(const struct model *m, const char *question)
{
	const struct point *p = m ? m->points.items : NULL;

	for (size_t i = 0; m && i < m->points.n; i++)
		if (p[i].ask && !strcmp(p[i].ask, question))
			return (size_t)p[i].reply_lines;
	return m && m->identity.ask && !strcmp(m->identity.ask, question) ? (size_t)m->identity.reply_lines : 0;
}

int talk_ask(struct talk *t, const char *question, struct err *e)
{
	struct span reply;
	int64_t took_ns;

	if (talk_send(t, question, true, e) < 0)
		return -1;
	if (session_answer(t->s, lines_of(t->model, question), &reply, &took_ns, e) < 0) {
		show_part(t, reply, "(part of a reply)");
		return -1;
	}
	show_answer(t, reply, session_line(t->s).mark, took_ns);
	return 0;
}

/* A question has a ? that is not within quotes: "VOLT? MAX" is one, DISP:TEXT "Ready?" is none. */
static bool is_question(const char *line)
{
	char quote = '\0';

	for (; *line; line++) {
		if (quote ? *line == quote : *line == '"' || *line == '\'')
			quote = quote ? '\0' : *line;
		else if (*line == '?' && !quote)
			return true;
	}
	return false;
}

int talk_send(struct talk *t, const char *text, bool with_end, struct err *e)
{
	struct buf bytes = { 0 };
	int bad = escape_parse(&bytes, text, strlen(text), e);

	if (!bad) {
		show_part(t, session_unasked(t->s), "(unasked)");
		bad = session_send(t->s, &bytes, with_end, e);
	}
	buf_release(&bytes);
	return bad;
}

static int say(struct talk *t, const char *line, struct err *e)
{
	return is_question(line) ? talk_ask(t, line, e) : talk_send(t, line, true, e);
}

void talk_line(struct talk *t, const char *line)
{
	struct err e;

	forget_interrupt();
	if (line[0] == '\\' && line[1] != 'x' && line[1] != '\\')
		talk_word(t, line + 1);
	else if (session_modbus(t->s) && line[0])
		talk_word(t, line);
	else if (line[0] && say(t, line, &e) < 0)
		show_trouble(t, &e);
	if (t->save && talk_save(t, &e) < 0)
		show_trouble(t, &e);
	fflush(stdout);
}

/* ---- the session ---- */

static void converse(struct talk *t, const char *address)
{
	struct prompt *p = prompt_open("> ", "talk-history");
	const char *line;

	t->person = prompt_edits(p);
	if (t->person)
		printf("%s: lines are sent, ? reads a reply, \\help for more\n", address);
	while (!t->over && (line = prompt_line(p)))
		talk_line(t, line);
	if (t->person && !t->over)
		putchar('\n');
	prompt_close(&p);
}

static char *bytes_of(const char *text, struct err *e)
{
	struct buf b = { 0 };

	buf_puts(&b, "");
	if (escape_parse(&b, text, strlen(text), e) == 0)
		return b.data;
	buf_release(&b);
	return NULL;
}

/* Nothing that is there is written over. */
static int claim(const char *path, struct err *e)
{
	FILE *f = fopen(path, "wxe");

	if (!f)
		return err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
	fclose(f);
	return 0;
}

static int talk(const struct session_options *o, const struct model *m)
{
	struct talk t = { .model = m, .save = opt.save, .hex = opt.hex };
	struct err e;

	if (session_open(&t.s, o, cancel_fd, &e) < 0)
		return cannot(&e);
	if (t.save && claim(t.save, &e) < 0) {
		session_close(&t.s);
		return cannot(&e);
	}
	converse(&t, o->address);
	session_close(&t.s);
	return t.failed ? NOT_SO : DONE;
}

static int talk_with_ends(const struct model *m)
{
	struct session_options o = { .address = opt.address, .model = m };
	struct err e;
	char *end = opt.end ? bytes_of(opt.end, &e) : NULL, *reply_end = NULL;
	int status;

	if (opt.reply_end && (end || !opt.end))
		reply_end = bytes_of(opt.reply_end, &e);
	o.command_end = end;
	o.reply_end = reply_end;
	o.timeout_ns = opt.timeout_s > 0 ? (int64_t)(opt.timeout_s * 1e9) : m ? m->timeout_ns : 5 * NS_PER_S;
	if ((opt.end && !end) || (opt.reply_end && !reply_end))
		status = cannot(&e);
	else
		status = talk(&o, m);
	free(end);
	free(reply_end);
	return status;
}

static int talk_with_model(const char *name)
{
	char *path = model_path(name);
	struct problems ps = { 0 };
	struct loaded_model l = { 0 };
	struct err e;
	int status;

	if (!path)
		return cannot_say("%s: there is no such model file", name);
	loaded_model_open(&l, path, opt.quantities, &ps);
	status = problems_err(&ps, &e) ? cannot(&e) : talk_with_ends(l.m);
	loaded_model_close(&l);
	problems_release(&ps);
	free(path);
	return status;
}

int cmd_talk(int argc, char **argv)
{
	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	signal(SIGPIPE, SIG_IGN);
	if (catch_interrupt() < 0)
		return cannot_say("%s", strerror(errno));
	return opt.model ? talk_with_model(opt.model) : talk_with_ends(NULL);
}
