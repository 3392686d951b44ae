/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "message.h"

#include <string.h>

#define JUNK 12                  /* bytes of garbage */

/* A line ends at the last byte of command_end; carriage returns and line feeds around it do not count. */
static enum heard next_line(const char *end, struct span heard, struct span *command, size_t *taken)
{
	const char *mark = memchr(heard.p, end[strlen(end) - 1], heard.n);

	*taken = 0;
	if (!mark)
		return HEARD_PART;
	*command = (struct span){ heard.p, (size_t)(mark - heard.p) };
	*taken = command->n + 1;
	while (command->n > 0 && (command->p[command->n - 1] == '\r' || command->p[command->n - 1] == '\n'))
		command->n--;
	return HEARD_COMMAND;
}

/* What stands before the start of a frame is nobody's. */
static size_t before_start(const struct framing *f, struct span heard)
{
	const char *at = f->start ? memmem(heard.p, heard.n, f->start, strlen(f->start)) : heard.p;

	return at ? (size_t)(at - heard.p) : heard.n;
}

static enum heard next_frame(const struct model *m, struct span heard, struct span *command, size_t *taken)
{
	size_t end = strlen(m->command_end), behind, whole;
	char *mark = framing_mark(&m->frame, m->command_end, &behind);
	const char *at;
	struct err e;

	*taken = before_start(&m->frame, heard);
	heard = (struct span){ heard.p + *taken, heard.n - *taken };
	at = memmem(heard.p, heard.n, mark, strlen(mark));
	whole = at ? (size_t)(at - heard.p) + strlen(mark) + behind : 0;
	free(mark);
	if (!at || whole > heard.n)
		return HEARD_PART;
	*taken += whole;
	heard.n = whole - end;
	return framing_open(&m->frame, heard, command, &e) ? HEARD_SPOILED : HEARD_COMMAND;
}

enum heard message_next(const struct model *m, struct span heard, struct span *command, size_t *taken)
{
	const char *then_ask = m->acknowledge.then_ask;

	*taken = 0;
	if (!heard.n)
		return HEARD_PART;
	if (then_ask && heard.n >= strlen(then_ask) && !memcmp(heard.p, then_ask, strlen(then_ask))) {
		*taken = strlen(then_ask);
		return HEARD_ENQUIRY;
	}
	return framing_on_commands(&m->frame) ? next_frame(m, heard, command, taken)
		: next_line(m->command_end, heard, command, taken);
}

static void make_junk(struct device *d, struct buf *text)
{
	pthread_mutex_lock(&d->lock);
	for (int i = 0; i < JUNK; i++)
		buf_putc(text, (char)(0x80 | (random_next(&d->junk) & 0x7f)));
	pthread_mutex_unlock(&d->lock);
}

/* The text in its frame; spoiled: with another byte than the checksum was made of. */
static void wrap(const struct model *m, struct said *out)
{
	struct buf framed = { 0 };
	size_t at;

	if (!framing_on_replies(&m->frame))
		return;
	framing_wrap(&m->frame, (struct span){ out->text.data, out->text.len }, &framed);
	at = (m->frame.start ? strlen(m->frame.start) : 0) + (m->frame.address ? strlen(m->frame.address) : 0);
	if (out->fault.kind == FAULT_CRC && out->text.len)
		framed.data[at + out->text.len / 2] ^= 1;
	buf_clear(&out->text);
	buf_add(&out->text, framed.data, framed.len);
	buf_release(&framed);
}

void message_end(struct device *d, struct said *out)
{
	struct buf noise = { 0 };

	if (out->fault.kind == FAULT_GARBAGE) {
		buf_clear(&out->text);
		make_junk(d, &out->text);
	}
	wrap(d->model, out);
	if (out->fault.kind == FAULT_TRUNCATED)
		out->text.len /= 2;
	else
		buf_puts(&out->text, d->model->reply_end);
	if (out->fault.kind != FAULT_NOISE)
		return;
	make_junk(d, &noise);
	buf_add(&noise, out->text.data, out->text.len);
	buf_clear(&out->text);
	buf_add(&out->text, noise.data, noise.len);
	buf_release(&noise);
}

bool message_acknowledged(const struct model *m, bool question)
{
	const struct acknowledge *a = &m->acknowledge;

	return a->given && a->applies != (question ? APPLIES_COMMANDS : APPLIES_REPLIES);
}
