/* SPDX-License-Identifier: MIT
 *
 * schema.c - the tables of the report's structures. Keys are the names of the fields.
 */
#include "report/schema.h"

/* Rows of the structure that OF names. */
#define AT(field) offsetof(struct OF, field)
#define ROW(as, field, ...)                                                               \
	{                                                                                 \
		.name = #field, .kind = (as), .size = sizeof(((struct OF *)NULL)->field), \
		.offset = AT(field), __VA_ARGS__                                          \
	}
/* Text says what kind of text it is: a row without that does not compile. */
#define TEXT(field, of) ROW(TBDI_TEXT, field, .privacy = TBDI_IS_##of)
#define MAYBE(field, of) ROW(TBDI_MAYBE, field, .privacy = TBDI_IS_##of)
#define STRINGS(field, of) ROW(TBDI_STRINGS, field, .privacy = TBDI_IS_##of)
#define STRINGS_IF(field, flag, of) \
	ROW(TBDI_STRINGS_IF, field, .more = AT(flag), .privacy = TBDI_IS_##of)
#define IS_SIGNED(field) ((__typeof__(((struct OF *)NULL)->field))-1 < 1)
#define NUMBER(field) ROW(TBDI_NUMBER, field, .is_signed = IS_SIGNED(field))
#define WORD(field, list) ROW(TBDI_WORD, field, .words = &(list))
#define OBJECT(field, of) ROW(TBDI_OBJECT, field, .shape = &(of))
#define POINTERS(field, count, of) ROW(TBDI_POINTERS, field, .more = AT(count), .shape = &(of))

#define OF tbd_cert
#define REFERENCE_ROWS WORD(origin, tbdi_origin_words), NUMBER(index)
static const struct tbdi_field reference_fields[] = {
	REFERENCE_ROWS,
	MAYBE(subject, NAME),
	{ 0 },
};
const struct tbdi_shape tbdi_reference_shape = { sizeof(struct tbd_cert), reference_fields };
#undef OF

#define OF tbd_name
static const struct tbdi_field name_fields[] = {
	WORD(type, tbdi_name_type_words),
	TEXT(value, HOST),
	{ 0 },
};
static const struct tbdi_shape name_shape = { sizeof(struct tbd_name), name_fields };
#undef OF

#define OF tbd_cert
static const struct tbdi_field cert_fields[] = {
	REFERENCE_ROWS,
	MAYBE(file, PATH),
	NUMBER(entry),
	NUMBER(offset),
	TEXT(sha256, ID),
	ROW(TBDI_ERROR, error, .privacy = TBDI_IS_MIXED),
	NUMBER(version),
	TEXT(subject, NAME),
	TEXT(issuer, NAME),
	MAYBE(common_name, NAME),
	TEXT(serial, ID),
	ROW(TBDI_TIME, not_before),
	ROW(TBDI_TIME, not_after),
	{ .name = "days_left", .kind = TBDI_DAYS_LEFT, .offset = AT(not_after) },
	TEXT(key_algorithm, OWN),
	MAYBE(key_curve, OWN),
	NUMBER(key_bits),
	TEXT(signature_algorithm, OWN),
	MAYBE(signature_hash, OWN),
	TEXT(spki_sha256, ID),
	MAYBE(subject_key_id, ID),
	MAYBE(authority_key_id, ID),
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
const struct tbdi_shape tbdi_cert_shape = { sizeof(struct tbd_cert), cert_fields };
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
static const struct tbdi_shape target_shape = { sizeof(struct tbd_target), target_fields };
#undef OF

#define OF tbd_resolution
static const struct tbdi_field resolution_fields[] = {
	TEXT(name, HOST),
	NUMBER(family),
	WORD(end, tbdi_end_words),
	NUMBER(error),
	MAYBE(detail, MIXED),
	ROW(TBDI_STRINGS, addresses, .more = AT(address_count), .privacy = TBDI_IS_HOST),
	{ 0 },
};
static const struct tbdi_shape resolution_shape = { sizeof(struct tbd_resolution),
	resolution_fields };
#undef OF

#define OF tbd_attempt
static const struct tbdi_field attempt_fields[] = {
	TEXT(address, HOST),
	NUMBER(port),
	NUMBER(start_us),
	NUMBER(duration_us),
	ROW(TBDI_BOOL, connected),
	ROW(TBDI_BOOL, abandoned),
	NUMBER(error),
	MAYBE(detail, MIXED),
	{ 0 },
};
static const struct tbdi_shape attempt_shape = { sizeof(struct tbd_attempt), attempt_fields };
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
	MAYBE(alpn, OWN),
	NUMBER(record_len),
	NUMBER(record_in),
	{ 0 },
};
static const struct tbdi_shape tls_shape = { sizeof(struct tbd_tls), tls_fields };
#undef OF

#define OF tbd_plain
static const struct tbdi_field plain_fields[] = {
	OBJECT(attempt, attempt_shape),
	WORD(end, tbdi_end_words),
	ROW(TBDI_OPTIONAL, connack),
	MAYBE(connack_name, OWN),
	MAYBE(first_bytes, PEER),
	{ 0 },
};
static const struct tbdi_shape plain_shape = { sizeof(struct tbd_plain), plain_fields };
#undef OF

#define OF tbd_other_handshake
static const struct tbdi_shape chain_shape;
static const struct tbdi_field other_handshake_fields[] = {
	OBJECT(attempt, attempt_shape),
	OBJECT(tls, tls_shape),
	OBJECT(chain, chain_shape),
	{ 0 },
};
static const struct tbdi_shape other_handshake_shape = { sizeof(struct tbd_other_handshake),
	other_handshake_fields };
#undef OF

#define OF tbd_proxy
static const struct tbdi_field proxy_fields[] = {
	TEXT(protocol, OWN),
	TEXT(host, HOST),
	NUMBER(port),
	ROW(TBDI_BOOL, with_credentials),
	WORD(end, tbdi_end_words),
	ROW(TBDI_OPTIONAL, code),
	ROW(TBDI_BOOL, wants_credentials),
	MAYBE(detail, MIXED),
	MAYBE(first_bytes, PEER),
	{ 0 },
};
static const struct tbdi_shape proxy_shape = { sizeof(struct tbd_proxy), proxy_fields };
#undef OF

#define OF tbd_datagrams
static const struct tbdi_field datagrams_fields[] = {
	NUMBER(sent),
	NUMBER(received),
	NUMBER(sent_again),
	NUMBER(received_again),
	NUMBER(largest_sent),
	NUMBER(largest_received),
	ROW(TBDI_BOOL, small),
	{ 0 },
};
static const struct tbdi_shape datagrams_shape = { sizeof(struct tbd_datagrams), datagrams_fields };
#undef OF

#define OF tbd_connection
static const struct tbdi_field connection_fields[] = {
	TEXT(host, HOST),
	NUMBER(port),
	ROW(TBDI_BOOL, redirected),
	OBJECT(resolution, resolution_shape),
	POINTERS(attempts, attempt_count, attempt_shape),
	ROW(TBDI_ELEMENT, used, .items = AT(attempts), .more = AT(attempt_count)),
	POINTERS(neighbours, neighbour_count, attempt_shape),
	WORD(tcp, tbdi_end_words),
	OBJECT(tls, tls_shape),
	NUMBER(timeout_ms),
	OBJECT(plain, plain_shape),
	OBJECT(other_version, other_handshake_shape),
	OBJECT(without_sni, other_handshake_shape),
	OBJECT(proxy, proxy_shape),
	OBJECT(datagrams, datagrams_shape),
	{ 0 },
};
static const struct tbdi_shape connection_shape = { sizeof(struct tbd_connection),
	connection_fields };
#undef OF

#define OF tbd_step
static const struct tbdi_field step_fields[] = {
	TEXT(name, OWN),
	WORD(status, tbdi_step_status_words),
	NUMBER(start_us),
	NUMBER(duration_us),
	MAYBE(detail, MIXED),
	{ 0 },
};
static const struct tbdi_shape step_shape = { sizeof(struct tbd_step), step_fields };
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
static const struct tbdi_shape chain_shape = { sizeof(struct tbd_chain), chain_fields };
#undef OF

#define OF tbd_trust_source
static const struct tbdi_field source_fields[] = {
	WORD(kind, tbdi_source_kind_words),
	TEXT(path, PATH),
	MAYBE(error, MIXED),
	NUMBER(cert_count),
	MAYBE(holds, MIXED),
	MAYBE(key_file, PATH),
	MAYBE(sha256, ID),
	{ 0 },
};
static const struct tbdi_shape source_shape = { sizeof(struct tbd_trust_source), source_fields };
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
static const struct tbdi_shape crl_shape = { sizeof(struct tbd_crl), crl_fields };
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
static const struct tbdi_shape trust_shape = { sizeof(struct tbd_trust_info), trust_fields };
#undef OF

#define OF tbd_path
static const struct tbdi_field path_fields[] = {
	ROW(TBDI_CERTS, certs, .more = AT(count), .shape = &tbdi_reference_shape),
	ROW(TBDI_BOOL, anchored),
	WORD(fault, tbdi_fault_words),
	ROW(TBDI_NUMBER_IF, fault_at, .more = AT(fault)),
	ROW(TBDI_OPTIONAL, name_encoding_at),
	MAYBE(requirement, OWN),
	{ 0 },
};
static const struct tbdi_shape path_shape = { sizeof(struct tbd_path), path_fields };
#undef OF

#define OF tbd_nearest
static const struct tbdi_field nearest_fields[] = {
	WORD(miss, tbdi_miss_words),
	ROW(TBDI_CERT, cert, .shape = &tbdi_reference_shape),
	OBJECT(system_anchor, tbdi_cert_shape),
	{ 0 },
};
static const struct tbdi_shape nearest_shape = { sizeof(struct tbd_nearest), nearest_fields };
#undef OF

#define OF tbd_departure
static const struct tbdi_field departure_fields[] = {
	TEXT(what, OWN),
	TEXT(text, OWN),
	ROW(TBDI_CERT, cert, .shape = &tbdi_reference_shape),
	ROW(TBDI_BOOL, rfc5280),
	ROW(TBDI_BOOL, webpki),
	ROW(TBDI_BOOL, strict),
	{ 0 },
};
static const struct tbdi_shape departure_shape = { sizeof(struct tbd_departure), departure_fields };
#undef OF

#define OF tbd_revocation
static const struct tbdi_field revocation_fields[] = {
	ROW(TBDI_CERT, cert, .shape = &tbdi_reference_shape),
	TEXT(source, OWN),
	MAYBE(file, PATH),
	ROW(TBDI_TIME, time),
	MAYBE(reason, OWN),
	MAYBE(url, URL),
	{ 0 },
};
static const struct tbdi_shape revocation_shape = { sizeof(struct tbd_revocation),
	revocation_fields };
#undef OF

#define OF tbd_ocsp
static const struct tbdi_field ocsp_fields[] = {
	TEXT(status, OWN),
	ROW(TBDI_TIME_MAYBE, this_update),
	ROW(TBDI_TIME_MAYBE, next_update),
	MAYBE(problem, OWN),
	{ 0 },
};
static const struct tbdi_shape ocsp_shape = { sizeof(struct tbd_ocsp), ocsp_fields };
#undef OF

#define OF tbd_ocsp_query
static const struct tbdi_field ocsp_query_fields[] = {
	ROW(TBDI_CERT, cert, .shape = &tbdi_reference_shape),
	TEXT(url, URL),
	WORD(end, tbdi_end_words),
	NUMBER(status),
	NUMBER(redirects),
	NUMBER(len),
	MAYBE(detail, MIXED),
	OBJECT(answer, ocsp_shape),
	{ 0 },
};
static const struct tbdi_shape ocsp_query_shape = { sizeof(struct tbd_ocsp_query),
	ocsp_query_fields };
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
static const struct tbdi_shape verification_shape = { sizeof(struct tbd_verification),
	verification_fields };
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
	{ 0 },
};
static const struct tbdi_shape token_shape = { sizeof(struct tbd_token_info), token_fields };
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
static const struct tbdi_shape packet_shape = { sizeof(struct tbd_packet), packet_fields };
#undef OF

