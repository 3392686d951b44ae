/* SPDX-License-Identifier: GPL-3.0-or-later */
#include <errno.h>
#include <unistd.h>

#include "confine.h"
#include "report.h"

#define REPORT_MAX ((size_t)1 << 20)

/* The answer is one object: the error, or the report. */
static void child(int fd, const char *path, const void *journal)
{
	struct archive_report r;
	struct buf text = { 0 };
	struct err e;

	if (archive_verify(path, journal, &r, &e) < 0)
		buf_printf(&text, "%d %s", (int)e.code, e.text);
	else
		report_put(&text, &r);
	confine_write(fd, text.data, text.len);
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

/* how: how the child ended, NULL if well. */
static int take_answer(const struct buf *text, const char *how, struct archive_report *r,
		       struct err *e)
{
	char *end = text->data;

	if (text->len && text->data[0] != '{') {
		long code = strtol(text->data, &end, 10);

		return err_set(e, code > 0 && code < ERR_CODES ? (enum err_code)code : ERR_IO, "%s",
			       *end == ' ' ? end + 1 : end);
	}
	if (!text->len || report_get(r, (struct span){ text->data, text->len }) < 0)
		report_add(r, "%s", how ? how : "reading the file ended without a report");
	return 0;
}

int archive_verify_child(const char *path, const char *journal, struct archive_report *r,
			 struct err *e)
{
	struct buf text = { 0 };
	pid_t pid;
	int fd, bad;

	*r = (struct archive_report){ 0 };
	fd = confine_start(path, child, journal, &pid, e);
	if (fd < 0)
		return -1;
	read_all(fd, &text);
	close(fd);
	bad = take_answer(&text, confine_end(pid), r, e);
	buf_release(&text);
	return bad;
}
