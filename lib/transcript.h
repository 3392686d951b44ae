/* SPDX-License-Identifier: GPL-3.0-or-later
 * transcript.h - a conversation with an instrument, kept as text: what a driver is told to do, the bytes
 * that go each way, the readings that come of it.
 *
 *     # Two ranges and an overload.
 *     model: keithley-2182a
 *     manual: 2182A-900-01 Rev. B            or  instrument: Keithley 2182A
 *     serial: 1234567                            serial: 0842133
 *     by: Anna Weber                             firmware: C01 /A02
 *     date: 2026-11-24
 *
 *     attach
 *     > *IDN?\n
 *     < KEITHLEY INSTRUMENTS INC.,MODEL 2182A,1234567,C01 /A02\n
 *     measure voltage.dc
 *     > READ?\n
 *     <@12ms +1.00000000E-03\n
 *     = voltage.dc 0.001 V
 *     command zero
 *     > SENS:VOLT:REF:ACQ\n
 *     set voltage.dc 1 V
 *     ! instrument: it reports
 *     safe
 *
 * The header is honest: `instrument` was really there (then serial and firmware are required), with `manual`
 * nobody has seen the model answer, and `simulated` names what played it.  `serial` is the number that the
 * bench file would state.
 *
 * A turn is a line that begins with a word; what belongs to it follows.  `>` is what must be sent and `<`
 * what is answered once all above it was; lines of one direction behind each other are one stream, and
 * each `<` line arrives as a piece of its own.  Bytes are written as escape.h says, or after `>hex` and `<hex` in
 * hexadecimal; Modbus is unit, function and data, without MBAP header or CRC.  `<@12ms`: so long
 * after what was before it.  `\END` at the end of a line: the message ends there where the transport can
 * say so.  A line that begins with blanks goes on with the bytes of the one above.
 *
 * Beside the messages, where the transport has such things: `<status 0x10` is polled there and is that, `<srq 0x50` is
 * a request for service that is waited for, with its status byte, and `>trigger` is the group execute trigger.
 * A transcript with any of these is of a transport that has them all; one without, of one that has none.
 *
 *     = QUANTITY NUMBER UNIT [raw BYTES]     a reading, in the quantity's unit, exactly
 *     = QUANTITY STATUS [raw BYTES]          a reading that is no number
 *     = QUANTITY array NUMBER NUMBER ...     a block, of these numbers as they are sent
 *     ! CODE[: TEXT]                         the turn must fail with this code (err.h) and these words */
#ifndef TRANSCRIPT_H
#define TRANSCRIPT_H

#include "record.h"
#include "schema.h"

/* talk: by hand, as `etalon talk` keeps it; no driver is told anything. */
enum turn_kind { TURN_TALK, TURN_ATTACH, TURN_MEASURE, TURN_SET, TURN_COMMAND, TURN_SAFE };

/* Bytes, or what some transports have beside them: a status byte that is polled, a request for service that is
 * waited for and the status byte with it, a group execute trigger. */
enum saying_kind { SAYING_BYTES, SAYING_STATUS, SAYING_SRQ, SAYING_TRIGGER };

struct saying {
	enum saying_kind kind;
	bool sent;                       /* by us; of a status byte it is the answer that counts: it is not */
	uint8_t status;
	bool end;                        /* \END */
	int64_t after_ns;                /* -1: not noted */
	struct buf bytes;
	int line;
};

struct outcome {                         /* a reading that must come */
	char *quantity, *unit;           /* unit NULL: no number */
	double value;                    /* NaN then */
	enum reading_status status;
	struct buf raw;
	bool has_raw;
	bool array;                      /* of these numbers */
	double *numbers;
	size_t n_numbers;
	int line;
};

struct turn {
	enum turn_kind kind;
	int line;
	struct strings words;            /* quantities that are measured or set; a command of the model and its
	                                    arguments, NAME=TEXT */
	double value;                    /* set */
	char *unit;
	struct saying *sayings;
	size_t n_sayings;
	struct outcome *outcomes;
	size_t n_outcomes;
	enum err_code fails;             /* ERR_NONE: it must succeed */
	char *why;                       /* words in its error; NULL: any */
};

struct transcript {
	char *model, *instrument, *manual, *simulated;
	char *serial, *firmware, *by, *date, *address, *title;
	struct turn *turns;
	size_t n_turns;
	struct source source;
};

int  transcript_load(struct transcript **t, const char *path, struct problems *ps);
int  transcript_parse(struct transcript **t, const char *path, const void *text, size_t n, struct problems *ps);
/* The text of it.  Comments are not kept. */
void transcript_write(const struct transcript *t, struct buf *out);
void transcript_free(struct transcript **t);

/* For those who make one. */
struct turn   *transcript_add_turn(struct transcript *t, enum turn_kind kind);
struct saying *turn_add_saying(struct turn *u, bool sent, const void *bytes, size_t n);
struct saying *turn_add_beside(struct turn *u, enum saying_kind kind, uint8_t status);
const char *saying_name(enum saying_kind kind);          /* "status"; NULL: of bytes, or none */
/* The line of the first saying that is no bytes; 0: there is none. */
int transcript_beside(const struct transcript *t);
const char *turn_name(enum turn_kind kind);

/* The keys of the header in their order, ended by NULL, for reader and writer alike. */
struct transcript_key { const char *key; size_t offset; };
extern const struct transcript_key transcript_keys[];

#endif
