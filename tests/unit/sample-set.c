/* SPDX-License-Identifier: MIT
 *
 * sample-set.c - change a hand-made report by text, through the schema that knows its members by name.
 */
#include "report/report.h"
#include "report/schema.h"
#include "tests/unit/healthy-report.h"

/* What changes may name, and what the schema calls such a thing. */
static const struct thing {
	const char *name;
	size_t offset;
	const char *path;
	bool is_pointer; /* the sample holds a pointer to it */
} things[] = {
#define THING(member, path)                                           \
	{                                                             \
#member, offsetof(struct sample, member), path, false \
	}
#define CERT(member) THING(member, "chain.certs")
#define POINTER(member, path)                                        \
	{                                                            \
#member, offsetof(struct sample, member), path, true \
	}
	POINTER(report, ""),
	POINTER(target, "target"),
	POINTER(http_target, "target"),
	THING(resolution, "connection.resolution"),
	THING(attempts[0], "connection.attempts"),
	THING(attempts[1], "connection.attempts"),
	THING(neighbours[0], "connection.neighbours"),
	THING(neighbours[1], "connection.neighbours"),
	THING(neighbours[2], "connection.neighbours"),
	THING(tls, "connection.tls"),
	THING(plain, "connection.plain"),
	THING(comparison, "connection.other_version"),
	THING(another_tls, "connection.tls"),
	THING(proxy, "connection.proxy"),
	THING(datagrams, "connection.datagrams"),
	THING(connection, "connection"),
	CERT(leaf),
	CERT(intermediate),
	CERT(root),
	CERT(stranger),
	THING(chain, "chain"),
	THING(expected, "expected"),
	THING(defect, "trust.sources.defects"),
	THING(loads[0], "trust.sources.loads"),
	THING(loads[1], "trust.sources.loads"),
	THING(sources[0], "trust.sources"),
	THING(sources[1], "trust.sources"),
	THING(trust, "trust"),
	THING(lint, "lint"),
	THING(lint_certs[0], "lint.certs"),
	THING(lint_certs[1], "lint.certs"),
	THING(lint_key, "lint.key"),
	THING(path, "verification.paths"),
	THING(other_path, "verification.paths"),
	THING(nearest, "verification.nearest"),
	THING(verification, "verification"),
	THING(departure, "verification.departures"),
	THING(revocation, "verification.revocations"),
	THING(verdict, "verdicts"),
	THING(query, "ocsp"),
	THING(said, "ocsp.answer"),
	THING(ca, "ca"),
	THING(download, "fixed.downloads"),
	THING(fixed, "fixed"),
	THING(served_file, "served_files"),
	THING(token, "token"),
	THING(exchange, "exchange"),
	THING(explanation, "exchange.explanation"),
	THING(upgrade, "exchange.upgrade"),
	THING(requests[0], "api.requests"),
	THING(requests[1], "api.requests"),
	THING(api, "api"),
	THING(steps[1], "steps"),
	THING(steps[3], "steps"),
	THING(steps[4], "steps"),
	THING(steps[5], "steps"),
	THING(steps[6], "steps"),
	THING(steps[7], "steps"),
};

static _Noreturn void no_such(const char *what, const char *text)
{
	fprintf(stderr, "sample_set: no such %s: %s\n", what, text);
	abort();
}

static bool is_word(const char *word, const char *text, size_t len)
{
	return strncmp(word, text, len) == 0 && word[len] == '\0';
}

static const struct tbdi_field *find_field(
	const struct tbdi_shape *shape, const char *name, size_t len)
{
	const struct tbdi_field *field = shape->fields;
	while (field->name != NULL && !is_word(field->name, name, len))
		field++;
	if (field->name == NULL)
		no_such("member", name);
	return field;
}

static const struct thing *find_thing(const char *name, size_t len)
{
	for (size_t i = 0; i < TBDI_COUNT(things); i++)
		if (is_word(things[i].name, name, len))
			return &things[i];
	no_such("thing", name);
}

static const struct tbdi_shape *shape_of(const struct thing *thing)
{
	const struct tbdi_shape *shape = &tbdi_report_shape;
	for (const char *path = thing->path; *path != '\0'; path += *path == '.') {
		size_t len = strcspn(path, ".");
		shape = find_field(shape, path, len)->shape;
		path += len;
	}
	return shape;
}

static void *thing_at(struct sample *sample, const struct thing *thing)
{
	void *at = (char *)sample + thing->offset;
	return thing->is_pointer ? *(void **)at : at;
}

static void *need(void *memory)
{
	if (memory == NULL)
		abort();
	return memory;
}

static char *keep_text(struct sample *sample, const char *text, size_t len)
{
	struct tbdi_arena *arena = &tbdi_report_of(sample->report)->arena;
	return need(tbdi_arena_printf(arena, "%.*s", (int)len, text));
}

