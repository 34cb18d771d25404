/* SPDX-License-Identifier: MIT
 *
 * schema.c - the tables of the report's structures. Keys are the names of the fields.
 */
#include "report/schema-rows.h"

#define DIGEST "^([0-9a-f]{64}|id-[0-9]+)$"
#define HEXADECIMAL "^([0-9a-f]*|id-[0-9]+)$"

#define OF tbd_cert
#define REFERENCE_ROWS WORD(origin, tbdi_origin_words), NUMBER(index)
static const struct tbdi_field cert_reference_fields[] = {
	REFERENCE_ROWS,
	MAYBE(subject, NAME),
	{ 0 },
};
/* Of TBDI_CERT. */
static const struct tbdi_shape reference_shape = SHAPE(cert_reference,
	ABOUT("A certificate that is written in full elsewhere: in chain.certs or trust.certs."));
#undef OF

#define OF tbd_name
static const struct tbdi_field name_fields[] = {
	WORD(type, tbdi_name_type_words),
	TEXT(value, HOST),
	{ 0 },
};
static const struct tbdi_shape name_shape = SHAPE(name);
#undef OF

#define OF tbd_cert
static const struct tbdi_field cert_fields[] = {
	REFERENCE_ROWS,
	MAYBE(file, PATH),
	NUMBER(entry),
	NUMBER(offset),
	TEXT(sha256, ID, LIMITS(DIGEST)),
	ROW(TBDI_ERROR, error, .privacy = TBDI_IS_MIXED),
	NUMBER(version),
	TEXT(subject, NAME),
	TEXT(issuer, NAME),
	MAYBE(common_name, NAME),
	TEXT(serial, ID, LIMITS(HEXADECIMAL)),
	ROW(TBDI_TIME, not_before),
	ROW(TBDI_TIME, not_after),
	{ .name = "days_left", .kind = TBDI_DAYS_LEFT, .is_signed = true, .offset = AT(not_after) },
	TEXT(key_algorithm, OWN),
	MAYBE(key_curve, OWN),
	NUMBER(key_bits),
	TEXT(signature_algorithm, OWN),
	MAYBE(signature_hash, OWN),
	TEXT(spki_sha256, ID, LIMITS(DIGEST)),
	MAYBE(subject_key_id, ID, LIMITS(HEXADECIMAL)),
	MAYBE(authority_key_id, ID, LIMITS(HEXADECIMAL)),
	ROW(TBDI_ARRAY, names, .more = AT(name_count), .shape = &name_shape),
	ROW(TBDI_BOOL, has_basic_constraints),
	ROW(TBDI_BOOL, is_ca),
	ROW(TBDI_OPTIONAL, path_length),
	STRINGS_IF(key_usage, has_key_usage, OWN),
	STRINGS_IF(purposes, has_purposes, OWN),
	STRINGS(aia_issuers, URL),
	STRINGS(ocsp_servers, URL),
	STRINGS(crl_points, URL),
	STRINGS(unknown_critical, OWN),
	ROW(TBDI_BOOL, has_name_constraints),
	ROW(TBDI_BOOL, self_issued),
	ROW(TBDI_BOOL, self_signed),
	{ 0 },
};
const struct tbdi_shape tbdi_cert_shape = SHAPE(cert, ABOUT("A certificate (RFC 5280)."));
#undef OF

#define OF tbd_target
static const struct tbdi_field target_fields[] = {
	WORD(scheme, tbdi_scheme_words),
	ROW(TBDI_BOOL, tls),
	ROW(TBDI_BOOL, is_address),
	TEXT(host, HOST),
	NUMBER(port),
	TEXT(url, URL),
	{ 0 },
};
static const struct tbdi_shape target_shape = SHAPE(target);
#undef OF

#define OF tbd_resolution
static const struct tbdi_field resolution_fields[] = {
	TEXT(name, HOST),
	NUMBER(family, LIMITS("0|4|6")),
	WORD(end, tbdi_end_words),
	NUMBER(error),
	MAYBE(detail, MIXED),
	ROW(TBDI_STRINGS, addresses, .more = AT(address_count), .privacy = TBDI_IS_HOST),
	{ 0 },
};
static const struct tbdi_shape resolution_shape = SHAPE(resolution);
#undef OF

#define OF tbd_attempt
static const struct tbdi_field attempt_fields[] = {
	TEXT(address, HOST),
	NUMBER(port),
	NUMBER(start_us),
	NUMBER(duration_us, LIMITS("0..")),
	ROW(TBDI_BOOL, connected),
	ROW(TBDI_BOOL, abandoned),
	NUMBER(error),
	MAYBE(detail, MIXED),
	{ 0 },
};
static const struct tbdi_shape attempt_shape =
	SHAPE(attempt, ABOUT("One attempt to connect to one address (RFC 8305)."));
