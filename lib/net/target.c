/* SPDX-License-Identifier: MIT
 *
 * target.c - what the user wants to reach: a host and port, or a URL.
 */
#include "net/connect.h"

#include "base/protocol.h"

#include <arpa/inet.h>
#include <ctype.h>
#include <gnutls/gnutls.h>
#include <net/if.h>
#include <stdarg.h>

enum {
	TEXT_MAX = 1024,
	NAME_MAX_LEN = 253, /* RFC 1035 2.3.4, without the root's dot */
	LABEL_MAX = 63,
	HOST_SIZE = NAME_MAX_LEN + 1,
};

/* The text, and what would be right. Its code. */
static int bad_target(struct tbd_error *error, const char *format, ...) TBDI_PRINTF(2, 3);
static int bad_target(struct tbd_error *error, const char *format, ...)
{
	struct tbd_error why = { "" };
	char schemes[128] = "";
	va_list args;
	va_start(args, format);
	vsnprintf(why.text, sizeof(why.text), format, args);
	va_end(args);
	for (size_t i = 0, len = 0; i < TBDI_SCHEME_COUNT && len < sizeof(schemes); i++)
		len += (size_t)snprintf(schemes + len, sizeof(schemes) - len, "%s%s://",
			i == 0                               ? ""
				: i == TBDI_SCHEME_COUNT - 1 ? " or "
							     : ", ",
			tbdi_schemes[i].word);
	return tbdi_fail(error, TBD_E_TARGET,
		"%s (input.bad-target); a target is HOST, HOST:PORT, [IPV6]:PORT, or one of these "
		"after %s",
		why.text, schemes);
}

/* A part of the text; nothing in it is terminated. */
struct part {
	const char *data;
	size_t len;
};

/* A part as it may stand in an error: short, printable ASCII. */
struct quote {
	char text[40];
};

static struct quote quote(struct part part)
{
	struct quote quoted = { "" };
	size_t max = sizeof(quoted.text) - 1;
	for (size_t i = 0; i < part.len && i < max; i++)
		quoted.text[i] = part.data[i];
	for (char *c = quoted.text; *c != '\0'; c++)
		if (*c < 0x20 || *c > 0x7e)
			*c = '?';
	return quoted;
}

/* What could hold a token is refused before anything of the text can stand in an error. */
static int refuse_extras(struct part *text, struct tbd_error *error)
{
	const char *mark = memmem(text->data, text->len, "://", 3);
	size_t start = mark == NULL ? 0 : (size_t)(mark - text->data) + 3;
	struct part rest = { text->data + start, text->len - start };
	if (memchr(text->data, '@', text->len) != NULL)
		return bad_target(
			error, "user information (before \"@\") does not belong in a target");
	if (rest.len > 1 && rest.data[rest.len - 1] == '/') {
		rest.len--;
		text->len--;
	}
	if (memchr(rest.data, '/', rest.len) != NULL)
		return bad_target(error, "a path (after \"/\") does not belong in a target");
	if (memchr(rest.data, '?', rest.len) != NULL || memchr(rest.data, '#', rest.len) != NULL)
		return bad_target(error, "a query or fragment does not belong in a target");
	return 0;
}

/* Cut the path of a WebSocket off. What could hold a token is refused here, too. */
static int take_path(struct part *text, struct part *path, struct tbd_error *error)
{
	static const char plain[] = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ"
				    "0123456789/._~-";
	const char *mark = memmem(text->data, text->len, "://", 3);
	enum tbd_scheme scheme;
	if (mark == NULL || !tbdi_scheme_find(text->data, (size_t)(mark - text->data), &scheme) ||
		tbdi_schemes[scheme].path == NULL)
		return 0;
	size_t host_at = (size_t)(mark - text->data) + 3;
	const char *slash = memchr(mark + 3, '/', text->len - host_at);
	if (slash == NULL)
		return 0;
	*path = (struct part){ slash, text->len - (size_t)(slash - text->data) };
	text->len -= path->len;
	for (size_t i = 0; i < path->len; i++)
		if (strchr(plain, path->data[i]) == NULL)
			return bad_target(error,
				"the path of a WebSocket has a character other than letters, digits, "
				"\"/\", \"-\", \".\", \"_\" and \"~\"");
	return 0;
}

static int parse_scheme(struct part *rest, enum tbd_scheme *scheme, struct tbd_error *error)
{
	const char *mark = memmem(rest->data, rest->len, "://", 3);
	*scheme = TBD_SCHEME_MQTTS;
	if (mark == NULL)
		return 0;
	struct part name = { rest->data, (size_t)(mark - rest->data) };
	rest->data = mark + 3;
	rest->len -= name.len + 3;
	if (tbdi_scheme_find(name.data, name.len, scheme))
		return 0;
	return bad_target(error, "unknown scheme \"%s\"", quote(name).text);
}

