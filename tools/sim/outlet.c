/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "outlet.h"

#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <netdb.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <termios.h>
#include <unistd.h>

#include "address.h"
#include "mem.h"
#include "number.h"

#define BACKLOG 64
/* Where a client begins if no port is given. */
#define PORTMAPPER  "111"            /* over VXI-11 */
#define HISLIP_PORT "4880"
#define PROLOGIX    "prologix:"
#define PROLOGIX_PORT "1234"

/* A Modbus line may be a terminal's path or a terminal server's host. */
static bool is_tcp(const char *address)
{
	static const char *const schemes[] = { "tcp://", "modbus+tcp://", "modbus+rtu://", "modbus+ascii://", "vxi11://",
					       "hislip://", PROLOGIX "//" };

	for (size_t i = 0; i < sizeof schemes / sizeof *schemes; i++)
		if (!strncmp(address, schemes[i], strlen(schemes[i])))
			return true;
	return false;
}

const char *outlet_options_of(const char *address)
{
	size_t n = strcspn(address, "?"), place = strcspn(address, ":") + 3;

	if (!is_tcp(address) && !strncmp(address, PROLOGIX, strlen(PROLOGIX)))
		while (n > 0 && address[n] != '/')      /* the address on the bus */
			n--;
	else if (is_tcp(address))
		n = place + strcspn(address + place, "/?");
	return address + n;
}

int outlet_unit(const char *address, int *unit, struct err *e)
{
	const char *options = outlet_options_of(address), *p = strstr(options, "unit=");
	int64_t v = 1;

	p = p ? p + strlen("unit=") : *options == '/' ? options + 1 : NULL;
	if (p && (number_parse_int(p, strcspn(p, "&?"), &v, e) || v < 0 || v > 255))
		return err_set(e, ERR_CONFIG, "%s: unit must be from 0 to 255", address);
	*unit = (int)v;
	return 0;
}

bool outlet_is(const struct outlet *o, const char *address)
{
	size_t scheme = strlen(o->scheme), place = strlen(o->place);

	return !strncmp(address, o->scheme, scheme) && address[scheme] == ':'
		&& (size_t)(outlet_options_of(address) - address) == scheme + 1 + place
		&& !strncmp(address + scheme + 1, o->place, place);
}

static int listen_at(const struct addrinfo *ai)
{
	int fd = socket(ai->ai_family, ai->ai_socktype | SOCK_CLOEXEC, ai->ai_protocol), on = 1;

	if (fd < 0)
		return -1;
	setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
	if (bind(fd, ai->ai_addr, ai->ai_addrlen) || listen(fd, BACKLOG)) {
		int why = errno;

		close(fd);
		errno = why;
		return -1;
	}
	return fd;
}

/* The address a client gives: the port may have been chosen by the system. */
static void name_socket(struct outlet *o)
{
	char host[NI_MAXHOST], port[NI_MAXSERV];
	struct sockaddr_storage sa;
	socklen_t n = sizeof sa;
	bool six;

	getsockname(o->fd, (struct sockaddr *)&sa, &n);
	getnameinfo((struct sockaddr *)&sa, n, host, sizeof host, port, sizeof port,
		    NI_NUMERICHOST | NI_NUMERICSERV);
	six = sa.ss_family == AF_INET6;
	o->address = mem_format("%s://%s%s%s:%s", o->scheme, six ? "[" : "", host, six ? "]" : "", port);
}

static int open_socket(struct outlet *o, bool any, struct err *e)
{
	struct addrinfo hints = { .ai_socktype = SOCK_STREAM, .ai_flags = AI_PASSIVE | AI_NUMERICSERV };
	const char *text = any ? "//127.0.0.1:0" : o->place;
	const char *usual = !strcmp(o->scheme, "hislip") ? HISLIP_PORT
		: !strcmp(o->scheme, "prologix") ? PROLOGIX_PORT : PORTMAPPER;
	struct addrinfo *found;
	struct host h = { "127.0.0.1", "0", "" };
	int bad;

	if (!any && address_host(o->place, &h, e) < 0)
		return err_wrap(e, "%s:%s", o->scheme, text);
	bad = getaddrinfo(h.name, h.port[0] ? h.port : usual, &hints, &found);
	if (bad)
		return err_set(e, ERR_CONFIG, "%s:%s: %s", o->scheme, text, gai_strerror(bad));
	o->fd = listen_at(found);
	freeaddrinfo(found);
	if (o->fd < 0)
		return err_set(e, ERR_IO, "%s:%s: cannot listen: %s", o->scheme, text, strerror(errno));
	name_socket(o);
	return 0;
}

