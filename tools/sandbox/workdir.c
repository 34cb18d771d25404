/* SPDX-License-Identifier: MIT
 *
 * workdir.c - the directory of the sandbox's files.
 */
#include "config.h"

#include "workdir.h"

#include "certs/mint.h"
#include "tools/cli/process.h"

#include <errno.h>
#include <limits.h>
#include <sys/stat.h>
#include <unistd.h>

static int workdir_fail(const char *path)
{
	complain("%s: %s", path, strerror(errno));
	return -1;
}

static char *make_temporary(void)
{
	const char *parent = getenv("TMPDIR");
	char *dir = NULL;
	if (parent == NULL || parent[0] == '\0')
		parent = "/tmp";
	if (asprintf(&dir, "%s/tbdiag-sandbox-XXXXXX", parent) < 0)
		return NULL;
	if (mkdtemp(dir) != NULL)
		return dir;
	free(dir);
	return NULL;
}

int workdir_open(struct workdir *workdir, const char *dir)
{
	char *temporary = NULL;
	*workdir = (struct workdir){ 0 };
	if (dir == NULL) {
		dir = temporary = make_temporary();
		if (dir == NULL)
			return workdir_fail("cannot make a temporary directory");
		workdir->made = true;
	} else if (mkdir(dir, 0700) == 0) {
		workdir->made = true;
	} else if (errno != EEXIST) {
		return workdir_fail(dir);
	}
	workdir->dir = realpath(dir, NULL);
	int rc = workdir->dir != NULL ? 0 : workdir_fail(dir);
	if (rc < 0 && workdir->made)
		rmdir(dir);
	free(temporary);
	return rc;
}

const char *workdir_write(struct workdir *workdir, const char *name, const char *text, mode_t mode)
{
	char *path = NULL;
	struct stat st;
	if (workdir->file_count == WORKDIR_FILES_MAX ||
		asprintf(&path, "%s/%s", workdir->dir, name) < 0) {
		complain("out of memory");
		return NULL;
	}
	if (lstat(path, &st) == 0)
		errno = EEXIST;
	else if (errno == ENOENT && mint_write(path, text, mode) == 0)
		return workdir->files[workdir->file_count++] = path;
	workdir_fail(path);
	/* Half a file is ours, too. */
	if (errno != EEXIST)
		unlink(path);
	free(path);
	return NULL;
}

void workdir_close(struct workdir *workdir)
{
	for (size_t i = 0; i < workdir->file_count; i++) {
		unlink(workdir->files[i]);
		free(workdir->files[i]);
	}
	if (workdir->made && workdir->dir != NULL)
		rmdir(workdir->dir);
	free(workdir->dir);
	*workdir = (struct workdir){ 0 };
}
