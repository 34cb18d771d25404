/* SPDX-License-Identifier: MIT
 *
 * proxy.c - asks a proxy for a connection to the peer.
 */
#include "net/connect.h"

#include "net/socket.h"

#include <errno.h>
#include <poll.h>
#include <strings.h>

enum {
	URL_MAX = 2048,
	CREDENTIAL_MAX = 255, /* RFC 1929 2 */
	PAIR_MAX = 2 * CREDENTIAL_MAX + 1,
	MESSAGE_MAX = 2048,     /* of ours: credentials in base64, or a name */
	ANSWER_MAX = 16 * 1024, /* of its: the head of HTTP's */
	STATUS_LINE_SHOWN = 200,
};

/* RFC 1928 */
enum { SOCKS_VERSION = 5, METHOD_NONE = 0, METHOD_PASSWORD = 2, SOCKS_CONNECT = 1 };
enum { SOCKS_IPV4 = 1, SOCKS_NAME = 3, SOCKS_IPV6 = 4 };

/* What is awaited. */
enum stage { STAGE_HEAD, STAGE_METHOD, STAGE_LOGIN, STAGE_REPLY, STAGE_BOUND };

struct tbdi_proxy {
	struct tbdi_report *report;
	struct tbd_proxy *seen;
	char user[CREDENTIAL_MAX + 1];
	char password[CREDENTIAL_MAX + 1];
	const char *host; /* of the peer */
	uint16_t port;
	struct tbdi_socket socket; /* borrowed */
	enum stage stage;
	size_t at;  /* of the message, that was sent */
	size_t len; /* of the message */
	unsigned char message[MESSAGE_MAX];
	size_t wanted;     /* bytes of the answer, as far as that is known */
	size_t answer_len; /* that have come */
	size_t head_at;    /* of the answer: where the last head of HTTP begins */
	char answer[ANSWER_MAX];
};

struct tbd_proxy *tbdi_proxy_seen(const struct tbdi_proxy *proxy)
{
	return proxy->seen;
}

/* ---- the URL --------------------------------------------------------------------------------- */

static int hex_digit(char c)
{
	if (c >= '0' && c <= '9')
		return c - '0';
	c = (char)(c | 0x20);
	return c >= 'a' && c <= 'f' ? c - 'a' + 10 : -1;
}

/* Percent-decode (RFC 3986 2.1). False: too long, or not valid. */
static bool decode(const char *text, size_t len, char out[CREDENTIAL_MAX + 1])
{
	size_t count = 0;
	for (size_t i = 0; i < len; i++) {
		int value = (unsigned char)text[i];
		if (text[i] == '%') {
			if (i + 2 >= len || hex_digit(text[i + 1]) < 0 ||
				hex_digit(text[i + 2]) < 0)
				return false;
			value = hex_digit(text[i + 1]) * 16 + hex_digit(text[i + 2]);
			i += 2;
		}
		if (value == 0 || count == CREDENTIAL_MAX)
			return false;
		out[count++] = (char)value;
	}
	out[count] = '\0';
	return true;
}

/* "USER:PASSWORD" */
static bool take_credentials(struct tbdi_proxy *proxy, const char *text, size_t len)
{
	const char *colon = memchr(text, ':', len);
	size_t user_len = colon != NULL ? (size_t)(colon - text) : len;
	size_t rest = colon != NULL ? len - user_len - 1 : 0;
	proxy->seen->with_credentials = true;
	return user_len > 0 && decode(text, user_len, proxy->user) &&
		decode(colon != NULL ? colon + 1 : "", rest, proxy->password);
}

/* RFC 4648 4. An encoder of a library would leave copies behind. */
static void encode(const char *text, char *out)
{
	static const char digits[] =
		"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
	const unsigned char *bytes = (const unsigned char *)text;
	for (size_t len = strlen(text); len > 0; bytes += 3, len -= len < 3 ? len : 3) {
		unsigned second = len > 1 ? bytes[1] : 0;
		unsigned third = len > 2 ? bytes[2] : 0;
		*out++ = digits[bytes[0] >> 2];
		*out++ = digits[(bytes[0] & 3) << 4 | second >> 4];
		*out++ = len > 1 ? digits[(second & 15) << 2 | third >> 6] : '=';
		*out++ = len > 2 ? digits[third & 63] : '=';
	}
	*out = '\0';
}