#undef OF

#define OF tbd_tls
static const struct tbdi_field tls_fields[] = {
	WORD(end, tbdi_end_words),
	MAYBE(sni, HOST),
	MAYBE(version, OWN),
	MAYBE(cipher_suite, OWN),
	MAYBE(group, OWN),
	MAYBE(last_message, OWN),
	NUMBER(bytes_in),
	ROW(TBDI_OPTIONAL, alert),
	MAYBE(alert_name, OWN),
	ROW(TBDI_OPTIONAL, alert_sent),
	ROW(TBDI_BOOL, close_notify),
	ROW(TBDI_BOOL, client_cert_requested),
	OBJECT(client_cert, tbdi_cert_shape),
	ROW(TBDI_BOOL, client_cert_sent),
	MAYBE(wanted_version, OWN),
	MAYBE(detail, MIXED),
	MAYBE(first_bytes, PEER),
	MAYBE(alpn, MIXED),
	NUMBER(record_len,
		ABOUT("Bytes announced by the header of a record that was cut short; 0: none was.")),
	NUMBER(record_in),
	MAYBE(alpn_offered, MIXED, ABOUT("Application protocols, separated by commas.")),
	{ 0 },
};
static const struct tbdi_shape tls_shape = SHAPE(tls);
#undef OF

#define OF tbd_plain
static const struct tbdi_field plain_fields[] = {
	OBJECT(attempt, attempt_shape),
	WORD(end, tbdi_end_words),
	ROW(TBDI_OPTIONAL, connack),
	MAYBE(connack_name, OWN),
	MAYBE(first_bytes, PEER),
	NUMBER(sent, ABOUT("Bytes that it was asked with.")),
	{ 0 },
};
static const struct tbdi_shape plain_shape = SHAPE(plain,
	ABOUT("The answer to a CONNECT without user name, or HEAD, on a connection in clear."));
#undef OF

#define OF tbd_other_handshake
static const struct tbdi_shape chain_shape;
static const struct tbdi_field other_handshake_fields[] = {
	OBJECT(attempt, attempt_shape),
	OBJECT(tls, tls_shape),
	OBJECT(chain, chain_shape),
	ROW(TBDI_BOOL, same_chain, ABOUT("It was that of the report; chain is null then.")),
	WORD(verified, tbdi_answer_words,
		ABOUT("Whether another chain would be accepted as that of the report is judged.")),
	{ 0 },
};
static const struct tbdi_shape other_handshake_shape =
	SHAPE(other_handshake, ABOUT("Another handshake with the same address, for comparison."));
#undef OF

#define OF tbd_proxy
static const struct tbdi_field proxy_fields[] = {
	TEXT(protocol, OWN, LIMITS("http|socks5")),
	TEXT(host, HOST),
	NUMBER(port),
	ROW(TBDI_BOOL, with_credentials),
	WORD(end, tbdi_end_words),
	ROW(TBDI_OPTIONAL, code, ABOUT("Status of HTTP, or reply code of SOCKS.")),
	ROW(TBDI_BOOL, wants_credentials),
	MAYBE(detail, MIXED),
	MAYBE(first_bytes, PEER),
	{ 0 },
};
static const struct tbdi_shape proxy_shape = SHAPE(
	proxy, ABOUT("A proxy that was asked for the connection; its credentials are not kept."));
#undef OF

#define OF tbd_datagrams
static const struct tbdi_field datagrams_fields[] = {
	NUMBER(sent),
	NUMBER(received),
	NUMBER(sent_again),
	NUMBER(received_again),
	NUMBER(largest_sent, ABOUT("bytes")),
	NUMBER(largest_received, ABOUT("bytes")),
	ROW(TBDI_BOOL, small,
		ABOUT("The handshake was begun anew, and small datagrams were asked for.")),
	{ 0 },
};
static const struct tbdi_shape datagrams_shape =
	SHAPE(datagrams, ABOUT("What travelled over UDP."));
#undef OF

#define OF tbd_connection
static const struct tbdi_field connection_fields[] = {
	TEXT(host, HOST),
	NUMBER(port),
	ROW(TBDI_BOOL, redirected),
	OBJECT(resolution, resolution_shape),
	POINTERS(attempts, attempt_count, attempt_shape),
	ROW(TBDI_ELEMENT, used, .items = AT(attempts), .more = AT(attempt_count),
		ABOUT("Index in attempts of the one that connected.")),
	POINTERS(neighbours, neighbour_count, attempt_shape),
	WORD(tcp, tbdi_end_words),
	OBJECT(tls, tls_shape),
	NUMBER(timeout_ms, LIMITS("0..")),
	OBJECT(plain, plain_shape),
	OBJECT(other_version, other_handshake_shape),
	OBJECT(without_sni, other_handshake_shape),
	OBJECT(proxy, proxy_shape),
	OBJECT(datagrams, datagrams_shape),
	OBJECT(tls12, other_handshake_shape),
	OBJECT(with_sni, other_handshake_shape),
	OBJECT(with_alpn, other_handshake_shape),
	MAYBE(proxy_protocol, OWN, LIMITS("v1|v2")),
	OBJECT(header_handshake, other_handshake_shape),
	OBJECT(header_plain, plain_shape),
	WORD(idle, tbdi_end_words,
		ABOUT("How a TLS session ended over which nothing was said; timeout: it stayed open.")),
	OBJECT(own_port, other_handshake_shape),
	OBJECT(as_device, other_handshake_shape),
	{ 0 },
};
static const struct tbdi_shape connection_shape = SHAPE(connection);
#undef OF

