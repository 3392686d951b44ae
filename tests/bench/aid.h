/* SPDX-License-Identifier: GPL-3.0-or-later
 * aid.h - what the benchmarks share: two sides taking turns, medians, pinning, rows.
 *
 * A row is a line of words: name, ours, beside, ratio, target, met, unit.  The ratio is the median
 * of the ratios of the rounds; both figures are medians of their own.  "-" stands where there
 * is nothing beside it, or no target. */
#ifndef AID_H
#define AID_H

#include <stdbool.h>
#include <stdio.h>

#include "setup.h"

#define ANY_CORE (-1)

extern struct err aid_err;

void must(bool ok, const char *what);            /* else says why and exits */

/* Whether somebody wants these rows: ROWS in the environment is empty, or one of its words and
 * this name contain each other.  Rows that are measured together ask once, by what they share. */
bool aid_wanted(const char *rows);

/* One of two sides: does n operations and returns how many seconds they took. */
struct side { double (*run)(void *with, unsigned n); void *with; };

/* What a row is held against: its ratio, or the figure itself. */
enum aim { NONE, RATIO_LEAST, RATIO_MOST, FIGURE_MOST };
struct target { enum aim aim; double bound; };
struct target at_least(double ratio);
struct target ratio_at_most(double ratio);
struct target at_most(double figure);
struct target stated(void);                      /* no target */

/* Rounds in turn, each as long as stated; a row in operations a second.  aid_compare: many short
 * ones.  A side's n does `scale` operations each. */
struct rounds { unsigned n; int64_t length_ns; double scale; };
void aid_compare(const char *row, struct side ours, struct side beside, struct target t);
void aid_compare_more(const char *row, const struct rounds *r, struct side ours, struct side beside,
		      struct target t);

/* Figures of n rounds that somebody else has timed, in pairs. */
void aid_paired(const char *row, const double *ours, const double *beside, size_t n, struct target t,
		const char *unit);
/* One figure; beside 0: nothing. */
void aid_row(const char *row, double ours, double beside, struct target t, const char *unit);
double aid_median(double *v, size_t n);          /* sorts */
double aid_quantile(double *v, size_t n, double q);
double aid_seconds(instant since);
unsigned aid_cores(void);
void aid_pin(int core);                          /* this thread and those it starts later */
double aid_cpu(void);                            /* seconds of processor time of this process */

/* A folder of one's own below build/, and files in it. */
extern char aid_folder[256];
void  aid_folder_make(void);
void  aid_folder_remove(void);
char *aid_path(const char *name);                /* the caller frees it */
void  aid_write(const char *name, const char *text);
int   aid_create(const char *name);              /* an empty one, open for writing */

/* A bench of n instruments r0, r1 ... of one model: files are written and loaded. */
struct setup *aid_setup(const char *model, char *const *addresses, unsigned n);
extern const char aid_meter[];                   /* a model: READ? gives voltage.dc */
extern const char aid_register[], aid_registers[];       /* Modbus: 1, 100 input registers */

/* Instruments that answer anything at once with the same reply, in a child process on `core`: a
 * thread a connection, blocking. */
struct server {
	pid_t pid;
	unsigned n;
	int *ports;                  /* of TCP; a pseudo-terminal's open slave */
	int *listening;
	char **addresses;
};
struct server server_scpi(unsigned n, int core);
struct server server_modbus(int core);
struct server server_vxi11(int core);
struct server server_hislip(int core);
struct server server_gpib(int core);             /* behind a controller, at address 22 */
struct server server_lines(int core);            /* two pseudo-terminals */
void server_end(struct server *s);
int  server_free_port(void);                     /* a TCP port that nobody listens on */

/* The bare client: a blocking descriptor, a question, an answer. */
int  bare_connect(int port);
double bare_loop(void *fd, unsigned n);          /* a side; with: int * */
double bare_calls(void *fd, unsigned n);         /* the same over VXI-11 */
double bare_messages(void *fd, unsigned n);      /* over HiSLIP */
double bare_controller(void *fd, unsigned n);    /* over a GPIB controller */

#endif
