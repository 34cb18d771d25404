/* SPDX-License-Identifier: MIT
 *
 * trust-read.c - read what a trust source holds into the index, and see what is wrong with its files.
 */
#include "verify/trust-read.h"

#include "x509/pkcs.h"

/* ---- what a source holds --------------------------------------------------------------------- */

static const char *const kind_words[][2] = {
	[TBDI_HELD_KEY] = { "a private key", "private keys" },
	[TBDI_HELD_REQUEST] = { "a certificate request", "certificate requests" },
	[TBDI_HELD_DAMAGED] = { "a certificate that cannot be read",
		"certificates that cannot be read" },
	[TBDI_HELD_PKCS7] = { "a PKCS#7 bundle", "PKCS#7 bundles" },
	[TBDI_HELD_CRL] = { "a revocation list", "revocation lists" },
	[TBDI_HELD_PUBLIC_KEY] = { "a public key", "public keys" },
	[TBDI_HELD_OTHER] = { "a PEM object of another kind", "PEM objects of other kinds" },
};
TBDI_TABLE_OF(kind_words, TBDI_HELD_OTHER);

/* What a file holds by its defect, where there is more to say than that. */
static const char *const defect_words[] = {
	[TBD_DEFECT_CUT_OFF] = "a certificate that is cut off",
	[TBD_DEFECT_ESCAPED] = "a certificate whose line ends are the two characters \\n",
	[TBD_DEFECT_C_SOURCE] = "a certificate as a string of C source",
	[TBD_DEFECT_PKCS7] = "a PKCS#7 bundle",
	[TBD_DEFECT_PKCS12] = "a PKCS#12 file (.p12, .pfx)",
	[TBD_DEFECT_JKS] = "a Java key store (JKS)",
	[TBD_DEFECT_UTF16] = "text in UTF-16",
	[TBD_DEFECT_JSON] = "a JSON document",
	[TBD_DEFECT_HTML] = "an HTML page",
};
TBDI_TABLE_OF(defect_words, TBD_DEFECT_HTML);

static bool label_ends_with(const struct tbdi_pem *pem, const char *end)
{
	size_t len = strlen(end);
	return pem->label.len >= len &&
		memcmp(pem->label.data + pem->label.len - len, end, len) == 0;
}

static enum tbdi_held kind_of(const struct tbdi_pem *pem)
{
	if (tbdi_pem_is_private_key(pem))
		return TBDI_HELD_KEY;
	if (label_ends_with(pem, "CERTIFICATE REQUEST"))
		return TBDI_HELD_REQUEST;
	if (label_ends_with(pem, "PUBLIC KEY"))
		return TBDI_HELD_PUBLIC_KEY;
	if (tbdi_pem_label_is(pem, "PKCS7") || tbdi_pem_label_is(pem, "CMS"))
		return TBDI_HELD_PKCS7;
	return tbdi_pem_label_is(pem, "X509 CRL") ? TBDI_HELD_CRL : TBDI_HELD_OTHER;
}

static enum tbd_defect gravest(const struct tbdi_reader *reader)
{
	size_t defect = TBDI_COUNT(reader->defects) - 1;
	while (defect > 0 && reader->defects[defect] == NULL)
		defect--;
	return (enum tbd_defect)defect;
}

/* "a private key and 2 certificate requests" */
static const char *holds_text(const struct tbdi_reader *reader)
{
	struct tbdi_arena *arena = &reader->trust->arena;
	const char *text = NULL;
	const char *special = defect_words[gravest(reader)];
	for (enum tbdi_held kind = 0; kind < TBDI_HELD_COUNT; kind++) {
		size_t count = reader->counts[kind];
		if (count == 0)
			continue;
		const char *part = count == 1
			? (kind == TBDI_HELD_DAMAGED && special != NULL ? special
									: kind_words[kind][0])
			: tbdi_arena_printf(arena, "%zu %s", count, kind_words[kind][1]);
		if (part != NULL && text != NULL)
			part = tbdi_arena_printf(arena, "%s and %s", text, part);
		if (part == NULL)
			return NULL;
		text = part;
	}
	if (text != NULL)
		return text;
	if (reader->unreadable > 0)
		return tbdi_arena_printf(arena, "%zu file%s that cannot be read (%s)",
			reader->unreadable, reader->unreadable == 1 ? "" : "s",
			reader->unreadable_why);
	if (reader->bytes == 0)
		return "nothing at all";
	return special != NULL ? special : "nothing that looks like a certificate";
}

