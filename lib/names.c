/* SPDX-License-Identifier: MIT
 *
 * names.c - the words of the public enumerations, and the library's version.
 */
#include "common.h"

const char *tbd_version(void)
{
	return PACKAGE_VERSION;
}

static const char *name_of(const char *const *names, size_t count, unsigned value)
{
	return value < count ? names[value] : "unknown";
}

const char *tbd_severity_name(enum tbd_severity severity)
{
	static const char *const names[] = {
		[TBD_SEVERITY_OK] = "ok",
		[TBD_SEVERITY_INFO] = "info",
		[TBD_SEVERITY_WARNING] = "warning",
		[TBD_SEVERITY_CRITICAL] = "critical",
	};
	return name_of(names, TBDI_COUNT(names), severity);
}

const char *tbd_stage_name(enum tbd_stage stage)
{
	static const char *const names[] = {
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
	return name_of(names, TBDI_COUNT(names), stage);
}

const char *tbd_end_name(enum tbd_end end)
{
	static const char *const names[] = {
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
	};
	return name_of(names, TBDI_COUNT(names), end);
}

const char *tbd_fault_name(enum tbd_fault fault)
{
	static const char *const names[] = {
		[TBD_FAULT_NONE] = "none",
		[TBD_FAULT_NO_ISSUER] = "no-issuer",
		[TBD_FAULT_UNTRUSTED_ROOT] = "untrusted-root",
		[TBD_FAULT_BAD_SIGNATURE] = "bad-signature",
		[TBD_FAULT_NOT_A_CA] = "not-a-ca",
		[TBD_FAULT_PATH_LENGTH] = "path-length",
		[TBD_FAULT_PURPOSE] = "purpose",
		[TBD_FAULT_NAME_CONSTRAINTS] = "name-constraints",
		[TBD_FAULT_UNKNOWN_CRITICAL] = "unknown-critical",
		[TBD_FAULT_EXPIRED] = "expired",
		[TBD_FAULT_NOT_YET_VALID] = "not-yet-valid",
		[TBD_FAULT_WEAK_SIGNATURE] = "weak-signature",
		[TBD_FAULT_WEAK_KEY] = "weak-key",
		[TBD_FAULT_MALFORMED] = "malformed",
	};
	return name_of(names, TBDI_COUNT(names), fault);
}

const char *tbd_name_match_name(enum tbd_name_match match)
{
	static const char *const names[] = {
		[TBD_MATCH_NOT_JUDGED] = "not-judged",
		[TBD_MATCH_OK] = "ok",
		[TBD_MATCH_CN_ONLY] = "cn-only",
		[TBD_MATCH_MISMATCH] = "mismatch",
		[TBD_MATCH_WILDCARD_DEPTH] = "wildcard-depth",
		[TBD_MATCH_IP_NOT_LISTED] = "ip-not-listed",
		[TBD_MATCH_IP_AS_DNS] = "ip-as-dns",
	};
	return name_of(names, TBDI_COUNT(names), match);
}

const char *tbd_mqtt_end_name(enum tbd_mqtt_end end)
{
	static const char *const names[] = {
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
		[TBD_MQTT_CLOSED_ON_PUBLISH] = "closed-on-publish",
		[TBD_MQTT_NOT_STORED] = "not-stored",
		[TBD_MQTT_DONE] = "done",
	};
	return name_of(names, TBDI_COUNT(names), end);
}
