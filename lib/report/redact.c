/* SPDX-License-Identifier: MIT
 *
 * redact.c - a copy of a report, or of a set, for others to see: hosts, addresses, names, paths and what else could tell who
 * the user is become placeholders, the same value always the same one.
 *
 * It is made of the report's tree of JSON values, twice walked along the tables of schema.c: the first time
 * to learn all values, the second to replace them, also inside of sentences. What is left in a sentence and is
 * in no vocabulary of ours is replaced as well: so nothing is shown that was not known to be harmless.
 */
#include "report/schema.h"

#include <arpa/inet.h>
#include <ctype.h>

enum {
	VALUE_MAX = 512,               /* longer values are not looked for inside of sentences */
	SENTENCE_MAX = 16384,          /* longer sentences are not looked into */
	STEPS_MAX = 100 * 1000 * 1000, /* of the search in sentences; then none is looked into */
	STEPS_OF_UNKNOWN = 400,        /* the same for a piece that gets a placeholder */
	DIGITS_MIN = 8,                /* fewer digits alone may be any number of a sentence */
	ID_MIN = 4,                    /* the same for fewer digits of a serial number */
	WORD_MIN = 4, /* and for a shorter name that is a word: the state of California is CA */
};

/* A value that is looked for in sentences. */
struct needle {
	const char *text;
	size_t len;
	const char *placeholder;
};

struct redactor {
	struct tbdi_known_words *vocabulary;
	json_t *placeholders;   /* of each value */
	json_t *inside;         /* of the values that are looked for in sentences */
	struct needle *needles; /* the same in order, once all values are known */
	size_t needle_count;
	size_t steps;   /* that the search took */
	json_t *counts; /* how many placeholders begin with this word */
	bool again;     /* the report is redacted already */
	bool learning;  /* the first walk */
	bool failed;    /* out of memory */
};

/* ---- placeholders ----------------------------------------------------------------------------- */

static const char *remember(
	struct redactor *redactor, json_t *where, const char *value, const char *placeholder)
{
	if (json_object_set_new(where, value, json_string(placeholder)) < 0)
		redactor->failed = true;
	return json_string_value(json_object_get(where, value));
}

/* "host-1": the next one of its kind for the value. */
static const char *number(struct redactor *redactor, const char *kind, const char *value)
{
	char text[64];
	json_int_t count = json_integer_value(json_object_get(redactor->counts, kind)) + 1;
	snprintf(text, sizeof(text), "%s-%lld", kind, (long long)count);
	if (json_object_set_new(redactor->counts, kind, json_integer(count)) < 0)
		redactor->failed = true;
	return remember(redactor, redactor->placeholders, value, text);
}

static bool is_known(const struct redactor *redactor, const char *value)
{
	return tbdi_known_words_have(redactor->vocabulary, value, strlen(value));
}

static bool is_address(const char *text)
{
	unsigned char bytes[sizeof(struct in6_addr)];
	char address[INET6_ADDRSTRLEN];
	size_t len = strcspn(text, "%"); /* a zone may follow */
	snprintf(address, sizeof(address), "%.*s", (int)(len < sizeof(address) ? len : 0), text);
	return inet_pton(AF_INET, address, bytes) == 1 || inet_pton(AF_INET6, address, bytes) == 1;
}

static bool is_host(const char *text)
{
	bool has_letter = false;
	const char *c = text;
	for (; isalnum((unsigned char)*c) || (*c != '\0' && strchr("-_.", *c) != NULL); c++)
		has_letter |= isalpha((unsigned char)*c) != 0;
	return *c == '\0' && has_letter;
}

static const char *kind_of(enum tbdi_privacy privacy, const char *text)
{
	if (privacy == TBDI_IS_PATH)
		return "path";
	if (privacy == TBDI_IS_ID)
		return "id";
	if (privacy == TBDI_IS_URL)
		return "url";
	if (privacy == TBDI_IS_PEER)
		return "text";
	if (is_address(text))
		return "address";
	if (is_host(text) && (privacy == TBDI_IS_HOST || strchr(text, '.') != NULL))
		return "host";
	return "name";
}

static bool is_count(const char *text)
{
	size_t len = strspn(text, "0123456789");
	return len > 0 && len <= 6 && text[len] == '\0';
}

