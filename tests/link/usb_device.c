/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "usb_device.h"

#include <poll.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#define URB 4096

static void must(bool ok, const char *what)
{
	if (ok)
		return;
	perror(what);
	abort();
}

void usb_shim(char **argv)
{
	const char *build = getenv("ETALON_BUILD"), *options = getenv("ASAN_OPTIONS");
	char shim[256], root[] = "/tmp/etalon-usb-XXXXXX", all[512];

	alarm(300);
	if (getenv("USBTMC_ROOT"))
		return;
	snprintf(shim, sizeof shim, "%s/tests/shim/usbtmc_on_socket.so", build ? build : "build");
	must(access(shim, R_OK) == 0, shim);
	must(mkdtemp(root) != NULL, "mkdtemp");
	setenv("USBTMC_ROOT", root, 1);
	setenv("LD_PRELOAD", shim, 1);
	snprintf(all, sizeof all, "%s:verify_asan_link_order=0", options ? options : "");
	setenv("ASAN_OPTIONS", all, 1);
	execv("/proc/self/exe", argv);
	must(false, "exec");
}

static void run(const char *command, const char *root, const char *path)
{
	char line[512];

	snprintf(line, sizeof line, "%s '%s%s'", command, root, path);
	must(system(line) == 0, line);
}

void usb_shim_end(void)
{
	run("rm -rf", getenv("USBTMC_ROOT"), "");
}

static void attribute(const char *folder, const char *name, const char *text)
{
	char path[256];
	FILE *f;

	snprintf(path, sizeof path, "%s/%s", folder, name);
	f = fopen(path, "we");
	must(f && fprintf(f, "%s\n", text) > 0 && fclose(f) == 0, path);
}

/* As the kernel has it: the class leads to the interface, which lies in the device. */
static void make_sysfs(struct usb_device *d, unsigned vendor, unsigned product, const char *serial)
{
	char device[128], interface[160], class[160], text[16];

	snprintf(device, sizeof device, "%s/sys/devices/usb1/1-%d", d->root, d->number + 1);
	snprintf(interface, sizeof interface, "%s/1-1:1.0", device);
	snprintf(class, sizeof class, "%s/sys/class/usbmisc/usbtmc%d", d->root, d->number);
	run("mkdir -p", interface, "");
	run("mkdir -p", class, "");
	run("mkdir -p", d->root, "/dev");
	snprintf(text, sizeof text, "%04x", vendor);
	attribute(device, "idVendor", text);
	snprintf(text, sizeof text, "%04x", product);
	attribute(device, "idProduct", text);
	if (serial)
		attribute(device, "serial", serial);
	snprintf(class + strlen(class), sizeof class - strlen(class), "/device");
	must(symlink(interface, class) == 0, class);
}

/* ---- the bus ---- */

static void tell(struct usb_device *d, char kind, const void *data, size_t n)
{
	char packet[1 + URB];

	packet[0] = kind;
	if (n)
		memcpy(packet + 1, data, n);
	send(d->fd, packet, 1 + n, MSG_NOSIGNAL);
}

/* A transfer in, in the pieces in which the kernel gets it: the last is short. */
static void transfer(struct usb_device *d, const uint8_t *p, size_t n)
{
	for (; n >= URB; p += URB, n -= URB)
		tell(d, 'I', p, URB);
	tell(d, 'I', p, n);
}

static void answer(struct usb_device *d)
{
	static uint8_t out[URB * 20];
	enum usb_fault f = (enum usb_fault)atomic_exchange(&d->fault, USB_FINE);
	size_t left = d->reply_n - d->said, n = left < d->owed_most ? left : d->owed_most;
	uint8_t tag = d->last_tag;
	bool end;

	if (d->most && n > d->most)
		n = d->most;
	if (f == USB_SILENT)
		return;
	if (f == USB_STALL) {
		tell(d, 'E', "", 0);
		return;
	}
	if (f == USB_GONE) {
		close(d->fd);
		d->fd = -1;
		return;
	}
	tag = f == USB_TAG ? (uint8_t)(tag + 1) : f == USB_STALE ? d->answered_tag : tag;
	n = f == USB_EMPTY ? 0 : n;
	end = d->said + n == d->reply_n && f != USB_EMPTY;
	memcpy(out, (uint8_t[]){ f == USB_ID ? 3 : 2, tag, (uint8_t)~tag, 0, (uint8_t)n, (uint8_t)(n >> 8), (uint8_t)(n >> 16),
				 (uint8_t)(n >> 24), end, 0, 0, 0 }, 12);
	memcpy(out + 12, d->reply + d->said, n);
	d->said += n;
	d->has_reply = !end;
	d->answered_tag = d->last_tag;
	d->owed = false;
	transfer(d, out, f == USB_SHORT ? 8 : f == USB_LIES ? 12 + n / 2 : (12 + n + 3) / 4 * 4);
}

