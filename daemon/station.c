/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "station.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "notice.h"
#include "person.h"
#include "post.h"
#include "power.h"
#include "recollection.h"

#define FIRST_INTERVAL (250 * NS_PER_MS)
#define LAST_INTERVAL  (30 * NS_PER_S)
#define CONNECT_NS     (5 * NS_PER_S)
#define BYTES_SHOWN    4096      /* of an exchange in its header; longer ones whole in the body */

const struct point *station_point(const struct station *s, unsigned index)
{
	return (const struct point *)s->instrument->model->points.items + index;
}

int64_t station_arming(const struct station *s, const struct port_request *r)
{
	int64_t longest = 0;

	for (unsigned i = 0; i < r->n; i++) {
		int64_t own = point_arming(s->instrument->model, station_point(s, r->points[i]));

		longest = own > longest ? own : longest;
	}
	return longest;
}

static void put_role(struct scribe *to, const char *role)
{
	json_key(&to->keys, "role");
	json_text(&to->keys, role);
}

static void put_bytes(struct buf *b, const char *key, struct span bytes)
{
	json_key(b, key);
	json_bytes(b, bytes.p, bytes.n < BYTES_SHOWN ? bytes.n : BYTES_SHOWN);
}

void station_exchange_id(char id[EXCHANGE_ID], const struct service *to, unsigned number)
{
	snprintf(id, EXCHANGE_ID, "%s-%u", to->role, number);
}

static void record_exchange(const struct service *to, const struct exchange *x)
{
	struct scribe *scribe = &to->client->scribe;
	struct buf *b = &scribe->keys;
	bool safe = !strcmp(x->why, "safe"), is_long = x->received.n > BYTES_SHOWN;
	struct entry e = { .what = ENTRY_RECORD, .kind = RECORD_EXCHANGE,
			   .class = safe ? JOURNAL_RESERVED : JOURNAL_ORDINARY,
			   .utc_ns = x->utc_ns, .mono_ns = x->mono_ns };
	char id[EXCHANGE_ID];

	station_exchange_id(id, to, x->number);
	put_role(scribe, to->role);
	json_key(b, "why");
	json_text(b, x->why);
	json_key(b, "id");
	json_text(b, id);
	put_bytes(b, "sent", x->sent);
	put_bytes(b, "received", x->received);
	json_key(b, "span_ns");
	json_int(b, x->span_ns);
	if (is_long) {
		json_key(b, "received_bytes");
		json_int(b, (int64_t)x->received.n);
	}
	if (x->failed) {
		json_key(b, "failed");
		json_text(b, x->failed->text);
		json_key(b, "code");
		json_text(b, err_word(x->failed->code));
	}
	scribe_send(scribe, &e, x->received.p,
		    !is_long ? 0 : x->received.n < RECORD_BODY_MAX ? x->received.n : RECORD_BODY_MAX);
}

static void exchanged(void *who, const struct exchange *x)
{
	struct station *s = who;

	if (s->asking) {
		record_exchange(s->asking, x);
		return;
	}
	for (size_t i = 0; i < s->n; i++)
		record_exchange(&s->services[i], x);
}

static void note_to(const struct service *to, const char *event, const char *text)
{
	put_role(&to->client->scribe, to->role);
	scribe_event(&to->client->scribe, JOURNAL_ORDINARY, event, "%s: %s", to->role, text);
}

static void noted(void *who, const char *event, const char *text)
{
	struct station *s = who;

	for (size_t i = 0; i < s->n; i++)
		if (!s->asking || s->asking == &s->services[i])
			note_to(&s->services[i], event, text);
}

static int recall(void *who, struct past *p, struct err *e)
{
	const struct station *s = who;

	return recollection_load(s->setup->state, s->instrument, p, e);
}

static int remember(void *who, const struct past *p, struct err *e)
{
	const struct station *s = who;

	return recollection_save(s->setup->state, s->instrument, p, e);
}

