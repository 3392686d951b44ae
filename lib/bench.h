/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench.h - a bench file: which models stand at which addresses in which role. */
#ifndef BENCH_H
#define BENCH_H

#include "bench_gpib.h"
#include "model.h"
#include "standard.h"

enum access { ACCESS_EXCLUSIVE, ACCESS_SHARED };

struct bench_role {
	char *name;                      /* first: the key; "reference" */
	char *model_name;
	char *address;                   /* of a GPIB board: behind its controller */
	char *serial_number;             /* that of the standard where the file says none; NULL: not checked */
	char *standard_name;             /* NULL: what it says is not traceable */
	int access;                      /* enum access; shared: only measured */
	bool simulated;                  /* played by etalon-sim; marks every run made on it */
	struct place place;
	struct model *model;             /* loaded from models/NAME.yaml */
	struct standard *standard;       /* loaded from standards/NAME.yaml; NULL: none */
};

struct bench {
	char *name;
	struct texts title;
	char *models;                    /* folder of model files, relative to this file; "../instruments" */
	char *standards;                 /* folder of standards; NULL: `standards` beside the models' */
	struct gpib_boards gpib;         /* what GPIB0 ... of an address are */
	struct list roles;               /* of struct bench_role */
	struct {                         /* etalon-sim's world */
		int64_t seed;
		double temperature, humidity;      /* degC, %: what the room is about */
		double wander;                     /* degC per hour, amplitude of the slow walk */
	} simulate;
	struct source source;
};

int  bench_load(struct bench **b, const char *path, const struct quantities *q, struct problems *ps);
/* Models and standards as a run kept them, kept/models and kept/standards, instead of the folders the file names; NULL:
 * from those. */
int  bench_load_from(struct bench **b, const char *path, const char *kept, const struct quantities *q,
		     struct problems *ps);
/* From text; models and standards are read from the folders it names, as if it lay at path. */
int  bench_parse(struct bench **b, const char *path, const void *text, size_t n,
		 const struct quantities *q, struct problems *ps);
const struct bench_role *bench_role(const struct bench *b, const char *name);
void bench_free(struct bench **b);
extern const struct schema bench_schema;

#endif
