/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "stage.h"

#include <errno.h>
#include <limits.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "etalon.h"
#include <fcntl.h>
#include <poll.h>

#include "fd.h"

#define PATIENCE_MS 10000

struct stage {
	char folder[32];
	pid_t pid;
	int in, out;                     /* its standard input and output */
	struct buf said;
	char *address;
};

/* Where a name of this stage's folder is; the caller frees it. */
static char *at(const struct stage *s, const char *name)
{
	return mem_format("%s/%s", s->folder, name);
}

/* The model's folder is looked into under its full name. */
static int write_bench(const struct stage *s, const struct model *m, const char *model_path, struct err *e)
{
	char real[PATH_MAX], *path = at(s, "in.yaml"), *slash;
	bool modbus = m->manner == MANNER_MODBUS;
	FILE *f = realpath(model_path, real) ? fopen(path, "we") : NULL;

	free(path);
	if (!f)
		return err_set(e, ERR_IO, "%s: %s", model_path, strerror(errno));
	slash = strrchr(real, '/');
	fprintf(f, "bench: stage\ntitle: one model, played\nmodels: '%.*s'\nroles:\n  unit:\n    model: %s\n"
		"    address: %s\n    simulated: yes\n", (int)(slash - real), real, m->name,
		modbus ? "modbus+tcp://127.0.0.1:1/1" : "tcp://127.0.0.1:1");
	return fclose(f) ? err_set(e, ERR_IO, "%s: %s", s->folder, strerror(errno)) : 0;
}

static void become(const struct stage *s, const char *quantities, int in, int out)
{
	char *program = program_beside("etalon-sim"), *given = at(s, "in.yaml"), *written = at(s, "bench.yaml");

	dup2(in, STDIN_FILENO);
	dup2(out, STDOUT_FILENO);
	execl(program, program, "--quiet", "--any-port", "--until-eof", "--folder", s->folder, "--write-bench", written,
	      "--quantities", quantities, given, (char *)NULL);
	fprintf(stderr, "%s: %s\n", program, strerror(errno));
	_exit(127);
}

static int start(struct stage *s, const char *quantities, struct err *e)
{
	int in[2], out[2];

	if (pipe2(in, O_CLOEXEC) || pipe2(out, O_CLOEXEC))
		return err_set(e, ERR_IO, "pipe: %s", strerror(errno));
	fflush(NULL);
	s->pid = fork();
	if (s->pid == 0)
		become(s, quantities, in[0], out[1]);
	close(in[0]);
	close(out[1]);
	s->in = in[1];
	s->out = out[0];
	return s->pid < 0 ? err_set(e, ERR_IO, "fork: %s", strerror(errno)) : 0;
}

/* Its next line, without the end; valid until the next. */
static const char *next_line(struct stage *s, struct err *e)
{
	instant by = instant_after_ms(PATIENCE_MS);
	char bytes[512], *end;

	for (buf_clear(&s->said); !(end = s->said.len ? strchr(s->said.data, '\n') : NULL);) {
		ssize_t n = fd_wait(s->out, POLLIN, -1, by, e) < 0 ? 0 : read(s->out, bytes, sizeof bytes);

		if (n <= 0) {
			err_set(e, ERR_CLOSED, "etalon-sim does not play it");
			return NULL;
		}
		buf_add(&s->said, bytes, (size_t)n);
	}
	*end = '\0';
	return s->said.data;
}

/* Where it really listens. */
static int learn_address(struct stage *s, struct err *e)
{
	char *path = at(s, "bench.yaml");
	struct problems ps = { 0 };
	struct source source = { 0 };
	struct yaml *root = source_read(&source, path, &ps) ? NULL : yaml_parse(&source, &ps);
	const struct yaml *address = NULL;

	if (root)
		address = yaml_find(yaml_find(yaml_find(root, "roles"), "unit"), "address");
	if (address)
		s->address = mem_string(address->text);
	else
		err_set(e, ERR_CORRUPT, "%s does not say where the instrument is", path);
	yaml_drop(&root);
	source_release(&source);
	problems_release(&ps);
	free(path);
	return s->address ? 0 : -1;
}

static int wait_ready(struct stage *s, struct err *e)
{
	const char *line = next_line(s, e);

	if (!line)
		return -1;
	return strcmp(line, "ready") ? err_set(e, ERR_CONFIG, "etalon-sim says: %s", line) : learn_address(s, e);
}

int stage_open(struct stage **out, const struct model *m, const char *model_path, const char *quantities,
	       struct err *e)
{
	struct stage *s = mem_new(sizeof *s);

	*s = (struct stage){ .folder = "/tmp/etalon-stage-XXXXXX", .in = -1, .out = -1 };
	*out = s;
	if (!mkdtemp(s->folder))
		err_set(e, ERR_IO, "%s: %s", s->folder, strerror(errno));
	else if (write_bench(s, m, model_path, e) == 0 && start(s, quantities, e) == 0 && wait_ready(s, e) == 0)
		return 0;
	stage_close(out);
	return -1;
}

const char *stage_address(const struct stage *s)
{
	return s->address;
}

int stage_command(struct stage *s, struct err *e, const char *fmt, ...)
{
	struct buf line = { 0 };
	char text[256];
	const char *said;
	va_list ap;
	int bad;

	va_start(ap, fmt);
	vsnprintf(text, sizeof text, fmt, ap);
	va_end(ap);
	buf_printf(&line, "%s\n", text);
	bad = write(s->in, line.data, line.len) != (ssize_t)line.len;
	buf_release(&line);
	if (bad)
		return err_set(e, ERR_CLOSED, "etalon-sim has gone");
	said = next_line(s, e);
	if (!said)
		return -1;
	return strcmp(said, "ok") ? err_set(e, ERR_CONFIG, "etalon-sim: %s: %s", text, said) : 0;
}

static void remove_file(const struct stage *s, const char *name)
{
	char *path = at(s, name);

	unlink(path);
	free(path);
}

void stage_close(struct stage **p)
{
	struct stage *s = *p;

	if (!s)
		return;
	if (s->in >= 0)
		close(s->in);            /* which ends it */
	if (s->out >= 0)
		close(s->out);
	if (s->pid > 0)
		waitpid(s->pid, NULL, 0);
	remove_file(s, "in.yaml");
	remove_file(s, "bench.yaml");
	rmdir(s->folder);
	buf_release(&s->said);
	free(s->address);
	free(s);
	*p = NULL;
}