struct station *station_new(uint32_t port, const struct port_request *bind, struct instrument *sibling,
			    int cancel, struct err *e)
{
	const struct bench_role *role = (struct bench_role *)bind->setup->bench->roles.items + bind->role;
	struct station *s = mem_new(sizeof *s);

	s->number = bind->station;
	s->port = port;
	s->shared = bind->shared;
	s->setup = setup_share(bind->setup);
	s->to_main = post_outlet("main");
	if (instrument_new(&s->instrument, role->model, role->name, role->address,
			   role->serial_number, sibling, cancel, e) < 0) {
		station_free(&s);
		return NULL;
	}
	s->instrument->exchanged = exchanged;
	s->instrument->noted = noted;
	s->instrument->recall = recall;
	s->instrument->remember = remember;
	s->instrument->who = s;
	if (s->instrument->manual)
		s->person = person_new(s, bind->asked);
	return s;
}

void station_serve(struct station *s, struct client *c, const char *role)
{
	s->services = mem_grow(s->services, s->n, sizeof *s->services);
	s->services[s->n++] = (struct service){ .client = c, .role = mem_string(role) };
	c->stations++;
}

/* What was kept back is said before nobody is there to hear it. */
static void say_what_is_kept_back(struct station *s)
{
	s->unasked.next = s->late.next = 0;
	station_note_stray(s);
}

void station_leave(struct station *s, uint32_t run)
{
	say_what_is_kept_back(s);
	for (size_t i = 0; i < s->n; i++) {
		if (s->services[i].client->run != run)
			continue;
		s->services[i].client->stations--;
		free(s->services[i].role);
		s->services[i] = s->services[--s->n];
		return;
	}
}

const struct service *station_service(const struct station *s, uint32_t run)
{
	for (size_t i = 0; i < s->n; i++)
		if (s->services[i].client->run == run)
			return &s->services[i];
	return NULL;
}

/* Until now it was on: a power-on noticed later is later.  Without that more is believed of a person, no less. */
static void keep_past(struct station *s)
{
	struct err why;

	if (s->instrument && s->instrument->recalled && s->instrument->past.seen_ns)
		remember(s, &s->instrument->past, &why);
}

void station_free(struct station **out)
{
	struct station *s = *out;

	if (!s)
		return;
	keep_past(s);
	person_free(&s->person);
	instrument_free(&s->instrument);
	setup_leave(&s->setup);
	post_close(&s->to_main);
	free(s->services);
	free(s);
	*out = NULL;
}

static void tell_main(struct station *s, bool trouble, const char *text)
{
	struct notice n = { .what = NOTICE_PORT, .port = s->port, .trouble = trouble };

	snprintf(n.text, sizeof n.text, "%.*s", (int)sizeof n.text - 1, text);
	post_send(s->to_main, &n, sizeof n);
}

static void record_attached(struct station *s, const struct service *to)
{
	const struct instrument *in = s->instrument;
	struct scribe *scribe = &to->client->scribe;

	put_role(scribe, to->role);
	json_key(&scribe->keys, "serial_number");
	json_text(&scribe->keys, in->serial);
	json_key(&scribe->keys, "firmware_version");
	json_text(&scribe->keys, in->firmware);
	json_key(&scribe->keys, "identity");
	json_text(&scribe->keys, in->identity);
	scribe_event(scribe, JOURNAL_ORDINARY, "attached", "%s: %s at %s", to->role,
		     in->model->name, in->address);
}

static void record_reapplied(struct station *s, const struct service *to)
{
	const struct instrument *in = s->instrument;
	struct scribe *scribe = &to->client->scribe;
	bool any = false;

	put_role(scribe, to->role);
	json_key(&scribe->keys, "settings");
	buf_putc(&scribe->keys, '{');
	for (unsigned i = 0; i < in->model->points.n; i++) {
		if (isnan(in->settings[i]))
			continue;
		json_key(&scribe->keys, station_point(s, i)->quantity);
		json_number(&scribe->keys, in->settings[i]);
		any = true;
	}
	buf_putc(&scribe->keys, '}');
	if (any)
		scribe_event(scribe, JOURNAL_ORDINARY, "settings.reapplied",
			     "%s: settings applied again and read back", to->role);
	buf_clear(&scribe->keys);
}

