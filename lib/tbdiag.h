/* SPDX-License-Identifier: MIT
 *
 * tbdiag.h - diagnose the connection of a device to a ThingsBoard server.
 *
 * The contract
 *
 * A diagnosis is data. tbd_report_new() makes a report; each stage (tbd_fetch() or tbd_load(),
 * tbd_verify(), tbd_roundtrip()) adds what it saw; tbd_judge() turns that into findings. The report
 * is then plain data: the caller reads it and never changes it.
 *
 * - A finding is not an error. A stage fails only when the library could not do its own work: no
 *   memory, an argument that breaks this contract, a file that cannot be opened. A refused
 *   connection, an unknown CA or a wrong token are findings of a report that was made successfully.
 * - Functions that return int return 0 or a negative enum tbd_err. The text goes to the caller's
 *   struct tbd_error, which may be NULL.
 * - What tbd_X_new() or tbd_X_parse() gives, tbd_X_free() takes; NULL is allowed. A report owns all
 *   that can be reached from it; everything stays valid until tbd_report_free().
 * - Structures are allocated by the library and may grow at their end in later releases, but for
 *   those that stand in arrays by value or inside of others, which stay as they are: tbd_bytes,
 *   tbd_name, tbd_evidence, tbd_component. Options are allocated by the caller, begin with their
 *   size and are initialised by their _INIT macro, which is the size and zeroes: zero is every default.
 * - Units stand in the names: _ms, _us, _len (bytes), _days. Points in time are int64_t seconds
 *   since 1970-01-01T00:00:00Z; instants of a report (_us) are counted on the monotonic clock from
 *   tbd_report_new().
 * - Strings that came from a peer or a file are valid UTF-8 without NUL, but may hold control
 *   characters: escape them for the medium they are shown on.
 * - An object belongs to one thread at a time, but for a trust store to which nothing is added any longer: any
 *   number of threads may judge by it at once, and it is freed when the last report that was judged by it is gone.
 *   There is no global state. No function prints, reads
 *   the environment of the caller (but for TBDIAG_MODULE_DIR and XDG_RUNTIME_DIR, see
 *   tbd_roundtrip(), TBDIAG_STACK_DIR, see tbd_await_stacks(), TZ, see tbd_report_environment(), and
 *   the variables of proxies, see tbd_fix_chain() and tbd_ask_ocsp()), installs a signal handler or waits without
 *   a deadline.
 */
#ifndef TBDIAG_H
#define TBDIAG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

struct addrinfo;

/* What initialises options: their size, and zero for all else. */
#ifdef __cplusplus
extern "C++" {
template <typename T> inline T tbd_options_init()
{
	T options = T();
	options.size = sizeof(T);
	return options;
}
}
#define TBD_OPTIONS_INIT(type) tbd_options_init<struct type>()
#else
#define TBD_OPTIONS_INIT(type)              \
	{                                   \
		.size = sizeof(struct type) \
	}
#endif

/* ---- errors ---------------------------------------------------------------------------------- */

enum tbd_err {
	TBD_E_NOMEM = -1,     /* out of memory */
	TBD_E_INVALID = -2,   /* an argument breaks the contract */
	TBD_E_TARGET = -3,    /* the target cannot be parsed (input.bad-target) */
	TBD_E_OPEN = -4,      /* a file named by the caller cannot be opened or read */
	TBD_E_TOO_LARGE = -5, /* a file, or what a peer sent, is beyond any sensible size */
	TBD_E_MODULE = -6,    /* a transport module is missing or does not fit this library */
	TBD_E_SYSTEM = -7,    /* the operating system refused something (descriptors, threads) */
	TBD_E_CRYPTO = -8,    /* GnuTLS could not do its work */
	TBD_E_CANCELLED = -9, /* the progress callback asked to stop */
	TBD_E_FORMAT = -10,   /* what was to be read is no report */
};

const char *tbd_err_name(int err); /* "no-memory", "invalid" ... "format"; "ok" of 0 and above */

struct tbd_error {
	char text[512]; /* one line, no full stop, UTF-8 */
};

/* ---- findings and their rules ---------------------------------------------------------------- */

enum tbd_severity {
	TBD_SEVERITY_OK,
	TBD_SEVERITY_INFO,
	TBD_SEVERITY_WARNING,
	TBD_SEVERITY_CRITICAL,
	TBD_SEVERITY_UNKNOWN, /* of a report or set that was not judged, as one whose stage was cancelled */
};

/* In the order in which a connection goes through them. */
enum tbd_stage {
	TBD_STAGE_INPUT,
	TBD_STAGE_RESOLVE,
	TBD_STAGE_CONNECT,
	TBD_STAGE_TLS,
	TBD_STAGE_CHAIN,
	TBD_STAGE_TRUST,
	TBD_STAGE_NAME,
	TBD_STAGE_TIME,
	TBD_STAGE_POLICY,
	TBD_STAGE_STACK,
	TBD_STAGE_MQTT,
	TBD_STAGE_HTTP,
	TBD_STAGE_COAP,
	TBD_STAGE_TOKEN,
	TBD_STAGE_DATA,
};

const char *tbd_severity_name(enum tbd_severity severity); /* "ok" ... "critical" */
const char *tbd_stage_name(enum tbd_stage stage);          /* "input" ... "data" */

/* One fact that supports a finding. */
struct tbd_evidence {
	const char *key;
	const char *text; /* NULL: the value is the number */
	int64_t number;
};

struct tbd_finding {
	const char *id;
	enum tbd_severity severity;
	enum tbd_stage stage;
	const struct tbd_cert *cert; /* the certificate it is about, or NULL */
	const char *summary;         /* one sentence: what is wrong */
	const struct tbd_evidence *evidence;
	size_t evidence_count;
	/* What to do, filled with this report's values, in lines separated by LF; a line that begins
	 * with two spaces is a command or a setting to be pasted. NULL: nothing to do. */
	const char *fix;
	const struct tbd_finding *const *consequences; /* what this finding alone explains */
	size_t consequence_count;
};

/* What can be found. An id is never renamed. */
struct tbd_rule {
	const char *id;
	enum tbd_stage stage;
	enum tbd_severity severity;  /* the usual one; a finding may differ where `why` says so */
	const char *title;           /* a few words */
	const char *why;             /* when it is said and what it means, a paragraph */
	const char *fix;             /* how it is mended, in general */
	const char *const *evidence; /* the keys a finding may carry; ends in NULL */
};

/* All rules in the order of their stages; *count receives their number. Static. */
const struct tbd_rule *const *tbd_rules(size_t *count);

/* The rule with this id, or NULL. Static. */
const struct tbd_rule *tbd_rule_find(const char *id);

/* ---- target ---------------------------------------------------------------------------------- */

enum tbd_scheme {
	TBD_SCHEME_MQTTS, /* MQTT over TLS, port 8883 */
	TBD_SCHEME_MQTT,  /* MQTT in clear, port 1883 */
	TBD_SCHEME_HTTPS, /* HTTP over TLS, port 443 */
	TBD_SCHEME_HTTP,  /* HTTP in clear, port 80 */
	TBD_SCHEME_COAPS, /* CoAP over DTLS, UDP port 5684 */
	TBD_SCHEME_COAP,  /* CoAP in clear, UDP port 5683 */
	TBD_SCHEME_WSS,   /* MQTT over WebSockets over TLS, port 443 */
	TBD_SCHEME_WS,    /* MQTT over WebSockets in clear, port 80 */
};

const char *tbd_scheme_name(enum tbd_scheme scheme); /* "mqtts", "mqtt", "https" ... */

struct tbd_target {
	enum tbd_scheme scheme;
	bool tls;         /* the scheme speaks TLS, or DTLS */
	bool is_address;  /* the host is an IP address literal */
	const char *host; /* name as an A-label (RFC 5890), or address without brackets */
	uint16_t port;
	const char *url; /* normalised: scheme://host:port, and the path where there is one */
	const char
		*path; /* of a WebSocket, "/mqtt" unless the URL has another; NULL: no WebSocket */
};

/* Parse HOST, HOST:PORT, [IPV6], [IPV6]:PORT, IPV6 or a URL with one of the schemes above. The
 * default scheme is mqtts. User information, paths and queries are refused: a token in a URL would
 * end in a log. TBD_E_TARGET: the error text names the part that is wrong and the accepted forms. */
int tbd_target_parse(const char *text, struct tbd_target **out, struct tbd_error *error);
void tbd_target_free(struct tbd_target *target);

/* ---- certificates ---------------------------------------------------------------------------- */

enum tbd_name_type {
	TBD_NAME_DNS,
	TBD_NAME_IP,
	TBD_NAME_EMAIL,
	TBD_NAME_URI,
	TBD_NAME_OTHER,
};

struct tbd_name {
	enum tbd_name_type type;
	const char *value; /* an address in its usual text form */
};

/* Bytes that belong to somebody else: of a certificate, those inside of its DER. */
struct tbd_bytes {
	const uint8_t *data;
	size_t len;
};

enum tbd_origin {
	TBD_ORIGIN_SENT,      /* the peer sent it */
	TBD_ORIGIN_FILE,      /* it stood in a chain file */
	TBD_ORIGIN_TRUST,     /* it stood in a trust source */
	TBD_ORIGIN_UNTRUSTED, /* the caller gave it, without trusting it */
	TBD_ORIGIN_SYSTEM,    /* it stood in the system's store, which was not named as a source */
	TBD_ORIGIN_FETCHED,   /* it was downloaded (report->fixed); nobody trusts it */
	TBD_ORIGIN_EXPECTED,  /* it stood in the file of tbd_expect() */
};

/* A certificate (RFC 5280). When `error` is set the DER could not be parsed and only origin, index,
 * file, entry, offset, der, sha256 and error are meaningful. */
struct tbd_cert {
	enum tbd_origin origin;
	size_t index;     /* 0-based: place in the chain as sent, in report->trust->certs, or in
			   * report->trust->untrusted */
	const char *file; /* file it was read from, or NULL */
	size_t entry;     /* 1-based number of the certificate in that file */
	uint64_t offset;  /* byte offset of that entry */
	struct tbd_bytes der;
	const char *error;

	int version;                  /* 1, 2 or 3 */
	const char *subject;          /* RFC 4514 */
	const char *issuer;           /* RFC 4514 */
	const char *common_name;      /* of the subject, the first one; or NULL */
	struct tbd_bytes subject_der; /* the Name as encoded */
	struct tbd_bytes issuer_der;  /* the Name as encoded */
	const char *serial;           /* hexadecimal, lower case, no separators */
	int64_t not_before;           /* seconds UTC */
	int64_t not_after;            /* seconds UTC */
	const struct tbd_name *names; /* subjectAltName */
	size_t name_count;
	const char *key_algorithm; /* "RSA", "EC", "Ed25519" ... */
	const char *key_curve;     /* "P-256" ... or NULL */
	unsigned key_bits;
	const char *signature_algorithm; /* "RSA-SHA256", "ECDSA-SHA384" ... */
	const char *signature_hash;      /* "MD5", "SHA1", "SHA256" ... or NULL: none apart */
	const char *sha256;              /* of the DER, hexadecimal, lower case, 64 digits */
	const char *spki_sha256;         /* of the SubjectPublicKeyInfo */
	const char *subject_key_id;      /* hexadecimal, or NULL */
	const char *authority_key_id;    /* hexadecimal, or NULL */
	bool has_basic_constraints;
	bool is_ca;                   /* basicConstraints CA:TRUE */
	int path_length;              /* pathLenConstraint, or -1 */
	const char *const *key_usage; /* RFC 5280 names ("keyCertSign"); ends in NULL */
	bool has_key_usage;
	const char *const *purposes; /* extendedKeyUsage: "serverAuth" ... or OID; ends in NULL */
	bool has_purposes;
	const char *const *aia_issuers;      /* caIssuers addresses; ends in NULL */
	const char *const *ocsp_servers;     /* OCSP addresses; ends in NULL */
	const char *const *crl_points;       /* CRL addresses; ends in NULL */
	const char *const *unknown_critical; /* OIDs of critical extensions we do not process */
	bool has_name_constraints;
	bool self_issued; /* issuer and subject are the same name */
	bool self_signed; /* self_issued, and the key ids do not contradict it */
};

