/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <stdlib.h>
#include <string.h>

#include "person_own.h"

#define LONGEST_INTERVAL (3600 * NS_PER_S)       /* between two reminders */
#define POINT_OF_WATCH   (-2)                    /* readings of the environment are compared among themselves */

static struct manual *manual(const struct person *p)
{
	return p->station->instrument->manual;
}

struct scribe *person_scribe(const struct person *p)
{
	return &station_service(p->station, p->errand.run)->client->scribe;
}

const char *person_role(const struct person *p)
{
	return station_service(p->station, p->errand.run)->role;
}

/* The driver has opened a question. */
static void asked(void *who)
{
	struct station *s = who;
	struct person *p = s->person;

	snprintf(p->id, sizeof p->id, "%s-%llu", person_role(p), (unsigned long long)++p->asked);
	p->interval = s->instrument->model->manual.remind_ns;
	p->remind = instant_after(p->interval);
	person_record_prompt(p);
}

struct person *person_new(struct station *s, uint64_t number)
{
	struct person *p = mem_new(sizeof *p);

	p->station = s;
	p->asked = number;
	s->instrument->manual->asked = asked;
	return p;
}

void person_free(struct person **out)
{
	struct person *p = *out;

	if (!p)
		return;
	buf_release(&p->told);
	sheet_release(&p->sheet);
	free(p);
	*out = NULL;
}

/* Whose turn it is. */

static bool has_word(const struct person *p, const struct port_request *r)
{
	const struct port_request *q = &p->errand;

	return p->busy && q->run == r->run && q->what == r->what && q->request == r->request && q->n == r->n &&
		!memcmp(q->points, r->points, sizeof q->points);
}

bool person_turn(struct person *p, const struct port_request *r, int32_t k)
{
	if (p->busy && !has_word(p, r))
		return false;
	p->busy = true;
	p->errand = *r;
	p->k = k;
	manual(p)->at = r->what == PORT_WATCH ? POINT_OF_WATCH : r->point;
	return true;
}

void person_clear(struct person *p, const char *why)
{
	struct buf told = { 0 };

	if (p->id[0]) {
		struct scribe *to = person_scribe(p);

		person_record_note(p, "prompt.withdrawn", why);
		person_tell(&told, "closed", p->id, why);
		buf_add(&to->keys, told.data, told.len);
		scribe_tell(to, JOURNAL_RESERVED, p->station->number, 0, NULL);
		buf_release(&told);
	}
	manual_withdraw(p->station->instrument);
	p->id[0] = '\0';
	p->busy = false;
}

bool person_leave(struct person *p, const struct port_request *r, const char *why)
{
	if (!has_word(p, r))
		return false;
	person_clear(p, why);
	return true;
}

instant person_due(struct person *p)
{
	if (!p->id[0] || !instant_passed(p->remind))
		return p->remind;
	person_record_note(p, "prompt.reminder", "still not answered");
	p->interval = 2 * p->interval < LONGEST_INTERVAL ? 2 * p->interval : LONGEST_INTERVAL;
	p->remind = instant_after(p->interval);
	return p->remind;
}

/* Answers. */

static int give(struct person *p, const struct keyed *k, struct err *e)
{
	char end[KEYED_NAME + 40];

	if (manual_answer(p->station->instrument, k, e) < 0) {
		if (e->code != ERR_STATE)
			person_record_answer(p, k, ANSWER_REFUSED, e);
		return -1;
	}
	person_record_answer(p, k, manual(p)->held ? ANSWER_HELD : ANSWER_TAKEN, NULL);
	snprintf(end, sizeof end, "%s has answered it", k->by);
	person_tell(&p->told, manual(p)->held ? "held" : "closed", p->id, end);
	if (manual(p)->held) {
		json_key(&p->told, "answer");
		json_bytes(&p->told, k->raw, strlen(k->raw));
		json_key(&p->told, "by");
		json_text(&p->told, k->by);
	}
	return 0;
}

