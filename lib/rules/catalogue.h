/* SPDX-License-Identifier: MIT
 *
 * catalogue.h - what can be found: rows of text, each with the function that finds it.
 *
 * A rule reads nothing but the report: no clock, no file, no network. The rows stand in the file of
 * their stage.
 */
#ifndef TBDI_CATALOGUE_H
#define TBDI_CATALOGUE_H

#include "base/arena.h"
#include "base/protocol.h"

/* A finding while a rule writes it. Memory that runs out is remembered and ends the judgement. */
struct tbdi_draft {
	struct tbdi_arena *arena;
	const struct tbd_rule *rule;
	enum tbd_severity severity;     /* the rule's usual one, unless the rule changes it */
	const struct tbd_cert *cert;    /* that it is about */
	const struct tbd_cert *nearest; /* of the store, that misses what is needed */
	const char *summary;
	const char *fix;
	struct tbd_evidence evidence[24];
	size_t evidence_count;
	bool nomem;
};

/* The rule applies; then the draft holds summary, evidence and, unless all is well, the fix. A rule
 * that does not apply leaves the draft alone. */
typedef bool tbdi_rule_match(const struct tbd_report *report, struct tbdi_draft *draft);

/* The same of what the reports of a set show together; it reads nothing but the set. */
typedef bool tbdi_rule_match_set(const struct tbd_set *set, struct tbdi_draft *draft);

/* Of the rules of one group only the first that applies speaks, so that one cause gives one finding. */
enum tbdi_group {
	TBDI_GROUP_NONE, /* the rule speaks for itself */
	TBDI_GROUP_RESOLVE,
	TBDI_GROUP_CONNECT,
	TBDI_GROUP_TLS,
	TBDI_GROUP_CA,
	TBDI_GROUP_NAME,
	TBDI_GROUP_TIME,
	TBDI_GROUP_MQTT,
	TBDI_GROUP_HTTP,
	TBDI_GROUP_COAP,
	TBDI_GROUP_TOKEN,
	TBDI_GROUP_DATA,
	TBDI_GROUP_COUNT,
};

struct tbdi_rule {
	struct tbd_rule pub;
	enum tbdi_group group;
	tbdi_rule_match *match; /* NULL: never a finding of one report (a usage error) */
	/* Ids of findings that explain this one, or their beginnings ("ca."); ends in NULL. Where exactly
	 * one of them was found, as severe as this one or more, this one is listed under it. */
	const char *const *causes;
	tbdi_rule_match_set *match_set; /* NULL: never a finding of a set */
};

#define TBDI_STRINGS(...) ((const char *const[]){ __VA_ARGS__, NULL })

/* The head of a row. */
#define TBDI_RULE(its_id, its_stage, its_severity, its_title) \
	.pub.id = its_id, .pub.stage = TBD_STAGE_##its_stage, \
	.pub.severity = TBD_SEVERITY_##its_severity, .pub.title = its_title

/* The rows of each file, which end in one without id, in the order of stages; ends in NULL. */
extern const struct tbdi_rule *const tbdi_rule_tables[];

/* What a number of a protocol means, and what is to be done; NULL: nothing can be said. */
struct tbdi_meaning {
	int number;
	const char *meaning;
	const char *fix;
};

/* The row of this number, or one without meaning. */
const struct tbdi_meaning *tbdi_meaning_of(
	const struct tbdi_meaning *rows, size_t count, int number);

/* ---- writing a draft ------------------------------------------------------------------------- */

/* One sentence; a full stop at its end is cut, control characters are escaped. */
void tbdi_draft_summary(struct tbdi_draft *draft, const char *format, ...) TBDI_PRINTF(2, 3);

/* Append one line to the fix. Control characters in it are escaped, so that it stays one line. A line
 * that begins with two spaces is a command or a setting to be pasted. */
void tbdi_draft_fix(struct tbdi_draft *draft, const char *format, ...) TBDI_PRINTF(2, 3);

/* Evidence. The key has to be declared in the rule's row and is kept by reference, text as well. NULL
 * text: there is no such fact.
 *
 * Nothing need be told of a key that always means the same at the rule's stage: "peer", "host", "sha256" and
 * so on are taken from the report, from draft->cert and draft->nearest (evidence.c), unless they are told. */
void tbdi_draft_text(struct tbdi_draft *draft, const char *key, const char *text);
void tbdi_draft_number(struct tbdi_draft *draft, const char *key, int64_t number);
void tbdi_draft_date(struct tbdi_draft *draft, const char *key, int64_t seconds);

/* There are no such facts this time; ends in NULL. */
void tbdi_draft_without(struct tbdi_draft *draft, const char *const *keys);

