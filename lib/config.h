/* SPDX-License-Identifier: GPL-3.0-or-later
 * config.h - the daemon's file, etalond.yaml, and telling what a file is. */
#ifndef CONFIG_H
#define CONFIG_H

#include "schema.h"

struct config {
	char *laboratory;                /* code: capital letters, digits, '-': part of every run's name */
	struct texts name;               /* the laboratory's name */
	char *state;                     /* state folder, relative to this file */
	char *quantities;                /* vocabulary; default quantities.yaml beside this file */
	struct {
		char *control;           /* ipc or tcp endpoint; NULL: ipc://STATE/control */
		struct strings stream;   /* XPUB endpoints; empty: ipc://STATE/stream */
	} endpoints;
	struct {
		int64_t segment_bytes, reserve_bytes, ahead_bytes;
	} journal;
	struct {
		bool start;              /* run etalon-record as a child */
		char *program;           /* NULL: beside etalond */
		int64_t live_ns;         /* how often the live file is flushed */
	} record;
	struct source source;
};

int  config_load(struct config **c, const char *path, struct problems *ps);
void config_free(struct config **c);
extern const struct schema config_schema;

/* By its first key: model, bench, procedure, laboratory (the daemon's), quantities, standard, cmc, item. */
enum file_kind {
	FILE_UNKNOWN, FILE_MODEL, FILE_BENCH, FILE_PROCEDURE, FILE_CONFIG, FILE_QUANTITIES, FILE_STANDARD, FILE_CMC,
	FILE_ITEM,
};
/* FILE_UNKNOWN, after a problem: none of them. */
enum file_kind file_kind(const char *path, struct problems *ps);
/* Checks any file of these kinds as `etalon check` does; -1 if there was any problem.
 * quantities: the vocabulary to check against. */
int file_check(const char *path, const char *quantities, struct problems *ps, enum file_kind *kind);

#endif