#define OF tbd_step
static const struct tbdi_field step_fields[] = {
	TEXT(name, OWN),
	WORD(status, tbdi_step_status_words),
	NUMBER(start_us),
	NUMBER(duration_us, LIMITS("0..")),
	MAYBE(detail, MIXED),
	{ 0 },
};
static const struct tbdi_shape step_shape =
	SHAPE(step, ABOUT("One phase; instants are microseconds since the report was begun."));
#undef OF

#define OF tbd_chain
static const struct tbdi_field chain_fields[] = {
	MAYBE(file, PATH),
	NUMBER(message_len),
	POINTERS(certs, count, tbdi_cert_shape),
	ROW(TBDI_BOOL, truncated),
	ROW(TBDI_BOOL, holds_key),
	{ 0 },
};
static const struct tbdi_shape chain_shape = SHAPE(chain);
#undef OF

#define OF tbd_store_defect
static const struct tbdi_field store_defect_fields[] = {
	WORD(defect, tbdi_defect_words),
	MAYBE(file, PATH),
	NUMBER(count),
	NUMBER(line),
	NUMBER(last_line),
	NUMBER(offset, ABOUT("bytes")),
	{ 0 },
};
static const struct tbdi_shape store_defect_shape =
	SHAPE(store_defect, ABOUT("A defect of a trust source, where it was seen first."));
#undef OF

#define OF tbd_load
static const struct tbdi_field load_fields[] = {
	TEXT(stack, OWN, LIMITS("openssl|gnutls|mbedtls|wolfssl|bearssl")),
	NUMBER(cert_count),
	{ 0 },
};
static const struct tbdi_shape load_shape = SHAPE(load,
	ABOUT("What a TLS library loads of a trust source as it is, by what is known of it."));
#undef OF

#define OF tbd_trust_source
static const struct tbdi_field source_fields[] = {
	WORD(kind, tbdi_source_kind_words),
	TEXT(path, PATH),
	MAYBE(error, MIXED),
	NUMBER(cert_count),
	MAYBE(holds, MIXED),
	MAYBE(key_file, PATH),
	MAYBE(sha256, ID, LIMITS(DIGEST)),
	NUMBER(unhashed),
	NUMBER(damaged_count),
	POINTERS(defects, defect_count, store_defect_shape),
	POINTERS(loads, load_count, load_shape),
	{ 0 },
};
static const struct tbdi_shape source_shape = SHAPE(source);
#undef OF

#define OF tbd_crl
static const struct tbdi_field crl_fields[] = {
	TEXT(file, PATH),
	TEXT(issuer, NAME),
	ROW(TBDI_TIME, this_update),
	ROW(TBDI_TIME_MAYBE, next_update),
	NUMBER(entry_count),
	MAYBE(problem, OWN),
	{ 0 },
};
static const struct tbdi_shape crl_shape =
	SHAPE(crl, ABOUT("A certificate revocation list that was given."));
#undef OF

#define OF tbd_trust_info
static const struct tbdi_field trust_fields[] = {
	POINTERS(sources, source_count, source_shape),
	NUMBER(cert_count),
	POINTERS(certs, shown_count, tbdi_cert_shape),
	POINTERS(untrusted, untrusted_count, tbdi_cert_shape),
	POINTERS(crls, crl_count, crl_shape),
	{ 0 },
};
static const struct tbdi_shape trust_shape = SHAPE(trust);
#undef OF

#define OF tbd_path
static const struct tbdi_field path_fields[] = {
	ROW(TBDI_CERTS, certs, .more = AT(count), .shape = &reference_shape),
	ROW(TBDI_BOOL, anchored),
	WORD(fault, tbdi_fault_words),
	ROW(TBDI_NUMBER_IF, fault_at, .more = AT(fault)),
	ROW(TBDI_OPTIONAL, name_encoding_at),
	MAYBE(requirement, OWN),
	{ 0 },
};
static const struct tbdi_shape path_shape = SHAPE(path, ABOUT("From the leaf towards an anchor."));
#undef OF

