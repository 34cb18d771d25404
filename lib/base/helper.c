/* SPDX-License-Identifier: MIT
 *
 * helper.c - start helpers, and take what they answer. They are told their question by a file in memory, so that
 * nobody has to write while they run, and no pipe can break.
 */
#include "base/helper.h"

#include "base/module.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/mman.h>
#include <sys/pidfd.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

/* AddressSanitizer reserves terabytes. */
#ifdef __SANITIZE_ADDRESS__
#define MEMORY_MAX RLIM_INFINITY
#else
#define MEMORY_MAX ((rlim_t)1 << 30)
#endif

enum {
	CPU_SECONDS = 20,
	FIRST_FD = STDERR_FILENO + 1,
	FDS = 3, /* to wait for, of one helper */
	HELPERS_MAX = 8,
};

/* ---- where ------------------------------------------------------------------------------------ */

void tbdi_helper_path(const char *name, char path[PATH_MAX])
{
	char build[PATH_MAX];
	const char *dir = secure_getenv("TBDIAG_STACK_DIR");
	tbdi_module_build_dir(build, sizeof(build));
	if (dir != NULL)
		snprintf(path, PATH_MAX, "%s/stack-%s", dir, name);
	else if (build[0] != '\0')
		snprintf(path, PATH_MAX, "%s/../../tools/stacks/stack-%s", build, name);
	else
		snprintf(path, PATH_MAX, "%s/stack-%s", TBDI_HELPER_DIR, name);
}

bool tbdi_helper_is_there(const char *name)
{
	char path[PATH_MAX];
	tbdi_helper_path(name, path);
	return access(path, X_OK) == 0;
}

/* ---- begin ------------------------------------------------------------------------------------ */

static void close_fd(int *fd)
{
	if (*fd >= 0)
		close(*fd);
	*fd = -1;
}

/* Not one of the three that the child has: of a caller that has closed its own. */
static int above_standard(int fd)
{
	if (fd < 0 || fd >= FIRST_FD)
		return fd;
	int moved = fcntl(fd, F_DUPFD_CLOEXEC, FIRST_FD);
	close(fd);
	return moved;
}

/* A file in memory that holds the question; -1: there is none. */
static int question_file(struct tbd_bytes question)
{
	int fd = above_standard(memfd_create("question", MFD_CLOEXEC));
	size_t done = 0;
	while (fd >= 0 && done < question.len) {
		ssize_t n = write(fd, question.data + done, question.len - done);
		if (n < 0 && errno != EINTR)
			close_fd(&fd);
		done += n > 0 ? (size_t)n : 0;
	}
	if (fd >= 0 && lseek(fd, 0, SEEK_SET) < 0)
		close_fd(&fd);
	return fd;
}

static bool open_pipe(int *reader, int *writer)
{
	int ends[2];
	if (pipe2(ends, O_CLOEXEC) < 0)
		return false;
	*reader = above_standard(ends[0]);
	*writer = above_standard(ends[1]);
	return *reader >= 0 && *writer >= 0 && fcntl(*reader, F_SETFL, O_NONBLOCK) == 0;
}

/* Signals are as in a shell, whatever this process has made of them; a key of the terminal is for this process
 * alone. 0 or an errno. */
static int set_attributes(posix_spawnattr_t *attributes)
{
	sigset_t none, all;
	sigemptyset(&none);
	sigfillset(&all);
	int rc = posix_spawnattr_setflags(
		attributes, POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF | POSIX_SPAWN_SETPGROUP);
	if (rc == 0)
		rc = posix_spawnattr_setsigmask(attributes, &none);
	if (rc == 0)
		rc = posix_spawnattr_setsigdefault(attributes, &all);
	return rc;
}

/* The ends that the child gets as its descriptors 0, 1 and 2. 0 or an errno. */
static int set_descriptors(posix_spawn_file_actions_t *actions, const int ends[FIRST_FD])
{
	int rc = 0;
	for (int fd = 0; rc == 0 && fd < FIRST_FD; fd++)
		rc = posix_spawn_file_actions_adddup2(actions, ends[fd], fd);
	return rc == 0 ? posix_spawn_file_actions_addclosefrom_np(actions, FIRST_FD) : rc;
}

