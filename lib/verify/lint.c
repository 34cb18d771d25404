/* SPDX-License-Identifier: MIT
 *
 * lint.c - look at a file of certificates by itself.
 */
#include "verify/lint.h"

#include "base/file.h"
#include "verify/chain.h"
#include "verify/trust-read.h"
#include "x509/cert.h"
#include "x509/pem.h"

enum { BUCKETS = 4096 };

struct row {
	struct tbd_lint_cert pub; /* first */
	struct row *next;         /* of the same bucket */
};

/* A file while it is looked at. */
struct linter {
	struct tbdi_report *report;
	struct tbd_trust *trust; /* what it holds; the report's */
	struct tbd_lint *lint;
	struct tbdi_list rows;
	struct row *buckets[BUCKETS];
	struct tbd_bytes first; /* certificate that can be read; empty: none */
	bool first_is_leaf, first_is_client;
};

/* ---- certificates ---------------------------------------------------------------------------- */

static bool outline_is_ca(const struct tbdi_outline *outline)
{
	struct tbd_bytes value;
	struct tbdi_der sequence, flag;
	if (!tbdi_outline_extension(outline, TBDI_ID_CE_BASIC_CONSTRAINTS, &value))
		return outline->version == 1 && tbdi_bytes_equal(outline->subject, outline->issuer);
	return tbdi_der_take(&value, TBDI_DER_SEQUENCE, &sequence) &&
		tbdi_der_take(&sequence.value, TBDI_DER_BOOLEAN, &flag) && flag.value.len == 1 &&
		flag.value.data[0] != 0;
}

static const char *role_of(const struct tbdi_outline *outline)
{
	bool self_issued = tbdi_bytes_equal(outline->subject, outline->issuer);
	if (outline_is_ca(outline))
		return self_issued ? "root" : "intermediate";
	return self_issued ? "self-signed" : "leaf";
}

/* For TLS clients only (id-kp-clientAuth, and not id-kp-serverAuth or any purpose). */
static bool is_for_clients(const struct tbdi_outline *outline)
{
	static const uint8_t client[] = { 0x2b, 6, 1, 5, 5, 7, 3, 2 };
	struct tbd_bytes value;
	struct tbdi_der sequence, purpose;
	bool found = false;
	if (!tbdi_outline_extension(outline, TBDI_ID_CE_EXT_KEY_USAGE, &value) ||
		!tbdi_der_take(&value, TBDI_DER_SEQUENCE, &sequence))
		return false;
	while (tbdi_der_next(&sequence.value, &purpose)) {
		bool is_client = tbdi_bytes_equal(
			purpose.value, (struct tbd_bytes){ client, sizeof(client) });
		bool is_server = purpose.value.len == sizeof(client) &&
			memcmp(purpose.value.data, client, sizeof(client) - 1) == 0 &&
			purpose.value.data[sizeof(client) - 1] == 1;
		if (is_server)
			return false;
		found = found || is_client;
	}
	return found;
}

/* Remember it by its digest. The entry of the same certificate before it, or 0. */
static size_t remember_digest(struct linter *linter, struct row *row)
{
	char digits[4] = { row->pub.sha256[0], row->pub.sha256[1], row->pub.sha256[2] };
	struct row **bucket = &linter->buckets[strtoul(digits, NULL, 16)];
	for (const struct row *other = *bucket; other != NULL; other = other->next)
		if (strcmp(other->pub.sha256, row->pub.sha256) == 0)
			return other->pub.entry;
	row->next = *bucket;
	*bucket = row;
	return 0;
}

static void count_role(struct tbd_lint *lint, const char *role)
{
	lint->root_count += strcmp(role, "root") == 0 || strcmp(role, "self-signed") == 0;
	lint->leaf_count += strcmp(role, "leaf") == 0;
}