#define OF tbd_nearest
static const struct tbdi_field nearest_fields[] = {
	WORD(miss, tbdi_miss_words),
	ROW(TBDI_CERT, cert, .shape = &reference_shape),
	OBJECT(system_anchor, tbdi_cert_shape),
	{ 0 },
};
static const struct tbdi_shape nearest_shape = SHAPE(nearest,
	ABOUT("What comes closest to the anchor that is needed, where no path leads to one."));
#undef OF

#define OF tbd_departure
static const struct tbdi_field departure_fields[] = {
	TEXT(what, OWN),
	TEXT(text, OWN),
	ROW(TBDI_CERT, cert, .shape = &reference_shape),
	ROW(TBDI_BOOL, rfc5280),
	ROW(TBDI_BOOL, webpki),
	ROW(TBDI_BOOL, strict),
	WORD(severity, tbdi_graveness_words),
	MAYBE(refused_by, OWN),
	MAYBE(accepted_by, OWN),
	{ 0 },
};
static const struct tbdi_shape departure_shape = SHAPE(departure,
	ABOUT("What stricter profiles, or clients as they are, demand and a certificate of the path does not "
	      "have."));
#undef OF

#define OF tbd_revocation
static const struct tbdi_field revocation_fields[] = {
	ROW(TBDI_CERT, cert, .shape = &reference_shape),
	TEXT(source, OWN),
	MAYBE(file, PATH),
	ROW(TBDI_TIME, time),
	MAYBE(reason, OWN),
	MAYBE(url, URL),
	{ 0 },
};
static const struct tbdi_shape revocation_shape = SHAPE(revocation);
#undef OF

#define OF tbd_ocsp
static const struct tbdi_field ocsp_fields[] = {
	TEXT(status, OWN, LIMITS("good|revoked|unknown")),
	ROW(TBDI_TIME_MAYBE, this_update),
	ROW(TBDI_TIME_MAYBE, next_update),
	MAYBE(problem, OWN),
	{ 0 },
};
static const struct tbdi_shape ocsp_shape =
	SHAPE(ocsp, ABOUT("What an OCSP responder says of a certificate."));
#undef OF

#define OF tbd_ocsp_query
static const struct tbdi_field ocsp_query_fields[] = {
	ROW(TBDI_CERT, cert, .shape = &reference_shape),
	TEXT(url, URL),
	WORD(end, tbdi_end_words),
	NUMBER(status),
	NUMBER(redirects),
	NUMBER(len),
	MAYBE(detail, MIXED),
	OBJECT(answer, ocsp_shape),
	{ 0 },
};
static const struct tbdi_shape ocsp_query_shape =
	SHAPE(ocsp_query, ABOUT("An OCSP responder that was asked about a certificate."));
#undef OF

#define OF tbd_verification
static const struct tbdi_field verification_fields[] = {
	ROW(TBDI_BOOL, verified),
	MAYBE(name, HOST),
	ROW(TBDI_BOOL, name_is_address),
	WORD(name_match, tbdi_name_match_words),
	MAYBE(name_entry, HOST),
	ROW(TBDI_OBJECT, path, .items = AT(paths), .more = AT(path_count), .shape = &path_shape),
	POINTERS(paths, path_count, path_shape),
	ROW(TBDI_BOOL, paths_cut),
	ROW(TBDI_OPTIONAL, warn_days),
	ROW(TBDI_OPTIONAL, crit_days),
	OBJECT(nearest, nearest_shape),
	WORD(profile, tbdi_profile_words),
	ROW(TBDI_OPTIONAL, max_depth),
	POINTERS(departures, departure_count, departure_shape),
	POINTERS(revocations, revocation_count, revocation_shape),
	OBJECT(stapled, ocsp_shape),
	{ 0 },
};
static const struct tbdi_shape verification_shape = SHAPE(verification);
#undef OF

#define OF tbd_token_info
static const struct tbdi_field token_fields[] = {
	WORD(source, tbdi_token_source_words),
	NUMBER(len),
	ROW(TBDI_BOOL, sent),
	ROW(TBDI_BOOL, in_clear),
	ROW(TBDI_OPTIONAL, bad_at),
	MAYBE(bad_class, OWN),
	ROW(TBDI_BOOL, is_uuid),
	ROW(TBDI_BOOL, is_placeholder),
	ROW(TBDI_BOOL, is_jwt),
	ROW(TBDI_BOOL, is_password),
	ROW(TBDI_BOOL, unfit_for_path,
		ABOUT("It has a byte that web servers refuse in a path, or is dots only.")),
	ROW(TBDI_BOOL, is_email, ABOUT("It has the form of an e-mail address.")),
	ROW(TBDI_BOOL, user_is_email, ABOUT("The user name beside a password has.")),
	ROW(TBDI_BOOL, client_id_is_token, ABOUT("The client identifier has the form of a token.")),
	{ 0 },
};
static const struct tbdi_shape token_shape = SHAPE(token,
	ABOUT("What may be said of the token, or of the password of MQTT Basic: never the secret."));
