/* SPDX-License-Identifier: GPL-3.0-or-later
 * find_usb.c - serial ports and USBTMC devices, as the kernel describes them in sysfs. */
#include <dirent.h>
#include <limits.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "find.h"

#define UP_MOST 8                /* folders from an interface up to its USB device */

/* The first line of a file of sysfs; false where there is none. */
static bool attribute(const char *folder, const char *name, char out[FOUND_TEXT])
{
	char *path = mem_format("%s/%s", folder, name);
	FILE *f = fopen(path, "re");
	bool ok = f && fgets(out, FOUND_TEXT, f);

	free(path);
	if (f)
		fclose(f);
	if (!ok)
		return false;
	out[strcspn(out, "\n")] = '\0';
	for (char *p = out; *p; p++)
		*p = *p < ' ' || *p > '~' ? '?' : *p;
	return true;
}

/* The folder of the USB device that this belongs to: the nearest one above that has a vendor. */
static bool find_device(const char *start, char device[PATH_MAX])
{
	char vendor[FOUND_TEXT];

	if (!realpath(start, device))
		return false;
	for (int i = 0; i < UP_MOST; i++) {
		char *slash = strrchr(device, '/');

		if (attribute(device, "idVendor", vendor))
			return true;
		if (!slash || slash == device)
			return false;
		*slash = '\0';
	}
	return false;
}

static void describe(struct found *x, const char *device)
{
	attribute(device, "manufacturer", x->maker);
	attribute(device, "product", x->number);
	attribute(device, "serial", x->serial);
}

/* A name of the port that stays when others are plugged in: /dev/serial/by-id/... */
static char *lasting_name(const char *port)
{
	static const char folder[] = "/dev/serial/by-id";
	DIR *d = opendir(folder);
	struct dirent *entry;
	char *name = NULL;

	while (!name && d && (entry = readdir(d))) {
		char *path = mem_format("%s/%s", folder, entry->d_name), real[PATH_MAX];
		const char *slash = realpath(path, real) ? strrchr(real, '/') : NULL;

		if (slash && !strcmp(slash + 1, port))
			name = mem_string(path);
		free(path);
	}
	if (d)
		closedir(d);
	return name ? name : mem_format("/dev/%s", port);
}

/* An 8250 without a chip behind it says so. */
static bool is_there(const char *folder)
{
	char type[FOUND_TEXT];

	return !attribute(folder, "type", type) || strcmp(type, "0");
}

static void serial_port(struct finds *f, const char *folder, const char *port)
{
	char *device = mem_format("%s/device", folder), real[PATH_MAX];
	struct stat st;

	if (!stat(device, &st) && is_there(folder)) {
		char *path = lasting_name(port), *address = mem_format("serial:%s", path);
		struct found *x = finds_at(f, address, "serial port");

		if (x && find_device(device, real))
			describe(x, real);
		free(path);
		free(address);
	}
	free(device);
}

static void usbtmc(struct finds *f, const char *folder, const char *name)
{
	char *device = mem_format("%s/device", folder), real[PATH_MAX];
	char vendor[FOUND_TEXT], product[FOUND_TEXT], serial[FOUND_TEXT] = "";

	if (!strncmp(name, "usbtmc", 6) && find_device(device, real) && attribute(real, "idVendor", vendor) &&
	    attribute(real, "idProduct", product)) {
		attribute(real, "serial", serial);
		char *address = mem_format("USB0::0x%s::0x%s::%s::INSTR", vendor, product, serial);
		struct found *x = finds_at(f, address, "USBTMC");

		if (x)
			describe(x, real);
		free(address);
	}
	free(device);
}

static void each(struct finds *f, const char *sysfs, const char *class,
		 void (*look)(struct finds *f, const char *folder, const char *name))
{
	char *folder = mem_format("%s/class/%s", sysfs, class);
	struct dirent **names;
	int n = scandir(folder, &names, NULL, versionsort);

	for (int i = 0; i < n; i++) {
		char *one = mem_format("%s/%s", folder, names[i]->d_name);

		if (names[i]->d_name[0] != '.')
			look(f, one, names[i]->d_name);
		free(one);
		free(names[i]);
	}
	if (n >= 0)
		free(names);
	free(folder);
}

void find_usb(struct finds *f, const char *sysfs)
{
	each(f, sysfs, "tty", serial_port);
	each(f, sysfs, "usbmisc", usbtmc);
}
