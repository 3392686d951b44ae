/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "bench_copy.h"

#include <errno.h>
#include <limits.h>

/* Text that replaces the bytes [from, to) of the source. */
struct change {
	size_t from, to;
	char *text;
};

struct changes {
	struct change *list;
	size_t n;
};

static char *quoted(const char *text)
{
	struct buf b = { 0 };

	buf_putc(&b, '"');
	for (; *text; text++) {
		if (*text == '"' || *text == '\\')
			buf_putc(&b, '\\');
		buf_putc(&b, *text);
	}
	buf_putc(&b, '"');
	return b.data;
}

static void change(struct changes *c, size_t from, size_t to, char *text)
{
	c->list = mem_grow(c->list, c->n, sizeof *c->list);
	c->list[c->n++] = (struct change){ from, to, text };
}

static int by_place(const void *a, const void *b)
{
	const struct change *x = a, *y = b;

	return x->from < y->from ? -1 : x->from > y->from;
}

/* A folder that the file names is named in full, for the copy lies elsewhere. */
static int change_folder(struct changes *c, const struct bench *b, const struct yaml *root, const char *key,
			 const char *said, struct err *e)
{
	const struct yaml *node = yaml_find(root, key);
	const char *file = b->source.path, *slash = strrchr(file, '/');
	char real[PATH_MAX], *text, *folder;
	bool there;

	if (!said)
		return 0;
	folder = *said == '/' || !slash ? mem_string(said) : mem_format("%.*s/%s", (int)(slash - file), file, said);
	there = realpath(folder, real);
	free(folder);
	if (!there)
		return err_set(e, ERR_IO, "%s: %s: %s: %s", file, key, said, strerror(errno));
	text = quoted(real);
	if (node) {
		change(c, node->from, node->to, text);
	} else {
		change(c, b->source.len, b->source.len, mem_format("\n%s: %s\n", key, text));
		free(text);
	}
	return 0;
}

static void change_addresses(struct changes *c, const struct bench *b, const struct yaml *root,
			     const char *const *addresses)
{
	const struct bench_role *r = b->roles.items;

	for (size_t i = 0; i < b->roles.n; i++) {
		const struct yaml *role = yaml_find(yaml_find(root, "roles"), r[i].name);
		const struct yaml *address = yaml_find(role, "address");

		if (addresses[i])
			change(c, address->from, address->to, quoted(addresses[i]));
	}
}

static int write_file(const char *path, const struct buf *text, struct err *e)
{
	FILE *f = fopen(path, "we");
	bool bad = !f || fwrite(text->data, 1, text->len, f) != text->len;

	if (f && fclose(f))
		bad = true;
	return bad ? err_set(e, ERR_IO, "%s: %s", path, strerror(errno)) : 0;
}

static int write_changed(const struct bench *b, struct changes *c, const char *path, struct err *e)
{
	struct buf out = { 0 };
	size_t at = 0;
	int bad;

	qsort(c->list, c->n, sizeof *c->list, by_place);
	for (size_t i = 0; i < c->n; i++) {
		buf_add(&out, b->source.text + at, c->list[i].from - at);
		buf_puts(&out, c->list[i].text);
		at = c->list[i].to;
	}
	buf_add(&out, b->source.text + at, b->source.len - at);
	bad = write_file(path, &out, e);
	buf_release(&out);
	return bad;
}

int bench_copy(const struct bench *b, const char *const *addresses, const char *path, struct err *e)
{
	struct problems ps = { 0 };
	struct yaml *root = yaml_parse(&b->source, &ps);
	struct changes c = { 0 };
	int bad = root ? 0 : problems_err(&ps, e);

	if (!bad)
		bad = change_folder(&c, b, root, "models", b->models, e);
	if (!bad)
		bad = change_folder(&c, b, root, "standards", b->standards, e);
	if (!bad) {
		change_addresses(&c, b, root, addresses);
		bad = write_changed(b, &c, path, e);
	}
	for (size_t i = 0; i < c.n; i++)
		free(c.list[i].text);
	free(c.list);
	yaml_drop(&root);
	problems_release(&ps);
	return bad;
}