#undef OF

#define OF tbd_packet
static const struct tbdi_field packet_fields[] = {
	NUMBER(time_us),
	ROW(TBDI_BOOL, sent),
	TEXT(type, OWN),
	NUMBER(len),
	MAYBE(detail, MIXED),
	{ 0 },
};
static const struct tbdi_shape packet_shape = SHAPE(packet);
#undef OF

#define OF tbd_explanation
static const struct tbdi_field explanation_fields[] = {
	WORD(end, tbdi_mqtt_end_words),
	ROW(TBDI_OPTIONAL, connack),
	MAYBE(connack_name, OWN),
	ROW(TBDI_OPTIONAL, disconnect),
	MAYBE(disconnect_name, OWN),
	TEXT(mqtt_version, OWN, LIMITS("3.1|3.1.1|5")),
	MAYBE(published, MIXED),
	ROW(TBDI_OPTIONAL, puback),
	MAYBE(puback_name, OWN),
	{ 0 },
};
static const struct tbdi_shape explanation_shape = SHAPE(explanation,
	ABOUT("What the server said when it was asked once more: with MQTT 5 after it refused, closed on a "
	      "message or did not store it, else by another CONNECT."));
#undef OF

#define OF tbd_rpc
static const struct tbdi_field rpc_fields[] = {
	NUMBER(waited_ms, LIMITS("1..")),
	MAYBE(topic, MIXED),
	MAYBE(payload, PEER),
	ROW(TBDI_BOOL, answered),
	{ 0 },
};
static const struct tbdi_shape rpc_shape =
	SHAPE(rpc, ABOUT("A call of the server that was waited for; without a topic none came."));
#undef OF

#define OF tbd_upgrade
static const struct tbdi_field upgrade_fields[] = {
	TEXT(path, PATH),
	ROW(TBDI_OPTIONAL, status),
	MAYBE(reason, MIXED),
	MAYBE(server, MIXED),
	MAYBE(location, URL),
	MAYBE(subprotocol, MIXED),
	MAYBE(body, PEER),
	MAYBE(first_bytes, PEER),
	ROW(TBDI_BOOL, proven),
	ROW(TBDI_BOOL, accepted),
	MAYBE(fault, OWN),
	{ 0 },
};
static const struct tbdi_shape upgrade_shape =
	SHAPE(upgrade, ABOUT("The request for a WebSocket that carries MQTT, and its answer."));
#undef OF

#define OF tbd_exchange
static const struct tbdi_field exchange_fields[] = {
	WORD(end, tbdi_mqtt_end_words),
	ROW(TBDI_BOOL, read_only),
	TEXT(mqtt_version, OWN, LIMITS("3.1|3.1.1|5")),
	MAYBE(library, OWN),
	ROW(TBDI_OPTIONAL, connack),
	MAYBE(connack_name, OWN),
	ROW(TBDI_OPTIONAL, suback),
	ROW(TBDI_OPTIONAL, puback),
	MAYBE(puback_name, OWN),
	ROW(TBDI_OPTIONAL, disconnect),
	MAYBE(disconnect_name, OWN),
	NUMBER(unacknowledged),
	MAYBE(response_topic, MIXED),
	MAYBE(response_payload, PEER),
	MAYBE(key, MIXED),
	MAYBE(written, PEER),
	MAYBE(read_back, PEER),
	ROW(TBDI_BOOL, stale),
	NUMBER(polls),
	WORD(closed, tbdi_end_words),
	MAYBE(first_bytes, PEER),
	MAYBE(detail, MIXED),
	POINTERS(packets, packet_count, packet_shape),
	ROW(TBDI_BOOL, packets_cut),
	OBJECT(explanation, explanation_shape),
	NUMBER(client_id_len),
	MAYBE(client_keys, MIXED),
	MAYBE(shared_keys, MIXED),
	MAYBE(filter, OWN),
	MAYBE(published, MIXED),
	NUMBER(telemetry_len),
	ROW(TBDI_BOOL, limits_asked),
	MAYBE(session_limits, PEER),
	OBJECT(rpc, rpc_shape),
	ROW(TBDI_OPTIONAL, fingerprint),
	MAYBE(attributes_topic, MIXED),
	MAYBE(telemetry_topic, MIXED),
	ROW(TBDI_BOOL, telemetry_ts),
	OBJECT(upgrade, upgrade_shape),
	{ 0 },
};
static const struct tbdi_shape exchange_shape = SHAPE(exchange);
#undef OF

