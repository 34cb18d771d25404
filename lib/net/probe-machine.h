/* SPDX-License-Identifier: MIT
 *
 * probe-machine.h - what the parts of a probe know of it: its options (probe-options.c), its steps (probe.c), and
 * another connection for comparison, which is a probe as well (second-connection.c).
 */
#ifndef TBDI_PROBE_MACHINE_H
#define TBDI_PROBE_MACHINE_H

#include "net/socket.h"
#include "net/probe.h"

enum { TBDI_CONNECT_US = 5 * 1000 * 1000 }; /* without a timeout: name and address together */

/* Where a probe stands. Only the step of a state leaves it, and each has a deadline, which is never behind that of the
 * probe. What it waits for, and where it goes from there:
 *
 *   RESOLVE     the resolver's answer. CONNECT; DONE without an address.
 *   CONNECT     one of the addresses. PROXY; or what follows at the peer: HANDSHAKE, ASK, PING, or DONE where nothing
 *               is asked. That of TLS 1.2 goes over to HOLD. When all have refused, NEIGHBOURS; else DONE.
 *   NEIGHBOURS  other ports of an address that refused. SECOND where one of them may be the one that is meant; else DONE.
 *   PROXY       a connection to the peer by it. As CONNECT at the peer; DONE without one.
 *   HANDSHAKE   the peer's part of it; beside it another probe may ask a silent one in clear. SETTLE; when it failed, as
 *               SETTLE. Over UDP back to CONNECT: for the next address, or for smaller datagrams.
 *   SETTLE      what TLS 1.3 says after the handshake. FAREWELL when we sent an alert; else SECOND, or DONE.
 *   FAREWELL    the peer to have read that alert. SECOND, or DONE.
 *   SECOND      other probes of the same address: one after the other, and that of TLS 1.2, which began beside the
 *               handshake. DONE.
 *   ASK         an answer in clear. DONE.
 *   PING        a Reset of CoAP in clear. DONE; back to CONNECT for the next address.
 *   HOLD        the first probe to have agreed on TLS 1.3. PROXY or HANDSHAKE; it is freed when there is nothing to compare.
 *   IDLING      the end of a session over which nothing is said. DONE.
 *   DONE        nothing: nobody leaves it.
 *
 * A first probe never comes to ASK, HOLD or IDLING; another one only from CONNECT by HOLD, PROXY, HANDSHAKE, ASK and IDLING
 * to DONE, or from NEIGHBOURS. */
enum tbdi_probe_state {
	TBDI_PROBE_DONE,
	TBDI_PROBE_RESOLVE,
	TBDI_PROBE_CONNECT,
	TBDI_PROBE_NEIGHBOURS,
	TBDI_PROBE_PROXY,
	TBDI_PROBE_HANDSHAKE,
	TBDI_PROBE_SETTLE,
	TBDI_PROBE_FAREWELL,
	TBDI_PROBE_SECOND,
	TBDI_PROBE_ASK,
	TBDI_PROBE_PING,
	TBDI_PROBE_HOLD,
	TBDI_PROBE_IDLING, /* the last one */
};

/* What a probe is there for: the report, or to tell apart what the first could not. */
enum tbdi_probe_kind {
	TBDI_PROBE_FIRST,
	TBDI_PROBE_IN_CLEAR,      /* MQTT or HTTP: connection->plain */
	TBDI_PROBE_OTHER_VERSION, /* connection->other_version */
	TBDI_PROBE_WITHOUT_SNI,   /* connection->without_sni */
	TBDI_PROBE_WITH_SNI,      /* connection->with_sni */
	TBDI_PROBE_WITH_ALPN,     /* connection->with_alpn */
	TBDI_PROBE_OTHER_HEADER,  /* connection->header_handshake, or ->header_plain */
	TBDI_PROBE_TLS12,         /* connection->tls12 */
	TBDI_PROBE_OTHER_LENGTH,  /* MQTT in clear, of another length: connection->plain */
	TBDI_PROBE_IDLE,          /* connection->idle */
	TBDI_PROBE_LOOK_ROUND,    /* connection->neighbours */
	TBDI_PROBE_OWN_PORT,      /* connection->own_port */
	TBDI_PROBE_AS_DEVICE,     /* connection->as_device */
	TBDI_PROBE_KIND_COUNT,
};

