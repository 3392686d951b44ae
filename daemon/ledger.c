/* SPDX-License-Identifier: GPL-3.0-or-later
 * What opens and closes a run's record: the texts it rests on, who and where, the channels;
 * the results that `etalon evaluate` computes, and `stop`. */
#include <math.h>
#include <stdlib.h>
#include <string.h>
#include <sys/timex.h>
#include <sys/utsname.h>

#include "child.h"
#include "reply.h"
#include "run_own.h"

#define EVALUATE_NS   (600 * NS_PER_S)
#define REFUSALS_MOST 16                 /* that are named in a start record; how many there were it says always */

static void text(struct run *r, const char *key, const char *value)
{
	json_put_text(&r->scribe.keys, key, value);
}

static void integer(struct run *r, const char *key, int64_t value)
{
	json_put_int(&r->scribe.keys, key, value);
}

static void flag(struct run *r, const char *key, bool value)
{
	json_key(&r->scribe.keys, key);
	json_bool(&r->scribe.keys, value);
}

/* What goes over the wire: any bytes. */
static void bytes(struct run *r, const char *key, const char *value)
{
	json_key(&r->scribe.keys, key);
	json_bytes(&r->scribe.keys, value, strlen(value));
}

static void open_brace(struct run *r, const char *key, char c)
{
	json_key(&r->scribe.keys, key);
	buf_putc(&r->scribe.keys, c);
}

static void brace(struct run *r, char c)
{
	buf_putc(&r->scribe.keys, c);
}

/* Between the elements of an array, which have no keys. */
static void comma(struct run *r)
{
	if (r->scribe.keys.data[r->scribe.keys.len - 1] != '[')
		buf_putc(&r->scribe.keys, ',');
}

static void record(struct run *r, enum record_kind kind, enum journal_class class, const char *channel,
		   const void *body, size_t n)
{
	struct entry e = { .what = ENTRY_RECORD, .kind = kind, .class = class,
			   .utc_ns = utc_now(), .mono_ns = instant_now() };

	snprintf(e.channel, sizeof e.channel, "%s", channel);
	scribe_send(&r->scribe, &e, body, n);
}

static void file(struct run *r, const char *what, const char *name, const struct source *s)
{
	scribe_file(&r->scribe, what, name, s, "application/yaml");
}

/* What people are shown beside a question. */
static void pictures(struct run *r)
{
	const struct setup *s = r->order.setup;

	for (size_t i = 0; i < s->n_pictures; i++)
		scribe_file(&r->scribe, "picture", s->pictures[i].name, &s->pictures[i].source,
			    s->pictures[i].media_type);
}

static bool model_filed(const struct bench_role *roles, size_t upto)
{
	for (size_t k = 0; k < upto; k++)
		if (!strcmp(roles[k].model_name, roles[upto].model_name))
			return true;
	return false;
}

static bool standard_filed(const struct bench_role *roles, size_t upto)
{
	for (size_t k = 0; k < upto; k++)
		if (roles[k].standard && !strcmp(roles[k].standard_name, roles[upto].standard_name))
			return true;
	return false;
}

/* The models and standards of all its roles go with the bench file, used or not: it is read again with them. */
static void files(struct run *r)
{
	const struct setup *s = r->order.setup;
	const struct bench_role *roles = s->bench->roles.items;

	file(r, "procedure", s->procedure->name, &s->procedure->source);
	file(r, "bench", s->bench->name, &s->bench->source);
	for (size_t i = 0; i < s->bench->roles.n; i++)
		if (!model_filed(roles, i))
			file(r, "model", roles[i].model_name, &roles[i].model->source);
	for (size_t i = 0; i < s->bench->roles.n; i++)
		if (roles[i].standard && !standard_filed(roles, i))
			file(r, "standard", roles[i].standard_name, &roles[i].standard->source);
	file(r, "quantities", "quantities", &s->quantities_source);
	if (r->order.config)
		file(r, "daemon", "etalond", r->order.config);
	pictures(r);
}

