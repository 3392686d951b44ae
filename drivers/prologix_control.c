/* SPDX-License-Identifier: GPL-3.0-or-later
 * prologix_control.c - what is said to the controller itself. */
#include <string.h>
#include <strings.h>

#include "fd.h"
#include "prologix_parts.h"

#define ANSWER_NS   (2 * NS_PER_S)              /* it answers at once, if it does */
#define GREETING_NS (700 * NS_PER_MS)           /* one try; boards that restart when opened are deaf for 2 s */
#define QUIET_NS    (20 * NS_PER_MS)
#define FLUSH_MS    1000                        /* its questions are read_tmo_ms of 1000 to 1999 */
#define FLUSH_KINDS 1000

void prologix_begin(struct prologix *p)
{
	buf_clear(&p->out);
	if (p->torn)
		buf_puts(&p->out, "\n\n");      /* the first may be escaped by what was sent last */
	p->torn = false;
}

void prologix_turn_to(struct prologix *p, const struct gpib *at)
{
	p->at = *at;
	buf_clear(&p->address);
	buf_printf(&p->address, "++addr %d", at->primary);
	if (at->secondary >= 0)
		buf_printf(&p->address, " %d", at->secondary + GPIB_SECONDARY_BASE);
	buf_putc(&p->address, '\n');
}

void prologix_address(struct prologix *p)
{
	buf_add(&p->out, p->address.data, p->address.len);
	if (p->at.secondary < 0)
		p->used |= UINT32_C(1) << p->at.primary;
}

void prologix_data(struct prologix *p, const char *data, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		if (data[i] == '\r' || data[i] == '\n' || data[i] == '\x1b' || data[i] == '+')
			buf_putc(&p->out, '\x1b');
		buf_putc(&p->out, data[i]);
	}
	buf_putc(&p->out, '\n');
}

int prologix_send(struct prologix *p, int cancel, instant by, struct err *e)
{
	for (size_t at = 0; at < p->out.len;) {
		ssize_t sent = p->t->write(p->state, p->out.data + at, p->out.len - at, cancel, by, e);

		if (sent < 0) {
			p->torn = at > 0;
			return err_wrap(e, "to the GPIB controller");
		}
		at += (size_t)sent;
	}
	return 0;
}

/* What has come of its own answers goes to the end of `in`. */
static int receive(struct prologix *p, int cancel, instant by, struct err *e)
{
	ssize_t got;
	bool end;

	buf_reserve(&p->in, PROLOGIX_LINE);
	got = p->t->read(p->state, p->in.data + p->in.len, PROLOGIX_LINE - 1, &end, cancel, by, e);
	if (got > 0)
		p->in.len += (size_t)got;
	return got < 0 ? -1 : 0;
}

static unsigned count_lines(const struct buf *b)
{
	unsigned n = 0;

	for (size_t i = 0; i < b->len; i++)
		n += b->data[i] == '\n';
	return n;
}

static void without_returns(char answer[PROLOGIX_LINE], const struct buf *in)
{
	size_t n = 0;

	for (size_t i = 0; i < in->len && n < PROLOGIX_LINE - 1; i++)
		if (in->data[i] != '\r')
			answer[n++] = in->data[i];
	answer[n] = '\0';
}

static int read_lines(struct prologix *p, unsigned lines, char answer[PROLOGIX_LINE], int cancel, instant by,
		      struct err *e)
{
	buf_clear(&p->in);
	while (count_lines(&p->in) < lines) {
		if (p->in.len >= PROLOGIX_LINE)
			return err_set(e, ERR_PROTOCOL, "the GPIB controller answers without an end");
		if (receive(p, cancel, by, e) < 0)
			return err_wrap(e, "the GPIB controller's answer");
	}
	without_returns(answer, &p->in);
	return 0;
}

int prologix_ask(struct prologix *p, unsigned lines, char answer[PROLOGIX_LINE], int cancel, instant by, struct err *e)
{
	instant own = instant_after(ANSWER_NS);

	if (prologix_send(p, cancel, by, e) < 0)
		return -1;
	return read_lines(p, lines, answer, cancel, own < by ? own : by, e);
}

/* Does what has come end with the mark, and does nothing come behind it? */
static int flushed(struct prologix *p, const char *mark, int cancel, struct err *e)
{
	size_t n = strlen(mark);

	if (p->in.len < n || memcmp(p->in.data + p->in.len - n, mark, n))
		return 0;
	if (receive(p, cancel, instant_after(QUIET_NS), e) == 0)
		return 0;
	return e->code == ERR_TIMEOUT ? 1 : -1;
}

/* Until the mark has come, and nothing behind it.  Returns the bytes before it. */
static ssize_t flush_until(struct prologix *p, const char *mark, int cancel, instant by, struct err *e)
{
	size_t n = strlen(mark), dropped = 0;

	buf_clear(&p->in);
	for (;;) {
		int done;

		if (receive(p, cancel, by, e) < 0)
			return -1;
		done = flushed(p, mark, cancel, e);
		if (done)
			return done < 0 ? -1 : (ssize_t)(dropped + p->in.len - n);
		if (p->in.len > PROLOGIX_LINE) {                /* what is old can be no part of the mark */
			dropped += p->in.len - n;
			buf_consume(&p->in, p->in.len - n);
		}
		if (instant_passed(by))                         /* bytes that keep coming must not carry us past it */
			return err_set(e, ERR_TIMEOUT, "timed out");
	}
}

