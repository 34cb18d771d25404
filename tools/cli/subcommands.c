/* SPDX-License-Identifier: MIT
 *
 * subcommands.c - finding the subcommands.
 */
#include "tools/cli/subcommands.h"

#include "tools/cli/process.h"

#include <dirent.h>
#include <errno.h>
#include <limits.h>
#include <unistd.h>

#define PREFIX "tbdiag-"

/* Cut the path of a program to the directory that it was built in: libtool keeps some programs as
 * DIR/.libs/NAME, and DIR/NAME is a wrapper that finds the library. */
static void cut_to_dir(char *self)
{
	char *slash = strrchr(self, '/');
	if (slash != NULL)
		*slash = '\0';
	slash = strrchr(self, '/');
	if (slash != NULL && strcmp(slash, "/.libs") == 0)
		*slash = '\0';
}

/* Beside the tools' directory a build tree has a library that is never installed. */
static bool is_build_dir(const char *dir)
{
	char *mark = NULL;
	if (asprintf(&mark, "%s/../lib/libtbdi.la", dir) < 0)
		return false;
	bool found = access(mark, F_OK) == 0;
	free(mark);
	return found;
}

int place_find(struct place *place)
{
	char self[PATH_MAX];
	ssize_t len = readlink("/proc/self/exe", self, sizeof(self) - 1);
	self[len < 0 ? 0 : len] = '\0';
	cut_to_dir(self);
	place->is_built = is_build_dir(self);
	place->dir = strdup(place->is_built ? self : TOOL_PKGLIBEXECDIR);
	if (place->dir != NULL)
		return 0;
	complain("out of memory");
	return -1;
}

void place_free(struct place *place)
{
	free(place->dir);
}

/* A build tree also holds tbdiag-NAME.o and the like. */
static int is_subcommand(const struct dirent *entry)
{
	return strncmp(entry->d_name, PREFIX, strlen(PREFIX)) == 0 &&
		strchr(entry->d_name, '.') == NULL;
}

char **place_names(const struct place *place)
{
	struct dirent **entries = NULL;
	int count = scandir(place->dir, &entries, is_subcommand, alphasort);
	if (count < 0 && errno != ENOENT) {
		complain("%s: %s", place->dir, strerror(errno));
		return NULL;
	}
	bool complete = true;
	size_t used = 0;
	char **names = calloc((size_t)(count < 0 ? 0 : count) + 1, sizeof(*names));
	for (int i = 0; i < count; i++) {
		if (names != NULL && complete) {
			names[used] = strdup(entries[i]->d_name + strlen(PREFIX));
			complete = names[used++] != NULL;
		}
		free(entries[i]);
	}
	free(entries);
	if (names != NULL && complete)
		return names;
	complain("out of memory");
	place_names_free(names);
	return NULL;
}

void place_names_free(char **names)
{
	for (char **name = names; name != NULL && *name != NULL; name++)
		free(*name);
	free(names);
}
