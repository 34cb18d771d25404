/* SPDX-License-Identifier: MIT
 *
 * stack-mbedtls.c - mbedTLS: ESP-IDF, Arduino on ESP32, Zephyr, many others without an operating system.
 */
#include "config.h"

/* What ESP-IDF's own verification looks at was public in mbedTLS 2. */
#define MBEDTLS_ALLOW_PRIVATE_ACCESS
#include <mbedtls/ctr_drbg.h>
#include <mbedtls/entropy.h>
#include <mbedtls/error.h>
#include <mbedtls/ssl.h>
#include <mbedtls/version.h>

#include "tools/stacks/stack.h"

#include <string.h>

enum variant {
	DEFAULT,  /* with dates checked */
	NO_CLOCK, /* built without MBEDTLS_HAVE_TIME_DATE, as ESP-IDF is unless it is told */
	BUNDLE,   /* esp_crt_bundle_attach() */
};

/* Devices speak TLS 1.2, and then 3.x needs no psa_crypto_init(). */
#if MBEDTLS_VERSION_NUMBER >= 0x03020000
#define LIMIT_VERSION(config) mbedtls_ssl_conf_max_tls_version(config, MBEDTLS_SSL_VERSION_TLS1_2)
#else
#define LIMIT_VERSION(config) (void)(config)
#endif

struct mbedtls_client {
	mbedtls_entropy_context entropy;
	mbedtls_ctr_drbg_context random;
	mbedtls_x509_crt anchors;
	mbedtls_x509_crt nobody; /* the bundle's callback is asked when no anchor is found */
	mbedtls_ssl_config config;
	mbedtls_ssl_context ssl;
	const char *bundle_words; /* of the bundle's callback, when it refuses */
};

static const char *mbedtls_version(void)
{
	static char text[16];
	mbedtls_version_get_string(text);
	return text;
}

static int mbedtls_on_send(void *peer, const unsigned char *data, size_t len)
{
	return peer_put(peer, data, len) < 0 ? MBEDTLS_ERR_SSL_INTERNAL_ERROR : (int)len;
}

static int mbedtls_on_receive(void *peer, unsigned char *buffer, size_t size)
{
	size_t got = peer_take(peer, buffer, size);
	return got > 0 ? (int)got : MBEDTLS_ERR_SSL_WANT_READ;
}

static int on_verify_without_clock(void *unused, mbedtls_x509_crt *cert, int depth, uint32_t *flags)
{
	(void)unused;
	(void)cert;
	(void)depth;
	*flags &= ~(uint32_t)(MBEDTLS_X509_BADCERT_EXPIRED | MBEDTLS_X509_BADCERT_FUTURE);
	return 0;
}

/* ---- the certificate bundle of ESP-IDF -------------------------------------------------------- */

static bool is_signed_by(const mbedtls_x509_crt *cert, mbedtls_x509_crt *anchor)
{
	unsigned char hash[MBEDTLS_MD_MAX_SIZE];
	const mbedtls_md_info_t *md = mbedtls_md_info_from_type(cert->sig_md);
	return md != NULL && mbedtls_pk_can_do(&anchor->pk, cert->sig_pk) &&
		mbedtls_md(md, cert->tbs.p, cert->tbs.len, hash) == 0 &&
		mbedtls_pk_verify_ext(cert->sig_pk, cert->sig_opts, &anchor->pk, cert->sig_md, hash,
			mbedtls_md_get_size(md), cert->sig.p, cert->sig.len) == 0;
}

/* The bundle holds subject and key of each anchor, by which the first of that subject is found. */
static mbedtls_x509_crt *find_anchor(mbedtls_x509_crt *anchors, const mbedtls_x509_buf *subject)
{
	mbedtls_x509_crt *anchor = anchors;
	while (anchor != NULL &&
		(anchor->subject_raw.len != subject->len ||
			memcmp(anchor->subject_raw.p, subject->p, subject->len) != 0))
		anchor = anchor->next;
	return anchor;
}

/* As esp_crt_verify_callback() does: only a certificate whose sole fault is that its issuer is unknown is looked up, and
 * what issued it need not be valid now. A weak hash is none there. */
static int on_verify_by_bundle(void *data, mbedtls_x509_crt *cert, int depth, uint32_t *flags)
{
	struct mbedtls_client *client = data;
	(void)depth;
	if ((*flags & ~(uint32_t)MBEDTLS_X509_BADCERT_BAD_MD) != MBEDTLS_X509_BADCERT_NOT_TRUSTED)
		return 0;
	mbedtls_x509_crt *anchor = find_anchor(&client->anchors, &cert->issuer_raw);
	if (anchor != NULL && is_signed_by(cert, anchor)) {
		*flags = 0;
		return 0;
	}
	client->bundle_words = anchor == NULL
		? "esp-x509-crt-bundle: No matching trusted root certificate "
		  "found. Failed to verify certificate"
		: "esp-x509-crt-bundle: Certificate matched but signature "
		  "verification failed. Failed to verify certificate";
	return MBEDTLS_ERR_X509_FATAL_ERROR;
}

/* ---- the client ------------------------------------------------------------------------------- */

/* PEM has to come with a NUL that is counted, DER without. What fails in part goes on with the rest, as in esp-tls and
 * Arduino. */
