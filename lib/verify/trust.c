/* SPDX-License-Identifier: MIT
 *
 * trust.c - read trust sources into an index.
 */
#include "verify/trust.h"

#include "base/file.h"
#include "verify/trust-read.h"
#include "x509/crl.h"
#include "x509/pem.h"

#include <dirent.h>
#include <errno.h>
#include <sys/stat.h>
#include <unistd.h>

struct tbd_trust *tbd_trust_new(void)
{
	return calloc(1, sizeof(struct tbd_trust));
}

void tbd_trust_free(struct tbd_trust *trust)
{
	if (trust == NULL)
		return;
	tbdi_arena_release(&trust->arena);
	free(trust);
}

struct tbd_trust *tbdi_trust_borrow(const struct tbd_trust *trust)
{
	struct tbd_trust *copy = tbd_trust_new();
	if (copy == NULL)
		return NULL;
	copy->entries = trust->entries;
	copy->sources = trust->sources;
	for (size_t i = 0; i < trust->untrusted.count; i++)
		if (tbdi_list_add(&copy->arena, &copy->untrusted, trust->untrusted.items[i]) < 0) {
			tbd_trust_free(copy);
			return NULL;
		}
	return copy;
}

/* ---- sources --------------------------------------------------------------------------------- */

struct tbd_trust_source *tbdi_trust_source_new(
	struct tbd_trust *trust, enum tbd_source_kind kind, const char *path)
{
	struct tbd_trust_source *source = tbdi_arena_alloc(&trust->arena, sizeof(*source));
	if (source == NULL)
		return NULL;
	source->kind = kind;
	source->path = tbdi_arena_utf8(&trust->arena, path, strlen(path));
	return source->path == NULL ? NULL : source;
}

/* Add a source that was read. */
static int source_end(struct tbdi_reader *reader, struct tbd_error *error)
{
	struct tbd_trust *trust = reader->trust;
	if (tbdi_read_end(reader) < 0 ||
		tbdi_list_add(&trust->arena, &trust->sources, reader->source) < 0)
		return tbdi_fail_nomem(error);
	return 0;
}

/* A device has one file, and how it reads that depends on each byte. A key is not kept; nor is a large file, which no
 * small device has, unless it is one that they may read differently. */
static int keep_content(struct tbdi_reader *reader, struct tbd_bytes content)
{
	enum { KEPT_MAX = 64 * 1024, STRANGE_MAX = 1 << 20 };
	struct tbd_trust *trust = reader->trust;
	const struct tbd_trust_source *source = reader->source;
	bool is_only = trust->sources.count == 1 && source->kind == TBD_SOURCE_FILE;
	bool is_strange = source->defect_count > 0;
	trust->only_file = (struct tbd_bytes){ NULL, 0 };
	if (!is_only || source->key_file != NULL ||
		content.len > (is_strange ? STRANGE_MAX : KEPT_MAX))
		return 0;
	trust->only_file.data = tbdi_arena_memdup(&trust->arena, content.data, content.len);
	trust->only_file.len = content.len;
	return trust->only_file.data == NULL ? TBD_E_NOMEM : 0;
}

static int add_content(struct tbd_trust *trust, struct tbd_trust_source *source,
	struct tbd_bytes content, struct tbd_error *error)
{
	struct tbdi_reader reader = { .trust = trust, .source = source };
	if (tbdi_read_content(&reader, content, source->path) < 0)
		return tbdi_fail_nomem(error);
	int ret = source_end(&reader, error);
	if (ret == 0 && keep_content(&reader, content) < 0)
		ret = tbdi_fail_nomem(error);
	return ret;
}

int tbdi_trust_add_untrusted_bytes(
	struct tbd_trust *trust, struct tbd_bytes content, const char *path, size_t *count)
{
	/* A source of its own, which no report shows. */
	struct tbdi_reader reader = { .trust = trust,
		.source = tbdi_trust_source_new(trust, TBD_SOURCE_FILE, path),
		.untrusted = true };
	if (reader.source == NULL || tbdi_read_content(&reader, content, reader.source->path) < 0)
		return TBD_E_NOMEM;
	if (count != NULL)
		*count = reader.source->cert_count;
	return 0;
}