static void points(struct run *r)
{
	const struct procedure_point *p = r->procedure->points.items;

	open_brace(r, "points", '[');
	for (size_t i = 0; i < r->procedure->points.n; i++) {
		const struct assignment *a = p[i].values.items;

		comma(r);
		brace(r, '{');
		text(r, "name", p[i].name);
		open_brace(r, "values", '{');
		for (size_t k = 0; k < p[i].values.n; k++) {
			json_key(&r->scribe.keys, a[k].channel.text);
			json_number(&r->scribe.keys, a[k].bound);
		}
		brace(r, '}');
		brace(r, '}');
	}
	brace(r, ']');
}

/* What a certificate will ask: was this very file seen on an instrument, by its author or by us? */
static void model_standing(struct run *r, const struct model *m, const struct validated *v)
{
	text(r, "model_sha256", m->source.sha256);
	flag(r, "model_seen", model_seen(m));
	flag(r, "model_validated", v->yes);
	if (v->yes) {
		text(r, "model_validated_by", v->by);
		integer(r, "model_validated_ns", v->utc_ns);
	}
}

/* Which certificate of it is in force. */
static void traceability(struct run *r, const struct standard *s)
{
	const struct certificate *c = standard_certificate(s, day_of(utc_now()));
	char day[DAY_TEXT];

	text(r, "standard", s->name);
	text(r, "standard_sha256", s->source.sha256);
	if (!c)
		return;
	text(r, "certificate", c->number);
	text(r, "certificate_laboratory", c->laboratory);
	text(r, "certificate_due", day_format(c->due, day));
}

static void override(struct run *r)
{
	const struct run_override *o = &r->order.override;

	if (!o->by)
		return;
	open_brace(r, "override", '{');
	text(r, "by", o->by);
	text(r, "why", o->why);
	integer(r, "refusals", (int64_t)o->refused.total);
	open_brace(r, "refused", '[');
	for (size_t i = 0; i < o->refused.n && i < REFUSALS_MOST; i++) {
		comma(r);
		json_text(&r->scribe.keys, o->refused.list[i].text);
	}
	brace(r, ']');
	brace(r, '}');
}

static void roles(struct run *r)
{
	open_brace(r, "roles", '{');
	for (size_t i = 0; i < r->n_seats; i++) {
		const struct bench_role *role = r->seats[i].role;

		open_brace(r, role->name, '{');
		text(r, "model", role->model_name);
		text(r, "manufacturer", role->model->manufacturer);
		text(r, "number", role->model->number);
		text(r, "serial_number", role->serial_number);
		text(r, "address", role->address);
		text(r, "access", role->access == ACCESS_SHARED ? "shared" : "exclusive");
		flag(r, "simulated", role->simulated);
		model_standing(r, role->model, &r->order.validated[i]);
		if (role->standard)
			traceability(r, role->standard);
		brace(r, '}');
	}
	brace(r, '}');
}

static void results_wanted(struct run *r)
{
	const struct result_spec *s = r->procedure->results.items;

	open_brace(r, "results", '[');
	for (size_t i = 0; i < r->procedure->results.n; i++) {
		comma(r);
		brace(r, '{');
		text(r, "name", s[i].name);
		if (s[i].model) {
			text(r, "model", s[i].model);
			text(r, "unit", s[i].unit);
			text(r, "channel", s[i].channel.text ? s[i].channel.text : "");
		} else {
			text(r, "indication", s[i].indication.text);
			text(r, "reference", s[i].reference.text);
		}
		brace(r, '}');
	}
	brace(r, ']');
}

static void clock_quality(struct run *r)
{
	struct timex t = { 0 };
	int state = adjtimex(&t);

	open_brace(r, "clock", '{');
	flag(r, "synchronised", state != TIME_ERROR && !(t.status & STA_UNSYNC));
	integer(r, "error_ns", t.maxerror * 1000);
	integer(r, "tai_offset_s", t.tai);
	brace(r, '}');
}

