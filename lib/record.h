/* SPDX-License-Identifier: GPL-3.0-or-later
 * record.h - the atom of everything etalon keeps: one JSON header and a body of bytes.
 *
 * Journal, stream, replay and mirror carry the very same record; this is its only encoder
 * and decoder (docs/stream.md describes it for others).  Whoever observes something makes a
 * draft; the journal thread alone adds what orders it: seq (from 0 without a gap in the run),
 * nth (from 0 without a gap in the channel) and prev, the hash that chains it:
 *
 *     prev of the first record = 32 zero bytes
 *     next = SHA-256(prev, SHA-256(length of header as u32 little-endian, header, body))
 */
#ifndef RECORD_H
#define RECORD_H

#include <stdbool.h>

#include "err.h"
#include "hash.h"
#include "instant.h"
#include "json.h"
#include "mem.h"

#define RECORD_VERSION     1
#define RECORD_HEADER_MAX  (64 * 1024)
#define RECORD_BODY_MAX    (1024 * 1024)
#define RUN_NAME           64          /* "LAB-YYYYMMDD-NNNN", with NUL */
#define CHANNEL_NAME       96          /* "role.quantity", with NUL; "" where there is none */

enum record_kind {
	RECORD_FILE,      /* a verbatim text the run rests on, its bytes in the body */
	RECORD_START,     /* everything known before the first command */
	RECORD_CHANNEL,   /* announces a channel: quantity, unit, instrument, how it is read */
	RECORD_READING,   /* one value and what the instrument said */
	RECORD_EXCHANGE,  /* bytes sent and received */
	RECORD_EVENT,     /* something happened: step, hold, link, alarm ... */
	RECORD_RESULT,    /* computed once, before stop */
	RECORD_STOP,      /* status, reason, counts; nothing follows */
	RECORD_KINDS
};

const char *record_kind_name(enum record_kind k);
int record_kind_parse(struct span name, enum record_kind *k);   /* -1 if unknown */

/* What an observer hands to the journal.  keys are the kind's own members as JSON text, each
 * with its leading comma, without braces: ,"value":1.5,"unit":"V" */
struct draft {
	enum record_kind kind;
	const char *channel;
	int64_t utc_ns;            /* centre of what is described */
	instant mono_ns;
	const char *keys;
	size_t keys_len;
	const void *body;
	size_t body_len;
};

/* A record as it lies in memory; header and body belong to whoever made it. */
struct record {
	uint64_t seq, nth;
	enum record_kind kind;
	char run[RUN_NAME];
	char channel[CHANNEL_NAME];
	int64_t utc_ns;
	instant mono_ns;
	char boot[37];
	uint8_t prev[HASH_SIZE];
	struct span header;
	size_t own;                /* offset in it of the kind's own members, each with its comma */
	const void *body;
	size_t body_len;
};

/* Appends the header text to out.  ERR_CONFIG if a limit above is passed, a name has '/', '"',
 * '\\' or a control character, or the keys are not JSON: what is stored can always be read. */
int record_encode(struct buf *out, const char *run, uint64_t seq, uint64_t nth,
		  const uint8_t prev[HASH_SIZE], const struct draft *d, struct err *e);

/* Reads a header, all of which is checked to be JSON with the common members of docs/stream.md
 * first and in order; ERR_CORRUPT names what is wrong.  Own keys are then read with record_get. */
int record_decode(struct record *r, struct span header, const void *body, size_t body_len,
		  struct err *e);

/* A key of the header: 1 found, 0 absent or of another type (null too). */
int record_get(const struct record *r, const char *key, struct span *value);
int record_get_int(const struct record *r, const char *key, int64_t *out);
int record_get_number(const struct record *r, const char *key, double *out);
int record_get_string(const struct record *r, const char *key, char *out, size_t size);

/* prev of the record that follows this one. */
void record_chain(struct hash *h, uint8_t next[HASH_SIZE], const uint8_t prev[HASH_SIZE],
		  struct span header, const void *body, size_t body_len);

/* "RUN/KIND/CHANNEL/", or "RUN/KIND/" without a channel.  Returns its length. */
size_t record_topic(char *out, size_t size, const char *run, enum record_kind kind,
		    const char *channel);

/* Counts by kind and by channel, as segment headers and `stop` carry them. */
struct channel_count {
	char name[CHANNEL_NAME];
	uint64_t records;          /* of this channel, of any kind: the next nth */
	uint64_t readings;
};

struct record_counts {
	uint64_t kinds[RECORD_KINDS];
	struct channel_count *channels;
	size_t n;
};

/* _channel makes it if it is new; _next is the nth of the channel's next record; _take undoes an
 * _add; _put writes {"kinds":{...},"channels":{...}} and _get reads it. */
struct channel_count *record_counts_channel(struct record_counts *c, const char *name);
uint64_t record_counts_next(const struct record_counts *c, const char *name);
void record_counts_add(struct record_counts *c, enum record_kind kind, const char *channel);
void record_counts_take(struct record_counts *c, enum record_kind kind, const char *channel);
void record_counts_put(struct buf *b, const struct record_counts *c);
int  record_counts_get(struct record_counts *c, struct span object, struct err *e);
bool record_counts_equal(const struct record_counts *a, const struct record_counts *b);
void record_counts_release(struct record_counts *c);

/* What a reading's value is worth.  A sentinel is never a number. */
enum reading_status {
	READING_OK,
	READING_OVERLOAD,       /* above the range, or the instrument's own overload sign */
	READING_UNDERLOAD,      /* below the range */
	READING_NOT_A_NUMBER,   /* it says it has no value (9.91E37) */
	READING_UNSTABLE,       /* a balance's or filter's own mark */
	READING_OUT_OF_RANGE,   /* the value is as said, but beyond what the instrument is stated to measure */
	READING_STATUSES
};

bool reading_has_value(enum reading_status s);          /* READING_OK, READING_OUT_OF_RANGE */
const char *reading_status_name(enum reading_status s);
int reading_status_parse(struct span name, enum reading_status *s);

#endif