/* Write certificates as PEM (RFC 7468, 64 columns, LF), each after comment lines: subject, SHA-256, dates.
 * *out is to be freed with free(). TBD_E_INVALID: one has no DER, see tbd_report_from_json(). */
int tbd_certs_to_pem(
	const struct tbd_cert *const *certs, size_t count, char **out, struct tbd_error *error);

/* The forms in which devices take their trust file. */
enum tbd_emit {
	TBD_EMIT_PEM,     /* as tbd_certs_to_pem() */
	TBD_EMIT_DER,     /* one certificate only */
	TBD_EMIT_C_ARRAY, /* C source: an array of each certificate's DER, which ends with its length */
	TBD_EMIT_C_STRING, /* C source: their PEM as one string */
	TBD_EMIT_BEARSSL_TA, /* C source: trust anchors of BearSSL, as its tool "brssl ta" writes them */
};

const char *tbd_emit_name(
	enum tbd_emit emit); /* "pem", "der", "c-array", "c-string", "bearssl-ta" */

/* Write certificates in such a form. *out, which has a NUL behind its *len bytes, is to be freed with free().
 * TBD_E_INVALID: one has no DER, or they cannot be had in that form; the error text says why. */
int tbd_certs_emit(const struct tbd_cert *const *certs, size_t count, enum tbd_emit emit,
	char **out, size_t *len, struct tbd_error *error);

/* ---- trust store ----------------------------------------------------------------------------- */

/* The trust anchors a device would have (any certificate in it is one), and what else may serve to
 * judge a chain. */
struct tbd_trust;

struct tbd_trust *tbd_trust_new(void); /* NULL: out of memory */
void tbd_trust_free(struct tbd_trust *trust);

/* Add the certificates of a file: PEM (any number, other objects are counted and skipped) or one DER
 * certificate. A file without a certificate is added as an empty source (ca.store-empty). A pipe, as every file that
 * a caller names, is read to its end, for which at most 30 s are waited.
 * TBD_E_OPEN, TBD_E_TOO_LARGE (over 64 MiB): the error text names path and reason. */
int tbd_trust_add_file(struct tbd_trust *trust, const char *path, struct tbd_error *error);

/* Add what such a file would hold, from memory; the bytes are copied. name: what reports call it, as if it were a
 * file; NULL: "(memory)". TBD_E_INVALID, TBD_E_TOO_LARGE. */
int tbd_trust_add_mem(struct tbd_trust *trust, const void *data, size_t len, const char *name,
	struct tbd_error *error);

/* Add every regular file of a directory as above; the same certificate counts once. A directory that
 * is not there or not readable becomes a source with an error (ca.store-missing). */
int tbd_trust_add_dir(struct tbd_trust *trust, const char *path, struct tbd_error *error);

/* Add the system's store: the bundle GnuTLS was configured with, else the usual places. */
int tbd_trust_add_system(struct tbd_trust *trust, struct tbd_error *error);

/* Add the certificates of a file (as above) that a path may lead through, but that nobody trusts: what
 * a server forgot to send. Each counts once. TBD_E_OPEN, TBD_E_TOO_LARGE; TBD_E_INVALID when the file
 * holds no certificate. */
int tbd_trust_add_untrusted(struct tbd_trust *trust, const char *path, struct tbd_error *error);

/* The same from memory, as tbd_trust_add_mem(). */
int tbd_trust_add_untrusted_mem(struct tbd_trust *trust, const void *data, size_t len,
	const char *name, struct tbd_error *error);

/* Add the certificate revocation lists (RFC 5280 5) of a file: PEM ("X509 CRL"), any number, or one in
 * DER. With one or more, certificates of a path are looked up in the lists of their issuers; what none
 * of them can tell is accepted by the profile for devices only. TBD_E_OPEN, TBD_E_TOO_LARGE;
 * TBD_E_INVALID when the file holds no list. */
int tbd_trust_add_crl(struct tbd_trust *trust, const char *path, struct tbd_error *error);

/* The same from memory, as tbd_trust_add_mem(). */
int tbd_trust_add_crl_mem(struct tbd_trust *trust, const void *data, size_t len, const char *name,
	struct tbd_error *error);

/* A revocation list that was given. */
struct tbd_crl {
	const char *file;
	const char *issuer;  /* RFC 4514; "" when the list cannot be read */
	int64_t this_update; /* seconds UTC */
	int64_t next_update; /* seconds UTC, or -1: it does not say */
	size_t entry_count;  /* certificates it revokes */
	const char *problem; /* why it told nothing, or NULL */
};

enum tbd_source_kind {
	TBD_SOURCE_FILE,
	TBD_SOURCE_DIR,
	TBD_SOURCE_SYSTEM,
};

/* What is wrong with a trust file as a file, the graver the later. Certificates of those up to MISSING_END are read
 * here, and not by every TLS library. */
enum tbd_defect {
	TBD_DEFECT_NONE,
	/* How its PEM is laid out. */
	TBD_DEFECT_CRLF,
	TBD_DEFECT_BOM,          /* of UTF-8, in front of BEGIN */
	TBD_DEFECT_BEGIN_BLANK,  /* one blank behind BEGIN */
	TBD_DEFECT_ODD_LINES,    /* base64 in lines whose length is no multiple of 4 */
	TBD_DEFECT_BEGIN_BLANKS, /* more of them, or a tab */
	TBD_DEFECT_SPACES,       /* blanks among the base64 */
	TBD_DEFECT_X509_LABEL,
	TBD_DEFECT_TRUSTED_LABEL,
	TBD_DEFECT_REQUEST, /* a certificate request beside certificates */
	TBD_DEFECT_DER,
	TBD_DEFECT_TEXT_BEHIND,
	TBD_DEFECT_BLANK_END, /* an empty line before END */
	TBD_DEFECT_BLANK_LINES,
	TBD_DEFECT_TEXT_BEFORE,
	TBD_DEFECT_JOINED_END,   /* END stands behind something */
	TBD_DEFECT_JOINED_LINES, /* BEGIN stands behind END */
	TBD_DEFECT_INDENTED,
	TBD_DEFECT_CR_LINE_ENDS,
	TBD_DEFECT_ONE_LINE,
	TBD_DEFECT_MISSING_END, /* before another BEGIN */
	/* A certificate that is lost. */
	TBD_DEFECT_DAMAGED,    /* its base64 is */
	TBD_DEFECT_UNREADABLE, /* its base64 is fine, and holds no certificate */
	TBD_DEFECT_CUT_OFF,
	TBD_DEFECT_ESCAPED, /* "\n" as two characters */
	TBD_DEFECT_C_SOURCE,
	/* No PEM at all. */
	TBD_DEFECT_PKCS7,
	TBD_DEFECT_PKCS12,
	TBD_DEFECT_JKS,
	TBD_DEFECT_UTF16,
	TBD_DEFECT_JSON,
	TBD_DEFECT_HTML,
};

const char *tbd_defect_name(enum tbd_defect defect); /* "none", "spaces" ... "html" */

/* A defect of a trust source, where it was seen first. */
struct tbd_store_defect {
	enum tbd_defect defect;
	const char *file;
	size_t count; /* certificates that have it */
	size_t line;  /* the first and the last of the certificate, from 1; 0: it is the file's */
	size_t last_line;
	uint64_t offset; /* of its BEGIN, bytes from the start of the file */
};

/* What a TLS library makes of a trust source as it is, by what is known of that library. */
struct tbd_load {
	const char *stack; /* "openssl", "gnutls", "mbedtls", "wolfssl", "bearssl" */
	size_t cert_count; /* certificates that it loads, duplicates not counted */
};

/* What was found in one trust source. */
struct tbd_trust_source {
	enum tbd_source_kind kind;
	const char *path;
	const char *error; /* why it could not be read, or NULL */
	size_t cert_count; /* certificates, duplicates not counted */
	const char
		*holds; /* what it holds when there is no certificate ("a private key"), or NULL */
	const char *key_file; /* the file of it that holds a private key, or NULL */
	const char *sha256;   /* of a file: see tbd_report_environment(); or NULL */
	/* Of a directory: certificates without a name by their hash ("1a2b3c4d.0"), by which alone OpenSSL finds them. */
	size_t unhashed;
	size_t damaged_count; /* certificates that are there and cannot be read */
	const struct tbd_store_defect *const *defects; /* the gravest first, each kind once */
	size_t defect_count;
	const struct tbd_load *const *loads; /* with a defect: one for each library; else none */
	size_t load_count;
};

struct tbd_trust_info {
	const struct tbd_trust_source *const *sources;
	size_t source_count;
	size_t cert_count; /* over all sources */
	/* The certificates that matter here: all of a small store, of a large one those that came
	 * into question. At most TBD_TRUST_SHOWN. */
	const struct tbd_cert *const *certs;
	size_t shown_count;
	/* Of the certificates that were given without trust, those that came into question. At most
	 * TBD_TRUST_SHOWN. */
	const struct tbd_cert *const *untrusted;
	size_t untrusted_count;
	const struct tbd_crl *const *crls;
	size_t crl_count;
};

#define TBD_TRUST_SHOWN 32

/* ---- what was seen --------------------------------------------------------------------------- */

enum tbd_step_status {
	TBD_STEP_OK,
	TBD_STEP_FAILED,
	TBD_STEP_TIMEOUT,
	TBD_STEP_SKIPPED,
};

/* One phase of the work: trust-file (see tbd_ask_trust_file()) dns tcp (udp) proxy tls (dtls) second; of MQTT connack suback response puback
 * visible limits telemetry rpc rpc-answer fingerprint explain; of requests (HTTP, CoAP) get post visible
 * telemetry. */
struct tbd_step {
	const char *name;
	enum tbd_step_status status;
	int64_t start_us;
	int64_t duration_us;
	const char *detail; /* for a person, or NULL */
};

/* One attempt to connect to one address (RFC 8305). */
struct tbd_attempt {
	const char *address; /* without brackets */
	uint16_t port;
	int64_t start_us;
	int64_t duration_us;
	bool connected;
	bool abandoned; /* another attempt was faster, or the time was up: error is 0 or ETIMEDOUT */
	int error;      /* errno of the failure, or 0 */
	const char *detail; /* text of the error, or NULL */
};

/* How a stage of the connection ended. */
enum tbd_end {
	TBD_END_NONE,     /* was not reached */
	TBD_END_OK,       /* went well */
	TBD_END_TIMEOUT,  /* the deadline passed */
	TBD_END_CLOSED,   /* the peer closed: TLS close_notify or TCP FIN */
	TBD_END_RESET,    /* the peer reset the connection */
	TBD_END_ALERT,    /* the peer sent a fatal alert */
	TBD_END_VERSION,  /* no common protocol version */
	TBD_END_REFUSED,  /* we refused the peer: it was not verified */
	TBD_END_PROTOCOL, /* the peer broke the protocol or does not speak it */
	TBD_END_ERROR,    /* anything else; see the detail */
	TBD_END_CIPHER,   /* the peer chose a suite, group or signature that is not acceptable */
};

