/* SPDX-License-Identifier: MIT
 *
 * requests.h - the attribute round trip of ThingsBoard's device API by requests.
 */
#ifndef TBDI_REQUESTS_H
#define TBDI_REQUESTS_H

#include "report/report.h"

/* TBD_E_INVALID: the options are not for this target, whose protocol asks. */
int tbdi_api_check(const struct tbd_roundtrip_options *options, const struct tbd_target *target,
	struct tbd_error *error);

/* As tbd_roundtrip(), whose arguments have been looked at, for a target whose protocol asks. */
int tbdi_api_roundtrip(struct tbdi_report *report, const struct tbd_roundtrip_options *options,
	struct tbd_error *error);

#endif