/* "host-1" */
static bool is_placeholder(const char *text)
{
	static const char *const kinds[] = { "path", "id", "url", "text", "address", "host",
		"name" };
	size_t len = strcspn(text, "-");
	for (size_t i = 0; i < TBDI_COUNT(kinds); i++)
		if (strlen(kinds[i]) == len && memcmp(kinds[i], text, len) == 0)
			return text[len] == '-' && is_count(text + len + 1);
	return false;
}

/* A value is looked for in sentences unless it would be found where it is not meant. */
static bool is_distinct(
	const struct redactor *redactor, enum tbdi_privacy privacy, const char *value)
{
	size_t len = strlen(value);
	if (len < 2 || len > VALUE_MAX)
		return false;
	if (strspn(value, "0123456789") == len)
		return len >= DIGITS_MIN;
	if (privacy == TBDI_IS_ID)
		return len >= ID_MIN;
	if (privacy == TBDI_IS_NAME && len < WORD_MIN)
		return !is_known(redactor, value);
	return privacy != TBDI_IS_PEER || !is_known(redactor, value);
}

/* As a finding shows it: control characters as \xNN. */
static void look_for(struct redactor *redactor, enum tbdi_privacy privacy, const char *value,
	const char *placeholder)
{
	char shown[4 * VALUE_MAX + 1], *end = shown;
	if (!redactor->learning || !is_distinct(redactor, privacy, value))
		return;
	for (const char *c = value; *c != '\0'; c++)
		if ((unsigned char)*c >= 0x20 && *c != 0x7f)
			*end++ = *c;
		else
			end += snprintf(end, 5, "\\x%02x", (unsigned char)*c);
	*end = '\0';
	(void)remember(redactor, redactor->inside, value, placeholder);
	(void)remember(redactor, redactor->inside, shown, placeholder);
}

static const char *placeholder_of(
	struct redactor *redactor, enum tbdi_privacy privacy, const char *value);

/* ---- values with parts ------------------------------------------------------------------------ */

/* A text that is put together; NULL when memory is out. */
struct builder {
	FILE *out;
	char *text;
	size_t len;
};

static bool build(struct redactor *redactor, struct builder *builder)
{
	*builder = (struct builder){ 0 };
	builder->out = open_memstream(&builder->text, &builder->len);
	redactor->failed |= builder->out == NULL;
	return builder->out != NULL;
}

/* For free(). */
static char *built(struct redactor *redactor, struct builder *builder)
{
	if (fclose(builder->out) == 0)
		return builder->text;
	redactor->failed = true;
	free(builder->text);
	return NULL;
}

/* Put the placeholder of a part. */
static void put_part(struct redactor *redactor, FILE *out, enum tbdi_privacy privacy,
	const char *part, size_t len)
{
	char *copy = strndup(part, len);
	const char *placeholder = copy != NULL ? placeholder_of(redactor, privacy, copy) : NULL;
	redactor->failed |= placeholder == NULL;
	if (placeholder != NULL)
		fputs(placeholder, out);
	free(copy);
}

/* "mqtts://HOST:PORT/PATH": scheme and port stay. False: it has another form. */
static bool put_url(struct redactor *redactor, FILE *out, const char *url)
{
	const char *host = strstr(url, "://");
	if (host == NULL || !tbdi_known_words_have(redactor->vocabulary, url, (size_t)(host - url)))
		return false;
	host += 3;
	bool bracket = *host == '[';
	size_t len = bracket ? strcspn(++host, "]") : strcspn(host, ":/?#@");
	const char *port = host + len + (bracket && host[len] == ']');
	size_t port_len = *port == ':' ? 1 + strspn(port + 1, "0123456789") : 0;
	const char *path = port + port_len;
	if (len == 0 || (*path != '\0' && strchr("/?#", *path) == NULL))
		return false;
	fprintf(out, "%.*s", (int)(host - bracket - url), url);
	put_part(redactor, out, TBDI_IS_HOST, host, len);
	fprintf(out, "%.*s", (int)port_len, port);
	if (strcmp(path, "") != 0 && strcmp(path, "/") != 0) {
		putc('/', out);
		put_part(redactor, out, TBDI_IS_PATH, path, strlen(path));
	}
	return true;
}