static void count_row(struct linter *linter, const struct tbd_lint_cert *row)
{
	struct tbd_lint *lint = linter->lint;
	lint->distinct_count++;
	lint->expired_count += row->not_after < linter->report->pub.time;
	count_role(lint, row->role);
}

static int describe_row(struct linter *linter, const struct tbdi_seen *seen, struct row *row)
{
	struct tbdi_arena *arena = &linter->report->arena;
	const struct tbdi_outline *outline = &seen->outline;
	struct tbd_lint_cert *pub = &row->pub;
	pub->is_read = seen->der.len > 0 && tbdi_der_time(&outline->not_before, &pub->not_before) &&
		tbdi_der_time(&outline->not_after, &pub->not_after);
	if (!pub->is_read)
		return 0;
	pub->is_repaired = !seen->is_read;
	pub->role = role_of(outline);
	pub->subject = tbdi_dn_text(arena, outline->subject);
	pub->issuer = tbdi_bytes_equal(outline->subject, outline->issuer)
		? pub->subject
		: tbdi_dn_text(arena, outline->issuer);
	pub->sha256 = tbdi_arena_sha256(arena, seen->der.data, seen->der.len);
	pub->der = seen->der;
	if (pub->subject == NULL || pub->issuer == NULL || pub->sha256 == NULL)
		return TBD_E_NOMEM;
	pub->same_as = remember_digest(linter, row);
	if (pub->same_as == 0)
		count_row(linter, pub);
	if (linter->first.len == 0) {
		linter->first = pub->der;
		linter->first_is_leaf =
			strcmp(pub->role, "leaf") == 0 || strcmp(pub->role, "self-signed") == 0;
		linter->first_is_client = is_for_clients(outline);
	}
	return 0;
}

/* Of what cannot be read no more is kept than is shown. */
static int lint_on_seen(void *arg, const struct tbdi_seen *seen)
{
	struct linter *linter = arg;
	struct tbdi_arena *arena = &linter->report->arena;
	linter->lint->cert_count++;
	if (seen->der.len == 0 && linter->rows.count >= TBD_LINT_SHOWN)
		return 0;
	struct row *row = tbdi_arena_alloc(arena, sizeof(*row));
	if (tbdi_list_add(arena, &linter->rows, row) < 0)
		return TBD_E_NOMEM;
	row->pub.entry = seen->place.number;
	row->pub.line = seen->place.line;
	row->pub.offset = seen->place.offset;
	return describe_row(linter, seen, row);
}

/* ---- files ----------------------------------------------------------------------------------- */

static int read_file(struct linter *linter, struct tbd_bytes content, const char *path)
{
	struct tbd_trust *trust = linter->trust;
	struct tbd_trust_source *source = tbdi_trust_source_new(trust, TBD_SOURCE_FILE, path);
	struct tbdi_reader reader = {
		.trust = trust, .source = source, .on_seen = lint_on_seen, .seen_arg = linter
	};
	if (source == NULL || tbdi_read_content(&reader, content, source->path) < 0 ||
		tbdi_read_end(&reader) < 0 ||
		tbdi_list_add(&trust->arena, &trust->sources, source) < 0)
		return TBD_E_NOMEM;
	linter->lint->file = source->path;
	return 0;
}

/* Of the key's own file, or of the file itself. */
static int read_key(struct linter *linter, struct tbd_bytes content, const char *path,
	const char *key_file, struct tbd_error *error)
{
	struct tbdi_arena *arena = &linter->report->arena;
	struct tbd_lint *lint = linter->lint;
	struct tbdi_file file = { 0 };
	if (key_file == NULL)
		return tbdi_lint_key(arena, content, path, linter->first, &lint->key) < 0
			? tbdi_fail_nomem(error)
			: 0;
	int ret = tbdi_file_read_any(key_file, &file, error);
	if (ret < 0)
		return ret;
	ret = tbdi_lint_key(arena, file.bytes, key_file, linter->first, &lint->key);
	tbdi_file_release(&file);
	if (ret == 0 && lint->key == NULL)
		return tbdi_fail(error, TBD_E_INVALID, "%s: no private key in PEM", key_file);
	return ret < 0 ? tbdi_fail_nomem(error) : 0;
}

