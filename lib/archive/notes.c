/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "projection.h"

/* HDF5 strings hold UTF-8 without NUL; anything else is kept as bytes. */
static bool is_text(const struct buf *b)
{
	struct buf quoted = { 0 }, back = { 0 };
	bool same;

	if (b->len && memchr(b->data, '\0', b->len))
		return false;
	json_textn(&quoted, b->data, b->len);      /* replaces what is not UTF-8 */
	json_get_string((struct span){ quoted.data, quoted.len }, &back);
	same = back.len == b->len && (b->len == 0 || !memcmp(back.data, b->data, b->len));
	buf_release(&quoted);
	buf_release(&back);
	return same;
}

static void put_bytes(struct hdf *h, hid_t in, const struct buf *b)
{
	struct hdf_shape s = { .type = CELL_UINT8, .width = 1, .chunk = b->len, .deflate = true };
	hid_t d = hdf_dataset(h, in, "data", &s, "");

	hdf_write(h, d, &s, 0, b->data, b->len);
	if (d >= 0)
		H5Dclose(d);
}

/* A model goes to models/NAME, the one procedure to /entry/procedure. */
static const struct { const char *what, *folder; } folders[NOTE_FOLDERS] = {
	{ "model", "models" }, { "picture", "pictures" }, { "answers", "answers" },
	{ "standard", "standards" },
};

static hid_t note_group(struct notes *n)
{
	hid_t in = n->entry, group;
	char *name;
	size_t i = 0;

	while (i < NOTE_FOLDERS && strcmp(n->what, folders[i].what))
		i++;
	if (i < NOTE_FOLDERS && n->folders[i] <= 0)
		n->folders[i] = hdf_group(n->h, n->entry, folders[i].folder, "NXcollection");
	if (i < NOTE_FOLDERS)
		in = n->folders[i];
	name = hdf_link_name(n->h, in, i < NOTE_FOLDERS ? n->name : n->what);
	group = hdf_group(n->h, in, name, "NXnote");
	free(name);
	return group;
}

static void write_note(struct notes *n)
{
	hid_t group;

	if (!n->what)
		return;
	group = note_group(n);
	hdf_put_text(n->h, group, "file_name", n->name);
	hdf_put_text(n->h, group, "type", n->media_type);
	hdf_put_text(n->h, group, "sha256", n->sha256);
	if (is_text(&n->data))
		hdf_put_text(n->h, group, "data", n->data.len ? n->data.data : "");
	else
		put_bytes(n->h, group, &n->data);
	hdf_close_group(&group);
}

static void forget(struct notes *n)
{
	free(n->what);
	free(n->name);
	free(n->sha256);
	free(n->media_type);
	n->what = n->name = n->sha256 = n->media_type = NULL;
	buf_clear(&n->data);
}

void notes_add(struct notes *n, const struct record *r, struct members *m)
{
	if (member_int(m, "part", 1) == 1) {
		write_note(n);
		forget(n);
		n->what = mem_string(member_text(m, "what"));
		n->name = mem_string(member_text(m, "name"));
		n->sha256 = mem_string(member_text(m, "sha256"));
		n->media_type = mem_string(member_text(m, "media_type"));
	}
	buf_add(&n->data, r->body, r->body_len);
}

void notes_end(struct notes *n)
{
	write_note(n);
	forget(n);
	buf_release(&n->data);
	for (size_t i = 0; i < NOTE_FOLDERS; i++)
		hdf_close_group(&n->folders[i]);
}
