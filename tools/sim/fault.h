/* SPDX-License-Identifier: GPL-3.0-or-later
 * fault.h - what can be made to go wrong with a simulated instrument, and when.
 *
 *     KIND [after=N] [times=M] [delay_ms=T] [on=TOPIC] [code=N]
 *
 * A fault strikes M questions of its topic (1; 0: for ever) after letting N pass (0).  Unless
 * `on` says otherwise that is measuring questions, for identity the identity question, for
 * refuse and clip sets.  Several faults of one instrument take their turns in the order given. */
#ifndef FAULT_H
#define FAULT_H

#include <pthread.h>
#include <stdbool.h>
#include <stdint.h>

#include "err.h"

enum fault_kind {
	FAULT_NONE,
	FAULT_LATE,          /* after the client has given up, then sent all the same */
	FAULT_PIECES,        /* byte by byte with pauses */
	FAULT_TWICE,
	FAULT_TRUNCATED,     /* half of it and no terminator or end; half a frame */
	FAULT_GARBAGE,       /* random bytes, terminated; a junk frame */
	FAULT_WRONG_ECHO,    /* the answer to another question */
	FAULT_OVERLOAD,      /* the model's own sign of overload */
	FAULT_SILENCE,
	FAULT_CLOSE,         /* the connection drops; a pty closes and opens again */
	FAULT_IDENTITY,      /* it is another instrument */
	FAULT_EXCEPTION,     /* Modbus exception `code` (4) */
	FAULT_CRC,           /* RTU: bad CRC; TCP: another transaction; HiSLIP: another number; lines: a checksum
	                        that does not fit */
	FAULT_UNIT,          /* the number in another unit; Modbus: from another unit */
	FAULT_NEIGHBOUR,     /* lines: another unit of the same line answers in its place */
	FAULT_REFUSE,        /* a set is refused, with an error */
	FAULT_CLIP,          /* a set is halved, in silence */
	FAULT_NAK,           /* a command is not understood, and not carried out */
	FAULT_NOISE,         /* bytes in front of the answer */
	FAULT_UNSTABLE,      /* the model's own sign of a reading that is not stable */
	FAULT_COMMA,         /* of what a person reads: 1,5 is keyed */
	FAULT_REJECT,        /* likewise: the second person does not confirm */
	FAULTS
};

/* What a question is about, as far as faults care. */
enum topic { TOPIC_OTHER, TOPIC_MEASURE, TOPIC_IDENTITY, TOPIC_SET, TOPIC_ANY };

struct fault {
	enum fault_kind kind;
	enum topic on;
	int64_t after, times;        /* times 0: for ever */
	int64_t delay_ns;            /* -1: as is usual for the kind */
	int code;
};

/* Those switched on for one instrument.  Any thread. */
struct faults {
	pthread_mutex_t lock;
	struct fault *list;
	size_t n;                    /* also read without the lock, to see that there is none */
};

const char *fault_name(enum fault_kind kind);
/* words[0] is the kind; the others key=value.  ERR_CONFIG. */
int  fault_parse(struct fault *f, char *const *words, size_t n, struct err *e);

void faults_init(struct faults *fs);
void faults_add(struct faults *fs, const struct fault *f);
void faults_clear(struct faults *fs);
/* The fault that strikes this question, kind FAULT_NONE if none does; counts it. */
struct fault faults_take(struct faults *fs, enum topic topic);

#endif
