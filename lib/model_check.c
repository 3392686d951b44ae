/* SPDX-License-Identifier: GPL-3.0-or-later
 * model_check.c - what no single key of a model file shows: keys that need each other, units,
 * ranges, and that everything which can be set can be made safe. */
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "model_parts.h"

static const char *const manner_names[] = { "scpi", "text", "modbus", "manual" };

#define SAID (1u << MANNER_SCPI | 1u << MANNER_TEXT)
#define READ (1u << MANNER_MODBUS)
#define WIRE (SAID | READ)
#define HAND (1u << MANNER_MANUAL)

/* Keys that only some drivers know, and keys that mean nothing without another; a key of several
 * drivers has a rule for each. */
struct rule {
	const char *key;
	unsigned manners;                /* bits of enum manner; 0: all */
	const char *needs;               /* another key, or one of several: "ask|heard"; NULL: none */
};

static const struct rule model_rules[] = {
	{ "reply_pause", SAID, NULL },
	{ "reply_end", SAID, NULL },  { "command_end", SAID, NULL }, { "errors", SAID, NULL },
	{ "modbus", READ, NULL },     { "answered", SAID, NULL },    { "identity", WIRE, NULL },
	{ "init", WIRE, NULL },       { "state", WIRE, NULL },       { "safe", WIRE, NULL },
	{ "safe_check", WIRE, NULL }, { "timeout", WIRE, NULL },     { "latency", WIRE, NULL },
	{ "pause", WIRE, NULL },      { "sentinels", WIRE, NULL },   { "line", WIRE, NULL },
	{ "manual", HAND, NULL },     { "frame", SAID, NULL },
	{ "acknowledge", SAID, NULL }, { "status_ask", SAID, NULL },
	{ "commands", SAID, NULL },   { "power_on", WIRE, NULL },    { "after_power_on", WIRE, "power_on" },
	{ "self_calibration", SAID, NULL },                          { "requires", SAID, NULL },
	{ "talk_on", SAID, NULL },    { "talk_off", SAID, NULL },    { NULL, 0, NULL },
};

static const struct rule identity_rules[] = {
	{ "ask", SAID, "expect" },       { "expect", SAID, "ask|heard" },  { "serial", SAID, "expect" },
	{ "reply_lines", SAID, "ask" },
	{ "serial_ask", SAID, "serial_reply" },     { "serial_reply", SAID, "serial_ask" },
	{ "firmware_ask", SAID, "firmware_reply" }, { "firmware_reply", SAID, "firmware_ask" },
	{ "expect", READ, "registers" },            { "heard", SAID, "expect" },
	{ "firmware", SAID, "expect" },  { "registers", READ, NULL },
	{ "value", READ, "registers" },  { "serial_registers", READ, NULL },
	{ "firmware_registers", READ, NULL }, { NULL, 0, NULL },
};

static const struct rule point_rules[] = {
	{ "ask", SAID, NULL },           { "reply", SAID, "ask" },   { "field", SAID, "ask|heard" },
	{ "unstable", SAID, "ask|heard" },     { "suffix", SAID, "ask|heard" },  { "set", SAID, NULL },
	{ "readback", SAID, "set" },     { "done", SAID, "set" },    { "registers", READ, NULL },
	{ "readback", READ, "target" },  { "done", READ, "target" },
	{ "readback_reply", SAID, "readback" },                      { "ranges", SAID, NULL },
	{ "readback_field", SAID, "readback" },
	{ "columns", SAID, "ask|heard" },      { "unit_columns", SAID, "ask|heard" },
	{ "units", SAID, "ask|heard" },        { "status_marks", SAID, "ask|heard" },
	{ "heard", SAID, NULL },         { "every", SAID, "heard" }, { "newest", SAID, "heard" },
	{ "heard_delay", SAID, "heard" },
	{ "target", READ, NULL },        { "aperture_delay", WIRE, "aperture" },
	{ "function", READ, "target" },  { "trigger", READ, "registers" },
	{ "ready", READ, "registers" },  { "status", READ, "registers" },
	{ "timeout", WIRE, NULL },       { "aperture", WIRE, NULL }, { "manual", HAND, NULL },
	{ "block", SAID, "ask" },        { "reply_lines", SAID, "ask" },  { "reply_line", SAID, "ask" },
	{ "trigger", SAID, "ask" },      { "ready", SAID, "ask" },   { "arm", SAID, "trigger" },
	{ NULL, 0, NULL },
};

static bool knows(const struct rule *rules, const char *key, int manner)
{
	for (const struct rule *r = rules; r->key; r++)
		if (!strcmp(r->key, key) && (!r->manners || r->manners & 1u << manner))
			return true;
	return false;
}

