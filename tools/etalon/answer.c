/* SPDX-License-Identifier: GPL-3.0-or-later
 * answer.c - etalon answer: what runs ask of people, and what people say. */
#include <ctype.h>
#include <poll.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "client.h"
#include "dialogue.h"
#include "etalon.h"
#include "instant.h"
#include "yaml.h"

#define LOOK_MS    500           /* how often a terminal looks for new questions */
#define MOST_WORDS 3
#define FILE_MOST  (200 * 1024)  /* bytes of a file of answers: one request carries it */

static struct {
	const char *run, *of, *value, *by, *reason, *at, *csv;
	bool confirm, reject, list, json;
	const char *words[MOST_WORDS];
	size_t n;
} opt;

enum { OPT_CONFIRM = 256, OPT_REJECT, OPT_AT, OPT_VALUE, OPT_CSV };

static const struct argp_option options[] = {
	{ "by", 'b', "NAME", 0, "who says so (default: the login name)", 0 },
	{ "reason", 'r', "TEXT", 0, "why it counts although it is doubtful; why it cannot be done", 0 },
	{ "at", OPT_AT, "TIME", 0, "when it was read, if not now: 2026-11-24T09:30:00Z", 0 },
	{ "confirm", OPT_CONFIRM, NULL, 0, "confirm the answer of another person", 0 },
	{ "reject", OPT_REJECT, NULL, 0, "the answer does not count: it is asked anew", 0 },
	{ "value", OPT_VALUE, "VALUE", 0, "the answer; the same as VALUE behind the run", 0 },
	{ "csv", OPT_CSV, "FILE", 0, "answer readings from a file: columns point, value, time", 0 },
	{ "list", 'l', NULL, 0, "only list what is asked", 0 },
	{ "json", 'j', NULL, 0, "list it as JSON", 0 },
	{ 0 },
};

/* RUN, RUN VALUE, RUN ROLE VALUE; where the answer is an option, RUN ROLE. */
static void sort_words(struct argp_state *s)
{
	bool option = opt.value || opt.confirm || opt.reject || opt.csv;

	if ((opt.value != NULL) + opt.confirm + opt.reject + (opt.csv != NULL) > 1)
		argp_error(s, "one of them: a value, --confirm, --reject, --csv");
	if (opt.n == 3 && option)
		argp_error(s, "'%s' is one word too many", opt.words[2]);
	opt.run = opt.words[0];
	if (opt.n == 3 || (opt.n == 2 && option))
		opt.of = opt.words[1];
	if (opt.n > 1 && !option)
		opt.value = opt.words[opt.n - 1];
	if (!opt.run && option)
		argp_error(s, "of which run?");
}