static int mbedtls_load_trust(mbedtls_x509_crt *anchors, const struct replay_bytes *trust)
{
	const char *text = (const char *)trust->data;
	bool is_pem = strstr(text, "-----BEGIN ") != NULL;
	return mbedtls_x509_crt_parse(anchors, trust->data, trust->len + (is_pem ? 1 : 0));
}

static int mbedtls_count_anchors(const mbedtls_x509_crt *anchors)
{
	int count = 0;
	for (; anchors != NULL && anchors->raw.p != NULL; anchors = anchors->next)
		count++;
	return count;
}

static int mbedtls_set_up(struct mbedtls_client *client, enum variant variant, const char *host)
{
	mbedtls_ssl_config *config = &client->config;
	int rc = mbedtls_ctr_drbg_seed(
		&client->random, mbedtls_entropy_func, &client->entropy, NULL, 0);
	if (rc == 0)
		rc = mbedtls_ssl_config_defaults(config, MBEDTLS_SSL_IS_CLIENT,
			MBEDTLS_SSL_TRANSPORT_STREAM, MBEDTLS_SSL_PRESET_DEFAULT);
	if (rc != 0)
		return rc;
	LIMIT_VERSION(config);
	mbedtls_ssl_conf_rng(config, mbedtls_ctr_drbg_random, &client->random);
	mbedtls_ssl_conf_authmode(config, MBEDTLS_SSL_VERIFY_REQUIRED);
	mbedtls_ssl_conf_ca_chain(
		config, variant == BUNDLE ? &client->nobody : &client->anchors, NULL);
	if (variant == BUNDLE)
		mbedtls_ssl_conf_verify(config, on_verify_by_bundle, client);
	if (variant == NO_CLOCK)
		mbedtls_ssl_conf_verify(config, on_verify_without_clock, client);
	rc = mbedtls_ssl_setup(&client->ssl, config);
	if (rc == 0) /* an address, too, goes into the server name */
		rc = mbedtls_ssl_set_hostname(&client->ssl, host);
	return rc;
}

static void mbedtls_say(struct stack_verdict *verdict, int rc)
{
	char words[STACK_WORDS_MAX] = "";
	mbedtls_strerror(rc, words, sizeof(words));
	stack_say(verdict, rc, words);
}

/* What was found on the chain says more than that something was; a callback that fails leaves all of it set. */
static void mbedtls_say_refusal(
	struct stack_verdict *verdict, const struct mbedtls_client *client, int rc)
{
	char words[STACK_WORDS_MAX] = "";
	uint32_t flags = mbedtls_ssl_get_verify_result(&client->ssl);
	if (client->bundle_words != NULL)
		stack_say(verdict, rc, client->bundle_words);
	else if (flags == 0 || flags == UINT32_MAX)
		mbedtls_say(verdict, rc);
	else if (mbedtls_x509_crt_verify_info(words, sizeof(words), "", flags) >= 0)
		stack_say(verdict, rc, words);
	else
		mbedtls_say(verdict, rc);
}

static enum stack_end mbedtls_shake(
	struct mbedtls_client *client, struct peer *peer, struct stack_verdict *verdict)
{
	mbedtls_ssl_set_bio(&client->ssl, peer, mbedtls_on_send, mbedtls_on_receive, NULL);
	int rc = mbedtls_ssl_handshake(&client->ssl);
	if (rc == 0)
		return STACK_FINISHED;
	if (rc == MBEDTLS_ERR_SSL_WANT_READ)
		return STACK_WAITS;
	mbedtls_say_refusal(verdict, client, rc);
	return STACK_REFUSES;
}

static void mbedtls_init(struct mbedtls_client *client)
{
	mbedtls_entropy_init(&client->entropy);
	mbedtls_ctr_drbg_init(&client->random);
	mbedtls_x509_crt_init(&client->anchors);
	mbedtls_x509_crt_init(&client->nobody);
	mbedtls_ssl_config_init(&client->config);
	mbedtls_ssl_init(&client->ssl);
	client->bundle_words = NULL;
}

static void mbedtls_release(struct mbedtls_client *client)
{
	mbedtls_ssl_free(&client->ssl);
	mbedtls_ssl_config_free(&client->config);
	mbedtls_x509_crt_free(&client->nobody);
	mbedtls_x509_crt_free(&client->anchors);
	mbedtls_ctr_drbg_free(&client->random);
	mbedtls_entropy_free(&client->entropy);
}

static enum stack_end mbedtls_judge(const struct stack_case *test, int variant, struct peer *peer,
	struct stack_verdict *verdict)
{
	struct mbedtls_client client;
	enum stack_end end = STACK_CANNOT_LOAD;
	mbedtls_init(&client);
	int rc = mbedtls_load_trust(&client.anchors, &test->trust);
	verdict->anchors_loaded = mbedtls_count_anchors(&client.anchors);
	if (rc >= 0) {
		end = STACK_REFUSES;
		rc = mbedtls_set_up(&client, (enum variant)variant, test->host);
	}
	if (rc == 0)
		end = mbedtls_shake(&client, peer, verdict);
	else
		mbedtls_say(verdict, rc);
	mbedtls_release(&client);
	return end;
}

static const struct stack_mode mbedtls_modes[] = {
	{ "default", DEFAULT },
	{ "no-clock", NO_CLOCK },
	{ "esp-idf-bundle", BUNDLE },
	{ 0 },
};

const struct stack stack = {
	.name = "mbedtls",
	.version = mbedtls_version,
	.modes = mbedtls_modes,
	.judge = mbedtls_judge,
};