/* A trust file: its source is all that the report says of trust. */
static int show_trust(struct linter *linter)
{
	static const struct tbd_cert *const no_certs[] = { NULL };
	static const struct tbd_crl *const no_crls[] = { NULL };
	struct tbd_trust_info *info = tbdi_arena_alloc(&linter->report->arena, sizeof(*info));
	if (info == NULL)
		return TBD_E_NOMEM;
	info->sources =
		(const struct tbd_trust_source *const *)(void *)linter->trust->sources.items;
	info->source_count = linter->trust->sources.count;
	info->cert_count = tbdi_trust_count(linter->trust);
	info->certs = info->untrusted = no_certs;
	info->crls = no_crls;
	linter->report->pub.trust = info;
	return 0;
}

static void hand_over(struct linter *linter)
{
	static const struct tbd_lint_cert *const none[] = { NULL };
	struct tbd_lint *lint = linter->lint;
	size_t count = linter->rows.count;
	lint->shown_count = count < TBD_LINT_SHOWN ? count : TBD_LINT_SHOWN;
	lint->certs =
		count == 0 ? none : (const struct tbd_lint_cert *const *)(void *)linter->rows.items;
	linter->report->lint_count = count;
	linter->report->pub.lint = lint;
}

static int lint_content(struct linter *linter, struct tbd_bytes content, const char *path,
	const struct tbd_lint_options *options, struct tbd_error *error)
{
	struct tbd_lint *lint = linter->lint;
	const char *key_file = options != NULL ? options->key_file : NULL;
	if (read_file(linter, content, path) < 0)
		return tbdi_fail_nomem(error);
	int ret = read_key(linter, content, path, key_file, error);
	if (ret < 0)
		return ret;
	bool is_pair = lint->key != NULL && (key_file != NULL || linter->first_is_leaf);
	lint->use = !is_pair ? "trust" : linter->first_is_client ? "client" : "server";
	if (is_pair)
		ret = tbd_load_mem(&linter->report->pub, content.data, content.len, path, error);
	else if (show_trust(linter) < 0)
		ret = tbdi_fail_nomem(error);
	if (ret == 0)
		hand_over(linter);
	return ret;
}

static void trust_free(void *trust)
{
	tbd_trust_free(trust);
}

/* What it holds lives as long as the report. 0 or TBD_E_NOMEM. */
static int linter_init(struct linter *linter, struct tbdi_report *report)
{
	struct tbdi_arena *arena = &report->arena;
	linter->report = report;
	linter->lint = tbdi_arena_alloc(arena, sizeof(*linter->lint));
	linter->trust = tbd_trust_new();
	if (linter->lint != NULL && linter->trust != NULL &&
		tbdi_own(arena, &report->owned, linter->trust, trust_free) == 0)
		return 0;
	tbd_trust_free(linter->trust);
	return TBD_E_NOMEM;
}

static int lint_start(struct linter **out, struct tbd_report *report, struct tbd_error *error)
{
	int ret = tbdi_report_writable(report, error);
	if (ret < 0)
		return ret;
	if (report->connection != NULL || report->chain != NULL || report->trust != NULL)
		return tbdi_fail(error, TBD_E_INVALID, "tbd_lint: the report has another source");
	struct linter *linter = calloc(1, sizeof(*linter));
	if (linter == NULL || linter_init(linter, tbdi_report_of(report)) < 0) {
		free(linter);
		return tbdi_fail_nomem(error);
	}
	*out = linter;
	return 0;
}

