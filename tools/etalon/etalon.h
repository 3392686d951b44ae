/* SPDX-License-Identifier: GPL-3.0-or-later
 * etalon.h - what the subcommands of `etalon` share: the table's row, exit statuses, where the
 * daemon is, and how trouble is said. */
#ifndef ETALON_H
#define ETALON_H

#include <argp.h>
#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

#include "err.h"
#include "mem.h"

/* Exit statuses, as etalon(1) promises them. */
enum status {
	DONE = 0,
	NOT_SO = 1,          /* what was asked about is not so: a file has problems ... */
	CANNOT = 2,          /* wrong usage, or it cannot be done; the message says why */
	NO_DAEMON = 3,       /* etalond is not there or does not answer */
};

struct client;

struct command {
	const char *name;
	int (*run)(int argc, char **argv);      /* argv[0] is "etalon NAME" */
	const char *help;
};

/* Runs the row named by argv[1] of a table that ends with a NULL name; helps if there is none.
 * argv[0] is what stands before it: "etalon journal". */
int dispatch(const struct command *table, int argc, char **argv);

int cmd_check(int argc, char **argv);
int cmd_run(int argc, char **argv);
int cmd_status(int argc, char **argv);
int cmd_list(int argc, char **argv);
int cmd_show(int argc, char **argv);
int cmd_watch(int argc, char **argv);
int cmd_answer(int argc, char **argv);
int cmd_instrument(int argc, char **argv);
int cmd_pause(int argc, char **argv);
int cmd_resume(int argc, char **argv);
int cmd_stop(int argc, char **argv);
int cmd_abort(int argc, char **argv);
int cmd_due(int argc, char **argv);
int cmd_impact(int argc, char **argv);
int cmd_stability(int argc, char **argv);
int cmd_validate(int argc, char **argv);
int cmd_export(int argc, char **argv);
int cmd_verify(int argc, char **argv);
int cmd_journal(int argc, char **argv);
int cmd_model(int argc, char **argv);
int cmd_standard(int argc, char **argv);
int cmd_rebuild(int argc, char **argv);
int cmd_evaluate(int argc, char **argv);
int cmd_find(int argc, char **argv);
int cmd_talk(int argc, char **argv);
int cmd_functions(int argc, char **argv);
int cmd_sim(int argc, char **argv);

/* "etalon run: TEXT" on stderr; returns CANNOT. */
int cannot(const struct err *e);
/* The same after a question to the daemon, NULL if it was never reached: NO_DAEMON if it is absent. */
int client_failed(const struct client *c, const struct err *e);
int cannot_say(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/* --state and --control, for every command that asks the daemon: an argp child. */
extern const struct argp where_argp;
const char *where_state(void);                  /* the state folder, absolute if it exists */
const char *where_control(void);                /* its control endpoint */

/* The last branch of a parser whose command takes exactly one argument; `wanted` says what. */
error_t one_argument(const char **to, int key, char *arg, struct argp_state *s, const char *wanted);

/* A run's journal folder in the state folder; the caller frees it. */
char *where_journal(const char *run);

/* Another of etalon's programs: beside this very one, in a build folder as in an installation.  The
 * caller frees it. */
char *program_beside(const char *name);

/* Who is asking: --operator, or the login name. */
const char *login_name(void);

/* "1 h 5 min", "12 s", "0.2 s": for people.  text must hold DURATION_TEXT. */
#define DURATION_TEXT 32
char *duration_format(int64_t ns, char text[DURATION_TEXT]);

#endif