static int add_untrusted(struct tbd_trust *trust, struct tbd_bytes content, const char *name,
	struct tbd_error *error)
{
	size_t count = 0;
	if (tbdi_trust_add_untrusted_bytes(trust, content, name, &count) < 0)
		return tbdi_fail_nomem(error);
	return count > 0 ? 0 : tbdi_fail(error, TBD_E_INVALID, "%s: holds no certificate", name);
}

/* Of a function that adds what a file holds. */
typedef int adder(struct tbd_trust *trust, struct tbd_bytes content, const char *name,
	struct tbd_error *error);

static int add_from_file(
	struct tbd_trust *trust, adder *add, const char *path, struct tbd_error *error)
{
	struct tbdi_file file;
	int ret = tbdi_file_read_any(path, &file, error);
	if (ret < 0)
		return ret;
	ret = add(trust, file.bytes, path, error);
	tbdi_file_release(&file);
	return ret;
}

static int add_from_memory(struct tbd_trust *trust, adder *add, struct tbd_bytes bytes,
	const char *name, struct tbd_error *error)
{
	struct tbd_bytes content = { NULL, 0 };
	int ret = tbdi_file_in_memory(bytes.data, bytes.len, &name, &content, error);
	return ret < 0 ? ret : add(trust, content, name, error);
}

int tbd_trust_add_untrusted(struct tbd_trust *trust, const char *path, struct tbd_error *error)
{
	return add_from_file(trust, add_untrusted, path, error);
}

int tbd_trust_add_untrusted_mem(struct tbd_trust *trust, const void *data, size_t len,
	const char *name, struct tbd_error *error)
{
	return add_from_memory(trust, add_untrusted, (struct tbd_bytes){ data, len }, name, error);
}

static int add_file(struct tbd_trust *trust, enum tbd_source_kind kind, const char *path,
	struct tbd_error *error)
{
	struct tbdi_file file;
	int ret = tbdi_file_read_any(path, &file, error);
	if (ret < 0)
		return ret;
	struct tbd_trust_source *source = tbdi_trust_source_new(trust, kind, path);
	if (source == NULL)
		ret = tbdi_fail_nomem(error);
	/* What nobody can read again has its digest now. */
	if (ret == 0 && file.is_stream)
		source->sha256 = tbdi_arena_sha256(&trust->arena, file.bytes.data, file.bytes.len);
	if (ret == 0)
		ret = add_content(trust, source, file.bytes, error);
	tbdi_file_release(&file);
	return ret;
}

int tbd_trust_add_mem(struct tbd_trust *trust, const void *data, size_t len, const char *name,
	struct tbd_error *error)
{
	struct tbd_bytes content = { NULL, 0 };
	int ret = tbdi_file_in_memory(data, len, &name, &content, error);
	if (ret < 0)
		return ret;
	struct tbd_trust_source *source = tbdi_trust_source_new(trust, TBD_SOURCE_FILE, name);
	if (source == NULL)
		return tbdi_fail_nomem(error);
	source->sha256 = tbdi_arena_sha256(&trust->arena, content.data, content.len);
	return add_content(trust, source, content, error);
}

int tbd_trust_add_file(struct tbd_trust *trust, const char *path, struct tbd_error *error)
{
	return add_file(trust, TBD_SOURCE_FILE, path, error);
}

/* The files of a directory that were read: /etc/ssl/certs holds each of them under three names. */
struct seen {
	dev_t device;
	ino_t inode;
};

struct dir {
	struct tbdi_reader reader;
	const char *path;
	struct dirent **names;
	int count;
	struct seen *seen;
	size_t seen_count;
};

static bool dir_has_seen(struct dir *dir, const struct tbdi_file *file)
{
	for (size_t i = 0; i < dir->seen_count; i++)
		if (dir->seen[i].inode == file->inode && dir->seen[i].device == file->device)
			return true;
	dir->seen[dir->seen_count++] = (struct seen){ file->device, file->inode };
	return false;
}