/* Where a part of a distinguished name ends: at a ',' or '+' that no backslash stands before (RFC 4514). */
static size_t rdn_len(const char *text)
{
	size_t len = 0;
	for (; text[len] != '\0' && text[len] != ',' && text[len] != '+'; len++)
		if (text[len] == '\\' && text[len + 1] != '\0')
			len++;
	return len;
}

static bool is_attribute_type(const char *text, size_t len)
{
	static const char *const types[] = { "CN", "O", "OU", "C", "ST", "L", "DC", "UID", "STREET",
		"EMAIL", "serialNumber", "title", "SN", "GN", "dnQualifier", "postalCode" };
	for (size_t i = 0; i < TBDI_COUNT(types); i++)
		if (strlen(types[i]) == len && memcmp(types[i], text, len) == 0)
			return true;
	return false;
}

/* An OID holds the number of the company that owns it, and whatever that wants; redacted once it is "id-1". */
static bool is_private_type(const char *text, size_t len)
{
	char type[32];
	if (len > 0 && strspn(text, "0123456789.") >= len)
		return true;
	snprintf(type, sizeof(type), "%.*s", (int)(len < sizeof(type) ? len : 0), text);
	return is_placeholder(type);
}

/* "CN=name,O=name": which attributes with a name there are stays. False: it has another form. */
static bool put_name(struct redactor *redactor, FILE *out, const char *name)
{
	for (const char *at = name;; at++) {
		const char *value = strchr(at, '=');
		size_t type_len = value != NULL ? (size_t)(value - at) : 0;
		bool is_private = is_private_type(at, type_len);
		if (!is_private && !is_attribute_type(at, type_len))
			return false;
		size_t len = rdn_len(++value);
		if (is_private)
			put_part(redactor, out, TBDI_IS_ID, at, type_len);
		else
			fprintf(out, "%.*s", (int)type_len, at);
		putc('=', out);
		put_part(redactor, out, TBDI_IS_NAME, value, len);
		at = value + len;
		if (*at == '\0')
			return true;
		putc(*at, out);
	}
}

/* "*.HOST" */
static bool put_wildcard(struct redactor *redactor, FILE *out, const char *host)
{
	if (strncmp(host, "*.", 2) != 0 || host[2] == '\0')
		return false;
	fputs("*.", out);
	put_part(redactor, out, TBDI_IS_HOST, host + 2, strlen(host + 2));
	return true;
}

/* The placeholder made of those of the parts, or NULL: the value has no parts. */
static const char *compose(struct redactor *redactor, enum tbdi_privacy privacy, const char *value)
{
	struct builder builder;
	bool may_have_parts =
		privacy == TBDI_IS_URL || privacy == TBDI_IS_NAME || privacy == TBDI_IS_HOST;
	if (!may_have_parts || !build(redactor, &builder))
		return NULL;
	bool has_parts = privacy == TBDI_IS_URL ? put_url(redactor, builder.out, value)
		: privacy == TBDI_IS_NAME       ? put_name(redactor, builder.out, value)
		: privacy == TBDI_IS_HOST       ? put_wildcard(redactor, builder.out, value)
						: false;
	char *text = built(redactor, &builder);
	const char *placeholder = has_parts && text != NULL
		? remember(redactor, redactor->placeholders, value, text)
		: NULL;
	free(text);
	return placeholder;
}

/* A file may be spoken of without its directory. */
static void look_for_base(struct redactor *redactor, const char *path, const char *placeholder)
{
	const char *slash = strrchr(path, '/');
	if (slash != NULL)
		look_for(redactor, TBDI_IS_PATH, slash + 1, placeholder);
}

/* NULL: out of memory. */
static const char *placeholder_of(
	struct redactor *redactor, enum tbdi_privacy privacy, const char *value)
{
	const char *placeholder = json_string_value(json_object_get(redactor->placeholders, value));
	if (placeholder != NULL || *value == '\0')
		return placeholder != NULL ? placeholder : "";
	if (redactor->again && is_placeholder(value))
		return remember(redactor, redactor->placeholders, value, value);
	placeholder = compose(redactor, privacy, value);
	if (placeholder == NULL)
		placeholder = number(redactor, kind_of(privacy, value), value);
	if (placeholder == NULL)
		return NULL;
	look_for(redactor, privacy, value, placeholder);
	if (privacy == TBDI_IS_PATH)
		look_for_base(redactor, value, placeholder);
	return placeholder;
}