/* ---- certificates ---------------------------------------------------------------------------- */

static struct tbd_bytes subject_key_id(const struct tbdi_outline *outline)
{
	struct tbd_bytes value;
	struct tbdi_der id;
	bool found = tbdi_outline_extension(outline, TBDI_ID_CE_SUBJECT_KEY_ID, &value) &&
		tbdi_der_take(&value, TBDI_DER_OCTET_STRING, &id);
	return found ? id.value : (struct tbd_bytes){ NULL, 0 };
}

/* The end of a certificate is its signature: as good as a hash. */
static struct tbdi_trust_entry **bucket_of(struct tbd_trust *trust, struct tbd_bytes der)
{
	return &trust->buckets[der.data[der.len - 1] % TBDI_TRUST_BUCKETS];
}

static struct tbdi_trust_entry *entry_find(struct tbd_trust *trust, struct tbd_bytes der)
{
	struct tbdi_trust_entry *entry = *bucket_of(trust, der);
	while (entry != NULL && !tbdi_bytes_equal(entry->der, der))
		entry = entry->next;
	return entry;
}

static struct tbdi_trust_entry *entry_new(struct tbd_trust *trust, struct tbdi_list *list,
	const struct tbdi_outline *outline, struct tbd_bytes der)
{
	struct tbdi_trust_entry *entry = tbdi_arena_alloc(&trust->arena, sizeof(*entry));
	if (tbdi_list_add(&trust->arena, list, entry) < 0)
		return NULL;
	entry->der = der;
	entry->subject = outline->subject;
	entry->issuer = outline->issuer;
	entry->spki = outline->spki;
	entry->subject_key_id = subject_key_id(outline);
	return entry;
}

static struct tbdi_trust_entry *anchor_new(
	struct tbd_trust *trust, const struct tbdi_outline *outline, struct tbd_bytes der)
{
	struct tbdi_trust_entry **bucket = bucket_of(trust, der);
	struct tbdi_trust_entry *entry = entry_new(trust, &trust->entries, outline, der);
	if (entry == NULL)
		return NULL;
	entry->next = *bucket;
	*bucket = entry;
	return entry;
}

static struct tbdi_trust_entry *untrusted_find(const struct tbd_trust *trust, struct tbd_bytes der)
{
	for (size_t i = 0; i < trust->untrusted.count; i++) {
		struct tbdi_trust_entry *entry = trust->untrusted.items[i];
		if (tbdi_bytes_equal(entry->der, der))
			return entry;
	}
	return NULL;
}

/* Add a certificate; der lives as long as the trust store. *is_new: the source did not hold it yet. 0 or TBD_E_NOMEM. */
static int cert_add(struct tbdi_reader *reader, const struct tbdi_outline *outline,
	struct tbd_bytes der, const struct tbdi_place *place, bool *is_new)
{
	struct tbd_trust *trust = reader->trust;
	struct tbdi_trust_entry *entry =
		reader->untrusted ? untrusted_find(trust, der) : entry_find(trust, der);
	if (entry == NULL) {
		entry = reader->untrusted ? entry_new(trust, &trust->untrusted, outline, der)
					  : anchor_new(trust, outline, der);
		if (entry == NULL)
			return TBD_E_NOMEM;
		entry->place = *place;
	}
	*is_new = entry->seen_by != reader->source;
	reader->source->cert_count += *is_new;
	entry->seen_by = reader->source;
	if (reader->hashed)
		entry->hashed_by = reader->source;
	return 0;
}

