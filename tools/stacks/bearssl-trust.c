/* SPDX-License-Identifier: MIT
 *
 * bearssl-trust.c - reads a trust file as Arduino's core for the ESP8266 does.
 *
 * Its ways are kept: it trusts the names that BearSSL's PEM decoder gives to objects, which after "\r\n" end in dashes and
 * are then none of a certificate; and one that is damaged leaves the list empty.
 */
#include "tools/cli/tool.h"

#include "tools/stacks/bearssl-trust.h"

#include "tools/stacks/cursor.h"

#include <string.h>

struct blob {
	uint8_t *data;
	size_t len, room;
	bool failed; /* memory is out */
};

static void blob_append(void *context, const void *data, size_t len)
{
	struct blob *blob = context;
	if (len > blob->room - blob->len) {
		size_t room = (blob->len + len) * 2;
		uint8_t *grown = blob->failed ? NULL : realloc(blob->data, room);
		blob->failed = grown == NULL;
		if (blob->failed)
			return;
		blob->data = grown;
		blob->room = room;
	}
	memcpy(blob->data + blob->len, data, len);
	blob->len += len;
}

static uint8_t *copy_bytes(const void *data, size_t len)
{
	uint8_t *bytes = malloc(len + 1);
	if (bytes != NULL && len > 0)
		memcpy(bytes, data, len);
	return bytes;
}

/* ---- a certificate ---------------------------------------------------------------------------- */

static bool take_key(br_x509_trust_anchor *anchor, const br_x509_pkey *key)
{
	anchor->pkey = *key;
	if (key->key_type == BR_KEYTYPE_EC) {
		anchor->pkey.key.ec.q = copy_bytes(key->key.ec.q, key->key.ec.qlen);
		return anchor->pkey.key.ec.q != NULL;
	}
	anchor->pkey.key.rsa.n = copy_bytes(key->key.rsa.n, key->key.rsa.nlen);
	anchor->pkey.key.rsa.e = copy_bytes(key->key.rsa.e, key->key.rsa.elen);
	return anchor->pkey.key.rsa.n != NULL && anchor->pkey.key.rsa.e != NULL;
}

static void free_anchor(br_x509_trust_anchor *anchor)
{
	free(anchor->dn.data);
	if (anchor->pkey.key_type == BR_KEYTYPE_EC) {
		free(anchor->pkey.key.ec.q);
	} else if (anchor->pkey.key_type == BR_KEYTYPE_RSA) {
		free(anchor->pkey.key.rsa.n);
		free(anchor->pkey.key.rsa.e);
	}
}

/* Subject and key are all of a certificate that BearSSL trusts; dates and signature are not looked at. */
static bool read_anchor(br_x509_trust_anchor *anchor, const uint8_t *der, size_t len)
{
	br_x509_decoder_context decoder;
	struct blob name = { 0 };
	*anchor = (br_x509_trust_anchor){ 0 };
	br_x509_decoder_init(&decoder, blob_append, &name);
	br_x509_decoder_push(&decoder, der, len);
	const br_x509_pkey *key = br_x509_decoder_get_pkey(&decoder);
	anchor->dn.data = name.data;
	anchor->dn.len = name.len;
	anchor->flags = br_x509_decoder_isCA(&decoder) ? BR_X509_TA_CA : 0;
	if (key != NULL && !name.failed && take_key(anchor, key))
		return true;
	free_anchor(anchor);
	return false;
}

static bool add_anchor(struct bearssl_trust *trust, const uint8_t *der, size_t len)
{
	br_x509_trust_anchor *grown =
		realloc(trust->anchors, (trust->count + 1) * sizeof(trust->anchors[0]));
	if (grown == NULL)
		return false;
	trust->anchors = grown;
	if (!read_anchor(&trust->anchors[trust->count], der, len))
		return false;
	trust->count++;
	return true;
}

/* ---- a file ----------------------------------------------------------------------------------- */

/* A SEQUENCE that ends where the file does. */
static bool looks_like_der(const struct replay_bytes *file)
{
	struct cursor c = { .at = file->data, .left = file->len };
	if (cursor_number(&c, 1) != 0x30)
		return false;
	uint32_t len = cursor_number(&c, 1);
	if (len > 0x80 && len <= 0x84)
		len = cursor_number(&c, len - 0x80);
	return !c.failed && len == c.left;
}

struct pem_reader {
	br_pem_decoder_context decoder;
	struct blob object;
	bool inside, is_certificate;
};

/* False when the core gives up: all it has read before is lost. */
static bool take_pem_event(struct pem_reader *reader, struct bearssl_trust *trust)
{
	const char *name;
	switch (br_pem_decoder_event(&reader->decoder)) {
	case BR_PEM_BEGIN_OBJ:
		name = br_pem_decoder_name(&reader->decoder);
		reader->is_certificate =
			strcmp(name, "CERTIFICATE") == 0 || strcmp(name, "X509 CERTIFICATE") == 0;
		reader->inside = true;
		br_pem_decoder_setdest(&reader->decoder, blob_append, &reader->object);
		return true;
	case BR_PEM_END_OBJ: {
		bool fine = !reader->inside || !reader->is_certificate ||
			add_anchor(trust, reader->object.data, reader->object.len);
		reader->object.len = 0;
		reader->inside = false;
		return fine;
	}
	case BR_PEM_ERROR:
		return false;
	default:
		return true;
	}
}

static bool read_pem(
	struct pem_reader *reader, struct bearssl_trust *trust, const uint8_t *text, size_t len)
{
	bool fine = true;
	while (len > 0 && fine) {
		size_t taken = br_pem_decoder_push(&reader->decoder, text, len);
		text += taken;
		len -= taken;
		fine = take_pem_event(reader, trust);
	}
	return fine && !reader->object.failed;
}

void bearssl_trust_read(struct bearssl_trust *trust, const struct replay_bytes *file)
{
	struct pem_reader reader = { 0 };
	bool fine;
	*trust = (struct bearssl_trust){ 0 };
	if (looks_like_der(file)) {
		fine = add_anchor(trust, file->data, file->len);
	} else {
		/* A string there: it ends at the first NUL. One line end more, for a file without a last. */
		br_pem_decoder_init(&reader.decoder);
		fine = read_pem(&reader, trust, file->data,
			       strnlen((const char *)file->data, file->len)) &&
			read_pem(&reader, trust, (const uint8_t *)"\n", 1) && !reader.inside;
	}
	free(reader.object.data);
	if (!fine) {
		bearssl_trust_free(trust);
		*trust = (struct bearssl_trust){ 0 };
	}
}

void bearssl_trust_free(struct bearssl_trust *trust)
{
	for (size_t i = 0; i < trust->count; i++)
		free_anchor(&trust->anchors[i]);
	free(trust->anchors);
}
