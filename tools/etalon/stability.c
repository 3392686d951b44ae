/* SPDX-License-Identifier: GPL-3.0-or-later
 * stability.c - etalon stability: the Allan family of deviations of a channel, with confidence intervals. */
#include "stability.h"

#include <math.h>
#include <stdlib.h>
#include <string.h>

#include "etalon.h"
#include "evaluate.h"
#include "grid.h"
#include "instant.h"
#include "json.h"
#include "stability_confidence.h"
#include "stretch.h"
#include "track.h"
#include "unit.h"

#define FEWEST 5                /* readings: three second differences */

enum meaning { BY_UNIT, PHASE, FREQUENCY, VALUE };

static const char *const meanings[] = { "by unit", "phase", "frequency", "value" };
static const char *const kinds[] = { "ADEV", "OADEV", "MDEV", "TDEV" };

static struct {
	const char *what, *channel;
	enum meaning as;
	int kind;                       /* STABILITY_KINDS: all */
	double nominal, probability;    /* nominal 0: the mean */
	bool json;
} opt = { .kind = STABILITY_KINDS, .probability = 0.683 };

static const struct argp_option options[] = {
	{ "as", 'a', "phase|frequency|value", 0,
	  "what the readings are (default: times are phases, Hz frequencies, all else values)", 0 },
	{ "kind", 'k', "adev|oadev|mdev|tdev", 0, "only this deviation (default: all)", 0 },
	{ "nominal", 'n', "HZ", 0, "the frequency that others are fractions of (default: their mean)", 0 },
	{ "probability", 'p', "P", 0, "of the confidence intervals (default: 0.683)", 0 },
	{ "json", 'j', NULL, 0, "one JSON object", 0 },
	{ 0 },
};

static int word_of(const char *const *words, int n, const char *word)
{
	int i = 0;

	while (i < n && strcasecmp(words[i], word))
		i++;
	return i;
}

static double number_of(struct argp_state *s, const char *option, const char *arg, double low, double high)
{
	char *end;
	double x = strtod(arg, &end);

	if (end == arg || *end || !(x > low && x < high))
		argp_error(s, "%s: a number above %g%s, not '%s'", option, low, high < 2 ? " and below 1" : "", arg);
	return x;
}

static error_t parse(int key, char *arg, struct argp_state *s)
{
	if (key == 'a') {
		opt.as = (enum meaning)word_of(meanings, 4, arg);
		if (opt.as > VALUE || opt.as == BY_UNIT)
			argp_error(s, "--as: phase, frequency or value, not '%s'", arg);
	} else if (key == 'k') {
		opt.kind = word_of(kinds, STABILITY_KINDS, arg);
		if (opt.kind == STABILITY_KINDS)
			argp_error(s, "--kind: adev, oadev, mdev or tdev, not '%s'", arg);
	} else if (key == 'n') {
		opt.nominal = number_of(s, "--nominal", arg, 0, INFINITY);
	} else if (key == 'p') {
		opt.probability = number_of(s, "--probability", arg, 0, 1);
	} else if (key == 'j') {
		opt.json = true;
	} else if (key == ARGP_KEY_ARG && opt.what && !opt.channel) {
		opt.channel = arg;
	} else {
		return one_argument(&opt.what, key, arg, s, "run, journal folder or archive, and a channel of it");
	}
	return 0;
}

static const struct argp_child children[] = { { &where_argp, 0, NULL, 0 }, { 0 } };
static const struct argp argp = {
	.options = options, .parser = parse, .args_doc = "RUN|JOURNAL|ARCHIVE [CHANNEL]", .children = children,
	.doc = "Allan, overlapping Allan, modified Allan and time deviation of the readings of a channel, at 1, 2, 4, "
	       "... times their interval (NIST SP 1065)."
	       "\vPhases are time differences.  Frequencies become fractions of the nominal one.  Of anything "
	       "else the deviations are in its own unit.  Readings have to be evenly spaced: the longest stretch "
	       "without a gap counts.",
};

/* ---- the series ------------------------------------------------------------------------------------------ */

struct series {
	struct track track;
	struct stretch stretch;
	enum meaning as;
	bool is_fraction;       /* frequencies that are fractions already */
	double nominal;         /* Hz; NAN: there is none */
	double *phase;          /* n */
	size_t n;
};

static bool in_unit(struct track *t, const char *unit)
{
	struct conversion c;
	struct err e;

	if (unit_convert(&c, t->unit, unit, &e) < 0)
		return false;
	for (size_t i = 0; i < t->n; i++)
		t->value[i] = conversion_scale(&c, t->value[i]);
	return true;
}

