/* SPDX-License-Identifier: GPL-3.0-or-later
 * bench_seal - a journal of many readings: sealed, beside copying the same bytes durably; recovered
 * after a kill.  The daemon: from its start to being ready, and its memory when idle. */
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "aid.h"
#include "archive.h"
#include "journal.h"

#define SEALED    100000
#define RECOVERED 1000000
#define ROUNDS    5
#define READINGS_OF_POINT 20

static void append(struct journal *j, enum record_kind kind, const char *channel, const struct buf *keys,
		   uint64_t i)
{
	struct draft d = { .kind = kind, .channel = channel, .utc_ns = 1795492762000000000 + (int64_t)i * 1000000,
			   .mono_ns = (int64_t)i * 1000000, .keys = keys->data, .keys_len = keys->len };

	must(journal_append(j, &d, JOURNAL_ORDINARY, NULL, &aid_err) == 0, "append");
}

static void begin(struct journal *j)
{
	struct buf keys = { 0 };

	buf_puts(&keys, ",\"title\":\"benchmark\",\"operator\":\"nobody\",\"simulated\":true");
	append(j, RECORD_START, "", &keys, 0);
	buf_clear(&keys);
	buf_puts(&keys, ",\"quantity\":\"voltage.dc\",\"unit\":\"V\",\"role\":\"meter\",\"environment\":false");
	append(j, RECORD_CHANNEL, "meter.voltage.dc", &keys, 0);
	buf_release(&keys);
}

static void readings(struct journal *j, uint64_t n)
{
	struct buf keys = { 0 };

	for (uint64_t i = 0; i < n; i++) {
		buf_clear(&keys);
		json_key(&keys, "value");
		json_number(&keys, 10.0 + (double)(i * 2654435761u % 100000) * 1e-8);
		buf_puts(&keys, ",\"unit\":\"V\",\"status\":\"ok\",\"raw\":\"+1.000000123E+01\",\"span_ns\":1234567,"
			 "\"point\":0,\"attempt\":1,\"step\":2,\"k\":");
		buf_printf(&keys, "%llu,\"use\":\"measure\"", (unsigned long long)i);
		append(j, RECORD_READING, "meter.voltage.dc", &keys, i);
		if (i % 4096 == 4095)
			must(journal_commit(j, &aid_err) == 0, "commit");
	}
	must(journal_commit(j, &aid_err) == 0, "commit");
	buf_release(&keys);
}

/* What a point of two instruments brings beside its readings: settings made and read back, error
 * queues asked, beginnings and ends. */
static void around_point(struct journal *j, uint64_t i)
{
	static const struct { enum record_kind kind; const char *keys; } records[] = {
		{ RECORD_EVENT, ",\"event\":\"point.begin\",\"text\":\"point begins\",\"point\":0,\"attempt\":1" },
		{ RECORD_EXCHANGE, ",\"role\":\"source\",\"why\":\"set\",\"id\":\"source-17\",\"sent\":\":VOLT 10.0\\n\","
		  "\"received\":\"\",\"span_ns\":123456" },
		{ RECORD_EXCHANGE, ",\"role\":\"source\",\"why\":\"readback\",\"id\":\"source-18\",\"sent\":\":VOLT?\\n\","
		  "\"received\":\"1.000000E+01\\n\",\"span_ns\":223456" },
		{ RECORD_EXCHANGE, ",\"role\":\"source\",\"why\":\"errors\",\"id\":\"source-19\",\"sent\":\":SYST:ERR?\\n\","
		  "\"received\":\"0,\\\"No error\\\"\\n\",\"span_ns\":323456" },
		{ RECORD_EXCHANGE, ",\"role\":\"meter\",\"why\":\"errors\",\"id\":\"meter-19\",\"sent\":\":SYST:ERR?\\n\","
		  "\"received\":\"0,\\\"No error\\\"\\n\",\"span_ns\":423456" },
		{ RECORD_EVENT, ",\"event\":\"step.begin\",\"text\":\"step begins\",\"point\":0,\"attempt\":1,\"step\":2" },
	};

	for (size_t k = 0; k < sizeof records / sizeof *records; k++) {
		struct buf keys = { 0 };

		buf_puts(&keys, records[k].keys);
		append(j, records[k].kind, "", &keys, i);
		buf_release(&keys);
	}
}

static void points(struct journal *j, uint64_t n)
{
	for (uint64_t i = 0; i < n; i += READINGS_OF_POINT) {
		around_point(j, i);
		readings(j, READINGS_OF_POINT);
	}
}

static void stop(struct journal *j)
{
	struct buf keys = { 0 };

	buf_puts(&keys, ",\"status\":\"complete\",\"reason\":\"\"");
	json_key(&keys, "counts");
	record_counts_put(&keys, journal_counts(j));
	append(j, RECORD_STOP, "", &keys, 0);
	must(journal_commit(j, &aid_err) == 0, "commit");
	buf_release(&keys);
}

static bool copy_segment(const char *folder, unsigned number, int to)
{
	char *path = mem_format("%s/%06u", folder, number);
	static char part[128 * 1024];
	int from = open(path, O_RDONLY | O_CLOEXEC);
	ssize_t n;

	free(path);
	if (from < 0)
		return false;
	while ((n = read(from, part, sizeof part)) > 0)
		must(write(to, part, (size_t)n) == n, "write");
	must(n == 0, "read");
	close(from);
	return true;
}

