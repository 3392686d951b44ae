/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "archive.h"

#include <errno.h>
#include <fcntl.h>
#include <libgen.h>
#include <unistd.h>

#include "digest.h"
#include "io.h"
#include "journal.h"
#include "projection.h"
#include "seal.h"

static int project_journal(struct projection *p, struct journal_reader *journal,
			   struct archive_result *made,
			   struct err *e)
{
	struct record r;
	int more;

	while ((more = journal_read_next(journal, &r, e)) > 0)
		if (projection_add(p, &r, e) < 0)
			return -1;
	return more < 0 ? -1 : projection_end(p, made, e);
}

static int write_content(struct hdf *h, const char *folder, struct archive_result *made, struct err *e)
{
	struct journal_reader *journal = NULL;
	struct projection *p;
	int bad;

	if (journal_read_open(&journal, folder, e) < 0)
		return -1;
	p = projection_new(h);
	bad = project_journal(p, journal, made, e);
	projection_free(&p);
	journal_read_close(&journal);
	return bad;
}

/* The digest is taken of what can be read back, not of what was meant to be written. */
static int write_seal(struct hdf *h, struct archive_result *made, struct err *e)
{
	struct digest d;
	int bad;

	if (hdf_flush(h, e) < 0)
		return -1;
	bad = digest_take(&d, h->file, h->chunks, e);
	memcpy(made->digest, d.whole, HASH_SIZE);
	digest_release(&d);
	if (!bad)
		seal_write(h, made);
	return bad;
}

static int write_file(const char *journal, const char *path, struct archive_result *made, struct err *e)
{
	struct err closing;
	struct hdf h;
	int bad;

	if (hdf_open(&h, path, HDF_CREATE, e) < 0)
		return -1;
	bad = write_content(&h, journal, made, e);
	if (!bad)
		bad = write_seal(&h, made, e);
	if (hdf_close(&h, &closing) < 0 && !bad) {
		*e = closing;
		bad = -1;
	}
	return bad;
}

static int system_err(struct err *e, const char *doing, const char *path)
{
	return err_set(e, errno == ENOSPC || errno == EDQUOT ? ERR_FULL : ERR_IO, "%s %s: %s",
		       doing, path,
		       strerror(errno));
}

static int sync_path(const char *path, bool protect, struct err *e)
{
	int fd = io->open(path, O_RDONLY, 0);
	int bad = 0;

	if (fd < 0)
		return system_err(e, "opening", path);
	if (protect && fchmod(fd, 0444) < 0)
		bad = system_err(e, "making read-only", path);
	if (!bad && io->fsync(fd) < 0)
		bad = system_err(e, "making durable", path);
	io->close(fd);
	return bad;
}

static int put_in_place(const char *part, const char *path, struct err *e)
{
	char *copy = mem_string(path);
	int bad = sync_path(part, true, e);

	if (!bad && io->rename(part, path) < 0)
		bad = system_err(e, "renaming to", path);
	if (!bad)
		bad = sync_path(dirname(copy), false, e);
	free(copy);
	return bad;
}

int archive_build(const char *journal, const char *path, struct archive_result *r, struct err *e)
{
	char *part = mem_format("%s.part", path);
	int bad;

	*r = (struct archive_result){ 0 };
	bad = write_file(journal, part, r, e);
	if (!bad)
		bad = put_in_place(part, path, e);
	if (bad) {
		io->unlink(part);
		err_wrap(e, "archive %s", path);
	}
	free(part);
	return bad ? -1 : 0;
}
