/* SPDX-License-Identifier: MIT
 *
 * side-by-side.c - run commands in turn, many times, and print for each the median wall time and the
 * peak of its memory. Taking turns makes what else the machine does hit all of them alike.
 *
 * usage: side-by-side ROUNDS :LABEL COMMAND [ARGUMENT...] [:LABEL COMMAND [ARGUMENT...]]...
 *
 * prints: LABEL, tab, median in microseconds, tab, fastest, tab, peak RSS in KiB. A command that
 * exits with another status than 0 ends the run with status 1.
 */
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

enum {
	MAX_COMMANDS = 8,
	MAX_ROUNDS = 1000,
};

struct command {
	const char *label;
	char **argv;
	int64_t us[MAX_ROUNDS];
	long peak_kib;
};

static int64_t now_us(void)
{
	struct timespec now;
	clock_gettime(CLOCK_MONOTONIC, &now);
	return (int64_t)now.tv_sec * 1000000 + now.tv_nsec / 1000;
}

static int run_once(struct command *command, int round)
{
	int64_t start = now_us();
	pid_t child = fork();
	if (child == 0) {
		int null = open("/dev/null", O_RDWR);
		for (int fd = 0; fd <= 2; fd++)
			dup2(null, fd);
		execvp(command->argv[0], command->argv);
		_exit(127);
	}
	int status = 0;
	struct rusage usage;
	if (child < 0 || wait4(child, &status, 0, &usage) < 0)
		return -1;
	command->us[round] = now_us() - start;
	if (usage.ru_maxrss > command->peak_kib)
		command->peak_kib = usage.ru_maxrss;
	return WIFEXITED(status) ? WEXITSTATUS(status) : -1;
}

static int by_value(const void *left, const void *right)
{
	const int64_t *a = left;
	const int64_t *b = right;
	return (*a > *b) - (*a < *b);
}

/* Split argv at the ":LABEL" words. */
static size_t commands_split(char **argv, struct command *commands)
{
	size_t count = 0;
	for (; *argv != NULL; argv++) {
		if (**argv != ':')
			continue;
		if (count == MAX_COMMANDS)
			return 0;
		commands[count].label = *argv + 1;
		commands[count++].argv = argv + 1;
		*argv = NULL;
	}
	return count;
}

int main(int argc, char **argv)
{
	static struct command commands[MAX_COMMANDS];
	long rounds = argc > 3 ? strtol(argv[1], NULL, 10) : 0;
	size_t count = rounds > 0 && rounds <= MAX_ROUNDS ? commands_split(argv + 2, commands) : 0;
	if (count == 0) {
		fprintf(stderr, "usage: side-by-side ROUNDS :LABEL COMMAND [ARGUMENT...] ...\n");
		return 3;
	}
	for (int round = 0; round < rounds; round++) {
		for (size_t i = 0; i < count; i++) {
			int status = run_once(&commands[i], round);
			if (status == 0)
				continue;
			fprintf(stderr, "side-by-side: %s: exit status %d\n", commands[i].label,
				status);
			return 1;
		}
	}
	for (size_t i = 0; i < count; i++) {
		qsort(commands[i].us, (size_t)rounds, sizeof(int64_t), by_value);
		printf("%s\t%lld\t%lld\t%ld\n", commands[i].label,
			(long long)commands[i].us[rounds / 2], (long long)commands[i].us[0],
			commands[i].peak_kib);
	}
	return 0;
}