static void message(struct usb_device *d, const uint8_t *h, size_t n)
{
	uint32_t size = h[4] | (uint32_t)h[5] << 8 | (uint32_t)h[6] << 16 | (uint32_t)h[7] << 24;

	d->bad += h[1] == 0 || (h[1] ^ h[2]) != UINT8_MAX || h[1] == d->last_tag || h[3] != 0;
	d->last_tag = h[1];
	if (h[0] == 1) {
		d->bad += n < 12 + size || n > 12 + size + 3;
		memcpy(d->heard + d->heard_n, h + 12, size);
		d->heard_n += size;
		if (!(h[8] & 1))
			return;
		d->messages++;
		d->ends++;
		if (d->reply == d->own || !d->reply) {
			snprintf(d->own, sizeof d->own, "%d\n", d->messages);
			d->reply = d->own;
			d->reply_n = strlen(d->own);
		}
		d->said = 0;
		d->has_reply = true;
	} else if (h[0] == 2) {
		d->requests++;
		d->owed = true;
		d->owed_most = size;
		if (d->has_reply)
			answer(d);
	} else if (h[0] == 128) {
		d->triggers++;
	} else {
		d->bad++;
	}
}

static void attend(struct usb_device *d)
{
	static char packet[65536 + 1];
	ssize_t n = recv(d->fd, packet, sizeof packet, 0);

	if (n <= 0) {
		close(d->fd);
		d->fd = -1;
		return;
	}
	switch (packet[0]) {
	case 'O':
		message(d, (uint8_t *)packet + 1, (size_t)n - 1);
		break;
	case 'C':
		d->clears++;
		d->owed = d->has_reply = false;
		tell(d, 'C', "", 0);
		break;
	case 'S':
		tell(d, 'S', &(char){ (char)d->status }, 1);
		break;
	case 'G':
		tell(d, 'G', &d->caps, 1);
		break;
	case 'L':
		d->locals++;
		tell(d, 'L', "", 0);
		break;
	}
}

static void *play(void *arg)
{
	struct usb_device *d = arg;

	for (;;) {
		struct pollfd p[2] = {
			{ .fd = d->fd >= 0 ? d->fd : d->listening, .events = POLLIN }, { .fd = d->stop[0], .events = POLLIN },
		};

		if (poll(p, 2, -1) < 0 || p[1].revents)
			return NULL;
		if (d->fd < 0)
			d->fd = accept(d->listening, NULL, NULL);
		else
			attend(d);
	}
}

void usb_start(struct usb_device *d, int number, unsigned vendor, unsigned product, const char *serial)
{
	struct sockaddr_un a = { .sun_family = AF_UNIX };

	d->number = number;
	d->fd = -1;
	snprintf(d->root, sizeof d->root, "%s", getenv("USBTMC_ROOT"));
	make_sysfs(d, vendor, product, serial);
	snprintf(a.sun_path, sizeof a.sun_path, "%s/dev/usbtmc%d", d->root, number);
	d->listening = socket(AF_UNIX, SOCK_SEQPACKET | SOCK_CLOEXEC, 0);
	must(!bind(d->listening, (void *)&a, sizeof a) && !listen(d->listening, 4) && !pipe(d->stop), "listen");
	must(!pthread_create(&d->thread, NULL, play, d), "thread");
}

void usb_stop(struct usb_device *d)
{
	char path[64];

	must(write(d->stop[1], "x", 1) == 1, "stop");
	pthread_join(d->thread, NULL);
	if (d->fd >= 0)
		close(d->fd);
	close(d->listening);
	close(d->stop[0]);
	close(d->stop[1]);
	snprintf(path, sizeof path, "/dev/usbtmc%d", d->number);
	run("rm -rf", d->root, path);
	snprintf(path, sizeof path, "/sys/class/usbmisc/usbtmc%d", d->number);
	run("rm -rf", d->root, path);
	snprintf(path, sizeof path, "/sys/devices/usb1/1-%d", d->number + 1);
	run("rm -rf", d->root, path);
}
