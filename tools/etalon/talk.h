/* SPDX-License-Identifier: GPL-3.0-or-later
 * talk.h - what the parts of `etalon talk` share: the conversation, and how it is shown.
 *
 * talk.c is the command, talk_words.c what begins with a backslash, talk_modbus.c what a person says of
 * registers, talk_show.c what is seen of it, talk_save.c what is kept. */
#ifndef TALK_H
#define TALK_H

#include "session.h"

struct talk {
	struct session *s;
	const struct model *model;       /* NULL: none given */
	const char *save;                /* NULL: not kept */
	bool person;                     /* somebody looks at it: times, hints */
	bool hex;
	bool over;                       /* \quit */
	bool failed;                     /* anything did */
};

/* A line as it was typed.  Troubles are told here. */
void talk_line(struct talk *t, const char *line);

/* \word and its arguments; Modbus also without the backslash. */
void talk_word(struct talk *t, const char *line);
int  talk_read_registers(struct talk *t, char *const *words, size_t n, struct err *e);
int  talk_write_registers(struct talk *t, char *const *words, size_t n, struct err *e);
int  talk_pdu(struct talk *t, char *const *words, size_t n, struct err *e);

/* Shows what had come unasked, then sends the bytes that the text stands for. */
int  talk_send(struct talk *t, const char *text, bool with_end, struct err *e);
/* Reads a reply and shows it. */
int  talk_reply(struct talk *t, struct until until, struct err *e);

/* Sends a question and shows its answer. */
int  talk_ask(struct talk *t, const char *question, struct err *e);

/* An answer is shown line by line, as the instrument has put its marks; of a reply every byte is. */
void show_answer(const struct talk *t, struct span answer, const char *mark, int64_t took_ns);
void show_reply(const struct talk *t, struct span reply, int64_t took_ns);
void show_hex(const void *bytes, size_t n);
void show_part(const struct talk *t, struct span part, const char *what);
void show_trouble(struct talk *t, const struct err *e);

/* The transcript with its header, to the file: whole or not at all. */
int  talk_save(struct talk *t, struct err *e);

#endif
