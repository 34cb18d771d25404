/* SPDX-License-Identifier: MIT
 *
 * crl.c - revocation lists: what they tell of a path, and which of them tell nothing.
 */
#include "base/common.h"

#include "tests/unit/check-main.h"
#include "tests/unit/trust-fixture.h"

#include "report/report.h"
#include "x509/crl.h"
#include "verify/chain.h"

#include <gnutls/abstract.h>
#include <time.h>

static const struct mint_cert *root, *other, *inter, *leaf;

static void crl_setup(void)
{
	root = MINT(.cn = "Root", .ca = true);
	other = MINT(.cn = "Root", .ca = true);
	inter = MINT(.cn = "Intermediate", .ca = true, .issuer = root);
	leaf = MINT(.cn = "localhost", .issuer = inter, .names = "localhost",
		.crl = "http://example.org/a.crl");
	kit.trust = TRUST(root);
}

/* A list; what is left out is as it should be. */
struct list {
	const struct mint_cert *issuer;
	const struct mint_cert *signer; /* NULL: the issuer */
	const struct mint_cert *revoked;
	int begins; /* days from now; 0: yesterday */
	int ends;   /* days from now; 0: tomorrow */
	bool no_number;
	bool no_key_id;
	bool version_1;
};

static void list_extensions(gnutls_x509_crl_t crl, const struct list *list)
{
	uint8_t id[20];
	size_t len = sizeof(id);
	if (!list->no_number)
		ck_assert_int_ge(gnutls_x509_crl_set_number(crl, "\x01", 1), 0);
	ck_assert_int_ge(gnutls_x509_crt_get_subject_key_id(list->issuer->crt, id, &len, NULL), 0);
	if (!list->no_key_id)
		ck_assert_int_ge(gnutls_x509_crl_set_authority_key_id(crl, id, len), 0);
}

static gnutls_datum_t list_make(const struct list *list)
{
	gnutls_datum_t der = { NULL, 0 };
	gnutls_x509_crl_t crl;
	gnutls_privkey_t key;
	const struct mint_cert *signer = list->signer != NULL ? list->signer : list->issuer;
	int begins = list->begins != 0 ? list->begins : -1, ends = list->ends != 0 ? list->ends : 1;
	ck_assert_int_ge(gnutls_x509_crl_init(&crl), 0);
	ck_assert_int_ge(gnutls_x509_crl_set_version(crl, list->version_1 ? 1 : 2), 0);
	ck_assert_int_ge(
		gnutls_x509_crl_set_this_update(crl, (time_t)(KIT_NOW + begins * KIT_DAY)), 0);
	ck_assert_int_ge(
		gnutls_x509_crl_set_next_update(crl, (time_t)(KIT_NOW + ends * KIT_DAY)), 0);
	if (list->revoked != NULL)
		ck_assert_int_ge(gnutls_x509_crl_set_crt(
					 crl, list->revoked->crt, (time_t)(KIT_NOW - 2 * KIT_DAY)),
			0);
	if (!list->version_1)
		list_extensions(crl, list);
	ck_assert_int_ge(gnutls_privkey_init(&key), 0);
	ck_assert_int_ge(gnutls_privkey_import_x509(key, signer->key, 0), 0);
	ck_assert_int_ge(
		gnutls_x509_crl_privkey_sign(crl, list->issuer->crt, key, GNUTLS_DIG_SHA256, 0), 0);
	ck_assert_int_ge(gnutls_x509_crl_export2(crl, GNUTLS_X509_FMT_DER, &der), 0);
	gnutls_privkey_deinit(key);
	gnutls_x509_crl_deinit(crl);
	return der;
}

static void list_add(const struct list *list)
{
	struct tbd_error error = { "" };
	gnutls_datum_t der = list_make(list);
	int ret = tbd_trust_add_crl(kit.trust, kit_file(der.data, der.size), &error);
	ck_assert_msg(ret == 0, "%s", error.text);
	gnutls_free(der.data);
}
#define LIST(...) list_add(&(struct list){ __VA_ARGS__ })

