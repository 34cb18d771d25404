/* SPDX-License-Identifier: MIT
 *
 * chain.c - the chain of a report, in the order in which it came: nothing is sorted or left out.
 */
#include "verify/chain.h"

#include "x509/cert.h"
#include "base/file.h"
#include "x509/pem.h"
#include "x509/pkcs.h"

/* A chain while it is being filled. Its functions return 0 or TBD_E_NOMEM. */
struct builder {
	struct tbdi_report *report;
	struct tbd_chain *chain;
	struct tbdi_list certs;
	enum tbd_origin origin;
	size_t entry; /* certificates seen so far, with those that were dropped */
};

static int builder_init(struct builder *builder, struct tbdi_report *report, enum tbd_origin origin)
{
	struct tbd_chain *chain = tbdi_arena_alloc(&report->arena, sizeof(*chain));
	*builder = (struct builder){ .report = report, .chain = chain, .origin = origin };
	return chain == NULL ? TBD_E_NOMEM : 0;
}

/* Another handshake mostly brings what the first one did. NULL: it is new. */
static const struct tbdi_cert *sent_before(
	const struct builder *builder, const struct tbd_bytes *der)
{
	const struct tbd_chain *sent = builder->report->sent;
	size_t place = builder->certs.count;
	bool is_same = builder->origin == TBD_ORIGIN_SENT && sent != NULL && place < sent->count &&
		tbdi_bytes_equal(sent->certs[place]->der, *der);
	return is_same ? tbdi_cert_of(sent->certs[place]) : NULL;
}

/* damage: why the bytes could not be had, or NULL. */
static int builder_add(
	struct builder *builder, struct tbd_bytes der, uint64_t offset, const char *damage)
{
	builder->entry++;
	if (builder->certs.count == TBD_CHAIN_MAX) {
		builder->chain->truncated = true;
		return 0;
	}
	struct tbdi_report *report = builder->report;
	const struct tbdi_cert *known = sent_before(builder, &der);
	if (known != NULL)
		return tbdi_list_add(&report->arena, &builder->certs, known);
	struct tbdi_cert *cert = tbdi_cert_new(&report->arena, &report->owned, der);
	bool is_of_peer =
		builder->origin == TBD_ORIGIN_SENT || builder->origin == TBD_ORIGIN_FETCHED;
	if (cert == NULL || (is_of_peer && tbdi_cert_hide(report, &cert->pub) < 0))
		return TBD_E_NOMEM;
	cert->pub.origin = builder->origin;
	cert->pub.index = builder->certs.count;
	cert->pub.file = builder->chain->file;
	cert->pub.entry = builder->entry;
	cert->pub.offset = offset;
	if (damage != NULL)
		cert->pub.error = damage;
	return tbdi_list_add(&report->arena, &builder->certs, cert);
}

static const struct tbd_chain *builder_end(struct builder *builder)
{
	static const struct tbd_cert *const no_certs[] = { NULL };
	struct tbd_chain *chain = builder->chain;
	chain->count = builder->certs.count;
	chain->certs = chain->count == 0
		? no_certs
		: (const struct tbd_cert *const *)(void *)builder->certs.items;
	return chain;
}

const struct tbd_chain *tbdi_chain_new(
	struct tbdi_report *report, const struct tbd_bytes *ders, size_t count, size_t message_len)
{
	struct builder builder;
	if (builder_init(&builder, report, TBD_ORIGIN_SENT) < 0)
		return NULL;
	builder.chain->message_len = message_len;
	for (size_t i = 0; i < count && !tbdi_report_is_late(report); i++)
		if (builder_add(&builder, ders[i], 0, NULL) < 0)
			return NULL;
	report->sent = builder_end(&builder);
	return report->sent;
}