const char *tbd_end_name(enum tbd_end end); /* "none", "ok", "timeout" ... */

struct tbd_resolution {
	const char *name;             /* what was asked for */
	int family;                   /* 4, 6 or 0: both */
	enum tbd_end end;             /* OK, TIMEOUT or ERROR */
	int error;                    /* EAI_* when end is ERROR */
	const char *detail;           /* the resolver's words, or NULL */
	const char *const *addresses; /* in the order of trying; ends in NULL */
	size_t address_count;
};

struct tbd_tls {
	enum tbd_end end;
	const char *sni;          /* the server name we sent, or NULL */
	const char *version;      /* "TLS1.3" ..., or NULL: not agreed */
	const char *cipher_suite; /* or NULL */
	const char *group;        /* key exchange group, or NULL */
	const char *last_message; /* the last handshake message that came in, or NULL: none */
	size_t bytes_in;          /* bytes of the peer, of TLS records, until the end */
	int alert;                /* number of the alert the peer sent, or -1 */
	const char *alert_name;   /* or NULL */
	int alert_sent;           /* number of the alert we sent, or -1 */
	bool close_notify;        /* the peer announced its close */
	bool client_cert_requested;
	const struct tbd_cert *client_cert; /* the one we had to show, or NULL: none was given */
	bool client_cert_sent;
	const char *wanted_version; /* the option tls_version, or "1.1 or 1.0", or NULL */
	const char *detail;         /* GnuTLS' words when end is not OK, or NULL */
	const char *first_bytes;    /* of a peer that is not TLS, escaped as \xNN, or NULL */
	const char *alpn;           /* application protocol that was agreed (RFC 7301), or NULL */
	/* Of the TLS record that was cut short, when the handshake ended in the middle of one: bytes
	 * that its header announced, and those that came; else 0. */
	size_t record_len;
	size_t record_in;
	const char
		*alpn_offered; /* application protocols we offered, separated by commas, or NULL */
};

/* What the port said in clear, on a connection of its own: to a CONNECT without user name and password,
 * or to HEAD where the target is one of HTTP. Asked when no byte of TLS came, and when no CONNACK came in
 * clear, then by a CONNECT of another length: ThingsBoard waits for the end of a PROXY header in up to 108
 * bytes, and closes at more. */
struct tbd_plain {
	const struct tbd_attempt *attempt; /* NULL: none was begun */
	enum tbd_end end; /* OK: it answered; else how it ended without, NONE: not connected */
	int connack;      /* return code of its CONNACK, or -1 */
	const char *connack_name; /* or NULL */
	const char *first_bytes;  /* of its answer, escaped as \xNN, or NULL */
	size_t sent;              /* bytes that it was asked with */
};

enum tbd_answer {
	TBD_ANSWER_NOT_ASKED, /* it was not tried, or not come to */
	TBD_ANSWER_UNCLEAR,   /* it was tried, and nothing tells */
	TBD_ANSWER_NO,
	TBD_ANSWER_YES,
};

const char *tbd_answer_name(enum tbd_answer answer); /* "not-asked", "unclear", "no", "yes" */

/* Another handshake with the same address, for comparison: nothing follows it. */
struct tbd_other_handshake {
	const struct tbd_attempt *attempt; /* NULL: none was begun */
	const struct tbd_tls *tls;         /* NULL: not connected */
	const struct tbd_chain *chain; /* another one than the report's; NULL: none came, or that */
	bool same_chain;               /* the certificates of the report's chain came */
	enum tbd_answer
		verified; /* whether another chain would be accepted as the report's is judged */
};

/* What travelled over UDP, counted in datagrams. Repeats are recognised in the handshake of DTLS. */
struct tbd_datagrams {
	unsigned sent;
	unsigned received;
	unsigned sent_again;     /* of those sent: for want of an answer in time */
	unsigned received_again; /* of those received: the peer missed an answer of ours */
	size_t largest_sent;     /* bytes, without the headers of UDP and IP */
	size_t largest_received;
	bool small; /* a flight of the peer did not come through in half of the time: the handshake was
		     * begun anew, and small datagrams were asked for (RFC 6066 4) */
};

struct tbd_connection {
	const char *host; /* dialled: the target's, or connect_host */
	uint16_t port;
	bool redirected;                         /* connect_host or connect_port was given */
	const struct tbd_resolution *resolution; /* NULL: nobody was asked, the address was given */
	const struct tbd_attempt *const *attempts;
	size_t attempt_count;
	const struct tbd_attempt *used; /* the attempt that connected, or NULL */
	/* After a refusal, and where CONNECT was not answered: ThingsBoard's usual ports (1883, 8883, 8080) of
	 * the same address, to tell a closed port from a server that is down or starting. Connected to and
	 * closed, nothing is sent. Where it may be starting, those of UDP as well (5683, 5684), by a ping of
	 * CoAP: connected is one that answered it. */
	const struct tbd_attempt *const *neighbours;
	size_t neighbour_count;
	/* OK, TIMEOUT or ERROR: see the attempts. UDP connects at once; one that turns out not to be
	 * there has failed to connect. */
	enum tbd_end tcp;
	const struct tbd_tls *tls;     /* NULL: not reached, or a plain scheme */
	int64_t timeout_ms;            /* the deadline that was asked for */
	const struct tbd_plain *plain; /* NULL: there was no reason to ask */
	/* Where no version was common, or it was refused by alert 40: with others than were offered. */
	const struct tbd_other_handshake *other_version;
	/* With options->without_sni, or where the first one was refused at once. */
	const struct tbd_other_handshake *without_sni;
	/* NULL: none was asked. Else resolution and attempts are those of the proxy, which looks for the
	 * host itself, and tcp says whether the proxy was reached. */
	const struct tbd_proxy *proxy;
	const struct tbd_datagrams *datagrams;   /* NULL: TCP, or not reached */
	const struct tbd_other_handshake *tls12; /* with options->also_tls12, beside one of 1.3 */
	const struct tbd_other_handshake *with_sni; /* the first sent no server name, and failed */
	/* MQTT on a port of HTTPS, or where the protocols that were offered were refused. */
	const struct tbd_other_handshake *with_alpn;
	const char *proxy_protocol; /* the PROXY header that was sent, "v1" or "v2"; NULL: none */
	/* After a failure at the very beginning: once more with a PROXY header, or without where one had been
	 * sent. A handshake over TLS, else a CONNECT as in plain. NULL: there was no reason. */
	const struct tbd_other_handshake *header_handshake;
	const struct tbd_plain *header_plain;
	/* How a TLS session ended over which nothing was said, after one that was closed instead of a CONNACK:
	 * CLOSED, RESET; TIMEOUT: it stayed open; NONE: not tried. */
	enum tbd_end idle;
	/* HTTP was refused, and the port that ThingsBoard itself serves it on is open (see neighbours): a handshake there,
	 * to tell whether it speaks TLS. */
	const struct tbd_other_handshake *own_port;
	const struct tbd_other_handshake
		*as_device; /* as report->device does it; NULL: not tried */
};

/* A proxy that was asked for the connection. Its credentials are never kept here. */
struct tbd_proxy {
	const char *protocol; /* "http" or "socks5" */
	const char *host;
	uint16_t port;
	bool with_credentials;   /* some were given */
	enum tbd_end end;        /* OK, REFUSED, or how else it ended; NONE: it was not reached */
	int code;                /* status of HTTP, or reply code of SOCKS; -1: none came */
	bool wants_credentials;  /* some, or others than were given */
	const char *detail;      /* its status line, or the code in words; or NULL */
	const char *first_bytes; /* of an answer that is none, as \xNN, or NULL */
};

/* The certificates in the order in which the peer sent them or the file holds them. */
struct tbd_chain {
	const char *file;   /* NULL: the peer sent it */
	size_t message_len; /* bytes of the TLS Certificate message, 0 for a file */
	const struct tbd_cert *const *certs;
	size_t count;
	bool truncated; /* more than TBD_CHAIN_MAX came; the rest was dropped */
	bool holds_key; /* there is a private key in the file */
};

#define TBD_CHAIN_MAX 100

/* Why a path is not acceptable. */
enum tbd_fault {
	TBD_FAULT_NONE,
	TBD_FAULT_NO_ISSUER,      /* the issuer of the last certificate was not found */
	TBD_FAULT_UNTRUSTED_ROOT, /* ends in a self-signed certificate that is no anchor */
	TBD_FAULT_BAD_SIGNATURE,
	TBD_FAULT_NOT_A_CA, /* basicConstraints or keyUsage forbid to sign certificates */
	TBD_FAULT_PATH_LENGTH,
	TBD_FAULT_PURPOSE,
	TBD_FAULT_NAME_CONSTRAINTS,
	TBD_FAULT_UNKNOWN_CRITICAL,
	TBD_FAULT_REVOKED,
	TBD_FAULT_EXPIRED,
	TBD_FAULT_NOT_YET_VALID,
	TBD_FAULT_WEAK_SIGNATURE,
	TBD_FAULT_WEAK_KEY,
	TBD_FAULT_POLICY, /* a demand of the profile, see the path's requirement */
	TBD_FAULT_MALFORMED,
	TBD_FAULT_UNKNOWN_ALGORITHM, /* of a signature, which could not be checked for that */
};

const char *tbd_fault_name(enum tbd_fault fault); /* "none", "no-issuer" ... */

/* A path from the leaf towards an anchor. */
struct tbd_path {
	const struct tbd_cert *const *certs; /* the leaf first */
	size_t count;
	bool anchored;        /* the last certificate is an anchor */
	enum tbd_fault fault; /* the first reason that makes it unacceptable, or NONE */
	size_t fault_at;      /* index in certs of the certificate at fault */
	/* Index in certs of the first certificate that names its issuer, the next one, in other bytes
	 * (string type, case, white space): clients that compare bytes do not find it. -1: none. */
	int name_encoding_at;
	const char
		*requirement; /* with TBD_FAULT_POLICY: a word for what was demanded; else NULL */
};

/* How much is demanded of a path. The path validation of RFC 5280 6.1 is the same in all. */
enum tbd_profile {
	TBD_PROFILE_DEVICE, /* what devices on private servers need */
	TBD_PROFILE_RFC5280, /* also the form RFC 5280 4 prescribes, no SHA-1, no common name as a host */
	TBD_PROFILE_WEBPKI, /* also what browsers' CAs have to keep */
};

const char *tbd_profile_name(enum tbd_profile profile); /* "device", "rfc5280", "webpki" */

/* A certificate that was found to be revoked. */
struct tbd_revocation {
	const struct tbd_cert *cert;
	const char *source; /* "crl", "ocsp-stapled", "ocsp": a responder that was asked */
	const char *file;   /* that holds the list, or NULL */
	int64_t time;       /* since when, seconds UTC */
	const char *reason; /* RFC 5280 5.3.1 ("keyCompromise" ...), or NULL: none is given */
	const char *url;    /* of the responder that was asked, or NULL */
};

/* What an OCSP responder (RFC 6960) says of a certificate. */
struct tbd_ocsp {
	const char *status;  /* "good", "revoked", "unknown" */
	int64_t this_update; /* seconds UTC, or -1 */
	int64_t next_update; /* seconds UTC, or -1: it does not say */
	const char *problem; /* why it tells nothing, or NULL */
};