static const struct tbd_verification *verify_crl(enum tbd_profile profile)
{
	struct tbd_verify_options options = TBD_VERIFY_OPTIONS_INIT;
	tbd_report_free(kit.report);
	kit.report = REPORT(leaf, inter);
	options.trust = kit.trust;
	options.profile = profile;
	ck_assert_int_eq(tbd_verify(kit.report, &options, NULL), 0);
	return kit.report->verification;
}

/* Nothing is known: devices go on, the others do not. The first list says why it told nothing. */
static void assert_unknown(const char *problem)
{
	ck_assert(verify_crl(TBD_PROFILE_DEVICE)->verified);
	ck_assert_msg(
		kit.report->trust->crls[0]->problem != NULL, "no problem, instead of: %s", problem);
	ck_assert_str_eq(kit.report->trust->crls[0]->problem, problem);
	ck_assert(!verify_crl(TBD_PROFILE_RFC5280)->verified);
	ck_assert_int_eq(kit.report->verification->path->fault, TBD_FAULT_POLICY);
	ck_assert_str_eq(kit.report->verification->path->requirement, "revocation");
	ck_assert_uint_eq(kit.report->verification->path->fault_at, 0);
}

static void assert_revoked(size_t at)
{
	for (int profile = 0; profile <= TBD_PROFILE_WEBPKI; profile++) {
		const struct tbd_verification *verification = verify_crl((enum tbd_profile)profile);
		ck_assert(!verification->verified);
		ck_assert_int_eq(verification->path->fault, TBD_FAULT_REVOKED);
		ck_assert_uint_eq(verification->path->fault_at, at);
		ck_assert_uint_eq(verification->revocation_count, 1);
		const struct tbd_revocation *revocation = verification->revocations[0];
		ck_assert_ptr_eq(revocation->cert, verification->path->certs[at]);
		ck_assert_int_eq(revocation->time, KIT_NOW - 2 * KIT_DAY);
		ck_assert_str_eq(revocation->source, "crl");
		ck_assert_int_eq(tbdi_verification_alert(verification), 44);
	}
}

TEST_GROUP(.setup = crl_setup, .teardown = kit_teardown);

TEST(good)
{
	LIST(.issuer = inter, .revoked = inter);
	LIST(.issuer = root, .revoked = leaf);
	for (int profile = 0; profile <= TBD_PROFILE_WEBPKI; profile++)
		ck_assert(verify_crl((enum tbd_profile)profile)->verified);
	ck_assert_uint_eq(kit.report->trust->crl_count, 2);
	ck_assert_str_eq(kit.report->trust->crls[0]->issuer, "CN=Intermediate");
	ck_assert_ptr_null(kit.report->trust->crls[0]->problem);
	ck_assert_uint_eq(kit.report->trust->crls[0]->entry_count, 1);
	ck_assert_int_eq(kit.report->trust->crls[0]->next_update, KIT_NOW + KIT_DAY);
}

TEST(revoked_leaf)
{
	LIST(.issuer = inter, .revoked = leaf);
	LIST(.issuer = root);
	assert_revoked(0);
}

TEST(revoked_intermediate)
{
	LIST(.issuer = inter);
	LIST(.issuer = root, .revoked = inter);
	assert_revoked(1);
}

/* Entries stay in lists until the certificate ends: that one is over does not help. */
TEST(old_list_still_revokes)
{
	LIST(.issuer = inter, .revoked = leaf, .begins = -9, .ends = -8);
	assert_revoked(0);
}

TEST(no_list_of_this_issuer)
{
	LIST(.issuer = root);
	ck_assert(verify_crl(TBD_PROFILE_DEVICE)->verified);
	ck_assert_ptr_null(kit.report->trust->crls[0]->problem);
	ck_assert(!verify_crl(TBD_PROFILE_RFC5280)->verified);
}

