/* SPDX-License-Identifier: MIT
 *
 * thread.c - threads that nobody waits for.
 */
#include "thread.h"

#include <pthread.h>
#include <signal.h>

int tbdi_thread_start(void *(*run)(void *arg), void *arg)
{
	pthread_t thread;
	sigset_t all;
	sigset_t before;
	sigfillset(&all);
	int rc = pthread_sigmask(SIG_SETMASK, &all, &before);
	if (rc != 0)
		return rc;
	rc = pthread_create(&thread, NULL, run, arg);
	if (rc == 0)
		pthread_detach(thread);
	pthread_sigmask(SIG_SETMASK, &before, NULL);
	return rc;
}
