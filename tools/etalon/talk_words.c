/* SPDX-License-Identifier: GPL-3.0-or-later
 * talk_words.c - what is said to the console and not to the instrument. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "escape.h"
#include "nearest.h"
#include "number.h"
#include "reply.h"
#include "talk.h"

#define WORDS 128

struct word {
	const char *name;
	int (*run)(struct talk *t, char *const *words, size_t n, struct err *e);
	bool whole;                      /* all behind the word is one argument, as it stands */
	const char *arguments, *help;
};

static const struct word table[];

static int do_help(struct talk *t, char *const *words, size_t n, struct err *e)
{
	(void)words, (void)n, (void)e;
	printf("A line is sent to the instrument; one with a ? reads the reply.  \\n \\r \\t \\\\ \\xNN are bytes.\n");
	for (const struct word *w = table; w->name; w++)
		printf("  \\%-10s %-24s %s\n", w->name, w->arguments, w->help);
	if (session_modbus(t->s))
		printf("Modbus: read, write and pdu also without the backslash.\n");
	return 0;
}

static int do_quit(struct talk *t, char *const *words, size_t n, struct err *e)
{
	(void)words, (void)n, (void)e;
	t->over = true;
	return 0;
}

static int do_hex(struct talk *t, char *const *words, size_t n, struct err *e)
{
	if (n != 2 || (strcmp(words[1], "on") && strcmp(words[1], "off")))
		return err_set(e, ERR_CONFIG, "\\hex on or \\hex off");
	t->hex = !strcmp(words[1], "on");
	return 0;
}

/* Bytes: so many.  Nothing: a reply as it usually ends. */
static int do_read(struct talk *t, char *const *words, size_t n, struct err *e)
{
	struct until until = session_line(t->s);
	int64_t count = 0;

	if (session_modbus(t->s))
		return talk_read_registers(t, words, n, e);
	if (n > 2 || (n == 2 && (number_parse_int(words[1], strlen(words[1]), &count, e) < 0 || count < 1 ||
				 count > LINK_REPLY_MAX)))
		return err_set(e, ERR_CONFIG, "\\read, or \\read COUNT from 1 to %d", LINK_REPLY_MAX);
	if (count)
		until = (struct until){ .count = (size_t)count };
	return talk_reply(t, until, e);
}

static int do_send(struct talk *t, char *const *words, size_t n, struct err *e)
{
	return n < 2 ? err_set(e, ERR_CONFIG, "\\send COMMAND") : talk_send(t, words[1], true, e);
}

static int do_raw(struct talk *t, char *const *words, size_t n, struct err *e)
{
	return n < 2 ? err_set(e, ERR_CONFIG, "\\raw BYTES") : talk_send(t, words[1], false, e);
}

static int do_ask(struct talk *t, char *const *words, size_t n, struct err *e)
{
	if (n < 2)
		return err_set(e, ERR_CONFIG, "\\ask QUESTION");
	return talk_ask(t, words[1], e);
}

static int do_block(struct talk *t, char *const *words, size_t n, struct err *e)
{
	struct until until = session_line(t->s);

	until.block = true;
	if (n < 2)
		return err_set(e, ERR_CONFIG, "\\block QUESTION, whose reply is an IEEE 488.2 block");
	return talk_send(t, words[1], true, e) ? -1 : talk_reply(t, until, e);
}

static int do_clear(struct talk *t, char *const *words, size_t n, struct err *e)
{
	size_t thrown;

	(void)words, (void)n;
	if (session_clear(t->s, &thrown, e) < 0)
		return -1;
	printf("cleared, %zu bytes thrown away\n", thrown);
	return 0;
}

static void show_status(uint8_t status)
{
	printf("0x%02X%s%s%s\n", status, status & 0x10 ? " message available" : "", status & 0x20 ? " event" : "",
	       status & 0x40 ? " requests service" : "");
}

static int do_status(struct talk *t, char *const *words, size_t n, struct err *e)
{
	uint8_t status;

	(void)words, (void)n;
	if (session_status(t->s, &status, e) < 0)
		return e->code == ERR_STATE ? err_set(e, ERR_STATE, "no status byte beside the messages; ask *STB?") : -1;
	show_status(status);
	return 0;
}

static int do_srq(struct talk *t, char *const *words, size_t n, struct err *e)
{
	uint8_t status;

	(void)words, (void)n;
	if (session_service(t->s, &status, e) < 0)
		return -1;
	show_status(status);
	return 0;
}

static int do_trigger(struct talk *t, char *const *words, size_t n, struct err *e)
{
	(void)words, (void)n;
	return session_trigger(t->s, e);
}