/* A demand of stricter profiles, or of clients as they are, that a certificate of the needed path does not meet. */
struct tbd_departure {
	const char *what; /* a word, see tbdiag-verify(1) */
	const char *text; /* for a person: what is wrong */
	const struct tbd_cert *cert;
	bool rfc5280; /* refused in this profile */
	bool webpki;  /* refused in this profile */
	bool strict;  /* refused by OpenSSL with X509_STRICT, as by Python from 3.13 on */
	/* What the refusals of these clients make of a path that is acceptable here: INFO where small stacks
	 * refuse, WARNING where the programs do that use OpenSSL, CRITICAL where most do; OK: not for them. */
	enum tbd_severity severity;
	const char *refused_by;  /* for a person: who refuses, as of today; or NULL */
	const char *accepted_by; /* the same: who does not mind */
};

enum tbd_name_match {
	TBD_MATCH_NOT_JUDGED, /* no reference name was given */
	TBD_MATCH_OK,         /* a subjectAltName matches */
	TBD_MATCH_CN_ONLY,  /* no subjectAltName of that kind, the common name matches (DNS only) */
	TBD_MATCH_MISMATCH, /* the certificate is for other names */
	TBD_MATCH_WILDCARD_DEPTH, /* would match if a wildcard covered more than one label */
	TBD_MATCH_IP_NOT_LISTED,  /* an address, and there is no such iPAddress entry */
	TBD_MATCH_IP_AS_DNS,      /* the address stands only as a dNSName or common name */
};

const char *tbd_name_match_name(enum tbd_name_match match); /* "not-judged", "ok" ... */

/* How a certificate of the trust store misses being the anchor that is needed. */
enum tbd_miss {
	TBD_MISS_NONE,       /* nothing of the store comes near */
	TBD_MISS_OTHER_KEY,  /* it bears the needed issuer's name, but another key signed */
	TBD_MISS_OTHER_NAME, /* its key signed, but it bears another name */
	TBD_MISS_OLD_LEAF,   /* it is another certificate of the same server */
	TBD_MISS_SIBLING,    /* it was itself issued by the CA that is needed */
};

const char *tbd_miss_name(enum tbd_miss miss); /* "none", "other-key" ... */

/* What was looked for when no path led to an anchor. */
struct tbd_nearest {
	enum tbd_miss miss;
	const struct tbd_cert *cert; /* of the store; NULL: nothing comes near */
	/* The system's store, which was not named, holds this anchor and would accept the chain; or
	 * NULL. */
	const struct tbd_cert *system_anchor;
};

struct tbd_verification {
	bool verified;    /* an acceptable path exists and the name matches: the one predicate */
	const char *name; /* the reference name (an address: without zone), or NULL: not judged */
	bool name_is_address;
	enum tbd_name_match name_match;
	const char *name_entry; /* the certificate's entry that matched or came closest, or NULL */
	const struct tbd_path
		*path; /* the path that is needed: accepted, or the best of those that fail */
	const struct tbd_path *const *paths; /* all that were found, the best first */
	size_t path_count;
	bool paths_cut; /* there were more paths than are explored */
	int warn_days;  /* -1: by each certificate's lifetime */
	int crit_days;
	const struct tbd_nearest *nearest; /* NULL: a path leads to an anchor that is trusted */
	enum tbd_profile profile;          /* that it was judged by */
	int max_depth; /* CAs between leaf and anchor that were allowed, or -1: any number */
	const struct tbd_departure *const *departures; /* of path, the leaf's first */
	size_t departure_count;
	const struct tbd_revocation *const *revocations;
	size_t revocation_count;
	/* What the peer sent along about its certificate (certificate status, RFC 6066 8). NULL: nothing,
	 * or no issuer is known. */
	const struct tbd_ocsp *stapled;
};

/* A responder that was asked about a certificate. */
struct tbd_ocsp_query {
	const struct tbd_cert *cert;
	const char *url;
	enum tbd_end end;              /* OK, TIMEOUT or ERROR */
	int status;                    /* of HTTP, or 0: none came */
	unsigned redirects;            /* that were followed */
	size_t len;                    /* bytes of the answer */
	const char *detail;            /* why it tells nothing, or NULL */
	const struct tbd_ocsp *answer; /* or NULL: none came */
};

/* What an address that a certificate names for its issuer (RFC 5280 4.2.2.1) gave. */
struct tbd_download {
	const char *url;
	enum tbd_end end;            /* OK, TIMEOUT or ERROR */
	int status;                  /* of HTTP, or 0: none came */
	unsigned redirects;          /* that were followed */
	size_t len;                  /* bytes of the document */
	const char *detail;          /* why it is of no use, or NULL */
	const struct tbd_cert *cert; /* the issuer, proven by the signature it made; or NULL */
};

/* What the server should send. */
struct tbd_fixed_chain {
	const struct tbd_cert *const *certs; /* in order, without root; none: nothing fits */
	size_t count;
	const char *missing; /* the issuer that has to follow and could not be had, or NULL */
	bool proven;         /* with that chain a path to an anchor is acceptable (RFC 5280 6.1) */
	const struct tbd_cert *anchor; /* that one, or NULL */
	const struct tbd_download *const *downloads;
	size_t download_count;
};

/* The anchor that a device needs for this server. */
struct tbd_needed_ca {
	const struct tbd_cert *cert; /* NULL: none can be recommended */
	/* How it is known: "trust" (a source that was named holds it), "system" (the system's store does),
	 * "sha256" (the caller knew it); or NULL. */
	const char *proof;
	/* A self-signed certificate to which the chain leads, or the anchor of a file that the server handed out, that
	 * nobody else vouches for; or NULL. */
	const struct tbd_cert *unproven;
	const char *sha256; /* that the caller expects, hexadecimal, lower case; or NULL */
	/* What the trust file has to hold beside cert, so that all stacks accept that were asked: see tbd_prove_ca(). */
	const struct tbd_cert *const *also;
	size_t also_count;
};

/* What an address gave at which ThingsBoard (3.6 and later) hands a trust file out to devices: to anybody, without a
 * login, and by the word of whoever answers there. */
struct tbd_served_file {
	const char *url;
	enum tbd_end end; /* OK: an answer came, of whatever kind; or how it ended without */
	int status;       /* of HTTP, or 0: none came */
	const char *content_type; /* or NULL; so are the next three */
	const char *location;     /* of a redirection, which is never followed */
	const char *server;       /* what the peer says it is */
	const char *body;         /* the beginning of an answer without certificates */
	size_t len;               /* bytes of the answer */
	const char *detail;       /* why it is of no use, or NULL */
	size_t cert_count;        /* certificates that it holds */
	enum tbd_answer verified; /* whether who answered was, by the caller's trust sources */
	const char *doubt;        /* why not, or NULL */
};

/* What a TLS library that devices are built on made of the chain: its real handshake was shown the certificates as they
 * were sent, and had the same trust, name and time. */
struct tbd_verdict {
	const char *stack;   /* "openssl", "gnutls", "mbedtls", "wolfssl", "bearssl" */
	const char *version; /* of the library, or NULL: it did not say */
	const char *mode;    /* how it was set up: "default", or a word of tbd_stack_mode */
	bool named;          /* the caller asked for it: what it refuses is a finding by itself */
	bool accepted;
	/* Where it stopped: "trust-file", "handshake" and the like; or why there is no verdict: "crashed",
	 * "timeout", "failed" */
	const char *step;
	int code;            /* its own number for that, or 0: none */
	const char *words;   /* its own words, or NULL */
	int alert;           /* that it would send (RFC 8446 6.2), or -1: none */
	int anchors_loaded;  /* from the trust file, or -1: it does not tell */
	const char *devices; /* what runs on it, set up like this; or NULL */
};

/* A certificate of the file, in whatever form it stands there. */
struct tbd_lint_cert {
	size_t entry;        /* 1-based number of the certificate in the file */
	size_t line;         /* of its PEM object, from 1; 0: the file has no lines */
	uint64_t offset;     /* of its PEM object, bytes from the start of the file */
	bool is_read;        /* it can be read; if not, the rest is not meaningful */
	bool is_repaired;    /* it was taken out of what nobody loads as it is */
	size_t same_as;      /* the entry of the same certificate further up, or 0 */
	const char *role;    /* "root", "intermediate", "self-signed" (and no CA), "leaf" */
	const char *subject; /* RFC 4514 */
	const char *issuer;  /* RFC 4514 */
	int64_t not_before;  /* seconds UTC */
	int64_t not_after;   /* seconds UTC */
	const char *sha256;  /* of the DER, hexadecimal, lower case */
	struct tbd_bytes der;
};

/* The private key that belongs to the file. */
struct tbd_lint_key {
	const char *file;
	const char
		*format; /* "pkcs8", "pkcs1", "sec1", "encrypted-pkcs8", "encrypted-pem", "other" */
	enum tbd_answer
		fits; /* the first certificate; UNCLEAR: it is encrypted, or cannot be read */
};

struct tbd_lint {
	const char *file;
	/* What it is looked at as: "trust": a trust file; "server", "client": a certificate with its chain and key. */
	const char *use;
	const struct tbd_lint_cert *const *certs; /* in the order of the file: the first of them */
	size_t shown_count;                       /* at most TBD_LINT_SHOWN */
	size_t cert_count;                        /* that were seen */
	/* Of those that can be read, without duplicates: */
	size_t distinct_count;
	size_t root_count; /* self-signed ones that are no CA count, too */
	size_t leaf_count;
	size_t expired_count;           /* when the report is judged */
	const struct tbd_lint_key *key; /* NULL: there is none */
};

#define TBD_LINT_SHOWN 1000

/* Where the round trip ended. */
enum tbd_mqtt_end {
	TBD_MQTT_NOT_STARTED,
	TBD_MQTT_NO_CONNACK, /* no answer to CONNECT in time */
	TBD_MQTT_CLOSED_BEFORE_CONNACK,
	TBD_MQTT_NOT_MQTT, /* the answer to CONNECT is not MQTT */
	TBD_MQTT_REFUSED,  /* CONNACK with a return code other than 0 */
	TBD_MQTT_NO_SUBACK,
	TBD_MQTT_SUBACK_REFUSED,
	TBD_MQTT_NO_PUBACK,
	TBD_MQTT_NO_RESPONSE,
	TBD_MQTT_OTHER_RESPONSE,  /* another request id, or not the JSON that was asked for */
	TBD_MQTT_PUBLISH_REFUSED, /* MQTT 5: PUBACK with a reason code that refuses */
	TBD_MQTT_CLOSED_ON_PUBLISH,
	TBD_MQTT_NOT_STORED, /* written and acknowledged, but never visible */
	TBD_MQTT_DONE,
	TBD_MQTT_BROKEN,       /* what came after the CONNACK is no MQTT */
	TBD_MQTT_NO_WEBSOCKET, /* the peer opened none that carries MQTT, and CONNECT was not sent */
};

const char *tbd_mqtt_end_name(enum tbd_mqtt_end end);

/* One MQTT control packet on the wire. Payloads and user names are never kept. */
struct tbd_packet {
	int64_t time_us;
	bool sent;          /* by us */
	const char *type;   /* "CONNECT", "CONNACK" ... */
	size_t len;         /* bytes, with the fixed header */
	const char *detail; /* "rc 5", "id 2", topic ... or NULL */
};

enum tbd_token_source {
	TBD_TOKEN_FILE,
	TBD_TOKEN_STDIN,
	TBD_TOKEN_OPTION,
	TBD_TOKEN_ENVIRONMENT,
	TBD_TOKEN_PROMPT,
};