enum { ENCODED_SIZE = (PAIR_MAX + 2) / 3 * 4 + 1 };

/* As the credentials of HTTP stand in a request (RFC 7617). */
static void encode_pair(const struct tbdi_proxy *proxy, char out[ENCODED_SIZE])
{
	char pair[PAIR_MAX + 1];
	snprintf(pair, sizeof(pair), "%s:%s", proxy->user, proxy->password);
	encode(pair, out);
	explicit_bzero(pair, sizeof(pair));
}

/* The proxy gets them, whoever that is, and may repeat them: the padding of base64 is not looked for. */
static int mask_credentials(struct tbdi_proxy *proxy)
{
	struct tbdi_mask *mask = &proxy->report->mask;
	char encoded[ENCODED_SIZE];
	encode_pair(proxy, encoded);
	encoded[strcspn(encoded, "=")] = '\0';
	int rc = proxy->seen->with_credentials ? tbdi_mask_add(mask, encoded) : 0;
	encode(proxy->password, encoded);
	encoded[strcspn(encoded, "=")] = '\0';
	if (rc == 0)
		rc = tbdi_mask_add(mask, encoded);
	if (rc == 0)
		rc = tbdi_mask_add(mask, proxy->password);
	explicit_bzero(encoded, sizeof(encoded));
	return rc;
}

/* The last message that has them is made. */
static void forget_credentials(struct tbdi_proxy *proxy)
{
	explicit_bzero(proxy->user, sizeof(proxy->user));
	explicit_bzero(proxy->password, sizeof(proxy->password));
}

/* "HOST:PORT", as in a target; a port has to be there, for proxies have none that is usual. */
static bool take_address(struct tbdi_proxy *proxy, const char *text, size_t len)
{
	static const char *const schemes[] = { "mqtts", "mqtt" };
	struct tbd_target *targets[2] = { NULL, NULL };
	bool good = true;
	for (size_t i = 0; i < TBDI_COUNT(schemes); i++) {
		char url[URL_MAX + 16];
		snprintf(url, sizeof(url), "%s://%.*s", schemes[i], (int)len, text);
		good = good && tbd_target_parse(url, &targets[i], NULL) == 0;
	}
	good = good && targets[0]->port == targets[1]->port;
	if (good) {
		proxy->seen->host = tbdi_arena_strdup(&proxy->report->arena, targets[0]->host);
		proxy->seen->port = targets[0]->port;
	}
	for (size_t i = 0; i < TBDI_COUNT(schemes); i++)
		tbd_target_free(targets[i]);
	return good;
}

static bool take_url(struct tbdi_proxy *proxy, const char *url)
{
	static const char *const protocols[] = { "http", "socks5" };
	const char *mark = strstr(url, "://");
	size_t scheme_len = mark != NULL ? (size_t)(mark - url) : 0;
	for (size_t i = 0; i < TBDI_COUNT(protocols); i++)
		if (strlen(protocols[i]) == scheme_len &&
			strncasecmp(url, protocols[i], scheme_len) == 0)
			proxy->seen->protocol = protocols[i];
	if (proxy->seen->protocol == NULL || strlen(url) > URL_MAX)
		return false;
	const char *rest = mark + 3;
	const char *at = strrchr(rest, '@');
	if (at != NULL && !take_credentials(proxy, rest, (size_t)(at - rest)))
		return false;
	const char *address = at != NULL ? at + 1 : rest;
	return take_address(proxy, address, strlen(address));
}

int tbdi_proxy_new(struct tbdi_report *report, const char *url, struct tbdi_proxy **out,
	struct tbd_error *error)
{
	struct tbdi_proxy *proxy = calloc(1, sizeof(*proxy));
	struct tbd_proxy *seen = tbdi_arena_alloc(&report->arena, sizeof(*seen));
	if (proxy == NULL || seen == NULL) {
		free(proxy);
		return tbdi_fail_nomem(error);
	}
	proxy->report = report;
	proxy->seen = seen;
	proxy->socket.fd = -1;
	seen->code = -1;
	bool is_good = take_url(proxy, url) && seen->host != NULL;
	int rc = is_good ? mask_credentials(proxy) : 0;
	if (is_good && rc == 0) {
		*out = proxy;
		return 0;
	}
	tbdi_proxy_free(proxy);
	if (rc < 0)
		return tbdi_fail_nomem(error);
	return tbdi_fail(error, TBD_E_TARGET,
		"a proxy is named as http://HOST:PORT or socks5://HOST:PORT, with USER:PASSWORD@ "
		"(each at most %d bytes, percent-encoded) before the host if it wants them",
		CREDENTIAL_MAX);
}