/* 0 or an errno. The environment may hold a token, or settings that no device has. */
static int spawn(pid_t *pid, const char *path, const char *argument, const int ends[FIRST_FD])
{
	static char locale[] = "LC_ALL=C", search[] = "PATH=/usr/bin:/bin";
	static char *const environment[] = { locale, search, NULL };
	char program[PATH_MAX], option[64] = "";
	snprintf(program, sizeof(program), "%s", path);
	snprintf(option, sizeof(option), "%s", argument != NULL ? argument : "");
	char *const arguments[] = { program, argument != NULL ? option : NULL, NULL };
	posix_spawn_file_actions_t actions;
	posix_spawnattr_t attributes;
	int rc = posix_spawn_file_actions_init(&actions);
	if (rc != 0)
		return rc;
	rc = posix_spawnattr_init(&attributes);
	if (rc == 0) {
		rc = set_attributes(&attributes);
		if (rc == 0)
			rc = set_descriptors(&actions, ends);
		if (rc == 0)
			rc = posix_spawn(
				pid, program, &actions, &attributes, arguments, environment);
		posix_spawnattr_destroy(&attributes);
	}
	posix_spawn_file_actions_destroy(&actions);
	return rc;
}

static void limit_process(pid_t pid)
{
	static const struct rlimit memory = { MEMORY_MAX, MEMORY_MAX },
				   cpu = { CPU_SECONDS, CPU_SECONDS }, core = { 0, 0 };
	/* One that has ended already needs none. */
	(void)prlimit(pid, RLIMIT_AS, &memory, NULL);
	(void)prlimit(pid, RLIMIT_CPU, &cpu, NULL);
	(void)prlimit(pid, RLIMIT_CORE, &core, NULL);
}

static int begin(
	struct tbdi_helper *helper, const char *path, const char *argument, int ends[FIRST_FD])
{
	if (!open_pipe(&helper->out, &ends[STDOUT_FILENO]) ||
		!open_pipe(&helper->err, &ends[STDERR_FILENO]))
		return errno;
	int rc = spawn(&helper->pid, path, argument, ends);
	if (rc != 0)
		return rc;
	helper->process = pidfd_open(helper->pid, 0);
	rc = helper->process < 0 ? errno : 0;
	limit_process(helper->pid);
	return rc;
}

int tbdi_helper_start(struct tbdi_helper *helper, const char *name, const char *argument,
	struct tbd_bytes question, struct tbd_error *error)
{
	char path[PATH_MAX];
	int ends[FIRST_FD] = { question_file(question), -1, -1 };
	*helper = (struct tbdi_helper){ .process = -1, .out = -1, .err = -1 };
	tbdi_helper_path(name, path);
	int rc = ends[STDIN_FILENO] < 0 ? errno : begin(helper, path, argument, ends);
	for (int fd = 0; fd < FIRST_FD; fd++)
		close_fd(&ends[fd]);
	if (rc == 0)
		return 0;
	tbdi_helpers_release(helper, 1);
	return tbdi_fail(error, TBD_E_SYSTEM, "%s: %s", path, strerror(rc));
}

/* ---- take what it says ------------------------------------------------------------------------ */

/* Read what is there; -1: it is more than fits. */
static int take_answer(struct tbdi_helper *helper)
{
	char buffer[4096];
	ssize_t n;
	while ((n = read(helper->out, buffer, sizeof(buffer))) > 0) {
		char *grown = helper->answer_len + (size_t)n > TBDI_HELPER_ANSWER_MAX
			? NULL
			: realloc(helper->answer, helper->answer_len + (size_t)n + 1);
		if (grown == NULL)
			return -1;
		memcpy(grown + helper->answer_len, buffer, (size_t)n);
		helper->answer = grown;
		helper->answer_len += (size_t)n;
		grown[helper->answer_len] = '\0';
	}
	if (n == 0)
		close_fd(&helper->out);
	return 0;
}