/* ---- sentences -------------------------------------------------------------------------------- */

/* Between two characters of which both belong to a word no value begins or ends. */
static bool is_edge(const char *text, size_t at)
{
	return at == 0 || !tbdi_is_word_char(text[at - 1]) || !tbdi_is_word_char(text[at]);
}

static int compare(const void *a, const void *b)
{
	return strcmp(((const struct needle *)a)->text, ((const struct needle *)b)->text);
}

static void sort_needles(struct redactor *redactor)
{
	size_t count = json_object_size(redactor->inside);
	const char *text;
	json_t *placeholder;
	redactor->needles = calloc(count + 1, sizeof(*redactor->needles));
	redactor->failed |= redactor->needles == NULL;
	if (redactor->failed)
		return;
	json_object_foreach(redactor->inside, text, placeholder)
	{
		redactor->needles[redactor->needle_count++] =
			(struct needle){ text, strlen(text), json_string_value(placeholder) };
	}
	qsort(redactor->needles, count, sizeof(*redactor->needles), compare);
}

/* The first of the needles from low to high, alike up to this place, whose byte there is not below. */
static size_t bound(struct redactor *redactor, size_t low, size_t high, size_t place, int byte)
{
	while (low < high) {
		size_t middle = low + (high - low) / 2;
		redactor->steps++;
		if ((unsigned char)redactor->needles[middle].text[place] < byte)
			low = middle + 1;
		else
			high = middle;
	}
	return low;
}

/* The longest value that stands there; *len is its length. */
static const char *value_at(struct redactor *redactor, const char *text, size_t at, size_t *len)
{
	size_t low = 0, high = redactor->needle_count;
	const char *placeholder = NULL;
	if (!is_edge(text, at))
		return NULL;
	for (size_t i = 0; text[at + i] != '\0'; i++) {
		int byte = (unsigned char)text[at + i];
		low = bound(redactor, low, high, i, byte);
		high = bound(redactor, low, high, i, byte + 1);
		if (low == high)
			break;
		if (i == 0 || redactor->needles[low].len != i + 1 || !is_edge(text, at + i + 1))
			continue;
		placeholder = redactor->needles[low].placeholder;
		*len = i + 1;
	}
	return placeholder;
}

/* The sentence with the values in it replaced; for free(). */
static char *replace_values(struct redactor *redactor, const char *text)
{
	struct builder builder;
	if (!build(redactor, &builder))
		return NULL;
	for (size_t at = 0, len; text[at] != '\0'; at += len) {
		const char *placeholder = value_at(redactor, text, at, &len);
		if (placeholder != NULL)
			fputs(placeholder, builder.out);
		else
			putc(text[at], builder.out), len = 1;
	}
	return built(redactor, &builder);
}

/* What parts a sentence into pieces that are judged as a whole: "/a/b.pem" is one. */
static bool is_separator(char c)
{
	return strchr(" \t\n\"'`()<>[]{}|,;=", c) != NULL;
}

/* What kind of value an unknown piece probably is. */
static enum tbdi_privacy guess(const char *piece)
{
	if (strstr(piece, "://") != NULL)
		return TBDI_IS_URL;
	if (strchr(piece, '/') != NULL)
		return TBDI_IS_PATH;
	if (is_address(piece) || (is_host(piece) && strchr(piece, '.') != NULL))
		return TBDI_IS_HOST;
	return TBDI_IS_PEER;
}

