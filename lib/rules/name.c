/* SPDX-License-Identifier: MIT
 *
 * name.c - whether the certificate is for the host that was meant.
 */
#include "rules/catalogue.h"

#include <strings.h>

enum { NAMES_SHOWN = 8 };

/* The names the certificate is for: subjectAltName, else the common name. */
static const char *names_text(struct tbdi_draft *draft, const struct tbd_cert *leaf)
{
	const char *text = NULL;
	for (size_t i = 0; i < leaf->name_count && i < NAMES_SHOWN; i++)
		text = tbdi_draft_join(draft, text, ", ", leaf->names[i].value);
	if (leaf->name_count > NAMES_SHOWN)
		text = tbdi_draft_format(
			draft, "%s and %zu more", text, leaf->name_count - NAMES_SHOWN);
	if (text != NULL)
		return text;
	return leaf->common_name != NULL
		? tbdi_draft_format(draft, "%s (common name only)", leaf->common_name)
		: "no host at all";
}

static bool ends_in_dot(const char *name)
{
	size_t len = strlen(name);
	return len > 0 && name[len - 1] == '.';
}

/* No wildcard, and no option of the command it is to stand in. */
static bool can_be_dialled(const char *name)
{
	return name[0] != '-' && strchr(name, '*') == NULL && !ends_in_dot(name);
}

/* On every machine it means that machine. */
static bool is_loopback(const char *name)
{
	return strncasecmp(name, "localhost", 9) == 0 || strncmp(name, "127.", 4) == 0 ||
		strcmp(name, "::1") == 0;
}

/* The server answered on this machine. */
static bool is_here(const struct tbd_report *report)
{
	const struct tbd_connection *connection = report->connection;
	return connection != NULL && connection->used != NULL && connection->proxy == NULL &&
		is_loopback(connection->used->address);
}

/* The first name of this type that the certificate is good for and that can be dialled to reach this server; or
 * NULL. */
static const char *name_of_type(
	const struct tbd_report *report, const struct tbd_cert *leaf, enum tbd_name_type type)
{
	for (size_t i = 0; i < leaf->name_count; i++) {
		const char *value = leaf->names[i].value;
		if (leaf->names[i].type == type && can_be_dialled(value) &&
			(is_here(report) || !is_loopback(value)))
			return value;
	}
	return NULL;
}

/* A host name, or else the common name where it stands for one. */
static const char *usable_name(const struct tbd_report *report, const struct tbd_cert *leaf)
{
	if (leaf->name_count > 0)
		return name_of_type(report, leaf, TBD_NAME_DNS);
	const char *common = leaf->common_name;
	return common != NULL && can_be_dialled(common) && (is_here(report) || !is_loopback(common))
		? common
		: NULL;
}

/* The same, or an address. */
static const char *usable_host(const struct tbd_report *report, const struct tbd_cert *leaf)
{
	const char *name = usable_name(report, leaf);
	return name != NULL ? name : name_of_type(report, leaf, TBD_NAME_IP);
}

/* The verification, when the name came out this way; then the finding is about the leaf. */
static const struct tbd_verification *name_came_out(
	struct tbdi_draft *draft, const struct tbd_report *report, enum tbd_name_match match)
{
	const struct tbd_verification *verification = report->verification;
	if (verification == NULL || verification->name_match != match ||
		verification->name == NULL || report->chain == NULL || report->chain->count == 0)
		return NULL;
	draft->cert = report->chain->certs[0];
	tbdi_draft_text(draft, "host", verification->name);
	tbdi_draft_text(draft, "names", names_text(draft, draft->cert));
	tbdi_draft_text(draft, "entry_found", verification->name_entry);
	return verification;
}

/* The command that makes a certificate with this entry ("DNS:...") beside those it has, or the request for
 * it: other devices may dial the other names. */
