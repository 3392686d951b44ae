/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "folder.h"

#include <ftw.h>
#include <unistd.h>

#include "mem.h"

static void must(int ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

char *folder_new(void)
{
	const char *where = getenv("TMPDIR");
	char *path = mem_format("%s/etalon-test-XXXXXX", where ? where : "/tmp");

	must(mkdtemp(path) != NULL, path);
	return path;
}

static int remove_one(const char *path, const struct stat *st, int type, struct FTW *ftw)
{
	(void)st;
	(void)type;
	(void)ftw;
	return remove(path);
}

void folder_remove(char **folder)
{
	if (*folder)
		nftw(*folder, remove_one, 16, FTW_DEPTH | FTW_PHYS);
	free(*folder);
	*folder = NULL;
}

char *file_read(const char *path, size_t *n)
{
	FILE *f = fopen(path, "rb");
	struct buf b = { 0 };
	size_t got;

	must(f != NULL, path);
	do {
		buf_reserve(&b, 65536);
		got = fread(b.data + b.len, 1, 65536, f);
		b.len += got;
	} while (got > 0);
	fclose(f);
	*n = b.len;
	return b.data;
}

void file_write(const char *path, const void *data, size_t n)
{
	FILE *f = fopen(path, "wb");

	must(f != NULL, path);
	must(fwrite(data, 1, n, f) == n && fclose(f) == 0, path);
}

char *folder_put(const char *folder, const char *name, const char *text)
{
	char *path = mem_format("%s/%s", folder, name);

	file_write(path, text, strlen(text));
	return path;
}

void file_flip(const char *path, long at, int with)
{
	FILE *f = fopen(path, "r+b");
	int c = 0;

	must(f != NULL, path);
	must(fseek(f, at, SEEK_SET) == 0 && (c = fgetc(f)) != EOF && fseek(f, at, SEEK_SET) == 0, path);
	must(fputc(c ^ with, f) != EOF && fclose(f) == 0, path);
}
