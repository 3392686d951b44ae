/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "house.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <sys/file.h>
#include <sys/stat.h>
#include <unistd.h>

static int make_folder(const char *path, struct err *e)
{
	if (mkdir(path, 0777) < 0 && errno != EEXIST)
		return err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
	return 0;
}

/* Two daemons never share a state folder; the lock goes with the process. */
static int lock_state(struct house *h, struct err *e)
{
	char path[PATH_MAX];

	snprintf(path, sizeof path, "%s/lock", h->state);
	h->lock = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0666);
	if (h->lock < 0)
		return err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
	if (flock(h->lock, LOCK_EX | LOCK_NB) < 0)
		return err_set(e, ERR_STATE, "%s is in use by another etalond", h->state);
	return 0;
}

static int make_folders(struct house *h, struct err *e)
{
	static const char *const names[] = { "journals", "runs", "live", "scratch", "instruments", NULL };
	char path[PATH_MAX];

	if (make_folder(h->state, e) < 0)
		return -1;
	for (size_t i = 0; names[i]; i++) {
		snprintf(path, sizeof path, "%s/%s", h->state, names[i]);
		if (make_folder(path, e) < 0)
			return -1;
	}
	return 0;
}

static char *absolute(const char *path)
{
	char cwd[PATH_MAX];

	if (path[0] == '/' || !getcwd(cwd, sizeof cwd))
		return mem_string(path);
	return mem_format("%s/%s", cwd, path);
}

static void name_endpoints(struct house *h)
{
	h->control_endpoint = h->config->endpoints.control
		? mem_string(h->config->endpoints.control) : mem_format("ipc://%s/control", h->state);
	h->streams.n = h->config->endpoints.stream.n ? h->config->endpoints.stream.n : 1;
	h->streams.list = mem_array(h->streams.n, sizeof *h->streams.list);
	for (size_t i = 0; i < h->streams.n; i++)
		h->streams.list[i] = h->config->endpoints.stream.n
			? mem_string(h->config->endpoints.stream.list[i])
			: mem_format("ipc://%s/stream", h->state);
}

static void name_recorder(struct house *h)
{
	const char *const argv[] = {
		h->recorder, "--control", h->control_endpoint, "--stream", h->streams.list[0],
		"--state", h->state, "--live-ms", h->live_ms, "--daemon", h->own_pid, NULL,
	};

	snprintf(h->live_ms, sizeof h->live_ms, "%lld", (long long)(h->config->record.live_ns / NS_PER_MS));
	snprintf(h->own_pid, sizeof h->own_pid, "%ld", (long)getpid());
	memcpy(h->record_argv, argv, sizeof argv);
	h->keeper.argv = h->record_argv;
}

int house_open(struct house *h, const char *config, const char *state, struct err *e)
{
	struct problems ps = { 0 };
	int failed = config_load(&h->config, config, &ps) < 0 ? problems_err(&ps, e) : 0;

	problems_release(&ps);
	if (failed)
		return -1;
	h->state = state ? absolute(state) : absolute(h->config->state);
	h->journals = mem_format("%s/journals", h->state);
	h->labs_journal = mem_format("%s/lab.journal", h->state);
	h->scratch = mem_format("%s/scratch", h->state);
	h->quantities = absolute(h->config->quantities);
	h->evaluate = child_beside("etalon");
	h->recorder = h->config->record.program ? absolute(h->config->record.program)
		: child_beside("etalon-record");
	name_endpoints(h);
	name_recorder(h);
	h->started = instant_now();
	return make_folders(h, e) < 0 || lock_state(h, e) < 0 ? -1 : 0;
}

void house_close(struct house *h)
{
	char *const strings[] = { h->state, h->journals, h->labs_journal, h->scratch, h->quantities,
				  h->evaluate, h->recorder, h->control_endpoint };

	if (h->lock > 0)
		close(h->lock);
	for (size_t i = 0; i < sizeof strings / sizeof *strings; i++)
		free(strings[i]);
	for (size_t i = 0; i < h->streams.n; i++)
		free(h->streams.list[i]);
	free(h->streams.list);
	free(h->runs);
	desk_release(&h->desk);
	config_free(&h->config);
}