/* Things, or texts, between commas; "#2" leaves only the first two of those that are there. */
static size_t set_list(struct sample *sample, const void **list, bool of_things, const char *value)
{
	if (*value == '#')
		return strtoul(value + 1, NULL, 10);
	struct tbdi_arena *arena = &tbdi_report_of(sample->report)->arena;
	const void **items = need(tbdi_arena_alloc(arena, (strlen(value) + 2) * sizeof(*items)));
	size_t count = 0;
	for (const char *at = value; *at != '\0'; at += *at == ',') {
		size_t len = strcspn(at, ",");
		items[count++] = of_things ? thing_at(sample, find_thing(at, len))
					   : keep_text(sample, at, len);
		at += len;
	}
	*list = items;
	return count;
}

/* Seconds after the sample's time, with "d" days, with "h" hours, or a sum of these; "@": after 1970. */
static int64_t time_of(const char *text)
{
	int64_t time = *text == '@' ? 0 : SAMPLE_TIME;
	for (text += *text == '@'; *text != '\0';) {
		char *end;
		int64_t number = strtoll(text, &end, 10);
		if (end == text)
			no_such("time", text);
		time += number * (*end == 'd' ? SAMPLE_DAY : *end == 'h' ? 3600 : 1);
		text = end + (*end == 'd' || *end == 'h');
	}
	return time;
}

static int64_t word_of(const struct tbdi_words *words, const char *value)
{
	for (unsigned i = 0; i < words->count; i++)
		if (strcmp(tbdi_word(words, i), value) == 0)
			return i;
	no_such("word", value);
}

static int64_t number_of(const char *value)
{
	char *end;
	int64_t number = strtoll(value, &end, 0);
	if (end == value || *end != '\0')
		no_such("number", value);
	return number;
}

static void member_set(void *at, size_t size, int64_t number)
{
	if (size == sizeof(int64_t))
		*(int64_t *)at = number;
	else if (size == sizeof(int32_t))
		*(int32_t *)at = (int32_t)number;
	else if (size == sizeof(int16_t))
		*(int16_t *)at = (int16_t)number;
	else
		*(int8_t *)at = (int8_t)number;
}

#define IS(kinds) (((kinds) >> field->kind & 1) != 0)
#define A(kind) (1u << TBDI_##kind)

/* "-" is null. */
static void set_field(
	struct sample *sample, void *base, const struct tbdi_field *field, const char *value)
{
	void *at = (char *)base + field->offset;
	size_t *more = (size_t *)(void *)((char *)base + field->more);
	bool is_null = strcmp(value, "-") == 0;
	if (IS(A(TEXT) | A(MAYBE) | A(ERROR)))
		*(const char **)at = is_null ? NULL : keep_text(sample, value, strlen(value));
	else if (IS(A(OBJECT) | A(ELEMENT) | A(CERT)))
		*(const void **)at =
			is_null ? NULL : thing_at(sample, find_thing(value, strlen(value)));
	else if (IS(A(POINTERS) | A(CERTS) | A(ARRAY)))
		*more = set_list(sample, at, true, value);
	else if (IS(A(STRINGS)) && field->more != 0)
		*more = set_list(sample, at, false, value);
	else if (IS(A(STRINGS) | A(STRINGS_IF)))
		set_list(sample, at, false, is_null ? "" : value);
	else if (is_null)
		member_set(at, field->size, -1);
	else if (IS(A(TIME) | A(TIME_MAYBE)))
		member_set(at, field->size, time_of(value));
	else if (IS(A(WORD)))
		member_set(at, field->size, word_of(field->words, value));
	else if (IS(A(BOOL)))
		member_set(at, field->size, strcmp(value, "yes") == 0);
	else
		member_set(at, field->size, number_of(value));
}

/* Up to a space, or in quotes, in which two stand for one. Returns what follows. */
static const char *change_value(const char *at, char *value, size_t size)
{
	bool is_quoted = *at == '\'';
	size_t len = 0;
	for (at += is_quoted; *at != '\0' && (is_quoted || *at != ' '); at++) {
		if (is_quoted && *at == '\'' && *++at != '\'')
			break;
		if (len + 1 == size)
			abort();
		value[len++] = *at;
	}
	value[len] = '\0';
	return at;
}

void sample_set(struct sample *sample, const char *changes)
{
	char value[256];
	while (*(changes += strspn(changes, " ")) != '\0') {
		size_t len = strcspn(changes, ".");
		const struct thing *thing = find_thing(changes, len);
		const char *member = changes + len + (changes[len] == '.');
		len = strcspn(member, "=");
		const struct tbdi_field *field = find_field(shape_of(thing), member, len);
		changes = change_value(member + len + (member[len] == '='), value, sizeof(value));
		set_field(sample, thing_at(sample, thing), field, value);
	}
}

struct sample *sample_with(const char *changes)
{
	struct sample *sample = sample_new();
	sample_set(sample, changes);
	return sample;
}
