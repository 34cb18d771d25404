/* SPDX-License-Identifier: MIT
 *
 * process.c - descriptors, signals and complaints of a program.
 */
#include "tools/cli/process.h"

#include "report/flow.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <stdarg.h>
#include <unistd.h>

static const char *command_name = "tbdiag";
static volatile sig_atomic_t stop_signal;

static void note_signal(int number)
{
	stop_signal = number;
}

/* A closed standard descriptor is filled so that its use still fails: 0 cannot be read, 1 and 2
 * cannot be written. */
static void fill_standard_descriptors(void)
{
	for (int fd = 0; fd <= 2; fd++) {
		if (fcntl(fd, F_GETFD) >= 0 || errno != EBADF)
			continue;
		if (open("/dev/null", fd == 0 ? O_WRONLY : O_RDONLY) != fd)
			_exit(STATUS_FAILED);
	}
}

/* The second signal of a kind kills at once, should we be stuck. No SA_RESTART: a wait has to end. */
static void note_when_asked_to_stop(int number)
{
	struct sigaction old;
	if (sigaction(number, NULL, &old) < 0 || old.sa_handler == SIG_IGN)
		return;
	struct sigaction action = { .sa_handler = note_signal, .sa_flags = (int)SA_RESETHAND };
	sigemptyset(&action.sa_mask);
	sigaction(number, &action, NULL);
}

void process_start(const char *command)
{
	command_name = command;
	fill_standard_descriptors();
	note_when_asked_to_stop(SIGINT);
	note_when_asked_to_stop(SIGTERM);
	note_when_asked_to_stop(SIGHUP);
}

void complain(const char *format, ...)
{
	char text[1024];
	va_list args;
	va_start(args, format);
	vsnprintf(text, sizeof(text), format, args);
	va_end(args);
	fprintf(stderr, "%s: ", command_name);
	tbdi_text_put(stderr, text);
	putc('\n', stderr);
}

bool process_stopped(void)
{
	return stop_signal != 0;
}

/* Signals are blocked but within ppoll(): none can slip in between the question and the wait. */
bool process_wait_readable(int fd)
{
	struct pollfd wanted = { .fd = fd, .events = POLLIN };
	sigset_t stops;
	sigset_t before;
	int ready = -1;
	sigemptyset(&stops);
	sigaddset(&stops, SIGINT);
	sigaddset(&stops, SIGTERM);
	sigaddset(&stops, SIGHUP);
	sigprocmask(SIG_BLOCK, &stops, &before);
	while (!process_stopped() && ready <= 0)
		ready = ppoll(&wanted, 1, NULL, &before);
	sigprocmask(SIG_SETMASK, &before, NULL);
	return ready > 0;
}

static void die_by(int number)
{
	signal(number, SIG_DFL);
	raise(number);
}

int process_seal(void)
{
	static const struct rlimit none = { 0, 0 };
	return setrlimit(RLIMIT_CORE, &none) < 0 ? -1 : prctl(PR_SET_DUMPABLE, 0L, 0L, 0L, 0L);
}

void process_obey(void)
{
	if (stop_signal != 0)
		die_by(stop_signal);
}

_Noreturn void process_die_by_pipe(void)
{
	die_by(SIGPIPE);
	_exit(STATUS_FAILED);
}
