/* SPDX-License-Identifier: MIT
 *
 * module.h - finding and loading modules.
 */
#ifndef TBDI_MODULE_H
#define TBDI_MODULE_H

#include "base/fetcher.h"
#include "base/protocol.h"
#include "base/transport.h"

/* The module of a protocol: from TBDIAG_MODULE_DIR (ignored in a program with raised privileges),
 * else from beside an uninstalled library, else from where it was configured to be. It stays loaded.
 * TBD_E_MODULE: the text names the file and what has to be installed. */
int tbdi_module_load(const struct tbdi_protocol *protocol, const struct tbdi_transport **out,
	struct tbd_error *error);

/* The same of the module fetch-http.so. */
int tbdi_module_load_fetcher(const struct tbdi_fetcher **out, struct tbd_error *error);

/* Begin to load a transport in a thread that nobody waits for: with libmosquitto comes OpenSSL, on which the loader
 * works as long as a whole handshake lasts. What goes wrong is for tbdi_module_load() to say. */
void tbdi_module_preload(const struct tbdi_protocol *protocol);

/* The directory of this very library, which ends in ".libs", while it lies in a build tree; "" when it does
 * not. */
void tbdi_module_build_dir(char *dir, size_t size);

#endif
