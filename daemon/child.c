/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "child.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include "log.h"

#define FIRST_INTERVAL (NS_PER_S / 2)
#define LAST_INTERVAL  (30 * NS_PER_S)
#define STEADY_NS      (10 * NS_PER_S)

extern char **environ;

char *child_beside(const char *name)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	char *slash;

	if (n < 0)
		return mem_string(name);
	self[n] = '\0';
	slash = strrchr(self, '/');
	return mem_format("%.*s/%s", (int)(slash - self), self, name);
}

/* The child starts with no signal blocked - the daemon reads its own from a descriptor - and in
 * a group of its own: a key pressed at the daemon's terminal is not meant for it. */
static int spawn(pid_t *pid, const char *const argv[], int out, struct err *e)
{
	posix_spawn_file_actions_t files;
	posix_spawnattr_t how;
	sigset_t none;
	int bad;

	sigemptyset(&none);
	posix_spawn_file_actions_init(&files);
	posix_spawnattr_init(&how);
	posix_spawnattr_setsigmask(&how, &none);
	posix_spawnattr_setpgroup(&how, 0);
	posix_spawnattr_setflags(&how, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETPGROUP);
	posix_spawn_file_actions_addopen(&files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
	if (out >= 0)
		posix_spawn_file_actions_adddup2(&files, out, STDOUT_FILENO);
	bad = posix_spawn(pid, argv[0], &files, &how, (char *const *)argv, environ);
	posix_spawn_file_actions_destroy(&files);
	posix_spawnattr_destroy(&how);
	return bad ? err_set(e, ERR_IO, "%s: %s", argv[0], strerror(bad)) : 0;
}

static int collect(int fd, struct buf *out, instant by, struct err *e)
{
	for (;;) {
		struct pollfd p = { .fd = fd, .events = POLLIN };
		ssize_t n;

		if (instant_passed(by))
			return err_set(e, ERR_TIMEOUT, "it did not end in time");
		if (poll(&p, 1, instant_ms_left(by)) <= 0)
			continue;
		buf_reserve(out, 65536);
		n = read(fd, out->data + out->len, 65536);
		if (n < 0 && errno != EINTR)
			return err_set(e, ERR_IO, "its output: %s", strerror(errno));
		if (n == 0)
			return 0;
		if (n > 0)
			out->len += (size_t)n;
		out->data[out->len] = '\0';
	}
}

int child_output(const char *const argv[], struct buf *out, instant by, struct err *e)
{
	int ends[2], status = 0, failed;
	pid_t pid;

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_set(e, ERR_IO, "pipe: %s", strerror(errno));
	if (spawn(&pid, argv, ends[1], e) < 0) {
		close(ends[0]);
		close(ends[1]);
		return -1;
	}
	close(ends[1]);
	failed = collect(ends[0], out, by, e);
	close(ends[0]);
	if (failed)
		kill(pid, SIGKILL);
	while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
		;
	if (!failed && status != 0)
		failed = err_set(e, ERR_INSTRUMENT, "it failed (status %d)",
				 WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
	return failed ? err_wrap(e, "%s %s", argv[0], argv[1]) : 0;
}

static void keeper_reap(struct keeper *k)
{
	int status;

	if (!k->pid || waitpid(k->pid, &status, WNOHANG) != k->pid)
		return;
	if (instant_now() - k->since > STEADY_NS)
		k->interval = 0;
	k->interval = !k->interval ? FIRST_INTERVAL
		: 2 * k->interval > LAST_INTERVAL ? LAST_INTERVAL : 2 * k->interval;
	k->next = instant_after(k->interval);
	k->pid = 0;
	log_line(LOG_WARNING, "%s ended (status %d); it is started again", k->argv[0],
		 WIFEXITED(status) ? WEXITSTATUS(status) : -WTERMSIG(status));
}

void keeper_tend(struct keeper *k)
{
	struct err e;

	keeper_reap(k);
	if (k->pid || !instant_passed(k->next))
		return;
	k->since = instant_now();
	if (spawn(&k->pid, k->argv, -1, &e) < 0) {
		k->pid = 0;
		k->next = instant_after(LAST_INTERVAL);
		log_line(LOG_ERROR, "%s", e.text);
	}
}

void keeper_stop(struct keeper *k, instant by)
{
	int status;

	if (!k->pid)
		return;
	kill(k->pid, SIGTERM);
	while (waitpid(k->pid, &status, WNOHANG) == 0) {
		if (instant_passed(by)) {
			kill(k->pid, SIGKILL);
			waitpid(k->pid, &status, 0);
			break;
		}
		instant_sleep_until(instant_after(10 * NS_PER_MS));
	}
	k->pid = 0;
}