/* What may be said of the token, or of the password of MQTT Basic: never the secret. */
struct tbd_token_info {
	enum tbd_token_source source;
	size_t len;
	bool sent;     /* it left this machine */
	bool in_clear; /* over a plain scheme */
	int bad_at;    /* position of the first byte no token has, or -1 */
	/* "space", "tab", "CR", "LF", "NUL", "quote", "control", "non-ASCII", "length" (longer than
	 * any token), or NULL */
	const char *bad_class;
	bool is_uuid;
	bool is_placeholder;
	bool is_jwt;      /* RFC 7519: what ThingsBoard gives a user, not a device */
	bool is_password; /* it is the password of MQTT Basic credentials, not a token */
	bool unfit_for_path; /* it has a byte that web servers refuse in a path: / \ % ; or is dots only */
	bool is_email;           /* it has the form of an e-mail address, by which users log in */
	bool user_is_email;      /* the same of the user name beside a password */
	bool client_id_is_token; /* the client identifier that was given has the form of a token */
};

/* What a server that refused, closed on a message or did not store it said when it was asked once more, with MQTT 5;
 * or, when it had ended a session for no message of ours, what it said to another CONNECT of the same version. */
struct tbd_explanation {
	/* REFUSED; DONE: it accepted this time; NOT_STARTED: the second connection failed or was not
	 * verified, and nothing was sent over it */
	enum tbd_mqtt_end end;
	int connack;                 /* reason code of MQTT 5, or -1: none came */
	const char *connack_name;    /* MQTT 5 section 3.2.2.2, or NULL */
	int disconnect;              /* of the DISCONNECT that followed, or -1 */
	const char *disconnect_name; /* or NULL */
	const char *mqtt_version;    /* that was spoken then */
	const char *
		published; /* the topic of the message that was sent once more, or NULL: none was */
	int puback;        /* reason of its acknowledgement, or -1 */
	const char *puback_name; /* or NULL */
};

/* A call of the server that was waited for. */
struct tbd_rpc {
	int64_t waited_ms;   /* as long as was asked for */
	const char *topic;   /* or NULL: none came */
	const char *payload; /* what it brought, and was sent back */
	bool answered;       /* the server acknowledged that */
};

/* The attribute round trip over MQTT. */
/* The request for a WebSocket (RFC 6455 4), and its answer. */
struct tbd_upgrade {
	const char *path;
	int status;         /* of the answer, or -1: there was none, or it was no HTTP */
	const char *reason; /* the words behind the status, or NULL */
	const char *server; /* header fields, or NULL */
	const char *location;
	const char *subprotocol; /* that the server chose; "mqtt" was asked for */
	const char *body;        /* the beginning of a page that came instead, or NULL */
	const char *first_bytes; /* of what is no HTTP, escaped as \xNN, or NULL */
	bool proven;             /* the answer was made for this request */
	bool accepted;           /* MQTT may go on */
	const char *fault;       /* what was wrong with the peer's frames, or NULL */
};

struct tbd_exchange {
	enum tbd_mqtt_end end;
	bool read_only;
	const char *mqtt_version; /* that we spoke: "3.1", "3.1.1" or "5" */
	const char *library;      /* "libmosquitto 2.0.11" */
	int connack;              /* return code, or -1: none came */
	const char *connack_name; /* or NULL */
	int suback;               /* granted QoS or 0x80, or -1 */
	int puback; /* reason code of MQTT 5 (0 in earlier versions), or -1: there was none */
	const char *puback_name;      /* MQTT 5 section 2.4, or NULL */
	int disconnect;               /* the same of the peer's own DISCONNECT */
	const char *disconnect_name;  /* or NULL */
	unsigned unacknowledged;      /* messages of ours that had no PUBACK in the end */
	const char *response_topic;   /* of request 1, or NULL */
	const char *response_payload; /* of request 1, or NULL */
	const char *key;              /* the attribute written, or NULL */
	const char *written;          /* its value */
	const char *read_back;        /* the last value read, or NULL: not there */
	bool stale;                   /* an older value was read before the new one */
	unsigned polls;               /* reads until it was visible */
	enum tbd_end closed;          /* how the peer closed, or NONE */
	const char *first_bytes;      /* what came instead of MQTT, escaped as \xNN, or NULL */
	const char *detail;           /* the library's words, or NULL */
	const struct tbd_packet *const *packets;
	size_t packet_count;
	bool packets_cut;
	const struct tbd_explanation *explanation; /* NULL: was not asked */
	size_t client_id_len; /* of the client identifier that was asked for, or 0: one of ours */
	const char *client_keys;    /* that request 1 asked for, or NULL: none */
	const char *shared_keys;    /* or NULL */
	const char *filter;         /* the last topic filter that was subscribed to, or NULL */
	const char *published;      /* the topic of the last message of ours, or NULL */
	size_t telemetry_len;       /* of what was published, 0: nothing */
	bool limits_asked;          /* the server was called for its limits */
	const char *session_limits; /* its answer, or NULL */
	const struct tbd_rpc *rpc;  /* NULL: was not waited for */
	int fingerprint; /* answer to a subscription to '#': granted QoS or 0x80 ..., or -1: none */
	const char *
		attributes_topic; /* of the device profile, as was given; NULL: ThingsBoard's usual one */
	const char *telemetry_topic;
	bool telemetry_ts;                 /* the telemetry has a "ts" */
	const struct tbd_upgrade *upgrade; /* NULL: the target is no WebSocket */
};

/* Where a round trip by requests ended (ThingsBoard's device API over HTTP or CoAP). */
enum tbd_api_end {
	TBD_API_NOT_STARTED,
	TBD_API_NO_REPLY, /* none, or only the beginning of one, in time */
	TBD_API_CLOSED, /* the peer ended the connection, or rejected it, before its reply was complete */
	TBD_API_STRANGE,     /* what came is not the protocol */
	TBD_API_REFUSED,     /* another status than that of success */
	TBD_API_OTHER_REPLY, /* success, but not as the device API says it */
	TBD_API_NOT_STORED,  /* written and acknowledged, but never visible */
	TBD_API_DONE,
};

const char *tbd_api_end_name(enum tbd_api_end end); /* "not-started", "no-reply" ... */

/* One request and its reply. Asterisks stand for the token, also in what the peer said. */
struct tbd_api_request {
	const char *method; /* "GET", "POST" */
	const char *url;
	int64_t time_us;
	int64_t duration_us;
	int status;               /* of the reply (205 is CoAP's 2.05), or -1: none came */
	const char *content_type; /* or NULL; so are the next three */
	const char *location;     /* of a redirection, which is never followed */
	const char *server;       /* what the peer says it is */
	const char *body;         /* its beginning, at most TBD_API_BODY bytes */
	size_t body_len;          /* bytes of it that were read */
	bool body_cut;            /* there was more, which was not waited for */
	unsigned
		datagrams; /* CoAP: sent until its reply, for its blocks and repeats too; HTTP: 0 */
	bool acknowledged; /* CoAP: it was, before its reply or without one */
	int64_t date;      /* of the peer's clock as it replied (RFC 9110 6.6.1), or -1 */
	const char *authenticate; /* the login that it wants (RFC 9110 11.6.1), or NULL */
};

#define TBD_API_BODY 1024

struct tbd_api_exchange {
	enum tbd_api_end end;
	const char *protocol; /* "http", "coap" */
	const char *library;  /* "libcurl 7.88.1", "libcoap 4.3.1", or NULL */
	bool read_only;
	const char *key;       /* the attribute written, or NULL */
	const char *written;   /* its value */
	const char *read_back; /* the last value read, or NULL: not there */
	bool stale;            /* an older value was read before the new one */
	unsigned polls;        /* reads until it was visible */
	const struct tbd_api_request *const *requests; /* the last one last */
	size_t request_count;
	bool requests_cut;       /* there were more, between the last two */
	enum tbd_end closed;     /* how the peer closed, or NONE */
	const char *first_bytes; /* of a reply that did not come to its end, as \xNN, or NULL */
	const char *detail;      /* the library's words, or NULL */
	const char *client_keys; /* that the first request asked for, or NULL */
	const char *shared_keys;
	size_t telemetry_len; /* of what was posted, 0: nothing */
};

struct tbd_component;

/* Where and how a report was made. */
struct tbd_environment {
	const char *const *command_line; /* in words, without secrets; ends in NULL */
	const struct tbd_component *components;
	size_t component_count;
	const char *system;             /* "Debian GNU/Linux 12 (bookworm)", or NULL */
	const char *kernel;             /* "Linux 6.1.0-18-amd64 x86_64", or NULL */
	bool clock_synchronised;        /* the kernel was told so, by an NTP client */
	const char *time_zone;          /* its abbreviation, or NULL */
	int utc_offset_s;               /* east is positive */
	const char *const *nameservers; /* of resolv.conf(5); ends in NULL */
	const char *hosts_lookup;       /* "files dns": of nsswitch.conf(5), or NULL */
};

struct tbd_report {
	const char *schema;       /* "tbdiag-report/1" */
	const char *version;      /* of this library */
	int64_t time;             /* the time it is judged at */
	int64_t clock;            /* this machine's clock */
	bool time_given;          /* time was given by the caller */
	bool insecure;            /* the caller asked to go on without verification */
	bool plain_consent;       /* an explicit plain scheme was used */
	const char *const *notes; /* remarks of the caller, see tbd_report_note(); ends in NULL */
	const struct tbd_target *target;         /* NULL: a chain file without a host */
	const struct tbd_connection *connection; /* NULL: nothing was dialled */
	const struct tbd_step *const *steps;
	size_t step_count;
	const struct tbd_chain *chain;               /* NULL: none */
	const struct tbd_trust_info *trust;          /* NULL: not asked */
	const struct tbd_verification *verification; /* NULL: not asked, or no chain */
	const struct tbd_token_info *token;          /* NULL: none was given */
	const struct tbd_exchange *exchange;         /* NULL: not asked */
	const struct tbd_finding *const *findings;   /* what has to be mended first stands first */
	size_t finding_count;
	enum tbd_severity worst; /* UNKNOWN until tbd_judge() */
	const char *label;       /* which one of a set it is, or NULL: it stands for itself */
	bool redacted;           /* it is a copy that tbd_report_redact() made */
	const struct tbd_api_exchange *api;  /* the round trip by requests; NULL: not asked */
	const struct tbd_fixed_chain *fixed; /* NULL: not asked, or no chain */
	const struct tbd_chain *expected;    /* what the server should serve; NULL: not said */
	const struct tbd_environment *environment; /* NULL: not asked */
	const struct tbd_ocsp_query *const *ocsp;  /* see tbd_ask_ocsp() */
	size_t ocsp_count;
	const struct tbd_needed_ca *ca; /* NULL: not asked, or no chain */
	const char *known_words;        /* the caller's, for tbd_report_redact(); NULL: none */
	/* See tbd_ask_trust_file(): what was asked, the last one is the one that has certificates. */
	const struct tbd_served_file *const *served_files;
	size_t served_file_count;
	const struct tbd_verdict *const *verdicts; /* see tbd_await_stacks() */
	size_t verdict_count;
	/* That which decides `worst`, by the option `as`; or NULL. One of the verdicts. */
	const struct tbd_verdict *judged_as;
	/* What the stacks were given to trust: "file": the trust file as it is; "certificates": those of the
	 * sources that came into question, as PEM; NULL: none was asked. */
	const char *stack_trust;
	const char *stack_name; /* the name that they were to connect to, or NULL */
	const char *const *
		missing_stacks; /* that were to be asked and are not there; ends in NULL; or NULL */
	const struct tbd_lint *lint; /* see tbd_lint(); NULL: not asked */
	const char *device;          /* the option of tbd_verify_options, or NULL */
};