/* What is no file is passed over; a link that leads nowhere should be one. The first is remembered. */
static int note_unreadable(
	struct tbdi_reader *reader, const char *path, const struct tbd_error *why)
{
	struct stat info;
	if (stat(path, &info) == 0 && !S_ISREG(info.st_mode))
		return 0;
	if (reader->unreadable++ > 0)
		return 0;
	reader->unreadable_why =
		tbdi_arena_utf8(&reader->trust->arena, why->text, strlen(why->text));
	return reader->unreadable_why == NULL ? TBD_E_NOMEM : 0;
}

/* "1a2b3c4d.0", as openssl rehash makes it and OpenSSL looks for it. */
static bool is_hash_name(const char *name)
{
	enum { HASH_LEN = 8 };
	size_t digits = strspn(name, "0123456789abcdef");
	const char *number = name + HASH_LEN + 1;
	return digits == HASH_LEN && name[HASH_LEN] == '.' && *number != '\0' &&
		number[strspn(number, "0123456789")] == '\0';
}

static void count_unhashed(const struct tbd_trust *trust, struct tbd_trust_source *source)
{
	for (size_t i = 0; i < trust->entries.count; i++) {
		const struct tbdi_trust_entry *entry = trust->entries.items[i];
		source->unhashed += entry->seen_by == source && entry->hashed_by != source;
	}
}

/* A file that cannot be read does not matter as long as others can. */
static int dir_add_entry(struct dir *dir, const char *name)
{
	struct tbdi_arena *arena = &dir->reader.trust->arena;
	struct tbd_error why;
	struct tbdi_file file;
	const char *path = tbdi_arena_printf(arena, "%s/%s", dir->path, name);
	const char *shown = path == NULL ? NULL : tbdi_arena_utf8(arena, path, strlen(path));
	if (shown == NULL)
		return TBD_E_NOMEM;
	int ret = tbdi_file_read(path, &file, &why);
	if (ret < 0)
		return ret == TBD_E_NOMEM ? ret : note_unreadable(&dir->reader, path, &why);
	dir->reader.hashed = is_hash_name(name);
	/* A link with its hash may stand behind the file itself. */
	dir->reader.again = dir_has_seen(dir, &file);
	if (!dir->reader.again || dir->reader.hashed)
		ret = tbdi_read_content(&dir->reader, file.bytes, shown);
	tbdi_file_release(&file);
	return ret;
}

static int dir_read(struct dir *dir)
{
	struct tbdi_arena *arena = &dir->reader.trust->arena;
	struct tbd_trust_source *source = dir->reader.source;
	/* By name, so that a report does not depend on the file system. */
	dir->count = scandir(dir->path, &dir->names, NULL, alphasort);
	if (dir->count < 0) {
		source->error = tbdi_arena_strdup(arena, strerror(errno));
		return source->error == NULL ? TBD_E_NOMEM : 0;
	}
	dir->seen = calloc((size_t)dir->count + 1, sizeof(*dir->seen));
	if (dir->seen == NULL)
		return TBD_E_NOMEM;
	int ret = 0;
	for (int i = 0; ret == 0 && i < dir->count; i++)
		ret = dir_add_entry(dir, dir->names[i]->d_name);
	count_unhashed(dir->reader.trust, source);
	return ret;
}

static int add_dir(struct tbd_trust *trust, enum tbd_source_kind kind, const char *path,
	struct tbd_error *error)
{
	struct dir dir = {
		.reader = { .trust = trust, .source = tbdi_trust_source_new(trust, kind, path) },
		.path = path,
	};
	int ret = dir.reader.source == NULL ? TBD_E_NOMEM : dir_read(&dir);
	trust->only_file = (struct tbd_bytes){ NULL, 0 };
	for (int i = 0; i < dir.count; i++)
		free(dir.names[i]);
	free(dir.names);
	free(dir.seen);
	return ret < 0 ? tbdi_fail_nomem(error) : source_end(&dir.reader, error);
}