/* ---- defects --------------------------------------------------------------------------------- */

/* A file of PEM while it is being read. */
struct text {
	struct tbd_bytes bytes;
	const char *path;
	struct tbdi_lines lines;
	size_t number; /* certificates so far */
	size_t last_begin,
		last_usual; /* where the last object begins, and the last with the usual label; or 0 */
};

/* An object in it. */
struct object {
	struct tbdi_pem pem;
	size_t end; /* behind it */
	struct tbdi_place place;
};

static struct tbd_store_defect *defect_new(
	struct tbdi_reader *reader, enum tbd_defect defect, const char *path)
{
	struct tbd_store_defect *row = tbdi_arena_alloc(&reader->trust->arena, sizeof(*row));
	if (row == NULL)
		return NULL;
	*row = (struct tbd_store_defect){ .defect = defect, .file = path };
	reader->defects[defect] = row;
	return row;
}

/* Of a whole file. 0 or TBD_E_NOMEM. */
static int note_file_defect(struct tbdi_reader *reader, enum tbd_defect defect, const char *path)
{
	struct tbd_store_defect *row = reader->defects[defect];
	if (defect == TBD_DEFECT_NONE || reader->again)
		return 0;
	if (row == NULL && (row = defect_new(reader, defect, path)) == NULL)
		return TBD_E_NOMEM;
	row->count++;
	return 0;
}

static int note_defect(struct tbdi_reader *reader, enum tbd_defect defect, struct text *text,
	const struct object *object)
{
	struct tbd_store_defect *row = reader->defects[defect];
	if (row != NULL) {
		row->count++;
		return 0;
	}
	row = defect_new(reader, defect, text->path);
	if (row == NULL)
		return TBD_E_NOMEM;
	row->count = 1;
	row->line = object->place.line;
	row->last_line = tbdi_line_at(&text->lines, object->end - 1);
	row->offset = object->pem.offset;
	return 0;
}

/* What is wrong with an object, and so what libraries make of it. 0 or TBD_E_NOMEM. */
static int note_object(struct tbdi_reader *reader, struct text *text, const struct object *object,
	tbdi_defects defects, bool is_new)
{
	int ret = 0;
	if (reader->again)
		return 0;
	for (unsigned defect = 1; ret == 0 && defects >> defect != 0; defect++)
		if ((defects & TBDI_DEFECT_BIT(defect)) != 0)
			ret = note_defect(reader, (enum tbd_defect)defect, text, object);
	tbdi_loads_object(&reader->loads,
		&(struct tbdi_loaded){ .defects = defects,
			.is_new = is_new,
			.begin_follows = text->last_begin > object->pem.offset,
			.usual_follows = text->last_usual > object->pem.offset });
	return ret;
}

/* ---- certificates that nobody loads, for those who want to see them --------------------------- */

/* Is told; place: its number is filled in. 0, TBD_E_NOMEM or what it returned. */
static int tell_seen(struct tbdi_reader *reader, struct tbd_bytes der, bool is_read,
	const struct tbdi_place *place)
{
	struct tbdi_seen seen = { .place = *place, .is_read = is_read };
	if (reader->on_seen == NULL)
		return 0;
	if (tbdi_outline(der, &seen.outline) == NULL)
		seen.der = der;
	return reader->on_seen(reader->seen_arg, &seen);
}

/* What decoding the body gives, or nothing. NULL data: out of memory. */
static struct tbd_bytes decode_object(
	struct tbdi_arena *arena, const struct tbdi_pem *pem, bool *is_base64)
{
	uint8_t *data = tbdi_arena_alloc(arena, tbdi_pem_decoded_max(pem));
	struct tbd_bytes bytes = { data, 0 };
	struct tbdi_der certificate;
	if (data == NULL)
		return bytes;
	*is_base64 = tbdi_pem_decode(pem, data, &bytes.len);
	/* OpenSSL writes its own trust settings behind a TRUSTED CERTIFICATE. */
	if (!*is_base64 || !tbdi_der_next(&bytes, &certificate))
		return (struct tbd_bytes){ data, 0 };
	return certificate.whole;
}