#define OF tbd_api_request
static const struct tbdi_field api_request_fields[] = {
	TEXT(method, OWN, LIMITS("GET|POST")),
	TEXT(url, MIXED),
	NUMBER(time_us),
	NUMBER(duration_us, LIMITS("0..")),
	ROW(TBDI_OPTIONAL, status),
	MAYBE(content_type, PEER),
	MAYBE(location, PEER),
	MAYBE(server, PEER),
	MAYBE(body, PEER),
	NUMBER(body_len),
	ROW(TBDI_BOOL, body_cut),
	NUMBER(datagrams, ABOUT("Over CoAP: sent until its reply came.")),
	ROW(TBDI_BOOL, acknowledged, ABOUT("Over CoAP: before its reply, or without one.")),
	ROW(TBDI_TIME_MAYBE, date, ABOUT("Of the peer's clock.")),
	MAYBE(authenticate, PEER),
	{ 0 },
};
static const struct tbdi_shape api_request_shape =
	SHAPE(api_request, ABOUT("Asterisks stand for the token."));
#undef OF

#define OF tbd_api_exchange
static const struct tbdi_field api_fields[] = {
	WORD(end, tbdi_api_end_words),
	TEXT(protocol, OWN, LIMITS("http|coap")),
	MAYBE(library, OWN),
	ROW(TBDI_BOOL, read_only),
	MAYBE(key, MIXED),
	MAYBE(written, PEER),
	MAYBE(read_back, PEER),
	ROW(TBDI_BOOL, stale),
	NUMBER(polls),
	POINTERS(requests, request_count, api_request_shape),
	ROW(TBDI_BOOL, requests_cut, ABOUT("There were more, between the last two.")),
	WORD(closed, tbdi_end_words),
	MAYBE(first_bytes, PEER),
	MAYBE(detail, MIXED),
	MAYBE(client_keys, MIXED),
	MAYBE(shared_keys, MIXED),
	NUMBER(telemetry_len),
	{ 0 },
};
static const struct tbdi_shape api_shape = SHAPE(api,
	ABOUT("The attribute round trip by requests: ThingsBoard's device API over HTTP or CoAP."));
#undef OF

#define OF tbd_download
static const struct tbdi_field download_fields[] = {
	TEXT(url, URL),
	WORD(end, tbdi_end_words),
	NUMBER(status),
	NUMBER(redirects),
	NUMBER(len),
	MAYBE(detail, MIXED),
	OBJECT(cert, tbdi_cert_shape),
	{ 0 },
};
static const struct tbdi_shape download_shape =
	SHAPE(download, ABOUT("What an address that a certificate names for its issuer gave."));
#undef OF

#define OF tbd_fixed_chain
static const struct tbdi_field fixed_fields[] = {
	ROW(TBDI_CERTS, certs, .more = AT(count), .shape = &reference_shape),
	MAYBE(missing, NAME),
	ROW(TBDI_BOOL, proven),
	ROW(TBDI_CERT, anchor, .shape = &reference_shape),
	POINTERS(downloads, download_count, download_shape),
	{ 0 },
};
static const struct tbdi_shape fixed_shape =
	SHAPE(fixed, ABOUT("What the server should send: in order, without root."));
#undef OF

/* What the system's store holds stands nowhere else in the report. */
#define OF tbd_needed_ca
static const struct tbdi_field needed_ca_fields[] = {
	OBJECT(cert, tbdi_cert_shape),
	MAYBE(proof, OWN, LIMITS("trust|system|sha256")),
	OBJECT(unproven, tbdi_cert_shape),
	MAYBE(sha256, ID),
	POINTERS(also, also_count, tbdi_cert_shape),
	{ 0 },
};
static const struct tbdi_shape needed_ca_shape = SHAPE(needed_ca,
	ABOUT("What a device has to trust for this server, as far as somebody vouches for it."));
#undef OF

#define OF tbd_served_file
static const struct tbdi_field served_file_fields[] = {
	TEXT(url, URL),
	WORD(end, tbdi_end_words),
	NUMBER(status),
	MAYBE(content_type, PEER),
	MAYBE(location, PEER),
	MAYBE(server, PEER),
	MAYBE(body, PEER),
	NUMBER(len),
	MAYBE(detail, MIXED),
	NUMBER(cert_count),
	WORD(verified, tbdi_answer_words),
	MAYBE(doubt, MIXED),
	{ 0 },
};
static const struct tbdi_shape served_file_shape = SHAPE(
	served_file, ABOUT("What a ThingsBoard server hands out to devices as a trust file."));
#undef OF