static error_t parse(int key, char *arg, struct argp_state *s)
{
	switch (key) {
	case 'b':
		opt.by = arg;
		return 0;
	case 'r':
		opt.reason = arg;
		return 0;
	case 'l':
		opt.list = true;
		return 0;
	case 'j':
		opt.list = opt.json = true;
		return 0;
	case OPT_AT:
		opt.at = arg;
		return 0;
	case OPT_VALUE:
		opt.value = arg;
		return 0;
	case OPT_CSV:
		opt.csv = arg;
		return 0;
	case OPT_CONFIRM:
		opt.confirm = true;
		return 0;
	case OPT_REJECT:
		opt.reject = true;
		return 0;
	case ARGP_KEY_ARG:
		if (opt.n == MOST_WORDS)
			argp_error(s, "'%s' is one word too many", arg);
		opt.words[opt.n++] = arg;
		return 0;
	case ARGP_KEY_END:
		sort_words(s);
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static const struct argp_child children[] = { { &where_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	.options = options, .parser = parse, .args_doc = "[RUN [[ROLE] VALUE]]", .children = children,
	.doc = "Answer what runs ask of people: readings of instruments without an interface, settings, serial numbers."
	       "\vWithout a VALUE, on a terminal: one question after another, until Ctrl-D; elsewhere: the list of them. "
	       "A VALUE is what the instrument shows, with or without the unit of its scale, or one of: overload, "
	       "underload, \"not readable\"; of a setting what reads back, or done; cannot, with a reason, makes the run "
	       "hold. The command returns when the answer is on disk. Exit status 1 if it was not accepted.",
};

/* A value below zero is no option. */
static void guard_negatives(int argc, char **argv)
{
	for (int i = 1; i < argc && strcmp(argv[i], "--"); i++)
		if (argv[i][0] == '-' && (isdigit((unsigned char)argv[i][1]) || argv[i][1] == '.'))
			argv[i] = mem_format("--value=%s", argv[i]);
}

static const char *person(void)
{
	return opt.by ? opt.by : login_name();
}

static int print_list(struct client *c)
{
	struct err e;
	json_t *list = question_list(c, opt.run, &e), *q;
	size_t i;

	if (!list)
		return client_failed(c, &e);
	if (opt.json) {
		json_dumpf(list, stdout, JSON_COMPACT);
		putchar('\n');
	}
	json_array_foreach(list, i, q)
		if (!opt.json)
			question_line(q, stdout);
	if (!opt.json && !json_array_size(list))
		puts("nothing is asked");
	json_decref(list);
	return DONE;
}

static int send_file(struct client *c, const json_t *q, struct err *e)
{
	struct source s;
	int failed;

	if (source_load(&s, opt.csv, e) < 0)
		return -1;
	if (s.len > FILE_MOST)
		failed = err_set(e, ERR_CONFIG, "%s: longer than %d KiB", opt.csv, FILE_MOST / 1024);
	else
		failed = question_file(c, q, opt.csv, s.text, person(), e);
	source_release(&s);
	return failed;
}

static int say(struct client *c, const json_t *q, struct err *e)
{
	struct said s = { .value = opt.value, .by = person(), .reason = opt.reason };

	if (opt.csv)
		return send_file(c, q, e);
	if (opt.at && utc_parse(opt.at, &s.read_ns, e) < 0)
		return err_wrap(e, "--at");
	return question_say(c, q, opt.confirm ? "question.confirm" : opt.reject ? "question.reject" : "question.answer",
			    &s, e);
}

static int answer_one(struct client *c)
{
	struct err e;
	json_t *list = question_list(c, opt.run, &e);
	bool forgotten = list && opt.value && !opt.of && question_named(list, opt.value);
	const json_t *q = list && !forgotten ? question_pick(list, opt.of, &e) : NULL;
	int failed = !q || say(c, q, &e) < 0;

	if (forgotten)
		err_set(&e, ERR_CONFIG, "the value is missing behind %s", opt.value);
	if (!failed)
		printf("%s: %s\n", question_text(q, "question"),
		       opt.confirm ? "confirmed" : opt.reject ? "rejected, it is asked anew" :
		       opt.csv ? "the file is on record" : "on record");
	json_decref(list);
	if (!failed)
		return DONE;
	if (client_lost(c))
		return client_failed(c, &e);
	fprintf(stderr, "etalon answer: %s\n", e.text);
	return NOT_SO;
}

/* One after another, until the input ends. */
static int converse(struct client *c)
{
	struct pollfd in = { .fd = STDIN_FILENO, .events = POLLIN };
	struct dialogue d;
	char *line = NULL;
	size_t size = 0;
	struct err e;
	int open = 0;

	dialogue_begin(&d, c, opt.run, person());
	for (bool first = true;; first = false) {
		open = dialogue_look(&d, &e);
		if (open < 0)
			break;
		if (first && !open)
			puts("nothing is asked yet; Ctrl-D ends waiting");
		if (poll(&in, 1, LOOK_MS) == 0)
			continue;
		if (getline(&line, &size, stdin) < 0)
			break;
		dialogue_take(&d, line);
	}
	dialogue_end(&d);
	free(line);
	return open < 0 ? client_failed(c, &e) : DONE;
}

int cmd_answer(int argc, char **argv)
{
	bool says;
	struct client *c;
	struct err e;
	int status;

	guard_negatives(argc, argv);
	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	says = opt.value || opt.confirm || opt.reject || opt.csv;
	if (client_open(&c, where_control(), &e) < 0)
		return client_failed(NULL, &e);
	if (says)
		status = answer_one(c);
	else if (opt.list || !isatty(STDIN_FILENO))
		status = print_list(c);
	else
		status = converse(c);
	client_close(&c);
	return status;
}