/* By the unit, or as the caller says, where the unit allows it; the readings are in s, Hz or 1 then. */
static int find_meaning(struct series *s, struct err *e)
{
	struct track *t = &s->track;
	enum meaning as = opt.as;

	s->is_fraction = as == FREQUENCY && in_unit(t, "1");
	if ((as == BY_UNIT || as == PHASE) && in_unit(t, "s"))
		as = PHASE;
	else if ((as == BY_UNIT || as == FREQUENCY) && !s->is_fraction && in_unit(t, "Hz"))
		as = FREQUENCY;
	else if (as == BY_UNIT)
		as = VALUE;
	else if (as != VALUE && !s->is_fraction)
		return err_set(e, ERR_CONFIG, "%s is in %s and no %s: that is in s, or in Hz or fractions (1)",
			       t->channel, t->unit, meanings[as]);
	s->as = as;
	return 0;
}

static void phases_of_fractions(struct series *s, const double *value, size_t n)
{
	double *y = mem_array(n, sizeof *y), mean = evaluate_sample(value, n).mean;
	bool is_absolute = s->as == FREQUENCY && !s->is_fraction;
	double reference = is_absolute && opt.nominal > 0 ? opt.nominal : mean;

	s->nominal = is_absolute ? reference : NAN;
	for (size_t i = 0; i < n; i++)
		y[i] = (value[i] - reference) / (is_absolute ? reference : 1);
	s->phase = mem_array(n + 1, sizeof *s->phase);
	s->n = n + 1;
	stability_phase(s->phase, y, n, s->stretch.interval_s);
	free(y);
}

static int make_series(struct series *s, struct err *e)
{
	const double *value;
	size_t n;

	if (track_load(&s->track, opt.what, opt.channel, e) < 0)
		return -1;
	s->stretch = stretch_longest(s->track.at_ns, s->track.piece, s->track.n);
	if (find_meaning(s, e) < 0)
		return -1;
	n = s->stretch.n;
	if (n < FEWEST)
		return err_set(e, ERR_CONFIG, "%s: its longest stretch of evenly spaced readings has %zu of %zu; %d or "
			       "more are needed", s->track.channel, n, s->track.n, FEWEST);
	value = s->track.value + s->stretch.first;
	s->nominal = NAN;
	if (s->as != PHASE) {
		phases_of_fractions(s, value, n);
	} else {
		s->phase = mem_copy(value, n * sizeof *value);
		s->n = n;
	}
	return 0;
}

static void series_release(struct series *s)
{
	track_release(&s->track);
	free(s->phase);
}

/* ---- one deviation ---------------------------------------------------------------------------------------- */

struct line {
	size_t m;
	double tau;
	struct deviation deviation;
	int alpha;
	size_t noise_at;        /* the m at which the noise could be told last; 0: nowhere yet */
	double freedom;
	struct stability_interval within;
};

/* Where too few phases are left to tell the noise, that of the last m counts. */
static void fill(struct line *l, const struct series *s, enum stability_kind kind, size_t m)
{
	int alpha;

	l->m = m;
	l->tau = (double)m * s->stretch.interval_s;
	l->deviation = stability_of_phase(kind, s->phase, s->n, s->stretch.interval_s, m);
	if (stability_noise(s->phase, s->n, m, &alpha)) {
		l->alpha = alpha;
		l->noise_at = m;
	}
	l->freedom = l->noise_at ? stability_freedom(kind, l->alpha, s->n, m) : NAN;
	l->within = stability_interval(l->deviation.value, l->freedom, opt.probability);
}

/* Of values that are no frequencies, noise has the names of its colours. */
static const char *noise_name(const struct series *s, int alpha)
{
	static const char *const colours[] = { "random walk", "flicker", "white", "blue", "violet" };

	return s->as == VALUE ? colours[alpha - STABILITY_LOWEST_ALPHA] : stability_noise_name(alpha);
}

static const char *unit_of(const struct series *s)
{
	return s->as == PHASE ? "s" : s->as == FREQUENCY ? "1" : s->track.unit;
}

static bool is_wanted(const struct series *s, enum stability_kind kind)
{
	if (opt.kind != STABILITY_KINDS)
		return (int)kind == opt.kind;
	return s->as != VALUE || kind != STABILITY_TDEV;        /* volts have no time */
}

/* ---- for people ------------------------------------------------------------------------------------------ */

static void number_cell(struct grid *g, double x)
{
	if (isfinite(x))
		grid_cell(g, "%.3e", x);
	else
		grid_cell(g, "-");
}

static void print_line(struct grid *g, const struct series *s, const struct line *l)
{
	grid_cell(g, "%.6g", l->tau);
	grid_cell(g, "%zu", l->deviation.terms);
	number_cell(g, l->deviation.value);
	number_cell(g, l->within.low);
	number_cell(g, l->within.high);
	if (isfinite(l->freedom))
		grid_cell(g, "%.1f", l->freedom);
	else
		grid_cell(g, "-");
	if (l->noise_at)
		grid_cell(g, "%s%s", noise_name(s, l->alpha), l->noise_at < l->m ? " *" : "");
	else
		grid_cell(g, "-");
}

