/* SPDX-License-Identifier: MIT
 *
 * hostname.h - does a certificate speak for a host (RFC 9525, RFC 6125)?
 */
#ifndef TBDI_HOSTNAME_H
#define TBDI_HOSTNAME_H

#include "base/common.h"

struct tbdi_name_verdict {
	enum tbd_name_match match;
	const char *entry; /* of the certificate: it matched or came closest; or NULL */
};

/* Is the text an IPv4 or IPv6 address? */
bool tbdi_name_is_address(const char *name);

/* Judge a reference name: a DNS name (A-labels, any case, with or without the final dot) or an
 * address. A wildcard is a whole left-most label, stands for one label, and has two more behind it. */
struct tbdi_name_verdict tbdi_name_judge(const struct tbd_cert *cert, const char *name);

#endif