#define OF tbd_finding
static const struct tbdi_shape finding_shape;
static const struct tbdi_field finding_fields[] = {
	TEXT(id, OWN, LIMITS("^[a-z]+\\.[a-z0-9-]+$")),
	WORD(severity, tbdi_graveness_words),
	WORD(stage, tbdi_stage_words),
	ROW(TBDI_CERT, cert, .shape = &reference_shape),
	TEXT(summary, MIXED),
	ROW(TBDI_EVIDENCE, evidence, .more = AT(evidence_count), .privacy = TBDI_IS_MIXED),
	MAYBE(fix, MIXED, ABOUT("Lines; one that begins with two spaces is to be pasted.")),
	POINTERS(consequences, consequence_count, finding_shape,
		ABOUT("What this finding alone explains.")),
	{ 0 },
};
static const struct tbdi_shape finding_shape = SHAPE(finding);
#undef OF

#define OF tbd_lint_cert
static const struct tbdi_field lint_cert_fields[] = {
	NUMBER(entry),
	NUMBER(line),
	NUMBER(offset, ABOUT("bytes")),
	ROW(TBDI_BOOL, is_read),
	ROW(TBDI_BOOL, is_repaired),
	NUMBER(same_as),
	MAYBE(role, OWN, LIMITS("root|intermediate|self-signed|leaf")),
	MAYBE(subject, NAME),
	MAYBE(issuer, NAME),
	ROW(TBDI_TIME, not_before),
	ROW(TBDI_TIME, not_after),
	MAYBE(sha256, ID, LIMITS(DIGEST)),
	{ 0 },
};
static const struct tbdi_shape lint_cert_shape = SHAPE(lint_cert);
#undef OF

#define OF tbd_lint_key
static const struct tbdi_field lint_key_fields[] = {
	TEXT(file, PATH),
	TEXT(format, OWN, LIMITS("pkcs8|pkcs1|sec1|encrypted-pkcs8|encrypted-pem|other")),
	WORD(fits, tbdi_answer_words),
	{ 0 },
};
static const struct tbdi_shape lint_key_shape = SHAPE(lint_key);
#undef OF

#define OF tbd_lint
static const struct tbdi_field lint_fields[] = {
	TEXT(file, PATH),
	TEXT(use, OWN, LIMITS("trust|server|client")),
	POINTERS(certs, shown_count, lint_cert_shape),
	NUMBER(cert_count),
	NUMBER(distinct_count),
	NUMBER(root_count),
	NUMBER(leaf_count),
	NUMBER(expired_count),
	OBJECT(key, lint_key_shape),
	{ 0 },
};
static const struct tbdi_shape lint_shape =
	SHAPE(lint, ABOUT("A file of certificates, looked at by itself."));
#undef OF

#define OF tbd_component
static const struct tbdi_field component_fields[] = {
	TEXT(kind, OWN),
	TEXT(name, OWN),
	MAYBE(version, OWN),
	MAYBE(package, OWN),
	{ 0 },
};
static const struct tbdi_shape component_shape = SHAPE(component);
#undef OF

#define OF tbd_verdict
static const struct tbdi_field verdict_fields[] = {
	TEXT(stack, OWN),
	TEXT(mode, OWN),
	ROW(TBDI_BOOL, accepted),
	TEXT(step, OWN,
		ABOUT("Where it stopped; crashed, timeout or failed where it has no verdict.")),
	ROW(TBDI_NONZERO, code, .is_signed = true, ABOUT("Its own number for that.")),
	MAYBE(words, MIXED, ABOUT("Its own words.")),
	ROW(TBDI_OPTIONAL, alert),
	ROW(TBDI_OPTIONAL, anchors_loaded),
	MAYBE(devices, OWN, ABOUT("What runs on it, set up like this.")),
	MAYBE(version, OWN, ABOUT("Of the library.")),
	ROW(TBDI_BOOL, named, ABOUT("It was asked for: what it refuses is a finding by itself.")),
	{ 0 },
};
static const struct tbdi_shape verdict_shape =
	SHAPE(verdict, ABOUT("What a TLS library that devices are built on made of the chain."));
#undef OF

#define OF tbd_environment
static const struct tbdi_field environment_fields[] = {
	STRINGS(command_line, MIXED),
	ROW(TBDI_ARRAY, components, .more = AT(component_count), .shape = &component_shape),
	MAYBE(system, MIXED),
	MAYBE(kernel, MIXED),
	ROW(TBDI_BOOL, clock_synchronised),
	MAYBE(time_zone, MIXED),
	NUMBER(utc_offset_s),
	STRINGS(nameservers, HOST),
	MAYBE(hosts_lookup, MIXED),
	{ 0 },
};
static const struct tbdi_shape environment_shape =
	SHAPE(environment, ABOUT("Where and how the report was made."));
#undef OF