/* A CA that has a new key certifies its old one, and signs its lists with the new one. */
TEST_TIMES(list_by_the_new_key, 2)
{
	const struct mint_cert *new = MINT(.cn = "Intermediate", .ca = true, .issuer = root);
	const struct mint_cert *old =
		MINT(.cn = "Intermediate", .ca = true, .key_of = inter, .issuer = new);
	struct tbd_verify_options options = TBD_VERIFY_OPTIONS_INIT;
	LIST(.issuer = new, .revoked = _i == 1 ? leaf : NULL);
	LIST(.issuer = root);
	kit.report = REPORT(leaf, old, new);
	options.trust = kit.trust;
	options.profile = TBD_PROFILE_RFC5280;
	ck_assert_int_eq(tbd_verify(kit.report, &options, NULL), 0);
	ck_assert_uint_eq(kit.report->verification->path->count, 4);
	ck_assert_int_eq(kit.report->verification->path->fault,
		_i == 1 ? TBD_FAULT_REVOKED : TBD_FAULT_NONE);
}

/* A CA has two certificates, each of which leads to a path. */
TEST(revoked_once)
{
	const struct mint_cert *cross =
		MINT(.cn = "Intermediate", .ca = true, .key_of = inter, .issuer = root);
	struct tbd_verify_options options = TBD_VERIFY_OPTIONS_INIT;
	LIST(.issuer = inter, .revoked = leaf);
	kit.report = REPORT(leaf, inter, cross);
	options.trust = kit.trust;
	ck_assert_int_eq(tbd_verify(kit.report, &options, NULL), 0);
	ck_assert_uint_eq(kit.report->verification->path_count, 2);
	ck_assert_uint_eq(kit.report->verification->revocation_count, 1);
}

TEST(list_over)
{
	LIST(.issuer = inter, .begins = -9, .ends = -8);
	LIST(.issuer = root);
	assert_unknown("its time is over");
}

TEST(list_from_the_future)
{
	LIST(.issuer = inter, .begins = 1, .ends = 2);
	LIST(.issuer = root);
	assert_unknown("it is from the future");
}

/* A list that somebody else made cannot revoke, nor clear. */
TEST(list_of_somebody_else)
{
	LIST(.issuer = inter, .signer = other, .revoked = leaf);
	LIST(.issuer = root);
	assert_unknown("its signature was not made by the issuer's key");
}

TEST(issuer_may_not_sign_lists)
{
	inter = MINT(.cn = "Intermediate", .ca = true, .issuer = root,
		.key_usage = GNUTLS_KEY_KEY_CERT_SIGN);
	leaf = MINT(.cn = "localhost", .issuer = inter, .names = "localhost");
	LIST(.issuer = inter, .revoked = leaf);
	LIST(.issuer = root);
	assert_unknown("its issuer's keyUsage does not allow cRLSign");
}

/* What `openssl ca -gencrl` makes without crlnumber is good enough for devices. */
TEST_TIMES(list_out_of_form, 4)
{
	static const struct list forms[] = {
		{ .no_number = true }, { .no_key_id = true }, { .version_1 = true },
		{ .no_number = true, .no_key_id = true }, /* no extensions at all */
	};
	struct list list = forms[_i];
	list.issuer = inter;
	list_add(&list);
	LIST(.issuer = root);
	ck_assert(verify_crl(TBD_PROFILE_DEVICE)->verified);
	ck_assert_ptr_null(kit.report->trust->crls[0]->problem);
	ck_assert(!verify_crl(TBD_PROFILE_RFC5280)->verified);
	ck_assert_ptr_nonnull(kit.report->trust->crls[0]->problem);
}

/* ---- malformed and limited ------------------------------------------------------------------- */

/* Rows of bytes that take the place of the CRL number, whose extension is 30 0a 06 03 55 1d 14 04 03 02
 * 01 01. */