int tbd_lint(struct tbd_report *report, const char *path, const struct tbd_lint_options *options,
	struct tbd_error *error)
{
	struct linter *linter = NULL;
	struct tbdi_file file = { 0 };
	int ret = lint_start(&linter, report, error);
	if (ret == 0)
		ret = tbdi_file_read_any(path, &file, error);
	if (ret == 0)
		ret = lint_content(linter, file.bytes, path, options, error);
	tbdi_file_release(&file);
	free(linter);
	return ret;
}

int tbd_lint_mem(struct tbd_report *report, const void *data, size_t len, const char *name,
	const struct tbd_lint_options *options, struct tbd_error *error)
{
	struct linter *linter = NULL;
	struct tbd_bytes content = { NULL, 0 };
	int ret = lint_start(&linter, report, error);
	if (ret == 0)
		ret = tbdi_file_in_memory(data, len, &name, &content, error);
	if (ret == 0)
		ret = lint_content(linter, content, name, options, error);
	free(linter);
	return ret;
}

/* ---- written anew ---------------------------------------------------------------------------- */

/* Those that can be read, each once. Returns how many. */
static size_t choose_all(const struct tbdi_report *report, const struct tbd_lint_cert **rows)
{
	size_t count = 0;
	for (size_t i = 0; i < report->lint_count; i++) {
		const struct tbd_lint_cert *row = report->pub.lint->certs[i];
		if (row->is_read && row->same_as == 0)
			rows[count++] = row;
	}
	return count;
}

/* Put the one that is asked for in the place of rows[at]. False: it is not among those from there on. */
static bool bring(const struct tbd_lint_cert **rows, size_t count, size_t at, const char *role,
	const char *subject)
{
	for (size_t i = at; i < count; i++) {
		const struct tbd_lint_cert *row = rows[i];
		if (strcmp(row->role, role) != 0 ||
			(subject != NULL && strcmp(row->subject, subject) != 0))
			continue;
		rows[i] = rows[at];
		rows[at] = row;
		return true;
	}
	return false;
}

/* The first that is no CA, and behind each its issuer, but for roots. */
static size_t choose_chain(const struct tbdi_report *report, const struct tbd_lint_cert **rows)
{
	size_t count = choose_all(report, rows), length = count > 0;
	(void)bring(rows, count, 0, "leaf", NULL);
	while (length > 0 && length < count && length < TBD_CHAIN_MAX &&
		bring(rows, count, length, "intermediate", rows[length - 1]->issuer))
		length++;
	return length;
}

static struct tbd_cert as_cert(const struct tbd_lint_cert *row)
{
	return (struct tbd_cert){ .der = row->der,
		.subject = row->subject,
		.sha256 = row->sha256,
		.not_before = row->not_before,
		.not_after = row->not_after };
}

int tbd_lint_to_pem(
	const struct tbd_report *report, char **out, size_t *count, struct tbd_error *error)
{
	const struct tbd_lint *lint = report->lint;
	const struct tbdi_report *own = (const struct tbdi_report *)(const void *)report;
	if (lint == NULL || own->is_stored)
		return tbdi_fail(error, TBD_E_INVALID, "there are no certificates to be written");
	const struct tbd_lint_cert **rows = calloc(own->lint_count + 1, sizeof(*rows));
	const struct tbd_cert **list = calloc(own->lint_count + 1, sizeof(*list));
	struct tbd_cert *certs = calloc(own->lint_count + 1, sizeof(*certs));
	bool is_chain = strcmp(lint->use, "trust") != 0;
	int ret = rows == NULL || list == NULL || certs == NULL ? tbdi_fail_nomem(error) : 0;
	if (ret == 0) {
		*count = is_chain ? choose_chain(own, rows) : choose_all(own, rows);
		for (size_t i = 0; i < *count; i++) {
			certs[i] = as_cert(rows[i]);
			list[i] = &certs[i];
		}
		ret = tbd_certs_to_pem(list, *count, out, error);
	}
	free(certs);
	free(list);
	free(rows);
	return ret;
}