static int make_raw(int fd)
{
	struct termios t;

	if (tcgetattr(fd, &t))
		return -1;
	cfmakeraw(&t);
	return tcsetattr(fd, TCSANOW, &t);
}

static int make_terminal(struct outlet *o, char name[64], struct err *e)
{
	o->fd = posix_openpt(O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (o->fd < 0 || grantpt(o->fd) || unlockpt(o->fd) || ptsname_r(o->fd, name, 64))
		return err_set(e, ERR_IO, "cannot make a pseudo-terminal: %s", strerror(errno));
	o->slave = open(name, O_RDWR | O_NOCTTY | O_CLOEXEC);
	if (o->slave < 0 || make_raw(o->slave))
		return err_set(e, ERR_IO, "%s: %s", name, strerror(errno));
	return 0;
}

/* The folders above a link; if one cannot be made, the link says why. */
static void make_folders(const char *path)
{
	char *folder = mem_string(path);

	for (char *slash = strchr(folder + 1, '/'); slash; slash = strchr(slash + 1, '/')) {
		*slash = '\0';
		mkdir(folder, 0777);
		*slash = '/';
	}
	free(folder);
}

/* Replaces a link at once, so that whoever opens it finds the old terminal or the new one;
 * anything that is not a link is not ours to replace. */
static int link_to(const char *path, const char *terminal, struct err *e)
{
	char *fresh = mem_format("%s.new", path);
	struct stat st;
	int bad;

	if (!lstat(path, &st) && !S_ISLNK(st.st_mode)) {
		free(fresh);
		return err_set(e, ERR_CONFIG, "%s is there already and not a link", path);
	}
	make_folders(path);
	unlink(fresh);
	bad = symlink(terminal, fresh) || rename(fresh, path);
	free(fresh);
	return bad ? err_set(e, ERR_IO, "%s: cannot make this link: %s", path, strerror(errno)) : 0;
}

static int open_terminal(struct outlet *o, const char *role, const struct outlet_options *options,
			 struct err *e)
{
	char name[64], real[PATH_MAX];

	if (make_terminal(o, name, e))
		return -1;
	if (!options->any && !link_to(o->place, name, e)) {
		o->link = mem_string(o->place);
	} else if (options->folder) {
		mkdir(options->folder, 0777);            /* if it fails, realpath says why */
		if (!realpath(options->folder, real))
			return err_set(e, ERR_IO, "%s: %s", options->folder, strerror(errno));
		o->link = mem_format("%s/%s", real, role);
		if (link_to(o->link, name, e))
			return -1;
	} else {
		return options->any ? err_set(e, ERR_CONFIG, "serial lines need --folder")
			: err_wrap(e, "%s (--folder names another place)", role);
	}
	o->address = mem_format("%s:%s", o->scheme, o->link);
	return 0;
}

int outlet_open(struct outlet **out, const char *address, const char *role,
		const struct outlet_options *options, struct err *e)
{
	size_t scheme = strcspn(address, ":"), end = (size_t)(outlet_options_of(address) - address);
	struct outlet *o;
	int bad;

	if (scheme >= end)
		return err_set(e, ERR_CONFIG, "%s: expected tcp://host:port, serial:/path or pty:/path",
			       address);
	*out = o = mem_new(sizeof *o);
	o->fd = o->slave = -1;
	o->scheme = mem_stringn(address, scheme);
	o->place = mem_stringn(address + scheme + 1, end - scheme - 1);
	o->tcp = is_tcp(address);
	bad = o->tcp ? open_socket(o, options->any, e) : open_terminal(o, role, options, e);
	if (bad)
		outlet_close(out);
	return bad;
}

static void close_ends(struct outlet *o)
{
	if (o->fd >= 0)
		close(o->fd);
	if (o->slave >= 0)
		close(o->slave);
	o->fd = o->slave = -1;
}

int outlet_reopen(struct outlet *o, struct err *e)
{
	struct outlet old = *o;
	char name[64];
	int bad = make_terminal(o, name, e) || link_to(o->link, name, e) ? -1 : 0;

	close_ends(&old);                        /* last: who sees it hang up finds the new one */
	return bad;
}

void outlet_unlink(struct outlet *o)
{
	if (o->link)
		unlink(o->link);
}

void outlet_close(struct outlet **o)
{
	if (!*o)
		return;
	outlet_unlink(*o);
	close_ends(*o);
	free((*o)->scheme);
	free((*o)->place);
	free((*o)->link);
	free((*o)->address);
	free(*o);
	*o = NULL;
}