/* What was not told, and the order of the row; a set has no report. */
void tbdi_draft_complete(struct tbdi_draft *draft, const struct tbd_report *report);

/* Text in the draft's arena; "" when memory is out. */
const char *tbdi_draft_format(struct tbdi_draft *draft, const char *format, ...) TBDI_PRINTF(2, 3);

/* The list with one more item; NULL: it has none yet. */
const char *tbdi_draft_join(
	struct tbdi_draft *draft, const char *list, const char *separator, const char *item);

/* The first of the words of a list that ends in NULL, and how many more there are; NULL: there are none. */
const char *tbdi_draft_list(struct tbdi_draft *draft, const char *const *words);

/* Separator and text; "" where there is no text. */
const char *tbdi_draft_after(struct tbdi_draft *draft, const char *separator, const char *text);

/* A date as text in the draft's arena (RFC 3339). */
const char *tbdi_draft_date_text(struct tbdi_draft *draft, int64_t seconds);

/* Text as one word of a POSIX shell command: as it is, or quoted. Names that came from a peer stand in
 * commands that are meant to be pasted, so nothing may reach them but through this. */
const char *tbdi_draft_word(struct tbdi_draft *draft, const char *text);

/* The names of a certificate as a subjectAltName, and one more: "DNS:a,IP:b"; NULL: none. `extra` may be NULL, and
 * is left out where it is there already. Of a hundred names and more the first are there, and the fix says so. */
const char *tbdi_draft_names(
	struct tbdi_draft *draft, const struct tbd_cert *cert, const char *extra);

/* ---- reissue.c: commands that issue a certificate again ---------------------------------------- */

/* What a CA's certificate needs to sign others. */
#define TBDI_CA_EXTENSIONS "basicConstraints=critical,CA:TRUE keyUsage=critical,keyCertSign,cRLSign"

/* What a server's certificate needs. */
#define TBDI_SERVER_EXTENSIONS "extendedKeyUsage=serverAuth keyUsage=critical,digitalSignature"

/* Is it a common name that stands for itself in -subj? */
bool tbdi_is_plain_common_name(const char *text);

/* Append to the fix the commands that ask for a certificate of the same common name and key with these names (NULL:
 * none), and have a CA of one's own sign it with them; for one that is self-signed the command that makes it. */
void tbdi_draft_fix_request(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_cert *cert, const char *names);

/* The same with a new key, beside the one in use. What a CA signed with the old one has to be signed again. */
void tbdi_draft_fix_new_key(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *cert);

/* Append to the fix the commands that have a CA of one's own sign a certificate of the path again, of the same name
 * and key, the server's with all its names: with these extensions, each a word of a shell; NULL: with those it has. */
void tbdi_draft_fix_sign_again(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_cert *cert, const char *extensions);

/* ---- what rules ask of a report -------------------------------------------------------------- */

/* Where the chain came from: "HOST:PORT" (brackets round IPv6), or the name of the file. */
const char *tbdi_draft_peer(struct tbdi_draft *draft, const struct tbd_report *report);

/* The same as arguments of a tbdiag command: "mqtts://HOST:PORT", with --connect-to if that was given, or
 * "--chain-file FILE", with the target if there is one. */
const char *tbdi_draft_argument(struct tbdi_draft *draft, const struct tbd_report *report);

/* The same, judged by another name of the server that was met, which need not lead there. */
const char *tbdi_draft_argument_as(
	struct tbdi_draft *draft, const struct tbd_report *report, const char *name);

/* The options that name the same trust sources again, each after a space: " --ca-file FILE". */
const char *tbdi_draft_sources(struct tbdi_draft *draft, const struct tbd_report *report);

/* The same, and those that have it judged by the same name and time. */
const char *tbdi_draft_trust_options(struct tbdi_draft *draft, const struct tbd_report *report);

/* "mqtts://HOST" or "https://HOST" of the host that was meant: TLS on the usual port. With --connect-to if that was
 * given, as the next one. */
const char *tbdi_draft_tls_url(struct tbdi_draft *draft, const struct tbd_report *report);

/* "SCHEME://HOST:PORT" of the host that was meant. */
const char *tbdi_draft_url(struct tbdi_draft *draft, const struct tbd_report *report,
	enum tbd_scheme scheme, unsigned port);

/* What ThingsBoard's listener for the report's target is called. */
const struct tbdi_listener *tbdi_report_listener(const struct tbd_report *report);

/* The setting of thingsboard.conf that names the server's chain. */
const char *tbdi_chain_setting(const struct tbd_report *report);

/* The line of thingsboard.conf that makes ThingsBoard listen on the port that was dialled. */
const char *tbdi_draft_listener(struct tbdi_draft *draft, const struct tbd_report *report);