static void fix_reissue(struct tbdi_draft *draft, const struct tbd_report *report, const char *kind)
{
	const struct tbd_cert *leaf = report->chain->certs[0];
	const char *name = report->verification->name;
	tbdi_draft_fix(draft, "%s the server's certificate again with %s in it%s:",
		draft->fix == NULL ? "Issue" : "Or issue", name,
		leaf->name_count > 0 ? " as well" : "");
	tbdi_draft_fix_request(draft, report, leaf,
		tbdi_draft_names(draft, leaf, tbdi_draft_format(draft, "%s:%s", kind, name)));
	if (leaf->self_signed)
		tbdi_draft_fix(
			draft, "It is self-signed: every device needs the new file as well.");
}

/* Connect by this name; what the server that was met would be for it, whether or not a DNS leads there. */
static void fix_other_host(
	struct tbdi_draft *draft, const struct tbd_report *report, const char *name, bool elsewhere)
{
	tbdi_draft_fix(draft,
		"Connect by a name the server's certificate is for, if it is the same server:");
	tbdi_draft_fix(draft, "  tbdiag verify %s%s",
		elsewhere ? tbdi_draft_word(draft,
				    tbdi_draft_format(draft, "%s:%u", name,
					    report->target != NULL ? report->target->port : 8883))
			  : tbdi_draft_argument_as(draft, report, name),
		tbdi_draft_sources(draft, report));
}

static bool match_mismatch(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_verification *verification =
		name_came_out(draft, report, TBD_MATCH_MISMATCH);
	if (verification == NULL)
		return false;
	const struct tbd_cert *leaf = draft->cert;
	const char *cloud = tbdi_cloud_mqtt_host(verification->name);
	const char *usable = cloud != NULL ? cloud : usable_host(report, leaf);
	bool dotted = verification->name_entry != NULL && ends_in_dot(verification->name_entry);
	tbdi_draft_summary(draft, "the certificate is for %s, not for %s%s",
		names_text(draft, leaf), verification->name,
		dotted ? ": an entry that ends in a dot is no client's name" : "");
	tbdi_draft_text(draft, "suggestion", usable);
	if (usable != NULL)
		fix_other_host(draft, report, usable, cloud != NULL);
	fix_reissue(draft, report, "DNS");
	return true;
}

static bool match_wildcard_depth(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_verification *verification =
		name_came_out(draft, report, TBD_MATCH_WILDCARD_DEPTH);
	if (verification == NULL)
		return false;
	const char *entry = verification->name_entry != NULL ? verification->name_entry : "*";
	tbdi_draft_summary(
		draft, "%s covers one label only, and so not %s", entry, verification->name);
	fix_reissue(draft, report, "DNS");
	return true;
}

/* By address although the certificate has names: the name can be made to lead there. */
static void fix_by_name(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *leaf)
{
	const char *usable = usable_name(report, leaf);
	const char *address = name_of_type(report, leaf, TBD_NAME_IP);
	if (usable == NULL && address != NULL)
		fix_other_host(draft, report, address, false);
	if (usable == NULL)
		return;
	if (is_loopback(usable)) {
		tbdi_draft_fix(draft, "On the server itself, connect by the name %s.", usable);
		return;
	}
	tbdi_draft_fix(draft,
		"Connect by the name %s; where no DNS has it, /etc/hosts can (an ESP32 has no such "
		"file):",
		usable);
	tbdi_draft_fix(draft, "  echo %s >> /etc/hosts",
		tbdi_draft_word(draft,
			tbdi_draft_format(draft, "%s %s", report->verification->name, usable)));
}

static bool match_ip_as_dns(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_verification *verification =
		name_came_out(draft, report, TBD_MATCH_IP_AS_DNS);
	if (verification == NULL)
		return false;
	tbdi_draft_summary(draft,
		"the address %s stands in the certificate as a host name, where an address entry "
		"is needed",
		verification->name);
	fix_reissue(draft, report, "IP");
	tbdi_draft_fix(draft, "For old mbedTLS (Arduino on the ESP32) add ,DNS:%s to it.",
		verification->name);
	return true;
}

