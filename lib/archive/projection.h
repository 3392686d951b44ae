/* SPDX-License-Identifier: GPL-3.0-or-later
 * projection.h - from a run's records, in order, to the content of its archive.
 *
 * The builder feeds it the journal; the verifier feeds it the records stored in an archive and
 * compares what comes out with what the file holds.  It copies and computes nothing.  Its
 * parts each make some groups of /entry (docs/archive.md). */
#ifndef PROJECTION_H
#define PROJECTION_H

#include "archive.h"
#include "members.h"
#include "table.h"

struct projection;

struct projection *projection_new(struct hdf *h);
/* ERR_CORRUPT: not the next record of the run, or something after its `stop`. */
int  projection_add(struct projection *p, const struct record *r, struct err *e);
/* After the last record: run, records and head are filled in.  ERR_STATE without a `stop`. */
int  projection_end(struct projection *p, struct archive_result *made, struct err *e);
/* Writes what is still in memory.  Failures of HDF5 are kept by the struct hdf. */
void projection_free(struct projection **p);

/* Its parts: each adds the records of its kind, whose members have been read, and writes
 * what it still holds at the end.  The _end functions release as well. */

#define NOTE_FOLDERS 4

struct notes {                 /* file records: /entry/procedure, /entry/models/NAME ... */
	struct hdf *h;
	hid_t entry, folders[NOTE_FOLDERS];
	char *what, *name;     /* of the one whose parts are coming in */
	char *sha256, *media_type;
	struct buf data;
};
void notes_add(struct notes *n, const struct record *r, struct members *m);
void notes_end(struct notes *n);

/* Columns that a reading has whether it is a number or an array. */
#define COLUMN_AT { .name = "at", .kind = COLUMN_INT64, .units = "ns", .start = EPOCH, \
		    .long_name = "centre of the measuring aperture, UTC; -2^63: not known" }
#define COLUMN_POINT { .name = "point", .kind = COLUMN_INT64, .units = "", \
		       .long_name = "row of points; -1: before the first" }
#define COLUMN_ATTEMPT { .name = "attempt", .kind = COLUMN_INT64, .units = "" }
#define COLUMN_STEP { .name = "step", .kind = COLUMN_INT64, .units = "" }
#define COLUMN_K { .name = "k", .kind = COLUMN_INT64, .units = "", \
		   .long_name = "equal in readings that belong together" }

struct channels {              /* channel and reading records: /entry/readings, /entry/environment */
	struct hdf *h;
	hid_t readings, environment;
	struct column_spec *ranged;      /* the columns of those that state a range */
	struct channel *list;
	size_t n;
	size_t last;           /* where the last one was found: the next is often the one after it */
};
void channels_begin(struct channels *c, struct hdf *h, hid_t entry);
void channels_announce(struct channels *c, const struct record *r, struct members *m);
void channels_reading(struct channels *c, const struct record *r, struct members *m);
/* The path of the first channel that has readings, to be freed; NULL if none has. */
char *channels_first(const struct channels *c);
void channels_end(struct channels *c);

struct block_channel;

struct blocks {                /* channel and reading records of arrays: /entry/blocks, where there are any */
	struct hdf *h;
	hid_t entry, group;
	struct block_channel **list;
	size_t n;
};
void blocks_begin(struct blocks *b, struct hdf *h, hid_t entry);
void blocks_announce(struct blocks *b, const struct record *r, struct members *m);
/* false: its channel has no arrays. */
bool blocks_reading(struct blocks *b, const struct record *r, struct members *m);
void blocks_end(struct blocks *b);

struct happenings {            /* exchange and event records; who answered at which role */
	struct hdf *h;
	struct table exchanges, events;
	struct proof { char *role, *serial_number, *firmware_version, *identity; } *proofs;
	size_t n;
};
void happenings_begin(struct happenings *s, struct hdf *h, hid_t entry);
void happenings_exchange(struct happenings *s, const struct record *r, struct members *m);
void happenings_event(struct happenings *s, const struct record *r, struct members *m);
const struct proof *happenings_proof(const struct happenings *s, const char *role);   /* or NULL */
void happenings_end(struct happenings *s);

struct budgets {               /* of measurements: /entry/budgets/NAME/POINT, where there are any */
	struct hdf *h;
	hid_t entry, group;
	struct budget_folder { char *name; hid_t group; } *list;
	size_t n;
};
void budgets_begin(struct budgets *b, struct hdf *h, hid_t entry);
void budgets_add(struct budgets *b, const char *result, struct members *m);     /* result: its group's name */
void budgets_end(struct budgets *b);

struct results {               /* result records: /entry/results/NAME */
	struct hdf *h;
	hid_t group;
	struct budgets budgets;
	struct result *list;
	size_t n;
};
void results_begin(struct results *s, struct hdf *h, hid_t entry);
void results_add(struct results *s, const struct record *r, struct members *m);
/* The first that is no mean, which is what one wants to see first; NULL if there is none. */
const char *results_first(const struct results *s);
void results_end(struct results *s);

/* The rest of /entry, from the start and stop records. */
void about_start(struct hdf *h, hid_t entry, const struct record *r, struct members *start);
/* After the last record: who answered is known only then.  start: header of the start record. */
void about_instruments(struct hdf *h, hid_t entry, struct span start, const struct happenings *s);
void about_stop(struct hdf *h, hid_t entry, const struct record *r, struct members *stop);

#endif
