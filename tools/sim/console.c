/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "console.h"

#include "number.h"

#define WORDS 16

struct words {
	char *copy;
	char *list[WORDS];
	size_t n;
};

static int split(struct words *w, const char *text, const char *between, struct err *e)
{
	char *rest, *word;

	*w = (struct words){ .copy = mem_string(text) };
	rest = w->copy;
	while ((word = strsep(&rest, between))) {
		if (!*word)
			continue;
		if (w->n == WORDS)
			return err_set(e, ERR_CONFIG, "more than %d words", WORDS);
		w->list[w->n++] = word;
	}
	return 0;
}

/* words[0] is the role, the fault follows. */
static int add_fault(struct play *p, char *const *words, size_t n, struct err *e)
{
	struct device *d = play_find(p, n ? words[0] : "", e);
	struct fault f;

	if (!d || fault_parse(&f, words + 1, n - 1, e))
		return -1;
	return device_add_fault(d, &f, e);
}

static int do_fault(struct play *p, char *const *words, size_t n, struct err *e)
{
	return add_fault(p, words + 1, n - 1, e);
}

static int do_clear(struct play *p, char *const *words, size_t n, struct err *e)
{
	struct device *d = NULL;

	if (n > 1 && !(d = play_find(p, words[1], e)))
		return -1;
	for (size_t i = 0; i < p->bench->roles.n; i++)
		if (p->devices[i] && (!d || d == p->devices[i]))
			faults_clear(&p->devices[i]->faults);
	return 0;
}

static int do_power(struct play *p, char *const *words, size_t n, struct err *e)
{
	struct device *d = play_find(p, words[1], e);
	bool quiet = n > 2 && !strcmp(words[2], "quiet");

	if (!d)
		return -1;
	device_power_on(d);
	if (!quiet && d->hang_up)
		d->hang_up(d->line);
	return 0;
}

static int do_flush(struct play *p, char *const *words, size_t n, struct err *e)
{
	(void)words, (void)n, (void)e;
	truth_flush(p->truth);
	return 0;
}

/* Those that can be set. */
static const char *node_names(char *text, size_t size)
{
	size_t at = 0;

	for (int i = 0; i < WORLD_DEW_POINT && at < size; i++)
		at += (size_t)snprintf(text + at, size - at, "%s%s", i ? ", " : "",
				       world_node_name((enum world_node)i));
	return text;
}

static int do_set_world(struct play *p, char *const *words, size_t n, struct err *e)
{
	enum world_node node;
	char all[256];
	double value;

	(void)n;
	if (world_node_parse(words[1], &node))
		return err_set(e, ERR_CONFIG, "'%s' is none of %s", words[1], node_names(all, sizeof all));
	if (number_parse(words[2], strlen(words[2]), &value, e))
		return -1;
	world_set(p->world, node, value);
	return 0;
}

static const struct command {
	const char *name;
	size_t least, most;              /* words, with its name */
	int (*carry_out)(struct play *, char *const *words, size_t n, struct err *);
} commands[] = {
	{ "fault", 3, WORDS, do_fault },
	{ "clear", 1, 2, do_clear },
	{ "power", 2, 3, do_power },
	{ "set-world", 3, 3, do_set_world },
	{ "flush", 1, 1, do_flush },
};

static int carry_out(struct play *p, const struct words *w, bool *quit, struct err *e)
{
	if (!w->n)
		return err_set(e, ERR_CONFIG, "an empty line");
	if (!strcmp(w->list[0], "quit")) {
		*quit = true;
		return 0;
	}
	for (size_t i = 0; i < sizeof commands / sizeof *commands; i++) {
		const struct command *c = &commands[i];

		if (strcmp(c->name, w->list[0]))
			continue;
		if (w->n < c->least || w->n > c->most)
			return err_set(e, ERR_CONFIG, "'%s' takes %zu to %zu words", c->name,
				       c->least - 1, c->most - 1);
		return c->carry_out(p, w->list, w->n, e);
	}
	return err_set(e, ERR_CONFIG, "'%s' is none of fault, clear, power, set-world, flush, quit",
		       w->list[0]);
}

int console_line(struct play *p, const char *line, bool *quit, struct err *e)
{
	struct words w;
	int bad = split(&w, line, " \t\r", e) || carry_out(p, &w, quit, e) ? -1 : 0;

	free(w.copy);
	return bad;
}

int console_fault(struct play *p, const char *text, struct err *e)
{
	struct words w;
	int bad = split(&w, text, ":", e);

	if (!bad)
		bad = add_fault(p, w.list, w.n, e);
	free(w.copy);
	return bad ? err_wrap(e, "--fault %s", text) : 0;
}
