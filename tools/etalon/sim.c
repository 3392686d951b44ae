/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim.c - etalon sim: becomes etalon-sim, which plays the simulated instruments of a bench. */
#include <errno.h>
#include <limits.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "etalon.h"

/* Beside this very program: a build folder and an installation look alike. */
int cmd_sim(int argc, char **argv)
{
	char self[PATH_MAX];
	ssize_t n = readlink("/proc/self/exe", self, sizeof self - 1);
	char *path, *slash;

	(void)argc;
	self[n > 0 ? n : 0] = '\0';
	slash = strrchr(self, '/');
	path = mem_format("%.*setalon-sim", slash ? (int)(slash - self) + 1 : 0, self);
	argv[0] = path;
	execv(path, argv);
	cannot_say("%s: %s", path, strerror(errno));
	free(path);
	return CANNOT;
}
