/* SPDX-License-Identifier: MIT
 *
 * healthy-report.h - a hand-made report of a round trip in which all went well. A test spoils one thing in it.
 */
#ifndef TBDI_HEALTHY_REPORT_H
#define TBDI_HEALTHY_REPORT_H

#include "base/common.h"

#define SAMPLE_TIME INT64_C(1780272000) /* 2026-06-01T00:00:00Z */
#define SAMPLE_DAY (24 * 60 * 60)

/* All that the report points to, to be changed at will. */
struct sample {
	struct tbd_report *report;
	struct tbd_target *target;
	struct tbd_target *http_target;
	struct tbd_resolution resolution;
	struct tbd_attempt attempts[2];
	const struct tbd_attempt *attempt_list[2];
	struct tbd_attempt neighbours[3];
	const struct tbd_attempt *neighbour_list[3];
	struct tbd_tls tls;
	struct tbd_plain plain; /* of no connection unless a test says so, as the next */
	struct tbd_other_handshake comparison; /* with another_tls and another_chain */
	struct tbd_tls another_tls;
	struct tbd_chain another_chain;
	const struct tbd_cert *another_sent[1]; /* the stranger */
	struct tbd_datagrams datagrams;         /* of nothing; for a target of coaps: */
	struct tbd_proxy proxy;                 /* of no connection either */
	struct tbd_connection connection;
	struct tbd_cert leaf;
	struct tbd_cert intermediate;
	struct tbd_cert root;
	struct tbd_cert stranger; /* belongs to nothing */
	const struct tbd_cert *sent[4];
	struct tbd_chain chain;
	const struct tbd_cert *wanted[2];
	struct tbd_chain
		expected; /* another file than is served, once report->expected leads here */
	const struct tbd_cert *held[2];
	struct tbd_store_defect defect; /* of the trust file, once it leads here; so do `loads` */
	const struct tbd_store_defect *defects[1];
	struct tbd_load loads[2]; /* OpenSSL and BearSSL, which take it all */
	const struct tbd_load *load_list[2];
	struct tbd_trust_source sources[2];
	const struct tbd_trust_source *source_list[2];
	struct tbd_trust_info trust;
	struct tbd_lint lint; /* of a file with these two and a key, once report->lint leads here */
	struct tbd_lint_cert lint_certs[2];
	const struct tbd_lint_cert *lint_list[2];
	struct tbd_lint_key lint_key;
	const struct tbd_cert *path_certs[3];
	struct tbd_path path;
	const struct tbd_cert *other_certs[3]; /* of a path that is not the needed one */
	struct tbd_path other_path;
	const struct tbd_path *paths[2];
	struct tbd_nearest nearest;
	struct tbd_verification verification;
	struct tbd_departure departure; /* of the intermediate; counts only when it is listed */
	const struct tbd_departure *departures[1];
	struct tbd_revocation revocation; /* of the leaf; the same */
	const struct tbd_revocation *revocations[1];
	struct tbd_verdict verdict; /* of mbedTLS, which refuses; counts only when it is listed */
	const struct tbd_verdict *verdicts[1];
	struct tbd_ocsp stapled;
	struct tbd_ocsp_query query; /* about the leaf; `said` is its answer */
	struct tbd_ocsp said;
	const struct tbd_ocsp_query *query_list[1];
	struct tbd_needed_ca ca; /* the root, by the trust file, once report->ca leads here */
	struct tbd_crl crl;
	const struct tbd_crl *crls[1];
	struct tbd_download download; /* of the intermediate */
	const struct tbd_download *download_list[1];
	struct tbd_fixed_chain fixed;
	struct tbd_served_file served_file; /* the trust file's; was not asked for */
	const struct tbd_served_file *served_list[1];
	struct tbd_token_info token;
	struct tbd_packet packets[2];
	const struct tbd_packet *packet_list[2];
	struct tbd_exchange exchange;
	struct tbd_upgrade
		upgrade; /* of a WebSocket that was opened, unless a test says otherwise */
	struct tbd_explanation explanation; /* of nothing unless a test says so */
	struct tbd_api_request requests[2];
	const struct tbd_api_request *request_list[2];
	struct tbd_api_exchange api; /* of HTTP, in the place of `exchange` */
	struct tbd_step steps[8];
	const struct tbd_step *step_list[8];
};

/* Exits the program when memory is out. */
struct sample *sample_new(void);
void sample_free(struct sample *sample);

/* The report becomes the caller's, but points to the sample, which has to outlive it. */
struct tbd_report *sample_take(struct sample *sample);

/* Change it: "thing.member=value thing.member='some words'". A thing is a member of the sample, its members
 * are those that JSON shows, by their names there. A value is a number, yes or no, a word of an enumeration, a
 * text, another thing, or things or texts with commas between; "-" is null. "#2" leaves two of a list. A time is
 * "-1d", "3h" or "7d-1" from SAMPLE_TIME on, or "@1000". Exits the program when a change cannot be made. */
void sample_set(struct sample *sample, const char *changes);

/* A new one, changed. */
struct sample *sample_with(const char *changes);

/* ---- changes, to be put one after the other ---------------------------------------------------- */

#define NUM(number) NUM_OF(number)
#define NUM_OF(number) #number

/* The digest of a sample's certificate: "1" is the leaf, "4" the stranger. */
#define SAMPLE_DIGITS(c) c c c c c c c c c c c c c c c c
#define SAMPLE_SHA256(c) SAMPLE_DIGITS(c) SAMPLE_DIGITS(c) SAMPLE_DIGITS(c) SAMPLE_DIGITS(c)

/* Nothing after the handshake happened, or nothing after the connection attempt. */
#define BEFORE_MQTT "report.exchange=- report.token=- report.steps=#3 "
#define BEFORE_TLS                                                             \
	BEFORE_MQTT                                                            \
	"report.steps=#1 report.chain=- report.trust=- report.verification=- " \
	"connection.tls=- connection.used=- attempts[0].abandoned=no attempts[1].connected=no "

/* Both addresses ended so. */
#define ATTEMPTS(end, error)             \
	BEFORE_TLS "connection.tcp=" end \
		   " attempts[0].error=" NUM(error) " attempts[1].error=" NUM(error) " "

/* The path ends after so many certificates, without an anchor, for this reason. */
#define CUT_PATH(count, last, why)                                           \
	BEFORE_MQTT "path.certs=#" count " path.anchored=no path.fault=" why \
		    " path.fault_at=" last " verification.verified=no "

/* It was HTTP: written and read. */
#define OVER_HTTP                                                                         \
	"report.exchange=- report.api=api report.target=http_target connection.port=443 " \
	"attempts[1].port=443 steps[3].name=post steps[4].name=visible report.steps=#5 "

#endif
