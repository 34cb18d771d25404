/* SPDX-License-Identifier: MIT
 *
 * thread.h - threads that nobody waits for.
 */
#ifndef TBDI_THREAD_H
#define TBDI_THREAD_H

#include "common.h"

/* Run this in a thread of its own, which sees no signals: they belong to the caller's threads. 0 or an
 * errno. */
int tbdi_thread_start(void *(*run)(void *arg), void *arg);

#endif