static bool match_ip_not_listed(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_verification *verification =
		name_came_out(draft, report, TBD_MATCH_IP_NOT_LISTED);
	if (verification == NULL)
		return false;
	const struct tbd_cert *leaf = draft->cert;
	tbdi_draft_summary(draft, "the certificate is for %s, not for the address %s",
		names_text(draft, leaf), verification->name);
	tbdi_draft_text(draft, "suggestion", usable_host(report, leaf));
	fix_by_name(draft, report, leaf);
	fix_reissue(draft, report, "IP");
	return true;
}

static bool match_address_only(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_departure *departure =
		tbdi_report_refusal(report, TBDI_STRINGS("address-entry-only"));
	if (departure == NULL)
		return false;
	const char *name = report->verification->name;
	const char *who = tbdi_draft_refusal(draft, report, departure);
	tbdi_draft_summary(draft,
		"the address %s is in the certificate as an address, as it should, and old stacks read host "
		"names only: %s",
		name, who);
	tbdi_draft_text(draft, "host", name);
	tbdi_draft_text(draft, "names", names_text(draft, departure->cert));
	tbdi_draft_fix(draft,
		"Nothing has to be done for other clients. For devices with such a stack, put the address in "
		"as a host name, too:");
	tbdi_draft_fix_request(draft, report, departure->cert,
		tbdi_draft_names(draft, departure->cert, tbdi_draft_format(draft, "DNS:%s", name)));
	return true;
}

static bool match_cn_only(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_verification *verification =
		name_came_out(draft, report, TBD_MATCH_CN_ONLY);
	if (verification == NULL)
		return false;
	if (verification->profile != TBD_PROFILE_DEVICE)
		draft->severity = TBD_SEVERITY_CRITICAL;
	tbdi_draft_summary(draft,
		"%s stands only in the common name of the certificate, which many clients no "
		"longer read",
		verification->name);
	fix_reissue(draft, report, "DNS");
	return true;
}