static void software(struct run *r)
{
	open_brace(r, "software", '{');
	text(r, "name", "etalon");
	text(r, "version", VERSION);
	text(r, "build", BUILD);
	brace(r, '}');
}

static void start(struct run *r)
{
	const struct setup *s = r->order.setup;
	struct utsname host;

	uname(&host);
	text(r, "laboratory", r->order.laboratory);
	text(r, "laboratory_name", r->order.laboratory_name);
	text(r, "operator", r->order.operator);
	text(r, "procedure", s->procedure->name);
	text(r, "title", texts_pick(&s->procedure->title, "en"));
	text(r, "bench", s->bench->name);
	flag(r, "simulated", setup_simulated(s));
	flag(r, "resumable", s->procedure->resumable);
	override(r);
	text(r, "host", host.nodename);
	software(r);
	clock_quality(r);
	roles(r);
	points(r);
	results_wanted(r);
	record(r, RECORD_START, JOURNAL_ORDINARY, "", NULL, 0);
}

static void announce_sentinel(struct run *r, const struct sentinel *s)
{
	struct buf *b = &r->scribe.keys;

	buf_puts(b, b->data[b->len - 1] == '[' ? "{" : ",{");
	json_key(b, "value");
	json_number(b, s->value);
	text(r, "status", reading_status_name((enum reading_status)s->status));
	buf_putc(b, '}');
}

/* For whoever takes the numbers of an array from the archive: which of them are none (reply.h). */
static void announce_sentinels(struct run *r, const struct model *m, const struct block_form *f)
{
	const struct sentinel *own = m->sentinels.items, *usual;
	size_t n = reply_usual_sentinels(f, &usual);

	json_key(&r->scribe.keys, "sentinels");
	buf_putc(&r->scribe.keys, '[');
	for (size_t i = 0; i < m->sentinels.n; i++)
		announce_sentinel(r, &own[i]);
	for (size_t i = 0; i < n; i++)
		announce_sentinel(r, &usual[i]);
	buf_putc(&r->scribe.keys, ']');
}

static void announce_block(struct run *r, const struct model *m, const struct block_form *f)
{
	flag(r, "block", true);
	json_key(&r->scribe.keys, "scale");
	json_number(&r->scribe.keys, f->scale);
	json_key(&r->scribe.keys, "offset");
	json_number(&r->scribe.keys, f->offset);
	integer(r, "sample_interval_ns", f->interval_ns);
	if (f->count)
		integer(r, "count", f->count);
	announce_sentinels(r, m, f);
}

static void number(struct run *r, const char *key, double value)
{
	json_put_number(&r->scribe.keys, key, value);
}

/* Beyond it, and the overrange, a reading is marked. */
static void announce_range(struct run *r, const struct point *p)
{
	const struct { const char *key; double own; } ends[] = { { "low", p->set_low }, { "high", p->set_high } };

	for (size_t i = 0; i < sizeof ends / sizeof *ends; i++) {
		if (!isfinite(ends[i].own))
			continue;
		number(r, ends[i].key, conversion_apply(&p->to_quantity, ends[i].own));
	}
	number(r, "overrange", p->overrange);
}

/* What an evaluation takes a resolution's uncertainty from; in the unit of the channel. */
static void announce_resolution(struct run *r, const struct point *p)
{
	const struct range *ranges = p->ranges.items;

	if (p->resolution > 0)
		number(r, "resolution", conversion_scale(&p->to_quantity, p->resolution));
	if (!p->ranges.n)
		return;
	open_brace(r, "ranges", '[');
	for (size_t i = 0; i < p->ranges.n; i++) {
		comma(r);
		brace(r, '{');
		number(r, "low", conversion_apply(&p->to_quantity, ranges[i].from));
		number(r, "high", conversion_apply(&p->to_quantity, ranges[i].to));
		number(r, "resolution", conversion_scale(&p->to_quantity, ranges[i].resolution));
		brace(r, '}');
	}
	brace(r, ']');
}

