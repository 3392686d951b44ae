/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "talk.h"

#include <stdio.h>
#include <string.h>

#include "escape.h"

#define SHOWN 4096               /* bytes of a reply; more are counted */

static void put_time(int64_t ns)
{
	if (ns < NS_PER_S)
		printf("  [%.1f ms]", (double)ns / 1e6);
	else
		printf("  [%.2f s]", (double)ns / 1e9);
}

/* Offset, bytes, text: as every hex dump. */
void show_hex(const void *bytes, size_t n)
{
	const unsigned char *p = bytes;

	for (size_t at = 0; at < n; at += 16) {
		size_t k = n - at < 16 ? n - at : 16;

		printf("  %04zX ", at);
		for (size_t i = 0; i < 16; i++) {
			if (i < k)
				printf(" %02X", p[at + i]);
			else
				printf("   ");
		}
		printf("  ");
		for (size_t i = 0; i < k; i++)
			putchar(p[at + i] >= ' ' && p[at + i] <= '~' ? p[at + i] : '.');
		putchar('\n');
	}
}

static void put_text(struct span s)
{
	size_t n = s.n < SHOWN ? s.n : SHOWN;
	struct buf b = { 0 };

	escape_write(&b, n ? s.p : "", n);
	fputs(b.len ? b.data : "", stdout);
	if (s.n > n)
		printf("... (%zu bytes)", s.n);
	buf_release(&b);
}

static void end_reply(const struct talk *t, struct span reply, int64_t took_ns)
{
	if (t->person)
		put_time(took_ns);
	putchar('\n');
	if (t->hex)
		show_hex(reply.p, reply.n < SHOWN ? reply.n : SHOWN);
}

/* The rows of an answer that is not too long, but for the last. */
static struct span put_rows(struct span s, const char *mark)
{
	size_t n = strlen(mark);
	const char *at;

	while (n && s.n <= SHOWN && (at = memmem(s.p, s.n, mark, n))) {
		put_text((struct span){ s.p, (size_t)(at - s.p) });
		putchar('\n');
		s.n -= (size_t)(at - s.p) + n;
		s.p = at + n;
	}
	return s;
}

void show_answer(const struct talk *t, struct span answer, const char *mark, int64_t took_ns)
{
	put_text(mark ? put_rows(answer, mark) : answer);
	end_reply(t, answer, took_ns);
}

/* As text; where a person looks, with how long it took; then in hexadecimal if asked for. */
void show_reply(const struct talk *t, struct span reply, int64_t took_ns)
{
	put_text(reply);
	end_reply(t, reply, took_ns);
}

/* What came and is no reply. */
void show_part(const struct talk *t, struct span part, const char *what)
{
	if (!part.n)
		return;
	printf("%s ", what);
	put_text(part);
	putchar('\n');
	if (t->hex)
		show_hex(part.p, part.n < SHOWN ? part.n : SHOWN);
}

void show_trouble(struct talk *t, const struct err *e)
{
	t->failed = true;
	fflush(stdout);
	fprintf(stderr, "%s\n", e->text);
}
