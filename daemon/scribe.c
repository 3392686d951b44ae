/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "entry.h"

#include <stdio.h>
#include <string.h>

#include "post.h"

void scribe_open(struct scribe *s, uint32_t run, uint32_t port)
{
	*s = (struct scribe){ .port = port, .credit = SCRIBE_CREDIT };
	s->outlet = post_outlet("log/%u", run);
}

void scribe_close(struct scribe *s)
{
	post_close(&s->outlet);
	buf_release(&s->keys);
}

void scribe_send(struct scribe *s, struct entry *e, const void *body, size_t n)
{
	size_t keys = s->keys.len, size = sizeof *e + keys + n;
	zmq_msg_t m;
	char *p = post_begin(&m, size);

	e->port = s->port;
	e->keys_len = (uint32_t)keys;
	e->body_len = (uint32_t)n;
	memcpy(p, e, sizeof *e);
	if (keys)
		memcpy(p + sizeof *e, s->keys.data, keys);
	if (n)
		memcpy(p + sizeof *e + keys, body, n);
	post_end(s->outlet, &m);
	s->credit -= (int64_t)size;
	buf_clear(&s->keys);
}

void scribe_mark(struct scribe *s, uint64_t request, enum outcome o, const struct err *why)
{
	struct entry e = { .what = ENTRY_MARK, .request = request, .outcome = o };

	buf_clear(&s->keys);
	if (o != OUTCOME_DONE && why) {
		e.code = why->code;
		buf_puts(&s->keys, why->text);
	}
	scribe_send(s, &e, NULL, 0);
}

void scribe_file(struct scribe *s, const char *what, const char *name, const struct source *text,
		 const char *media_type)
{
	size_t parts = text->len / RECORD_BODY_MAX + (text->len % RECORD_BODY_MAX || !text->len);
	struct buf own = s->keys;

	s->keys = (struct buf){ 0 };
	for (size_t i = 0; i < parts; i++) {
		struct entry e = { .what = ENTRY_RECORD, .kind = RECORD_FILE, .utc_ns = utc_now(), .mono_ns = instant_now() };
		size_t from = i * RECORD_BODY_MAX, left = text->len - from;

		json_put_text(&s->keys, "what", what);
		json_put_text(&s->keys, "name", name);
		json_put_text(&s->keys, "sha256", text->sha256);
		json_put_int(&s->keys, "bytes", (int64_t)text->len);
		json_put_int(&s->keys, "part", (int64_t)(i + 1));
		json_put_int(&s->keys, "parts", (int64_t)parts);
		json_put_text(&s->keys, "media_type", media_type);
		buf_add(&s->keys, own.data, own.len);
		scribe_send(s, &e, text->text + from, left < RECORD_BODY_MAX ? left : RECORD_BODY_MAX);
	}
	buf_release(&own);
}

void scribe_tell(struct scribe *s, enum journal_class c, uint32_t station, uint64_t ticket,
		 const struct err *failed)
{
	struct entry e = { .what = ENTRY_TELL, .class = c, .request = ticket, .tag = station };

	if (failed) {
		e.code = failed->code;
		json_key(&s->keys, "error");
		json_text(&s->keys, failed->text);
	}
	scribe_send(s, &e, NULL, 0);
}

void scribe_event(struct scribe *s, enum journal_class c, const char *event, const char *fmt, ...)
{
	struct entry e = { .what = ENTRY_RECORD, .class = c, .kind = RECORD_EVENT,
			   .utc_ns = utc_now(), .mono_ns = instant_now() };
	struct buf own = s->keys;
	char text[1024];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	s->keys = (struct buf){ 0 };
	json_key(&s->keys, "event");
	json_text(&s->keys, event);
	json_key(&s->keys, "text");
	json_text(&s->keys, text);
	buf_add(&s->keys, own.data, own.len);
	buf_release(&own);
	scribe_send(s, &e, NULL, 0);
}