struct tbdi_probe {
	struct tbdi_report *report;
	enum tbdi_probe_kind kind;
	struct tbd_fetch_options options;
	struct tbd_connection *connection; /* of the report, as are the next four */
	const struct tbd_chain **chain;    /* where that of the peer goes */
	struct tbd_resolution *resolution;
	struct tbd_tls *seen;
	const char *host; /* who is connected to: the proxy, where there is one */
	uint16_t port;
	enum tbdi_probe_state state;
	bool only_resolve;
	bool done;
	int64_t phase_us;    /* when the step of this state, as the report names it, began */
	int64_t end_us;      /* when all of it has to be over */
	int64_t connect_us;  /* until when a connection has to stand */
	int64_t half_us;     /* when half of the time is over */
	int64_t deadline_us; /* of this state */
	int64_t silence_us;  /* when a peer that said nothing is asked in clear, too */
	struct tbdi_lookup *lookup;
	struct tbdi_race race;
	struct tbdi_proxy *proxy;       /* or NULL */
	struct tbdi_identity *identity; /* until the session owns it */
	int keylog;                     /* the same; or -1 */
	struct tbdi_tls *tls;
	struct tbdi_datagrams *datagrams; /* of the report; NULL: it is TCP */
	struct tbdi_coap_ping ping;
	struct tbdi_socket clear; /* what is asked in clear; its descriptor stays the race's */
	struct tbd_plain *plain;  /* of the report, as is the next: what another probe fills */
	struct tbd_other_handshake *other; /* or NULL; so may be `plain` */
	bool is_long;      /* what is asked in clear is longer than any PROXY header of text */
	enum tbd_end idle; /* how the session of TBDI_PROBE_IDLE ended */
	struct tbdi_probe *first; /* of another one: where it writes what it saw */
	const char *priorities;   /* of TBDI_PROBE_AS_DEVICE: what it offers; else NULL */
	bool may_begin;           /* of that of TLS 1.2: it need not hold */
	/* Of the first one: */
	struct tbdi_probe *second;                                 /* another one, or NULL */
	struct tbdi_probe *beside;                                 /* that of TLS 1.2, or NULL */
	struct tbd_other_handshake *others[TBDI_PROBE_KIND_COUNT]; /* what they saw, or NULL */
	unsigned asked;                                            /* 1 << kind: it was begun */
};

static inline bool tbdi_probe_is_first(const struct tbdi_probe *probe)
{
	return probe->kind == TBDI_PROBE_FIRST;
}

static inline bool tbdi_probe_is_late(const struct tbdi_probe *probe)
{
	return tbdi_probe_now(probe) >= probe->deadline_us;
}

/* A probe without an address and a state yet, whose connection is not shown. As tbdi_probe_new(). */
int tbdi_probe_make(struct tbdi_report *report, const struct tbd_fetch_options *options,
	enum tbdi_probe_kind kind, struct tbdi_probe **out, struct tbd_error *error);

/* Go over to another state. */
void tbdi_probe_enter(struct tbdi_probe *probe, enum tbdi_probe_state state, int64_t deadline_us);

/* The step that the report names is over. 0 or TBD_E_NOMEM. */
int tbdi_probe_note(
	struct tbdi_probe *probe, enum tbd_end end, const char *detail, struct tbd_error *error);

/* Go over to NEIGHBOURS of this address. 1. */
int tbdi_probe_enter_neighbours(struct tbdi_probe *probe, struct tbdi_address address);

/* Go over to DONE. 1. */
int tbdi_probe_over(struct tbdi_probe *probe);

/* Close the session, in order if it went well. */
void tbdi_probe_close_session(struct tbdi_probe *probe);

/* ---- another connection ----------------------------------------------------------------------
 *
 * One more probe, of the address that the first one used, by its proxy if it had one. What it saw goes into the
 * report when it is done, so that one that is given up leaves no trace. The token is not in its reach. */

/* Make one, to be over by then. TBD_E_NOMEM, or what tbdi_proxy_new() fails with. */
int tbdi_second_new(struct tbdi_probe *first, enum tbdi_probe_kind kind, int64_t end_us,
	struct tbdi_probe **out, struct tbd_error *error);

/* The first one has told all it can: have others tell the rest, in SECOND, or go over to DONE. */
int tbdi_second_enter(struct tbdi_probe *first, struct tbd_error *error);

/* The neighbours are known. HTTP was refused, and ThingsBoard's own port of it is open: have another one tell whether it
 * speaks TLS, in SECOND; else go over to DONE. 1 or an error. */
int tbdi_second_enter_own_port(struct tbdi_probe *first, struct tbd_error *error);

/* The step of SECOND. */
int tbdi_second_step(struct tbdi_probe *first, struct tbd_error *error);

/* Connect that of TLS 1.2, if it was asked for, while the first handshake begins: what it costs is what 1.2 takes
 * longer than 1.3. It says nothing before 1.3 was agreed on (HOLD). 0 or an error. */
int tbdi_second_accompany(struct tbdi_probe *first, struct tbd_error *error);

/* Step that one, whatever the first one waits for. 0 or an error. */
int tbdi_second_step_beside(struct tbdi_probe *first, struct tbd_error *error);

/* All are done: which of them brought another chain than the first, and whether it would do. 0 or an error. */
int tbdi_second_compare(struct tbdi_probe *first, struct tbd_error *error);

/* A server that waits for a CONNECT may do so for long: it is asked for its answer in clear while the one
 * in TLS may still come. 1: it speaks in clear, and the handshake is over. */
int tbdi_second_break_silence(struct tbdi_probe *first, struct tbd_error *error);

/* Begin to ask in clear; the step that waits for the answer, as those in probe.c. */
void tbdi_second_begin(struct tbdi_probe *second);
int tbdi_second_ask(struct tbdi_probe *second, struct tbd_error *error);

/* It is done: write down what it saw. 1, or TBD_E_NOMEM. */
int tbdi_second_finish(struct tbdi_probe *second, struct tbd_error *error);

#endif