/* What cp does with all segments, into one file, and fsync. */
static double copied(const char *folder, const char *path)
{
	instant start = instant_now();
	int to = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);

	must(to >= 0, path);
	for (unsigned i = 1; copy_segment(folder, i, to); i++)
		;
	must(fsync(to) == 0, "fsync");
	close(to);
	return aid_seconds(start);
}

static double sealed(const char *folder, const char *archive)
{
	struct archive_result r;
	instant start = instant_now();

	must(archive_build(folder, archive, &r, &aid_err) == 0, "archive");
	return aid_seconds(start);
}

static double megabytes(const char *path)
{
	struct stat st;

	must(stat(path, &st) == 0, path);
	return (double)st.st_size / 1e6;
}

static void make_journal(const char *folder, void (*fill)(struct journal *j, uint64_t n))
{
	struct journal *j;

	must(journal_create(&j, folder, "BENCH-20261124-0001", NULL, &aid_err) == 0, "journal");
	begin(j);
	fill(j, SEALED);
	stop(j);
	journal_close(&j);
}

/* In bytes of the journal a second, both.  The copy waits for the disk; sealing, on two cores, for
 * the processor: it proves the chain, parses every record, writes a quarter of the bytes or less, reads
 * them back for the digest, and waits for the disk as well. */
static void seal(const char *row, void (*fill)(struct journal *j, uint64_t n))
{
	char *folder = aid_path(row), *archive = aid_path("archive.h5"), *copy = aid_path("copy");
	char *size = mem_format("%s_size", row);
	double ours[ROUNDS], theirs[ROUNDS];

	make_journal(folder, fill);
	copied(folder, copy);            /* warm */
	for (int i = 0; i < ROUNDS; i++) {
		theirs[i] = copied(folder, copy);
		theirs[i] = megabytes(copy) / theirs[i];
		ours[i] = megabytes(copy) / sealed(folder, archive);
	}
	aid_paired(row, ours, theirs, ROUNDS, at_least(0.40), "MB/s");
	aid_row(size, megabytes(archive), megabytes(copy), stated(), "MB");
	free(size);
	free(folder);
	free(archive);
	free(copy);
}

/* A child writes it and dies with a group pending. */
static void recover(void)
{
	char *folder = aid_path("recovered");
	struct journal_recovery found;
	struct journal *j;
	instant start;
	pid_t child = fork();

	if (child == 0) {
		must(journal_create(&j, folder, "BENCH-20261124-0002", NULL, &aid_err) == 0, "journal");
		begin(j);
		readings(j, RECOVERED);
		raise(SIGKILL);
	}
	must(child > 0 && waitpid(child, NULL, 0) == child, "child");
	start = instant_now();
	must(journal_open(&j, folder, NULL, &found, &aid_err) == 0, "recovery");
	aid_row("recovery_1000000_readings", aid_seconds(start), 0, at_most(5), "s");
	must(found.records == RECOVERED + 2, "records");
	journal_close(&j);
	free(folder);
}

/* The daemon. */

static pid_t start_daemon(const char *program, const char *config, const char *state)
{
	pid_t child = fork();
	int null;

	if (child)
		return child;
	null = open("/dev/null", O_RDWR | O_CLOEXEC);
	dup2(null, STDOUT_FILENO);
	dup2(null, STDERR_FILENO);
	execl(program, program, "--config", config, "--state", state, (char *)NULL);
	_exit(127);
}

static double memory_kib(pid_t of)
{
	char *path = mem_format("/proc/%d/smaps_rollup", of), line[256];
	FILE *f = fopen(path, "re");
	double kib = 0;

	must(f != NULL, path);
	while (fgets(line, sizeof line, f))
		if (!strncmp(line, "Pss:", 4))
			kib = strtod(line + 4, NULL);
	fclose(f);
	free(path);
	return kib;
}

/* Ready: its control socket is there. */
static void daemon_rows(const char *program)
{
	char *state = aid_path("state"), *socket = aid_path("state/control"), *config = aid_path("etalond.yaml");
	double ready[ROUNDS], memory[ROUNDS];

	aid_write("quantities.yaml", "quantities:\n  voltage.dc: {unit: V, meaning: direct voltage}\n");
	aid_write("etalond.yaml", "laboratory: BENCH\nname: {en: a benchmark}\nstate: state\n"
		  "quantities: quantities.yaml\nrecord: {start: no}\n");
	for (int i = 0; i < ROUNDS; i++) {
		instant start = instant_now();
		pid_t child;

		unlink(socket);
		child = start_daemon(program, config, state);
		while (access(socket, F_OK)) {
			must(aid_seconds(start) < 10 && waitpid(child, NULL, WNOHANG) == 0, "etalond");
			usleep(500);
		}
		ready[i] = 1e3 * aid_seconds(start);
		usleep(200000);
		memory[i] = memory_kib(child);
		kill(child, SIGTERM);
		waitpid(child, NULL, 0);
	}
	aid_row("etalond_start_to_ready", aid_median(ready, ROUNDS), 0, at_most(100), "ms");
	aid_row("etalond_idle_memory", aid_median(memory, ROUNDS), 0, stated(), "KiB");
	free(state);
	free(socket);
	free(config);
}

int main(void)
{
	aid_folder_make();
	if (aid_wanted("seal")) {
		seal("seal_100000_readings", readings);
		seal("seal_5000_points", points);
	}
	if (aid_wanted("recovery"))
		recover();
	if (aid_wanted("etalond"))
		daemon_rows("build/etalond");
	aid_folder_remove();
	return 0;
}
