/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "recollection.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <math.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "json.h"

#define FILE_MOST 4096

static void name_file(char path[PATH_MAX], const char *state, const struct instrument *in)
{
	const char *who = in->serial[0] ? in->serial : in->serial_expected ? in->serial_expected : in->address;
	int n = snprintf(path, PATH_MAX, "%s/instruments/%s-", state, in->model->name);

	for (; *who && n < PATH_MAX - 1; who++)
		path[n++] = isalnum((unsigned char)*who) || *who == '-' ? *who : '_';
	path[n] = '\0';
}

static int failed(const char *path, struct err *e)
{
	return err_set(e, ERR_IO, "%s: %s", path, strerror(errno));
}

static int corrupt(const char *path, struct err *e)
{
	return err_set(e, ERR_CORRUPT, "%s is not what etalond writes: look at it, then remove it; the instrument "
		       "then counts as just switched on", path);
}

static int get_int(struct span text, const char *key, int64_t *out)
{
	struct span v;

	return json_member(text, key, &v) == 1 ? json_get_int(v, out) : -1;
}

static int get_name(struct span text, const char *key, char name[PAST_NAME])
{
	struct buf said = { 0 };
	struct span v;
	int bad = json_member(text, key, &v) != 1 || json_get_string(v, &said) < 0 || said.len >= PAST_NAME;

	snprintf(name, PAST_NAME, "%s", bad || !said.data ? "" : said.data);
	buf_release(&said);
	return bad ? -1 : 0;
}

static int parse(struct span text, struct past *p)
{
	struct span owed, k;

	if (json_check(text) != 0 || get_int(text, "powered_on_ns", &p->powered_on_ns) < 0 ||
	    get_int(text, "before_ns", &p->before_ns) < 0 || get_int(text, "seen_ns", &p->seen_ns) < 0 ||
	    get_int(text, "since_ns", &p->since_ns) < 0 || get_name(text, "since_by", p->since_by) < 0 ||
	    json_member(text, "owed", &owed) != 1 || json_get_bool(owed, &p->owed) < 0 ||
	    get_int(text, "self_calibrated_ns", &p->self_calibrated_ns) < 0 ||
	    json_member(text, "self_calibration_k", &k) != 1)
		return -1;
	if (json_get_number(k, &p->self_calibration_k) < 0)
		p->self_calibration_k = NAN;
	return 0;
}

int recollection_load(const char *state, const struct instrument *in, struct past *p, struct err *e)
{
	char path[PATH_MAX], text[FILE_MOST];
	ssize_t n;
	int fd;

	name_file(path, state, in);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return errno == ENOENT ? 0 : failed(path, e);
	n = read(fd, text, sizeof text);
	if (n < 0)
		failed(path, e);
	close(fd);
	if (n < 0)
		return -1;
	return parse((struct span){ text, (size_t)n }, p) < 0 ? corrupt(path, e) : 0;
}

static void put(struct buf *b, const struct past *p)
{
	buf_putc(b, '{');
	json_put_int(b, "powered_on_ns", p->powered_on_ns);
	json_put_int(b, "before_ns", p->before_ns);
	json_put_int(b, "seen_ns", p->seen_ns);
	json_put_int(b, "since_ns", p->since_ns);
	json_key(b, "since_by");
	json_text(b, p->since_by);
	json_key(b, "owed");
	json_bool(b, p->owed);
	json_put_int(b, "self_calibrated_ns", p->self_calibrated_ns);
	json_key(b, "self_calibration_k");
	json_number(b, p->self_calibration_k);
	buf_puts(b, "}\n");
}

static int write_all(const char *path, const struct buf *b)
{
	int fd = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0666), bad;

	if (fd < 0)
		return -1;
	bad = write(fd, b->data, b->len) != (ssize_t)b->len || fdatasync(fd) < 0;
	return close(fd) < 0 || bad ? -1 : 0;
}

/* The name is durable once the folder is. */
static int sync_folder(const char *state)
{
	char path[PATH_MAX];
	int fd, bad;

	snprintf(path, sizeof path, "%s/instruments", state);
	fd = open(path, O_RDONLY | O_DIRECTORY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	bad = fsync(fd);
	close(fd);
	return bad;
}

int recollection_save(const char *state, const struct instrument *in, const struct past *p, struct err *e)
{
	char path[PATH_MAX], fresh[PATH_MAX + 8];
	struct buf text = { 0 };
	int bad;

	name_file(path, state, in);
	snprintf(fresh, sizeof fresh, "%s.new", path);
	put(&text, p);
	bad = write_all(fresh, &text) < 0 || rename(fresh, path) < 0 || sync_folder(state) < 0;
	if (bad)
		failed(path, e);
	buf_release(&text);
	return bad ? -1 : 0;
}
