/* SPDX-License-Identifier: MIT
 *
 * interceptor.c - products that break TLS open to look inside, by the names of the CAs they make.
 */
#include "rules/catalogue.h"

/* Parts of the issuer's name, in any case. Public CAs do not bear them. */
static const struct {
	const char *part;
	const char *product;
} interceptors[] = {
	{ "Zscaler", "Zscaler" },
	{ "FortiGate", "Fortinet FortiGate" },
	{ "O=Fortinet", "Fortinet FortiGate" },
	{ "Palo Alto Networks", "Palo Alto Networks" },
	{ "Blue Coat", "Blue Coat (Symantec) ProxySG" },
	{ "BlueCoat", "Blue Coat (Symantec) ProxySG" },
	{ "goskope", "Netskope" },
	{ "Netskope", "Netskope" },
	{ "Cisco Umbrella", "Cisco Umbrella" },
	{ "Cloudflare Managed", "Cloudflare Gateway" },
	{ "Gateway CA - Cloudflare", "Cloudflare Gateway" },
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
	{ "Bitdefender Personal CA", "Bitdefender" },
	{ "avast! Web/Mail Shield", "Avast" },
	{ "Avast Web/Mail Shield", "Avast" },
	{ "AVG Web/Mail Shield", "AVG" },
	{ "mitmproxy", "mitmproxy" },
	{ "Charles Proxy", "Charles" },
	{ "DO_NOT_TRUST", "Fiddler" },
	{ "PortSwigger", "Burp Suite" },
	{ "OWASP Zed Attack Proxy", "OWASP ZAP" },
};

const char *tbdi_interceptor(const char *issuer)
{
	for (size_t i = 0; i < TBDI_COUNT(interceptors); i++)
		if (strcasestr(issuer, interceptors[i].part) != NULL)
			return interceptors[i].product;
	return NULL;
}