/* True: a line was marked with a star. */
static bool print_kind(const struct series *s, enum stability_kind kind)
{
	struct grid *g = grid_new("rrrrrrl");
	struct line l = { 0 };

	grid_cell(g, "tau/s");
	grid_cell(g, "terms");
	grid_cell(g, "%s", kinds[kind]);
	grid_cell(g, "from");
	grid_cell(g, "to");
	grid_cell(g, "freedom");
	grid_cell(g, "noise");
	for (size_t m = 1; stability_of_phase(kind, s->phase, s->n, s->stretch.interval_s, m).terms; m *= 2) {
		fill(&l, s, kind, m);
		print_line(g, s, &l);
	}
	putchar('\n');
	grid_print(g, "  ", stdout);
	grid_free(&g);
	return l.noise_at && l.noise_at < l.m;
}

static void print_head(const struct series *s)
{
	const struct stretch *t = &s->stretch;
	char from[UTC_TEXT], to[UTC_TEXT];

	printf("%s, %s: %zu readings, %.6g s apart\n", s->track.run, s->track.channel, t->n, t->interval_s);
	printf("from %s to %s\n", utc_format(s->track.at_ns[t->first], from),
	       utc_format(s->track.at_ns[t->first + t->n - 1], to));
	if (t->gaps)
		printf("the longest stretch without a gap, of %zu readings with %zu gap%s\n", s->track.n, t->gaps,
		       t->gaps > 1 ? "s" : "");
	if (isfinite(s->nominal))
		printf("as fractions of %.12g Hz\n", s->nominal);
	else
		printf("as %ss, in %s\n", meanings[s->as], unit_of(s));
	printf("intervals of confidence: %g %%\n", 100 * opt.probability);
}

static void print(const struct series *s)
{
	bool starred = false;

	print_head(s);
	for (enum stability_kind k = 0; k < STABILITY_KINDS; k++)
		if (is_wanted(s, k))
			starred |= print_kind(s, k);
	if (starred)
		puts("\n* too few readings so far apart to tell the noise: that of the last tau that has enough");
}

/* ---- for programs ---------------------------------------------------------------------------------------- */

static void put_line(struct buf *b, const struct series *s, enum stability_kind kind, const struct line *l)
{
	buf_puts(b, b->data[b->len - 1] == '[' ? "{" : ",{");
	json_put_text(b, "kind", kinds[kind]);
	json_put_int(b, "m", (int64_t)l->m);
	json_put_number(b, "tau_s", l->tau);
	json_put_int(b, "terms", (int64_t)l->deviation.terms);
	json_put_number(b, "value", l->deviation.value);
	json_put_number(b, "low", l->within.low);
	json_put_number(b, "high", l->within.high);
	json_put_number(b, "degrees_of_freedom", l->freedom);
	json_put_text(b, "noise", l->noise_at ? noise_name(s, l->alpha) : NULL);
	json_put_int(b, "noise_at_m", (int64_t)l->noise_at);
	buf_putc(b, '}');
}

static void put_kind(struct buf *b, const struct series *s, enum stability_kind kind)
{
	struct line l = { 0 };

	for (size_t m = 1; stability_of_phase(kind, s->phase, s->n, s->stretch.interval_s, m).terms; m *= 2) {
		fill(&l, s, kind, m);
		put_line(b, s, kind, &l);
	}
}

static void print_json(const struct series *s)
{
	struct buf b = { 0 };

	buf_putc(&b, '{');
	json_put_text(&b, "run", s->track.run);
	json_put_text(&b, "channel", s->track.channel);
	json_put_text(&b, "as", meanings[s->as]);
	json_put_text(&b, "unit", unit_of(s));
	json_put_number(&b, "nominal", s->nominal);
	json_put_int(&b, "readings", (int64_t)s->track.n);
	json_put_int(&b, "first", (int64_t)s->stretch.first);
	json_put_int(&b, "used", (int64_t)s->stretch.n);
	json_put_int(&b, "gaps", (int64_t)s->stretch.gaps);
	json_put_number(&b, "interval_s", s->stretch.interval_s);
	json_put_number(&b, "probability", opt.probability);
	json_key(&b, "deviations");
	buf_putc(&b, '[');
	for (enum stability_kind k = 0; k < STABILITY_KINDS; k++)
		if (is_wanted(s, k))
			put_kind(&b, s, k);
	buf_puts(&b, "]}");
	puts(b.data);
	buf_release(&b);
}

int cmd_stability(int argc, char **argv)
{
	struct series s = { 0 };
	struct err e;
	int bad;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	bad = make_series(&s, &e);
	if (!bad)
		(opt.json ? print_json : print)(&s);
	series_release(&s);
	unit_forget();
	return bad ? cannot(&e) : DONE;
}
