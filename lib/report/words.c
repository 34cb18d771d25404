/* SPDX-License-Identifier: MIT
 *
 * words.c - the words of the enumerations, and the library's version.
 */
#include "report/schema.h"

#include "base/protocol.h"

/* The words of an enumeration, which ends with `last`, for all the library. */
#define WORDS(name, last)                                                                    \
	TBDI_TABLE_OF(name##_list, last);                                                    \
	const struct tbdi_words tbdi_##name##_words = { name##_list, sizeof(name##_list[0]), \
		TBDI_COUNT(name##_list) }

const char *tbd_version(void)
{
	return PACKAGE_VERSION;
}

static const char *const severity_list[] = {
	[TBD_SEVERITY_OK] = "ok",
	[TBD_SEVERITY_INFO] = "info",
	[TBD_SEVERITY_WARNING] = "warning",
	[TBD_SEVERITY_CRITICAL] = "critical",
	[TBD_SEVERITY_UNKNOWN] = "unknown",
};
WORDS(severity, TBD_SEVERITY_UNKNOWN);
/* What a finding, or a departure, can be. */
const struct tbdi_words tbdi_graveness_words = { severity_list, sizeof(severity_list[0]),
	TBD_SEVERITY_CRITICAL + 1 };

const char *tbd_severity_name(enum tbd_severity severity)
{
	return tbdi_word(&tbdi_severity_words, severity);
}

static const char *const stage_list[] = {
	[TBD_STAGE_INPUT] = "input",
	[TBD_STAGE_RESOLVE] = "resolve",
	[TBD_STAGE_CONNECT] = "connect",
	[TBD_STAGE_TLS] = "tls",
	[TBD_STAGE_CHAIN] = "chain",
	[TBD_STAGE_TRUST] = "trust",
	[TBD_STAGE_NAME] = "name",
	[TBD_STAGE_TIME] = "time",
	[TBD_STAGE_POLICY] = "policy",
	[TBD_STAGE_STACK] = "stack",
	[TBD_STAGE_MQTT] = "mqtt",
	[TBD_STAGE_HTTP] = "http",
	[TBD_STAGE_COAP] = "coap",
	[TBD_STAGE_TOKEN] = "token",
	[TBD_STAGE_DATA] = "data",
};
WORDS(stage, TBD_STAGE_DATA);

const char *tbd_stage_name(enum tbd_stage stage)
{
	return tbdi_word(&tbdi_stage_words, stage);
}

static const char *const end_list[] = {
	[TBD_END_NONE] = "none",
	[TBD_END_OK] = "ok",
	[TBD_END_TIMEOUT] = "timeout",
	[TBD_END_CLOSED] = "closed",
	[TBD_END_RESET] = "reset",
	[TBD_END_ALERT] = "alert",
	[TBD_END_VERSION] = "version",
	[TBD_END_REFUSED] = "refused",
	[TBD_END_PROTOCOL] = "protocol",
	[TBD_END_ERROR] = "error",
	[TBD_END_CIPHER] = "cipher",
};
WORDS(end, TBD_END_CIPHER);

const char *tbd_end_name(enum tbd_end end)
{
	return tbdi_word(&tbdi_end_words, end);
}

static const char *const fault_list[] = {
	[TBD_FAULT_NONE] = "none",
	[TBD_FAULT_NO_ISSUER] = "no-issuer",
	[TBD_FAULT_UNTRUSTED_ROOT] = "untrusted-root",
	[TBD_FAULT_BAD_SIGNATURE] = "bad-signature",
	[TBD_FAULT_NOT_A_CA] = "not-a-ca",
	[TBD_FAULT_PATH_LENGTH] = "path-length",
	[TBD_FAULT_PURPOSE] = "purpose",
	[TBD_FAULT_NAME_CONSTRAINTS] = "name-constraints",
	[TBD_FAULT_UNKNOWN_CRITICAL] = "unknown-critical",
	[TBD_FAULT_REVOKED] = "revoked",
	[TBD_FAULT_EXPIRED] = "expired",
	[TBD_FAULT_NOT_YET_VALID] = "not-yet-valid",
	[TBD_FAULT_WEAK_SIGNATURE] = "weak-signature",
	[TBD_FAULT_WEAK_KEY] = "weak-key",
	[TBD_FAULT_POLICY] = "policy",
	[TBD_FAULT_MALFORMED] = "malformed",
	[TBD_FAULT_UNKNOWN_ALGORITHM] = "unknown-algorithm",
};
WORDS(fault, TBD_FAULT_UNKNOWN_ALGORITHM);

const char *tbd_fault_name(enum tbd_fault fault)
{
	return tbdi_word(&tbdi_fault_words, fault);
}

static const char *const profile_list[] = {
	[TBD_PROFILE_DEVICE] = "device",
	[TBD_PROFILE_RFC5280] = "rfc5280",
	[TBD_PROFILE_WEBPKI] = "webpki",
};
WORDS(profile, TBD_PROFILE_WEBPKI);

const char *tbd_profile_name(enum tbd_profile profile)
{
	return tbdi_word(&tbdi_profile_words, profile);
}

static const char *const emit_list[] = {
	[TBD_EMIT_PEM] = "pem",
	[TBD_EMIT_DER] = "der",
	[TBD_EMIT_C_ARRAY] = "c-array",
	[TBD_EMIT_C_STRING] = "c-string",
	[TBD_EMIT_BEARSSL_TA] = "bearssl-ta",
};
WORDS(emit, TBD_EMIT_BEARSSL_TA);

const char *tbd_emit_name(enum tbd_emit emit)
{
	return tbdi_word(&tbdi_emit_words, emit);
}

static const char *const name_match_list[] = {
	[TBD_MATCH_NOT_JUDGED] = "not-judged",
	[TBD_MATCH_OK] = "ok",
	[TBD_MATCH_CN_ONLY] = "cn-only",
	[TBD_MATCH_MISMATCH] = "mismatch",
	[TBD_MATCH_WILDCARD_DEPTH] = "wildcard-depth",
	[TBD_MATCH_IP_NOT_LISTED] = "ip-not-listed",
	[TBD_MATCH_IP_AS_DNS] = "ip-as-dns",
};
WORDS(name_match, TBD_MATCH_IP_AS_DNS);

const char *tbd_name_match_name(enum tbd_name_match match)
{
	return tbdi_word(&tbdi_name_match_words, match);
}

static const char *const miss_list[] = {
	[TBD_MISS_NONE] = "none",
	[TBD_MISS_OTHER_KEY] = "other-key",
	[TBD_MISS_OTHER_NAME] = "other-name",
	[TBD_MISS_OLD_LEAF] = "old-leaf",
	[TBD_MISS_SIBLING] = "sibling",
};
WORDS(miss, TBD_MISS_SIBLING);

const char *tbd_miss_name(enum tbd_miss miss)
{
	return tbdi_word(&tbdi_miss_words, miss);
}

static const char *const mqtt_end_list[] = {
	[TBD_MQTT_NOT_STARTED] = "not-started",
	[TBD_MQTT_NO_CONNACK] = "no-connack",
	[TBD_MQTT_CLOSED_BEFORE_CONNACK] = "closed-before-connack",
	[TBD_MQTT_NOT_MQTT] = "not-mqtt",
	[TBD_MQTT_REFUSED] = "refused",
	[TBD_MQTT_NO_SUBACK] = "no-suback",
	[TBD_MQTT_SUBACK_REFUSED] = "suback-refused",
	[TBD_MQTT_NO_PUBACK] = "no-puback",
	[TBD_MQTT_NO_RESPONSE] = "no-response",
	[TBD_MQTT_OTHER_RESPONSE] = "other-response",
	[TBD_MQTT_PUBLISH_REFUSED] = "publish-refused",
	[TBD_MQTT_CLOSED_ON_PUBLISH] = "closed-on-publish",
	[TBD_MQTT_NOT_STORED] = "not-stored",
	[TBD_MQTT_DONE] = "done",
	[TBD_MQTT_BROKEN] = "broken",
	[TBD_MQTT_NO_WEBSOCKET] = "no-websocket",
};
WORDS(mqtt_end, TBD_MQTT_NO_WEBSOCKET);

const char *tbd_mqtt_end_name(enum tbd_mqtt_end end)
{
	return tbdi_word(&tbdi_mqtt_end_words, end);
}

static const char *const api_end_list[] = {
	[TBD_API_NOT_STARTED] = "not-started",
	[TBD_API_NO_REPLY] = "no-reply",
	[TBD_API_CLOSED] = "closed",
	[TBD_API_STRANGE] = "strange",
	[TBD_API_REFUSED] = "refused",
	[TBD_API_OTHER_REPLY] = "other-reply",
	[TBD_API_NOT_STORED] = "not-stored",
	[TBD_API_DONE] = "done",
};
WORDS(api_end, TBD_API_DONE);

const char *tbd_api_end_name(enum tbd_api_end end)
{
	return tbdi_word(&tbdi_api_end_words, end);
}

static const char *const origin_list[] = {
	[TBD_ORIGIN_SENT] = "sent",
	[TBD_ORIGIN_FILE] = "file",
	[TBD_ORIGIN_TRUST] = "trust",
	[TBD_ORIGIN_UNTRUSTED] = "untrusted",
	[TBD_ORIGIN_SYSTEM] = "system",
	[TBD_ORIGIN_FETCHED] = "fetched",
	[TBD_ORIGIN_EXPECTED] = "expected",
};
WORDS(origin, TBD_ORIGIN_EXPECTED);

static const char *const name_type_list[] = {
	[TBD_NAME_DNS] = "dns",
	[TBD_NAME_IP] = "ip",
	[TBD_NAME_EMAIL] = "email",
	[TBD_NAME_URI] = "uri",
	[TBD_NAME_OTHER] = "other",
};
WORDS(name_type, TBD_NAME_OTHER);

static const char *const step_status_list[] = {
	[TBD_STEP_OK] = "ok",
	[TBD_STEP_FAILED] = "failed",
	[TBD_STEP_TIMEOUT] = "timeout",
	[TBD_STEP_SKIPPED] = "skipped",
};
WORDS(step_status, TBD_STEP_SKIPPED);

static const char *const source_kind_list[] = {
	[TBD_SOURCE_FILE] = "file",
	[TBD_SOURCE_DIR] = "dir",
	[TBD_SOURCE_SYSTEM] = "system",
};
WORDS(source_kind, TBD_SOURCE_SYSTEM);

static const char *const defect_list[] = {
	[TBD_DEFECT_NONE] = "none",
	[TBD_DEFECT_CRLF] = "crlf",
	[TBD_DEFECT_BOM] = "bom",
	[TBD_DEFECT_BEGIN_BLANK] = "begin-blank",
	[TBD_DEFECT_ODD_LINES] = "odd-lines",
	[TBD_DEFECT_BEGIN_BLANKS] = "begin-blanks",
	[TBD_DEFECT_SPACES] = "spaces",
	[TBD_DEFECT_X509_LABEL] = "x509-label",
	[TBD_DEFECT_TRUSTED_LABEL] = "trusted-label",
	[TBD_DEFECT_REQUEST] = "request",
	[TBD_DEFECT_DER] = "der",
	[TBD_DEFECT_TEXT_BEHIND] = "text-behind",
	[TBD_DEFECT_BLANK_END] = "blank-end",
	[TBD_DEFECT_BLANK_LINES] = "blank-lines",
	[TBD_DEFECT_TEXT_BEFORE] = "text-before",
	[TBD_DEFECT_JOINED_END] = "joined-end",
	[TBD_DEFECT_JOINED_LINES] = "joined-lines",
	[TBD_DEFECT_INDENTED] = "indented",
	[TBD_DEFECT_CR_LINE_ENDS] = "cr-line-ends",
	[TBD_DEFECT_ONE_LINE] = "one-line",
	[TBD_DEFECT_MISSING_END] = "missing-end",
	[TBD_DEFECT_DAMAGED] = "damaged",
	[TBD_DEFECT_UNREADABLE] = "unreadable",
	[TBD_DEFECT_CUT_OFF] = "cut-off",
	[TBD_DEFECT_ESCAPED] = "escaped",
	[TBD_DEFECT_C_SOURCE] = "c-source",
	[TBD_DEFECT_PKCS7] = "pkcs7",
	[TBD_DEFECT_PKCS12] = "pkcs12",
	[TBD_DEFECT_JKS] = "jks",
	[TBD_DEFECT_UTF16] = "utf-16",
	[TBD_DEFECT_JSON] = "json",
	[TBD_DEFECT_HTML] = "html",
};
WORDS(defect, TBD_DEFECT_HTML);

const char *tbd_defect_name(enum tbd_defect defect)
{
	return tbdi_word(&tbdi_defect_words, defect);
}

static const char *const token_source_list[] = {
	[TBD_TOKEN_FILE] = "file",
	[TBD_TOKEN_STDIN] = "stdin",
	[TBD_TOKEN_OPTION] = "option",
	[TBD_TOKEN_ENVIRONMENT] = "environment",
	[TBD_TOKEN_PROMPT] = "prompt",
};
WORDS(token_source, TBD_TOKEN_PROMPT);

static const char *const comparison_list[] = {
	[TBD_COMPARES_ADDRESSES] = "addresses",
	[TBD_COMPARES_PORTS] = "ports",
	[TBD_COMPARES_TRANSPORTS] = "transports",
};
WORDS(comparison, TBD_COMPARES_TRANSPORTS);

static const char *const answer_list[] = {
	[TBD_ANSWER_NOT_ASKED] = "not-asked",
	[TBD_ANSWER_UNCLEAR] = "unclear",
	[TBD_ANSWER_NO] = "no",
	[TBD_ANSWER_YES] = "yes",
};
WORDS(answer, TBD_ANSWER_YES);

const char *tbd_answer_name(enum tbd_answer answer)
{
	return tbdi_word(&tbdi_answer_words, answer);
}

const struct tbdi_words tbdi_scheme_words = { &tbdi_schemes[0].word, sizeof(tbdi_schemes[0]),
	TBDI_SCHEME_COUNT };

const char *tbd_scheme_name(enum tbd_scheme scheme)
{
	return tbdi_word(&tbdi_scheme_words, scheme);
}