int tbdi_chain_take(struct tbdi_report *report, const struct tbd_bytes *ders, size_t count,
	size_t message_len, struct tbd_error *error)
{
	report->pub.chain = tbdi_chain_new(report, ders, count, message_len);
	return report->pub.chain == NULL ? tbdi_fail_nomem(error) : 0;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* A PKCS#7 object, and where it stands in the file. */
struct bundle {
	struct builder *builder;
	uint64_t offset;
};

static int chain_on_der(void *arg, struct tbd_bytes der)
{
	struct bundle *bundle = arg;
	return builder_add(bundle->builder, der, bundle->offset, NULL);
}

static int pkcs7_add(struct builder *builder, struct tbd_bytes der, uint64_t offset)
{
	return tbdi_pkcs7_each(der, chain_on_der, &(struct bundle){ builder, offset });
}

static int pem_object_add(
	struct builder *builder, const struct tbdi_pem *pem, const struct tbd_bytes *decoded)
{
	struct tbd_bytes in = *decoded;
	struct tbdi_der der;
	if (!tbdi_pem_is_certificate(pem))
		return pkcs7_add(builder, *decoded, pem->offset);
	/* OpenSSL writes its own trust settings behind a TRUSTED CERTIFICATE. */
	bool cut = tbdi_pem_label_is(pem, "TRUSTED CERTIFICATE") && tbdi_der_next(&in, &der);
	return builder_add(builder, cut ? der.whole : *decoded, pem->offset, NULL);
}

static int pem_add(struct builder *builder, struct tbd_bytes text)
{
	struct tbdi_pem pem;
	size_t at = 0;
	int ret = 0;
	while (ret == 0 && tbdi_pem_next(text, &at, &pem)) {
		bool wanted = tbdi_pem_is_certificate(&pem) || tbdi_pem_label_is(&pem, "PKCS7") ||
			tbdi_pem_label_is(&pem, "CMS");
		builder->chain->holds_key =
			builder->chain->holds_key || tbdi_pem_is_private_key(&pem);
		if (!wanted)
			continue;
		uint8_t *data = malloc(tbdi_pem_decoded_max(&pem));
		struct tbd_bytes decoded = { data, 0 };
		if (data == NULL)
			return TBD_E_NOMEM;
		if (tbdi_pem_decode(&pem, data, &decoded.len))
			ret = pem_object_add(builder, &pem, &decoded);
		else
			ret = builder_add(builder, pem.body, pem.offset, "its base64 is damaged");
		free(data);
	}
	return ret;
}

static int content_add(struct builder *builder, struct tbd_bytes content)
{
	struct tbd_bytes in = content;
	struct tbdi_der sequence;
	if (!tbdi_der_take(&in, TBDI_DER_SEQUENCE, &sequence))
		return pem_add(builder, content);
	int ret = pkcs7_add(builder, content, 0);
	if (ret < 0 || builder->entry > 0)
		return ret;
	return builder_add(builder, content, 0, NULL);
}

int tbdi_chain_read(struct tbdi_report *report, struct tbd_bytes content, enum tbd_origin origin,
	struct tbdi_list *certs)
{
	struct builder builder;
	if (builder_init(&builder, report, origin) < 0 || content_add(&builder, content) < 0)
		return TBD_E_NOMEM;
	*certs = builder.certs;
	return 0;
}

/* A file, or what the caller has in memory of one. */
struct source {
	const char *path; /* NULL: it is in memory */
	const char *name;
	const void *data;
	size_t len;
};

static int take_named(struct builder *builder, const char *name, struct tbd_bytes content)
{
	builder->chain->file = tbdi_arena_utf8(&builder->report->arena, name, strlen(name));
	return builder->chain->file == NULL ? TBD_E_NOMEM : content_add(builder, content);
}

/* A chain of what the source holds. */
static int source_load(struct builder *builder, struct source *source, struct tbd_error *error)
{
	struct tbdi_file file = { 0 };
	struct tbd_bytes content = { NULL, 0 };
	int ret = 0;
	if (source->path != NULL) {
		source->name = source->path;
		ret = tbdi_file_read_any(source->path, &file, error);
		content = file.bytes;
	} else {
		ret = tbdi_file_in_memory(
			source->data, source->len, &source->name, &content, error);
	}
	if (ret < 0)
		return ret;
	ret = take_named(builder, source->name, content);
	tbdi_file_release(&file);
	return ret < 0 ? tbdi_fail_nomem(error) : 0;
}

static int chain_load(struct tbd_report *report, struct source source, struct tbd_error *error)
{
	struct tbdi_report *own = tbdi_report_of(report);
	struct builder builder;
	int ret = tbdi_report_writable(report, error);
	if (ret < 0)
		return ret;
	if (report->connection != NULL || report->chain != NULL)
		return tbdi_fail(
			error, TBD_E_INVALID, "tbd_load: the report has a connection or chain");
	if (builder_init(&builder, own, TBD_ORIGIN_FILE) < 0)
		return tbdi_fail_nomem(error);
	ret = source_load(&builder, &source, error);
	if (ret == 0)
		own->pub.chain = builder_end(&builder);
	return ret;
}

int tbd_load(struct tbd_report *report, const char *path, struct tbd_error *error)
{
	return chain_load(report, (struct source){ .path = path }, error);
}

int tbd_load_mem(struct tbd_report *report, const void *data, size_t len, const char *name,
	struct tbd_error *error)
{
	return chain_load(report, (struct source){ .name = name, .data = data, .len = len }, error);
}

static int chain_expect(struct tbd_report *report, struct source source, struct tbd_error *error)
{
	struct tbdi_report *own = tbdi_report_of(report);
	struct builder builder;
	int ret = tbdi_report_writable(report, error);
	if (ret < 0)
		return ret;
	if (builder_init(&builder, own, TBD_ORIGIN_EXPECTED) < 0)
		return tbdi_fail_nomem(error);
	ret = source_load(&builder, &source, error);
	if (ret < 0)
		return ret;
	if (builder.certs.count == 0)
		return tbdi_fail(error, TBD_E_INVALID, "%s: holds no certificate", source.name);
	own->pub.expected = builder_end(&builder);
	return 0;
}

int tbd_expect(struct tbd_report *report, const char *path, struct tbd_error *error)
{
	return chain_expect(report, (struct source){ .path = path }, error);
}

int tbd_expect_mem(struct tbd_report *report, const void *data, size_t len, const char *name,
	struct tbd_error *error)
{
	return chain_expect(
		report, (struct source){ .name = name, .data = data, .len = len }, error);
}

static const struct tbd_cert *same_among(
	const struct tbd_cert *const *certs, size_t count, const struct tbd_cert *cert)
{
	for (size_t i = 0; i < count; i++)
		if (tbdi_bytes_equal(certs[i]->der, cert->der))
			return certs[i];
	return NULL;
}

const struct tbd_cert *tbdi_cert_as_shown(
	const struct tbd_report *report, const struct tbd_cert *cert)
{
	const struct tbd_trust_info *trust = report->trust;
	const struct tbd_cert *shown = same_among(report->chain->certs, report->chain->count, cert);
	if (shown == NULL && trust != NULL)
		shown = same_among(trust->certs, trust->shown_count, cert);
	if (shown == NULL && trust != NULL)
		shown = same_among(trust->untrusted, trust->untrusted_count, cert);
	return shown != NULL ? shown : cert;
}
