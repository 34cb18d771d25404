/* SPDX-License-Identifier: MIT
 *
 * prompt.c - asking on a terminal.
 */
#include "tools/cli/prompt.h"

#include "tools/cli/process.h"

#include <termios.h>
#include <unistd.h>

bool prompt_possible(void)
{
	return isatty(STDIN_FILENO) && isatty(STDERR_FILENO);
}

/* A terminal gives one line a read(); stdio would keep a copy of a secret in its buffer. */
int prompt_line(const char *question, char *answer, size_t size)
{
	fputs(question, stderr);
	fflush(stderr);
	if (!process_wait_readable(STDIN_FILENO))
		return -1;
	ssize_t len = read(STDIN_FILENO, answer, size);
	if (len <= 0)
		return -1;
	if (answer[len - 1] != '\n') {
		complain("the answer is too long, or was not ended by the Enter key");
		return -1;
	}
	answer[len - 1] = '\0';
	return 0;
}

int prompt_secret(const char *question, char *answer, size_t size)
{
	struct termios before;
	if (tcgetattr(STDIN_FILENO, &before) < 0)
		return -1;
	/* Suspended or quit, we would leave a terminal without echo behind. */
	struct termios quiet = before;
	quiet.c_lflag &= ~(tcflag_t)ECHO;
	quiet.c_cc[VSUSP] = _POSIX_VDISABLE;
	quiet.c_cc[VQUIT] = _POSIX_VDISABLE;
	if (tcsetattr(STDIN_FILENO, TCSAFLUSH, &quiet) < 0)
		return -1;
	int rc = prompt_line(question, answer, size);
	tcsetattr(STDIN_FILENO, TCSAFLUSH, &before);
	fputc('\n', stderr);
	return rc;
}