int tbd_trust_add_dir(struct tbd_trust *trust, const char *path, struct tbd_error *error)
{
	return add_dir(trust, TBD_SOURCE_DIR, path, error);
}

int tbd_trust_add_system(struct tbd_trust *trust, struct tbd_error *error)
{
	static const char *const bundles[] = {
		"/etc/ssl/certs/ca-certificates.crt",                /* Debian, Arch, Gentoo */
		"/etc/pki/ca-trust/extracted/pem/tls-ca-bundle.pem", /* Fedora, RHEL */
		"/etc/ssl/ca-bundle.pem",                            /* openSUSE */
		"/etc/ssl/cert.pem",                                 /* Alpine, BSD */
	};
	for (size_t i = 0; i < TBDI_COUNT(bundles); i++)
		if (access(bundles[i], R_OK) == 0)
			return add_file(trust, TBD_SOURCE_SYSTEM, bundles[i], error);
	return add_dir(trust, TBD_SOURCE_SYSTEM, "/etc/ssl/certs", error);
}

/* ---- revocation lists ------------------------------------------------------------------------ */

/* der lives as long as the trust store. */
static int crl_add(struct tbd_trust *trust, struct tbd_bytes der, const char *file)
{
	struct tbdi_crl *crl = tbdi_arena_alloc(&trust->arena, sizeof(*crl));
	if (tbdi_list_add(&trust->arena, &trust->crls, crl) < 0 ||
		tbdi_crl_outline(&trust->arena, der, crl) < 0)
		return TBD_E_NOMEM;
	crl->file = file;
	return 0;
}

static int crl_pem_add(struct tbd_trust *trust, const struct tbdi_pem *pem, const char *file)
{
	uint8_t *data = tbdi_arena_alloc(&trust->arena, tbdi_pem_decoded_max(pem));
	struct tbd_bytes der = { data, 0 };
	if (data == NULL)
		return TBD_E_NOMEM;
	/* Damaged base64 becomes a list that nobody can use. */
	if (!tbdi_pem_decode(pem, data, &der.len))
		der.len = 0;
	return crl_add(trust, der, file);
}

int tbdi_trust_add_crl_bytes(
	struct tbd_trust *trust, struct tbd_bytes content, const char *path, size_t *count)
{
	struct tbdi_arena *arena = &trust->arena;
	struct tbd_bytes in = content;
	struct tbdi_der sequence;
	struct tbdi_pem pem;
	size_t before = trust->crls.count, at = 0;
	const char *file = tbdi_arena_utf8(arena, path, strlen(path));
	int ret = file == NULL ? TBD_E_NOMEM : 0;
	bool is_der = tbdi_der_take(&in, TBDI_DER_SEQUENCE, &sequence) && in.len == 0;
	if (ret == 0 && is_der) {
		const uint8_t *copy = tbdi_arena_memdup(arena, content.data, content.len);
		ret = copy == NULL ? TBD_E_NOMEM
				   : crl_add(trust, (struct tbd_bytes){ copy, content.len }, file);
	}
	while (ret == 0 && !is_der && tbdi_pem_next(content, &at, &pem))
		if (tbdi_pem_label_is(&pem, "X509 CRL"))
			ret = crl_pem_add(trust, &pem, file);
	if (count != NULL)
		*count = trust->crls.count - before;
	return ret;
}

static int add_crl(struct tbd_trust *trust, struct tbd_bytes content, const char *name,
	struct tbd_error *error)
{
	size_t count = 0;
	if (tbdi_trust_add_crl_bytes(trust, content, name, &count) < 0)
		return tbdi_fail_nomem(error);
	return count > 0
		? 0
		: tbdi_fail(error, TBD_E_INVALID, "%s: holds no certificate revocation list", name);
}

int tbd_trust_add_crl(struct tbd_trust *trust, const char *path, struct tbd_error *error)
{
	return add_from_file(trust, add_crl, path, error);
}

int tbd_trust_add_crl_mem(struct tbd_trust *trust, const void *data, size_t len, const char *name,
	struct tbd_error *error)
{
	return add_from_memory(trust, add_crl, (struct tbd_bytes){ data, len }, name, error);
}