/* One key, or several with | between of which one does. */
static bool has_one_of(const struct yaml *node, const char *keys)
{
	size_t n = strcspn(keys, "|");
	char *key = mem_stringn(keys, n);
	bool has = yaml_find(node, key) != NULL;

	free(key);
	return has || (keys[n] && has_one_of(node, keys + n + 1));
}

static void means_nothing(struct schema_context *c, const struct yaml *node, const struct rule *r)
{
	const char *or = strchr(r->needs, '|');

	if (or)
		schema_problem_key(c, node, r->key, "'%s' means nothing without '%.*s' or '%s'", r->key,
				   (int)(or - r->needs), r->needs, or + 1);
	else
		schema_problem_key(c, node, r->key, "'%s' means nothing without '%s'", r->key, r->needs);
}

static void check_rules(struct schema_context *c, const struct yaml *node, const struct rule *rules,
			const char *what)
{
	const struct model_loading *l = c->user;
	int manner = l->model->manner;

	for (const struct rule *r = rules; r->key; r++) {
		if (!yaml_find(node, r->key))
			continue;
		if (!knows(rules, r->key, manner))
			schema_problem_key(c, node, r->key, "%s of a model with driver %s has no '%s'",
					   what,
					   manner_names[manner], r->key);
		else if ((!r->manners || r->manners & 1u << manner) && r->needs && !has_one_of(node, r->needs))
			means_nothing(c, node, r);
	}
}

static void check_group(struct schema_context *c, const struct yaml *node, const char *key,
			int64_t group, const struct pattern *p)
{
	if (p->text && group > (int64_t)p->compiled.re_nsub)
		schema_problem_key(c, node, key, "'%s' names group %d; '%s' has %zu", key, (int)group,
				   p->text, p->compiled.re_nsub);
}

/* A question of its own, beside the one that proves the model. */
static void check_asked_apart(struct schema_context *c, const struct yaml *node, const char *key, int64_t group,
			      const struct pattern *reply)
{
	if (!reply->text)
		return;
	if (reply->compiled.re_nsub < 1)
		schema_problem_key(c, node, key, "what is asked for is the first group of '%s': it has no ( )",
				   reply->text);
	if (group)
		schema_problem_key(c, node, key, "the first answer holds it already, in group %d", (int)group);
}

/* A number in registers has the `value` it must have, a text is one to `expect`. */
static void check_identity_registers(struct schema_context *c, const struct yaml *node, const struct model *m)
{
	bool text = m->identity.registers.type == TYPE_TEXT;
	const char *wants = text ? "expect" : "value", *has_not = text ? "value" : "expect";

	if (m->identity.has_registers) {
		model_check_readable(c, node, "registers", &m->identity.registers);
		if (!yaml_find(node, wants))
			schema_problem_key(c, node, "registers", "'registers' means nothing without '%s'", wants);
	}
	if (yaml_find(node, has_not))
		schema_problem_key(c, node, has_not, "'%s' is for registers that hold a %s", has_not,
				   text ? "number" : "text");
	if (m->modbus.has_serial)
		model_check_readable(c, node, "serial_registers", &m->modbus.serial);
	if (m->modbus.has_firmware)
		model_check_readable(c, node, "firmware_registers", &m->modbus.firmware);
}

void model_check_identity(struct schema_context *c, const struct yaml *node, void *model)
{
	const struct model *m = model;

	check_rules(c, node, identity_rules, "identity");
	if (!m->identity.ask && (m->identity.serial_ask || m->identity.firmware_ask))
		schema_problem(c, node, "what model it is has to be asked as well: 'ask' and 'expect' are missing");
	check_asked_apart(c, node, "serial_reply", m->identity.serial, &m->identity.serial_reply);
	check_asked_apart(c, node, "firmware_reply", m->identity.firmware, &m->identity.firmware_reply);
	if (m->manner == MANNER_MODBUS)
		check_identity_registers(c, node, m);
	check_group(c, node, "serial", m->identity.serial, &m->identity.expect);
	check_group(c, node, "firmware", m->identity.firmware, &m->identity.expect);
}

/* The vocabulary is asked for QUANTITY alone. */
static bool know(struct schema_context *c, struct point *p, const char *name)
{
	const struct model_loading *l = c->user;
	const char *near;

	p->known = quantity_find(l->quantities, name);
	if (p->known)
		return true;
	near = quantity_nearest(l->quantities, name);
	schema_problem_at(c, p->place, near ? "unknown quantity '%s'; did you mean '%s'?" :
			  "unknown quantity '%s'; it would have to stand in quantities.yaml", name, near);
	return false;
}

