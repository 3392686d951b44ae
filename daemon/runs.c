/* SPDX-License-Identifier: GPL-3.0-or-later
 * The main thread's table of runs: beginning one, taking up those a crash cut short, noting
 * how they end. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <sys/statvfs.h>

#include "house.h"
#include "log.h"
#include "recover.h"

#define RECORD_BYTES 700                 /* a reading in journal and archive together, generously */
#define SPARE_BYTES  (32 * 1024 * 1024)  /* beyond what the readings need */

struct active *runs_find(struct house *h, const char *name)
{
	for (size_t i = 0; i < h->n_runs; i++)
		if (!strcmp(h->runs[i].name, name))
			return &h->runs[i];
	return NULL;
}

size_t runs_alive(const struct house *h)
{
	size_t n = 0;

	for (size_t i = 0; i < h->n_runs; i++)
		n += h->runs[i].run != NULL;
	return n;
}

bool runs_sealed(const struct house *h)
{
	for (size_t i = 0; i < h->n_runs; i++)
		if (!lab_find(h->lab, h->runs[i].name)->archive && strcmp(h->runs[i].view.status, "failed"))
			return false;
	return true;
}

void runs_order_all(struct house *h, enum order o, const char *why)
{
	for (size_t i = 0; i < h->n_runs; i++)
		if (h->runs[i].run)
			run_order(h->runs[i].run, o, "etalond", why);
}

static char *journal_folder(const struct house *h, const char *run)
{
	return mem_format("%s/%s", h->journals, run);
}

static void copy(char *to, size_t size, const char *from)
{
	snprintf(to, size, "%.*s", (int)size - 1, from);
}

static struct active *enter(struct house *h, const char *name, const char *operator,
			    const struct setup *s)
{
	struct active *a;

	h->runs = mem_grow(h->runs, h->n_runs, sizeof *h->runs);
	a = &h->runs[h->n_runs++];
	*a = (struct active){ .simulated = setup_simulated(s) };
	copy(a->name, sizeof a->name, name);
	copy(a->operator, sizeof a->operator, operator);
	copy(a->procedure, sizeof a->procedure, s->procedure->name);
	copy(a->bench, sizeof a->bench, s->bench->name);
	a->view.points = (int32_t)s->procedure->points.n;
	a->view.started_ns = utc_now();
	a->view.left_ns = -1;
	return a;
}

/* Starts the thread; setup, journal and seats are handed over. */
static void set_off(struct house *h, const char *name, struct run_order *o)
{
	struct active *a = enter(h, name, o->operator, o->setup);
	char *folder = journal_folder(h, name);

	o->number = (uint32_t)h->n_runs;
	o->config = &h->config->source;
	copy(o->name, sizeof o->name, name);
	copy(o->folder, sizeof o->folder, folder);
	copy(o->evaluate, sizeof o->evaluate, h->evaluate);
	copy(o->laboratory, sizeof o->laboratory, h->config->laboratory);
	copy(o->laboratory_name, sizeof o->laboratory_name, texts_pick(&h->config->name, "en"));
	a->records = journal_acknowledged(o->journal);
	run_start(&a->run, o);
	free(folder);
}

static struct journal_options options(const struct house *h)
{
	return (struct journal_options){
		.segment_bytes = (size_t)h->config->journal.segment_bytes,
		.reserve_bytes = (size_t)h->config->journal.reserve_bytes,
		.ahead_bytes = (size_t)h->config->journal.ahead_bytes,
	};
}

static int64_t readings_planned(const struct procedure *p)
{
	const struct step *s = p->steps.items;
	int64_t n = 0;

	for (size_t i = 0; i < p->steps.n; i++)
		n += s[i].count * (int64_t)s[i].channels.n;
	return n * (int64_t)p->points.n;
}

/* Not enough disk for the run: said before the first command is sent (rule 9). */
static int room_for(const struct house *h, const struct procedure *p, struct err *e)
{
	int64_t need = readings_planned(p) * RECORD_BYTES + SPARE_BYTES;
	struct statvfs fs;

	if (statvfs(h->journals, &fs) < 0)
		return err_set(e, ERR_IO, "%s: %s", h->journals, strerror(errno));
	if ((int64_t)(fs.f_bavail * fs.f_frsize) < need)
		return err_set(e, ERR_FULL, "%s has %lld MiB free, the run needs %lld MiB: make room first",
			       h->state, (long long)(fs.f_bavail * fs.f_frsize >> 20), (long long)(need >> 20));
	return 0;
}

static int load(struct house *h, const struct wish *w, struct setup **s, struct buf *problems, struct err *e)
{
	struct problems ps = { 0 };
	int failed = setup_load(s, h->quantities, w->bench, NULL, w->procedure, &ps);

	if (!failed)
		(*s)->state = mem_string(h->state);
	if (failed) {
		problems_text(&ps, problems);
		problems_err(&ps, e);
	}
	problems_release(&ps);
	return failed;
}

