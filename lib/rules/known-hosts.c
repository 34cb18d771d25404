/* SPDX-License-Identifier: MIT
 *
 * known-hosts.c - the public installations of ThingsBoard by their hosts, who inspects TLS by the names of CAs, and
 * the certificates that proxies bring along.
 */
#include "rules/catalogue.h"

#include <strings.h>

/* ---- ThingsBoard Cloud ----------------------------------------------------------------------- */

/* Browsers and devices have hosts of their own; each serves its own listeners and certificates. */
static const struct {
	const char *web;
	const char *mqtt;
} clouds[] = {
	{ "thingsboard.cloud", "mqtt.thingsboard.cloud" },
	{ "eu.thingsboard.cloud", "mqtt.eu.thingsboard.cloud" },
	{ "cloud.thingsboard.io", "mqtt.thingsboard.cloud" }, /* the name until 2021 */
	{ "demo.thingsboard.io", "demo.thingsboard.io" },
};

const char *tbdi_cloud_mqtt_host(const char *host)
{
	for (size_t i = 0; i < TBDI_COUNT(clouds); i++)
		if (strcasecmp(host, clouds[i].web) == 0 && strcmp(clouds[i].web, clouds[i].mqtt))
			return clouds[i].mqtt;
	return NULL;
}

enum {
	NAME_MAX_LEN = 64,
	SIMILAR_MAX = 3, /* letters added, left out or exchanged */
};

/* Levenshtein's distance of two names, at most NAME_MAX_LEN long. */
static size_t edit_distance(const char *a, const char *b)
{
	size_t row[NAME_MAX_LEN + 1];
	size_t b_len = strlen(b);
	for (size_t j = 0; j <= b_len; j++)
		row[j] = j;
	for (size_t i = 1; a[i - 1] != '\0'; i++) {
		size_t diagonal = row[0];
		row[0] = i;
		for (size_t j = 1; j <= b_len; j++) {
			size_t change = diagonal + (a[i - 1] != b[j - 1]);
			size_t step = (row[j] < row[j - 1] ? row[j] : row[j - 1]) + 1;
			diagonal = row[j];
			row[j] = change < step ? change : step;
		}
	}
	return row[b_len];
}

const char *tbdi_cloud_similar_host(const char *host)
{
	const char *best = NULL;
	size_t best_distance = SIMILAR_MAX + 1;
	if (strlen(host) > NAME_MAX_LEN)
		return NULL;
	for (size_t i = 0; i < TBDI_COUNT(clouds); i++) {
		size_t mqtt = edit_distance(host, clouds[i].mqtt);
		size_t web = edit_distance(host, clouds[i].web);
		size_t distance = mqtt < web ? mqtt : web;
		if (distance < best_distance) {
			best = clouds[i].mqtt;
			best_distance = distance;
		}
	}
	return best != NULL && strcasecmp(best, host) != 0 ? best : NULL;
}

void tbdi_draft_fix_cloud(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const char *host = report->target != NULL ? report->target->host : NULL;
	const char *mqtt = host != NULL ? tbdi_cloud_mqtt_host(host) : NULL;
	if (mqtt == NULL)
		return;
	tbdi_draft_fix(draft, "%s is for browsers; devices connect to %s:", host, mqtt);
	tbdi_draft_fix(draft, "  tbdiag verify %s:%u%s", mqtt, report->target->port,
		tbdi_draft_sources(draft, report));
}

/* ---- certificates that proxies bring along ---------------------------------------------------- */

/* Parts of the subject, in any case: what is served where nobody has said what for the name. */
static const struct {
	const char *part;
	const char *product;
} built_in[] = {
	{ "TRAEFIK DEFAULT CERT", "traefik" },
	{ "Kubernetes Ingress Controller Fake Certificate", "the Kubernetes ingress controller" },
	{ "pfSense webConfigurator", "pfSense" },
	{ "OPNsense.localdomain", "OPNsense" },
	{ "CN=Plesk,", "Plesk" },
	{ "letsencrypt-nginx-proxy-companion", "nginx-proxy" },
	{ "OU=IT Department,O=Kong", "Kong" },
	{ "CN=cert-manager.local", "cert-manager, which has no other yet," },
	{ "OU=MyOrg,O=MyCompany", "F5 BIG-IP" },
	{ "O=SomeOrganization", "Apache on Red Hat" },
	{ "Snake Oil", "a web server" },
	{ "snakeoil", "a web server" },
};

const char *tbdi_built_in_certificate(const char *subject)
{
	for (size_t i = 0; i < TBDI_COUNT(built_in); i++)
		if (strcasestr(subject, built_in[i].part) != NULL)
			return built_in[i].product;
	return NULL;
}

