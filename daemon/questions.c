/* SPDX-License-Identifier: GPL-3.0-or-later
 * questions.c - commands about questions to people.  What is said to one goes to its port, and the
 * answer to the command comes when what was said is on disk, or is not to be. */
#include <string.h>

#include "control_own.h"

int question_list(struct house *h, const json_t *args, struct reply *r, struct err *e)
{
	const char *run = string_arg(args, "run", "");

	if (run[0] && !runs_find(h, run) && !lab_find(h->lab, run))
		return no_run(run, e);
	r->result = json_pack("{s:o}", "questions", desk_view(&h->desk, run));
	return 0;
}

static int take_person(struct port_answer *a, const json_t *args, struct err *e)
{
	if (copy_arg(a->keyed.by, sizeof a->keyed.by, args, "by", e) < 0 ||
	    copy_arg(a->keyed.reason, sizeof a->keyed.reason, args, "reason", e) < 0)
		return -1;
	return a->keyed.by[0] ? 0 : err_set(e, ERR_CONFIG, "by: who says so?");
}

/* NULL: not asked. */
static const struct desk_question *find(struct house *h, const char *run, const char *id, struct err *e)
{
	const struct active *a = runs_find(h, run);
	const struct desk_question *q = desk_find(&h->desk, run, id);

	if (!a && !lab_find(h->lab, run))
		no_run(run, e);
	else if (!a || !a->run)
		err_set(e, ERR_STATE, "%s has ended", run);
	else if (!q)
		err_set(e, ERR_STATE, "%s has no question %s; `etalon answer` shows those there are", run, id);
	else if (!q->view)
		err_set(e, ERR_STATE, "%s is no longer asked: %s", id, q->end);
	else
		return q;
	return NULL;
}

/* People say whole seconds.  What was read before the question had not been set, or not been waited for. */
static int check_read(const struct desk_question *q, int64_t read_ns, struct err *e)
{
	int64_t asked = json_integer_value(json_object_get(q->view, "asked_ns"));
	char read_at[UTC_TEXT], asked_at[UTC_TEXT];

	if (!read_ns || read_ns >= asked - asked % NS_PER_S)
		return 0;
	return err_set(e, ERR_CONFIG, "%.19sZ is before %s was asked, which was at %.19sZ: read it again now",
		       utc_format(read_ns, read_at), q->id, utc_format(asked, asked_at));
}

static int pass_on(struct house *h, const json_t *args, struct port_answer *a, struct reply *r, struct err *e)
{
	const char *run = string_arg(args, "run", "");
	const struct desk_question *q = find(h, run, string_arg(args, "question", ""), e);

	if (!q || check_read(q, a->keyed.read_ns, e) < 0)
		return -1;
	a->request = (struct port_request){ .what = PORT_ANSWER, .station = q->station };
	a->ticket = ++h->desk.tickets;
	memcpy(a->question, q->id, sizeof a->question);
	a->keyed.utc_ns = utc_now();
	ports_answer(h->ports, q->port, a, string_arg(args, "text", ""));
	r->ticket = a->ticket;
	r->run = (uint32_t)(runs_find(h, run) - h->runs) + 1;
	return 0;
}

int question_answer(struct house *h, const json_t *args, struct reply *r, struct err *e)
{
	struct port_answer a = { .what = ANSWER_GIVE };

	a.keyed.read_ns = int_arg(args, "read_ns", 0);
	if (a.keyed.read_ns < 0 || a.keyed.read_ns > utc_now())
		return err_set(e, ERR_CONFIG, "it was read (read_ns) at some time up to now");
	if (copy_arg(a.keyed.raw, sizeof a.keyed.raw, args, "value", e) < 0 || take_person(&a, args, e) < 0)
		return -1;
	if (!a.keyed.raw[0])
		return err_set(e, ERR_CONFIG, "value: nothing was keyed");
	return pass_on(h, args, &a, r, e);
}

static int second(struct house *h, const json_t *args, enum answer_what what, struct reply *r, struct err *e)
{
	struct port_answer a = { .what = what };

	return take_person(&a, args, e) < 0 ? -1 : pass_on(h, args, &a, r, e);
}

int question_confirm(struct house *h, const json_t *args, struct reply *r, struct err *e)
{
	return second(h, args, ANSWER_CONFIRM, r, e);
}

int question_reject(struct house *h, const json_t *args, struct reply *r, struct err *e)
{
	return second(h, args, ANSWER_REJECT, r, e);
}

int question_file(struct house *h, const json_t *args, struct reply *r, struct err *e)
{
	struct port_answer a = { .what = ANSWER_FILE, .more = (uint32_t)strlen(string_arg(args, "text", "")) };

	if (copy_arg(a.keyed.raw, sizeof a.keyed.raw, args, "name", e) < 0 || take_person(&a, args, e) < 0)
		return -1;
	if (!a.keyed.raw[0] || strchr(a.keyed.raw, '/'))
		return err_set(e, ERR_CONFIG, "name: that of a file, without its folder");
	return pass_on(h, args, &a, r, e);
}
