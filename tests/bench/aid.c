/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "aid.h"

#include <errno.h>
#include <fcntl.h>
#include <ftw.h>
#include <sched.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

#define MOST_ROUNDS 64

struct err aid_err;
char aid_folder[256];

void must(bool ok, const char *what)
{
	if (ok)
		return;
	fprintf(stderr, "%s: %s: %s\n", program_invocation_short_name, what,
		aid_err.text[0] ? aid_err.text : strerror(errno));
	exit(1);
}

bool aid_wanted(const char *rows)
{
	const char *wanted = getenv("ROWS");
	char *words = mem_string(wanted ? wanted : ""), *rest = words, *word;
	bool any = false, found = false;

	while (!found && (word = strsep(&rest, " \t\n")))
		if (*word) {
			any = true;
			found = strstr(rows, word) || strstr(word, rows);
		}
	free(words);
	return found || !any;
}

/* Figures. */

static int by_value(const void *a, const void *b)
{
	double x = *(const double *)a, y = *(const double *)b;

	return (x > y) - (x < y);
}

double aid_quantile(double *v, size_t n, double q)
{
	qsort(v, n, sizeof *v, by_value);
	return v[(size_t)(q * (double)(n - 1) + 0.5)];
}

double aid_median(double *v, size_t n)
{
	qsort(v, n, sizeof *v, by_value);
	return (v[(n - 1) / 2] + v[n / 2]) / 2;
}

struct target at_least(double ratio)
{
	return (struct target){ RATIO_LEAST, ratio };
}

struct target ratio_at_most(double ratio)
{
	return (struct target){ RATIO_MOST, ratio };
}

struct target at_most(double figure)
{
	return (struct target){ FIGURE_MOST, figure };
}

struct target stated(void)
{
	return (struct target){ NONE, 0 };
}

static void print_figure(double v)
{
	printf(v < 1000 ? "%.4g " : "%.0f ", v);
}

static void print_target(struct target t, double figure, double ratio, const char *unit)
{
	switch (t.aim) {
	case NONE:
		printf("- - ");
		break;
	case RATIO_LEAST:
		printf(">=%.2f %s ", t.bound, ratio >= t.bound ? "yes" : "NO");
		break;
	case RATIO_MOST:
		printf("<=%.2f %s ", t.bound, ratio <= t.bound ? "yes" : "NO");
		break;
	case FIGURE_MOST:
		printf("<=%g%s %s ", t.bound, unit, figure <= t.bound ? "yes" : "NO");
		break;
	}
}

static void print_row(const char *row, double ours, double beside, double ratio, struct target t,
		      const char *unit)
{
	printf("%s ", row);
	print_figure(ours);
	if (beside > 0) {
		print_figure(beside);
		printf("%.3f ", ratio);
	} else {
		printf("- - ");
	}
	print_target(t, ours, ratio, unit);
	printf("%s\n", unit);
	fflush(stdout);
}

void aid_row(const char *row, double ours, double beside, struct target t, const char *unit)
{
	print_row(row, ours, beside, beside > 0 ? ours / beside : 0, t, unit);
}

void aid_paired(const char *row, const double *ours, const double *beside, size_t n, struct target t,
		const char *unit)
{
	double our[MOST_ROUNDS], other[MOST_ROUNDS], ratio[MOST_ROUNDS];

	must(n <= MOST_ROUNDS, "too many rounds");
	for (size_t i = 0; i < n; i++) {
		our[i] = ours[i];
		other[i] = beside[i];
		ratio[i] = ours[i] / beside[i];
	}
	print_row(row, aid_median(our, n), aid_median(other, n), aid_median(ratio, n), t, unit);
}

/* As many operations as fill a round, by the slower of two tries. */
static unsigned fill_round(const struct rounds *r, struct side s)
{
	double length = (double)r->length_ns / 1e9, took;
	unsigned n = 1;

	s.run(s.with, n);                /* cold */
	while ((took = s.run(s.with, n)) < length / 3 && n < 1u << 24)
		n *= 2;
	n = (unsigned)((double)n * length / took);
	return n ? n : 1;
}

void aid_compare_more(const char *row, const struct rounds *r, struct side ours, struct side beside,
		      struct target t)
{
	double our[MOST_ROUNDS], other[MOST_ROUNDS];
	unsigned n = fill_round(r, ours), m = fill_round(r, beside);

	must(r->n <= MOST_ROUNDS, "too many rounds");
	for (unsigned i = 0; i < r->n; i++) {
		bool first = i % 2;      /* whoever goes first meets the machine as the other left it */

		if (first)
			our[i] = r->scale * n / ours.run(ours.with, n);
		other[i] = r->scale * m / beside.run(beside.with, m);
		if (!first)
			our[i] = r->scale * n / ours.run(ours.with, n);
	}
	aid_paired(row, our, other, r->n, t, "1/s");
}

void aid_compare(const char *row, struct side ours, struct side beside, struct target t)
{
	static const struct rounds many = { 31, 30 * NS_PER_MS, 1 };

	aid_compare_more(row, &many, ours, beside, t);
}

double aid_seconds(instant since)
{
	return (double)(instant_now() - since) / (double)NS_PER_S;
}

double aid_cpu(void)
{
	struct timespec t;

	clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &t);
	return (double)t.tv_sec + (double)t.tv_nsec / 1e9;
}

/* Cores. */

unsigned aid_cores(void)
{
	long n = sysconf(_SC_NPROCESSORS_ONLN);

	return n > 0 ? (unsigned)n : 1;
}