static void announce(struct run *r, const struct run_channel *c)
{
	const struct bench_role *role = r->seats[c->seat].role;
	const struct point *p = c->ref->point;

	text(r, "role", role->name);
	text(r, "quantity", p->known->name);
	if (p->input)
		text(r, "input", p->input);
	text(r, "unit", p->known->unit);
	text(r, "instrument", role->model_name);
	text(r, "datatype", p->block.given ? block_datatype(&p->block) : "float64");
	if (p->block.given)
		announce_block(r, role->model, &p->block);
	else
		announce_range(r, p);
	if (p->ask)
		bytes(r, "ask", p->ask);
	if (p->heard.match.text)
		bytes(r, "heard", p->heard.match.text);
	if (p->has_registers)
		integer(r, "register", p->registers.address);
	flag(r, "environment", c->environment);
	if (c->environment)
		integer(r, "interval_ns", c->every_ns);
	announce_resolution(r, p);
	if (p->aperture_ns)
		integer(r, "aperture_ns", p->aperture_ns);
	flag(r, "simulated", role->simulated);
	record(r, RECORD_CHANNEL, JOURNAL_ORDINARY, c->ref->text, NULL, 0);
}

void ledger_open(struct run *r)
{
	files(r);
	start(r);
	for (size_t i = 0; i < r->n_channels; i++)
		announce(r, &r->channels[i]);
}

/* {"channel": "...", "keys": {...}}: one result as `etalon evaluate` computed it. */
static int result(struct run *r, struct span line, struct err *e)
{
	struct span channel, keys;
	struct buf name = { 0 };
	int bad = json_check(line) != 0 || json_member(line, "channel", &channel) != 1 ||
		json_member(line, "keys", &keys) != 1 || keys.p[0] != '{' || keys.n < 3 ||
		json_get_string(channel, &name) != 0 || name.len >= CHANNEL_NAME;

	if (!bad) {
		buf_putc(&r->scribe.keys, ',');
		buf_add(&r->scribe.keys, keys.p + 1, keys.n - 2);
		record(r, RECORD_RESULT, JOURNAL_ORDINARY, name.len ? name.data : "", NULL, 0);
	}
	buf_release(&name);
	return bad ? err_set(e, ERR_CORRUPT, "etalon evaluate wrote something that is not a result") : 0;
}

static int results(struct run *r, struct err *e)
{
	char records[24];
	const char *argv[] = { r->order.evaluate, "evaluate", r->order.folder, "--records", records, NULL };
	struct buf out = { 0 };
	int failed;

	snprintf(records, sizeof records, "%llu", (unsigned long long)r->records);
	failed = child_output(argv, &out, instant_after(EVALUATE_NS), e);
	for (char *p = out.data, *end; !failed && p && *p; p = end + 1) {
		end = strchr(p, '\n');
		if (!end)
			break;
		failed = result(r, (struct span){ p, (size_t)(end - p) }, e);
	}
	buf_release(&out);
	return failed;
}

/* A run whose results cannot be computed is complete all the same: its readings are there. */
void ledger_results(struct run *r)
{
	struct err e;

	if (run_flush(r) != GO_ON)
		return;
	if (results(r, &e) < 0)
		scribe_event(&r->scribe, JOURNAL_RESERVED, "alarm", "no results: %s", e.text);
}

void ledger_stop(struct run *r, const char *status, const char *reason)
{
	text(r, "status", status);
	text(r, "reason", reason);
	flag(r, "simulated", setup_simulated(r->order.setup));
	record(r, RECORD_STOP, JOURNAL_RESERVED, "", NULL, 0);
}
