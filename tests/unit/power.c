/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "power.h"

#include <assert.h>
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "folder.h"
#include "io.h"
#include "mem.h"

#define SECTOR 512
#define MAX_FILES 256
#define MAX_FD 1024

struct file {
	char name[16];
	bool linked, linked_on_disk;
	struct buf now, disk;          /* what a reader sees, what a power cut leaves */
	struct buf dirty;              /* one byte a sector: not yet on the way to the disk */
};

struct world {
	struct world *outer;
	char *folder;
	bool folder_on_disk;
	struct file files[MAX_FILES];
	size_t files_n;
	struct file *of_fd[MAX_FD];
	bool folder_fd[MAX_FD], parent_fd[MAX_FD];
	void (*watch)(void);
	bool watching;
	uint64_t seed, calls, fail_at;
	int fail_error;
	bool fail_lasting, fail_met;
	enum power_call fail_kind;
};

static struct world *w;
static const struct io seam;

uint64_t power_random(uint64_t below)
{
	w->seed ^= w->seed << 13;
	w->seed ^= w->seed >> 7;
	w->seed ^= w->seed << 17;
	return (w->seed * UINT64_C(0x2545f4914f6cdd1d) >> 11) % below;
}

static void set_length(struct buf *b, size_t n)
{
	if (n > b->len) {
		buf_reserve(b, n - b->len);
		memset(b->data + b->len, 0, n - b->len);
	}
	b->len = n;
}

static size_t sectors(size_t bytes)
{
	return (bytes + SECTOR - 1) / SECTOR;
}

static void mark(struct file *f, size_t from, size_t to)
{
	set_length(&f->dirty, sectors(f->now.len));
	for (size_t i = from / SECTOR; i < sectors(to) && i < f->dirty.len; i++)
		f->dirty.data[i] = 1;
}

/* A sector as it is now goes to the disk. */
static void write_back(struct file *f, size_t i)
{
	size_t from = i * SECTOR, n;

	if (from >= f->now.len)
		return;
	n = f->now.len - from < SECTOR ? f->now.len - from : SECTOR;
	if (f->disk.len < from + n)
		set_length(&f->disk, from + n);
	memcpy(f->disk.data + from, f->now.data + from, n);
	f->dirty.data[i] = 0;
}

/* The kernel writes back whenever it likes. */
static void write_back_some(void)
{
	for (size_t k = 0; k < w->files_n; k++)
		for (size_t i = 0; i < w->files[k].dirty.len; i++)
			if (w->files[k].dirty.data[i] && power_random(4) == 0)
				write_back(&w->files[k], i);
}

static void sync_file(struct file *f, bool fails)
{
	for (size_t i = 0; i < f->dirty.len; i++) {
		if (!f->dirty.data[i])
			continue;
		if (!fails || power_random(2))
			write_back(f, i);
		f->dirty.data[i] = 0;
	}
	if (!fails)
		set_length(&f->disk, f->now.len);
}

static void sync_names(void)
{
	for (size_t i = 0; i < w->files_n; i++)
		w->files[i].linked_on_disk = w->files[i].linked;
}

/* Calls. */

/* True if this call is to fail, with errno set. */
static bool fails(enum power_call kind)
{
	bool changes = kind != POWER_PREAD && kind != POWER_FSTAT && kind != POWER_DROP_CACHE;

	if (changes && w->watch && !w->watching) {
		w->watching = true;
		io = &io_system;
		w->watch();
		io = &seam;
		w->watching = false;
	}
	if (changes && power_random(4) == 0)
		write_back_some();
	w->calls++;
	if (!w->fail_at || w->fail_error == POWER_SHORT)
		return false;
	if (w->calls == w->fail_at && !w->fail_met) {
		w->fail_met = true;
		w->fail_kind = kind;
	} else if (!(w->fail_met && w->fail_lasting && kind == w->fail_kind)) {
		return false;
	}
	errno = w->fail_error;
	return true;
}

static struct file *find(const char *name)
{
	for (size_t i = 0; i < w->files_n; i++)
		if (w->files[i].linked && !strcmp(w->files[i].name, name))
			return &w->files[i];
	return NULL;
}

static struct file *add(const char *name)
{
	struct file *f = &w->files[w->files_n++];

	assert(w->files_n < MAX_FILES && strlen(name) < sizeof f->name);
	*f = (struct file){ .linked = true };
	snprintf(f->name, sizeof f->name, "%s", name);
	return f;
}