void aid_pin(int core)
{
	cpu_set_t set;

	CPU_ZERO(&set);
	for (unsigned i = 0; i < aid_cores(); i++)
		if (core == ANY_CORE || i == (unsigned)core % aid_cores())
			CPU_SET(i, &set);
	must(sched_setaffinity(0, sizeof set, &set) == 0, "sched_setaffinity");
}

/* Files. */

void aid_folder_make(void)
{
	snprintf(aid_folder, sizeof aid_folder, "build/bench-XXXXXX");
	must(mkdtemp(aid_folder) != NULL, aid_folder);
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *where)
{
	(void)st;
	(void)type;
	(void)where;
	return remove(path);
}

void aid_folder_remove(void)
{
	nftw(aid_folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
}

char *aid_path(const char *name)
{
	return mem_format("%s/%s", aid_folder, name);
}

int aid_create(const char *name)
{
	char *path = aid_path(name);
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	must(fd >= 0, path);
	free(path);
	return fd;
}

void aid_write(const char *name, const char *text)
{
	char *path = aid_path(name);
	FILE *f = fopen(path, "we");

	must(f && fputs(text, f) >= 0 && fclose(f) == 0, path);
	free(path);
}

/* Models, benches. */

const char aid_meter[] =
	"model: bench\ntitle: {en: a meter that answers at once}\nmanufacturer: etalon\nnumber: B1\n"
	"driver: scpi\nseen: manual\ntimeout: 2 s\nlatency: 1 ms\n"
	"points:\n  voltage.dc: {unit: V, ask: \"READ?\"}\n";

#define MODBUS_HEAD \
	"model: bench\ntitle: {en: registers that answer at once}\nmanufacturer: etalon\nnumber: B2\n" \
	"driver: modbus\nseen: manual\ntimeout: 2 s\nlatency: 1 ms\nmodbus: {span: 125}\npoints:\n"

const char aid_register[] = MODBUS_HEAD
	"  temperature: {registers: {table: input, address: 0, type: int16, scale: 0.1}}\n";

#define FLOAT(quantity, address) \
	"  " quantity ": {registers: {table: input, address: " #address ", type: float64}}\n"

/* 25 numbers of four registers each, in one request. */
const char aid_registers[] = MODBUS_HEAD
	FLOAT("r00", 0) FLOAT("r01", 4) FLOAT("r02", 8) FLOAT("r03", 12) FLOAT("r04", 16)
	FLOAT("r05", 20) FLOAT("r06", 24) FLOAT("r07", 28) FLOAT("r08", 32) FLOAT("r09", 36)
	FLOAT("r10", 40) FLOAT("r11", 44) FLOAT("r12", 48) FLOAT("r13", 52) FLOAT("r14", 56)
	FLOAT("r15", 60) FLOAT("r16", 64) FLOAT("r17", 68) FLOAT("r18", 72) FLOAT("r19", 76)
	FLOAT("r20", 80) FLOAT("r21", 84) FLOAT("r22", 88) FLOAT("r23", 92) FLOAT("r24", 96);

static void write_quantities(void)
{
	struct buf b = { 0 };

	buf_puts(&b, "quantities:\n"
		 "  voltage.dc: {unit: V, meaning: direct voltage}\n"
		 "  temperature: {unit: degC, meaning: Celsius temperature}\n");
	for (int i = 0; i < 40; i++)
		buf_printf(&b, "  r%02d: {unit: V, meaning: a number in registers}\n", i);
	aid_write("quantities.yaml", b.data);
	buf_release(&b);
}

struct setup *aid_setup(const char *model, char *const *addresses, unsigned n)
{
	bool voltage = strstr(model, "voltage.dc") != NULL;
	const char *quantity = voltage ? "voltage.dc" : strstr(model, "r00") ? "r00" : "temperature";
	struct buf bench = { 0 }, procedure = { 0 }, text = { 0 };
	char *paths[] = { aid_path("quantities.yaml"), aid_path("b.yaml"), aid_path("p.yaml") };
	struct problems ps = { 0 };
	struct setup *s;

	buf_puts(&bench, "bench: b\ntitle: {en: b}\nmodels: .\nroles:\n");
	buf_puts(&procedure, "procedure: p\ntitle: {en: p}\nroles: [");
	for (unsigned i = 0; i < n; i++) {
		buf_printf(&bench, "  r%u: {model: bench, address: \"%s\"}\n", i, addresses[i]);
		buf_printf(&procedure, "%sr%u", i ? ", " : "", i);
	}
	buf_puts(&procedure, "]\npoints:\n  - {name: only, values: {}}\nsteps:\n  - measure: {channels: [");
	for (unsigned i = 0; i < n; i++)
		buf_printf(&procedure, "%sr%u.%s", i ? ", " : "", i, quantity);
	buf_puts(&procedure, "], count: 1}\nlink_loss: 5 s\nsafe_within: 1 s\n");
	write_quantities();
	aid_write("bench.yaml", model);
	aid_write("b.yaml", bench.data);
	aid_write("p.yaml", procedure.data);
	if (setup_load(&s, paths[0], paths[1], NULL, paths[2], &ps) < 0) {
		problems_text(&ps, &text);
		fprintf(stderr, "%s", text.data);
		exit(1);
	}
	problems_release(&ps);
	for (int i = 0; i < 3; i++)
		free(paths[i]);
	buf_release(&bench);
	buf_release(&procedure);
	return s;
}
