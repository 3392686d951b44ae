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
#define SERIALS 256

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

struct search {
	unsigned vendor, product, found;
	const char *serial;
	char names[SERIALS];             /* ", A, B": the serial numbers of those that were found */
};

static bool is_meant(const struct search *s, const char *name)
{
	return !strncmp(name, "usbtmc", 6) && has_number(name, "idVendor", s->vendor) &&
	       has_number(name, "idProduct", s->product) && has_serial(name, s->serial);
}

static void add_name(struct search *s, const char *name)
{
	char text[TEXT];
	size_t n = strlen(s->names);

	s->found++;
	if (read_attribute(name, "serial", text) == 0 && n + strlen(text) + 3 <= sizeof s->names)
		snprintf(s->names + n, sizeof s->names - n, ", %s", text);
}

static int judge(const struct search *s, struct err *e)
{
	if (s->found == 1)
		return 0;
	if (s->found > 1)
		return err_set(e, ERR_CONFIG, "%u instruments are 0x%04x/0x%04x: add the serial number%s", s->found, s->vendor,
			       s->product, s->names);
	return err_set(e, ERR_CLOSED, "no USB instrument 0x%04x/0x%04x%s%s is connected", s->vendor, s->product,
		       *s->serial ? " with serial number " : "", s->serial);
}

int usbtmc_find(const char *place, char path[USBTMC_PATH], struct err *e)
{
	struct search s = { .names = "" };
	struct dirent *at;
	int serial = 0;
	DIR *d;

	if (sscanf(place, "0x%x/0x%x/%n", &s.vendor, &s.product, &serial) != 2 || !serial)
		return err_set(e, ERR_CONFIG, "expected usb:VENDOR/PRODUCT/SERIAL");
	s.serial = place + serial;
	d = opendir(CLASS);
	while (d && (at = readdir(d))) {
		if (!is_meant(&s, at->d_name))
			continue;
		snprintf(path, USBTMC_PATH, "/dev/%.40s", at->d_name);
		add_name(&s, at->d_name);
	}
	if (d)
		closedir(d);
	return judge(&s, e);
}
