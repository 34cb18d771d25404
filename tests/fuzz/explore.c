/* SPDX-License-Identifier: MIT
 *
 * explore.c - fuzz the path explorer: the input describes a graph of certificates, which are minted and
 * judged. What is accepted, and that nothing acceptable is missed, is compared with a naive search over the
 * descriptions; accepted paths are shown to GnuTLS as well.
 */
#include "base/common.h"

#include "x509/cert.h"
#include "certs/mint.h"
#include "verify/chain.h"
#include "x509/der.h"
#include "verify/explore.h"
#include "verify/trust.h"

#define NOW INT64_C(1700000000)
#define DAY INT64_C(86400)
#define HOST "a.example.org"

enum {
	NAMES = 5,     /* distinguished names, by number */
	ENCODINGS = 2, /* of each name */
	KEYS = 5,
	CERTS_MAX = 14,
	RECORD_LEN = 6, /* bytes of the input for one certificate */
};

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

/* A violated invariant ends the program, so that the fuzzer keeps the input. */
#define MUST(condition)                                                                 \
	do {                                                                            \
		if (!(condition)) {                                                     \
			fprintf(stderr, "%s:%d: " #condition "\n", __FILE__, __LINE__); \
			abort();                                                        \
		}                                                                       \
	} while (0)

/* ---- what the input says --------------------------------------------------------------------- */

enum role { SENT, UNTRUSTED, TRUSTED };

enum shape {
	PLAIN,
	EXPIRED,
	NOT_YET_VALID,
	NOT_A_CA,
	NO_CERT_SIGN,
	CLIENT_ONLY,
	UNKNOWN_CRITICAL,
	EXCLUDES_HOST,
	PERMITS_OTHERS,
	PERMITS_HOST,
	WITH_SHA1, /* accepted in the profile for devices */
	SHAPES,
};

enum key_ids {
	IDS_RIGHT,
	IDS_NONE,
	IDS_WRONG,
	IDS_SUBJECT_ONLY,
};

struct plan {
	unsigned name, name_encoding, key;
	unsigned issuer, issuer_encoding, signer;
	enum role role;
	enum shape shape;
	enum key_ids ids;
	int pathlen; /* -1: none */
	bool broken_signature;
};

static struct plan plan_read(const uint8_t *record, bool is_leaf)
{
	return (struct plan){
		.name = record[0] % NAMES,
		.name_encoding = record[0] / NAMES % ENCODINGS,
		.key = record[1] % KEYS,
		.issuer = record[2] % NAMES,
		.issuer_encoding = record[2] / NAMES % ENCODINGS,
		.signer = record[3] % KEYS,
		.role = is_leaf ? SENT : (enum role)(record[4] % 3),
		.shape = (enum shape)(record[5] % SHAPES),
		.ids = (enum key_ids)(record[4] / 3 % 4),
		.pathlen = record[3] / KEYS % 8 < 3 ? record[3] / KEYS % 8 : -1,
		/* Rare, or no graph would hold together. */
		.broken_signature = record[4] >= 240,
	};
}

/* ---- certificates ---------------------------------------------------------------------------- */

/* The same names in other bytes, as OpenSSL compares them. */
static struct mint_rdn name_rdn(unsigned name, unsigned encoding)
{
	static const struct mint_bytes texts[ENCODINGS][NAMES] = {
		{ MINT_BYTES("Alpha CA"), MINT_BYTES("Beta CA"), MINT_BYTES("Gamma CA"),
			MINT_BYTES("Delta CA"), MINT_BYTES("Epsilon CA") },
		{ MINT_BYTES("alpha  ca"), MINT_BYTES(" BETA CA"), MINT_BYTES("gamma ca "),
			MINT_BYTES("DELTA CA"), MINT_BYTES("epsilon   CA") },
	};
	return (struct mint_rdn){ GNUTLS_OID_X520_COMMON_NAME, texts[encoding][name],
		encoding == 0 ? MINT_UTF8_STRING : MINT_PRINTABLE_STRING };
}

/* Self-signed, one for each name, encoding and key: what a certificate takes its issuer from. */
static const struct mint_cert *authority(unsigned name, unsigned encoding, unsigned key)
{
	static struct mint_cert *all[NAMES][ENCODINGS][KEYS];
	const struct mint_rdn subject[] = { name_rdn(name, encoding), { NULL, { NULL, 0 }, 0 } };
	struct mint_cert **cert = &all[name][encoding][key];
	bool holds_key = name == 0 && encoding == 0;
	const struct mint_cert *key_of = holds_key ? NULL : authority(0, 0, key);
	if (*cert == NULL)
		*cert = mint_new(&(struct mint_spec){ .subject = subject,
					 .ca = true,
					 .key_of = key_of,
					 .not_before = NOW - DAY },
			NULL);
	MUST(*cert != NULL);
	return *cert;
}

static const struct mint_cert *key_holder(unsigned key)
{
	return authority(0, 0, key);
}

static struct mint_spec spec_of_shape(enum shape shape, bool is_leaf)
{
	static const char *const client[] = { GNUTLS_KP_TLS_WWW_CLIENT, NULL };
	static const char *const hosts[] = { "example.org", NULL };
	static const char *const others[] = { "example.net", NULL };
	static const struct mint_extension unknown[] = {
		{ "1.2.3.4", true, MINT_BYTES("\x05\x00") },
		{ NULL, false, { NULL, 0 } },
	};
	struct mint_spec spec = { .ca = !is_leaf, .not_before = NOW - 10 * DAY };
	if (shape == EXPIRED)
		spec.not_after = NOW - DAY;
	if (shape == NOT_YET_VALID)
		spec.not_before = NOW + DAY;
	if (shape == NOT_A_CA)
		spec.ca = false;
	if (shape == NO_CERT_SIGN)
		spec.key_usage = GNUTLS_KEY_DIGITAL_SIGNATURE | GNUTLS_KEY_CRL_SIGN;
	if (shape == CLIENT_ONLY)
		spec.eku = client;
	if (shape == UNKNOWN_CRITICAL)
		spec.extensions = unknown;
	if (shape == EXCLUDES_HOST)
		spec.excluded_dns = hosts;
	if (shape == PERMITS_OTHERS)
		spec.permitted_dns = others;
	if (shape == PERMITS_HOST)
		spec.permitted_dns = hosts;
	if (shape == WITH_SHA1)
		spec.hash = GNUTLS_DIG_SHA1;
	return spec;
}

static struct mint_cert *mint_plan(const struct plan *plan, bool is_leaf)
{
	static const struct mint_bytes none = { NULL, 0 }, wrong = MINT_BYTES("\x01\x02\x03");
	const struct mint_cert *issuer =
		authority(plan->issuer, plan->issuer_encoding, plan->signer);
	struct mint_spec spec = spec_of_shape(plan->shape, is_leaf);
	const struct mint_rdn subject[] = { name_rdn(plan->name, plan->name_encoding),
		{ NULL, { NULL, 0 }, 0 } };
	spec.subject = subject;
	spec.issuer = issuer;
	spec.key_of = key_holder(plan->key);
	spec.names = is_leaf ? HOST : NULL;
	spec.pathlen = plan->pathlen >= 0 && spec.ca ? MINT_PATHLEN(plan->pathlen) : 0;
	spec.akid = plan->ids == IDS_RIGHT ? NULL : plan->ids == IDS_WRONG ? &wrong : &none;
	spec.skid = plan->ids == IDS_NONE ? &none : NULL;
	spec.break_signature = plan->broken_signature;
	struct mint_cert *cert = mint_new(&spec, NULL);
	MUST(cert != NULL);
	return cert;
}

/* ---- the graph ------------------------------------------------------------------------------- */

struct graph {
	struct plan plans[CERTS_MAX]; /* the leaf first */
	struct mint_cert *certs[CERTS_MAX];
	size_t count;
	struct tbd_trust *trust;
	struct tbd_report *report;
};

static void graph_read(struct graph *graph, const uint8_t *data, size_t size)
{
	while (graph->count < CERTS_MAX && size >= RECORD_LEN) {
		bool is_leaf = graph->count == 0;
		graph->plans[graph->count] = plan_read(data, is_leaf);
		graph->certs[graph->count] = mint_plan(&graph->plans[graph->count], is_leaf);
		graph->count++;
		data += RECORD_LEN;
		size -= RECORD_LEN;
	}
}

static void graph_verify(struct graph *graph)
{
	struct tbd_report_options options = TBD_REPORT_OPTIONS_INIT;
	struct tbd_verify_options verify = TBD_VERIFY_OPTIONS_INIT;
	struct tbd_bytes sent[CERTS_MAX];
	int64_t now = NOW;
	size_t sent_count = 0;
	options.time = &now;
	graph->trust = tbd_trust_new();
	MUST(graph->trust != NULL && tbd_report_new(&options, &graph->report, NULL) == 0);
	for (size_t i = 0; i < graph->count; i++) {
		const struct mint_cert *cert = graph->certs[i];
		struct tbd_bytes der = { cert->der.data, cert->der.size };
		if (graph->plans[i].role == SENT)
			sent[sent_count++] = der;
		else if (graph->plans[i].role == TRUSTED)
			MUST(tbd_trust_add_mem(graph->trust, der.data, der.len, "trusted", NULL) ==
				0);
		else
			MUST(tbdi_trust_add_untrusted_bytes(graph->trust, der, "untrusted", NULL) ==
				0);
	}
	MUST(tbdi_chain_take(tbdi_report_of(graph->report), sent, sent_count, 0, NULL) == 0);
	verify.trust = graph->trust;
	verify.name = HOST;
	MUST(tbd_verify(graph->report, &verify, NULL) == 0);
}

static void graph_release(struct graph *graph)
{
	tbd_report_free(graph->report);
	tbd_trust_free(graph->trust);
	for (size_t i = 0; i < graph->count; i++)
		mint_free(graph->certs[i]);
}

/* ---- the naive search ------------------------------------------------------------------------ */

struct search {
	const struct graph *graph;
	size_t trail[CERTS_MAX];
	size_t depth;
};

static bool same_name(const struct plan *a, const struct plan *b)
{
	return a->name == b->name;
}

static bool is_self_issued(const struct plan *plan)
{
	return plan->name == plan->issuer;
}

/* As the leaf or as an issuer. */
static bool is_good_anywhere(const struct plan *plan)
{
	return plan->shape != EXPIRED && plan->shape != NOT_YET_VALID &&
		plan->shape != CLIENT_ONLY && plan->shape != UNKNOWN_CRITICAL;
}

static bool may_issue(const struct search *search, size_t at)
{
	const struct plan *plan = &search->graph->plans[search->trail[at]];
	int below = 0;
	for (size_t i = 1; i < at; i++)
		below += !is_self_issued(&search->graph->plans[search->trail[i]]);
	/* The names of the CAs are not hosts: only the leaf's matter. */
	return plan->shape != NOT_A_CA && plan->shape != NO_CERT_SIGN &&
		plan->shape != EXCLUDES_HOST && plan->shape != PERMITS_OTHERS &&
		(plan->pathlen < 0 || below <= plan->pathlen);
}

static bool trail_is_acceptable(const struct search *search)
{
	for (size_t i = 0; i < search->depth; i++) {
		const struct plan *plan = &search->graph->plans[search->trail[i]];
		if (!is_good_anywhere(plan) || (i > 0 && !may_issue(search, i)) ||
			(plan->broken_signature && i + 1 < search->depth))
			return false;
	}
	return true;
}

static bool is_anchor(const struct graph *graph, size_t i)
{
	const struct mint_cert *cert = graph->certs[i];
	for (size_t k = 0; k < graph->count; k++)
		if (graph->plans[k].role == TRUSTED &&
			graph->certs[k]->der.size == cert->der.size &&
			memcmp(graph->certs[k]->der.data, cert->der.data, cert->der.size) == 0)
			return true;
	return false;
}

static bool is_on_trail(const struct search *search, const struct plan *plan)
{
	for (size_t i = 0; i < search->depth; i++) {
		const struct plan *other = &search->graph->plans[search->trail[i]];
		if (same_name(other, plan) && other->key == plan->key)
			return true;
	}
	return false;
}

/* Is there any acceptable path on from the last certificate of the trail? */
static bool search_on(struct search *search)
{
	const struct graph *graph = search->graph;
	size_t last = search->trail[search->depth - 1];
	if (is_anchor(graph, last) && trail_is_acceptable(search))
		return true;
	for (size_t i = 1; i < graph->count; i++) {
		const struct plan *issuer = &graph->plans[i];
		if (issuer->name != graph->plans[last].issuer ||
			issuer->key != graph->plans[last].signer || is_on_trail(search, issuer))
			continue;
		search->trail[search->depth++] = i;
		bool found = search_on(search);
		search->depth--;
		if (found)
			return true;
	}
	return false;
}

/* ---- what has to hold ------------------------------------------------------------------------ */

static bool is_trusted(const struct graph *graph, const struct tbd_cert *cert)
{
	for (size_t i = 0; i < graph->count; i++)
		if (graph->plans[i].role == TRUSTED && graph->certs[i]->der.size == cert->der.len &&
			memcmp(graph->certs[i]->der.data, cert->der.data, cert->der.len) == 0)
			return true;
	return false;
}

/* Each is issued by the next. Signatures hold, unless a graver fault hides one that does not. */
static void check_links(const struct tbd_path *path)
{
	bool signatures_hold =
		path->fault == TBD_FAULT_NONE || path->fault > TBD_FAULT_BAD_SIGNATURE;
	int differs = -1;
	for (size_t i = 0; i + 1 < path->count; i++) {
		const struct tbdi_cert *cert = tbdi_cert_of(path->certs[i]);
		const struct tbdi_cert *issuer = tbdi_cert_of(path->certs[i + 1]);
		MUST(tbdi_dn_equal(cert->pub.issuer_der, issuer->pub.subject_der));
		MUST(!signatures_hold || tbdi_signature_verifies(cert, issuer));
		for (size_t k = i + 1; k < path->count; k++)
			MUST(path->certs[k] != path->certs[i]);
		if (differs < 0 && !tbdi_bytes_equal(cert->pub.issuer_der, issuer->pub.subject_der))
			differs = (int)i;
	}
	MUST(path->name_encoding_at == differs);
}

static void check_path(const struct graph *graph, const struct tbd_path *path)
{
	MUST(path->count >= 1 && path->count <= TBDI_PATH_LEN_MAX);
	MUST(path->certs[0] == graph->report->chain->certs[0]);
	MUST(path->fault_at < path->count);
	if (path->anchored)
		MUST(is_trusted(graph, path->certs[path->count - 1]));
	MUST(path->fault != TBD_FAULT_NONE || path->anchored);
	check_links(path);
}

/* RFC 5280 has them help to find an issuer; GnuTLS and OpenSSL refuse one that they contradict. */
static bool key_ids_contradict(const struct tbd_path *path)
{
	for (size_t i = 0; i + 1 < path->count; i++) {
		const char *wanted = path->certs[i]->authority_key_id;
		const char *there = path->certs[i + 1]->subject_key_id;
		if (wanted != NULL && there != NULL && strcmp(wanted, there) != 0)
			return true;
	}
	return false;
}

/* RFC 5280 does not count a CA that certifies itself anew as one more below a pathLenConstraint; GnuTLS
 * does. */
static bool has_self_issued_between(const struct tbd_path *path)
{
	for (size_t i = 1; i + 1 < path->count; i++)
		if (path->certs[i]->self_issued)
			return true;
	return false;
}

/* GnuTLS accepts the path as well, when it is shown nothing else. It compares names byte for byte. */
static void check_with_gnutls(const struct tbd_path *path)
{
	const unsigned flags =
		GNUTLS_VERIFY_DISABLE_TIME_CHECKS | GNUTLS_VERIFY_ALLOW_SIGN_WITH_SHA1;
	gnutls_x509_crt_t certs[TBDI_PATH_LEN_MAX];
	unsigned status = 0;
	if (path->name_encoding_at >= 0 || key_ids_contradict(path) ||
		has_self_issued_between(path))
		return;
	for (size_t i = 0; i < path->count; i++)
		certs[i] = tbdi_cert_of(path->certs[i])->crt;
	size_t below = path->count > 1 ? path->count - 1 : 1;
	MUST(gnutls_x509_crt_list_verify(certs, (unsigned)below, &certs[path->count - 1], 1, NULL,
		     0, flags, &status) >= 0);
	MUST(status == 0);
}

/* For whoever looks into a violated invariant. */
static void tell(const struct graph *graph)
{
	const struct tbd_verification *verification = graph->report->verification;
	for (size_t i = 0; i < verification->path_count; i++) {
		const struct tbd_path *path = verification->paths[i];
		fprintf(stderr, "%s at %zu, %s:", tbd_fault_name(path->fault), path->fault_at,
			path->anchored ? "anchored" : "not anchored");
		for (size_t k = 0; k < path->count; k++)
			fprintf(stderr, " [%s]", path->certs[k]->subject);
		fputc('\n', stderr);
	}
}

static void check(const struct graph *graph)
{
	const struct tbd_verification *verification = graph->report->verification;
	struct search search = { .graph = graph, .trail = { 0 }, .depth = 1 };
	bool acceptable = search_on(&search);
	bool accepted = verification->path->fault == TBD_FAULT_NONE;
	MUST(verification->path_count >= 1 && verification->path_count <= TBDI_PATHS_MAX);
	for (size_t i = 0; i < verification->path_count; i++)
		check_path(graph, verification->paths[i]);
	MUST(verification->verified == accepted);
	if (accepted != acceptable)
		tell(graph);
	MUST(!accepted || acceptable);
	MUST(!acceptable || accepted);
	if (accepted)
		check_with_gnutls(verification->path);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	struct graph graph = { .count = 0 };
	if (size < RECORD_LEN)
		return 0;
	graph_read(&graph, data, size);
	graph_verify(&graph);
	check(&graph);
	graph_release(&graph);
	return 0;
}