/* A piece that is not known, its port apart. */
static void put_unknown(struct redactor *redactor, FILE *out, const char *piece, size_t len)
{
	size_t digits = 0;
	while (digits < len && isdigit((unsigned char)piece[len - 1 - digits]))
		digits++;
	bool has_port = digits > 0 && digits < len - 1 && piece[len - 1 - digits] == ':' &&
		memchr(piece, ':', len - 1 - digits) == NULL;
	size_t rest = has_port ? digits + 1 : 0;
	redactor->steps += STEPS_OF_UNKNOWN;
	char *copy = strndup(piece, len - rest);
	const char *placeholder = copy != NULL ? placeholder_of(redactor, guess(copy), copy) : NULL;
	redactor->failed |= placeholder == NULL;
	fprintf(out, "%s%.*s", placeholder != NULL ? placeholder : "", (int)rest,
		piece + len - rest);
	free(copy);
}

/* What is ours alone may have versions of libraries in it. */
static bool is_harmless(
	const struct redactor *redactor, enum tbdi_privacy privacy, const char *piece, size_t len)
{
	return tbdi_known_words_have(redactor->vocabulary, piece, len) &&
		(privacy != TBDI_IS_MIXED ||
			!tbdi_may_be_address(redactor->vocabulary, piece, len));
}

/* The sentence with all replaced that is not known; for free(). */
static char *replace_unknown(struct redactor *redactor, enum tbdi_privacy privacy, const char *text)
{
	struct builder builder;
	if (!build(redactor, &builder))
		return NULL;
	for (size_t at = 0, len; text[at] != '\0'; at += len) {
		len = 0;
		while (text[at + len] != '\0' && !is_separator(text[at + len]))
			len++;
		size_t end = len;
		while (end > 0 && strchr(".:!?", text[at + end - 1]) != NULL)
			end--;
		if (end > 0 && !is_harmless(redactor, privacy, text + at, end))
			put_unknown(redactor, builder.out, text + at, end);
		else
			end = 0;
		len += len == 0; /* the separator */
		fprintf(builder.out, "%.*s", (int)(len - end), text + at + end);
	}
	return built(redactor, &builder);
}

static char *redact_sentence(struct redactor *redactor, enum tbdi_privacy privacy, const char *text)
{
	const char *whole = json_string_value(json_object_get(redactor->placeholders, text));
	bool is_too_long = strlen(text) > SENTENCE_MAX || redactor->steps > STEPS_MAX;
	if (privacy == TBDI_IS_MIXED && whole == NULL && is_too_long)
		whole = placeholder_of(redactor, TBDI_IS_PEER, text);
	if (privacy == TBDI_IS_MIXED && whole != NULL)
		return strdup(whole);
	char *replaced = privacy == TBDI_IS_MIXED ? replace_values(redactor, text) : strdup(text);
	char *known = replaced != NULL ? replace_unknown(redactor, privacy, replaced) : NULL;
	free(replaced);
	return known;
}

/* ---- the walk --------------------------------------------------------------------------------- */

/* What stands for a text; for json_decref(). NULL: out of memory. */
static json_t *redact_text(struct redactor *redactor, enum tbdi_privacy privacy, json_t *value)
{
	const char *text = json_string_value(value);
	if (privacy != TBDI_IS_MIXED && privacy != TBDI_IS_OWN)
		return json_string(placeholder_of(redactor, privacy, text));
	if (redactor->learning)
		return json_incref(value);
	char *sentence = redact_sentence(redactor, privacy, text);
	json_t *redacted = json_string(sentence);
	free(sentence);
	return redacted;
}

static void redact_strings(struct redactor *redactor, enum tbdi_privacy privacy, json_t *array)
{
	for (size_t i = 0; i < json_array_size(array); i++) {
		json_t *redacted = redact_text(redactor, privacy, json_array_get(array, i));
		redactor->failed |= redacted == NULL;
		if (redacted == NULL || redactor->learning)
			json_decref(redacted);
		else if (json_array_set_new(array, i, redacted) < 0)
			redactor->failed = true;
	}
}

static void redact_member(
	struct redactor *redactor, enum tbdi_privacy privacy, json_t *object, const char *key)
{
	json_t *value = json_object_get(object, key);
	if (!json_is_string(value))
		return;
	json_t *redacted = redact_text(redactor, privacy, value);
	redactor->failed |= redacted == NULL;
	if (redacted == NULL || redactor->learning)
		json_decref(redacted);
	else if (json_object_set_new(object, key, redacted) < 0)
		redactor->failed = true;
}