static int do_errors(struct talk *t, char *const *words, size_t n, struct err *e)
{
	const struct model *m = t->model;

	(void)words, (void)n;
	if (!m || !m->errors.ask)
		return err_set(e, ERR_CONFIG, "--model names no model with an error queue");
	for (int64_t i = 0; i < m->errors.drain; i++) {
		struct span reply;
		int64_t took_ns;

		if (talk_send(t, m->errors.ask, true, e) < 0 || session_read(t->s, session_line(t->s), &reply, &took_ns, e) < 0)
			return -1;
		show_reply(t, reply, took_ns);
		if (pattern_matches(&m->errors.ok, reply.p, reply.n, NULL, 0))
			break;
	}
	return 0;
}

static int do_timeout(struct talk *t, char *const *words, size_t n, struct err *e)
{
	double seconds;

	if (n != 2 || number_parse(words[1], strlen(words[1]), &seconds, e) < 0 || seconds <= 0 || seconds > 86400)
		return err_set(e, ERR_CONFIG, "\\timeout SECONDS, at most 86400");
	session_timeout(t->s, (int64_t)(seconds * 1e9));
	return 0;
}

static int change_end(struct talk *t, char *const *words, size_t n, bool command, struct err *e)
{
	struct buf end = { 0 };
	int bad;

	buf_puts(&end, "");
	bad = n > 1 ? escape_parse(&end, words[1], strlen(words[1]), e) : 0;
	if (!bad)
		session_ends(t->s, command ? end.data : NULL, command ? NULL : end.data);
	buf_release(&end);
	return bad;
}

static int do_end(struct talk *t, char *const *words, size_t n, struct err *e)
{
	return change_end(t, words, n, true, e);
}

static int do_reply_end(struct talk *t, char *const *words, size_t n, struct err *e)
{
	return change_end(t, words, n, false, e);
}

static const struct word table[] = {
	{ "read", do_read, false, "[COUNT]", "read a reply, or so many bytes; Modbus: see \\read alone" },
	{ "ask", do_ask, true, "QUESTION", "send it and read the reply, though it has no ?" },
	{ "send", do_send, true, "COMMAND", "send it and read nothing, though it has a ?" },
	{ "block", do_block, true, "QUESTION", "its reply is an IEEE 488.2 block" },
	{ "raw", do_raw, true, "BYTES", "send the bytes and no end behind them" },
	{ "write", talk_write_registers, false, "[TABLE] ADDRESS VALUE..", "Modbus: write a coil or holding registers" },
	{ "pdu", talk_pdu, false, "FUNCTION DATA...", "Modbus: a request in hexadecimal" },
	{ "status", do_status, false, "", "the status byte, where the transport has it" },
	{ "srq", do_srq, false, "", "wait for a request for service, likewise" },
	{ "trigger", do_trigger, false, "", "group execute trigger, likewise" },
	{ "errors", do_errors, false, "", "empty the error queue, as --model says" },
	{ "clear", do_clear, false, "", "device clear; on a line: throw away what comes" },
	{ "timeout", do_timeout, false, "SECONDS", "how long to wait for a reply" },
	{ "end", do_end, false, "[BYTES]", "what ends a command" },
	{ "reply-end", do_reply_end, false, "[BYTES]", "what ends a reply; nothing: the transport" },
	{ "hex", do_hex, false, "on|off", "show replies in hexadecimal as well" },
	{ "help", do_help, false, "", "this" },
	{ "quit", do_quit, false, "", "end the session; so does Ctrl-D" },
	{ NULL, NULL, false, NULL, NULL },
};

static int unknown(const char *name, struct err *e)
{
	struct nearest best = { .word = NULL };

	for (const struct word *w = table; w->name; w++)
		nearest_offer(&best, name, w->name);
	return err_set(e, ERR_CONFIG, best.word ? "there is no \\%s; did you mean \\%s?" : "there is no \\%s; \\help lists what "
		       "there is", name, best.word);
}

/* Splits at blanks; behind a `whole` word the rest stays as it is. */
static size_t split(char *line, char **words, bool whole)
{
	size_t n = 0;

	for (char *p = line; n < WORDS;) {
		p += strspn(p, " \t");
		if (!*p)
			break;
		words[n++] = p;
		if (whole && n == 2)
			break;
		p += strcspn(p, " \t");
		if (*p)
			*p++ = '\0';
	}
	return n;
}

static const struct word *find(const char *line)
{
	size_t n = strcspn(line, " \t");
	const struct word *w = table;

	while (w->name && (strlen(w->name) != n || memcmp(w->name, line, n)))
		w++;
	return w;
}

/* line: behind the backslash. */
void talk_word(struct talk *t, const char *line)
{
	const struct word *w = find(line);
	char *copy = mem_string(line), *words[WORDS];
	size_t n = split(copy, words, w->whole);
	struct err e;
	int bad = 0;

	if (!n)
		bad = err_set(&e, ERR_CONFIG, "\\help lists what there is");
	else if (!w->name)
		bad = unknown(words[0], &e);
	else
		bad = w->run(t, words, n, &e);
	if (bad)
		show_trouble(t, &e);
	free(copy);
}
