/* SPDX-License-Identifier: MIT
 *
 * thread.h - threads that see no signals: they belong to the caller's threads.
 */
#ifndef TBDI_THREAD_H
#define TBDI_THREAD_H

#include "base/common.h"

#include <pthread.h>

/* Run this in a thread of its own, which is to be joined. 0 or an errno. */
int tbdi_thread_new(pthread_t *thread, void *(*run)(void *arg), void *arg);

/* The same of one that nobody waits for. */
int tbdi_thread_start(void *(*run)(void *arg), void *arg);

#endif