/* Standards past due and points outside their certificates: refused, unless somebody answers for it by name. */
static int check_standards(const struct setup *s, const struct wish *w, struct run_override *o, struct buf *problems,
			   struct err *e)
{
	struct problems ps = { 0 };

	if (procedure_standards(s->procedure, s->bench, day_of(utc_now()), &ps) == 0)
		return 0;
	if (w->override_by) {
		*o = (struct run_override){ mem_string(w->override_by), mem_string(w->override_why), ps };
		return 0;
	}
	problems_text(&ps, problems);
	buf_puts(problems, "an override names who answers for it and why: etalon run --override 'WHO: WHY'\n");
	problems_err(&ps, e);
	problems_release(&ps);
	return -1;
}

/* Of each role of the procedure, in order. */
static struct validated *find_validated(const struct house *h, const struct setup *s)
{
	const struct strings *roles = &s->procedure->roles;
	struct validated *list = mem_array(roles->n, sizeof *list);

	for (size_t i = 0; i < roles->n; i++) {
		const struct model *m = bench_role(s->bench, roles->list[i])->model;
		const struct validation *v = validation_of(lab_validations(h->lab), m->name, m->source.sha256);

		list[i].yes = v != NULL;
		list[i].utc_ns = v ? v->utc_ns : 0;
		copy(list[i].by, sizeof list[i].by, v && v->by ? v->by : "");
	}
	return list;
}

static int new_journal(struct house *h, const struct setup *s, const char *operator, struct journal **j,
		       char name[RUN_NAME], struct err *e)
{
	struct journal_options o = options(h);
	char *folder;
	int failed;

	if (lab_started(h->lab, s->procedure->name, s->bench->name, operator, name, e) < 0)
		return -1;
	folder = journal_folder(h, name);
	failed = journal_create(j, folder, name, &o, e);
	free(folder);
	return failed;
}

int runs_begin(struct house *h, const struct wish *w, char name[RUN_NAME], struct buf *problems, struct err *e)
{
	struct run_order o = { 0 };
	char placeholder[] = "a run about to start";

	if (h->leaving)
		return err_set(e, ERR_STATE, "the daemon is about to end");
	if (h->trouble[0])
		return err_set(e, ERR_STATE, "storage failed: %s; mend it and start etalond again", h->trouble);
	if (load(h, w, &o.setup, problems, e) < 0)
		return -1;
	o.seats = mem_array(o.setup->procedure->roles.n, sizeof *o.seats);
	copy(o.operator, sizeof o.operator, w->operator);
	if (check_standards(o.setup, w, &o.override, problems, e) < 0 || room_for(h, o.setup->procedure, e) < 0 ||
	    ports_take(h->ports, placeholder, o.setup, o.seats, e) < 0)
		goto refuse;
	if (new_journal(h, o.setup, w->operator, &o.journal, name, e) < 0) {
		ports_release(h->ports, placeholder);
		goto refuse;
	}
	ports_rename(h->ports, placeholder, name);
	o.validated = find_validated(h, o.setup);
	log_line(LOG_INFO, "%s: %s at %s, operator %s", name, o.setup->procedure->name,
		 o.setup->bench->name, w->operator);
	set_off(h, name, &o);
	return 0;
refuse:
	run_override_release(&o.override);
	free(o.seats);
	setup_leave(&o.setup);
	return -1;
}

/* Recovery. */

/* The crash came before any instrument was touched: the run ends here. */
static int end_unopened(struct journal *j, struct err *e)
{
	struct buf keys = { 0 };
	struct draft d = { .kind = RECORD_STOP, .channel = "", .utc_ns = utc_now(), .mono_ns = instant_now() };
	int failed;

	json_key(&keys, "status");
	json_text(&keys, "interrupted");
	json_key(&keys, "reason");
	json_text(&keys, "the daemon ended before the run's record was opened");
	json_key(&keys, "simulated");
	json_bool(&keys, false);
	json_key(&keys, "counts");
	record_counts_put(&keys, journal_counts(j));
	d.keys = keys.data;
	d.keys_len = keys.len;
	failed = journal_append(j, &d, JOURNAL_RESERVED, NULL, e) < 0 || journal_commit(j, e) < 0;
	buf_release(&keys);
	return failed ? -1 : 0;
}

static int note_end(struct house *h, const char *run, const char *folder, uint64_t records, struct err *e)
{
	char status[16];

	if (recover_status(folder, records, status, sizeof status, e) < 0)
		return -1;
	return lab_ended(h->lab, run, status, "found at start", records, e);
}

