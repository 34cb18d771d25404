/* SPDX-License-Identifier: MIT
 *
 * explain-refusal.h - after a refusal: ask once more, with MQTT 5, which has finer reasons.
 */
#ifndef TBDI_EXPLAIN_REFUSAL_H
#define TBDI_EXPLAIN_REFUSAL_H

#include "base/common.h"

struct tbdi_report;

/* If the exchange ended in a refusal of MQTT 3 and options->explain_refusal is there: dial again, and let the
 * server say it in MQTT 5. The secret goes where
 * tbdi_credentials_lend() lets it. Fills exchange->explanation. */
int tbdi_explain_refusal(struct tbdi_report *report, struct tbd_exchange *exchange,
	const struct tbd_roundtrip_options *options, struct tbd_error *error);

#endif
