/* SPDX-License-Identifier: GPL-3.0-or-later
 * etalon-sim - plays the simulated instruments of a bench on real sockets and serial lines. */
#include <argp.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <unistd.h>

#include "bench_copy.h"
#include "console.h"
#include "log.h"
#include "number.h"
#include "signals.h"

#define FLUSH_EVERY_MS 200

struct options {
	const char *bench, *quantities, *truth, *write_bench, *control;
	struct outlet_options outlets;
	bool until_eof, quiet, seeded;
	int64_t seed;
	const char **faults;
	size_t n_faults;
};

enum { OPT_ANY_PORT = 256, OPT_WRITE_BENCH, OPT_TRUTH, OPT_SEED, OPT_FAULT, OPT_UNTIL_EOF,
       OPT_FOLDER, OPT_CONTROL, OPT_QUANTITIES };

static const struct argp_option rows[] = {
	{ "folder", OPT_FOLDER, "DIR", 0, "Put serial lines into DIR, named after their roles, "
	  "where the bench file's path cannot be used", 0 },
	{ "any-port", OPT_ANY_PORT, NULL, 0, "Listen at free TCP ports of 127.0.0.1 and at serial "
	  "lines in --folder instead of the addresses in the file", 0 },
	{ "write-bench", OPT_WRITE_BENCH, "FILE", 0, "Write a copy of the bench file with the "
	  "addresses that are really used", 0 },
	{ "truth", OPT_TRUTH, "FILE", 0, "Write what was really the case at each measurement, as "
	  "JSON lines", 0 },
	{ "seed", OPT_SEED, "N", 0, "Play with this seed instead of the bench file's", 0 },
	{ "fault", OPT_FAULT, "ROLE:KIND[:KEY=VALUE...]", 0, "Let something go wrong from the "
	  "start; may be repeated", 0 },
	{ "control", OPT_CONTROL, "ENDPOINT", 0, "Also play the people at instruments without an interface: "
	  "answer what the etalond at this control endpoint asks of them", 0 },
	{ "quantities", OPT_QUANTITIES, "FILE", 0, "The vocabulary; usually quantities.yaml in the "
	  "folder above the bench file's", 0 },
	{ "until-eof", OPT_UNTIL_EOF, NULL, 0, "End when the standard input does", 0 },
	{ "quiet", 'q', NULL, 0, "Do not say on stderr who is played where", 0 },
	{ 0 }
};

static const char doc[] =
	"Plays the instruments of a bench that are marked `simulated: yes`: one small world of a "
	"voltage and a room, which they source and sense with their own errors."
	"\v"
	"Prints `ready` once everything listens, then takes commands on the standard input, one a line, "
	"and answers `ok` or `error: ...`:\n\n"
	"  fault ROLE KIND [after=N] [times=M] [delay_ms=T] [on=TOPIC] [code=N]\n"
	"  clear [ROLE]\n"
	"  power ROLE [quiet]\n"
	"  set-world NODE VALUE    (voltage, current, temperature, humidity, pressure ...)\n"
	"  flush\n"
	"  quit\n\n"
	"KIND is one of late pieces twice truncated garbage wrong-echo overload silence close identity "
	"exception crc neighbour unit refuse clip nak noise unstable, and of people comma reject; TOPIC one of measure "
	"identity set other any.\n\n"
	"Exit status: 0 when told to end, 1 if the bench cannot be played.";

static error_t parse_option(int key, char *arg, struct argp_state *state)
{
	struct options *o = state->input;
	struct err e;

	switch (key) {
	case OPT_FOLDER:
		o->outlets.folder = arg;
		return 0;
	case OPT_ANY_PORT:
		o->outlets.any = true;
		return 0;
	case OPT_WRITE_BENCH:
		o->write_bench = arg;
		return 0;
	case OPT_TRUTH:
		o->truth = arg;
		return 0;
	case OPT_SEED:
		if (number_parse_int(arg, strlen(arg), &o->seed, &e))
			argp_error(state, "--seed: %s", e.text);
		o->seeded = true;
		return 0;
	case OPT_FAULT:
		o->faults = mem_grow(o->faults, o->n_faults, sizeof *o->faults);
		o->faults[o->n_faults++] = arg;
		return 0;
	case OPT_CONTROL:
		o->control = arg;
		return 0;
	case OPT_QUANTITIES:
		o->quantities = arg;
		return 0;
	case OPT_UNTIL_EOF:
		o->until_eof = true;
		return 0;
	case 'q':
		o->quiet = true;
		return 0;
	case ARGP_KEY_ARG:
		if (o->bench)
			argp_error(state, "one bench file is enough");
		o->bench = arg;
		return 0;
	case ARGP_KEY_NO_ARGS:
		argp_error(state, "which bench file?");
		return 0;
	default:
		return ARGP_ERR_UNKNOWN;
	}
}