static int take_up(struct house *h, const char *run, const char *folder, struct journal **j,
		   const struct journal_recovery *found, struct err *e)
{
	struct run_order o = { .recovered = true, .cut_bytes = found->cut_bytes };
	struct recovered r;
	char *scratch = mem_format("%s/%s", h->scratch, run);
	int failed = recover_read(&r, folder, found->records, scratch, e);

	free(scratch);
	if (failed)
		return err_wrap(e, "its texts");
	if (!r.setup) {
		if (end_unopened(*j, e) < 0)
			return -1;
		return lab_ended(h->lab, run, "interrupted", "before its record was opened",
				 journal_acknowledged(*j), e);
	}
	o.setup = r.setup;
	o.setup->state = mem_string(h->state);
	o.seats = mem_array(r.setup->procedure->roles.n, sizeof *o.seats);
	if (ports_take(h->ports, run, r.setup, o.seats, e) < 0) {
		free(o.seats);
		setup_leave(&o.setup);
		return -1;
	}
	o.go_on = r.resumable;
	o.held = r.held;
	o.next_point = r.next_point;
	o.asked = r.asked;
	o.last_attempt = r.last_attempt;
	o.journal = *j;
	*j = NULL;
	copy(o.operator, sizeof o.operator, r.operator);
	set_off(h, run, &o);
	return 0;
}

static void recover(struct house *h, const char *run)
{
	struct journal_options o = options(h);
	struct journal_recovery found;
	struct journal *j = NULL;
	char *folder = journal_folder(h, run);
	struct err e;
	int failed = journal_open(&j, folder, &o, &found, &e);

	if (!failed)
		failed = found.stopped ? note_end(h, run, folder, found.records, &e)
			: take_up(h, run, folder, &j, &found, &e);
	if (failed)
		log_line(LOG_ERROR, "%s cannot be taken up: %s", run, e.text);
	else
		log_line(LOG_NOTICE, "%s: taken up with %llu records, %llu bytes of an unacknowledged tail cut",
			 run, (unsigned long long)found.records, (unsigned long long)found.cut_bytes);
	journal_close(&j);
	free(folder);
}

void runs_recover(struct house *h)
{
	for (size_t i = 0; i < lab_count(h->lab); i++)
		if (!lab_run(h->lab, i)->status[0])
			recover(h, lab_run(h->lab, i)->name);
}

/* Notices. */

/* Whoever answers too late learns who was faster. */
static void receipt(struct house *h, const struct active *a, const struct notice *n, struct span members)
{
	struct err e = { .code = n->code };
	json_t *done = json_pack("{s:s}", "run", a->name);
	const struct desk_question *q;
	char question[QUESTION_ID];

	if (n->code)
		desk_error(members, question, e.text, sizeof e.text);
	q = n->code == ERR_STATE ? desk_find(&h->desk, a->name, question) : NULL;
	if (q && q->end[0])
		snprintf(e.text, sizeof e.text, "%s is no longer asked: %s", question, q->end);
	later_answer(&h->later, h->control, n->ticket, done, n->code ? &e : NULL);
	json_decref(done);
}

static void hear_of_question(struct house *h, const struct active *a, const struct notice *n)
{
	struct span members = { (const char *)(n + 1), n->more };

	desk_hear(&h->desk, a->name, n, members);
	if (n->ticket)
		receipt(h, a, n, members);
}

static void nobody_asks(struct house *h, const struct active *a, const char *why)
{
	struct err e;

	err_set(&e, ERR_STATE, "%s: %s", a->name, why);
	later_give_up(&h->later, h->control, (uint32_t)(a - h->runs) + 1, &e);
	desk_forget(&h->desk, a->name);
}

static void ended(struct house *h, struct active *a)
{
	struct err e;

	run_join(&a->run);
	nobody_asks(h, a, "the run has ended");
	ports_release(h->ports, a->name);
	log_line(LOG_INFO, "%s: %s, %llu records%s%s", a->name, a->view.status,
		 (unsigned long long)a->records, a->view.reason[0] ? ": " : "", a->view.reason);
	/* Without its stop record it is not over: the next start takes it up from its journal. */
	if (h->trouble[0])
		return;
	if (lab_ended(h->lab, a->name, a->view.status, a->view.reason, a->records, &e) < 0) {
		copy(h->trouble, sizeof h->trouble, e.text);
		log_line(LOG_ERROR, "the laboratory's journal: %s", e.text);
	}
}

void runs_notice(struct house *h, const struct notice *n)
{
	struct active *a = n->run ? &h->runs[n->run - 1] : NULL;

	switch (n->what) {
	case NOTICE_PROGRESS:
		a->records = n->records;
		a->readings = n->readings;
		break;
	case NOTICE_VIEW:
		a->view = n->view;
		break;
	case NOTICE_ENDED:
		a->view = n->view;
		ended(h, a);
		break;
	case NOTICE_DEAD:
		snprintf(h->trouble, sizeof h->trouble, "%.*s", (int)sizeof h->trouble - 1, n->text);
		log_line(LOG_ERROR, "%s: storage failed: %s", a->name, n->text);
		nobody_asks(h, a, "storage failed: what was said since is not on record");
		break;
	case NOTICE_PORT:
		ports_trouble(h->ports, n->port, n->trouble, n->text);
		break;
	case NOTICE_DESK:
		hear_of_question(h, a, n);
		break;
	}
}