static bool match_cloud_host(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_target *target = report->target;
	const char *mqtt = target != NULL ? tbdi_cloud_mqtt_host(target->host) : NULL;
	if (mqtt == NULL)
		return false;
	tbdi_draft_summary(draft,
		"%s is the web host of the ThingsBoard cloud; its MQTT host is %s", target->host,
		mqtt);
	tbdi_draft_text(draft, "host", target->host);
	tbdi_draft_text(draft, "suggestion", mqtt);
	tbdi_draft_fix_cloud(draft, report);
	return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

const struct tbdi_rule tbdi_rules_name[] = {
	{
		TBDI_RULE("name.mismatch", NAME, CRITICAL, "the certificate is for another host"),
		.pub.why =
			"None of the names in the certificate is the host that was dialled. "
			"Either the wrong host was dialled (the web host instead of the MQTT "
			"host, a proxy, an old DNS entry), or the certificate was made for "
			"another name. ThingsBoard serves one certificate for all names and does "
			"not look at SNI. A client that does not compare names can be deceived by "
			"anyone who holds a certificate of the same CA.",
		.pub.fix =
			"Connect by a name that the certificate has, or issue it with the name in "
			"use. Do not switch the check off.",
		.pub.evidence = TBDI_STRINGS("host", "names", "entry_found", "suggestion"),
		.group = TBDI_GROUP_NAME,
		.match = match_mismatch,
		.causes = TBDI_STRINGS("tls.proxy-default-certificate", "tls.sni-needed"),
	},
	{
		TBDI_RULE(
			"name.wildcard-depth", NAME, CRITICAL, "a wildcard covers one label only"),
		.pub.why =
			"The certificate has a wildcard name of the right domain, but the "
			"asterisk stands for exactly one label (RFC 6125): *.thingsboard.cloud is "
			"good for mqtt.thingsboard.cloud, not for mqtt.eu.thingsboard.cloud and "
			"not for thingsboard.cloud itself.",
		.pub.fix = "Add the full name to the certificate, or use a host that is one label "
			   "below.",
		.pub.evidence = TBDI_STRINGS("host", "names", "entry_found"),
		.group = TBDI_GROUP_NAME,
		.match = match_wildcard_depth,
	},
	{
		TBDI_RULE("name.ip-not-listed", NAME, CRITICAL,
			"connected by address, and the certificate does not list it"),
		.pub.why =
			"The host was given as an IP address, and the certificate has no entry of "
			"the kind iPAddress with it. Certificates are compared with what was "
			"dialled: that a listed name leads to the same address does not count.",
		.pub.fix = "Connect by a listed name, or issue the certificate with "
			   "subjectAltName=IP:...",
		.pub.evidence = TBDI_STRINGS("host", "names", "entry_found", "suggestion"),
		.group = TBDI_GROUP_NAME,
		.match = match_ip_not_listed,
	},
	{
		TBDI_RULE("name.ip-as-dns", NAME, CRITICAL,
			"the address is listed as if it were a host name"),
		.pub.why = "The address that was dialled does stand in the certificate, but as a "
			   "dNSName or in the common name. RFC 5280 has a kind of its own for "
			   "addresses, and a client that follows it finds none. Old mbedTLS, as in "
			   "Arduino cores for the ESP32, is the other way round: it knows only the "
			   "text, so a certificate for both needs both entries.",
		.pub.fix = "Issue the certificate with subjectAltName=IP:... as well.",
		.pub.evidence = TBDI_STRINGS("host", "names", "entry_found"),
		.group = TBDI_GROUP_NAME,
		.match = match_ip_as_dns,
	},
	{
		TBDI_RULE("name.address-only", NAME, INFO,
			"the address is listed as an address only, which old stacks do not read"),
		.pub.why =
			"The server was dialled by its address, and the certificate lists that as an iPAddress, "
			"as RFC 5280 wants it. mbedTLS up to 3.4 (the ESP32's core has 2.28) and BearSSL "
			"compare with dNSName entries only: they say -0x2700 (CN mismatch) and 56. A "
			"certificate that has the address as a dNSName as well is accepted by all. Others are "
			"fine, so that this changes no verdict.",
		.pub.fix = "For such devices, subjectAltName=IP:ADDRESS,DNS:ADDRESS.",
		.pub.evidence = TBDI_STRINGS("host", "names", TBDI_WHO_KEYS),
		.match = match_address_only,
	},
	{
		TBDI_RULE("name.cn-only", NAME, WARNING, "the name is only in the common name"),
		.pub.why =
			"The certificate has no subjectAltName; the host stands only in the "
			"subject's common name, as the openssl command of ThingsBoard's "
			"documentation leaves it. OpenSSL and libmosquitto still accept that; Go, "
			"browsers and newer Python libraries refuse, and so do the profiles "
			"rfc5280 and webpki, in which it is critical.",
		.pub.fix = "Issue the certificate with a subjectAltName.",
		.pub.evidence = TBDI_STRINGS("host", "names", "entry_found"),
		.group = TBDI_GROUP_NAME,
		.match = match_cn_only,
	},
	{
		TBDI_RULE("name.cloud-host", NAME, WARNING,
			"a web host of the ThingsBoard cloud was used for MQTT"),
		.pub.why =
			"The ThingsBoard cloud has different hosts for browsers and for devices: "
			"thingsboard.cloud and mqtt.thingsboard.cloud, eu.thingsboard.cloud and "
			"mqtt.eu.thingsboard.cloud. Behind the web host stands another listener "
			"with another certificate, or none at all on the MQTT ports. "
			"(demo.thingsboard.io serves both; cloud.thingsboard.io is an old name.)",
		.pub.fix = "Use the MQTT host of the same region.",
		.pub.evidence = TBDI_STRINGS("host", "suggestion"),
		.match = match_cloud_host,
	},
	{ .pub = { .id = NULL } },
};