#define OF tbd_explanation
static const struct tbdi_field explanation_fields[] = {
	WORD(end, tbdi_mqtt_end_words),
	ROW(TBDI_OPTIONAL, connack),
	MAYBE(connack_name, OWN),
	ROW(TBDI_OPTIONAL, disconnect),
	MAYBE(disconnect_name, OWN),
	{ 0 },
};
static const struct tbdi_shape explanation_shape = { sizeof(struct tbd_explanation),
	explanation_fields };
#undef OF

#define OF tbd_rpc
static const struct tbdi_field rpc_fields[] = {
	NUMBER(waited_ms),
	MAYBE(topic, MIXED),
	MAYBE(payload, PEER),
	ROW(TBDI_BOOL, answered),
	{ 0 },
};
static const struct tbdi_shape rpc_shape = { sizeof(struct tbd_rpc), rpc_fields };
#undef OF

#define OF tbd_exchange
static const struct tbdi_field exchange_fields[] = {
	WORD(end, tbdi_mqtt_end_words),
	ROW(TBDI_BOOL, read_only),
	TEXT(mqtt_version, OWN),
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
	MAYBE(published, OWN),
	NUMBER(telemetry_len),
	ROW(TBDI_BOOL, limits_asked),
	MAYBE(session_limits, PEER),
	OBJECT(rpc, rpc_shape),
	ROW(TBDI_OPTIONAL, fingerprint),
	{ 0 },
};
static const struct tbdi_shape exchange_shape = { sizeof(struct tbd_exchange), exchange_fields };
#undef OF

