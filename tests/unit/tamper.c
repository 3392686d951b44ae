/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "tamper.h"

#include <sys/stat.h>

#include <hdf5.h>

#include "digest.h"

static hid_t must(hid_t id, const char *what)
{
	if (id >= 0)
		return id;
	fprintf(stderr, "tamper: %s\n", what);
	H5Eprint2(H5E_DEFAULT, stderr);
	abort();
}

static hid_t open_file(const char *file)
{
	if (chmod(file, 0644))
		abort();
	return must(H5Fopen(file, H5F_ACC_RDWR, H5P_DEFAULT), file);
}

static hid_t text_type(void)
{
	hid_t t = H5Tcopy(H5T_C_S1);

	H5Tset_size(t, H5T_VARIABLE);
	H5Tset_cset(t, H5T_CSET_UTF8);
	return t;
}

/* Reads or writes the row-th element, in row-major order. */
static void element(hid_t dataset, size_t row, hid_t type, void *value, int write)
{
	hid_t space = H5Dget_space(dataset), memory = H5Screate(H5S_SCALAR);
	hsize_t dims[2] = { 0, 1 }, at[2];

	H5Sget_simple_extent_dims(space, dims, NULL);
	at[0] = row / dims[1];
	at[1] = row % dims[1];
	if (H5Sget_simple_extent_ndims(space) > 0)
		must(H5Sselect_elements(space, H5S_SELECT_SET, 1, at), "select");
	if (write)
		must(H5Dwrite(dataset, type, memory, space, H5P_DEFAULT, value), "write");
	else
		must(H5Dread(dataset, type, memory, space, H5P_DEFAULT, value), "read");
	H5Sclose(memory);
	H5Sclose(space);
}

void tamper_number(const char *file, const char *dataset, size_t row, double value)
{
	hid_t f = open_file(file), d = must(H5Dopen2(f, dataset, H5P_DEFAULT), dataset);

	element(d, row, H5T_NATIVE_DOUBLE, &value, 1);
	H5Dclose(d);
	H5Fclose(f);
}

void tamper_byte(const char *file, const char *dataset, size_t row, int with)
{
	hid_t f = open_file(file), d = must(H5Dopen2(f, dataset, H5P_DEFAULT), dataset);
	unsigned char byte;

	element(d, row, H5T_NATIVE_UCHAR, &byte, 0);
	byte = (unsigned char)(byte ^ with);
	element(d, row, H5T_NATIVE_UCHAR, &byte, 1);
	H5Dclose(d);
	H5Fclose(f);
}

void tamper_text(const char *file, const char *dataset, const char *text)
{
	hid_t f = open_file(file), d = must(H5Dopen2(f, dataset, H5P_DEFAULT),
					    dataset), t = text_type();

	must(H5Dwrite(d, t, H5S_ALL, H5S_ALL, H5P_DEFAULT, &text), dataset);
	H5Tclose(t);
	H5Dclose(d);
	H5Fclose(f);
}

void tamper_attribute(const char *file, const char *object, const char *name, const char *text)
{
	hid_t f = open_file(file), o = must(H5Oopen(f, object, H5P_DEFAULT), object);
	hid_t t = text_type(), space = H5Screate(H5S_SCALAR), a;

	must(H5Adelete(o, name), name);
	a = must(H5Acreate2(o, name, t, space, H5P_DEFAULT, H5P_DEFAULT), name);
	must(H5Awrite(a, t, &text), name);
	H5Aclose(a);
	H5Sclose(space);
	H5Tclose(t);
	H5Oclose(o);
	H5Fclose(f);
}

void tamper_remove(const char *file, const char *path)
{
	hid_t f = open_file(file);

	must(H5Ldelete(f, path, H5P_DEFAULT), path);
	H5Fclose(f);
}

void tamper_add(const char *file, const char *path)
{
	hid_t f = open_file(file), g = must(H5Gcreate2(f, path, H5P_DEFAULT, H5P_DEFAULT,
						       H5P_DEFAULT), path);

	H5Gclose(g);
	H5Fclose(f);
}

void tamper_reseal(const char *file)
{
	hid_t f = open_file(file);
	char text[HASH_TEXT];
	struct digest d;
	struct err e;

	must(digest_take(&d, f, NULL, &e), "digest");
	hash_text(d.whole, text);
	digest_release(&d);
	H5Fclose(f);
	tamper_text(file, "/entry/seal/digest", text);
}
