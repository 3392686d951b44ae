/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "digest.h"

#include "hdf.h"
#include "value.h"

#define DEPTH_MAX   8
#define PARTS_MAX   ((size_t)4 << 20)
#define TARGET_MAX  4096

struct walk {
	struct digest *d;
	struct hash *hash;             /* of values */
	struct chunks *chunks;
	struct err *e;
};

static int unreadable(struct walk *w, const char *path)
{
	return hdf_err(w->e, "%s cannot be read, or is of a type this format does not have", path);
}

static int part_add(struct walk *w, const char *path, const uint8_t hash[HASH_SIZE])
{
	struct digest *d = w->d;

	if (d->n >= PARTS_MAX)
		return err_set(w->e, ERR_CORRUPT, "%s: the file has too many parts", path);
	d->parts = mem_grow(d->parts, d->n, sizeof *d->parts);
	d->parts[d->n].path = mem_string(path);
	memcpy(d->parts[d->n].hash, hash, HASH_SIZE);
	d->n++;
	return 0;
}

/* Names in order. */

struct names { char **list; size_t n; };

static herr_t name_add(struct names *s, const char *name)
{
	s->list = mem_grow(s->list, s->n, sizeof *s->list);
	s->list[s->n++] = mem_string(name);
	return s->n < PARTS_MAX ? 0 : -1;
}

static herr_t attribute_name(hid_t of, const char *name, const H5A_info_t *info, void *names)
{
	(void)of;
	(void)info;
	return name_add(names, name);
}

static herr_t link_name(hid_t of, const char *name, const H5L_info_t *info, void *names)
{
	(void)of;
	(void)info;
	return name_add(names, name);
}

static int by_bytes(const void *a, const void *b)
{
	return strcmp(*(char *const *)a, *(char *const *)b);
}

static void names_sort(struct names *s)
{
	if (s->n)
		qsort(s->list, s->n, sizeof *s->list, by_bytes);
}

static void names_release(struct names *s)
{
	size_t i;

	for (i = 0; i < s->n; i++)
		free(s->list[i]);
	free(s->list);
}

/* The tree. */

/* What a seal covers leaves out the seal and the version of the program that built the file. */
static bool left_out(const char *path)
{
	return !strcmp(path, "/@creator_version") || !strcmp(path, "/entry/seal");
}

static void list_add(struct buf *list, uint64_t *n, const char *name, const uint8_t hash[HASH_SIZE])
{
	value_put_text(list, name);
	buf_add(list, hash, HASH_SIZE);
	++*n;
}

static void list_put(struct buf *out, const struct buf *list, uint64_t n)
{
	value_put_count(out, n);
	if (n)
		buf_add(out, list->data, list->len);
}

static int add_attribute(struct walk *w, hid_t of, const char *path, const char *name,
			 struct buf *list, uint64_t *n)
{
	char *full = mem_format("%s@%s", path, name);
	uint8_t hash[HASH_SIZE];
	int bad = 0;
	hid_t a;

	if (!left_out(full)) {
		a = H5Aopen(of, name, H5P_DEFAULT);
		bad = a < 0 || value_hash_attribute(w->hash, a, hash) < 0;
		if (a >= 0)
			H5Aclose(a);
		if (bad)
			unreadable(w, full);
		else
			list_add(list, n, name, hash);
		bad = bad ? -1 : part_add(w, full, hash);
	}
	free(full);
	return bad;
}

static int put_attributes(struct walk *w, hid_t of, const char *path, struct buf *out)
{
	struct names names = { 0 };
	struct buf list = { 0 };
	uint64_t n = 0;
	int bad = 0;
	size_t i;

	if (H5Aiterate2(of, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, attribute_name, &names) < 0)
		bad = hdf_err(w->e, "the attributes of %s cannot be read", path);
	names_sort(&names);
	for (i = 0; !bad && i < names.n; i++)
		bad = add_attribute(w, of, path, names.list[i], &list, &n);
	list_put(out, &list, n);
	names_release(&names);
	buf_release(&list);
	return bad;
}

static int take_dataset(struct walk *w, hid_t dataset, const char *path, uint8_t hash[HASH_SIZE])
{
	struct buf node = { 0 };
	uint8_t value[HASH_SIZE];
	int bad;

	if (value_hash_dataset(w->hash, w->chunks, dataset, value) < 0)
		return unreadable(w, path);
	if (part_add(w, path, value) < 0)
		return -1;
	buf_putc(&node, 'D');
	buf_add(&node, value, sizeof value);
	bad = put_attributes(w, dataset, path, &node);
	hash_of(hash, node.data, node.len);
	buf_release(&node);
	return bad;
}