#define OF tbd_api_request
static const struct tbdi_field api_request_fields[] = {
	TEXT(method, OWN),
	TEXT(url, MIXED),
	NUMBER(time_us),
	NUMBER(duration_us),
	ROW(TBDI_OPTIONAL, status),
	MAYBE(content_type, PEER),
	MAYBE(location, PEER),
	MAYBE(server, PEER),
	MAYBE(body, PEER),
	NUMBER(body_len),
	ROW(TBDI_BOOL, body_cut),
	NUMBER(datagrams),
	ROW(TBDI_BOOL, acknowledged),
	ROW(TBDI_TIME_MAYBE, date),
	{ 0 },
};
static const struct tbdi_shape api_request_shape = { sizeof(struct tbd_api_request),
	api_request_fields };
#undef OF

#define OF tbd_api_exchange
static const struct tbdi_field api_fields[] = {
	WORD(end, tbdi_api_end_words),
	TEXT(protocol, OWN),
	MAYBE(library, OWN),
	ROW(TBDI_BOOL, read_only),
	MAYBE(key, MIXED),
	MAYBE(written, PEER),
	MAYBE(read_back, PEER),
	ROW(TBDI_BOOL, stale),
	NUMBER(polls),
	POINTERS(requests, request_count, api_request_shape),
	ROW(TBDI_BOOL, requests_cut),
	WORD(closed, tbdi_end_words),
	MAYBE(first_bytes, PEER),
	MAYBE(detail, MIXED),
	MAYBE(client_keys, MIXED),
	MAYBE(shared_keys, MIXED),
	NUMBER(telemetry_len),
	{ 0 },
};
static const struct tbdi_shape api_shape = { sizeof(struct tbd_api_exchange), api_fields };
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
static const struct tbdi_shape download_shape = { sizeof(struct tbd_download), download_fields };
#undef OF

