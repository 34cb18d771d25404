/* SPDX-License-Identifier: MIT
 *
 * pkcs.h - certificates in the bundles of other programs. GnuTLS reads them; nothing is decrypted.
 */
#ifndef TBDI_PKCS_H
#define TBDI_PKCS_H

#include "base/common.h"

/* Is given each certificate as DER, which is gone when it returns. Not 0 ends the reading. */
typedef int tbdi_on_der(void *arg, struct tbd_bytes der);

/* The certificates of a PKCS#7 object (RFC 2315) in DER; none when it is no such object. TBD_E_NOMEM, or what on_der
 * returned. */
int tbdi_pkcs7_each(struct tbd_bytes content, tbdi_on_der *on_der, void *arg);

/* The same of a PKCS#12 file (RFC 7292): those that are not encrypted, which they mostly are. */
int tbdi_pkcs12_each(struct tbd_bytes content, tbdi_on_der *on_der, void *arg);

#endif
