/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "summary.h"

#include <inttypes.h>
#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "digits.h"
#include "etalon/budget.h"
#include "etalon.h"
#include "grid.h"

/* Collecting. */

static int add_result(struct summary *p, const struct record *r, struct err *e)
{
	struct result result;
	struct span json;
	int got = result_get(&result, r, e);

	if (got <= 0)
		return got;
	if (result_get_budget(r, &json))
		result.budget = mem_stringn(json.p, json.n);
	if (result_get_covariance(r, &json))
		result.covariance = mem_stringn(json.p, json.n);
	if (result_get_monte_carlo(r, &json))
		result.monte_carlo = mem_stringn(json.p, json.n);
	result.model = json_member_text(r->header, "model");
	p->results = mem_grow(p->results, p->n, sizeof *p->results);
	p->results[p->n++] = result;
	return 0;
}

static void add_event(struct summary *p, const struct record *r)
{
	struct span event, text;
	struct buf sentence = { 0 };

	if (!record_get(r, "event", &event) || !json_equals(event, "alarm"))
		return;
	if (!record_get(r, "text", &text) || json_get_string(text, &sentence) < 0 || !sentence.len)
		buf_puts(&sentence, "an alarm without a text");
	p->alarms = mem_grow(p->alarms, p->n_alarms, sizeof *p->alarms);
	p->alarms[p->n_alarms++] = sentence.data;
}

int summary_add(struct summary *p, const struct record *r, struct err *e)
{
	if (p->records++ == 0) {
		memcpy(p->run, r->run, sizeof p->run);
		p->begun_ns = r->utc_ns;
	}
	p->ended_ns = r->utc_ns;
	p->readings += r->kind == RECORD_READING;
	if (r->kind == RECORD_START && !p->start)
		p->start = mem_stringn(r->header.p, r->header.n);
	else if (r->kind == RECORD_STOP && !p->stop)
		p->stop = mem_stringn(r->header.p, r->header.n);
	else if (r->kind == RECORD_EVENT)
		add_event(p, r);
	else if (r->kind == RECORD_RESULT)
		return add_result(p, r, e);
	return 0;
}

void summary_release(struct summary *p)
{
	for (size_t i = 0; i < p->n_alarms; i++)
		free(p->alarms[i]);
	for (size_t i = 0; i < p->n; i++) {
		free((char *)p->results[i].model);
		free((char *)p->results[i].budget);
		free((char *)p->results[i].covariance);
		free((char *)p->results[i].monte_carlo);
	}
	free(p->alarms);
	free(p->results);
	free(p->start);
	free(p->stop);
	*p = (struct summary){ 0 };
}

/* Printing. */

/* A text member of a header kept by the report; "" where there is none.  The caller frees it. */
static char *member_text(const char *header, const char *key)
{
	char *text = header ? json_member_text((struct span){ header, strlen(header) }, key) : NULL;

	return text ? text : mem_string("");
}

static bool member_true(const char *header, const char *key)
{
	struct span value, object = { header, header ? strlen(header) : 0 };
	bool yes = false;

	return header && json_member(object, key, &value) == 1 && json_get_bool(value, &yes) == 0 &&
	       yes;
}

char *summary_point_name(const struct summary *p, int64_t point)
{
	struct span list, key, value, name, start = { p->start, p->start ? strlen(p->start) : 0 };
	struct buf text = { 0 };
	size_t at = 0;
	int64_t i = 0;

	if (p->start && json_member(start, "points", &list) == 1)
		while (json_next(list, &at, &key, &value) == 1)
			if (i++ == point && json_member(value, "name", &name) == 1)
				json_get_string(name, &text);
	if (!text.len)
		buf_printf(&text, "%" PRId64, point + 1);
	return text.data;
}

static const struct result *mean_of(const struct summary *p, const char *channel, int64_t point)
{
	static const struct result none = { .value = NAN, .deviation = NAN, .deviation_of_mean = NAN };

	for (size_t i = 0; i < p->n; i++)
		if (p->results[i].kind == RESULT_MEAN && p->results[i].point == point &&
		    !strcmp(p->results[i].channel, channel))
			return &p->results[i];
	return &none;
}

void summary_point(const struct summary *p, struct grid *g, const struct result *r)
{
	char *name = summary_point_name(p, r->point);

	if (r->attempt > 1)
		grid_cell(g, "%s (attempt %" PRId64 ")", name, r->attempt);
	else
		grid_cell(g, "%s", name);
	free(name);
}

static void put_error(const struct summary *p, struct grid *g, const struct result *r)
{
	const struct result *meter = mean_of(p, r->channel, r->point);
	const struct result *reference = mean_of(p, r->reference, r->point);
	char text[DIGITS_TEXT];

	summary_point(p, g, r);
	grid_cell(g, "%s", digits_short(r->nominal, text));
	grid_cell(g, "%" PRId64, r->n);
	grid_cell(g, "%s", digits_value(reference->value, reference->deviation_of_mean, text));
	grid_cell(g, "%s", digits_spread(reference->deviation, text));
	grid_cell(g, "%s", digits_value(meter->value, meter->deviation_of_mean, text));
	grid_cell(g, "%s", digits_spread(meter->deviation, text));
	grid_cell(g, "%s", digits_value(r->value, r->uncertainty, text));
	grid_cell(g, "%s", digits_spread(r->uncertainty, text));
	grid_cell(g, "%s", digits_freedom(r->degrees_of_freedom, text));
}