#define OF tbd_fixed_chain
static const struct tbdi_field fixed_fields[] = {
	ROW(TBDI_CERTS, certs, .more = AT(count), .shape = &tbdi_reference_shape),
	MAYBE(missing, NAME),
	ROW(TBDI_BOOL, proven),
	ROW(TBDI_CERT, anchor, .shape = &tbdi_reference_shape),
	POINTERS(downloads, download_count, download_shape),
	{ 0 },
};
static const struct tbdi_shape fixed_shape = { sizeof(struct tbd_fixed_chain), fixed_fields };
#undef OF

/* What the system's store holds stands nowhere else in the report. */
#define OF tbd_needed_ca
static const struct tbdi_field needed_ca_fields[] = {
	OBJECT(cert, tbdi_cert_shape),
	MAYBE(proof, OWN),
	OBJECT(unproven, tbdi_cert_shape),
	MAYBE(sha256, ID),
	{ 0 },
};
static const struct tbdi_shape needed_ca_shape = { sizeof(struct tbd_needed_ca), needed_ca_fields };
#undef OF

#define OF tbd_finding
static const struct tbdi_shape finding_shape;
static const struct tbdi_field finding_fields[] = {
	TEXT(id, OWN),
	WORD(severity, tbdi_severity_words),
	WORD(stage, tbdi_stage_words),
	ROW(TBDI_CERT, cert, .shape = &tbdi_reference_shape),
	TEXT(summary, MIXED),
	ROW(TBDI_EVIDENCE, evidence, .more = AT(evidence_count), .privacy = TBDI_IS_MIXED),
	MAYBE(fix, MIXED),
	POINTERS(consequences, consequence_count, finding_shape),
	{ 0 },
};
static const struct tbdi_shape finding_shape = { sizeof(struct tbd_finding), finding_fields };
#undef OF