/* One that stands in the source of a program, or cannot be helped. */
static int tell_damaged(struct tbdi_reader *reader, const struct object *object)
{
	struct tbdi_arena *arena = &reader->trust->arena;
	if (reader->on_seen == NULL)
		return 0;
	uint8_t *text = tbdi_arena_alloc(arena, object->pem.body.len + 1);
	if (text == NULL)
		return TBD_E_NOMEM;
	struct tbdi_pem plain = { .body = { text, tbdi_pem_unquote(object->pem.body, text) } };
	bool is_base64 = false;
	struct tbd_bytes der = decode_object(arena, &plain, &is_base64);
	return der.data == NULL ? TBD_E_NOMEM : tell_seen(reader, der, false, &object->place);
}

/* A bundle while it is taken apart. */
struct bundle {
	struct tbdi_reader *reader;
	struct tbdi_place place;
};

static int bundle_on_der(void *arg, struct tbd_bytes der)
{
	struct bundle *bundle = arg;
	const uint8_t *copy = tbdi_arena_memdup(&bundle->reader->trust->arena, der.data, der.len);
	bundle->place.number++;
	return copy == NULL ? TBD_E_NOMEM
			    : tell_seen(bundle->reader, (struct tbd_bytes){ copy, der.len }, false,
				      &bundle->place);
}

/* Text in UTF-16, of which ASCII is left. */
static int tell_utf16(struct tbdi_reader *reader, struct tbd_bytes content, const char *path)
{
	struct tbdi_arena *arena = &reader->trust->arena;
	size_t mark = content.data[0] >= 0xfe ? 2 : 0, len = (content.len - mark) / 2;
	size_t low = content.data[0] == 0xfe ? 1 : 0; /* big-endian */
	uint8_t *text = tbdi_arena_alloc(arena, len + 1);
	if (text == NULL)
		return TBD_E_NOMEM;
	for (size_t i = 0; i < len; i++) {
		const uint8_t *unit = content.data + mark + 2 * i;
		text[i] = unit[1 - low] == 0 ? unit[low] : '?';
	}
	struct tbd_bytes ascii = { text, len };
	struct tbdi_lines lines = { .text = ascii, .line = 1 };
	struct tbdi_place place = { .file = path };
	struct tbdi_pem pem;
	size_t at = 0;
	int ret = 0;
	while (ret == 0 && tbdi_pem_next(ascii, &at, &pem)) {
		bool is_base64 = false;
		if (!tbdi_pem_is_certificate(&pem))
			continue;
		place.number++;
		place.line = tbdi_line_at(&lines, pem.offset);
		place.offset = mark + 2 * pem.offset;
		struct tbd_bytes der = decode_object(arena, &pem, &is_base64);
		ret = der.data == NULL ? TBD_E_NOMEM : tell_seen(reader, der, false, &place);
	}
	return ret;
}

static int tell_foreign(struct tbdi_reader *reader, enum tbd_defect kind, struct tbd_bytes content,
	const char *path)
{
	struct bundle bundle = { .reader = reader, .place.file = path };
	if (reader->on_seen == NULL)
		return 0;
	if (kind == TBD_DEFECT_UTF16)
		return tell_utf16(reader, content, path);
	if (kind == TBD_DEFECT_PKCS7)
		return tbdi_pkcs7_each(content, bundle_on_der, &bundle);
	return kind == TBD_DEFECT_PKCS12 ? tbdi_pkcs12_each(content, bundle_on_der, &bundle) : 0;
}

/* ---- files ----------------------------------------------------------------------------------- */