/* ---- several reports ------------------------------------------------------------------------- */

/* In what the reports of a set differ by design. */
enum tbd_comparison {
	TBD_COMPARES_ADDRESSES,  /* one target, each address of its host */
	TBD_COMPARES_PORTS,      /* one host, several of its ports */
	TBD_COMPARES_TRANSPORTS, /* one host and one token, several transports */
};

/* How far a token came over one transport. */
struct tbd_passage {
	enum tbd_answer reachable;  /* something answers there, whatever it is */
	enum tbd_answer verified;   /* not asked of a plain scheme */
	enum tbd_answer authorised; /* the token was accepted */
	enum tbd_answer written;    /* and acknowledged */
	enum tbd_answer read;       /* what was written; with read_only: whatever there was */
	const char *reply;          /* to the token: "rc 5", "401", "4.01"; NULL: none */
	int latency_us;             /* of that reply, or -1 */
};

/* Something that is not the same in all reports of a set. */
struct tbd_difference {
	const char *property;      /* "outcome", "certificate", "expires", "issuers", "findings" */
	const char *const *values; /* one for each report; ends in NULL */
	size_t value_count;
};

/* Reports that belong together, each with a label, and what comparing them shows. It is to a set as to a
 * report: it owns all that can be reached from it, and is plain data after tbd_set_judge(). */
struct tbd_set {
	const char *schema;  /* "tbdiag-set/1" */
	const char *version; /* of this library */
	enum tbd_comparison compares;
	const char *const *notes; /* remarks of the caller, see tbd_set_note(); ends in NULL */
	const struct tbd_report *const *reports;
	size_t report_count;
	const struct tbd_difference *const *differences;
	size_t difference_count;
	/* What only the comparison shows; what one report shows is among its own findings. */
	const struct tbd_finding *const *findings;
	size_t finding_count;
	/* Of these findings and of all reports. Where transports are compared and one is reachable, those do not
	 * count at whose ports nothing listens: few servers have them all. */
	enum tbd_severity worst; /* UNKNOWN until tbd_set_judge() */
	const struct tbd_passage *const
		*passages; /* of transports: one for each report; else none */
	size_t passage_count;
	bool redacted;           /* it is a copy that tbd_set_redact() made */
	const char *known_words; /* the caller's, for tbd_set_redact(); NULL: none */
};

/* ---- the stages ------------------------------------------------------------------------------ */

struct tbd_report_options {
	size_t size;
	const struct tbd_target *target; /* copied; NULL: none */
	const int64_t *time;             /* judge at this time; NULL: now */
};
#define TBD_REPORT_OPTIONS_INIT TBD_OPTIONS_INIT(tbd_report_options)

/* A report without content; *out is for tbd_report_free(). Reads the clock, once for all stages. */
int tbd_report_new(
	const struct tbd_report_options *options, struct tbd_report **out, struct tbd_error *error);
void tbd_report_free(struct tbd_report *report);

/* Add a remark that belongs in every output: which default was taken, what was not judged. */
int tbd_report_note(struct tbd_report *report, const char *text, struct tbd_error *error);

/* Called when a phase begins and at least every 250 ms while one runs; also when a signal
 * interrupted a wait. Non-zero stops the stage with TBD_E_CANCELLED. */
typedef int tbd_progress(void *arg, const char *step, int64_t elapsed_ms);

/* Replaces getaddrinfo() and freeaddrinfo(); called in a thread of its own. */
struct tbd_resolver {
	int (*lookup)(const char *node, const char *service, const struct addrinfo *hints,
		struct addrinfo **out);
	void (*release)(struct addrinfo *list);
};

struct tbd_verify_options {
	size_t size;
	const struct tbd_trust *trust; /* must live as long as the report */
	const char *name;              /* DNS name or address to judge; NULL: the target's host */
	/* 0, and -1 as a report has it: what is usual. TBD_NONE: the number 0. */
	int warn_days; /* usual: min(30 days, lifetime/4) of each certificate */
	int crit_days; /* usual: min(7 days, lifetime/10) of each certificate */
	enum tbd_profile profile;
	int max_depth; /* most CAs between leaf and anchor, self-issued ones not counted; usual: any */
	/* TLS libraries of devices to ask as well, as soon as the chain is in hand: see tbd_await_stacks(). Each runs in
	 * a process of its own. STACK (in all its modes) or STACK:MODE, separated by commas; "all"; NULL: none. */
	const char *stacks;
	/* Ask the stacks that are installed as well, each in its default mode: what these refuse is for information. */
	bool installed_stacks;
	/* The name of one of tbd_device_at(): ask its stack as well, and have tbd_fetch() shake hands with the server once
	 * more as that device does (not over DTLS). What it meets is a finding, and critical. NULL: none. */
	const char *device;
	const char *
		as; /* STACK or STACK:MODE: ask it, and let its verdict alone decide report->worst */
};
#define TBD_NONE (-2)
#define TBD_VERIFY_OPTIONS_INIT TBD_OPTIONS_INIT(tbd_verify_options)

struct tbd_fetch_options {
	size_t size;
	const char *connect_host; /* dial this instead of the target's host; NULL: the target's */
	uint16_t connect_port;    /* 0: the target's port */
	const char *sni;          /* NULL: the target's host if it is a name; "": send none */
	int family;               /* 4, 6, or 0: both */
	int64_t timeout_ms; /* up to CONNACK; 0: 15 s, of which connecting takes at most 5 s and
				   * the CONNACK 12 s; 40 s for CoAP, whose servers repeat late.
				   * Each step of a round trip after that may take as long; where
				   * it is 0, 5 s */
	const char *tls_version;             /* "1.2", "1.3"; NULL: the best that both can */
	const struct tbd_resolver *resolver; /* NULL: the system's */
	const struct tbd_verify_options
		*verify; /* judge inside the handshake and refuse a peer that is
						  * not verified; NULL: accept any chain, send nothing */
	bool insecure;   /* go on although the peer is not verified */
	bool keep_open;  /* leave the connection to tbd_roundtrip() */
	const char
		*cert_file;   /* PEM: the client certificate to show when the peer asks for one, the
				* certificates of its issuers behind it; NULL: show none */
	const char *key_file; /* PEM, not encrypted: its key; NULL: in cert_file */
	tbd_progress *progress;
	void *progress_arg;
	const char *const *addresses; /* dial these (at most TBD_ADDRESSES_MAX) and ask no resolver;
				       * ends in NULL; NULL: the host's */
	bool without_sni; /* make another handshake without server name, to compare the chains */
	/* Append the secrets of the session to this file, which is made (mode 0600) if it is not there, in
	 * the format that NSS has given SSLKEYLOGFILE; NULL: do not. */
	const char *keylog_file;
	/* http:// or socks5://[USER:PASSWORD@]HOST:PORT, percent-encoded: ask this proxy for the
	 * connection, by name (CONNECT of RFC 9110 9.3.6, or RFC 1928); NULL: none. User and password are
	 * secret: they go to the proxy, unencrypted, and nowhere else. */
	const char *proxy;
	/* What cert_file and key_file would hold, from memory and instead of them; empty: nothing. Read by
	 * tbd_fetch() only, and not kept. */
	struct tbd_bytes cert_mem;
	struct tbd_bytes key_mem;
	/* Application protocols to offer (RFC 7301), separated by commas: at most 8 names of 1 to 31 printable
	 * characters. NULL: http/1.1 for HTTPS, else none. */
	const char *alpn;
	/* Where the first handshake is of TLS 1.3: make another one beside it that speaks 1.2 only, to tell
	 * what a device meets that has no 1.3. Not with tls_version, and not for CoAP. */
	bool also_tls12;
	/* "v1", "v2": begin the connection with a header of the PROXY protocol, as a proxy does that passes
	 * it on (TCP only); NULL: do not. */
	const char *proxy_protocol;
};
#define TBD_ADDRESSES_MAX 16
#define TBD_FETCH_OPTIONS_INIT TBD_OPTIONS_INIT(tbd_fetch_options)

/* Dial the report's target: resolve, connect (RFC 8305), and for a TLS scheme make the handshake and
 * record the chain as sent (RFC 8446 4.4.2, RFC 5246 7.4.2). Of CoAP in clear that is not kept open
 * it asks for a Reset, without which nothing would be known (RFC 7252 4.3). Fills connection, steps,
 * chain and, with options->verify, trust and verification. A report has one source: TBD_E_INVALID after another
 * tbd_fetch() or tbd_load(). TBD_E_OPEN, TBD_E_TOO_LARGE, TBD_E_INVALID also when cert_file,
 * key_file or keylog_file cannot be used; the error text says why, and nothing was dialled. */
int tbd_fetch(struct tbd_report *report, const struct tbd_fetch_options *options,
	struct tbd_error *error);

/* Take the chain from a file instead: PEM, DER or PKCS#7 (RFC 2315). TBD_E_OPEN, TBD_E_TOO_LARGE;
 * TBD_E_INVALID after another tbd_load() or tbd_fetch(). A file without a certificate gives an empty
 * chain (chain.empty). */
int tbd_load(struct tbd_report *report, const char *path, struct tbd_error *error);

/* The same of what such a file would hold. name: what reports call it, as if it were a file; NULL: "(memory)". */
int tbd_load_mem(struct tbd_report *report, const void *data, size_t len, const char *name,
	struct tbd_error *error);

/* Say what the chain should be: the file that the server was given (as of tbd_load()). Fills expected; a
 * server that still serves its predecessor is a finding (chain.not-renewed). TBD_E_OPEN,
 * TBD_E_TOO_LARGE; TBD_E_INVALID when the file holds no certificate. */
int tbd_expect(struct tbd_report *report, const char *path, struct tbd_error *error);

/* The same from memory, as tbd_load_mem(). */
int tbd_expect_mem(struct tbd_report *report, const void *data, size_t len, const char *name,
	struct tbd_error *error);

struct tbd_lint_options {
	size_t size;
	const char *
		key_file; /* the private key of the first certificate (PEM); NULL: in the file, or none */
};
#define TBD_LINT_OPTIONS_INIT TBD_OPTIONS_INIT(tbd_lint_options)

/* Look at a file of certificates by itself: what it holds, what is wrong with it, and which TLS libraries do not load it
 * as it is. With a private key, be it in the file beside a certificate that is no CA's, the file is a server's (or a
 * client's) certificate with its chain, as ThingsBoard loads it: then the chain is filled as by tbd_load(). Else it is a
 * trust file, and trust is filled. Fills lint. What is encrypted stays so. options: NULL: the defaults.
 * TBD_E_OPEN, TBD_E_TOO_LARGE; TBD_E_INVALID after another source, as tbd_load(). */
int tbd_lint(struct tbd_report *report, const char *path, const struct tbd_lint_options *options,
	struct tbd_error *error);

/* The same of what such a file would hold. name: what reports call it, as if it were a file; NULL: "(memory)". */
int tbd_lint_mem(struct tbd_report *report, const void *data, size_t len, const char *name,
	const struct tbd_lint_options *options, struct tbd_error *error);

/* Write the certificates that can be read, each once, as tbd_certs_to_pem() does; of a server's or client's file its chain in
 * order, without roots. *out is to be freed with free(), *count receives how many there are. TBD_E_INVALID: the report was
 * read, or has no lint. */