#define OF tbd_component
static const struct tbdi_field component_fields[] = {
	TEXT(kind, OWN),
	TEXT(name, OWN),
	MAYBE(version, OWN),
	MAYBE(package, OWN),
	{ 0 },
};
static const struct tbdi_shape component_shape = { sizeof(struct tbd_component), component_fields };
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
static const struct tbdi_shape environment_shape = { sizeof(struct tbd_environment),
	environment_fields };
#undef OF

#define OF tbd_report
static const struct tbdi_field report_fields[] = {
	TEXT(schema, OWN),
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
	OBJECT(token, token_shape),
	OBJECT(exchange, exchange_shape),
	OBJECT(api, api_shape),
	OBJECT(fixed, fixed_shape),
	OBJECT(expected, chain_shape),
	POINTERS(findings, finding_count, finding_shape),
	WORD(worst, tbdi_severity_words),
	MAYBE(label, MIXED),
	ROW(TBDI_BOOL, redacted),
	OBJECT(environment, environment_shape),
	POINTERS(ocsp, ocsp_count, ocsp_query_shape),
	OBJECT(ca, needed_ca_shape),
	{ 0 },
};
const struct tbdi_shape tbdi_report_shape = { sizeof(struct tbd_report), report_fields };
#undef OF

#define OF tbd_difference
static const struct tbdi_field difference_fields[] = {
	TEXT(property, OWN),
	ROW(TBDI_STRINGS, values, .more = AT(value_count), .privacy = TBDI_IS_MIXED),
	{ 0 },
};
static const struct tbdi_shape difference_shape = { sizeof(struct tbd_difference),
	difference_fields };
#undef OF

#define OF tbd_passage
static const struct tbdi_field passage_fields[] = {
	WORD(reachable, tbdi_answer_words),
	WORD(verified, tbdi_answer_words),
	WORD(authorised, tbdi_answer_words),
	WORD(written, tbdi_answer_words),
	WORD(read, tbdi_answer_words),
	MAYBE(reply, OWN),
	ROW(TBDI_OPTIONAL, latency_us),
	{ 0 },
};
static const struct tbdi_shape passage_shape = { sizeof(struct tbd_passage), passage_fields };
#undef OF

#define OF tbd_set
static const struct tbdi_field set_fields[] = {
	TEXT(schema, OWN),
	TEXT(version, OWN),
	WORD(compares, tbdi_comparison_words),
	STRINGS(notes, MIXED),
	POINTERS(reports, report_count, tbdi_report_shape),
	POINTERS(passages, passage_count, passage_shape),
	POINTERS(differences, difference_count, difference_shape),
	POINTERS(findings, finding_count, finding_shape),
	WORD(worst, tbdi_severity_words),
	ROW(TBDI_BOOL, redacted),
	{ 0 },
};
const struct tbdi_shape tbdi_set_shape = { sizeof(struct tbd_set), set_fields };