/* A certificate, or what should be one. 0 or TBD_E_NOMEM. */
static int pem_cert_add(struct tbdi_reader *reader, struct text *text, const struct object *object)
{
	const struct tbdi_pem *pem = &object->pem;
	struct tbdi_outline outline;
	bool is_new = false, is_base64 = false;
	struct tbd_bytes der = decode_object(&reader->trust->arena, pem, &is_base64);
	if (der.data == NULL)
		return TBD_E_NOMEM;
	bool is_read = tbdi_outline(der, &outline) == NULL;
	if (is_read && cert_add(reader, &outline, der, &object->place, &is_new) < 0)
		return TBD_E_NOMEM;
	reader->counts[TBDI_HELD_DAMAGED] += !is_read && !reader->again;
	int ret = note_object(reader, text, object,
		is_read ? tbdi_pem_layout(text->bytes, pem)
			: tbdi_pem_damage(text->bytes, pem, is_base64),
		is_new);
	if (ret == 0)
		ret = is_read ? tell_seen(reader, der, true, &object->place)
			      : tell_damaged(reader, object);
	return ret;
}

/* PKCS#7 in PEM. */
static int bundle_add(struct tbdi_reader *reader, struct text *text, const struct object *object)
{
	bool is_base64 = false;
	int ret = note_object(reader, text, object, TBDI_DEFECT_BIT(TBD_DEFECT_PKCS7), false);
	if (ret < 0 || reader->on_seen == NULL)
		return ret;
	struct tbd_bytes der = decode_object(&reader->trust->arena, &object->pem, &is_base64);
	return der.data == NULL ? TBD_E_NOMEM
				: tell_foreign(reader, TBD_DEFECT_PKCS7, der, text->path);
}

/* What a trust file should not hold, or need not. */
static int other_add(struct tbdi_reader *reader, struct text *text, const struct object *object)
{
	enum tbdi_held kind = kind_of(&object->pem);
	struct tbd_trust_source *source = reader->source;
	reader->counts[kind] += !reader->again;
	if (kind == TBDI_HELD_KEY && source->key_file == NULL)
		source->key_file = text->path;
	/* No file of a directory has to be one of certificates. */
	if (source->kind != TBD_SOURCE_FILE)
		return 0;
	if (kind == TBDI_HELD_REQUEST)
		return note_object(
			reader, text, object, TBDI_DEFECT_BIT(TBD_DEFECT_REQUEST), false);
	return kind == TBDI_HELD_PKCS7 && source->cert_count == 0 ? bundle_add(reader, text, object)
								  : 0;
}

/* Where the mark stands last, or 0. */
static size_t find_last(struct tbd_bytes text, const char *mark)
{
	size_t len = strlen(mark);
	if (text.len == 0)
		return 0; /* of which data may be NULL */
	const uint8_t *at = text.data + text.len;
	while ((at = memrchr(text.data, mark[0], (size_t)(at - text.data))) != NULL)
		if ((size_t)(text.data + text.len - at) >= len && memcmp(at, mark, len) == 0)
			return (size_t)(at - text.data);
	return 0;
}

static int object_add(struct tbdi_reader *reader, struct text *text, struct object *object)
{
	object->place = (struct tbdi_place){ .file = text->path,
		.line = tbdi_line_at(&text->lines, object->pem.offset),
		.offset = object->pem.offset };
	/* openssl ecparam -genkey writes them before the key */
	if (tbdi_pem_label_is(&object->pem, "EC PARAMETERS"))
		return 0;
	if (!tbdi_pem_is_certificate(&object->pem))
		return other_add(reader, text, object);
	object->place.number = ++text->number;
	return pem_cert_add(reader, text, object);
}