int tbd_lint_to_pem(
	const struct tbd_report *report, char **out, size_t *count, struct tbd_error *error);

/* Judge the report's chain against a trust store. Fills trust and verification. TBD_E_TOO_LARGE: what the peer sent
 * takes longer than 5 s. */
int tbd_verify(struct tbd_report *report, const struct tbd_verify_options *options,
	struct tbd_error *error);

struct tbd_fix_chain_options {
	size_t size;
	const struct tbd_trust *trust; /* must live as long as the report */
	bool fetch;                    /* download what is missing */
	int64_t timeout_ms;            /* for all downloads together; 0: 10 s */
	tbd_progress *progress;
	void *progress_arg;
};
#define TBD_FIX_CHAIN_OPTIONS_INIT TBD_OPTIONS_INIT(tbd_fix_chain_options)

/* Put the report's chain in order, leave out what does not belong there, and add what is missing: from
 * what the trust store holds or was given without trust, and, if that is asked for, from the http and
 * https addresses that the certificates themselves name. What was downloaded is limited in size, time
 * and redirects, is used only if it made the signature, and is never trusted. Fills fixed; the
 * verification stays what it is. Downloads read the caller's proxy variables, as libcurl does.
 * TBD_E_MODULE: the module that downloads is missing (see tbd_roundtrip()). */
int tbd_fix_chain(struct tbd_report *report, const struct tbd_fix_chain_options *options,
	struct tbd_error *error);

/* Find the anchor that a device has to trust for this server: where the chain leads to several of the trust
 * sources, a root, and the one that lasts longest; or what the system's store holds for it; or a self-signed certificate that was sent,
 * given, downloaded or handed out by the server, but only if its SHA-256 is the one that is expected (64 hexadecimal digits in lower
 * case; NULL: none). With one, no other certificate will do. To be called after tbd_verify() or tbd_fetch()
 * with its verify option, and after tbd_fix_chain(); fills ca. */
int tbd_find_ca(struct tbd_report *report, const char *sha256, struct tbd_error *error);

struct tbd_trust_file_options {
	size_t size;
	/* Where ThingsBoard's web pages are: http or https. NULL: of the report's target's host, https at its usual port,
	 * then http at 8080, ThingsBoard's own. */
	const struct tbd_target *web;
	/* How the report's target will be dialled: the host and addresses of it, and what it says of proxies, time and progress,
	 * go for the web server, too. Its verify says what that is judged by; NULL: it is not verified. */
	const struct tbd_fetch_options *fetch;
	struct tbd_trust *
		into; /* that receives the certificates, as those of a file that is called by its URL */
};
#define TBD_TRUST_FILE_OPTIONS_INIT TBD_OPTIONS_INIT(tbd_trust_file_options)

/* Ask a ThingsBoard server for the trust file that it hands out for the protocol of the report's target
 * (mqtts, wss or coaps), within limits of size and time, following no redirection. Fills served_files. That a file came
 * proves nothing unless the server was verified. To be called before tbd_fetch(), by whose verdict over the file
 * it is seen whether it fits. TBD_E_INVALID: the target is of another scheme; TBD_E_MODULE as tbd_roundtrip(). */
int tbd_ask_trust_file(struct tbd_report *report, const struct tbd_trust_file_options *options,
	struct tbd_error *error);

struct tbd_ocsp_options {
	size_t size;
	const struct tbd_verify_options *verify; /* what the chain was judged with */
	int64_t timeout_ms;                      /* for all questions together; 0: 5 s */
	tbd_progress *progress;
	void *progress_arg;
};
#define TBD_OCSP_OPTIONS_INIT TBD_OPTIONS_INIT(tbd_ocsp_options)

/* Ask the OCSP responders (RFC 6960) that the certificates of the accepted path name, and judge the chain
 * anew with what they say. A certificate that is revoked is refused; where no answer came, or none that can
 * be believed, the verdict stays. A connection that was kept open to a peer that is not verified any longer
 * is closed. Whoever runs the responder, and the network on the way, learns which certificate is asked
 * about. Only http and https are asked, within limits of size, time, number and redirects; the caller's
 * proxy variables are read, as libcurl does. Fills ocsp and replaces trust and verification; nothing is asked
 * when no path is accepted. TBD_E_MODULE as tbd_fix_chain(). */
int tbd_ask_ocsp(
	struct tbd_report *report, const struct tbd_ocsp_options *options, struct tbd_error *error);

/* A device by name. What it offers is what its software is built with by default. */
struct tbd_device {
	const char *name; /* "arduino-esp8266" */
	const char *what; /* for a person */
	const char *
		stack; /* see tbd_stack_modes(); NULL: none of these, only its handshake is tried */
	const char *mode;     /* or NULL, with it */
	const char *versions; /* of TLS: "1.2", "1.2 and 1.3" */
	const char *offers;   /* suites and groups, for a person */
	/* Kinds of keys that it takes in a server's certificate, between spaces: "RSA P-256 P-384"; NULL: all
	 * that OpenSSL has. */
	const char *keys;
	const char *trust; /* how it is given its trust anchors, for a person */
	bool sends_sni;    /* a server name (RFC 6066 3) */
};

/* The devices, from 0 on; NULL: there are no more. Static. */
const struct tbd_device *tbd_device_at(size_t index);

/* A stack that can be asked for its verdict, in one of its modes. */
struct tbd_stack_mode {
	const char *stack;   /* "mbedtls" */
	const char *mode;    /* "default" comes first of each stack */
	const char *devices; /* what runs on it, set up like this */
	const char *package; /* of Debian, that tbdiag is built with for it */
};

/* All of them; *count receives their number. Static. */
const struct tbd_stack_mode *tbd_stack_modes(size_t *count);

/* Whether tbd_verify() will ask these stacks: TBD_E_INVALID for one that nobody knows, TBD_E_MODULE for one that is not
 * installed; the error text says what there is, or what has to be installed. Of "all" and of installed_stacks none has
 * to be. */
int tbd_stacks_check(const struct tbd_verify_options *options, struct tbd_error *error);

struct tbd_stacks_options {
	size_t size;
	int64_t timeout_ms; /* since they were asked; 0: 10 s */
	tbd_progress *progress;
	void *progress_arg;
};
#define TBD_STACKS_OPTIONS_INIT TBD_OPTIONS_INIT(tbd_stacks_options)

/* Take the verdicts of the stacks that tbd_verify() has begun to ask (see its options), and wait for those that are not
 * there yet: fills verdicts. A stack that crashes, or has no verdict in time, has that as its verdict. The programs that
 * ask the stacks are looked for where the library was configured to have them, or in TBDIAG_STACK_DIR. Does
 * nothing where none was asked. To be called before tbd_judge(); TBD_E_CANCELLED. */
int tbd_await_stacks(struct tbd_report *report, const struct tbd_stacks_options *options,
	struct tbd_error *error);

struct tbd_prove_ca_options {
	size_t size;
	/* How the chain was judged. Its stacks are asked about the file. */
	const struct tbd_verify_options *verify;
	const struct tbd_stacks_options *stacks;
	const char *name; /* what reports call the file */
};
#define TBD_PROVE_CA_OPTIONS_INIT TBD_OPTIONS_INIT(tbd_prove_ca_options)

/* Judge the chain by the CA that tbd_find_ca() found and by nothing else, as a device would that is given a file with
 * it, and have the stacks judge by that file, too. Where one refuses, and paths lead to other roots of the
 * trust sources, these are tried, alone and together, for the smallest file with which the fewest stacks refuse. Of
 * what was given beside the trust sources only revocation lists count. Replaces trust, verification and verdicts, and
 * what in ca the file has to hold. Does nothing where no CA was found. */
int tbd_prove_ca(struct tbd_report *report, const struct tbd_prove_ca_options *options,
	struct tbd_error *error);

/* An access token. The bytes are kept in memory of its own that is left out of core dumps and
 * wiped when it is freed. */
struct tbd_token;
int tbd_token_new(const void *bytes, size_t len, enum tbd_token_source source,
	struct tbd_token **out, struct tbd_error *error);
void tbd_token_free(struct tbd_token *token);

/* The password of MQTT Basic credentials, kept in the same way; for tbd_token_free(). */
int tbd_password_new(const void *bytes, size_t len, enum tbd_token_source source,
	struct tbd_token **out, struct tbd_error *error);

/* What the report's peers say is to be shown without this secret, in whatever way they write it: for they may have been
 * told it before, by another report's round trip. tbd_roundtrip() itself hides what it is given, but what came before it
 * is written down by then: to be called before tbd_fetch(). */
int tbd_report_hide(
	struct tbd_report *report, const struct tbd_token *secret, struct tbd_error *error);

struct tbd_roundtrip_options {
	size_t size;
	const struct tbd_token *token; /* NULL: none was given (token.missing) */
	const char *mqtt_version;      /* "3.1", "3.1.1", "5"; NULL: 3.1.1, as most devices */
	bool read_only;                /* stop after the first request */
	tbd_progress *progress;
	void *progress_arg;
	/* What tbd_fetch() was given: after a refusal by MQTT 3.1 or 3.1.1, a message that it closed on, or one that
	 * it acknowledged and did not store, dial the same address once more, verified in the same way, and ask with
	 * MQTT 5, whose reason codes are finer: the message is published once more then. NULL: do not. (It counts
	 * as a second wrong token where ThingsBoard counts them.) */
	const struct tbd_fetch_options *explain_refusal;
	/* MQTT Basic credentials instead of a token. The user name and the client identifier are UTF-8 of 1
	 * to 255 bytes without control characters, and not "provision", by which ThingsBoard would make a
	 * device; they are never shown, for a token may have been put there. */
	const char *user_name;            /* NULL: the token is the user name */
	const struct tbd_token *password; /* of tbd_password_new(); NULL: none was given */
	const char *client_id;            /* also with a token; NULL: a random one */
	/* Keys that the first request asks for, separated by commas and without white space round them; both
	 * NULL: the client key "model" (over HTTP and CoAP nothing is asked for then, unless read_only). */
	const char *client_keys;
	const char *shared_keys;
	const char *attribute; /* to write and read back; NULL: "tbdiagProbe" */
	/* JSON to publish (or post) as telemetry: an object, or objects in an array; NULL: none. */
	const char *telemetry;
	int64_t rpc_wait_ms; /* wait so long for one call of the server and answer it; 0: do not */
	bool session_limits; /* call getSessionLimits, which ThingsBoard has from 3.8 on */
	/* Ask in the end for '#', which a general broker grants and ThingsBoard does not; unsubscribed at
	 * once. Without it this is asked only when no response came. Never over MQTT 3.1. */
	bool fingerprint;
	/* Topics of the device profile's own (MQTT device topic filters), to which attributes and telemetry are
	 * published; MQTT only. UTF-8 without control characters and wildcards. NULL: v1/devices/me/... */
	const char *attributes_topic;
	const char *telemetry_topic;
	/* What tbd_fetch() was given: where the server ends a session although it owes us nothing, dial once more,
	 * verified in the same way, and send a CONNECT of the same version: whether the token is still good tells a device
	 * that was deleted or given new credentials from one that another client took over. NULL: do not. */
	const struct tbd_fetch_options *ask_again;
};
#define TBD_ROUNDTRIP_OPTIONS_INIT TBD_OPTIONS_INIT(tbd_roundtrip_options)

