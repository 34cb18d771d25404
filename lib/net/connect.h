/* SPDX-License-Identifier: MIT
 *
 * connect.h - how a peer is reached, without blocking: its addresses, connections to them, and the proxy between.
 */
#ifndef TBDI_CONNECT_H
#define TBDI_CONNECT_H

#include "base/common.h"
#include "report/report.h"

#include <netdb.h>
#include <poll.h>
#include <sys/socket.h>

/* An address to dial; the port is part of it. */
struct tbdi_address {
	union {
		struct sockaddr any;
		struct sockaddr_in ipv4;
		struct sockaddr_in6 ipv6;
	} as;
	socklen_t len;
};

/* Read an address literal: IPv4 in dotted form, or IPv6 without brackets, with or without a zone (RFC
 * 4007 11). False: the text is a name. A zone that this machine does not have becomes scope 0, with
 * which link-local addresses cannot be dialled. */
bool tbdi_address_parse(const char *text, uint16_t port, struct tbdi_address *out);

/* The text of an address, with its zone and without port. */
void tbdi_address_text(const struct tbdi_address *address, char text[NI_MAXHOST]);

/* A question to the resolver that is being answered in a thread of its own. */
struct tbdi_lookup;

/* Ask for a name. family is 4, 6 or 0; resolver may be NULL: the system's. */
int tbdi_lookup_new(const char *name, int family, const struct tbd_resolver *resolver,
	struct tbdi_lookup **out, struct tbd_error *error);

/* Becomes readable when the answer is there. */
int tbdi_lookup_fd(const struct tbdi_lookup *lookup);

struct tbdi_answer {
	int code;         /* 0 or EAI_* */
	int system_error; /* errno when code is EAI_SYSTEM */
	const struct addrinfo *list;
};

/* The answer, or NULL as long as there is none. It lives as long as the lookup. */
const struct tbdi_answer *tbdi_lookup_answer(const struct tbdi_lookup *lookup);

/* Lose interest. An answer that comes later is dropped by the thread. */
void tbdi_lookup_free(struct tbdi_lookup *lookup);

/* The order in which to dial (RFC 8305 4): the resolver's, with the families taking turns. Fills out
 * with at most max addresses, none twice, and returns their number. */
size_t tbdi_addresses_sort(
	const struct addrinfo *list, uint16_t port, struct tbdi_address *out, size_t max);

/* ---- connect.c: connections to several addresses side by side, each attempt recorded --------- */

enum { TBDI_ADDRESSES_MAX = TBD_ADDRESSES_MAX };

/* Connects to the addresses in their order, one more every stagger_us or as soon as an earlier one has
 * failed (RFC 8305 5). Initialise with tbdi_race_init(), give back with tbdi_race_release(). */
struct tbdi_race {
	struct tbdi_report *report; /* owns the attempts */
	bool to_the_end; /* no winner: every address is tried, and those of UDP by a ping */
	bool datagrams;  /* UDP: the first address wins at once, see tbdi_race_revoke() */
	int64_t stagger_us;
	int64_t next_us; /* when the next address is due (report time) */
	size_t count;
	size_t started;
	size_t pending;
	int winner_fd; /* connected, or -1; taken by the caller, who sets it to -1 */
	const struct tbd_attempt *winner;
	size_t winner_index;       /* among the runners */
	struct tbdi_list attempts; /* struct tbd_attempt, in the order of their start */
	struct tbdi_runner {
		struct tbdi_address address;
		bool pinged; /* UDP, in a race to the end: whether CoAP answers there */
		int fd;      /* or -1: not started, or over */
		struct tbd_attempt *attempt;
	} runners[TBDI_ADDRESSES_MAX];
};

void tbdi_race_init(struct tbdi_race *race, struct tbdi_report *report, int64_t stagger_us);
void tbdi_race_release(struct tbdi_race *race);

/* More than TBDI_ADDRESSES_MAX are ignored. */
void tbdi_race_add(struct tbdi_race *race, const struct tbdi_address *address);

/* The same of UDP, in a race to the end: the address has won when CoAP answers there, has lost when its machine says that
 * nothing listens, and is given up soon when there is silence. */
void tbdi_race_add_ping(struct tbdi_race *race, const struct tbdi_address *address);

/* Start what is due and see how the others fare. 1: it is over, 0: wait, or TBD_E_NOMEM. */
int tbdi_race_step(struct tbdi_race *race);

/* UDP: the winner is none: for this reason (an errno), or, for 0, it is to be connected to once more. Step
 * on. TBD_E_NOMEM. */
int tbdi_race_revoke(struct tbdi_race *race, int error);

/* What to wait for: fills fds (room for TBDI_ADDRESSES_MAX), returns their number. */
size_t tbdi_race_fds(const struct tbdi_race *race, struct pollfd *fds);

/* When to step although nothing has happened (report time); INT64_MAX: no need. */
int64_t tbdi_race_wakeup(const struct tbdi_race *race);

/* Give up what is still under way. error is recorded with it: 0, or ETIMEDOUT. */
void tbdi_race_abandon(struct tbdi_race *race, int error);

/* What was taken for a connection of the report, over UDP, turns out to lead to nothing, for this reason (an errno). 0
 * or TBD_E_NOMEM. */
int tbdi_connection_revoke(struct tbdi_report *report, int error) TBDI_MUST_CHECK;

/* ---- proxy.c: by CONNECT of HTTP (RFC 9110 9.3.6), SOCKS 5 (RFC 1928, RFC 1929) -------------- */

struct tbdi_proxy;

/* A proxy as its URL names it, see struct tbd_fetch_options; what is seen of it goes into the report. TBD_E_TARGET:
 * it cannot be parsed; the error text quotes nothing of it. Its credentials are masked in the report from now on. */
int tbdi_proxy_new(struct tbdi_report *report, const char *url, struct tbdi_proxy **out,
	struct tbd_error *error);

/* Wipes the credentials. NULL is allowed. */
void tbdi_proxy_free(struct tbdi_proxy *proxy);

/* What is seen of it; of the report. */
struct tbd_proxy *tbdi_proxy_seen(const struct tbdi_proxy *proxy);

/* Begin to ask, over a connected socket that stays the caller's, for a connection to this host. */
void tbdi_proxy_begin(struct tbdi_proxy *proxy, int fd, const char *host, uint16_t port);

/* Go on. 1: it is over, see tbdi_proxy_seen()->end; 0: wait for tbdi_proxy_events(). Not a byte of what follows the
 * proxy's answer is read. */
int tbdi_proxy_step(struct tbdi_proxy *proxy, struct tbd_error *error);
short tbdi_proxy_events(const struct tbdi_proxy *proxy);

/* The deadline has passed. */
int tbdi_proxy_time_out(struct tbdi_proxy *proxy, struct tbd_error *error);

/* ---- proxy-header.c: what a proxy says before it passes a connection on ----------------------- */

/* "v1", "v2"; NULL: none is to be sent. */
bool tbdi_proxy_header_is_known(const char *version);

/* Send the header of this version, with the addresses of this connection; NULL: do nothing. */
void tbdi_proxy_header_send(int fd, const char *version);

/* ---- target.c: a target beside another one --------------------------------------------------- */

/* The same host by another scheme and port; for tbd_target_free(). NULL: out of memory. */
struct tbd_target *tbdi_target_beside(
	const struct tbd_target *target, enum tbd_scheme scheme, uint16_t port);

#endif