#define NUMBER "\x30\x0a\x06\x03\x55\x1d\x14\x04\x03\x02\x01\x01"
static const struct {
	struct mint_bytes extension; /* as long as NUMBER */
	bool covers, defective, limited;
} scopes[] = {
	{ MINT_BYTES(NUMBER), true, false, false },
	/* deltaCRLIndicator */
	{ MINT_BYTES("\x30\x0a\x06\x03\x55\x1d\x1b\x04\x03\x02\x01\x01"), true, false, true },
	/* an extension nobody knows, not critical */
	{ MINT_BYTES("\x30\x0a\x06\x03\x55\x1d\x63\x04\x03\x02\x01\x01"), true, false, false },
	/* issuingDistributionPoint that is no SEQUENCE */
	{ MINT_BYTES("\x30\x0a\x06\x03\x55\x1d\x1c\x04\x03\x02\x01\x01"), false, true, false },
	/* issuingDistributionPoint with an unknown part */
	{ MINT_BYTES("\x30\x0a\x06\x03\x55\x1d\x1c\x04\x03\x30\x01\x01"), false, true, false },
	/* an extension that reaches beyond its end */
	{ MINT_BYTES("\x30\x0a\x06\x03\x55\x1d\x14\x04\x7f\x02\x01\x01"), false, true, false },
};

TEST_EACH(extensions, row, scopes)
{
	struct tbdi_arena arena = { NULL };
	struct tbdi_crl crl;
	gnutls_datum_t der = list_make(&(struct list){ .issuer = inter });
	const struct mint_bytes extension = row->extension;
	uint8_t *at = memmem(der.data, der.size, NUMBER, sizeof(NUMBER) - 1);
	ck_assert_ptr_nonnull(at);
	memcpy(at, extension.data, extension.len);
	verify_crl(TBD_PROFILE_DEVICE);
	ck_assert_int_eq(
		tbdi_crl_outline(&arena, (struct tbd_bytes){ der.data, der.size }, &crl), 0);
	ck_assert((crl.defect != NULL) == row->defective);
	ck_assert(tbdi_crl_covers(&crl, tbdi_cert_of(kit.report->chain->certs[0])) == row->covers);
	if (!row->defective)
		ck_assert((tbdi_crl_limit(&crl, KIT_NOW, TBD_PROFILE_DEVICE) != NULL) ==
			row->limited);
	tbdi_arena_release(&arena);
	gnutls_free(der.data);
}

/* Cut off anywhere, a list has a defect and nothing worse. */
TEST(cut_off)
{
	gnutls_datum_t der = list_make(&(struct list){ .issuer = inter, .revoked = leaf });
	for (size_t len = 0; len < der.size; len++) {
		struct tbdi_arena arena = { NULL };
		struct tbdi_crl crl;
		uint8_t *copy = malloc(len + 1);
		memcpy(copy, der.data, len);
		ck_assert_int_eq(
			tbdi_crl_outline(&arena, (struct tbd_bytes){ copy, len }, &crl), 0);
		ck_assert_ptr_nonnull(crl.defect);
		tbdi_arena_release(&arena);
		free(copy);
	}
	gnutls_free(der.data);
}

TEST(any_byte_changed)
{
	gnutls_datum_t der = list_make(&(struct list){ .issuer = inter, .revoked = leaf });
	for (size_t i = 0; i < der.size; i++) {
		struct tbdi_arena arena = { NULL };
		struct tbdi_crl crl;
		for (int change = 1; change < 256; change <<= 1) {
			der.data[i] ^= (uint8_t)change;
			ck_assert_int_eq(tbdi_crl_outline(&arena,
						 (struct tbd_bytes){ der.data, der.size }, &crl),
				0);
			der.data[i] ^= (uint8_t)change;
		}
		tbdi_arena_release(&arena);
	}
	gnutls_free(der.data);
}