static int second(struct person *p, const struct port_answer *a, struct err *e)
{
	bool confirms = a->what == ANSWER_CONFIRM;
	char end[KEYED_NAME + 40];
	int failed = confirms ? manual_confirm(p->station->instrument, a->keyed.by, e)
		: manual_reject(p->station->instrument, e);

	if (failed)
		return -1;
	person_record_second(p, a);
	snprintf(end, sizeof end, "%s has %s its answer", a->keyed.by, confirms ? "confirmed" : "rejected");
	person_tell(&p->told, "closed", p->id, end);
	return 0;
}

/* As much of what is wrong as a sentence holds. */
static int not_a_sheet(const struct problems *ps, struct err *e)
{
	struct buf text = { 0 };

	problems_text(ps, &text);
	err_set(e, ERR_CONFIG, "nothing of the file is taken:\n%.*s", (int)(sizeof e->text - 60), text.data);
	buf_release(&text);
	return -1;
}

static int take_file(struct person *p, const struct port_answer *a, struct err *e)
{
	const char *text = (const char *)(a + 1), *name = a->keyed.raw;
	struct problems ps = { 0 };
	struct source source;
	struct sheet sheet;
	int failed = 0;

	if (sheet_parse(&sheet, name, text, a->more, p->station->instrument->model, p->station->setup->procedure,
			a->keyed.by, a->keyed.utc_ns, &ps) < 0)
		failed = not_a_sheet(&ps, e);
	problems_release(&ps);
	if (failed || source_text(&source, name, text, a->more, e) < 0)
		return -1;
	person_record_file(p, a, &source);
	sheet_release(&p->sheet);
	p->sheet = sheet;
	memcpy(p->sheet_sha256, source.sha256, sizeof p->sheet_sha256);
	source_release(&source);
	return 0;
}

/* Readings that count are in files; the person is asked for everything else, and for what the file has not. */
static struct sheet_row *row_for(struct person *p)
{
	const struct question *q = &manual(p)->question;
	const struct port_request *r = &p->errand;

	if (!manual(p)->open || manual(p)->held || q->about != ABOUT_READING || r->what != PORT_MEASURE || r->settle)
		return NULL;
	return sheet_next(&p->sheet, q->point, r->point, r->attempt);
}

bool person_serve(struct person *p)
{
	struct sheet_row *row = row_for(p);
	struct scribe *to;
	struct err e;

	if (!row)
		return false;
	row->used = p->errand.attempt;
	buf_clear(&p->told);
	if (give(p, &row->keyed, &e) < 0)
		return false;
	to = person_scribe(p);
	buf_add(&to->keys, p->told.data, p->told.len);
	scribe_tell(to, JOURNAL_ORDINARY, p->station->number, 0, NULL);
	if (!manual(p)->open)
		p->id[0] = '\0';
	return !manual(p)->open;
}

static int carry_out(struct person *p, const struct port_answer *a, struct err *e)
{
	switch (a->what) {
	case ANSWER_GIVE:
		return give(p, &a->keyed, e);
	case ANSWER_FILE:
		return take_file(p, a, e);
	case ANSWER_CONFIRM:
	case ANSWER_REJECT:
		break;
	}
	return second(p, a, e);
}

int person_answer(struct person *p, const struct port_answer *a, struct err *e)
{
	buf_clear(&p->told);
	if (!p->id[0] || strcmp(p->id, a->question))
		return err_set(e, ERR_STATE, "%s is no longer asked", a->question);
	if (carry_out(p, a, e) < 0)
		return -1;
	if (!manual(p)->open)
		p->id[0] = '\0';
	return 0;
}

void person_receipt(struct person *p, const struct port_answer *a, const struct err *failed)
{
	struct scribe *to;

	if (!p->station->n)
		return;
	to = &p->station->services[0].client->scribe;
	if (failed)
		person_tell(&to->keys, "failed", a->question, NULL);
	else
		buf_add(&to->keys, p->told.data, p->told.len);
	scribe_tell(to, JOURNAL_ORDINARY, p->station->number, a->ticket, failed);
}