static bool holds_a_setting(const struct instrument *in)
{
	for (size_t i = 0; i < in->model->points.n; i++)
		if (!isnan(in->settings[i]))
			return true;
	return false;
}

/* Whatever else measures what it sources measures it no longer, perhaps. */
static void say_doubt(struct station *s, const char *why)
{
	struct ack a = { .what = ACK_DOUBT, .tag = s->number };

	snprintf(a.text, sizeof a.text, "%.*s", (int)sizeof a.text - 1, why);
	for (size_t i = 0; i < s->n && holds_a_setting(s->instrument); i++)
		post_send(s->services[i].client->to_run, &a, sizeof a);
	s->doubted = true;
}

static void say_found(struct station *s, bool again)
{
	for (size_t i = 0; i < s->n; i++) {
		record_attached(s, &s->services[i]);
		if (again)
			record_reapplied(s, &s->services[i]);
		if (!s->lost)
			continue;
		put_role(&s->services[i].client->scribe, s->services[i].role);
		scribe_event(&s->services[i].client->scribe, JOURNAL_ORDINARY, "link.found",
			     "%s answers again", s->services[i].role);
	}
	tell_main(s, false, "");
	s->lost = s->doubted = false;
	s->warm_since = 0;
	s->interval = 0;
}

/* Nothing is wrong with it; said once, and again where a later power-on, or what a person says, changes it. */
static void warm_up(struct station *s, const char *text)
{
	int64_t since = power_since(&s->instrument->past);

	s->next_try = s->instrument->warm_at;
	if (since == s->warm_since)
		return;
	s->warm_since = since;
	tell_main(s, true, text);
	for (size_t i = 0; i < s->n; i++) {
		put_role(&s->services[i].client->scribe, s->services[i].role);
		scribe_event(&s->services[i].client->scribe, JOURNAL_ORDINARY, "warm_up", "%s", text);
	}
}

void station_look(struct station *s)
{
	struct err why;

	if (!s->errand && instrument_look(s->instrument, &why) < 0)
		station_failed(s, &why);
}

void station_failed(struct station *s, const struct err *why)
{
	if (why->code == ERR_CANCELLED || why->code == ERR_AWAITED)
		return;
	s->why = *why;
	if (why->code == ERR_WARM_UP) {
		warm_up(s, why->text);
		return;
	}
	s->interval = !s->interval ? FIRST_INTERVAL
		: 2 * s->interval > LAST_INTERVAL ? LAST_INTERVAL : 2 * s->interval;
	s->next_try = instant_after(s->lost ? s->interval : 0);
	if (why->code == ERR_CLOSED || why->code == ERR_IO)
		instrument_lost(s->instrument);
	if (s->lost)
		return;
	if (why->code == ERR_CLOSED || why->code == ERR_IO)
		say_doubt(s, why->text);
	s->lost = true;
	tell_main(s, true, why->text);
	for (size_t i = 0; i < s->n; i++) {
		struct scribe *scribe = &s->services[i].client->scribe;

		put_role(scribe, s->services[i].role);
		json_key(&scribe->keys, "code");
		json_text(&scribe->keys, err_word(why->code));
		scribe_event(scribe, JOURNAL_ORDINARY, "link.lost", "%s", why->text);
	}
}

static void say_stray(struct station *s, struct complaint *c, const char *event, const char *what)
{
	for (size_t i = 0; i < s->n; i++) {
		struct scribe *scribe = &s->services[i].client->scribe;

		put_role(scribe, s->services[i].role);
		json_key(&scribe->keys, "bytes");
		json_int(&scribe->keys, (int64_t)c->amount);
		json_key(&scribe->keys, "times");
		json_int(&scribe->keys, (int64_t)c->times);
		scribe_event(scribe, JOURNAL_ORDINARY, event, "%s: %zu bytes came %s", s->services[i].role, c->amount, what);
	}
	complaint_said(c);
}