#define INPUT "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_-"

static bool find_quantity(struct schema_context *c, const struct yaml *node, struct point *p)
{
	const char *at = strchr(p->quantity, '@');
	char *name = mem_stringn(p->quantity, at ? (size_t)(at - p->quantity) : strlen(p->quantity));
	bool found = know(c, p, name);
	struct err e;

	free(name);
	if (!found)
		return false;
	p->input = at ? at + 1 : NULL;
	if (at && (!at[1] || strlen(at + 1) > INPUT_MOST || strspn(at + 1, INPUT) != strlen(at + 1))) {
		schema_problem_at(c, p->place, "behind the @ of a name stands an input: 1 to %d of letters, digits, "
				  "'_' and '-'", INPUT_MOST);
		return false;
	}
	if (!p->unit)
		p->unit = mem_string(p->known->unit);
	if (unit_convert(&p->to_quantity, p->unit, p->known->unit, &e)) {
		schema_problem_key(c, node, "unit", "%s: %s", p->quantity, e.text);
		return false;
	}
	return true;
}

typedef int convert(const struct value *v, const char *unit, double *out, struct err *e);

/* A value of the point in the point's unit, if the file states it. */
static void state(struct schema_context *c, const struct point *p, const char *key,
		  const struct value *v, convert *in, double *out)
{
	struct err e;

	if (v->unit && in(v, p->unit, out, &e))
		schema_problem_at(c, (struct place){ v->line, v->column }, "%s: %s", key, e.text);
}

static void check_values(struct schema_context *c, const struct yaml *node, struct point *p)
{
	size_t before = c->problems->total;

	p->set_low = -INFINITY;
	p->set_high = INFINITY;
	state(c, p, "low", &p->low, value_in, &p->set_low);
	state(c, p, "high", &p->high, value_in, &p->set_high);
	state(c, p, "tolerance", &p->tolerance, difference_in, &p->set_tolerance);
	state(c, p, "safe", &p->safe, value_in, &p->safe_value);
	if (c->problems->total == before)
		model_check_ranges(c, node, p);
	if (c->problems->total != before)
		return;
	if (p->set_low >= p->set_high)
		schema_problem_key(c, node, "low", "low is not below high");
	if (p->set_tolerance < 0)
		schema_problem_key(c, node, "tolerance", "a tolerance is not negative");
	if (p->safe.unit && (p->safe_value < p->set_low || p->safe_value > p->set_high))
		schema_problem_key(c, node, "safe", "the safe value is outside low to high");
}

/* A command into which a value is put. */
static void check_template(struct schema_context *c, const struct yaml *node, const char *text)
{
	const char *first = text ? strstr(text, "{}") : NULL;

	if (text && (!first || strstr(first + 2, "{}")))
		schema_problem_key(c, node, "set", "a set command holds {} once, where the value goes; "
				   "'%s' does not", text);
}

void model_check_answer(struct schema_context *c, const struct yaml *node, void *answer)
{
	const struct answer *a = answer;

	check_template(c, node, a->set);
	if (a->start && ((!a->set && !a->on) || !a->say || !strstr(a->say, "{}")))
		schema_problem_key(c, node, "start", "'start' is what {} in 'say' begins with, and 'set' changes");
	if (a->output && !a->set && !a->on)
		schema_problem_key(c, node, "output", "'output' means nothing without 'set' or 'on'");
	if (a->on && !a->output)
		schema_problem_key(c, node, "on", "'on' means nothing without 'output'");
}

static void check_set(struct schema_context *c, const struct yaml *node, const struct point *p)
{
	bool compared = p->readback || (p->has_target && !p->modbus.readback.none);

	check_template(c, node, p->set);
	model_check_point_registers(c, node, p);
	if (compared && !p->tolerance.unit)
		schema_problem_at(c, p->place, "what is read back after a set needs a 'tolerance'");
	if (!compared && !p->manual.set.n && p->tolerance.unit)
		schema_problem_key(c, node, "tolerance",
				   "a tolerance means nothing where nothing is read back");
	if (p->safe.unit && !point_sets(p))
		schema_problem_key(c, node, "safe",
				   "a safe value means nothing for a point that cannot be set");
}