/* ---- products that break TLS open to look inside --------------------------------------------- */

/* Parts of the issuer's name, in any case. Public CAs do not bear them. */
static const struct {
	const char *part;
	const char *product;
} interceptors[] = {
	{ "Zscaler", "Zscaler" },
	{ "FortiGate", "Fortinet FortiGate" },
	{ "O=Fortinet", "Fortinet FortiGate" },
	{ "Palo Alto Networks", "Palo Alto Networks" },
	{ "GlobalProtect", "Palo Alto Networks GlobalProtect" },
	{ "Blue Coat", "Blue Coat (Symantec) ProxySG" },
	{ "BlueCoat", "Blue Coat (Symantec) ProxySG" },
	{ "goskope", "Netskope" },
	{ "Netskope", "Netskope" },
	{ "Cisco Umbrella", "Cisco Umbrella" },
	{ "Cloudflare Managed", "Cloudflare Gateway" },
	{ "Gateway CA - Cloudflare", "Cloudflare Gateway" },
	{ "Cloudflare Gateway", "Cloudflare Gateway" },
	{ "Sophos SSL CA", "Sophos" },
	{ "Sophos Web Appliance", "Sophos" },
	{ "SonicWall", "SonicWall" },
	{ "Fireware HTTPS Proxy", "WatchGuard Fireware" },
	{ "Barracuda", "Barracuda" },
	{ "Forcepoint", "Forcepoint" },
	{ "Websense", "Forcepoint (Websense)" },
	{ "McAfee Web Gateway", "McAfee Web Gateway" },
	{ "Skyhigh", "Skyhigh Secure Web Gateway" },
	{ "Menlo Security", "Menlo Security" },
	{ "iboss", "iboss" },
	{ "Securly", "Securly" },
	{ "Lightspeed", "Lightspeed" },
	{ "ContentKeeper", "ContentKeeper" },
	{ "Smoothwall", "Smoothwall" },
	{ "Untangle", "Untangle" },
	{ "Kaspersky Anti-Virus", "Kaspersky" },
	{ "Kaspersky Endpoint", "Kaspersky" },
	{ "ESET SSL Filter", "ESET" },
	{ "Bitdefender", "Bitdefender" },
	{ "avast! Web/Mail Shield", "Avast" },
	{ "Avast Web/Mail Shield", "Avast" },
	{ "AVG Web/Mail Shield", "AVG" },
	{ "mitmproxy", "mitmproxy" },
	{ "Charles Proxy", "Charles" },
	{ "DO_NOT_TRUST", "Fiddler" },
	{ "PortSwigger", "Burp Suite" },
	{ "OWASP Zed Attack Proxy", "OWASP ZAP" },
};

/* What people call the CA of an inspection whose product does not name itself: a word, and what has to stand
 * somewhere beside it where the word alone says nothing (a vehicle inspection has a CA, too). */
static const struct {
	const char *word;
	const char *beside;
} inspection_words[] = {
	{ "decrypt", "" },
	{ "interception", "" },
	{ "intercept", "SSL" },
	{ "intercept", "TLS" },
	{ "intercept", "HTTPS" },
	{ "inspect", "SSL" },
	{ "inspect", "TLS" },
	{ "inspect", "HTTPS" },
	{ "SSL filter", "" },
	{ "TLS filter", "" },
	{ "HTTPS filter", "" },
	{ "web filter", "" },
	{ "web proxy", "" },
	{ "SSL proxy", "" },
	{ "SSL scan", "" },
	{ "HTTPS scan", "" },
	{ "squid CA", "" },
	{ "squid proxy", "" },
	{ "man-in-the-middle", "" },
};

/* "Proxy CA" as words of their own: not HAProxy's, nor that of a reverse proxy, which stands before the server. */
static bool is_proxy_ca(const char *name)
{
	static const char words[] = "proxy CA";
	const char *at = strcasestr(name, words);
	return at != NULL && (at == name || strchr(" =-_", at[-1]) != NULL) &&
		strchr(" ,", at[sizeof(words) - 1]) != NULL && strcasestr(name, "reverse") == NULL;
}

const char *tbdi_interceptor(const char *issuer)
{
	for (size_t i = 0; i < TBDI_COUNT(interceptors); i++)
		if (strcasestr(issuer, interceptors[i].part) != NULL)
			return interceptors[i].product;
	return NULL;
}

bool tbdi_named_for_inspection(const char *issuer)
{
	for (size_t i = 0; i < TBDI_COUNT(inspection_words); i++)
		if (strcasestr(issuer, inspection_words[i].word) != NULL &&
			strcasestr(issuer, inspection_words[i].beside) != NULL)
			return true;
	return is_proxy_ca(issuer);
}
