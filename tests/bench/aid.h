/* SPDX-License-Identifier: GPL-3.0-or-later
 * aid.h - what the benchmarks share: two sides taking turns, medians, pinning, rows.
 *
 * A row is a line of words: name, ours, beside, ratio, target, unit.  The ratio is the median of
 * the ratios of the rounds; both figures are medians of their own.  "-" stands where there is
 * nothing beside it, or no target. */
#ifndef AID_H
#define AID_H

#include <stdbool.h>
#include <stdio.h>

#include "setup.h"

#define ANY_CORE (-1)

extern struct err aid_err;

void must(bool ok, const char *what);            /* else says why and exits */

/* One of two sides: does n operations and returns how many seconds they took. */
struct side { double (*run)(void *with, unsigned n); void *with; };

/* Rounds in turn, after one to warm up; a row in operations a second. */
void aid_compare(const char *row, unsigned rounds, unsigned n, struct side ours, struct side beside,
		 double target);
/* A figure that stands alone or whose partner was measured elsewhere; beside 0: nothing. */
void aid_row(const char *row, double ours, double beside, const char *ratio_or_limit, const char *unit);
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

/* A bench of n SCPI instruments r0, r1 ... at tcp://127.0.0.1:PORT, or at `address` ("pty:%s",
 * "modbus+tcp://..."): model, bench and procedure files are written and loaded. */
struct setup *aid_setup(const char *model, const char *address, unsigned n);
extern const char aid_meter[];                   /* a model: READ? gives voltage.dc */
extern const char aid_register[], aid_registers[];       /* Modbus: 1, 100 input registers */

/* Instruments that answer any line at once with the same reply; in a child process, a thread a
 * connection.  core: of all of it. */
struct server { pid_t pid; int port; };
struct server server_scpi(int core);
struct server server_modbus(int core);
struct server server_pty(int core, int slaves[2], char names[2][64]);    /* two lines */
void server_end(struct server *s);

/* The bare client: a blocking descriptor, a question, an answer. */
int  bare_connect(int port);
double bare_loop(void *fd, unsigned n);          /* a side; with: int * */

#endif
