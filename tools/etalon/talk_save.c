/* SPDX-License-Identifier: GPL-3.0-or-later
 * talk_save.c - a session as a transcript whose header is filled in as far as the conversation tells. */
#include <ctype.h>
#include <errno.h>
#include <pwd.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "etalon.h"
#include "idn.h"
#include "talk.h"

/* The reply to the last *IDN? of the session that was whole. */
static bool find_identity(const struct turn *u, struct span *reply)
{
	bool found = false;

	for (size_t i = 0; i + 1 < u->n_sayings; i++) {
		const struct saying *ask = &u->sayings[i], *answer = ask + 1;

		if (ask->sent && !answer->sent && ask->bytes.len >= 5 && !strncasecmp(ask->bytes.data, "*IDN?", 5)) {
			*reply = (struct span){ answer->bytes.data, answer->bytes.len };
			found = true;
		}
	}
	return found;
}

/* Fields between commas; false unless there are just four that a header can hold. */
static bool split(struct span reply, struct span field[IDN_FIELDS])
{
	size_t n = 0;

	reply = idn_trim(reply);
	for (const char *p = reply.p, *end = reply.p + reply.n; n < IDN_FIELDS; n++) {
		const char *comma = n + 1 < IDN_FIELDS ? memchr(p, ',', (size_t)(end - p)) : NULL;
		const char *stop = comma ? comma : end;

		field[n] = idn_trim((struct span){ p, (size_t)(stop - p) });
		for (size_t i = 0; i < field[n].n; i++)
			if (field[n].p[i] < ' ' || field[n].p[i] > '~')
				return false;
		if (!field[n].n || (!comma && n + 1 < IDN_FIELDS))
			return false;
		p = stop + 1;
	}
	return true;
}

/* "KEITHLEY INSTRUMENTS INC." and "MODEL 2182A": keithley-2182a. */
static char *slug(struct span maker, struct span model)
{
	struct buf b = { 0 };
	size_t word = 0;

	while (word < maker.n && isalnum((unsigned char)maker.p[word]))
		word++;
	model = idn_number(model);
	for (size_t i = 0; i < word; i++)
		buf_putc(&b, (char)tolower((unsigned char)maker.p[i]));
	buf_putc(&b, '-');
	for (size_t i = 0; i < model.n && b.len < 60; i++)
		buf_putc(&b, isalnum((unsigned char)model.p[i]) ? (char)tolower((unsigned char)model.p[i]) : '-');
	return b.data;
}

static void set(char **to, char *with)
{
	free(*to);
	*to = with;
}

static void from_identity(struct transcript *h, const struct model *m)
{
	struct span f[IDN_FIELDS], reply;
	bool known = find_identity(&h->turns[0], &reply) && split(reply, f);

	set(&h->model, m ? mem_string(m->name) : known ? slug(f[0], f[1]) : mem_string("unknown"));
	set(&h->instrument, known ? mem_format("%.*s, %.*s", (int)f[0].n, f[0].p, (int)f[1].n, f[1].p) :
	    mem_string("unknown"));
	set(&h->serial, known ? mem_stringn(f[2].p, f[2].n) : mem_string("unknown"));
	set(&h->firmware, known ? mem_stringn(f[3].p, f[3].n) : mem_string("unknown"));
}

/* The person's name where the system knows it. */
static char *full_name(void)
{
	const struct passwd *pw = getpwuid(getuid());
	size_t n = pw && pw->pw_gecos ? strcspn(pw->pw_gecos, ",") : 0;

	return n ? mem_stringn(pw->pw_gecos, n) : mem_string(login_name());
}

static char *today(void)
{
	time_t now = (time_t)(utc_now() / NS_PER_S);
	struct tm tm;
	char text[16];

	localtime_r(&now, &tm);
	strftime(text, sizeof text, "%Y-%m-%d", &tm);
	return mem_string(text);
}

static int write_whole(const char *path, const struct buf *text, struct err *e)
{
	char *fresh = mem_format("%s.new", path);
	FILE *f = fopen(fresh, "we");
	bool bad = !f || fwrite(text->data, 1, text->len, f) != text->len;

	if (f && fclose(f))
		bad = true;
	if (!bad)
		bad = rename(fresh, path) != 0;
	if (bad)
		err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
	free(fresh);
	return bad ? -1 : 0;
}

int talk_save(struct talk *t, struct err *e)
{
	struct transcript *h = session_transcript(t->s);
	struct buf text = { 0 };
	int bad;

	from_identity(h, t->model);
	set(&h->by, full_name());
	set(&h->date, today());
	transcript_write(h, &text);
	bad = write_whole(t->save, &text, e);
	buf_release(&text);
	return bad;
}
