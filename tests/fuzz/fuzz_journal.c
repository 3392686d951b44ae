/* SPDX-License-Identifier: GPL-3.0-or-later
 * fuzz_journal.c - any bytes as the only segment of a journal: reading and recovering them ends in
 * records that chain or in a sentence, and after recovery the journal can be appended to. */
#include <stdint.h>
#include <sys/stat.h>
#include <unistd.h>

#include "journal.h"
#include "segment.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static char folder[64], path[80], lock[80];

static void must(bool ok)
{
	if (!ok)
		abort();
}

static void remove_folder(void)
{
	unlink(path);
	unlink(lock);
	rmdir(folder);
}

static void make_folder(void)
{
	if (*folder)
		return;
	snprintf(folder, sizeof folder, "%s/fuzz-journal-XXXXXX",
		 access("/dev/shm", W_OK) ? "/tmp" : "/dev/shm");
	must(mkdtemp(folder) != NULL);
	snprintf(path, sizeof path, "%s/000001", folder);
	snprintf(lock, sizeof lock, "%s/lock", folder);
	atexit(remove_folder);
}

/* A fuzzer does not guess checksums, so one form of input has them made: 'P' and then frames as
 * kind, header length (2 bytes), body length (1 byte), header, body. */
static size_t build(const uint8_t *data, size_t size, char *out, size_t room)
{
	size_t n = 0;

	while (size >= 4) {
		enum frame_kind kind = (enum frame_kind)(data[0] % FRAME_KINDS);
		size_t header = (size_t)data[1] << 8 | data[2], body = data[3];

		data += 4;
		size -= 4;
		if (header > size)
			header = size;
		if (body > size - header)
			body = size - header;
		if (n + FRAME_EXTRA + header + body > room)
			break;
		memcpy(out + n + FRAME_PREFIX, data, header + body);
		frame_seal(out + n, kind, header, body, 1, n);
		data += header + body;
		size -= header + body;
		n += FRAME_EXTRA + header + body;
	}
	return n;
}

static void write_segment(const uint8_t *data, size_t size)
{
	static char built[1 << 20];
	FILE *f = fopen(path, "wb");
	size_t n;

	must(f != NULL);
	if (size > 0 && *data == 'P') {
		n = build(data + 1, size - 1, built, sizeof built);
		must(fwrite(built, 1, n, f) == n);
	} else {
		must(fwrite(data, 1, size, f) == size);
	}
	must(fclose(f) == 0);
}

static uint64_t read_all(void)
{
	struct journal_summary s;
	struct err e;

	if (journal_verify(folder, &s, &e) < 0)
		must(e.text[0] && e.code != ERR_IO);
	journal_summary_release(&s);
	return s.records;
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const struct journal_options o = { .segment_bytes = 1 << 20, .reserve_bytes = 4096, .ahead_bytes = 4096 };
	struct draft d = { .kind = RECORD_EVENT, .channel = "" };
	struct journal_recovery found;
	struct journal *j;
	uint64_t shown;
	struct err e;

	make_folder();
	write_segment(data, size);
	shown = read_all();
	if (journal_open(&j, folder, &o, &found, &e) < 0) {
		must(e.text[0] && e.code != ERR_IO);
		return 0;
	}
	must(found.records >= shown);
	if (!found.stopped)
		must(journal_append(j, &d, JOURNAL_ORDINARY, NULL, &e) == 0 && journal_commit(j, &e) == 0);
	journal_close(&j);
	must(read_all() == found.records + !found.stopped || found.stopped);
	return 0;
}
