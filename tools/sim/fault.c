/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "fault.h"

#include "instant.h"
#include "mem.h"
#include "number.h"

static const char *const kinds[FAULTS] = {
	[FAULT_NONE] = "none",             [FAULT_LATE] = "late",
	[FAULT_PIECES] = "pieces",         [FAULT_TWICE] = "twice",
	[FAULT_TRUNCATED] = "truncated",   [FAULT_GARBAGE] = "garbage",
	[FAULT_WRONG_ECHO] = "wrong-echo", [FAULT_OVERLOAD] = "overload",
	[FAULT_SILENCE] = "silence",       [FAULT_CLOSE] = "close",
	[FAULT_IDENTITY] = "identity",     [FAULT_EXCEPTION] = "exception",
	[FAULT_CRC] = "crc",               [FAULT_UNIT] = "unit",
	[FAULT_REFUSE] = "refuse",         [FAULT_CLIP] = "clip",
	[FAULT_NAK] = "nak",               [FAULT_NOISE] = "noise",
	[FAULT_NEIGHBOUR] = "neighbour",
	[FAULT_UNSTABLE] = "unstable",     [FAULT_COMMA] = "comma",
	[FAULT_REJECT] = "reject",
};

static const char *const topics[] = {
	[TOPIC_OTHER] = "other", [TOPIC_MEASURE] = "measure", [TOPIC_IDENTITY] = "identity",
	[TOPIC_SET] = "set", [TOPIC_ANY] = "any",
};

const char *fault_name(enum fault_kind kind)
{
	return kinds[kind];
}

static int find(const char *const *names, size_t n, const char *name)
{
	for (size_t i = 0; i < n; i++)
		if (!strcmp(names[i], name))
			return (int)i;
	return -1;
}

static enum topic usual_topic(enum fault_kind kind)
{
	switch (kind) {
	case FAULT_IDENTITY:
		return TOPIC_IDENTITY;
	case FAULT_REFUSE:
	case FAULT_CLIP:
		return TOPIC_SET;
	case FAULT_REJECT:
		return TOPIC_OTHER;
	default:
		return TOPIC_MEASURE;
	}
}

static int parse_option(struct fault *f, const char *word, struct err *e)
{
	const char *value = strchr(word, '=');
	size_t n = value ? (size_t)(value++ - word) : 0;
	int64_t number = 0;
	int topic;

	if (n == 2 && !strncmp(word, "on", n)) {
		topic = find(topics, sizeof topics / sizeof *topics, value);
		if (topic < 0)
			return err_set(e, ERR_CONFIG, "'%s' is not one of other, measure, identity, "
				       "set, any", value);
		f->on = (enum topic)topic;
		return 0;
	}
	if (!n || number_parse_int(value, strlen(value), &number, e) || number < 0)
		return err_set(e, ERR_CONFIG, "'%s' is not KEY=VALUE with a whole number", word);
	if (n == 5 && !strncmp(word, "after", n))
		f->after = number;
	else if (n == 5 && !strncmp(word, "times", n))
		f->times = number;
	else if (n == 8 && !strncmp(word, "delay_ms", n) && number < INT64_MAX / NS_PER_MS)
		f->delay_ns = number * NS_PER_MS;
	else if (n == 4 && !strncmp(word, "code", n) && number > 0 && number < 128)
		f->code = (int)number;
	else
		return err_set(e, ERR_CONFIG, "'%s' is none of after=N, times=N, delay_ms=N, "
			       "on=TOPIC, code=1..127", word);
	return 0;
}

int fault_parse(struct fault *f, char *const *words, size_t n, struct err *e)
{
	int kind = n ? find(kinds, FAULTS, words[0]) : -1;

	if (kind <= FAULT_NONE)
		return err_set(e, ERR_CONFIG, "'%s' is no fault (try late, pieces, twice, truncated, "
			       "garbage, wrong-echo, overload, silence, close, identity, exception, "
			       "crc, unit, refuse, clip, nak, noise, unstable)", n ? words[0] : "");
	*f = (struct fault){ .kind = (enum fault_kind)kind, .times = 1, .delay_ns = -1, .code = 4 };
	f->on = usual_topic(f->kind);
	for (size_t i = 1; i < n; i++)
		if (parse_option(f, words[i], e))
			return -1;
	return 0;
}

void faults_init(struct faults *fs)
{
	*fs = (struct faults){ 0 };
	pthread_mutex_init(&fs->lock, NULL);
}

void faults_add(struct faults *fs, const struct fault *f)
{
	pthread_mutex_lock(&fs->lock);
	fs->list = mem_grow(fs->list, fs->n, sizeof *fs->list);
	fs->list[fs->n] = *f;
	__atomic_add_fetch(&fs->n, 1, __ATOMIC_RELEASE);
	pthread_mutex_unlock(&fs->lock);
}

static void drop_to(struct faults *fs, size_t n)
{
	__atomic_store_n(&fs->n, n, __ATOMIC_RELEASE);
}

void faults_clear(struct faults *fs)
{
	pthread_mutex_lock(&fs->lock);
	drop_to(fs, 0);
	pthread_mutex_unlock(&fs->lock);
}

static bool strikes(struct fault *f, enum topic topic)
{
	if (f->on != topic && f->on != TOPIC_ANY)
		return false;
	if (f->after > 0) {
		f->after--;
		return false;
	}
	return true;
}

struct fault faults_take(struct faults *fs, enum topic topic)
{
	struct fault taken = { .kind = FAULT_NONE };

	if (!__atomic_load_n(&fs->n, __ATOMIC_ACQUIRE))
		return taken;
	pthread_mutex_lock(&fs->lock);
	for (size_t i = 0; i < fs->n; i++) {
		struct fault *f = &fs->list[i];

		if (!strikes(f, topic))
			continue;
		taken = *f;
		if (f->times > 0 && --f->times == 0) {
			memmove(f, f + 1, (fs->n - i - 1) * sizeof *f);
			drop_to(fs, fs->n - 1);
		}
		break;
	}
	pthread_mutex_unlock(&fs->lock);
	return taken;
}
