/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "question.h"

#include <inttypes.h>
#include <stdlib.h>
#include <string.h>

#include "instant.h"
#include "number.h"

json_t *question_list(struct client *c, const char *run, struct err *e)
{
	json_t *args = run ? json_pack("{s:s}", "run", run) : json_object();
	json_t *answer = client_ask(c, "question.list", args, CLIENT_PATIENCE_MS, e);
	json_t *list = answer ? json_incref(json_object_get(answer, "questions")) : NULL;

	if (answer && !json_is_array(list))
		err_set(e, ERR_PROTOCOL, "etalond answered without a list of questions");
	json_decref(answer);
	return json_is_array(list) ? list : NULL;
}

const char *question_text(const json_t *q, const char *key)
{
	const char *s = json_string_value(json_object_get(q, key));

	return s ? s : "";
}

static bool is_about(const json_t *q, const char *of)
{
	return !of || !strcmp(of, question_text(q, "role")) || !strcmp(of, question_text(q, "asked_channel")) ||
		!strcmp(of, question_text(q, "question"));
}

bool question_named(const json_t *list, const char *word)
{
	const json_t *q;
	size_t i;

	json_array_foreach(list, i, q)
		if (is_about(q, word))
			return true;
	return false;
}

const json_t *question_pick(const json_t *list, const char *of, struct err *e)
{
	const json_t *found = NULL;
	const json_t *q;
	size_t i, n = 0;

	json_array_foreach(list, i, q) {
		if (!is_about(q, of))
			continue;
		found = q;
		n++;
	}
	if (n == 1)
		return found;
	if (n)
		err_set(e, ERR_STATE, "%zu questions are open: name the role, such as %s", n, question_text(found, "role"));
	else
		err_set(e, ERR_STATE, of ? "nothing is asked of %s" : "nothing is asked", of);
	return NULL;
}

/* LC_MESSAGES as POSIX finds it, of which the first two letters are the language. */
static const char *language(void)
{
	static const char *const names[] = { "LC_ALL", "LC_MESSAGES", "LANG" };

	for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
		const char *value = getenv(names[i]);

		if (value && *value)
			return value;
	}
	return "en";
}

const char *question_words(const json_t *q, const char *key)
{
	const json_t *texts = json_object_get(q, key), *first;
	char own[3] = { 0 };
	const char *const wanted[] = { own, "und", "en" };

	memcpy(own, language(), 2);
	for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++)
		if (*question_text(texts, wanted[i]))
			return question_text(texts, wanted[i]);
	first = json_object_iter_value(json_object_iter((json_t *)texts));
	return json_is_string(first) ? json_string_value(first) : "";
}

/* A number of the question, with digits as they were put. */
static const char *number(const json_t *q, const char *key, char text[NUMBER_TEXT])
{
	const json_t *v = json_object_get(q, key);

	if (!json_is_number(v))
		return NULL;
	number_format(json_number_value(v), text);
	return text;
}

static void print_scale(const json_t *q, FILE *out)
{
	char low[NUMBER_TEXT], high[NUMBER_TEXT], step[NUMBER_TEXT];
	const char *unit = question_text(q, "unit");

	if (number(q, "low", low) && number(q, "high", high))
		fprintf(out, "  scale      %s to %s %s", low, high, unit);
	else
		fprintf(out, "  scale      in %s", unit);
	if (number(q, "resolution", step))
		fprintf(out, ", steps of %s %s", step, unit);
	fputc('\n', out);
}

static void print_value(const json_t *q, const char *key, const char *label, FILE *out)
{
	char text[NUMBER_TEXT];

	if (number(q, key, text))
		fprintf(out, "  %-10s %s %s\n", label, text, question_text(q, "unit"));
}

static void print_last(const json_t *q, FILE *out)
{
	char text[NUMBER_TEXT], utc[UTC_TEXT];

	if (number(q, "last", text))
		fprintf(out, "  last       %s %s at %.19sZ\n", text, question_text(q, "unit"),
			utc_format(json_integer_value(json_object_get(q, "last_utc_ns")), utc));
}