void tbdi_proxy_free(struct tbdi_proxy *proxy)
{
	if (proxy == NULL)
		return;
	explicit_bzero(proxy, sizeof(*proxy));
	free(proxy);
}

/* ---- messages -------------------------------------------------------------------------------- */

static void message_add(struct tbdi_proxy *proxy, const void *data, size_t len)
{
	size_t room = sizeof(proxy->message) - proxy->len;
	size_t kept = len < room ? len : room;
	memcpy(proxy->message + proxy->len, data, kept);
	proxy->len += kept;
}

static void message_begin(struct tbdi_proxy *proxy, enum stage awaited, size_t wanted)
{
	explicit_bzero(proxy->message, sizeof(proxy->message));
	proxy->at = proxy->len = 0;
	proxy->stage = awaited;
	proxy->wanted = wanted;
	proxy->answer_len = proxy->head_at = 0;
}

/* "Proxy-Authorization: Basic ..." (RFC 7617). */
static void add_authorization(struct tbdi_proxy *proxy)
{
	char encoded[ENCODED_SIZE];
	static const char name[] = "Proxy-Authorization: Basic ";
	encode_pair(proxy, encoded);
	message_add(proxy, name, strlen(name));
	message_add(proxy, encoded, strlen(encoded));
	message_add(proxy, "\r\n", 2);
	explicit_bzero(encoded, sizeof(encoded));
}

static void say_connect(struct tbdi_proxy *proxy)
{
	char head[1024];
	bool brackets = strchr(proxy->host, ':') != NULL;
	int host_len = (int)strcspn(proxy->host, "%");
	char peer[512];
	snprintf(peer, sizeof(peer), "%s%.*s%s:%u", brackets ? "[" : "", host_len, proxy->host,
		brackets ? "]" : "", proxy->port);
	snprintf(head, sizeof(head),
		"CONNECT %s HTTP/1.1\r\nHost: %s\r\nUser-Agent: tbdiag/" PACKAGE_VERSION "\r\n",
		peer, peer);
	message_begin(proxy, STAGE_HEAD, ANSWER_MAX);
	message_add(proxy, head, strlen(head));
	if (proxy->seen->with_credentials)
		add_authorization(proxy);
	message_add(proxy, "\r\n", 2);
	forget_credentials(proxy);
}

/* A proxy that wants credentials says so only if they are offered. */
static void say_methods(struct tbdi_proxy *proxy)
{
	static const unsigned char greeting[] = { SOCKS_VERSION, 2, METHOD_NONE, METHOD_PASSWORD };
	message_begin(proxy, STAGE_METHOD, 2);
	message_add(proxy, greeting, sizeof(greeting));
}

static void add_counted(struct tbdi_proxy *proxy, const char *text)
{
	const unsigned char len = (unsigned char)strlen(text);
	message_add(proxy, &len, 1);
	message_add(proxy, text, len);
}

static void say_login(struct tbdi_proxy *proxy)
{
	message_begin(proxy, STAGE_LOGIN, 2);
	message_add(proxy, "\x01", 1);
	add_counted(proxy, proxy->user);
	add_counted(proxy, proxy->password);
	forget_credentials(proxy);
}

/* The name is the proxy's to resolve. */
static void say_request(struct tbdi_proxy *proxy)
{
	enum { BEGINNING = 5 }; /* of the reply: up to the first byte of an address */
	struct tbdi_address address;
	unsigned char head[] = { SOCKS_VERSION, SOCKS_CONNECT, 0, SOCKS_NAME };
	const unsigned char port[] = { (unsigned char)(proxy->port >> 8),
		(unsigned char)proxy->port };
	bool is_literal = tbdi_address_parse(proxy->host, proxy->port, &address);
	bool is_ipv4 = is_literal && address.as.any.sa_family == AF_INET;
	if (is_literal)
		head[3] = is_ipv4 ? SOCKS_IPV4 : SOCKS_IPV6;
	forget_credentials(proxy);
	message_begin(proxy, STAGE_REPLY, BEGINNING);
	message_add(proxy, head, sizeof(head));
	if (is_ipv4)
		message_add(proxy, &address.as.ipv4.sin_addr, sizeof(address.as.ipv4.sin_addr));
	else if (is_literal)
		message_add(proxy, &address.as.ipv6.sin6_addr, sizeof(address.as.ipv6.sin6_addr));
	else
		add_counted(proxy, proxy->host);
	message_add(proxy, port, sizeof(port));
}