#define OF tbd_report
static const struct tbdi_field report_fields[] = {
	TEXT(schema, OWN, LIMITS("tbdiag-report/1")),
	TEXT(version, OWN),
	ROW(TBDI_TIME, time),
	ROW(TBDI_TIME, clock),
	ROW(TBDI_BOOL, time_given),
	ROW(TBDI_BOOL, insecure),
	ROW(TBDI_BOOL, plain_consent),
	STRINGS(notes, MIXED),
	OBJECT(target, target_shape),
	OBJECT(connection, connection_shape),
	POINTERS(steps, step_count, step_shape),
	OBJECT(chain, chain_shape),
	OBJECT(trust, trust_shape),
	OBJECT(verification, verification_shape),
	POINTERS(verdicts, verdict_count, verdict_shape,
		ABOUT("Of the TLS stacks that were asked, those in mode default first.")),
	ROW(TBDI_ELEMENT, judged_as, .items = AT(verdicts), .more = AT(verdict_count),
		ABOUT("Index in verdicts of the one that decides worst.")),
	MAYBE(device, OWN, ABOUT("That it is judged for as well.")),
	MAYBE(stack_trust, OWN, LIMITS("file|certificates"),
		ABOUT("What they were given to trust: the file as it is, or certificates of the sources.")),
	MAYBE(stack_name, HOST, ABOUT("The name that they were to connect to.")),
	ROW(TBDI_STRINGS, missing_stacks, .privacy = TBDI_IS_OWN,
		ABOUT("Those that were to be asked and are not installed.")),
	OBJECT(token, token_shape),
	OBJECT(exchange, exchange_shape),
	OBJECT(api, api_shape),
	OBJECT(fixed, fixed_shape),
	OBJECT(expected, chain_shape),
	POINTERS(findings, finding_count, finding_shape,
		ABOUT("What has to be mended first stands first.")),
	WORD(worst, tbdi_severity_words, ABOUT("unknown: it was not judged.")),
	MAYBE(label, MIXED, ABOUT("Which one of a set it is; null: it stands for itself.")),
	ROW(TBDI_BOOL, redacted),
	OBJECT(environment, environment_shape),
	POINTERS(ocsp, ocsp_count, ocsp_query_shape),
	OBJECT(ca, needed_ca_shape),
	POINTERS(served_files, served_file_count, served_file_shape),
	OBJECT(lint, lint_shape),
	{ 0 },
};
const struct tbdi_shape tbdi_report_shape = SHAPE(report,
	ABOUT("One diagnosis of tbdiag. Every key is always there: null where there is nothing."));
#undef OF

#define OF tbd_difference
static const struct tbdi_field difference_fields[] = {
	TEXT(property, OWN, LIMITS("outcome|certificate|expires|issuers|findings")),
	ROW(TBDI_STRINGS, values, .more = AT(value_count), .privacy = TBDI_IS_MIXED, LIMITS("2.."),
		ABOUT("One for each report, in their order.")),
	{ 0 },
};
static const struct tbdi_shape difference_shape = SHAPE(difference);
#undef OF

#define OF tbd_passage
static const struct tbdi_field passage_fields[] = {
	WORD(reachable, tbdi_answer_words, ABOUT("Something answers there, whatever it is.")),
	WORD(verified, tbdi_answer_words),
	WORD(authorised, tbdi_answer_words, ABOUT("The token was accepted.")),
	WORD(written, tbdi_answer_words),
	WORD(read, tbdi_answer_words),
	MAYBE(reply, OWN, ABOUT("To the token: rc 5 of MQTT, 401 of HTTP, 4.01 of CoAP.")),
	ROW(TBDI_OPTIONAL, latency_us, ABOUT("Of that reply.")),
	{ 0 },
};
static const struct tbdi_shape passage_shape = SHAPE(passage);
#undef OF

#define OF tbd_set
static const struct tbdi_field set_fields[] = {
	TEXT(schema, OWN, LIMITS("tbdiag-set/1")),
	TEXT(version, OWN),
	WORD(compares, tbdi_comparison_words,
		ABOUT("In what the reports differ by design; their labels say which is which.")),
	STRINGS(notes, MIXED),
	POINTERS(reports, report_count, tbdi_report_shape),
	POINTERS(passages, passage_count, passage_shape,
		ABOUT("Of transports: how far the token came, one for each report, in their order.")),
	POINTERS(differences, difference_count, difference_shape,
		ABOUT("What is not the same in all reports.")),
	POINTERS(findings, finding_count, finding_shape,
		ABOUT("What only the comparison shows; each report has its own.")),
	WORD(worst, tbdi_severity_words,
		ABOUT("Of all; without transports where nothing listens, unless no other is reachable. unknown: it was not judged.")),
	ROW(TBDI_BOOL, redacted,
		ABOUT("Placeholders stand for hosts, names, paths and the like, the same in all reports.")),
	{ 0 },
};
const struct tbdi_shape tbdi_set_shape =
	SHAPE(set, ABOUT("Several reports that belong together, and what comparing them shows."));
