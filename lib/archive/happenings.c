/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "projection.h"

enum { X_SEQUENCE, X_TIME, X_ROLE, X_WHY, X_ID, X_SENT, X_RECEIVED, X_SPAN, X_FAILED, X_CODE,
      X_COLUMNS };

static const struct column_spec exchange_columns[X_COLUMNS] = {
	[X_SEQUENCE] = { .name = "sequence", .kind = COLUMN_UINT64, .units = "" },
	[X_TIME]     = { .name = "time", .kind = COLUMN_INT64, .units = "ns",
			 .start = EPOCH, .long_name = "centre of the exchange, UTC" },
	[X_ROLE]     = { .name = "role", .kind = COLUMN_TEXT, .units = "" },
	[X_WHY]      = { .name = "why", .kind = COLUMN_TEXT, .units = "" },
	[X_ID]       = { .name = "id", .kind = COLUMN_TEXT, .units = "" },
	[X_SENT]     = { .name = "sent", .kind = COLUMN_BYTES, .units = "" },
	[X_RECEIVED] = { .name = "received", .kind = COLUMN_BYTES, .units = "" },
	[X_SPAN]     = { .name = "span", .kind = COLUMN_INT64, .units = "ns",
			 .long_name = "length of the exchange" },
	[X_FAILED]   = { .name = "failed", .kind = COLUMN_TEXT, .units = "",
			 .long_name = "what went wrong, if something did" },
	[X_CODE]     = { .name = "code", .kind = COLUMN_TEXT, .units = "" },
};

enum { E_SEQUENCE, E_TIME, E_EVENT, E_TEXT, E_ROLE, E_POINT, E_ATTEMPT, E_STEP, E_OPERATOR, E_CODE,
       E_CONFIRMED, E_MEMBERS, E_COLUMNS };

static const struct column_spec event_columns[E_COLUMNS] = {
	[E_SEQUENCE]  = { .name = "sequence", .kind = COLUMN_UINT64, .units = "" },
	[E_TIME]      = { .name = "time", .kind = COLUMN_INT64, .units = "ns", .start = EPOCH },
	[E_EVENT]     = { .name = "event", .kind = COLUMN_TEXT, .units = "" },
	[E_TEXT]      = { .name = "text", .kind = COLUMN_TEXT, .units = "" },
	[E_ROLE]      = { .name = "role", .kind = COLUMN_TEXT, .units = "" },
	[E_POINT]     = { .name = "point", .kind = COLUMN_INT64, .units = "",
			  .long_name = "row of points; -1: none, or before the first" },
	[E_ATTEMPT]   = { .name = "attempt", .kind = COLUMN_INT64, .units = "" },
	[E_STEP]      = { .name = "step", .kind = COLUMN_INT64, .units = "" },
	[E_OPERATOR]  = { .name = "operator", .kind = COLUMN_TEXT, .units = "" },
	[E_CODE]      = { .name = "code", .kind = COLUMN_TEXT, .units = "" },
	[E_CONFIRMED] = { .name = "confirmed", .kind = COLUMN_INT8, .units = "", .meanings = "no yes" },
	[E_MEMBERS]   = { .name = "members", .kind = COLUMN_TEXT, .units = "",
			  .long_name = "the event's own members, as JSON" },
};

void happenings_begin(struct happenings *s, struct hdf *h, hid_t entry)
{
	*s = (struct happenings){ .h = h };
	table_open(&s->exchanges, h, entry, "exchanges", "NXcollection", exchange_columns,
		   X_COLUMNS, "");
	table_open(&s->events, h, entry, "events", "NXcollection", event_columns, E_COLUMNS, "");
}

void happenings_exchange(struct happenings *s, const struct record *r, struct members *m)
{
	struct table *t = &s->exchanges;
	struct span bytes;

	table_int(t, X_SEQUENCE, (int64_t)r->seq);
	table_int(t, X_TIME, r->utc_ns);
	table_text(t, X_ROLE, member_text(m, "role"));
	table_text(t, X_WHY, member_text(m, "why"));
	table_text(t, X_ID, member_text(m, "id"));
	bytes = member_bytes(m, "sent");
	table_bytes(t, X_SENT, bytes.p, bytes.n);
	bytes = r->body_len ? (struct span){ r->body, r->body_len } : member_bytes(m, "received");
	table_bytes(t, X_RECEIVED, bytes.p, bytes.n);       /* a long one is whole in the body only */
	table_int(t, X_SPAN, member_int(m, "span_ns", 0));
	table_text(t, X_FAILED, member_text(m, "failed"));
	table_text(t, X_CODE, member_text(m, "code"));
	table_row(t);
}

static void proof_release(struct proof *p)
{
	free(p->role);
	free(p->serial_number);
	free(p->firmware_version);
	free(p->identity);
}

/* The last one counts: it is who answered when the run ended. */
static void note_proof(struct happenings *s, struct members *m)
{
	const char *role = member_text(m, "role");
	size_t i;

	for (i = 0; i < s->n && strcmp(s->proofs[i].role, role) != 0; i++)
		;
	if (i == s->n) {
		s->proofs = mem_grow(s->proofs, s->n, sizeof *s->proofs);
		s->proofs[s->n++] = (struct proof){ 0 };
	}
	proof_release(&s->proofs[i]);
	s->proofs[i].role = mem_string(member_text(m, "role"));
	s->proofs[i].serial_number = mem_string(member_text(m, "serial_number"));
	s->proofs[i].firmware_version = mem_string(member_text(m, "firmware_version"));
	s->proofs[i].identity = mem_string(member_text(m, "identity"));
}

/* The event's own members as an object. */
static char *own_members(const struct record *r)
{
	const char *from = r->header.p + r->own, *end = r->header.p + r->header.n;

	from += from < end && *from == ',';
	return mem_format("{%.*s", (int)(end - from), from);
}

void happenings_event(struct happenings *s, const struct record *r, struct members *m)
{
	struct table *t = &s->events;
	char *own = own_members(r);

	table_int(t, E_SEQUENCE, (int64_t)r->seq);
	table_int(t, E_TIME, r->utc_ns);
	table_text(t, E_EVENT, member_text(m, "event"));
	table_text(t, E_TEXT, member_text(m, "text"));
	table_text(t, E_ROLE, member_text(m, "role"));
	table_int(t, E_POINT, member_int(m, "point", -1));
	table_int(t, E_ATTEMPT, member_int(m, "attempt", 0));
	table_int(t, E_STEP, member_int(m, "step", -1));
	table_text(t, E_OPERATOR, member_text(m, "operator"));
	table_text(t, E_CODE, member_text(m, "code"));
	table_int(t, E_CONFIRMED, member_flag(m, "confirmed"));
	table_text(t, E_MEMBERS, own);
	table_row(t);
	free(own);
	if (!strcmp(member_text(m, "event"), "attached"))
		note_proof(s, m);
}

const struct proof *happenings_proof(const struct happenings *s, const char *role)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		if (!strcmp(s->proofs[i].role, role))
			return &s->proofs[i];
	return NULL;
}

void happenings_end(struct happenings *s)
{
	size_t i;

	table_close(&s->exchanges);
	table_close(&s->events);
	for (i = 0; i < s->n; i++)
		proof_release(&s->proofs[i]);
	free(s->proofs);
}
