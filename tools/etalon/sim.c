/* SPDX-License-Identifier: GPL-3.0-or-later
 * sim.c - etalon sim: becomes etalon-sim, which plays the simulated instruments of a bench. */
#include <errno.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "etalon.h"

int cmd_sim(int argc, char **argv)
{
	char *path = program_beside("etalon-sim");

	(void)argc;
	argv[0] = path;
	execv(path, argv);
	cannot_say("%s: %s", path, strerror(errno));
	free(path);
	return CANNOT;
}