/* 0 or TBD_E_NOMEM. */
static int pem_add(struct tbdi_reader *reader, struct tbd_bytes bytes, const char *path)
{
	struct text text = { .bytes = bytes,
		.path = path,
		.lines = { .text = bytes, .line = 1 },
		.last_begin = find_last(bytes, "-----BEGIN "),
		.last_usual = find_last(bytes, "-----BEGIN CERTIFICATE-----") };
	struct object object = { 0 };
	int ret = 0;
	while (ret == 0 && tbdi_pem_next(bytes, &object.end, &object.pem))
		ret = object_add(reader, &text, &object);
	/* No file of a directory has to be one of certificates. */
	if (ret < 0 || object.end > 0 || reader->source->kind != TBD_SOURCE_FILE)
		return ret;
	enum tbd_defect kind = tbdi_file_kind(bytes);
	ret = note_file_defect(reader, kind, path);
	return ret < 0 ? ret : tell_foreign(reader, kind, bytes, path);
}

/* content is a certificate. */
static int der_add(struct tbdi_reader *reader, struct tbd_bytes content, const char *path)
{
	const uint8_t *copy = tbdi_arena_memdup(&reader->trust->arena, content.data, content.len);
	struct tbdi_loaded loaded = { .defects = TBDI_DEFECT_BIT(TBD_DEFECT_DER) };
	struct tbd_bytes der = { copy, content.len };
	struct tbdi_place place = { .file = path, .number = 1 };
	struct tbdi_outline outline;
	if (copy == NULL)
		return TBD_E_NOMEM;
	(void)tbdi_outline(der, &outline);
	int ret = cert_add(reader, &outline, der, &place, &loaded.is_new);
	if (!reader->again)
		tbdi_loads_object(&reader->loads, &loaded);
	if (ret == 0)
		ret = note_file_defect(reader, TBD_DEFECT_DER, path);
	return ret < 0 ? ret : tell_seen(reader, der, true, &place);
}

int tbdi_read_content(struct tbdi_reader *reader, struct tbd_bytes content, const char *path)
{
	struct tbdi_outline outline;
	reader->loads = (struct tbdi_loads){ 0 };
	reader->bytes += content.len;
	bool is_der = content.len > 0 && tbdi_outline(content, &outline) == NULL;
	int ret = is_der ? der_add(reader, content, path) : pem_add(reader, content, path);
	for (enum tbdi_stack stack = 0; stack < TBDI_STACK_COUNT; stack++)
		reader->loaded[stack] += tbdi_loads_count(&reader->loads, stack);
	return ret;
}

/* ---- the end --------------------------------------------------------------------------------- */

static int list_loads(struct tbdi_reader *reader)
{
	struct tbdi_arena *arena = &reader->trust->arena;
	struct tbdi_list list = { 0 };
	for (enum tbdi_stack stack = 0; stack < TBDI_STACK_COUNT; stack++) {
		struct tbd_load *load = tbdi_arena_alloc(arena, sizeof(*load));
		if (tbdi_list_add(arena, &list, load) < 0)
			return TBD_E_NOMEM;
		load->stack = tbdi_stack_names[stack];
		load->cert_count = reader->loaded[stack];
	}
	reader->source->loads = (const struct tbd_load *const *)(void *)list.items;
	reader->source->load_count = list.count;
	return 0;
}

int tbdi_read_end(struct tbdi_reader *reader)
{
	static const struct tbd_store_defect *const none[] = { NULL };
	static const struct tbd_load *const no_loads[] = { NULL };
	struct tbd_trust_source *source = reader->source;
	struct tbdi_list list = { 0 };
	source->damaged_count = reader->counts[TBDI_HELD_DAMAGED];
	source->defects = none;
	source->loads = no_loads;
	for (size_t i = TBDI_COUNT(reader->defects); i-- > 0;)
		if (reader->defects[i] != NULL &&
			tbdi_list_add(&reader->trust->arena, &list, reader->defects[i]) < 0)
			return TBD_E_NOMEM;
	if (list.count > 0)
		source->defects = (const struct tbd_store_defect *const *)(void *)list.items;
	source->defect_count = list.count;
	if (source->cert_count == 0 && source->error == NULL &&
		(source->holds = holds_text(reader)) == NULL)
		return TBD_E_NOMEM;
	return list.count > 0 ? list_loads(reader) : 0;
}
