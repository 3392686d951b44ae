/* SPDX-License-Identifier: GPL-3.0-or-later
 * validate.c - etalon validate: does what is installed here compute what is published? */
#include "validate.h"

#include <stdlib.h>

#include "etalon.h"
#include "grid.h"
#include "instant.h"
#include "unit.h"
#include "whole.h"

static struct {
	const char *output;
	bool json;
} opt;

static const struct argp_option options[] = {
	{ "output", 'o', "FILE", 0, "write the record there, as JSON", 0 },
	{ "json", 'j', NULL, 0, "print the record instead of the table", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *s)
{
	(void)s;
	if (key == 'o')
		opt.output = arg;
	else if (key == 'j')
		opt.json = true;
	else
		return ARGP_ERR_UNKNOWN;
	return 0;
}

static const struct argp argp = {
	.options = options, .parser = parse,
	.doc = "Compute cases whose answers are published, on this installation, and compare figure by figure: the validation "
	       "of software before its use that ISO/IEC 17025, 7.11.2, asks for."
	       "\vThe last line names what computed and the SHA-256 of the record, which is the one of the FILE.  Exit status 1 "
	       "if any figure does not agree.",
};

/* ---- computing ------------------------------------------------------------------------------------------- */

static void validate_case(struct validated *v, const struct published_case *p)
{
	double *computed = mem_array(p->n, sizeof *computed);
	struct validated_case c = { p, mem_array(p->n, sizeof *c.figures), NULL };
	struct err e;

	if (p->compute(p->of, computed, &e) < 0)
		c.trouble = mem_string(e.text);
	for (size_t i = 0; !c.trouble && i < p->n; i++) {
		c.figures[i] = (struct validated_figure){ computed[i], figure_compare(&p->figures[i], computed[i]) };
		v->agreeing += c.figures[i].comparison.agrees;
	}
	v->figures += p->n;
	v->cases = mem_grow(v->cases, v->n, sizeof *v->cases);
	v->cases[v->n++] = c;
	free(computed);
}

static void validate(struct validated *v)
{
	const struct published_case *p;

	v->utc_ns = utc_now();
	for (size_t i = 0; (p = published_case(i)); i++)
		validate_case(v, p);
}

static void validated_release(struct validated *v)
{
	for (size_t i = 0; i < v->n; i++) {
		free(v->cases[i].figures);
		free(v->cases[i].trouble);
	}
	free(v->cases);
}

/* ---- for people ------------------------------------------------------------------------------------------ */

#define BEYOND 2                /* digits shown beyond those that are published */
#define MOST_DIGITS 16

static void print_figure(struct grid *g, const struct figure *f, const struct validated_figure *v)
{
	const struct comparison *c = &v->comparison;
	int shown = c->known + BEYOND < MOST_DIGITS ? c->known + BEYOND : MOST_DIGITS;

	grid_cell(g, "%s", f->name);
	grid_cell(g, "%s", f->published);
	if (f->rule == FIGURE_VERDICT) {
		grid_cell(g, "%s", v->computed == 1 ? "yes" : "no");
		grid_cell(g, "-");
	} else {
		grid_cell(g, "%.*g", shown, v->computed);
		grid_cell(g, "%d of %d", c->agreed, c->known);
	}
	grid_cell(g, "%s", c->agrees ? "agrees" : "DOES NOT AGREE");
}

static void print_case(const struct validated_case *c)
{
	struct grid *g = grid_new("lrrrl");

	printf("%s: %s\n", c->of->source, c->of->name);
	if (c->trouble)
		printf("  DOES NOT AGREE: %s\n", c->trouble);
	for (size_t i = 0; !c->trouble && i < c->of->n; i++)
		print_figure(g, &c->of->figures[i], &c->figures[i]);
	grid_print(g, "  ", stdout);
	grid_free(&g);
}

static void print(const struct validated *v, const struct buf *record)
{
	char *software = validate_software(), text[HASH_TEXT];
	uint8_t hash[HASH_SIZE];

	puts("figure, published, computed, digits that agree");
	for (size_t i = 0; i < v->n; i++) {
		putchar('\n');
		print_case(&v->cases[i]);
	}
	hash_of(hash, record->data, record->len);
	printf("\n%zu of %zu figures of %zu cases agree\n", v->agreeing, v->figures, v->n);
	printf("%s; SHA-256 of the record %s\n", software, hash_text(hash, text));
	free(software);
}

/* ---- the record ------------------------------------------------------------------------------------------- */

static int write_record(const struct buf *record, struct err *e)
{
	struct whole w;

	if (whole_open(&w, opt.output, e) < 0)
		return -1;
	fwrite(record->data, 1, record->len, w.out);    /* whole_close finds what fails */
	return whole_close(&w, 0, e);
}

int cmd_validate(int argc, char **argv)
{
	struct validated v = { 0 };
	struct buf record = { 0 };
	bool agrees;
	struct err e;
	int bad;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	validate(&v);
	agrees = v.agreeing == v.figures;
	validate_record(&v, &record);
	bad = opt.output ? write_record(&record, &e) : 0;
	if (opt.json)
		fwrite(record.data, 1, record.len, stdout);
	else
		print(&v, &record);
	buf_release(&record);
	validated_release(&v);
	unit_forget();
	return bad ? cannot(&e) : agrees ? DONE : NOT_SO;
}
