/* SPDX-License-Identifier: MIT
 *
 * web-page.c - who answers in ThingsBoard's place: the pages that web servers and proxies have for what goes wrong.
 */
#include "rules/catalogue.h"

#include <strings.h>

bool tbdi_is_web_page(const char *body)
{
	body = body != NULL ? body + strspn(body, " \t\r\n") : "";
	return strncasecmp(body, "<!doctype html", 14) == 0 || strncasecmp(body, "<html", 5) == 0;
}

/* What stands between the tag and its end, white space squeezed; NULL: nothing. */
static const char *text_of(
	struct tbdi_draft *draft, const char *body, const char *tag, const char *end_tag)
{
	enum { SHOWN = 120 };
	const char *from = strcasestr(body, tag);
	const char *to = from != NULL ? strcasestr(from, end_tag) : NULL;
	char text[SHOWN + 1] = "";
	size_t len = 0;
	from = from != NULL ? from + strlen(tag) : NULL;
	for (; to != NULL && from < to && len < SHOWN; from++) {
		bool is_space = strchr(" \t\r\n", *from) != NULL;
		if (!is_space)
			text[len++] = *from;
		else if (len > 0 && text[len - 1] != ' ')
			text[len++] = ' ';
	}
	/* Not in the middle of a character of UTF-8. */
	while (to != NULL && from < to && len > 0 && ((unsigned char)*from & 0xc0) == 0x80) {
		from--;
		len--;
	}
	while (len > 0 && text[len - 1] == ' ')
		len--;
	return len > 0 ? tbdi_draft_format(draft, "%.*s", (int)len, text) : NULL;
}

const char *tbdi_draft_title(struct tbdi_draft *draft, const char *body)
{
	if (!tbdi_is_web_page(body))
		return NULL;
	const char *title = text_of(draft, body, "<title>", "</title>");
	return title != NULL ? title : text_of(draft, body, "<h1>", "</h1>");
}

/* By the field Server, or by words of the body that are the program's own. */
static const struct {
	const char *server;
	const char *body;
	const char *name;
} makers[] = {
	{ "ingress-nginx", "default backend - 404", "the ingress controller of Kubernetes" },
	{ "openresty", "<center>openresty", "OpenResty" },
	{ "nginx", "<center>nginx", "nginx" },
	{ "Apache/", "<address>Apache", "Apache" },
	{ "cloudflare", "<center>cloudflare", "Cloudflare" },
	{ "Caddy", NULL, "Caddy" },
	{ "envoy", "upstream connect error or disconnect", "Envoy" },
	{ "awselb", NULL, "a load balancer of AWS" },
	{ "BigIP", NULL, "BIG-IP" },
	{ "Microsoft-IIS", NULL, "IIS" },
	{ NULL, "No server is available to handle this request.", "haproxy" },
	{ NULL, "Your browser sent an invalid request.", "haproxy" },
	{ NULL, "The server didn't respond in time.", "haproxy" },
	{ NULL, "The server returned an invalid or incomplete response.", "haproxy" },
	{ NULL, "404 page not found", "traefik, or another proxy written in Go" },
	{ NULL, "no available server", "traefik" },
	{ NULL, "Client sent an HTTP request to an HTTPS server.",
		"traefik, or another server written in Go" },
};

static bool has_words(const char *text, const char *words)
{
	return text != NULL && words != NULL && strcasestr(text, words) != NULL;
}

const char *tbdi_page_maker(const struct tbd_api_request *request)
{
	for (size_t i = 0; i < TBDI_COUNT(makers); i++)
		if (has_words(request->server, makers[i].server) ||
			has_words(request->body, makers[i].body))
			return makers[i].name;
	return NULL;
}

bool tbdi_says_use_tls(const struct tbd_api_request *request)
{
	static const char *const words[] = {
		"The plain HTTP request was sent to HTTPS port",     /* nginx */
		"Client sent an HTTP request to an HTTPS server",    /* Go */
		"speaking plain HTTP to an SSL-enabled server port", /* Apache */
		"This combination of host and port requires TLS",    /* Tomcat */
	};
	for (size_t i = 0; i < TBDI_COUNT(words); i++)
		if (has_words(request->body, words[i]))
			return true;
	return false;
}

bool tbdi_wants_client_cert(const struct tbd_report *report)
{
	const struct tbd_api_request *request = tbdi_api_last(report->api);
	return request != NULL && has_words(request->body, "No required SSL certificate was sent");
}