void station_note_stray(struct station *s)
{
	struct instrument *in = s->instrument;

	if (in->unasked_bytes)
		complaint_note(&s->unasked, in->unasked_bytes);
	if (in->stray_bytes)
		complaint_note(&s->late, in->stray_bytes);
	in->stray_bytes = in->unasked_bytes = 0;
	if (complaint_due(&s->unasked))
		say_stray(s, &s->unasked, "unasked",
			  "that nobody had asked for and were thrown away: somebody else uses this line or "
			  "connection, or the instrument speaks by itself");
	if (complaint_due(&s->late))
		say_stray(s, &s->late, "stray", "too late to be an answer and were thrown away");
}

/* How long attaching it may take: connected, proven, what it has been set to set again. */
static int64_t attach_patience(const struct station *s)
{
	const struct instrument *in = s->instrument;
	const struct model *m = in->model;

	return CONNECT_NS + m->latency_ns + 4 * m->timeout_ns + 3 * model_talks_every(m) +
		model_attach_patience(m) + instrument_settings_patience(in);
}

int station_ready(struct station *s, int64_t grace_ns, struct err *e)
{
	bool again = s->instrument->served_before;
	int64_t powered_on = s->instrument->past.powered_on_ns;

	if (s->instrument->attached)
		return 1;
	if (!instant_passed(s->next_try))
		return 0;
	if (instrument_attach(s->instrument, instant_after(attach_patience(s) + grace_ns), e) < 0)
		return -1;
	/* Everything reads back again, but between the power cut and now it was not there. */
	if (again && !s->doubted && s->instrument->past.powered_on_ns != powered_on)
		say_doubt(s, "it was switched on, or reset, while it held a setting");
	say_found(s, again);
	return 1;
}

static void record_safe(const struct service *to, const struct err *why)
{
	struct scribe *scribe = &to->client->scribe;

	put_role(scribe, to->role);
	json_key(&scribe->keys, "confirmed");
	json_bool(&scribe->keys, !why);
	if (why)
		scribe_event(scribe, JOURNAL_RESERVED, "alarm",
			     "%s: safe state not confirmed: %s", to->role, why->text);
	else
		scribe_event(scribe, JOURNAL_RESERVED, "safe", "%s is in its safe state", to->role);
}

int station_make_safe(struct station *s, const struct port_request *r, struct err *e)
{
	int failed;

	s->asking = station_service(s, r->run);
	failed = instrument_safe(s->instrument, instant_after(r->bound_ns), e);
	s->asking = NULL;
	s->next_try = s->interval = 0;       /* whoever releases the run expects a fresh attempt */
	return failed;
}

void station_say_safe(struct station *s, const struct port_request *r, const struct err *why, bool tell)
{
	const struct service *to = station_service(s, r->run);
	struct ack a = { .what = ACK_SAFE, .request = r->request, .tag = s->number };

	record_safe(to, why);
	if (!tell)
		return;
	a.outcome = why ? OUTCOME_LOST : OUTCOME_DONE;
	if (why)
		snprintf(a.text, sizeof a.text, "%s: %.*s", to->role, (int)sizeof a.text - 100, why->text);
	post_send(to->client->to_run, &a, sizeof a);
}

/* On record wherever it serves, before whatever is measured because of it. */
static void record_since(struct station *s, const struct port_since *p)
{
	char since[UTC_TEXT];

	for (size_t i = 0; i < s->n; i++) {
		struct scribe *scribe = &s->services[i].client->scribe;

		put_role(scribe, s->services[i].role);
		json_key(&scribe->keys, "since_ns");
		json_int(&scribe->keys, p->since_ns);
		json_key(&scribe->keys, "by");
		json_text(&scribe->keys, p->by);
		json_key(&scribe->keys, "reason");
		json_text(&scribe->keys, p->reason);
		scribe_event(scribe, JOURNAL_ORDINARY, "instrument.since", "%s: on since %.19sZ, says %s",
			     s->services[i].role, utc_format(p->since_ns, since), p->by);
	}
}

int station_since(struct station *s, const struct port_since *p, struct err *e)
{
	if (instrument_since(s->instrument, p->since_ns, p->by, e) < 0)
		return -1;
	record_since(s, p);
	s->next_try = 0;
	return 0;
}

void station_safe(struct station *s, const struct port_request *r)
{
	struct err why;
	int failed = station_make_safe(s, r, &why);

	station_say_safe(s, r, failed ? &why : NULL, true);
}
