/* SPDX-License-Identifier: MIT
 *
 * process.h - what every program does when it begins, when it complains and when it ends.
 */
#ifndef TOOL_PROCESS_H
#define TOOL_PROCESS_H

#include "tools/cli/tool.h"

/* To be called first: makes sure that descriptors 0 to 2 are taken, so that no socket becomes
 * "standard output", and lets SIGINT, SIGTERM and SIGHUP only be noted, so that a program can clean
 * up. `command` stands before every complaint. */
void process_start(const char *command);

/* A line on stderr: "command: text". Control characters are escaped. */
void complain(const char *format, ...) TOOL_PRINTF(1, 2);

/* A signal asks the program to stop. */
bool process_stopped(void);

/* Wait until the descriptor can be read. False: a signal asked to stop, also one that came before. */
bool process_wait_readable(int fd);

/* No core dump, no debugger, no reading of our memory by others of the same user: for a process that holds a
 * secret. 0, or -1 and errno. */
int process_seal(void);

/* Die by the signal that asked to stop; does nothing when there was none. */
void process_obey(void);

/* Die as a program dies that writes to a closed pipe. */
_Noreturn void process_die_by_pipe(void);

#endif