static void check_question(struct schema_context *c, const struct yaml *node, const struct point *p)
{
	model_check_block(c, node, p);
	if (point_listed(p) && !strchr(p->quantity, '@'))
		schema_problem_key(c, node, "ask", "{inputs} needs a point with an input: %s@INPUT", p->quantity);
	if (point_listed(p) && (p->field || p->reply.text))
		schema_problem_key(c, node, p->field ? "field" : "reply",
				   "where the question lists {inputs}, each has the field of its place in the list");
	if (p->readback_reply.text && p->readback_reply.compiled.re_nsub < 1)
		schema_problem_key(c, node, "readback_reply",
				   "the number is the first group of 'readback_reply': it has no ( )");
	if (p->readback_reply.text && p->readback_field)
		schema_problem_key(c, node, "readback_field",
				   "the number is found by 'readback_reply' or by 'readback_field', not by both");
}

void model_check_point(struct schema_context *c, const struct yaml *node, void *point)
{
	struct point *p = point;

	check_rules(c, node, point_rules, "a point");
	check_set(c, node, p);
	if (!point_measures(p) && !point_sets(p))
		schema_problem_at(c, p->place,
				  "%s can neither be measured (ask, heard, registers, manual: read) nor set "
				  "(set, target, manual: set)",
				  p->quantity);
	if (p->reply.text && p->reply.compiled.re_nsub < 1 && !p->columns.from)
		schema_problem_key(c, node, "reply",
				   "the number is the first group of 'reply': it has no ( )");
	if (p->reply.text && p->field)
		schema_problem_key(c, node, "field",
				   "the number is found by 'reply' or by 'field', not by both");
	check_question(c, node, p);
	if (strlen(p->quantity) > QUANTITY_MOST)
		schema_problem_at(c, p->place, "the name of a quantity, with its input, has at most %d characters",
				  QUANTITY_MOST);
	if (!find_quantity(c, node, p))
		return;
	check_values(c, node, p);
	model_check_manual(c, node, p);
	model_check_text_point(c, node, p);
}

static void check_safety(struct schema_context *c, const struct model *m)
{
	const struct point *p = m->points.items;

	for (size_t i = 0; i < m->points.n; i++)
		if (point_sets(&p[i]) && !p[i].safe.unit && !m->safe.n && !m->modbus.safe.n &&
		    !m->manual.safe.n)
			schema_problem_at(c, p[i].place,
					  "%s can be set, so it needs a 'safe' value, or the model "
					  "'safe' commands (manual: safe)", p[i].quantity);
}

static void check_sentinels(struct schema_context *c, const struct yaml *node, const struct model *m)
{
	const struct sentinel *s = m->sentinels.items;

	for (size_t i = 0; i < m->sentinels.n; i++)
		for (size_t k = 0; k < i; k++)
			if (s[i].value == s[k].value)
				schema_problem_key(c, node, "sentinels",
						   "sentinel %.12g stands there twice",
						   s[i].value);
}

static void check_command_name(struct schema_context *c, const struct yaml *node, const struct model *m,
			       const char *key, const char *name)
{
	const struct model_command *k = model_command_find(&m->commands, name);

	if (!k)
		schema_problem_key(c, node, key, "%s: there is no command '%s' under 'commands'", key, name);
	else if (k->arguments.n)
		schema_problem_key(c, node, key, "%s: the command '%s' has arguments, which nobody would give it", key,
				   name);
}

static void check_commands(struct schema_context *c, const struct yaml *node, const struct model *m)
{
	const struct model_command *k;

	for (size_t i = 0; i < m->after_power_on.commands.n; i++)
		check_command_name(c, node, m, "after_power_on", m->after_power_on.commands.list[i]);
	if (m->simulate.warm && !m->power_on.ask && !m->modbus.has_power_on)
		schema_problem_key(c, yaml_find(node, "simulate"), "warm", "'warm' means nothing without 'power_on': nothing "
				   "shows whether it is");
	if (!m->self_calibration.command)
		return;
	check_command_name(c, node, m, "self_calibration", m->self_calibration.command);
	k = model_command_find(&m->commands, m->self_calibration.command);
	if (k && k->effect != EFFECT_SELF_CALIBRATION)
		schema_problem_at(c, k->place, "'%s' does the self-calibration: it needs effect: self_calibration", k->name);
}

void model_check(struct schema_context *c, const struct yaml *node, void *model)
{
	const struct model_loading *l = c->user;
	const struct model *m = model;

	check_rules(c, node, model_rules, "the file");
	if (l->file)
		model_check_file(c, node, m);
	model_check_text(c, node, model);
	check_safety(c, m);
	check_commands(c, node, m);
	check_sentinels(c, node, m);
	model_check_watched(c, m);
	model_check_registers_power(c, node, m);
	if (!m->points.n)
		schema_problem_key(c, node, "points", "a model has at least one point");
}