/* What is no number may be a token in the wrong place: it is not repeated. */
static int parse_port(struct part text, uint16_t *port, struct tbd_error *error)
{
	unsigned long value = 0;
	size_t digits = 0;
	while (digits < text.len && text.data[digits] >= '0' && text.data[digits] <= '9')
		digits++;
	if (digits < text.len || digits == 0)
		return bad_target(error, "the port is not a number");
	for (size_t i = 0; i < digits && value <= UINT16_MAX; i++)
		value = 10 * value + (unsigned long)(text.data[i] - '0');
	if (value == 0 || value > UINT16_MAX)
		return bad_target(
			error, "port %s is not a number from 1 to 65535", quote(text).text);
	*port = (uint16_t)value;
	return 0;
}

/* Split into host and port. An IPv6 address may stand without brackets when there is no port. */
static int split(struct part rest, struct part *host, struct part *port, struct tbd_error *error)
{
	if (rest.len > 0 && rest.data[0] == '[') {
		const char *end = memchr(rest.data, ']', rest.len);
		if (end == NULL)
			return bad_target(error, "\"]\" is missing");
		*host = (struct part){ rest.data + 1, (size_t)(end - rest.data) - 1 };
		rest.len -= host->len + 2;
		rest.data = end + 1;
		if (rest.len > 0 && rest.data[0] != ':')
			return bad_target(error, "only \":PORT\" may follow \"]\"");
	} else {
		const char *colon = memchr(rest.data, ':', rest.len);
		bool many = colon != NULL && memrchr(rest.data, ':', rest.len) != colon;
		host->data = rest.data;
		host->len = colon == NULL || many ? rest.len : (size_t)(colon - rest.data);
		rest.data += host->len;
		rest.len -= host->len;
	}
	if (rest.len > 0)
		*port = (struct part){ rest.data + 1, rest.len - 1 };
	return 0;
}

/* An IPv6 address with an optional zone (RFC 4007 11), in its usual form (RFC 5952). */
static bool parse_ipv6(const char *text, char host[HOST_SIZE])
{
	char address[INET6_ADDRSTRLEN] = "";
	struct in6_addr binary;
	size_t len = strcspn(text, "%");
	if (len >= sizeof(address))
		return false;
	memcpy(address, text, len);
	if (inet_pton(AF_INET6, address, &binary) != 1 ||
		inet_ntop(AF_INET6, &binary, address, sizeof(address)) == NULL)
		return false;
	const char *zone = text + len;
	/* In a URL the percent sign is escaped (RFC 6874). */
	if (strncmp(zone, "%25", 3) == 0 && zone[3] != '\0')
		zone += 2;
	const char *name = *zone == '\0' ? zone : zone + 1;
	bool named = *name != '\0' && strlen(name) < IF_NAMESIZE;
	for (const char *c = name; *c != '\0'; c++)
		named = named && (isalnum((unsigned char)*c) || strchr("-._~", *c) != NULL);
	if (*zone != '\0' && !named)
		return false;
	snprintf(host, HOST_SIZE, "%s%s%s", address, *zone == '\0' ? "" : "%", name);
	return true;
}

/* The last label is a number: what getaddrinfo() would take for some old form of an IPv4 address. */
static bool ends_in_number(const char *name)
{
	const char *dot = strrchr(name, '.');
	const char *label = dot == NULL ? name : dot + 1;
	char *end = NULL;
	if (!isdigit((unsigned char)*label))
		return false;
	strtoul(label, &end, 0);
	return *end == '\0';
}

/* An underscore is no host name (RFC 1123 2.1), but container names have it. Bytes that are not ASCII
 * are the business of IDNA. */
static int check_characters(struct part name, struct tbd_error *error)
{
	for (size_t i = 0; i < name.len; i++) {
		unsigned char c = (unsigned char)name.data[i];
		if (c < 0x80 && !isalnum(c) && strchr("._-", c) == NULL)
			return bad_target(error,
				"the host has a character that no name has, at position %zu",
				i + 1);
	}
	return 0;
}

static int check_labels(const char *name, struct tbd_error *error)
{
	size_t label = 0;
	for (const char *c = name; *c != '\0'; c++) {
		label = *c == '.' ? 0 : label + 1;
		if (label > LABEL_MAX || (label == 0 && (c == name || c[-1] == '.')))
			return bad_target(error,
				"host \"%s\" has a label that is empty or longer than 63 characters",
				quote((struct part){ name, strlen(name) }).text);
	}
	if (ends_in_number(name))
		return bad_target(error, "host \"%s\" is no IPv4 address",
			quote((struct part){ name, strlen(name) }).text);
	return 0;
}

/* A name as A-labels, lower case, without the root's dot. */
static int map_name(struct part text, char host[HOST_SIZE], struct tbd_error *error)
{
	gnutls_datum_t mapped = { NULL, 0 };
	int rc = gnutls_idna_map(text.data, (unsigned)text.len, &mapped, 0);
	if (rc < 0)
		return bad_target(
			error, "the host is no internationalised name (%s)", gnutls_strerror(rc));
	size_t len = mapped.size;
	if (len > 0 && mapped.data[len - 1] == '.')
		len--;
	bool fits = len > 0 && len < HOST_SIZE;
	for (size_t i = 0; fits && i < len; i++)
		host[i] = (char)tolower(mapped.data[i]);
	gnutls_free(mapped.data);
	if (!fits)
		return bad_target(
			error, "the host is %s", len == 0 ? "empty" : "longer than 253 characters");
	host[len] = '\0';
	return 0;
}

