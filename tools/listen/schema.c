/* SPDX-License-Identifier: MIT
 *
 * schema.c - the table of what is told of a device: one row a field, in the order in which JSON shows them.
 */
#include "tools/listen/listen.h"

#include "report/schema-rows.h"

static const char *const ends[] = {
	[LISTEN_ALERT] = "alert",
	[LISTEN_WAITED] = "waited",
	[LISTEN_WENT_ON] = "went-on",
	[LISTEN_CLOSED] = "closed",
	[LISTEN_ALERT_ONLY] = "early-alert",
	[LISTEN_VERSION] = "version",
	[LISTEN_CIPHER] = "cipher",
	[LISTEN_PLAIN] = "plain",
	[LISTEN_ALIEN] = "alien",
	[LISTEN_PARTIAL] = "partial",
	[LISTEN_STUCK] = "stuck",
	[LISTEN_NOTHING] = "nothing",
};
TOOL_TABLE_OF(ends, LISTEN_NOTHING);

static const char *const verdicts[] = {
	[LISTEN_NO_VERDICT] = "none",
	[LISTEN_ACCEPTED] = "accepted",
	[LISTEN_REFUSED] = "refused",
};
TOOL_TABLE_OF(verdicts, LISTEN_REFUSED);

const struct tbdi_words listen_end_words = { ends, sizeof(ends[0]), TOOL_COUNT(ends) };
const struct tbdi_words listen_verdict_words = { verdicts, sizeof(verdicts[0]),
	TOOL_COUNT(verdicts) };

#define OF listen_hello
static const struct tbdi_field hello_fields[] = {
	STRINGS(versions, OWN,
		ABOUT("Of supported_versions; of a client of TLS 1.2 or older, which has no list, the latest.")),
	STRINGS(suites, OWN),
	STRINGS(groups, OWN),
	STRINGS(signatures, OWN),
	MAYBE(server_name, PEER, ABOUT("SNI.")),
	STRINGS(alpn, PEER),
	STRINGS(extensions, OWN),
	ROW(TBDI_OPTIONAL, max_fragment, .is_signed = true, LIMITS("512|1024|2048|4096"),
		ABOUT("Bytes of a record that it can take; null: it does not ask for a limit.")),
	ROW(TBDI_BOOL, session_ticket),
	MAYBE(suite, OWN, ABOUT("The one that was taken; null: the chain was not shown.")),
	{ 0 },
};
static const struct tbdi_shape hello_shape = SHAPE(hello,
	ABOUT("What the ClientHello offers, in its order. A number without a name is 0x1234."));
#undef OF

#define OF listen_device
static const struct tbdi_field device_fields[] = {
	TEXT(schema, OWN, LIMITS("tbdiag-listen/1")),
	TEXT(version, OWN, ABOUT("Of tbdiag.")),
	NUMBER(number, LIMITS("1..")),
	ROW(TBDI_TIME, time, ABOUT("When it connected.")),
	TEXT(address, HOST),
	NUMBER(port),
	TEXT(served, MIXED, ABOUT("Where the chain comes from: a target or a file.")),
	TEXT(served_sha256, ID, LIMITS("^[0-9a-f]{64}$"), ABOUT("Of its first certificate.")),
	WORD(end, listen_end_words),
	WORD(verdict, listen_verdict_words,
		ABOUT("Of the chain. accepted: as far as a client looks before the handshake is complete.")),
	ROW(TBDI_OPTIONAL, alert, .is_signed = true, LIMITS("0.."),
		ABOUT("That the device sent, by its number in TLS.")),
	MAYBE(alert_name, OWN),
	ROW(TBDI_OPTIONAL, waited_ms, .is_signed = true, LIMITS("0.."),
		ABOUT("From the chain to the end; null: the chain was not shown.")),
	MAYBE(protocol, OWN, ABOUT("What came in clear instead of TLS.")),
	ROW(TBDI_OPTIONAL, token_len, .is_signed = true, LIMITS("0.."),
		ABOUT("Of what looks like a token that came in clear. The token itself is not kept.")),
	TEXT(summary, OWN),
	MAYBE(meaning, OWN),
	MAYBE(confirm, MIXED, ABOUT("A command that shows whether it is so.")),
	OBJECT(hello, hello_shape),
	{ 0 },
};
const struct tbdi_shape listen_device_shape = SHAPE(device,
	ABOUT("What a device did that connected to tbdiag listen. Every key is always there: null where there is nothing."));
#undef OF