ssize_t prologix_flush(struct prologix *p, int cancel, instant by, struct err *e)
{
	int ms = FLUSH_MS + (int)(p->flushes++ % FLUSH_KINDS);
	instant now = instant_now(), own = (p->asked && p->over > now ? p->over : now) + ANSWER_NS;
	char mark[16];
	ssize_t thrown;

	snprintf(mark, sizeof mark, "%d\r\n", ms);
	prologix_begin(p);
	buf_printf(&p->out, "++read_tmo_ms %d\n++read_tmo_ms\n", ms);
	if (prologix_send(p, cancel, by, e) < 0)
		return -1;
	thrown = flush_until(p, mark, cancel, own < by ? own : by, e);
	if (thrown >= 0) {
		p->patience_ms = ms;
		p->asked = p->unfinished = p->held = p->unasked = false;
	} else if (e->code == ERR_TIMEOUT && own < by) {
		err_set(e, ERR_CLOSED, "the GPIB controller does not answer");
	}
	return thrown;
}

/* Line by line what the settings must read; ++savecfg first, lest each of them be written to its memory. */
static const struct setting { const char *name; int value; } settings[] = {
	{ "mode", 1 },                          /* controller */
	{ "auto", 0 },                          /* an instrument talks when it is told to */
	{ "eoi", 1 }, { "eos", 3 },             /* the end of a command is EOI with its last byte; nothing is added */
	{ "eot_char", PROLOGIX_EOT }, { "eot_enable", 1 },
};
#define SETTINGS (sizeof settings / sizeof *settings)

static int configure(struct prologix *p, int cancel, instant by, struct err *e)
{
	prologix_begin(p);
	if (p->keeps_settings)
		buf_puts(&p->out, "++savecfg 0\n");
	for (size_t i = 0; i < SETTINGS; i++)
		buf_printf(&p->out, "++%s %d\n", settings[i].name, settings[i].value);
	buf_puts(&p->out, "++ifc\n");
	if (prologix_send(p, cancel, by, e) < 0)
		return -1;
	return prologix_flush(p, cancel, by, e) < 0 ? -1 : 0;          /* what it says of a command it does not know */
}

static char *one_line(char *text)
{
	for (char *p = text; *p; p++)
		if (*p < ' ' || *p > '~')
			*p = *p == '\n' && !p[1] ? '\0' : ' ';
	return text;
}

/* ERR_STATE: it has other settings. */
static int verify(struct prologix *p, int cancel, instant by, struct err *e)
{
	char answer[PROLOGIX_LINE], expected[PROLOGIX_LINE] = "";

	prologix_begin(p);
	for (size_t i = 0; i < SETTINGS; i++) {
		buf_printf(&p->out, "++%s\n", settings[i].name);
		snprintf(expected + strlen(expected), sizeof expected - strlen(expected), "%d\n", settings[i].value);
	}
	if (prologix_ask(p, SETTINGS, answer, cancel, by, e) < 0)
		return -1;
	if (!strcmp(answer, expected))
		return 0;
	return err_set(e, ERR_STATE, "the GPIB controller answers '%s' for its mode, auto, eoi, eos, eot_char and "
		       "eot_enable", one_line(answer));
}

int prologix_check(struct prologix *p, int cancel, instant by, struct err *e)
{
	if (verify(p, cancel, by, e) == 0)
		return 0;
	if (e->code != ERR_STATE)
		return -1;
	if (prologix_flush(p, cancel, by, e) < 0 || configure(p, cancel, by, e) < 0)
		return -1;
	if (verify(p, cancel, by, e) == 0)
		return 0;
	if (e->code == ERR_STATE)
		e->code = ERR_PROTOCOL;
	return -1;
}

/* A line in which it says its version: "Prologix GPIB-ETHERNET Controller version 01.06.06.00", "AR488 GPIB
 * controller, ver. 0.51.18". */
static bool says_version(struct prologix *p)
{
	char *line = p->in.data, *end;

	for (size_t left = p->in.len; left; left -= (size_t)(end + 1 - line), line = end + 1) {
		end = memchr(line, '\n', left);
		if (!end)
			return false;
		*end = '\0';
		if (strcasestr(line, "ver") && !strstr(line, "++ver")) {
			p->keeps_settings = !strcasestr(line, "AR488");        /* there ++savecfg is the order to save */
			return true;
		}
		*end = '\n';
	}
	return false;
}

/* One try; a banner may come before the answer. */
static int ask_version(struct prologix *p, int cancel, instant by, struct err *e)
{
	prologix_begin(p);
	buf_puts(&p->out, "\n\n++ver\n");
	if (prologix_send(p, cancel, by, e) < 0)
		return -1;
	buf_clear(&p->in);
	while (!says_version(p)) {
		if (receive(p, cancel, by, e) < 0)
			return -1;
		if (p->in.len > 16 * PROLOGIX_LINE || instant_passed(by))
			return err_set(e, ERR_TIMEOUT, "timed out");
	}
	return 0;
}

int prologix_greet(struct prologix *p, int cancel, instant by, struct err *e)
{
	instant own = instant_after(2 * ANSWER_NS);

	own = own < by ? own : by;
	for (;;) {
		instant try = instant_after(GREETING_NS);

		if (ask_version(p, cancel, try < own ? try : own, e) == 0)
			break;
		if (e->code != ERR_TIMEOUT)
			return -1;
		if (instant_passed(own))
			return err_set(e, ERR_CLOSED, "no GPIB controller answers ++ver there");
	}
	if (prologix_flush(p, cancel, by, e) < 0 || configure(p, cancel, by, e) < 0)
		return -1;
	return prologix_check(p, cancel, by, e);
}
