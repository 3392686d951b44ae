/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <signal.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "report.h"

#define MEMORY_BASE   ((rlim_t)2 << 30)
#define MEMORY_FACTOR 16               /* bytes of memory for a byte of file */
#define SECONDS_BASE  60
#define SECONDS_BYTES ((off_t)1 << 20) /* bytes of file for one more second */
#define REPORT_MAX    ((size_t)1 << 20)

#if defined __SANITIZE_ADDRESS__
#define LIMIT_MEMORY 0                 /* the sanitizer maps terabytes */
#elif defined __has_feature
#if __has_feature(address_sanitizer)
#define LIMIT_MEMORY 0
#endif
#endif
#ifndef LIMIT_MEMORY
#define LIMIT_MEMORY 1
#endif

static void limit(int what, rlim_t most)
{
	struct rlimit l = { most, most };

	setrlimit(what, &l);
}

/* The file is foreign: it may make the library loop, grow or crash. */
static void set_limits(off_t size)
{
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_CPU, (rlim_t)(SECONDS_BASE + size / SECONDS_BYTES));
	if (LIMIT_MEMORY)
		limit(RLIMIT_AS, MEMORY_BASE + (rlim_t)size * MEMORY_FACTOR);
}

static void write_all(int fd, const char *p, size_t n)
{
	ssize_t k;

	for (; n; n -= (size_t)k, p += k) {
		k = write(fd, p, n);
		if (k < 0 && errno == EINTR)
			k = 0;
		if (k < 0)
			return;
	}
}

/* A crash must end this process, whatever the caller has done about his own. */
static void default_signals(void)
{
	static const int crashes[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGXCPU };
	size_t i;

	for (i = 0; i < sizeof crashes / sizeof *crashes; i++)
		signal(crashes[i], SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

/* The answer is one object: the error, or the report. */
static void child(int fd, const char *path, const char *journal, off_t size)
{
	struct archive_report r;
	struct buf text = { 0 };
	struct err e;

	default_signals();
	set_limits(size);
	if (archive_verify(path, journal, &r, &e) < 0)
		buf_printf(&text, "%d %s", (int)e.code, e.text);
	else
		report_put(&text, &r);
	write_all(fd, text.data, text.len);
	_exit(0);
}

static void read_all(int fd, struct buf *text)
{
	char piece[4096];
	ssize_t n;

	while (text->len < REPORT_MAX) {
		n = read(fd, piece, sizeof piece);
		if (n < 0 && errno == EINTR)
			continue;
		if (n <= 0)
			break;
		buf_add(text, piece, (size_t)n);
	}
}

static int take_answer(const struct buf *text, int status, struct archive_report *r, struct err *e)
{
	char *end = text->data;

	*r = (struct archive_report){ 0 };
	if (text->len && text->data[0] != '{') {
		long code = strtol(text->data, &end, 10);

		return err_set(e, code > 0 && code < ERR_CODES ? (enum err_code)code : ERR_IO, "%s",
			       *end == ' ' ? end + 1 : end);
	}
	if (text->len && report_get(r, (struct span){ text->data, text->len }) == 0)
		return 0;
	if (WIFSIGNALED(status) && WTERMSIG(status) == SIGXCPU)
		report_add(r, "reading the file took longer than any archive of its size may");
	else if (WIFSIGNALED(status))
		report_add(r, "reading the file crashed the HDF5 library (%s)", strsignal(WTERMSIG(status)));
	else
		report_add(r, "reading the file ended without a report (exit status %d)", WEXITSTATUS(status));
	return 0;
}

int archive_verify_child(const char *path, const char *journal, struct archive_report *r, struct err *e)
{
	struct buf text = { 0 };
	struct stat st;
	int ends[2], status = 0, bad;
	pid_t pid;

	*r = (struct archive_report){ 0 };
	if (stat(path, &st) < 0)
		return err_set(e, ERR_IO, "%s cannot be read: %s", path, strerror(errno));
	if (pipe(ends) < 0)
		return err_set(e, ERR_IO, "no pipe: %s", strerror(errno));
	pid = fork();
	if (pid == 0) {
		close(ends[0]);
		child(ends[1], path, journal, st.st_size);
	}
	close(ends[1]);
	if (pid > 0) {
		read_all(ends[0], &text);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	}
	close(ends[0]);
	bad = pid < 0 ? err_set(e, ERR_IO, "no child process: %s", strerror(errno)) : take_answer(&text, status, r, e);
	buf_release(&text);
	return bad;
}