/* The usual port for TLS of what was dialled. */
unsigned tbdi_report_tls_port(const struct tbd_report *report);

/* Append to the fix what to do about a port that does not speak TLS. */
void tbdi_draft_fix_tls_port(struct tbdi_draft *draft, const struct tbd_report *report);

/* Append to the fix that a token that was refused is to be copied again. */
void tbdi_draft_fix_copy_token(struct tbdi_draft *draft, const struct tbd_report *report);

/* Append to the fix the command that shows the lines of ThingsBoard's log in which this extended regular expression
 * is found. Of what leaves nothing there (a wrong token, a session taken over, a profile of another transport, topics
 * of its own, a request without an answer) none is to be proposed. */
void tbdi_draft_fix_log(struct tbdi_draft *draft, const char *pattern);

/* How the peer answered in clear, if it was asked: evidence "in_clear". */
void tbdi_draft_in_clear(struct tbdi_draft *draft, const struct tbd_report *report);

/* The first bytes of a peer that does not speak TLS, in answer to it or to what was asked in clear,
 * escaped; or NULL. */
const char *tbdi_report_clear_bytes(const struct tbd_report *report);

/* Escaped bytes that begin as a handshake or an alert of TLS. NULL: no. */
bool tbdi_looks_like_tls(const char *first_bytes);

/* Append to the fix that the port that was dialled in clear speaks TLS, and how it is dialled then. */
void tbdi_draft_fix_use_tls(struct tbdi_draft *draft, const struct tbd_report *report);

/* Append to the fix which suites of TLS 1.2 fit the key of this certificate, which may be NULL. */
void tbdi_draft_fix_suites(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *leaf);

/* What a server does with its chain: "send"; and a file: "contain". */
const char *tbdi_report_sends(const struct tbd_report *report);

/* "certificate, expires": in what the reports of a set differ. */
const char *tbdi_draft_properties(struct tbdi_draft *draft, const struct tbd_set *set);

/* The path that is needed, with at least its leaf; or NULL. */
const struct tbd_path *tbdi_report_path(const struct tbd_report *report);

/* The anchor of the needed path, if that has expired; or NULL. The server's own certificate is none,
 * even if it was pinned. */
const struct tbd_cert *tbdi_report_dead_anchor(const struct tbd_report *report);

/* The certificate of the store that misses what is needed in this way, or NULL. */
const struct tbd_cert *tbdi_report_nearest(const struct tbd_report *report, enum tbd_miss miss);

/* The round trip by requests, if it was over the protocol of the rule's stage and ended this way; or NULL. */
const struct tbd_api_exchange *tbdi_draft_api(
	const struct tbdi_draft *draft, const struct tbd_report *report, enum tbd_api_end end);

/* The request that it ended with; or NULL, as for NULL. */
const struct tbd_api_request *tbdi_api_last(const struct tbd_api_exchange *api);

/* "status 404"; at the stage CoAP "4.04". */
const char *tbdi_draft_status(struct tbdi_draft *draft, int status);

/* The beginning of what came, in one line, or of a web page its title; or NULL. */
const char *tbdi_draft_body(struct tbdi_draft *draft, const struct tbd_api_request *request);

/* The device API refused the token, over the protocol of the rule's stage. */
tbdi_rule_match tbdi_match_unauthorized;

/* Summary and fix of a request that was answered by something else than it should be. */
void tbdi_draft_api_error(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_api_request *request, const struct tbdi_meaning *known);

/* A reply with success to a GET that is JSON, whatever it says. */
bool tbdi_api_sent_json(const struct tbd_api_request *request);

/* The exchange, if it ended this way; or NULL. */
const struct tbd_exchange *tbdi_report_ended(
	const struct tbd_report *report, enum tbd_mqtt_end end);

/* The TLS session, if its handshake ended this way; or NULL. */
const struct tbd_tls *tbdi_report_tls(const struct tbd_report *report, enum tbd_end end);

/* Each address and port with its outcome; NULL: there are none. */
const char *tbdi_draft_attempts(
	struct tbdi_draft *draft, const struct tbd_attempt *const *attempts, size_t count);

/* Where the token came from, in words. */
const char *tbdi_token_source(const struct tbd_token_info *token);

/* How long it took to CONNACK, or until none came; -1: there was no CONNECT. */
int64_t tbdi_report_connack_ms(const struct tbd_report *report);

/* How long was waited in vain, in the last step that ended so; -1: none did. */
int64_t tbdi_report_waited_ms(const struct tbd_report *report);

/* The name the peer is judged by, else the host that was meant, else NULL. */
const char *tbdi_report_host(const struct tbd_report *report);

