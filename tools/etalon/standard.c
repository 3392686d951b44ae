/* SPDX-License-Identifier: GPL-3.0-or-later
 * standard.c - etalon standard new: a standard's file from a digital calibration certificate. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "confine.h"
#include "etalon.h"
#include "hash.h"
#include "standard_draft.h"

static struct {
	const char *name, *quantity, *file;
} opt;

static const struct argp_option options[] = {
	{ "name", 'n', "NAME", 0, "what benches will call the standard: the file is to be NAME.yaml", 0 },
	{ "quantity", 'Q', "QUANTITY", 0, "what its results are of, such as temperature (default: left to be filled in)", 0 },
	{ 0 },
};

static error_t parse(int key, char *arg, struct argp_state *s)
{
	if (key == 'n')
		opt.name = arg;
	else if (key == 'Q')
		opt.quantity = arg;
	else if (key == ARGP_KEY_END && !opt.name)
		argp_error(s, "--name says what benches will call the standard");
	else
		return one_argument(&opt.file, key, arg, s, "digital calibration certificate");
	return 0;
}

static const struct argp argp = {
	.options = options, .parser = parse, .args_doc = "DCC.xml",
	.doc = "Draft the file of a standard from its digital calibration certificate (DCC, schema versions 2.4 to 3.3)."
	       "\vNumbers are copied digit for digit, with the SHA-256 of the certificate.  What only a person can know is marked "
	       "# TODO, and until it is filled in the file is refused.",
};

static int read_all(const char *path, struct buf *text, struct err *e)
{
	FILE *f = fopen(path, "rbe");
	size_t got = 1;

	if (!f)
		return err_set(e, ERR_IO, "%s", strerror(errno));
	while (got > 0 && text->len <= DCC_MAX) {
		buf_reserve(text, 65536);
		got = fread(text->data + text->len, 1, 65536, f);
		text->len += got;
	}
	fclose(f);
	return text->len ? 0 : err_set(e, ERR_CONFIG, "it is empty");
}

/* In the child: '+' and the draft, or '-' and what is wrong. */
static void draft(int fd, const char *path, const void *who)
{
	const char *slash = strrchr(path, '/');
	struct buf text = { 0 }, out = { 0 };
	uint8_t hash[HASH_SIZE];
	char sha256[HASH_TEXT];
	struct dcc *d;
	struct err e;

	(void)who;
	if (read_all(path, &text, &e) < 0 || dcc_parse(&d, text.data, text.len, &e) < 0) {
		buf_printf(&out, "-%s", e.text);
	} else {
		hash_of(hash, text.data, text.len);
		buf_putc(&out, '+');
		standard_draft(d, &(struct draft_origin){ opt.name, opt.quantity, slash ? slash + 1 : path,
							  hash_text(hash, sha256) }, &out);
	}
	confine_write(fd, out.data, out.len);
}

static void drain(int fd, struct buf *out)
{
	char bytes[4096];
	ssize_t n;

	while ((n = read(fd, bytes, sizeof bytes)) > 0 || (n < 0 && errno == EINTR))
		if (n > 0)
			buf_add(out, bytes, (size_t)n);
	close(fd);
}

static int standard_new(int argc, char **argv)
{
	struct buf said = { 0 };
	const char *trouble;
	struct err e;
	pid_t child;
	int fd, status = DONE;

	argp_parse(&argp, argc, argv, 0, NULL, NULL);
	fflush(NULL);
	fd = confine_start(opt.file, draft, NULL, &child, &e);
	if (fd < 0)
		return cannot(&e);
	drain(fd, &said);
	trouble = confine_end(child);
	if (trouble || !said.len)
		status = cannot_say("%s: reading it %s", opt.file, trouble ? trouble : "gave nothing");
	else if (said.data[0] == '-')
		status = cannot_say("%s: %s", opt.file, said.data + 1);
	else
		fputs(said.data + 1, stdout);
	buf_release(&said);
	return status;
}

int cmd_standard(int argc, char **argv)
{
	static const struct command commands[] = {
		{ "new", standard_new, "draft the file of a standard from a digital calibration certificate" },
		{ NULL, NULL, NULL },
	};

	return dispatch(commands, argc, argv);
}
