/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "usbtmc_find.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <strings.h>
#include <unistd.h>

#define CLASS "/sys/class/usbmisc"
#define TEXT  128                        /* bytes of an attribute */

/* An attribute of the device to which the interface belongs, without the line's end. */
static int read_attribute(const char *name, const char *attribute, char text[TEXT])
{
	char path[512];
	ssize_t n;
	int fd;

	snprintf(path, sizeof path, CLASS "/%.200s/device/../%s", name, attribute);
	fd = open(path, O_RDONLY | O_CLOEXEC);
	if (fd < 0)
		return -1;
	n = read(fd, text, TEXT - 1);
	close(fd);
	text[n < 0 ? 0 : n] = '\0';
	text[strcspn(text, "\n")] = '\0';
	return n < 0 ? -1 : 0;
}

static bool has_number(const char *name, const char *attribute, unsigned number)
{
	char text[TEXT], behind;
	unsigned v;

	return read_attribute(name, attribute, text) == 0 && sscanf(text, "%x%c", &v, &behind) == 1 && v == number;
}

static bool has_serial(const char *name, const char *serial)
{
	char text[TEXT];

	return !*serial || (read_attribute(name, "serial", text) == 0 && !strcasecmp(text, serial));
}

int usbtmc_find(const char *place, char path[USBTMC_PATH], struct err *e)
{
	unsigned vendor, product, found = 0;
	DIR *d = opendir(CLASS);
	struct dirent *at;
	int serial = 0;

	if (sscanf(place, "0x%x/0x%x/%n", &vendor, &product, &serial) != 2 || !serial) {
		if (d)
			closedir(d);
		return err_set(e, ERR_CONFIG, "expected usb:VENDOR/PRODUCT/SERIAL");
	}
	while (d && (at = readdir(d))) {
		if (strncmp(at->d_name, "usbtmc", 6) || !has_number(at->d_name, "idVendor", vendor) ||
		    !has_number(at->d_name, "idProduct", product) || !has_serial(at->d_name, place + serial))
			continue;
		snprintf(path, USBTMC_PATH, "/dev/%.40s", at->d_name);
		found++;
	}
	if (d)
		closedir(d);
	if (found == 1)
		return 0;
	return found ? err_set(e, ERR_CONFIG, "%u instruments are 0x%04x/0x%04x: add the serial number", found, vendor, product)
		: err_set(e, ERR_CLOSED, "no USB instrument 0x%04x/0x%04x%s%s is connected", vendor, product,
			  place[serial] ? " with serial number " : "", place + serial);
}
