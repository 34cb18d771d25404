/* SPDX-License-Identifier: MIT
 *
 * keylog.h - the secrets of a session for whoever records its packets, in the format that NSS has given
 * SSLKEYLOGFILE: LABEL CLIENT-RANDOM SECRET, a line each.
 */
#ifndef TBDI_KEYLOG_H
#define TBDI_KEYLOG_H

#include "base/common.h"

#include <gnutls/gnutls.h>

/* Open the file to append to; it is made, for its owner alone, if it is not there. TBD_E_OPEN. */
int tbdi_keylog_open(const char *path, int *fd, struct tbd_error *error);

/* Write one line. False: errno says why not. */
bool tbdi_keylog_write(
	int fd, gnutls_session_t session, const char *label, const gnutls_datum_t *secret);

#endif