/* As much at once as a pipe holds: one that complains without end has its deadline, too. */
static void take_complaint(struct tbdi_helper *helper)
{
	enum { READS_MAX = 64 };
	char buffer[1024];
	ssize_t n = 1;
	for (int reads = 0; reads < READS_MAX; reads++) {
		n = read(helper->err, buffer, sizeof(buffer));
		if (n <= 0)
			break;
		size_t used = strlen(helper->complaint);
		if (used > 0 && helper->complaint[used - 1] == '\n')
			continue;
		size_t room = sizeof(helper->complaint) - 1 - used;
		size_t len = strnlen(buffer, (size_t)n);
		const char *end = memchr(buffer, '\n', len);
		len = end != NULL ? (size_t)(end - buffer) + 1 : len;
		memcpy(helper->complaint + used, buffer, len < room ? len : room);
	}
	if (n == 0)
		close_fd(&helper->err);
}

static void reap(struct tbdi_helper *helper)
{
	int status = 0;
	pid_t reaped;
	do
		reaped = waitpid(helper->pid, &status, 0);
	while (reaped < 0 && errno == EINTR);
	/* Else the caller has reaped it, or has no children by its own wish: what it wrote tells. */
	if (helper->end == TBDI_HELPER_RUNS) {
		bool crashed = reaped > 0 && WIFSIGNALED(status);
		bool failed = reaped > 0 && WIFEXITED(status) && WEXITSTATUS(status) != 0;
		helper->signal = crashed ? WTERMSIG(status) : 0;
		helper->end = crashed ? TBDI_HELPER_CRASHED
			: failed      ? TBDI_HELPER_FAILED
				      : TBDI_HELPER_ANSWERED;
	}
	helper->pid = 0;
	close_fd(&helper->process);
	close_fd(&helper->out);
	close_fd(&helper->err);
	helper->complaint[strcspn(helper->complaint, "\r\n")] = '\0';
}

static void helper_stop(struct tbdi_helper *helper, enum tbdi_helper_end end)
{
	if (helper->pid == 0)
		return;
	helper->end = end;
	kill(-helper->pid, SIGKILL); /* with what it has started */
	reap(helper);
}

/* The process is asked last: what it wrote before its end is there then. */
static void take(struct tbdi_helper *helper, bool has_ended)
{
	if (helper->out >= 0 && take_answer(helper) < 0) {
		helper_stop(helper, TBDI_HELPER_TALKED);
		return;
	}
	if (helper->err >= 0)
		take_complaint(helper);
	if (has_ended)
		reap(helper);
}

int tbdi_helpers_wait(
	struct tbdi_helper *helpers, size_t count, int64_t wait_ms, struct tbd_error *error)
{
	struct pollfd fds[HELPERS_MAX * FDS];
	bool runs = false;
	for (size_t i = 0; i < count && i < HELPERS_MAX; i++) {
		const struct tbdi_helper *helper = &helpers[i];
		bool is_there = helper->pid != 0;
		fds[FDS * i] = (struct pollfd){ is_there ? helper->process : -1, POLLIN, 0 };
		fds[FDS * i + 1] = (struct pollfd){ is_there ? helper->out : -1, POLLIN, 0 };
		fds[FDS * i + 2] = (struct pollfd){ is_there ? helper->err : -1, POLLIN, 0 };
		runs = runs || is_there;
	}
	if (!runs)
		return 1;
	int n = poll(fds, (nfds_t)(count * FDS), (int)wait_ms);
	if (n < 0)
		return errno == EINTR ? 0
				      : tbdi_fail(error, TBD_E_SYSTEM, "poll: %s", strerror(errno));
	for (size_t i = 0; i < count; i++)
		if (helpers[i].pid != 0)
			take(&helpers[i], fds[FDS * i].revents != 0);
	return 0;
}

void tbdi_helpers_stop(struct tbdi_helper *helpers, size_t count)
{
	for (size_t i = 0; i < count; i++)
		helper_stop(&helpers[i], TBDI_HELPER_LATE);
}

void tbdi_helpers_release(struct tbdi_helper *helpers, size_t count)
{
	tbdi_helpers_stop(helpers, count);
	for (size_t i = 0; i < count; i++) {
		close_fd(&helpers[i].process);
		close_fd(&helpers[i].out);
		close_fd(&helpers[i].err);
		free(helpers[i].answer);
		helpers[i].answer = NULL;
	}
}