static int parse_host(struct part text, bool bracketed, char host[HOST_SIZE], bool *is_address,
	struct tbd_error *error)
{
	struct in_addr ipv4;
	char copy[HOST_SIZE] = "";
	memcpy(copy, text.data, text.len < HOST_SIZE ? text.len : HOST_SIZE - 1);
	*is_address = bracketed || strchr(copy, ':') != NULL;
	if (*is_address && (text.len >= HOST_SIZE || !parse_ipv6(copy, host)))
		return bad_target(error, "host \"%s\" is no IPv6 address", quote(text).text);
	if (*is_address)
		return 0;
	int rc = check_characters(text, error);
	if (rc == 0)
		rc = map_name(text, host, error);
	if (rc < 0)
		return rc;
	*is_address = inet_pton(AF_INET, host, &ipv4) == 1;
	if (*is_address)
		return 0;
	/* Again: IDNA maps full-width forms to ASCII. */
	rc = check_characters((struct part){ host, strlen(host) }, error);
	return rc < 0 ? rc : check_labels(host, error);
}

/* path: of a WebSocket; "" or "/": the usual one. */
static struct tbd_target *target_new(
	enum tbd_scheme scheme, const char *host, bool is_address, uint16_t port, struct part path)
{
	char url[HOST_SIZE + 32 + TEXT_MAX];
	const char *usual = tbdi_schemes[scheme].path;
	if (usual == NULL || path.len == 0)
		path = (struct part){ usual, usual != NULL ? strlen(usual) : 0 };
	const char *zone = strchr(host, '%');
	int address_len = zone == NULL ? (int)strlen(host) : (int)(zone - host);
	bool brackets = strchr(host, ':') != NULL;
	snprintf(url, sizeof(url), "%s://%s%.*s%s%s%s:%u%.*s", tbd_scheme_name(scheme),
		brackets ? "[" : "", address_len, host, zone == NULL ? "" : "%25",
		zone == NULL ? "" : zone + 1, brackets ? "]" : "", (unsigned)port, (int)path.len,
		path.len > 0 ? path.data : "");
	size_t host_size = strlen(host) + 1;
	size_t url_size = strlen(url) + 1;
	struct tbd_target *target = calloc(1, sizeof(*target) + host_size + url_size);
	if (target == NULL)
		return NULL;
	char *strings = (char *)(target + 1);
	const char *copy = memcpy(strings + host_size, url, url_size);
	*target = (struct tbd_target){
		.scheme = scheme,
		.tls = tbdi_schemes[scheme].tls,
		.is_address = is_address,
		.host = memcpy(strings, host, host_size),
		.port = port,
		.url = copy,
		.path = usual != NULL ? copy + url_size - 1 - path.len : NULL,
	};
	return target;
}

struct tbd_target *tbdi_target_beside(
	const struct tbd_target *target, enum tbd_scheme scheme, uint16_t port)
{
	return target_new(scheme, target->host, target->is_address, port, (struct part){ NULL, 0 });
}

int tbd_target_parse(const char *text, struct tbd_target **out, struct tbd_error *error)
{
	if (text == NULL || out == NULL)
		return tbdi_fail(error, TBD_E_INVALID, "tbd_target_parse: an argument is NULL");
	*out = NULL;
	struct part rest = { text, strnlen(text, TEXT_MAX + 1) };
	struct part host_part = { NULL, 0 };
	struct part port_part = { NULL, 0 };
	char host[HOST_SIZE] = "";
	bool is_address = false;
	enum tbd_scheme scheme = TBD_SCHEME_MQTTS;
	if (rest.len > TEXT_MAX)
		return bad_target(error, "longer than %d bytes", TEXT_MAX);
	struct part path = { NULL, 0 };
	int rc = take_path(&rest, &path, error);
	if (rc == 0)
		rc = refuse_extras(&rest, error);
	if (rc == 0)
		rc = parse_scheme(&rest, &scheme, error);
	if (rc == 0)
		rc = split(rest, &host_part, &port_part, error);
	uint16_t port = tbdi_schemes[scheme].port;
	if (rc == 0 && port_part.data != NULL)
		rc = parse_port(port_part, &port, error);
	if (rc == 0)
		rc = parse_host(host_part, rest.data[0] == '[', host, &is_address, error);
	if (rc < 0)
		return rc;
	*out = target_new(scheme, host, is_address, port, path);
	return *out == NULL ? tbdi_fail_nomem(error) : 0;
}

void tbd_target_free(struct tbd_target *target)
{
	free(target);
}
