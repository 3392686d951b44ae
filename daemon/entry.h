/* SPDX-License-Identifier: GPL-3.0-or-later
 * entry.h - what ports and runs hand to a run's journal thread, and what it hands back.
 *
 * A scribe writes entries.  Everything that must be on record goes this way, and so do marks:
 * a mark comes back to the run once everything its sender wrote before it is durable.  That
 * is how a step ends (rule 2). */
#ifndef ENTRY_H
#define ENTRY_H

#include "journal.h"
#include "yaml.h"

/* How a request to a port ended. */
enum outcome {
	OUTCOME_DONE,
	OUTCOME_LOST,        /* the link stayed away longer than the procedure allows */
	OUTCOME_REFUSED,     /* it answered, and said no; another identity; wrong configuration */
	OUTCOME_CANCELLED,
};

enum entry_what {
	ENTRY_RECORD,
	ENTRY_MARK,
	ENTRY_TELL,          /* not recorded: to the main thread, once all before it is durable */
	ENTRY_DROP,          /* the run ends without space: forget what could not be stored */
	ENTRY_END,           /* the stop record was before this: close the journal */
};

/* One message; keys and body follow it in memory. */
struct entry {
	enum entry_what what;
	enum journal_class class;
	enum record_kind kind;
	uint32_t port;               /* whose credit it is; 0: nobody's */
	int64_t utc_ns;
	instant mono_ns;
	uint64_t request;            /* 0: nobody waits for it; ENTRY_TELL: the ticket */
	uint32_t tag;                /* a reading: the run's number of the channel; ENTRY_TELL: the station */
	int32_t k;
	double value;
	enum reading_status status;
	enum outcome outcome;        /* of a mark */
	enum err_code code;
	char channel[CHANNEL_NAME];
	uint32_t keys_len, body_len; /* of a mark: keys is why, as plain text */
};

enum ack_what {
	ACK_READING,                 /* a reading somebody waits for is durable */
	ACK_MARK,
	ACK_FULL,                    /* no space: ordinary records wait in memory */
	ACK_SPACE,                   /* space again: they are durable now */
	ACK_DEAD,                    /* storage failed: nothing more can be recorded */
	ACK_ENDED,                   /* the journal is closed */
	ACK_ORDER,                   /* from control: tag is enum order, who asks, text says why */
	ACK_SAFE,                    /* from a port, straight: tag is the instrument's number */
	ACK_DOUBT,                   /* likewise: an instrument that held a setting was gone; text says why */
};

/* What a run's inbox receives. */
struct ack {
	enum ack_what what;
	uint64_t request;
	uint32_t tag;
	int32_t k;
	double value;
	enum reading_status status;
	instant mono_ns;
	enum outcome outcome;
	enum err_code code;
	uint64_t records;            /* of a mark: durable records by then */
	char who[64];
	char text[200];
};

/* One writer's way to one run's journal.  keys collects the own members of the next record. */
struct scribe {
	void *outlet;
	uint32_t port;               /* 0: the run itself, not bound by credit */
	int64_t credit;              /* bytes that may still be under way; may run below zero */
	struct buf keys;
};

#define SCRIBE_CREDIT (1024 * 1024)

void scribe_open(struct scribe *s, uint32_t run, uint32_t port);
void scribe_close(struct scribe *s);

/* Sends an entry with s->keys as its keys, and empties s->keys. */
void scribe_send(struct scribe *s, struct entry *e, const void *body, size_t n);
void scribe_mark(struct scribe *s, uint64_t request, enum outcome o, const struct err *why);

/* A verbatim text, in as many parts as it needs; media_type such as application/yaml.  What s->keys
 * holds goes to each part. */
void scribe_file(struct scribe *s, const char *what, const char *name, const struct source *text,
		 const char *media_type);

/* Tells the main thread what s->keys holds, once all that was written before is durable: NOTICE_DESK
 * with station and ticket; failed NULL: it went well.  JOURNAL_RESERVED: once all that is of that class is,
 * as what is withdrawn must not wait for space. */
void scribe_tell(struct scribe *s, enum journal_class c, uint32_t station, uint64_t ticket,
		 const struct err *failed);

/* An event of this moment; what s->keys holds (role, point ...) follows event and text. */
void scribe_event(struct scribe *s, enum journal_class c, const char *event, const char *fmt, ...)
	__attribute__((format(printf, 4, 5)));

#endif
