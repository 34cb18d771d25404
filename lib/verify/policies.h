/* SPDX-License-Identifier: MIT
 *
 * policies.h - certificate policies (RFC 5280 4.2.1.4, 4.2.1.5, 4.2.1.11, 4.2.1.14).
 */
#ifndef TBDI_POLICIES_H
#define TBDI_POLICIES_H

#include "verify/path.h"

/* Nobody here asks for a policy, but a CA may demand that there is one that holds all the way down
 * (requireExplicitPolicy). Is that so, where it is demanded? What is malformed permits nothing. */
bool tbdi_policies_permit(const struct tbdi_route *route);

#endif
