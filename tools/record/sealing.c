/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "sealing.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include "archive.h"

int sealing_main(const char *journal, const char *archive)
{
	char head[HASH_TEXT], digest[HASH_TEXT];
	struct archive_result made;
	struct err e;

	if (archive_build(journal, archive, &made, &e) < 0) {
		printf("%d %s\n", (int)e.code, e.text);
		return 1;
	}
	printf("%d %s %s\n", (int)ERR_NONE, hash_text(made.head, head), hash_text(made.digest, digest));
	return 0;
}

/* Between fork and exec: only what is safe there. */
static void child(int out, pid_t parent, const char *journal, const char *archive)
{
	sigset_t none;

	prctl(PR_SET_PDEATHSIG, SIGKILL);
	if (getppid() != parent)
		_exit(1);
	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	signal(SIGTERM, SIG_IGN);      /* told to end, this program lets a seal be finished */
	dup2(out, STDOUT_FILENO);
	execl("/proc/self/exe", "etalon-record", "--seal", journal, archive, (char *)NULL);
	_exit(127);
}

int sealing_start(struct sealing *s, const char *journal, const char *archive, struct err *e)
{
	pid_t parent = getpid();
	int ends[2];

	if (pipe2(ends, O_CLOEXEC) < 0)
		return err_set(e, ERR_IO, "no pipe: %s", strerror(errno));
	s->pid = fork();
	if (s->pid == 0)
		child(ends[1], parent, journal, archive);
	close(ends[1]);
	s->out = ends[0];
	buf_clear(&s->said);
	if (s->pid > 0)
		return 0;
	close(s->out);
	s->pid = 0;
	return err_set(e, ERR_IO, "no child process: %s", strerror(errno));
}

static int how_it_ended(struct sealing *s, int status, struct sealed *made, struct err *e)
{
	char *text = s->said.len ? s->said.data : NULL, *after;
	long code = text ? strtol(text, &after, 10) : -1;

	if (WIFEXITED(status) && WEXITSTATUS(status) == 0 && code == ERR_NONE &&
	    sscanf(after, " %64[0-9a-f] %64[0-9a-f]", made->head, made->digest) == 2)
		return 1;
	if (code > ERR_NONE && code < ERR_CODES) {
		after[strcspn(after, "\n")] = '\0';
		return err_set(e, (enum err_code)code, "%s", after + (*after == ' '));
	}
	if (WIFSIGNALED(status))
		return err_set(e, ERR_IO, "the sealing process was ended by %s",
			       strsignal(WTERMSIG(status)));
	return err_set(e, ERR_IO, "the sealing process ended without a word (exit status %d)",
		       WEXITSTATUS(status));
}

int sealing_read(struct sealing *s, struct sealed *made, struct err *e)
{
	int status = 0;
	ssize_t n;

	buf_reserve(&s->said, 1024);
	do {
		n = read(s->out, s->said.data + s->said.len, 1024);
	} while (n < 0 && errno == EINTR);
	if (n > 0) {
		s->said.len += (size_t)n;
		s->said.data[s->said.len] = '\0';
		return 0;
	}
	while (waitpid(s->pid, &status, 0) < 0 && errno == EINTR)
		;
	close(s->out);
	s->pid = 0;
	return how_it_ended(s, status, made, e);
}

void sealing_kill(struct sealing *s)
{
	struct sealed ignored;
	struct err e;

	if (s->pid) {
		kill(s->pid, SIGKILL);
		while (sealing_read(s, &ignored, &e) == 0)
			;
	}
	buf_release(&s->said);
}
