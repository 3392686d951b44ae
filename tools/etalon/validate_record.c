/* SPDX-License-Identifier: GPL-3.0-or-later
 * validate_record.c - a validation as JSON: every figure, and what computed it where and when. */
#include <gnu/libc-version.h>
#include <string.h>
#include <sys/utsname.h>

#include "instant.h"
#include "json.h"
#include "numerics.h"
#include "validate.h"

static void open_member(struct buf *b, const char *key, char brace)
{
	json_key(b, key);
	buf_putc(b, brace);
}

/* Between the elements of an array. */
static void open_element(struct buf *b)
{
	buf_puts(b, b->data[b->len - 1] == '[' ? "{" : ",{");
}

char *validate_software(void)
{
	struct utsname host;

	uname(&host);
	return mem_format("etalon " VERSION " (build " BUILD "), GSL %s, glibc %s, %s %s %s, %s", numerics_version(),
			  gnu_get_libc_version(), host.sysname, host.release, host.machine, host.nodename);
}

/* libm is a part of glibc. */
static void put_software(struct buf *b)
{
	struct utsname host;

	uname(&host);
	open_member(b, "software", '{');
	json_put_text(b, "name", "etalon");
	json_put_text(b, "version", VERSION);
	json_put_text(b, "build", BUILD);
	json_put_text(b, "compiler", __VERSION__);
	buf_putc(b, '}');
	open_member(b, "libraries", '{');
	json_put_text(b, "gsl", numerics_version());
	json_put_text(b, "glibc", gnu_get_libc_version());
	buf_putc(b, '}');
	open_member(b, "machine", '{');
	json_put_text(b, "host", host.nodename);
	json_put_text(b, "system", host.sysname);
	json_put_text(b, "release", host.release);
	json_put_text(b, "architecture", host.machine);
	buf_putc(b, '}');
}

/* What is asked of the figure, for whoever reads the record without this program. */
static void put_rule(struct buf *b, const struct figure *f)
{
	static const char *const rules[] = {
		[FIGURE_ROUNDED] = "rounds to it", [FIGURE_DIGITS] = "significant digits", [FIGURE_WITHIN] = "within",
		[FIGURE_VERDICT] = "verdict",
	};

	json_put_text(b, "rule", rules[f->rule]);
	if (f->rule == FIGURE_DIGITS || f->rule == FIGURE_WITHIN) {
		json_put_number(b, "bound", f->bound);
	}
}

static void put_figure(struct buf *b, const struct figure *f, const struct validated_figure *v)
{
	open_element(b);
	json_put_text(b, "name", f->name);
	json_put_text(b, "published", f->published);
	json_key(b, "computed");
	if (f->rule == FIGURE_VERDICT)
		json_text(b, v->computed == 1 ? "yes" : "no");
	else
		json_number(b, v->computed);
	if (f->rule != FIGURE_VERDICT) {
		json_put_int(b, "digits", v->comparison.known);
		json_put_int(b, "digits_agreed", v->comparison.agreed);
	}
	put_rule(b, f);
	json_key(b, "agrees");
	json_bool(b, v->comparison.agrees);
	buf_putc(b, '}');
}

static void put_case(struct buf *b, const struct validated_case *c)
{
	open_element(b);
	json_put_text(b, "name", c->of->name);
	json_put_text(b, "source", c->of->source);
	json_put_text(b, "trouble", c->trouble);
	open_member(b, "figures", '[');
	for (size_t i = 0; !c->trouble && i < c->of->n; i++)
		put_figure(b, &c->of->figures[i], &c->figures[i]);
	buf_puts(b, "]}");
}

void validate_record(const struct validated *v, struct buf *out)
{
	char utc[UTC_TEXT];

	buf_putc(out, '{');
	json_put_text(out, "utc", utc_format(v->utc_ns, utc));
	put_software(out);
	json_put_int(out, "seed", PUBLISHED_SEED);
	json_put_int(out, "figures", (int64_t)v->figures);
	json_put_int(out, "agreeing", (int64_t)v->agreeing);
	json_key(out, "passed");
	json_bool(out, v->agreeing == v->figures);
	open_member(out, "cases", '[');
	for (size_t i = 0; i < v->n; i++)
		put_case(out, &v->cases[i]);
	buf_puts(out, "]}\n");
}