static int take_link(struct walk *w, hid_t group, const char *name, const char *path, size_t length,
		     uint8_t hash[HASH_SIZE])
{
	struct buf node = { 0 };
	char *target = mem_new(length + 1);
	int bad = 0;

	if (length > TARGET_MAX || H5Lget_val(group, name, target, length, H5P_DEFAULT) < 0)
		bad = hdf_err(w->e, "the link %s cannot be read", path);
	buf_putc(&node, 'L');
	buf_puts(&node, target);
	hash_of(hash, node.data, node.len);
	buf_release(&node);
	free(target);
	return bad ? bad : part_add(w, path, hash);
}

static int take_group(struct walk *w, hid_t group, const char *path, int depth,
		      uint8_t hash[HASH_SIZE]);

static int take_object(struct walk *w, hid_t object, const char *path, int depth,
		       uint8_t hash[HASH_SIZE])
{
	char *slash;
	int bad;

	switch (H5Iget_type(object)) {
	case H5I_DATASET:
		return take_dataset(w, object, path, hash);
	case H5I_GROUP:
		slash = mem_format("%s/", path);
		bad = take_group(w, object, slash, depth - 1, hash);
		free(slash);
		return bad;
	default:
		return err_set(w->e, ERR_CORRUPT, "%s is neither group nor dataset", path);
	}
}

static int take_member(struct walk *w, hid_t group, const char *name, const char *path, int depth,
		       uint8_t hash[HASH_SIZE])
{
	H5L_info_t info;
	hid_t object;
	int bad;

	if (H5Lget_info(group, name, &info, H5P_DEFAULT) < 0)
		return hdf_err(w->e, "the link %s cannot be read", path);
	if (info.type == H5L_TYPE_SOFT)
		return take_link(w, group, name, path, info.u.val_size, hash);
	if (info.type != H5L_TYPE_HARD)
		return err_set(w->e, ERR_CORRUPT, "%s is a link to another file", path);
	object = H5Oopen(group, name, H5P_DEFAULT);
	if (object < 0)
		return hdf_err(w->e, "%s cannot be opened", path);
	bad = take_object(w, object, path, depth, hash);
	H5Oclose(object);
	return bad;
}

static int put_members(struct walk *w, hid_t group, const char *path, int depth, struct buf *out)
{
	struct names names = { 0 };
	struct buf list = { 0 };
	uint8_t hash[HASH_SIZE];
	uint64_t n = 0;
	int bad = 0;
	size_t i;

	if (H5Literate(group, H5_INDEX_NAME, H5_ITER_NATIVE, NULL, link_name, &names) < 0)
		bad = hdf_err(w->e, "the members of %s cannot be read", path);
	names_sort(&names);
	for (i = 0; !bad && i < names.n; i++) {
		char *full = mem_format("%s%s", path, names.list[i]);

		if (!left_out(full)) {
			bad = take_member(w, group, names.list[i], full, depth, hash);
			if (!bad)
				list_add(&list, &n, names.list[i], hash);
		}
		free(full);
	}
	list_put(out, &list, n);
	names_release(&names);
	buf_release(&list);
	return bad;
}

/* path ends with '/'. */
static int take_group(struct walk *w, hid_t group, const char *path, int depth, uint8_t hash[HASH_SIZE])
{
	static const uint8_t nothing[HASH_SIZE];
	struct buf node = { 0 };
	int bad;

	if (depth == 0)
		return err_set(w->e, ERR_CORRUPT, "%s: groups are nested too deep", path);
	buf_putc(&node, 'G');
	bad = part_add(w, path, nothing);
	if (!bad)
		bad = put_attributes(w, group, path, &node);
	if (!bad)
		bad = put_members(w, group, path, depth, &node);
	hash_of(hash, node.data, node.len);
	buf_release(&node);
	return bad;
}

static int by_path(const void *a, const void *b)
{
	return strcmp(((const struct digest_part *)a)->path, ((const struct digest_part *)b)->path);
}

int digest_take(struct digest *d, hid_t file, struct chunks *chunks, struct err *e)
{
	struct walk w = { .d = d, .hash = hash_new(), .chunks = chunks, .e = e };
	hid_t root = H5Gopen2(file, "/", H5P_DEFAULT);
	int bad;

	*d = (struct digest){ 0 };
	if (root < 0)
		bad = hdf_err(e, "the root group cannot be opened");
	else
		bad = take_group(&w, root, "/", DEPTH_MAX, d->whole);
	if (root >= 0)
		H5Gclose(root);
	hash_free(&w.hash);
	if (d->n)
		qsort(d->parts, d->n, sizeof *d->parts, by_path);
	return bad;
}

void digest_release(struct digest *d)
{
	size_t i;

	for (i = 0; i < d->n; i++)
		free(d->parts[i].path);
	free(d->parts);
	*d = (struct digest){ 0 };
}
