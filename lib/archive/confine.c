/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "confine.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "sanitized.h"

#define MEMORY_BASE   ((rlim_t)2 << 30)
#define MEMORY_FACTOR 16               /* bytes of memory for a byte of file */
#define SECONDS_BASE  60
#define SECONDS_BYTES ((off_t)1 << 20) /* bytes of file for one more second */

/* A sanitizer maps terabytes. */
#define LIMIT_MEMORY (!SANITIZED_ADDRESS && !SANITIZED_THREAD)

static void limit(__rlimit_resource_t what, rlim_t most)
{
	struct rlimit l = { most, most };

	setrlimit(what, &l);
}

static void set_limits(off_t size)
{
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_CPU, (rlim_t)(SECONDS_BASE + size / SECONDS_BYTES));
	if (LIMIT_MEMORY)
		limit(RLIMIT_AS, MEMORY_BASE + (rlim_t)size * MEMORY_FACTOR);
}

/* A crash must end this process, whatever the caller has done about his own. */
static void default_signals(void)
{
	static const int crashes[] = { SIGSEGV, SIGBUS, SIGABRT, SIGFPE, SIGILL, SIGXCPU };

	for (size_t i = 0; i < sizeof crashes / sizeof *crashes; i++)
		signal(crashes[i], SIG_DFL);
	signal(SIGPIPE, SIG_IGN);
	signal(SIGXFSZ, SIG_IGN);
}

int confine_start(const char *path, void (*work)(int fd, const char *path, const void *who),
		  const void *who, pid_t *pid, struct err *e)
{
	struct stat st;
	int ends[2];

	if (stat(path, &st) < 0)
		return err_set(e, ERR_IO, "%s cannot be read: %s", path, strerror(errno));
	if (pipe(ends) < 0)
		return err_set(e, ERR_IO, "no pipe: %s", strerror(errno));
	*pid = fork();
	if (*pid == 0) {
		close(ends[0]);
		default_signals();
		set_limits(st.st_size);
		work(ends[1], path, who);
		_exit(0);
	}
	close(ends[1]);
	if (*pid > 0)
		return ends[0];
	close(ends[0]);
	return err_set(e, ERR_IO, "no child process: %s", strerror(errno));
}

int confine_write(int fd, const void *data, size_t n)
{
	const char *p = data;
	ssize_t k;

	for (; n; n -= (size_t)k, p += k) {
		k = write(fd, p, n);
		if (k < 0 && errno == EINTR)
			k = 0;
		if (k < 0)
			return -1;
	}
	return 0;
}

const char *confine_end(pid_t pid)
{
	static char text[128];
	int status;

	while (waitpid(pid, &status, 0) < 0)
		if (errno != EINTR)
			return NULL;
	if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
		return NULL;
	if (WIFEXITED(status))
		snprintf(text, sizeof text, "reading the file ended with exit status %d",
			 WEXITSTATUS(status));
	else if (WTERMSIG(status) == SIGXCPU)
		snprintf(text, sizeof text,
			 "reading the file took longer than any archive of its size may");
	else
		snprintf(text, sizeof text, "reading the file crashed the HDF5 library (%s)",
			 strsignal(WTERMSIG(status)));
	return text;
}
