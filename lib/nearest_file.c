/* SPDX-License-Identifier: GPL-3.0-or-later
 * nearest_file.c - which of a folder's files somebody meant who named one that is not there. */
#include <dirent.h>
#include <string.h>

#include "mem.h"
#include "nearest.h"

#define ENDING ".yaml"

/* A file without the ending; NULL: it has another. */
static char *named(const char *file)
{
	size_t n = strlen(file), ending = strlen(ENDING);

	if (n <= ending || strcmp(file + n - ending, ENDING))
		return NULL;
	return mem_format("%.*s", (int)(n - ending), file);
}

char *nearest_file(const char *folder, const char *wrong)
{
	struct nearest best = { .word = NULL };
	char *word = NULL, *near = NULL;
	DIR *d = opendir(folder);
	struct dirent *entry;

	while (d && (entry = readdir(d))) {
		word = named(entry->d_name);
		if (word)
			nearest_offer(&best, wrong, word);
		if (word && best.word == word) {
			free(near);
			near = word;
		} else {
			free(word);
		}
	}
	if (d)
		closedir(d);
	return near;
}