static int power_open(const char *path, int flags, mode_t mode)
{
	const char *name = strrchr(path, '/') + 1;
	bool inside = !strncmp(path, w->folder, strlen(w->folder)) && path[strlen(w->folder)] == '/';
	int fd;

	if (fails(POWER_OPEN))
		return -1;
	fd = io_system.open(path, flags, mode);
	if (fd < 0)
		return -1;
	assert(fd < MAX_FD);
	w->of_fd[fd] = NULL;
	w->folder_fd[fd] = !inside && !strcmp(path, w->folder);
	w->parent_fd[fd] = !inside && !w->folder_fd[fd];
	if (inside) {
		w->of_fd[fd] = find(name) ? find(name) : add(name);
		if (flags & O_TRUNC)
			set_length(&w->of_fd[fd]->now, 0);
	}
	return fd;
}

static ssize_t power_pwrite(int fd, const void *data, size_t n, off_t at)
{
	struct file *f = w->of_fd[fd];

	if (fails(POWER_PWRITE))
		return -1;
	if (w->fail_error == POWER_SHORT && w->calls == w->fail_at && n > 1) {
		w->fail_met = true;
		w->fail_kind = POWER_PWRITE;
		n /= 2;
	} else if (w->watch && n > 1 && power_random(3) == 0) {
		n = 1 + power_random(n - 1);       /* so that power is also cut within a write */
	}
	if (f->now.len < (size_t)at + n)
		set_length(&f->now, (size_t)at + n);
	memcpy(f->now.data + at, data, n);
	mark(f, (size_t)at, (size_t)at + n);
	return io_system.pwrite(fd, data, n, at);
}

static ssize_t power_pread(int fd, void *data, size_t n, off_t at)
{
	return fails(POWER_PREAD) ? -1 : io_system.pread(fd, data, n, at);
}

static int power_fdatasync(int fd)
{
	bool bad = fails(POWER_FDATASYNC);

	sync_file(w->of_fd[fd], bad);
	return bad ? -1 : 0;
}

static int power_fsync(int fd)
{
	bool bad = fails(POWER_FSYNC);

	if (w->of_fd[fd])
		sync_file(w->of_fd[fd], bad);
	else if (!bad && w->folder_fd[fd])
		sync_names();
	else if (!bad && w->parent_fd[fd])
		w->folder_on_disk = true;
	return bad ? -1 : 0;
}

static int power_ftruncate(int fd, off_t length)
{
	struct file *f = w->of_fd[fd];
	size_t before = f->now.len;

	if (fails(POWER_FTRUNCATE))
		return -1;
	set_length(&f->now, (size_t)length);
	set_length(&f->dirty, sectors(f->now.len));
	if (before > (size_t)length)
		mark(f, (size_t)length, (size_t)length);
	return io_system.ftruncate(fd, length);
}

static int power_allocate(int fd, off_t at, off_t n)
{
	struct file *f = w->of_fd[fd];

	if (fails(POWER_ALLOCATE))
		return -1;
	if (f->now.len < (size_t)(at + n))
		set_length(&f->now, (size_t)(at + n));
	set_length(&f->dirty, sectors(f->now.len));
	return io_system.allocate(fd, at, n);
}

static int power_fstat(int fd, struct stat *st)
{
	return fails(POWER_FSTAT) ? -1 : io_system.fstat(fd, st);
}

static int power_mkdir(const char *path, mode_t mode)
{
	return fails(POWER_MKDIR) ? -1 : io_system.mkdir(path, mode);
}

static int power_rename(const char *from, const char *to)
{
	(void)from;
	(void)to;
	abort();                       /* a journal renames nothing */
}

static int power_unlink(const char *path)
{
	struct file *f = find(strrchr(path, '/') + 1);

	if (fails(POWER_UNLINK))
		return -1;
	if (f)
		f->linked = false;
	return io_system.unlink(path);
}

/* Sectors that a failed sync gave up are read from the disk again. */
static int power_drop_cache(int fd)
{
	struct file *f = w->of_fd[fd];

	if (fails(POWER_DROP_CACHE))
		return -1;
	for (size_t at = 0; at < f->now.len; at += SECTOR) {
		size_t n = f->now.len - at < SECTOR ? f->now.len - at : SECTOR;
		size_t known = f->disk.len <= at ? 0 : f->disk.len - at < n ? f->disk.len - at : n;

		if (at / SECTOR < f->dirty.len && f->dirty.data[at / SECTOR])
			continue;
		memset(f->now.data + at, 0, n);
		memcpy(f->now.data + at, f->disk.data + at, known);
		if (io_system.pwrite(fd, f->now.data + at, n, (off_t)at) != (ssize_t)n)
			abort();
	}
	return 0;
}

