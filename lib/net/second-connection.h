/* SPDX-License-Identifier: MIT
 *
 * second-connection.h - one more connection to the address of the first, by its proxy if it had one, to tell apart what the first could not.
 * Never blocks; the token is not in its reach.
 */
#ifndef TBDI_SECOND_CONNECTION_H
#define TBDI_SECOND_CONNECTION_H

#include "report/report.h"
#include "net/resolve.h"

#include <poll.h>

enum tbdi_second_kind {
	TBDI_SECOND_PLAIN,         /* MQTT or HTTP in clear: fills connection->plain */
	TBDI_SECOND_OTHER_VERSION, /* connection->other_version */
	TBDI_SECOND_WITHOUT_SNI,   /* connection->without_sni */
};

struct tbdi_second;

/* What it is about: how it is done, and where to. */
struct tbdi_second_parts {
	enum tbdi_second_kind kind;
	const struct tbd_fetch_options
		*options; /* of the first, whose versions it goes by; live on */
	const struct tbdi_address *address;
	struct tbd_connection *connection; /* of the report */
	int64_t deadline_us;               /* report time */
};

/* TBD_E_NOMEM, or what tbdi_proxy_new() fails with. */
int tbdi_second_new(struct tbdi_report *report, const struct tbdi_second_parts *parts,
	struct tbdi_second **out, struct tbd_error *error);
void tbdi_second_free(struct tbdi_second *second);

/* Go as far as possible without waiting. 1: it is over and all it saw is in the report, 0: wait for
 * tbdi_second_poll(), at most until its deadline, and call it again. */
int tbdi_second_step(struct tbdi_second *second, struct tbd_error *error);

/* What to wait for. */
struct pollfd tbdi_second_poll(const struct tbdi_second *second);
int64_t tbdi_second_deadline(const struct tbdi_second *second);

/* It is over, and the peer's answer in clear was neither nothing nor TLS. */
bool tbdi_second_is_clear(const struct tbdi_second *second);

#endif
