/* SPDX-License-Identifier: GPL-3.0-or-later
 * sketch.h - what a session talked by hand suggests of a model file.
 *
 * What the bytes show is written: ends, identity, questions and the form of their answers, how long they
 * took.  What they cannot show is a comment "# TODO", at which `etalon check` stops: a draft is
 * never taken for a model.  sketch.c takes the session apart, sketch_guess.c knows numbers and quantities,
 * sketch_lines.c and sketch_modbus.c write. */
#ifndef SKETCH_H
#define SKETCH_H

#include "transcript.h"

struct asked {                           /* one thing said and what came of it, each without its end */
	struct span sent, reply;
	bool answered;
	int64_t took_ns;                 /* -1: not noted */
};

struct common_end { const char *text; size_t with, all; };       /* so many of all end in it */

struct sketch {
	const struct transcript *t;
	const char *name;
	struct asked *list;
	size_t n;
	struct common_end command_end, reply_end;
	int64_t longest_ns;
	struct buf *out;
};

/* The text of a model file called `name`. */
void sketch_model(const struct transcript *t, const char *name, struct buf *out);

void sketch_lines(struct sketch *d);
void sketch_modbus(struct sketch *d);
bool sketch_is_modbus(const struct transcript *t);

/* In YAML's double quotes. */
void sketch_quote(struct buf *out, struct span text);
/* As much of an extended regular expression as matches just this. */
void sketch_escape(struct buf *out, struct span text);
/* "200 ms": a round time of at least so much. */
void sketch_time(struct buf *out, int64_t ns);

/* ---- sketch_guess.c ---- */

/* What kind of quantity an answer is; the words of quantities.yaml and of etalon-sim's world. */
struct kind { const char *quantity, *unit, *node; };
/* By the question and the unit behind the number; NULL: no idea. */
const struct kind *guess_kind(struct span question, struct span suffix);

/* A number within an answer: n is 0 if there is none. */
struct number_form {
	struct span before, number, behind;      /* of the whole answer */
	size_t field;                            /* of comma-separated ones, from 1; 0: no commas */
	size_t fields;                           /* with numbers in them */
	char format[16];                         /* as printf writes it: "%+.8E" */
};
bool guess_number(struct span reply, struct number_form *f);

#endif
