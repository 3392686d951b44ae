/* SPDX-License-Identifier: GPL-3.0-or-later
 * etalon - one command for people and scripts; every subcommand is a row of the table. */
#include <errno.h>
#include <locale.h>
#include <stdlib.h>
#include <string.h>

#include "etalon.h"

static const struct command commands[] = {
	{ "check",    cmd_check,    "find what is wrong with model, bench, procedure, standard and other files" },
	{ "run",      cmd_run,      "run a procedure at a bench and follow it to its archive" },
	{ "status",   cmd_status,   "how the daemon, its ports and its runs are" },
	{ "list",     cmd_list,     "every run in the state folder" },
	{ "show",     cmd_show,     "the results of a run and where everything is" },
	{ "watch",    cmd_watch,    "print records as they are acknowledged" },
	{ "answer",   cmd_answer,   "answer what runs ask of people" },
	{ "instrument", cmd_instrument, "say what is known of an instrument that a run waits for" },
	{ "pause",    cmd_pause,    "hold a run after the step in hand" },
	{ "resume",   cmd_resume,   "let a paused or holding run go on" },
	{ "stop",     cmd_stop,     "end a run in order, after the step in hand" },
	{ "abort",    cmd_abort,    "end a run at once, in its safe state" },
	{ "impact",   cmd_impact,   "which runs rest on a standard" },
	{ "due",      cmd_due,      "when standards and items are to be calibrated again" },
	{ "stability", cmd_stability, "Allan deviations of a channel, with confidence intervals" },
	{ "validate", cmd_validate, "published cases computed by this installation, and a record of it" },
	{ "export",   cmd_export,   "readings as CSV or JSON, digit for digit" },
	{ "verify",   cmd_verify,   "prove that archives are what their runs recorded" },
	{ "journal",  cmd_journal,  "show or verify a run's journal" },
	{ "rebuild",  cmd_rebuild,  "make the archive again from the journal" },
	{ "evaluate", cmd_evaluate, "compute the results of a journal (the daemon calls this)" },
	{ "find",     cmd_find,     "list instruments that are plugged in or on the network" },
	{ "talk",     cmd_talk,     "a console on one instrument" },
	{ "model",    cmd_model,    "draft, test, validate and list model files" },
	{ "functions", cmd_functions, "what a measurement model can call by name, and a model tried on numbers" },
	{ "standard", cmd_standard, "draft the file of a standard from its digital calibration certificate" },
	{ "sim",      cmd_sim,      "play the simulated instruments of a bench" },
	{ NULL, NULL, NULL },
};

static void list(const struct command *table, FILE *out)
{
	for (const struct command *c = table; c->name; c++)
		fprintf(out, "  %-10s %s\n", c->name, c->help);
}

static void help(FILE *out)
{
	fputs("Usage: etalon COMMAND [ARGUMENT...]\n"
	      "Calibrations: instruments, runs, journals and archives.\n\n", out);
	list(commands, out);
	fputs("\n`etalon COMMAND --help` explains a command, `etalon --version` names the version.\n"
	      "Exit status: 0 done; 1 the thing asked about is not so; 2 wrong usage or cannot be\n"
	      "done; 3 etalond is not there.  More in etalon(1).\n", out);
}

static bool asks_help(const char *word)
{
	return !strcmp(word, "--help") || !strcmp(word, "-?") || !strcmp(word, "-h") ||
	       !strcmp(word, "help");
}

/* argp and error messages call the program by the name made here. */
static int run(const char *program, const struct command *table, int argc, char **argv)
{
	const struct command *c = table;
	char *name;
	int status;

	while (c->name && strcmp(c->name, argv[1]))
		c++;
	if (!c->name) {
		fprintf(stderr, "%s: there is no command '%s'; `%s --help` lists them\n",
			program, argv[1], program);
		return CANNOT;
	}
	name = mem_format("%s %s", program, c->name);
	argv[1] = name;
	program_invocation_name = program_invocation_short_name = name;
	status = c->run(argc - 1, argv + 1);
	free(name);
	return status;
}

int dispatch(const struct command *table, int argc, char **argv)
{
	bool asked = argc > 1 && asks_help(argv[1]);
	FILE *out = asked ? stdout : stderr;

	if (argc > 1 && !asked)
		return run(argv[0], table, argc, argv);
	fprintf(out, "Usage: %s COMMAND [ARGUMENT...]\n\n", argv[0]);
	list(table, out);
	return asked ? DONE : CANNOT;
}

/* A full disk behind stdout is only known when it is closed. */
static int closed(int status)
{
	if (ferror(stdout) | fclose(stdout)) {
		fprintf(stderr, "etalon: the output could not be written: %s\n", strerror(errno));
		return status ? status : CANNOT;
	}
	return status;
}

int main(int argc, char **argv)
{
	setlocale(LC_CTYPE, "C.UTF-8");
	argp_err_exit_status = CANNOT;
	if (argc < 2) {
		help(stderr);
		return CANNOT;
	}
	if (asks_help(argv[1])) {
		help(stdout);
		return closed(DONE);
	}
	if (!strcmp(argv[1], "--version")) {
		puts("etalon " VERSION);
		return closed(DONE);
	}
	return closed(run("etalon", commands, argc, argv));
}