static void print_errors(const struct summary *p, const struct result *first, FILE *out)
{
	static const char *const heading[] = { "point", "nominal", "n", "reference", "s", "indication", "s",
					       "error", "u_A", "dof", NULL };
	struct grid *g = grid_new("ldrddddddd");
	bool means = false;

	fprintf(out, "%s: error of %s against %s, in %s\n", first->name, first->channel,
		first->reference, first->unit);
	grid_heading(g, heading);
	for (const struct result *r = first; r < p->results + p->n; r++) {
		if (r->kind != RESULT_ERROR_OF_INDICATION || strcmp(r->name, first->name))
			continue;
		means |= r->method == METHOD_DIFFERENCE_OF_MEANS;
		put_error(p, g, r);
	}
	grid_print(g, "  ", out);
	grid_free(&g);
	fprintf(out,
		"  s: of a reading; u_A: type A standard uncertainty of the error, from %s\n\n",
		means ? "differences of means where readings had no simultaneous partner"
		      : "paired differences");
}

static bool in_an_error(const struct summary *p, const char *channel)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->results[i].kind == RESULT_ERROR_OF_INDICATION &&
		    (!strcmp(p->results[i].channel, channel) ||
		     !strcmp(p->results[i].reference, channel)))
			return true;
	return false;
}

static void print_means(const struct summary *p, FILE *out)
{
	static const char *const heading[] = { "point", "channel", "n", "mean", "s", "s of mean", "unit", NULL };
	struct grid *g = grid_new("llrdddl");
	char text[DIGITS_TEXT];
	size_t rows = 0;

	grid_heading(g, heading);
	for (size_t i = 0; i < p->n; i++) {
		const struct result *r = &p->results[i];

		if (r->kind != RESULT_MEAN || in_an_error(p, r->channel))
			continue;
		rows++;
		summary_point(p, g, r);
		grid_cell(g, "%s", r->channel);
		grid_cell(g, "%" PRId64, r->n);
		grid_cell(g, "%s", digits_value(r->value, r->deviation_of_mean, text));
		grid_cell(g, "%s", digits_spread(r->deviation, text));
		grid_cell(g, "%s", digits_spread(r->deviation_of_mean, text));
		grid_cell(g, "%s", r->unit);
	}
	if (rows) {
		grid_print(g, "  ", out);
		fputc('\n', out);
	}
	grid_free(&g);
}

bool summary_first_of_its_name(const struct summary *p, const struct result *r)
{
	for (const struct result *before = p->results; before < r; before++)
		if (before->kind == r->kind && !strcmp(before->name, r->name))
			return false;
	return true;
}

void summary_results(const struct summary *p, FILE *out)
{
	for (size_t i = 0; i < p->n; i++)
		if (p->results[i].kind == RESULT_ERROR_OF_INDICATION &&
		    summary_first_of_its_name(p, &p->results[i]))
			print_errors(p, &p->results[i], out);
	budget_results(p, out);
	print_means(p, out);
	if (!p->n)
		fputs("no results\n\n", out);
}

static void print_line(const char *header, const char *key, const char *label, FILE *out)
{
	char *text = member_text(header, key);

	if (*text)
		fprintf(out, "%-10s %s\n", label, text);
	free(text);
}

static void print_override(const char *start, FILE *out)
{
	struct span object = { start, start ? strlen(start) : 0 }, member;
	bool there = start && json_member(object, "override", &member) == 1;
	char *override = there ? mem_stringn(member.p, member.n) : NULL;
	char *by = member_text(override, "by"), *why = member_text(override, "why");

	if (*by)
		fprintf(out, "%-10s by %s: %s\n", "OVERRIDE", by, why);
	free(override);
	free(by);
	free(why);
}

void summary_print(const struct summary *p, FILE *out)
{
	char from[UTC_TEXT], to[UTC_TEXT];

	fprintf(out, "%-10s %s%s\n", "run", p->run,
		member_true(p->start, "simulated") ? " (simulated)" : "");
	print_line(p->stop, "status", "status", out);
	print_line(p->stop, "reason", "reason", out);
	if (!p->stop)
		fprintf(out, "%-10s not ended\n", "status");
	print_line(p->start, "laboratory_name", "laboratory", out);
	print_line(p->start, "operator", "operator", out);
	print_line(p->start, "procedure", "procedure", out);
	print_line(p->start, "bench", "bench", out);
	print_override(p->start, out);
	fprintf(out, "%-10s %.19sZ to %.19sZ\n", "time", utc_format(p->begun_ns, from),
		utc_format(p->ended_ns, to));
	fprintf(out, "%-10s %" PRIu64 " records, %" PRIu64 " readings\n\n", "holds", p->records,
		p->readings);
	summary_results(p, out);
	for (size_t i = 0; i < p->n_alarms; i++)
		fprintf(out, "ALARM      %s\n", p->alarms[i]);
}

static void put_header(struct buf *out, const char *key, const char *header)
{
	json_key(out, key);
	buf_puts(out, header ? header : "null");
}

void summary_json(const struct summary *p, struct buf *out)
{
	buf_putc(out, '{');
	json_put_text(out, "run", p->run);
	json_put_int(out, "records", (int64_t)p->records);
	json_put_int(out, "readings", (int64_t)p->readings);
	put_header(out, "start", p->start);
	json_key(out, "results");
	buf_putc(out, '[');
	for (size_t i = 0; i < p->n; i++) {
		buf_puts(out, i ? ",{" : "{");
		json_put_text(out, "channel", p->results[i].channel);
		result_put(out, &p->results[i]);
		buf_putc(out, '}');
	}
	buf_putc(out, ']');
	json_key(out, "alarms");
	buf_putc(out, '[');
	for (size_t i = 0; i < p->n_alarms; i++) {
		buf_puts(out, i ? "," : "");
		json_text(out, p->alarms[i]);
	}
	buf_putc(out, ']');
	put_header(out, "stop", p->stop);
	buf_putc(out, '}');
}