static int power_close(int fd)
{
	w->of_fd[fd] = NULL;
	return io_system.close(fd);
}

static const struct io seam = {
	power_open, power_pwrite, power_pread, power_fdatasync, power_fsync, power_ftruncate,
	power_allocate, power_fstat, power_mkdir, power_rename, power_unlink, power_drop_cache, power_close,
};

/* The world. */

static void load(void)
{
	DIR *d = opendir(w->folder);
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		char *path = mem_format("%s/%s", w->folder, entry->d_name), *bytes;
		struct file *f;
		size_t n;

		if (entry->d_name[0] != '.') {
			f = add(entry->d_name);
			bytes = file_read(path, &n);
			buf_add(&f->now, bytes, n);
			buf_add(&f->disk, bytes, n);
			set_length(&f->dirty, sectors(n));
			f->linked_on_disk = true;
			free(bytes);
		}
		free(path);
	}
	w->folder_on_disk = d != NULL;
	if (d)
		closedir(d);
}

void power_on(const char *folder, uint64_t seed)
{
	struct world *inner = mem_new(sizeof *inner);

	inner->outer = w;
	inner->folder = mem_string(folder);
	inner->seed = seed * 2654435761u + 88172645463325252u;
	w = inner;
	load();
	io = &seam;
}

void power_off(void)
{
	struct world *inner = w;

	for (size_t i = 0; i < w->files_n; i++) {
		buf_release(&w->files[i].now);
		buf_release(&w->files[i].disk);
		buf_release(&w->files[i].dirty);
	}
	w = inner->outer;
	io = w && !w->watching ? &seam : &io_system;
	free(inner->folder);
	free(inner);
}

void power_watch(void (*before)(void))
{
	w->watch = before;
}

void power_fail(uint64_t nth, int error, bool lasting)
{
	w->fail_at = nth ? w->calls + nth : 0;
	w->fail_error = error;
	w->fail_lasting = lasting;
	w->fail_met = false;
}

uint64_t power_count(void)
{
	return w->calls;
}

bool power_failed(enum power_call *what)
{
	*what = w->fail_kind;
	return w->fail_met;
}

/* One file as a power cut leaves it. */
static void tear(const struct file *f, enum power_loss loss, struct buf *out)
{
	size_t page = power_random(2) ? 512 : 4096, n;
	size_t longest = f->now.len > f->disk.len ? f->now.len : f->disk.len;
	unsigned kept = (unsigned)power_random(11);         /* in ten */

	buf_clear(out);
	if (loss != POWER_TORN) {
		const struct buf *whole = loss == POWER_ALL_KEPT ? &f->now : &f->disk;

		buf_add(out, whole->data, whole->len);
		return;
	}
	for (size_t at = 0; at < longest; at += page) {
		const struct buf *from = power_random(10) < kept ? &f->now : &f->disk;

		n = from->len <= at ? 0 : from->len - at < page ? from->len - at : page;
		set_length(out, at);
		if (n)
			buf_add(out, from->data + at, n);
	}
	switch (power_random(3)) {
	case 0:
		set_length(out, f->now.len);
		break;
	case 1:
		set_length(out, f->disk.len);
		break;
	default:
		set_length(out, longest);
	}
}

bool power_image(const char *to, enum power_loss loss)
{
	struct buf bytes = { 0 };

	if (!w->folder_on_disk && (loss == POWER_ALL_LOST || (loss == POWER_TORN && power_random(2))))
		return false;
	if (mkdir(to, 0700) < 0)
		abort();
	for (size_t i = 0; i < w->files_n; i++) {
		const struct file *f = &w->files[i];
		bool there = loss == POWER_ALL_KEPT ? f->linked : f->linked_on_disk;
		char *path = mem_format("%s/%s", to, f->name);

		if (loss == POWER_TORN && f->linked != f->linked_on_disk)
			there = power_random(2);
		if (there) {
			tear(f, loss, &bytes);
			file_write(path, bytes.data ? bytes.data : "", bytes.len);
		}
		free(path);
	}
	buf_release(&bytes);
	return true;
}