TEST(files)
{
	struct tbd_error error = { "" };
	gnutls_datum_t der = list_make(&(struct list){ .issuer = inter, .revoked = leaf });
	gnutls_datum_t one = { NULL, 0 };
	char *text = NULL;
	ck_assert_int_ge(gnutls_pem_base64_encode2("X509 CRL", &der, &one), 0);
	ck_assert_int_ge(asprintf(&text, "# two\n%s%s", one.data, one.data), 0);
	ck_assert_int_eq(tbd_trust_add_crl(kit.trust, kit_file(text, strlen(text)), NULL), 0);
	verify_crl(TBD_PROFILE_DEVICE);
	ck_assert_uint_eq(kit.report->trust->crl_count, 2);
	ck_assert_int_eq(tbd_trust_add_crl(kit.trust, kit_file("x", 1), &error), TBD_E_INVALID);
	ck_assert_ptr_nonnull(strstr(error.text, "holds no certificate revocation list"));
	ck_assert_int_eq(tbd_trust_add_crl(kit.trust, "/nowhere", NULL), TBD_E_OPEN);
	/* A list that cannot be read is shown. */
	static const char damaged[] = "-----BEGIN X509 CRL-----\nMIHx\n-----END X509 CRL-----\n";
	ck_assert_int_eq(tbd_trust_add_crl(kit.trust, kit_file(damaged, strlen(damaged)), NULL), 0);
	verify_crl(TBD_PROFILE_DEVICE);
	ck_assert_str_eq(kit.report->trust->crls[2]->problem, "it is not DER, or cut off");
	gnutls_free(der.data);
	gnutls_free(one.data);
	free(text);
}

/* What a peer sends along for an answer can only be no answer. */
TEST_TIMES(stapled_garbage, 4)
{
	static const struct mint_bytes rows[] = {
		MINT_BYTES("\x00"), MINT_BYTES("\x30\x82\xff\xff"),
		MINT_BYTES("\x30\x03\x0a\x01\x00"), /* successful, without an answer */
		MINT_BYTES("\x30\x03\x0a\x01\x06"), /* unauthorized */
	};
	struct tbd_verify_options options = TBD_VERIFY_OPTIONS_INIT;
	kit.report = REPORT(leaf, inter);
	tbdi_report_of(kit.report)->stapled = (struct tbd_bytes){ rows[_i].data, rows[_i].len };
	options.trust = kit.trust;
	options.profile = TBD_PROFILE_RFC5280;
	ck_assert_int_eq(tbd_verify(kit.report, &options, NULL), 0);
	ck_assert(kit.report->verification->verified);
	ck_assert_ptr_nonnull(kit.report->verification->stapled);
	ck_assert_ptr_nonnull(kit.report->verification->stapled->problem);
	ck_assert_str_eq(kit.report->verification->stapled->status, "unknown");
}

/* ---- answers that are long to read ------------------------------------------------------------ */

struct text {
	uint8_t data[262144];
	size_t len;
};

static void append(struct text *text, const void *data, size_t len)
{
	ck_assert_uint_le(text->len + len, sizeof(text->data));
	memcpy(text->data + text->len, data, len);
	text->len += len;
}
#define APPEND(text, literal) append(text, literal, sizeof(literal) - 1)

/* Put a tag and a length before what there is. */
static void wrap(struct text *text, uint8_t tag)
{
	uint8_t head[5] = { tag };
	size_t bytes = text->len > 0xffff ? 3 : text->len > 0xff ? 2 : text->len > 0x7f ? 1 : 0;
	head[1] = (uint8_t)(bytes > 0 ? 0x80 | bytes : text->len);
	for (size_t i = 0; i < bytes; i++)
		head[2 + i] = (uint8_t)(text->len >> 8 * (bytes - 1 - i));
	ck_assert_uint_le(2 + bytes + text->len, sizeof(text->data));
	memmove(text->data + 2 + bytes, text->data, text->len);
	memcpy(text->data, head, 2 + bytes);
	text->len += 2 + bytes;
}