static char *usual_quantities(const char *bench)
{
	const char *slash = strrchr(bench, '/');

	return slash ? mem_format("%.*s/../quantities.yaml", (int)(slash - bench), bench)
		: mem_string("../quantities.yaml");
}

static struct bench *load(const struct options *o)
{
	char *file = o->quantities ? mem_string(o->quantities) : usual_quantities(o->bench);
	static struct quantities q;      /* models point into it */
	struct problems ps = { 0 };
	struct bench *b = NULL;
	struct buf text = { 0 };

	if (!quantities_load(&q, file, &ps))
		bench_load(&b, o->bench, &q, &ps);
	problems_text(&ps, &text);
	if (text.len)
		fputs(text.data, stderr);
	buf_release(&text);
	problems_release(&ps);
	free(file);
	return b;
}

static void announce(const struct play *p, const struct options *o)
{
	const struct bench_role *r = p->bench->roles.items;

	if (o->quiet)
		return;
	log_line(LOG_INFO, "bench %s, seed %lld", p->bench->name, (long long)o->seed);
	for (size_t i = 0; i < p->bench->roles.n; i++)
		if (p->devices[i])
			log_line(LOG_INFO, "%s: %s at %s", r[i].name, r[i].model_name, p->addresses[i]);
}

static int start(struct play *p, const struct options *o, const struct bench *b, struct truth *t,
		 struct err *e)
{
	if (play_start(p, b, t, (uint64_t)o->seed, &o->outlets, o->control, e))
		return -1;
	for (size_t i = 0; i < o->n_faults; i++)
		if (console_fault(p, o->faults[i], e))
			return -1;
	if (o->write_bench)
		return bench_copy(b, (const char *const *)p->addresses, o->write_bench, e);
	return 0;
}

static void say(const char *text, const char *why)
{
	printf("%s%s\n", text, why);
	fflush(stdout);
}

/* Whole lines of what has come on the standard input; false at its end. */
static bool take_commands(struct play *p, struct buf *heard, bool *quit)
{
	char bytes[4096], *end;
	ssize_t n = read(STDIN_FILENO, bytes, sizeof bytes);
	struct err e;

	if (n <= 0)
		return false;
	buf_add(heard, bytes, (size_t)n);
	while (!*quit && (end = memchr(heard->data, '\n', heard->len))) {
		*end = '\0';
		if (console_line(p, heard->data, quit, &e))
			say("error: ", e.text);
		else
			say("ok", "");
		buf_consume(heard, (size_t)(end - heard->data) + 1);
	}
	return true;
}

static void attend(struct play *p, int signals, bool until_eof)
{
	struct pollfd fds[] = {
		{ .fd = signals, .events = POLLIN }, { .fd = STDIN_FILENO, .events = POLLIN },
	};
	struct buf heard = { 0 };
	bool quit = false;

	while (!quit && !fds[0].revents) {
		fds[1].revents = 0;
		poll(fds, 2, FLUSH_EVERY_MS);
		if (fds[1].revents && !take_commands(p, &heard, &quit)) {
			quit = until_eof;
			fds[1].fd = -1;
		}
		truth_flush(p->truth);
	}
	buf_release(&heard);
}

static int complain(const struct err *e)
{
	log_line(LOG_ERROR, "%s", e->text);
	return EXIT_FAILURE;
}

int main(int argc, char **argv)
{
	static const struct argp argp = { rows, parse_option, "BENCH", doc, NULL, NULL, NULL };
	static struct play play;         /* its threads outlive main's frame */
	struct options o = { 0 };
	struct truth *truth = NULL;
	struct bench *b;
	struct err e;
	int signals;

	argp_program_version = "etalon-sim " VERSION;
	argp_parse(&argp, argc, argv, 0, NULL, &o);
	log_set("etalon-sim", LOG_INFO);
	signal(SIGPIPE, SIG_IGN);
	signals = signals_open((const int[]){ SIGTERM, SIGINT, 0 });
	prctl(PR_SET_TIMERSLACK, 1);
	b = load(&o);
	if (!b)
		return EXIT_FAILURE;
	if (!o.seeded)
		o.seed = b->simulate.seed;
	if (o.truth && truth_open(&truth, o.truth, b->name, o.seed, &e))
		return complain(&e);
	if (start(&play, &o, b, truth, &e)) {
		play_stop(&play);
		return complain(&e);
	}
	announce(&play, &o);
	say("ready", "");
	attend(&play, signals, o.until_eof);
	play_stop(&play);
	truth_flush(truth);
	return EXIT_SUCCESS;
}