void tbdi_proxy_begin(struct tbdi_proxy *proxy, int fd, const char *host, uint16_t port)
{
	proxy->socket = (struct tbdi_socket){ .fd = fd };
	proxy->host = host;
	proxy->port = port;
	if (strcmp(proxy->seen->protocol, "http") == 0)
		say_connect(proxy);
	else
		say_methods(proxy);
}

/* ---- answers --------------------------------------------------------------------------------- */

static int end(struct tbdi_proxy *proxy, enum tbd_end how, const char *detail)
{
	proxy->seen->end = how;
	proxy->seen->detail = detail;
	explicit_bzero(proxy->message, sizeof(proxy->message));
	return 1;
}

/* What came is not what the protocol says, or only a part of it. */
static int end_with_first_bytes(struct tbdi_proxy *proxy, enum tbd_end how, struct tbd_error *error)
{
	const struct tbdi_socket *socket = &proxy->socket;
	size_t len =
		socket->bytes_in < sizeof(socket->first) ? socket->bytes_in : sizeof(socket->first);
	if (len > 0) {
		proxy->seen->first_bytes =
			tbdi_report_peer_bytes(proxy->report, socket->first, len);
		if (proxy->seen->first_bytes == NULL)
			return tbdi_fail_nomem(error);
	}
	return end(proxy, how, NULL);
}

/* Others may come before the answer (RFC 9110 15.2); nobody asked to switch protocols. */
static bool is_interim(int code)
{
	enum { SWITCHING_PROTOCOLS = 101 };
	return code / 100 == 1 && code != SWITCHING_PROTOCOLS;
}

/* The status line of HTTP, and what it means. */
static int judge_head(struct tbdi_proxy *proxy, struct tbd_error *error)
{
	enum { AUTHENTICATION_REQUIRED = 407 };
	struct tbd_proxy *seen = proxy->seen;
	const char *head = proxy->answer + proxy->head_at;
	int minor = 0;
	int code = 0;
	proxy->answer[proxy->answer_len] = '\0';
	if (sscanf(head, "HTTP/1.%1d %3d", &minor, &code) != 2 || code < 100)
		return end_with_first_bytes(proxy, TBD_END_PROTOCOL, error);
	if (is_interim(code)) {
		proxy->head_at = proxy->answer_len;
		return 0;
	}
	size_t len = strcspn(head, "\r\n");
	bool cut = len > STATUS_LINE_SHOWN;
	const char *line =
		tbdi_report_peer_text(proxy->report, head, cut ? STATUS_LINE_SHOWN : len, cut);
	if (line == NULL)
		return tbdi_fail_nomem(error);
	seen->code = code;
	seen->wants_credentials = code == AUTHENTICATION_REQUIRED;
	return end(proxy, code / 100 == 2 ? TBD_END_OK : TBD_END_REFUSED, line);
}

static int judge_method(struct tbdi_proxy *proxy, struct tbd_error *error)
{
	unsigned char method = (unsigned char)proxy->answer[1];
	if (proxy->answer[0] != SOCKS_VERSION)
		return end_with_first_bytes(proxy, TBD_END_PROTOCOL, error);
	if (method == METHOD_NONE || (method == METHOD_PASSWORD && proxy->seen->with_credentials)) {
		if (method == METHOD_PASSWORD)
			say_login(proxy);
		else
			say_request(proxy);
		return 0;
	}
	proxy->seen->wants_credentials = true;
	return end(proxy, TBD_END_REFUSED,
		method == METHOD_PASSWORD
			? "it wants user name and password"
			: "it takes none of the methods: no credentials, password");
}

static int judge_login(struct tbdi_proxy *proxy)
{
	if (proxy->answer[1] == 0) {
		say_request(proxy);
		return 0;
	}
	proxy->seen->wants_credentials = true;
	return end(proxy, TBD_END_REFUSED, "user name and password are wrong");
}