/* An answer by a responder whose name has so many parts, each of them empty. */
static void answer_make(struct text *out, size_t parts)
{
	struct text *head = calloc(1, sizeof(*head));
	ck_assert_ptr_nonnull(head);
	out->len = 0;
	for (size_t i = 0; i < parts; i++)
		APPEND(out, "\x31\x09\x30\x07\x06\x03\x55\x04\x03\x0c\x00");
	wrap(out, 0x30);
	wrap(out, 0xa1);
	APPEND(out,
		"\x18\x0f"
		"20231114000000Z"
		"\x30\x23\x30\x21\x30\x0c\x30\x03\x06\x01\x2a\x04\x00\x04\x00\x02\x01\x01\x80\x00\x18\x0f"
		"20231114000000Z");
	wrap(out, 0x30);
	APPEND(out,
		"\x30\x0a\x06\x08\x2a\x86\x48\xce\x3d\x04\x03\x02\x03\x09\x00\x30\x06\x02\x01\x01\x02\x01\x01");
	wrap(out, 0x30);
	wrap(out, 0x04);
	APPEND(head, "\x06\x09\x2b\x06\x01\x05\x05\x07\x30\x01\x01");
	append(head, out->data, out->len);
	wrap(head, 0x30);
	wrap(head, 0xa0);
	out->len = 0;
	APPEND(out, "\x0a\x01\x00");
	append(out, head->data, head->len);
	wrap(out, 0x30);
	free(head);
}

/* Five layers of CAs, each with three certificates: 243 paths. */
static struct tbd_report *maze(void)
{
	const struct mint_cert *certs[16], *issuer = MINT(.cn = "Nowhere", .ca = true);
	for (int layer = 4; layer >= 0; layer--) {
		const struct mint_cert *first = NULL;
		for (int i = 0; i < 3; i++) {
			char name[] = "A";
			name[0] = (char)(name[0] + layer);
			const struct mint_cert *cert =
				MINT(.cn = name, .ca = true, .issuer = issuer, .key_of = first);
			first = first != NULL ? first : cert;
			certs[1 + 3 * layer + i] = cert;
		}
		issuer = first;
	}
	certs[0] = MINT(.cn = "localhost", .names = "localhost", .issuer = issuer);
	return kit_report(certs, 16);
}

/* Every path asks about the same two certificates. */
TEST_TIMES(stapled_is_read_once, 2)
{
	static const struct {
		size_t parts;
		const char *problem;
	} rows[] = {
		{ 1350, "it was not signed by the issuer or by a responder it authorised" },
		{ 19000, "it is too large" },
	};
	struct tbd_verify_options options = TBD_VERIFY_OPTIONS_INIT;
	struct text *answer = calloc(1, sizeof(*answer));
	struct tbd_ocsp said;
	ck_assert_ptr_nonnull(answer);
	answer_make(answer, rows[_i].parts);
	kit.report = maze();
	tbdi_report_of(kit.report)->stapled = (struct tbd_bytes){ answer->data, answer->len };
	options.trust = kit.trust;
	clock_t begin = clock();
	ck_assert_int_eq(tbd_verify(kit.report, &options, NULL), 0);
	clock_t whole = clock() - begin;
	ck_assert(kit.report->verification->paths_cut);
	ck_assert_str_eq(kit.report->verification->stapled->problem, rows[_i].problem);
	/* Against the time of one such question on this machine. */
	const struct tbdi_cert *const certs[] = { tbdi_cert_of(kit.report->chain->certs[0]),
		tbdi_cert_of(kit.report->chain->certs[1]) };
	struct tbdi_revoked entry;
	begin = clock();
	answer_make(answer, 1350);
	(void)tbdi_ocsp_ask(
		(struct tbd_bytes){ answer->data, answer->len }, certs, KIT_NOW, &said, &entry);
	clock_t one = clock() - begin;
	ck_assert_msg(whole < 50 * one, "%ld us, a question takes %ld us", (long)whole, (long)one);
	free(answer);
}
