/* SPDX-License-Identifier: MIT
 *
 * thread.c - threads that see no signals.
 */
#include "base/thread.h"

#include <signal.h>

int tbdi_thread_new(pthread_t *thread, void *(*run)(void *arg), void *arg)
{
	sigset_t all;
	sigset_t before;
	sigfillset(&all);
	int rc = pthread_sigmask(SIG_SETMASK, &all, &before);
	if (rc != 0)
		return rc;
	rc = pthread_create(thread, NULL, run, arg);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}

int tbdi_thread_start(void *(*run)(void *arg), void *arg)
{
	pthread_t thread;
	int rc = tbdi_thread_new(&thread, run, arg);
	if (rc == 0)
		pthread_detach(thread);
	return rc;
}