static void print_where(const json_t *q, FILE *out)
{
	const json_t *k = json_object_get(q, "k"), *count = json_object_get(q, "count");

	if (!*question_text(q, "point_name"))
		return;
	fprintf(out, "  point      %s", question_text(q, "point_name"));
	if (json_is_integer(k) && json_is_integer(count))
		fprintf(out, ", reading %" JSON_INTEGER_FORMAT " of %" JSON_INTEGER_FORMAT, json_integer_value(k) + 1,
			json_integer_value(count));
	fputc('\n', out);
}

static void print_settings(const json_t *q, FILE *out)
{
	const json_t *setting;
	size_t i;

	json_array_foreach(json_object_get(q, "settings"), i, setting)
		fprintf(out, "  %s\n", question_words(setting, "words"));
}

static void print_held(const json_t *q, FILE *out)
{
	const json_t *held = json_object_get(q, "held");

	if (held)
		fprintf(out, "  %s has answered '%s': another person confirms or rejects it\n", question_text(held, "by"),
			question_text(held, "answer"));
	else if (json_is_true(json_object_get(q, "second_person")))
		fputs("  a second person confirms the answer\n", out);
}

void question_print(const json_t *q, FILE *out)
{
	fprintf(out, "%s: %s, %s\n", question_text(q, "question"), question_words(q, "title"), question_text(q, "place"));
	fprintf(out, "  %s\n", question_words(q, "words"));
	print_settings(q, out);
	if (*question_text(q, "picture_path"))
		fprintf(out, "  picture    %s\n", question_text(q, "picture_path"));
	print_where(q, out);
	if (*question_text(q, "unit"))
		print_scale(q, out);
	print_value(q, "nominal", "nominal", out);
	print_value(q, "wanted", "set to", out);
	print_value(q, "tolerance", "within", out);
	print_last(q, out);
	print_held(q, out);
}

void question_line(const json_t *q, FILE *out)
{
	const json_t *held = json_object_get(q, "held");
	const char *channel = question_text(q, "asked_channel");

	fprintf(out, "%s %s  %s of %s", question_text(q, "run"), question_text(q, "question"), question_text(q, "about"),
		*channel ? channel : question_text(q, "role"));
	if (*question_text(q, "point_name"))
		fprintf(out, ", point %s", question_text(q, "point_name"));
	if (held)
		fprintf(out, ": '%s' by %s waits for a second person", question_text(held, "answer"), question_text(held, "by"));
	fputc('\n', out);
}

int question_say(struct client *c, const json_t *q, const char *cmd, const struct said *s, struct err *e)
{
	json_t *args = json_pack("{s:s, s:s, s:s}", "run", question_text(q, "run"), "question",
				 question_text(q, "question"), "by", s->by);
	json_t *answer;

	if (!args)
		return err_set(e, ERR_CONFIG, "a name is text in UTF-8");
	if (s->value)
		json_object_set_new(args, "value", json_string(s->value));
	if (s->reason && *s->reason)
		json_object_set_new(args, "reason", json_string(s->reason));
	if (s->read_ns)
		json_object_set_new(args, "read_ns", json_integer(s->read_ns));
	answer = client_ask(c, cmd, args, CLIENT_PATIENCE_MS, e);
	json_decref(answer);
	return answer ? 0 : -1;
}

int question_file(struct client *c, const json_t *q, const char *path, const char *text, const char *by,
		  struct err *e)
{
	const char *slash = strrchr(path, '/');
	json_t *args = json_pack("{s:s, s:s, s:s, s:s, s:s}", "run", question_text(q, "run"), "question",
				 question_text(q, "question"), "name", slash ? slash + 1 : path, "text", text, "by", by);
	json_t *answer;

	if (!args)
		return err_set(e, ERR_CONFIG, "%s: not a text in UTF-8", path);
	answer = client_ask(c, "question.file", args, CLIENT_PATIENCE_MS, e);
	json_decref(answer);
	return answer ? 0 : -1;
}