/* Whether tbd_roundtrip() will take these options: it asks the same, but only after tbd_fetch() has dialled.
 * target: NULL: it is not known yet; what depends on its protocol is not looked at.
 * TBD_E_INVALID: the error text says what is wrong; it quotes no credentials. */
int tbd_roundtrip_check(const struct tbd_roundtrip_options *options,
	const struct tbd_target *target, struct tbd_error *error);

/* The attribute round trip over the connection that tbd_fetch() kept open, by the protocol of the
 * target: it fills exchange (MQTT) or api (HTTP and CoAP, which take a token only). The token goes to a verified
 * peer, or where the caller asked for it (insecure, or an explicit plain scheme), and nowhere else.
 * Without an open connection only the token is looked at. TBD_E_MODULE: the transport module is missing;
 * it is looked for in the directory the library was configured with, or in TBDIAG_MODULE_DIR. The
 * protocol library is reached over a socket in a directory of mode 0700, which is made in
 * XDG_RUNTIME_DIR (where that is the user's own), or else in /tmp, and is gone before the first byte. */
int tbd_roundtrip(struct tbd_report *report, const struct tbd_roundtrip_options *options,
	struct tbd_error *error);

/* Turn what was seen into findings, worst first. Pure: no I/O, and the clock is looked at only to end it.
 * TBD_E_TOO_LARGE: what the peer sent takes longer than 5 s. Call it last, once.
 * TBD_E_CANCELLED: tbd_fetch() or tbd_roundtrip() was, and a report without findings would look like a good one: its worst
 * stays TBD_SEVERITY_UNKNOWN. */
int tbd_judge(struct tbd_report *report, struct tbd_error *error);

/* Judge a report that was read (tbd_report_from_json()) by its data, to see which of its findings are ours: the
 * sentences and commands of the others may be anybody's. *not_found lists the ids of those; it ends in NULL and lives
 * as long as the report, which stays as it is. What rests on the DER of a certificate is not found, nor is anything of
 * a report that is redacted or of another version. TBD_E_INVALID: the report was not read; else as tbd_judge(). */
int tbd_judge_again(
	struct tbd_report *report, const char *const **not_found, struct tbd_error *error);

/* Add where and how the report was made, and the SHA-256 of each trust source that is a file, as it is now.
 * command_line: its words without secrets, as shall be shown, copied; or NULL. Reads files below /etc, and TZ.
 * To be called after tbd_verify(), or tbd_fetch() with its verify option. */
int tbd_report_environment(
	struct tbd_report *report, const char *const *command_line, struct tbd_error *error);

/* The report as JSON (schema tbdiag-report/1), ending in a line feed. *out is for free(). */
int tbd_report_to_json(const struct tbd_report *report, char **out, struct tbd_error *error);

/* How much of a report a person is shown. */
enum tbd_verbosity {
	TBD_VERBOSITY_NORMAL,  /* what is wrong and how it is mended, the chain, what was done */
	TBD_VERBOSITY_QUIET,   /* what is wrong and how it is mended; nothing when all is well */
	TBD_VERBOSITY_VERBOSE, /* all that was seen */
};

struct tbd_text_options {
	size_t size;
	enum tbd_verbosity verbosity;
	int width; /* columns of a line: at least 40, at most 80, and that is meant by 0 */
	int height; /* lines of the terminal: when more are written, the last ones repeat what is worst and its
		     * fix; 0: it is none */
	bool color; /* with the escape sequences of terminals (ECMA-48) */
	bool utf8;  /* lines and arrows are drawn in UTF-8; else in ASCII */
	const char *
		more; /* how all that was seen can be had, for the last line ("-v"); NULL: not said */
};
#define TBD_TEXT_OPTIONS_INIT TBD_OPTIONS_INIT(tbd_text_options)

/* The report as text for a person, as tbdiag shows it; what peers and files said is escaped. Only lines to be pasted
 * and first lines of findings are longer than the page is wide. options: NULL: the defaults. *out is for free().
 * TBD_E_INVALID: options->size is not theirs. */
int tbd_report_to_text(const struct tbd_report *report, const struct tbd_text_options *options,
	char **out, struct tbd_error *error);

/* Read a report that tbd_report_to_json() wrote. *out is for tbd_report_free(). It can be shown and redacted;
 * it is not judged again, its certificates have no DER (der, subject_der and issuer_der are empty), and the stages
 * refuse it with TBD_E_INVALID. TBD_E_FORMAT: the error text says where in the JSON what is wrong; each key has
 * to be there, and no other. TBD_E_TOO_LARGE: over 16 MiB, or half a million values. */
int tbd_report_from_json(
	const char *text, size_t len, struct tbd_report **out, struct tbd_error *error);

/* A copy of the report for others to see. Host names, addresses, names in certificates, paths, digests and
 * serial numbers, and what peers sent become placeholders: "host-1", "address-1", "name-1", "path-1", "id-1",
 * "url-1", "text-1". The same value is the same placeholder everywhere, inside of sentences, too. What
 * stands in a sentence and is neither such a value nor a word that this library or those below it can say
 * becomes a placeholder as well, unless it is among report->known_words: there a caller, who changes nothing else,
 * leaves the words that only its own notes and options say, parted by line feeds, and keeps them. Numbers, times
 * and the structure stay. *out is for tbd_report_free(), and
 * such as tbd_report_from_json() gives. */
int tbd_report_redact(
	const struct tbd_report *report, struct tbd_report **out, struct tbd_error *error);

/* ---- the stages of a set --------------------------------------------------------------------- */

/* A set without reports; *out is for tbd_set_free(). */
int tbd_set_new(enum tbd_comparison compares, struct tbd_set **out, struct tbd_error *error);
void tbd_set_free(struct tbd_set *set);

/* Add a remark that belongs in every output. */
int tbd_set_note(struct tbd_set *set, const char *text, struct tbd_error *error);

/* Add a report that has been through its stages, but not through tbd_judge(), or one that was read. The label is copied. The set
 * owns the report from then on; when this fails, it stays the caller's. */
int tbd_set_add(
	struct tbd_set *set, struct tbd_report *report, const char *label, struct tbd_error *error);

/* Dial every address of the target's host (at most TBD_ADDRESSES_MAX) side by side, as tbd_fetch() does it
 * with one that connects, and add a report for each, with the address as its label. The addresses come
 * from fetch->addresses or are asked for once; when there are none, there is one report, which says why.
 * The timeout is that of each connection, and the time of the resolver is part of it. keep_open is
 * refused with TBD_E_INVALID; all else as tbd_fetch(). */
int tbd_set_fetch(struct tbd_set *set, const struct tbd_report_options *options,
	const struct tbd_fetch_options *fetch, struct tbd_error *error);

/* Dial the target's port and these other ones side by side, and add a report for each, with the port as its
 * label; at most TBD_ADDRESSES_MAX together, and each of them once. All speak TLS, whatever comes after it.
 * TBD_E_INVALID for a port 0, for fetch->connect_port, and for a plain target; all else as tbd_set_fetch(). */
int tbd_set_fetch_ports(struct tbd_set *set, const struct tbd_report_options *options,
	const struct tbd_fetch_options *fetch, const uint16_t *ports, size_t port_count,
	struct tbd_error *error);

struct tbd_transport {
	enum tbd_scheme scheme;
	uint16_t port;
};

struct tbd_transport_options {
	size_t size;
	const struct tbd_transport *list; /* each once; NULL: all, at their usual ports */
	size_t count;                     /* at most TBD_TRANSPORTS_MAX */
	bool allow_plain; /* send the token to plain schemes, too; else they are only connected to */
};
#define TBD_TRANSPORTS_MAX 16
#define TBD_TRANSPORT_OPTIONS_INIT TBD_OPTIONS_INIT(tbd_transport_options)

/* Make the round trip with one token over several transports of the target's host, whose own scheme and port do
 * not matter, and add a report for each, with "SCHEME:PORT" as its label. MQTT, HTTP and CoAP go side by side; the
 * transports of one of these protocols one after the other, those with TLS first, and when one of them has
 * refused the token it is not sent over the others. So a wrong token is refused at most once a protocol. Each
 * writes an attribute of its own: its scheme is appended to roundtrip->attribute ("tbdiagProbe-https").
 * They run in threads of their own; fetch->progress is called in the caller's. A module that is missing is a
 * note in its report. TBD_E_INVALID for fetch->connect_port, for a proxy, and for what only MQTT has in
 * roundtrip (but for mqtt_version); all else as tbd_set_fetch() and tbd_roundtrip(). */
int tbd_set_roundtrip(struct tbd_set *set, const struct tbd_report_options *options,
	const struct tbd_fetch_options *fetch, const struct tbd_roundtrip_options *roundtrip,
	const struct tbd_transport_options *transports, struct tbd_error *error);

/* tbd_judge() all its reports (but those that were read), then compare them. Call it last, once. */
int tbd_set_judge(struct tbd_set *set, struct tbd_error *error);

/* No difference tells these two of its reports apart (indices below report_count). */
bool tbd_set_alike(const struct tbd_set *set, size_t a, size_t b);

/* The set as JSON (schema tbdiag-set/1), ending in a line feed. *out is for free(). */
int tbd_set_to_json(const struct tbd_set *set, char **out, struct tbd_error *error);

/* The set as text for a person, as of tbd_report_to_text(): what is worst of all its reports first. */
int tbd_set_to_text(const struct tbd_set *set, const struct tbd_text_options *options, char **out,
	struct tbd_error *error);

/* Read a report or a set, whichever it is; the other one is NULL then. As tbd_report_from_json(): a set that was
 * read can be shown and redacted, and is neither added to nor judged again. */
int tbd_from_json(const char *text, size_t len, struct tbd_report **report, struct tbd_set **set,
	struct tbd_error *error);

/* A copy of the set for others to see, as of tbd_report_redact() with set->known_words: the same value is the
 * same placeholder in all of its reports. *out is for tbd_set_free(). */
int tbd_set_redact(const struct tbd_set *set, struct tbd_set **out, struct tbd_error *error);

/* ---- versions -------------------------------------------------------------------------------- */

/* Of this header. What an application runs on is told by tbd_version(). */
#define TBDIAG_VERSION "0.1.0"
#define TBDIAG_VERSION_MAJOR 0
#define TBDIAG_VERSION_MINOR 1
#define TBDIAG_VERSION_MICRO 0

/* For #if: this header is of that release or a later one. */
#define TBDIAG_VERSION_AT_LEAST(major, minor, micro)                \
	(TBDIAG_VERSION_MAJOR > (major) ||                          \
		(TBDIAG_VERSION_MAJOR == (major) &&                 \
			(TBDIAG_VERSION_MINOR > (minor) ||          \
				(TBDIAG_VERSION_MINOR == (minor) && \
					TBDIAG_VERSION_MICRO >= (micro)))))

const char *tbd_version(void); /* of the library: "0.1.0" */

/* What the library runs on; ends with an entry whose name is NULL. Kinds: "library" (linked),
 * "module" (found when looked for; version is NULL when it cannot be loaded, and package names the Debian
 * package that mends it; without one the module was not built). */
struct tbd_component {
	const char *kind;
	const char *name;
	const char *version;
	const char *package;
};

/* *out is one block for free(). */
int tbd_components(struct tbd_component **out, struct tbd_error *error);

/* The same of the TLS libraries that can be asked (tbd_await_stacks()), each by its program, kind "stack": version is
 * NULL when that is not there, or does not run; package is what tbdiag has to be built with for it. */
int tbd_stack_components(struct tbd_component **out, struct tbd_error *error);

#ifdef __cplusplus
}
#endif

#endif /* TBDIAG_H */