/* RFC 1928 6 */
static const char *reply_text(unsigned code)
{
	static const char *const texts[] = { "succeeded", "general failure",
		"not allowed by its rules", "the network is unreachable", "the host is unreachable",
		"the connection was refused", "the time ran out", "it knows no CONNECT",
		"it knows no addresses of this kind" };
	return code < TBDI_COUNT(texts) ? texts[code] : "a code that is not assigned";
}

/* The address it bound comes last, of a length that its beginning tells. */
static int judge_reply(struct tbdi_proxy *proxy, struct tbd_error *error)
{
	const unsigned char *answer = (const unsigned char *)proxy->answer;
	if (answer[0] != SOCKS_VERSION)
		return end_with_first_bytes(proxy, TBD_END_PROTOCOL, error);
	proxy->seen->code = answer[1];
	if (answer[1] != 0)
		return end(proxy, TBD_END_REFUSED, reply_text(answer[1]));
	proxy->wanted = answer[3] == SOCKS_IPV4 ? 10
		: answer[3] == SOCKS_IPV6       ? 22
						: 7u + answer[4];
	proxy->stage = STAGE_BOUND;
	return 0;
}

static int proxy_judge(struct tbdi_proxy *proxy, struct tbd_error *error)
{
	switch (proxy->stage) {
	case STAGE_HEAD:
		return judge_head(proxy, error);
	case STAGE_METHOD:
		return judge_method(proxy, error);
	case STAGE_LOGIN:
		return judge_login(proxy);
	case STAGE_REPLY:
		return judge_reply(proxy, error);
	case STAGE_BOUND:
		return end(proxy, TBD_END_OK, NULL);
	}
	return 1;
}

/* ---- turns ----------------------------------------------------------------------------------- */

static bool head_is_over(const struct tbdi_proxy *proxy)
{
	static const char blank[] = "\r\n\r\n";
	size_t len = sizeof(blank) - 1;
	return proxy->answer_len - proxy->head_at >= len &&
		memcmp(proxy->answer + proxy->answer_len - len, blank, len) == 0;
}

static bool answer_is_whole(const struct tbdi_proxy *proxy)
{
	return proxy->stage == STAGE_HEAD ? head_is_over(proxy)
					  : proxy->answer_len == proxy->wanted;
}

/* -1: all is sent; 0: wait. What a proxy that is gone said last may be waiting to be read. */
static int send_rest(struct tbdi_proxy *proxy)
{
	while (proxy->at < proxy->len) {
		const struct iovec part = { proxy->message + proxy->at, proxy->len - proxy->at };
		ssize_t sent = tbdi_socket_send(&proxy->socket, &part, 1);
		if (sent < 0)
			return 0;
		proxy->at += (size_t)sent;
	}
	return -1;
}

/* Byte by byte: what follows the answer is the peer's. 1: it is whole, 0: wait, -1: it ended. */
static int read_answer(struct tbdi_proxy *proxy)
{
	while (!answer_is_whole(proxy)) {
		char byte;
		ssize_t got = tbdi_socket_recv(&proxy->socket, &byte, 1);
		if (got < 0 && errno == EAGAIN)
			return 0;
		if (got <= 0 || proxy->answer_len + 1 >= sizeof(proxy->answer))
			return -1;
		proxy->answer[proxy->answer_len++] = byte;
	}
	return 1;
}

int tbdi_proxy_step(struct tbdi_proxy *proxy, struct tbd_error *error)
{
	int rc = 0;
	while (rc == 0) {
		if (send_rest(proxy) == 0)
			return 0;
		int got = read_answer(proxy);
		if (got == 0)
			return 0;
		if (got > 0)
			rc = proxy_judge(proxy, error);
		else
			rc = end_with_first_bytes(proxy,
				proxy->socket.eof                                ? TBD_END_CLOSED
					: proxy->socket.recv_error == ECONNRESET ? TBD_END_RESET
										 : TBD_END_PROTOCOL,
				error);
	}
	return rc;
}

short tbdi_proxy_events(const struct tbdi_proxy *proxy)
{
	return proxy->at < proxy->len ? POLLOUT : POLLIN;
}

int tbdi_proxy_time_out(struct tbdi_proxy *proxy, struct tbd_error *error)
{
	return end_with_first_bytes(proxy, TBD_END_TIMEOUT, error);
}
