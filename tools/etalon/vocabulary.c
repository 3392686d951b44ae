/* SPDX-License-Identifier: GPL-3.0-or-later */
#include "vocabulary.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "mem.h"

static const char system_wide[] = "/etc/etalon/quantities.yaml";

char *vocabulary_path(const char *file, const char *asked)
{
	static const char *const above[] = { "", "../", "../../" };
	const char *slash = strrchr(file, '/');
	int folder = slash ? (int)(slash - file) + 1 : 0;

	if (asked)
		return mem_string(asked);
	for (size_t i = 0; i < sizeof above / sizeof above[0]; i++) {
		char *path = mem_format("%.*s%squantities.yaml", folder, file, above[i]);

		if (access(path, R_OK) == 0)
			return path;
		free(path);
	}
	return mem_string(system_wide);
}