/* The MQTT host of the ThingsBoard cloud whose web host this is, or NULL. */
const char *tbdi_cloud_mqtt_host(const char *host);

/* The ThingsBoard host that a name looks like (a few letters differ), or NULL. */
const char *tbdi_cloud_similar_host(const char *host);

/* A handshake that was made to compare brought the peer to answer in TLS. NULL: none was made. */
bool tbdi_was_served(const struct tbd_other_handshake *other);

/* The proxy that brings along a certificate with this subject (RFC 4514), or NULL. */
const char *tbdi_built_in_certificate(const char *subject);

/* The product that inspects TLS and calls its CA like this (RFC 4514), or NULL. */
const char *tbdi_interceptor(const char *issuer);

/* A CA that is called like this is one that inspects TLS, by the words of its name. */
bool tbdi_named_for_inspection(const char *issuer);

/* Append to the fix that the target is a web host of the ThingsBoard cloud, if it is one. */
void tbdi_draft_fix_cloud(struct tbdi_draft *draft, const struct tbd_report *report);

/* ---- clients.c: what clients refuse in a path that is accepted -------------------------------- */

/* The first departure of the accepted path that is called by one of these words, which end in NULL; or NULL. */
const struct tbd_departure *tbdi_report_refusal(
	const struct tbd_report *report, const char *const *words);

/* Do common clients refuse the needed path for what it is? */
bool tbdi_report_is_refused(const struct tbd_report *report);

/* Make the draft one of this departure: its certificate, severity and who refuses, as of the stacks that were asked, if
 * any of these does. Returns the latter as text. */
const char *tbdi_draft_refusal(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_departure *departure);

/* Evidence of it. */
#define TBDI_WHO_KEYS "refused_by", "accepted_by"

/* ---- stack.c: what the TLS stacks that were asked say ----------------------------------------- */

/* Who refuses and who accepts, as lists for a person; NULL: nobody. */
struct tbdi_sides {
	const char *refuse, *accept;
	bool one_refuses, one_accepts;
};

/* Those of the stacks that were asked; nothing is changed when none of them refuses. */
void tbdi_draft_sides(
	struct tbdi_draft *draft, const struct tbd_report *report, struct tbdi_sides *sides);

/* ---- server.c: other ports of its address ---------------------------------------------------- */

/* This port of TCP is open, or closed, at the address that was dialled; neither is true of one that is not known. */
bool tbdi_port_is_open(const struct tbd_connection *connection, uint16_t port);
bool tbdi_port_is_closed(const struct tbd_connection *connection, uint16_t port);

/* Those that were looked at, each with its outcome; NULL: none was. */
const char *tbdi_draft_neighbours(
	struct tbdi_draft *draft, const struct tbd_connection *connection);

/* ---- sets.c: what several transports of one host show together of a token -------------------- */

/* Evidence of these. */
#define TBDI_TRANSPORT_KEYS "host", "accepted", "refused"

/* One accepts the token, another does not. */
tbdi_rule_match_set tbdi_match_differs_by_transport;

/* All that say anything refuse it, over at least two protocols; the first is that of the rule's stage. */
tbdi_rule_match_set tbdi_match_refused_by_all;

/* None is open; or those of MQTT are all closed, and others are not, which is information. */
tbdi_rule_match_set tbdi_match_closed_by_all;

/* What goes over TCP answers, and not one datagram came back. */
tbdi_rule_match_set tbdi_match_only_udp_silent;

/* ---- web-page.c: what a web server or proxy answers in ThingsBoard's place ------------------- */

/* It begins as HTML. */
bool tbdi_is_web_page(const char *body);

/* The title of a web page, or its first heading, in one line; NULL: it is no page, or has none. */
const char *tbdi_draft_title(struct tbdi_draft *draft, const char *body);

/* The program that made this answer, by its words: "nginx"; NULL: it does not tell, or it is ThingsBoard. */
const char *tbdi_page_maker(const struct tbd_api_request *request);

/* What such a program says where the port speaks TLS and the request came in clear. */
bool tbdi_says_use_tls(const struct tbd_api_request *request);

/* The answer is a proxy's, which insists on a client certificate. */
bool tbdi_wants_client_cert(const struct tbd_report *report);

/* ---- dtls.c: what other rules have to say when TLS travels in datagrams ---------------------- */

/* The evidence that tbdi_draft_datagram_timeout() adds to that of its rule. */
#define TBDI_DATAGRAM_EVIDENCE \
	"sent", "received", "sent_again", "received_again", "largest_sent", "largest_received"

/* tls.timeout of DTLS; false: it is not that. */
bool tbdi_draft_datagram_timeout(struct tbdi_draft *draft, const struct tbd_report *report);

#endif