/* Keys are the rules'; those of a report that was read need not be. */
static void redact_evidence(struct redactor *redactor, json_t *evidence)
{
	const char *key;
	json_t *value;
	if (redactor->learning)
		return;
	json_t *copy = json_object();
	json_object_foreach(evidence, key, value)
	{
		char *known = redact_sentence(redactor, TBDI_IS_OWN, key);
		if (known == NULL || json_object_set(copy, known, value) < 0)
			redactor->failed = true;
		else
			redact_member(redactor, TBDI_IS_MIXED, copy, known);
		free(known);
	}
	if (json_object_clear(evidence) < 0 || json_object_update(evidence, copy) < 0)
		redactor->failed = true;
	json_decref(copy);
}

static void redact_object(
	struct redactor *redactor, const struct tbdi_shape *shape, json_t *object);

static void redact_field(struct redactor *redactor, const struct tbdi_field *field, json_t *object)
{
	json_t *value = json_object_get(object, field->name);
	if (field->kind == TBDI_EVIDENCE)
		redact_evidence(redactor, value);
	else if (field->privacy != TBDI_IS_UNSAID && json_is_array(value))
		redact_strings(redactor, field->privacy, value);
	else if (field->privacy != TBDI_IS_UNSAID)
		redact_member(redactor, field->privacy, object, field->name);
	else if (field->shape != NULL && json_is_array(value))
		for (size_t i = 0; i < json_array_size(value); i++)
			redact_object(redactor, field->shape, json_array_get(value, i));
	else if (field->shape != NULL && json_is_object(value))
		redact_object(redactor, field->shape, value);
}

static void redact_object(struct redactor *redactor, const struct tbdi_shape *shape, json_t *object)
{
	for (const struct tbdi_field *field = shape->fields; field->name != NULL; field++)
		redact_field(redactor, field, object);
}

static void say_redacted(struct redactor *redactor, json_t *tree)
{
	if (json_object_set_new(tree, "redacted", json_true()) < 0)
		redactor->failed = true;
}

static void redact_tree(struct redactor *redactor, const struct tbdi_shape *shape, json_t *tree)
{
	json_t *reports = shape == &tbdi_set_shape ? json_object_get(tree, "reports") : NULL;
	redactor->learning = true;
	redact_object(redactor, shape, tree);
	redactor->learning = false;
	sort_needles(redactor);
	if (redactor->failed)
		return;
	redact_object(redactor, shape, tree);
	say_redacted(redactor, tree);
	for (size_t i = 0; i < json_array_size(reports); i++)
		say_redacted(redactor, json_array_get(reports, i));
}

/* False: out of memory. */
static bool redact(
	const struct tbdi_shape *shape, json_t *tree, const char *known_words, bool again)
{
	struct redactor redactor = { .vocabulary = tbdi_known_words_new(known_words),
		.placeholders = json_object(),
		.inside = json_object(),
		.counts = json_object(),
		.again = again };
	redactor.failed = redactor.vocabulary == NULL || redactor.placeholders == NULL ||
		redactor.inside == NULL || redactor.counts == NULL || tree == NULL;
	if (!redactor.failed)
		redact_tree(&redactor, shape, tree);
	free(redactor.needles);
	json_decref(redactor.counts);
	json_decref(redactor.inside);
	json_decref(redactor.placeholders);
	tbdi_known_words_free(redactor.vocabulary);
	return !redactor.failed;
}

int tbd_report_redact(
	const struct tbd_report *report, struct tbd_report **out, struct tbd_error *error)
{
	json_t *tree = tbdi_report_tree(report);
	*out = NULL;
	int rc = redact(&tbdi_report_shape, tree, report->known_words, report->redacted)
		? tbdi_report_of_tree(tree, out, error)
		: tbdi_fail_nomem(error);
	json_decref(tree);
	return rc;
}

int tbd_set_redact(const struct tbd_set *set, struct tbd_set **out, struct tbd_error *error)
{
	json_t *tree = tbdi_set_tree(set);
	*out = NULL;
	int rc = redact(&tbdi_set_shape, tree, set->known_words, set->redacted)
		? tbdi_set_of_tree(tree, out, error)
		: tbdi_fail_nomem(error);
	json_decref(tree);
	return rc;
}
