/* SPDX-License-Identifier: MIT
 *
 * match.c - the sayings and codes of all volumes by their first words, so that a line costs what its own words cost.
 */
#include "tools/decoder/decoder.h"

#include <ctype.h>

enum { GAP_MAX = 12, BUCKETS = 4096, BITS_MAX = 32, PATTERN_MAX = 256 };

/* A pattern and whose it is: a saying, a form of a family's numbers, or a code by its name. */
struct entry {
	const char *words;
	char *made; /* the same, if it is to be freed */
	const struct volume *volume;
	const struct saying *saying;
	const struct family *family;
	const struct code *code;
	uint32_t hash; /* of the first word */
	uint32_t next; /* in its bucket; 0: the last */
};

struct index {
	struct entry *entries; /* from 1 on */
	size_t count, room;
	uint32_t buckets[BUCKETS];
	bool failed;
};

/* ---- making it -------------------------------------------------------------------------------- */

static struct entry *entry_add(struct index *index)
{
	if (index->count + 1 >= index->room) {
		size_t room = index->room > 0 ? index->room * 2 : 4096;
		struct entry *entries = reallocarray(index->entries, room, sizeof(*entries));
		if (entries == NULL) {
			index->failed = true;
			return NULL;
		}
		index->entries = entries;
		index->room = room;
	}
	return &index->entries[++index->count];
}

/* Under each of the words that it may begin with. The string that was made belongs to the first. */
static void index_put(struct index *index, const struct entry *what)
{
	const char *word = what->words;
	size_t first = strcspn(word, " "), len;
	bool owns = true;
	for (const char *end = word + first; word < end; word += len + 1, owns = false) {
		struct entry *entry = entry_add(index);
		len = strcspn(word, "| ");
		if (entry == NULL) {
			if (owns)
				free(what->made);
			return;
		}
		*entry = *what;
		entry->made = owns ? what->made : NULL;
		entry->hash = words_hash(word, len);
		entry->next = index->buckets[entry->hash % BUCKETS];
		index->buckets[entry->hash % BUCKETS] = (uint32_t)index->count;
	}
}

/* A form with the name of the code in the place of its '$', or of its '~'. NULL: out of memory. */
static char *form_with_name(const char *form, const char *name)
{
	char text[PATTERN_MAX];
	size_t len = 0;
	for (const char *at = form; *at != '\0' && len + 1 < sizeof(text); at++) {
		if (*at != '$' && *at != '~') {
			text[len++] = *at;
			continue;
		}
		for (const char *letter = name; *letter != '\0' && len + 1 < sizeof(text); letter++)
			if (isalnum((unsigned char)*letter))
				text[len++] = (char)tolower((unsigned char)*letter);
			else if (*at == '$')
				text[len++] = ' ';
	}
	text[len] = '\0';
	return strdup(text);
}

static void index_put_form(struct index *index, const struct volume *volume,
	const struct family *family, const char *form)
{
	struct entry entry = { .words = form, .volume = volume, .family = family };
	if (strpbrk(form, "$~") == NULL) {
		index_put(index, &entry);
		return;
	}
	for (entry.code = family->codes; entry.code->name != NULL; entry.code++) {
		entry.made = form_with_name(form, entry.code->name);
		entry.words = entry.made;
		if (entry.made == NULL)
			index->failed = true;
		else
			index_put(index, &entry);
	}
}

static void index_put_volume(struct index *index, const struct volume *volume)
{
	const struct saying *saying = volume->sayings;
	const struct family *family = volume->families;
	for (; saying != NULL && saying->words != NULL; saying++)
		index_put(index,
			&(struct entry){
				.words = saying->words, .volume = volume, .saying = saying });
	for (; family != NULL && family->codes != NULL; family++)
		for (size_t i = 0; i < TOOL_COUNT(family->forms) && family->forms[i] != NULL; i++)
			index_put_form(index, volume, family, family->forms[i]);
}

struct index *index_new(void)
{
	struct index *index = calloc(1, sizeof(*index));
	if (index == NULL)
		return NULL;
	for (const struct volume *const *volume = decoder_volumes; *volume != NULL; volume++)
		index_put_volume(index, *volume);
	if (!index->failed)
		return index;
	index_free(index);
	return NULL;
}

void index_free(struct index *index)
{
	if (index == NULL)
		return;
	for (size_t i = 1; i <= index->count; i++)
		free(index->entries[i].made);
	free(index->entries);
	free(index);
}

/* ---- codes ------------------------------------------------------------------------------------- */

static const struct code *code_find(const struct code *codes, int64_t number)
{
	for (; codes->name != NULL; codes++)
		if (codes->number == number)
			return codes;
	return NULL;
}

/* -2700 is meant as -0x2700. */
static int64_t as_if_hex(int64_t number)
{
	int64_t value = 0, unit = 1;
	for (int64_t left = -number; left > 0; left /= 10, unit *= 16)
		value += left % 10 * unit;
	return -value;
}

static const struct code *code_find_signed(const struct code *codes, int64_t number)
{
	int64_t negative = number > 0 ? -number : number;
	const struct code *code = code_find(codes, negative);
	if (code == NULL && negative <= -1000 && negative > -10000)
		code = code_find(codes, as_if_hex(negative));
	return code;
}

/* Of 14094418 (before OpenSSL 3) and 0A000418 the reason, if the library is SSL; else -1. */
static int64_t openssl_reason(const struct word *word)
{
	char digits[9] = "";
	memcpy(digits, word->text, 8);
	unsigned long error = strtoul(digits, NULL, 16);
	if (error >> 24 == 0x14)
		return (int64_t)(error & 0xfff);
	if (error >> 23 == 0x14)
		return (int64_t)(error & 0x7fffff);
	return -1;
}

static const struct code *code_of(const struct family *family, const struct word *word)
{
	switch (family->use) {
	case CODE_SIGNED:
		return code_find_signed(family->codes, word->number);
	case CODE_OPENSSL:
		return code_find(family->codes, openssl_reason(word));
	case CODE_BEARSSL:
		if (word->number >= 256 && word->number < 768)
			return code_find(decoder_alerts, word->number % 256);
		return code_find(family->codes, word->number);
	case CODE_NUMBER:
	case CODE_BITS:
		break;
	}
	return code_find(family->codes, word->number);
}

static struct match match_of_code(const struct family *family, const struct code *code)
{
	return (struct match){ .whose = family->whose,
		.name = code->name,
		.meaning = code->meaning,
		.causes = code->causes != NULL ? code->causes : family->causes,
		.number = code->number,
		.telling = code->causes == NULL             ? TELLS_LITTLE
			: strchr(code->causes, ' ') == NULL ? TELLS_CAUSE
							    : TELLS_KIND };
}

/* Without a family any number will do. */
static bool has_code(const struct family *family, const struct word *word)
{
	return family == NULL || family->use == CODE_BITS || code_of(family, word) != NULL;
}

/* ---- a pattern at a place ----------------------------------------------------------------------- */

struct walk {
	const struct family *family; /* whose number is looked for */
	const struct words *words, *context;
	uint32_t last;     /* word that fits */
	uint32_t strength; /* words that fit so far */
	const struct word *captured;
};

static bool is_openssl_code(const struct word *word)
{
	const char *text = word->text;
	if (word->len != 8)
		return false;
	for (size_t i = 0; i < 8; i++)
		if (!isxdigit((unsigned char)text[i]))
			return false;
	return true;
}

static bool fits(const struct walk *walk, const char *token, size_t len, const struct word *word)
{
	if (len == 1 && token[0] == '*')
		return true;
	if (len == 1 && token[0] == '#')
		return word->is_number && has_code(walk->family, word);
	if (len == 1 && token[0] == '%')
		return is_openssl_code(word);
	for (size_t part; len > 0; token += part + 1, len -= part < len ? part + 1 : part) {
		const char *bar = memchr(token, '|', len);
		part = bar != NULL ? (size_t)(bar - token) : len;
		if (part == word->len && memcmp(token, word->text, part) == 0)
			return true;
	}
	return false;
}

static bool follow(struct walk *walk, const char *pattern, uint32_t at);

/* The words of the pattern stand anywhere. They are not where the match stands. */
static bool stands_in(struct walk *walk, const struct words *words, const char *pattern)
{
	for (uint32_t at = 0; at < words->count; at++) {
		struct walk other = *walk;
		other.words = words;
		if (!follow(&other, pattern, at))
			continue;
		walk->strength = other.strength;
		return true;
	}
	return false;
}

/* What stands beside is heard after the number that is meant. */
static bool has_beside(struct walk *walk, const char *pattern)
{
	return stands_in(walk, walk->words, pattern) || stands_in(walk, walk->context, pattern);
}

/* Numbers are no words here: a time stamp may stand before. */
static bool is_short(const struct words *words)
{
	enum { FEW = 4 };
	size_t count = 0;
	for (size_t i = 0; i < words->count; i++)
		count += !words->words[i].is_number;
	return count <= FEW;
}

static bool follow_gap(struct walk *walk, const char *pattern, uint32_t at)
{
	for (uint32_t skip = 0; skip <= GAP_MAX && at + skip < walk->words->count; skip++) {
		struct walk other = *walk;
		if (!follow(&other, pattern, at + skip))
			continue;
		*walk = other;
		return true;
	}
	return false;
}

static bool follow(struct walk *walk, const char *pattern, uint32_t at)
{
	while (*pattern != '\0') {
		size_t len = strcspn(pattern, " ");
		const char *rest = pattern[len] == ' ' ? pattern + len + 1 : pattern + len;
		if (len == 2 && pattern[0] == '.')
			return follow_gap(walk, rest, at);
		if (len == 1 && pattern[0] == '&')
			return has_beside(walk, rest);
		if (len == 1 && pattern[0] == '!')
			return is_short(walk->words);
		if (at >= walk->words->count || !fits(walk, pattern, len, &walk->words->words[at]))
			return false;
		if (len == 1 && (pattern[0] == '#' || pattern[0] == '%'))
			walk->captured = &walk->words->words[at];
		walk->strength++;
		walk->last = at++;
		pattern = rest;
	}
	return true;
}

/* ---- a text ------------------------------------------------------------------------------------- */

struct list {
	struct match *matches;
	size_t count, max;
};

static bool is_within(const struct match *inner, const struct match *outer)
{
	return inner->first >= outer->first && inner->last <= outer->last &&
		inner->strength <= outer->strength;
}

static bool says_the_same(const struct match *match, const struct match *other)
{
	return match->meaning == other->meaning && match->name == other->name &&
		match->first <= other->last && other->first <= match->last;
}

/* What stands within a longer one says less. */
static void list_add(struct list *list, const struct match *match)
{
	size_t kept = 0;
	for (size_t i = 0; i < list->count; i++)
		if (says_the_same(match, &list->matches[i])) {
			if (match->strength > list->matches[i].strength)
				list->matches[i] = *match;
			return;
		}
	for (size_t i = 0; i < list->count; i++)
		if (is_within(match, &list->matches[i]) &&
			list->matches[i].strength > match->strength)
			return;
	for (size_t i = 0; i < list->count; i++)
		if (!is_within(&list->matches[i], match) ||
			list->matches[i].strength == match->strength)
			list->matches[kept++] = list->matches[i];
	list->count = kept;
	if (list->count < list->max)
		list->matches[list->count++] = *match;
}

static void add_bits(
	struct list *list, const struct entry *entry, struct match *where, int64_t bits)
{
	for (int bit = 0; bit < BITS_MAX; bit++) {
		const struct code *code = NULL;
		if ((bits >> bit & 1) != 0)
			code = code_find(entry->family->codes, INT64_C(1) << bit);
		if (code == NULL)
			continue;
		struct match match = match_of_code(entry->family, code);
		match.first = where->first;
		match.last = where->last;
		match.strength = where->strength;
		list_add(list, &match);
	}
}

static void add_entry(
	struct list *list, const struct entry *entry, uint32_t first, const struct walk *walk)
{
	struct match where = { .first = first, .last = walk->last, .strength = walk->strength };
	struct match match;
	const struct code *code = entry->code;
	if (entry->saying != NULL)
		match = (struct match){ .whose = entry->volume->whose,
			.meaning = entry->saying->meaning,
			.causes = entry->saying->causes,
			.telling = entry->saying->telling };
	else {
		if (code == NULL && walk->captured != NULL && entry->family->use == CODE_BITS) {
			add_bits(list, entry, &where, walk->captured->number);
			return;
		}
		if (code == NULL && walk->captured != NULL)
			code = code_of(entry->family, walk->captured);
		if (code == NULL)
			return;
		match = match_of_code(entry->family, code);
	}
	match.first = where.first;
	match.last = where.last;
	match.strength = where.strength;
	list_add(list, &match);
}

/* Numbers that nobody else writes like this. */
static void add_distinct(struct list *list, const struct words *words, uint32_t at)
{
	for (const struct volume *const *volume = decoder_volumes; *volume != NULL; volume++)
		for (const struct family *family = (*volume)->families;
			family != NULL && family->codes != NULL; family++) {
			const struct code *code = NULL;
			if (family->is_distinct != NULL && family->is_distinct(words, at))
				code = code_of(family, &words->words[at]);
			if (code == NULL)
				continue;
			struct match match = match_of_code(family, code);
			match.first = match.last = at;
			match.strength = 1;
			list_add(list, &match);
		}
}

size_t index_look_up(const struct index *index, const struct words *words,
	const struct words *context, struct match *matches, size_t max)
{
	struct list list = { .matches = matches, .max = max };
	for (uint32_t at = 0; at < words->count; at++) {
		uint32_t hash = words->words[at].hash;
		if (words->words[at].is_number)
			add_distinct(&list, words, at);
		for (uint32_t i = index->buckets[hash % BUCKETS]; i != 0;
			i = index->entries[i].next) {
			const struct entry *entry = &index->entries[i];
			struct walk walk = {
				.family = entry->family, .words = words, .context = context
			};
			if (entry->hash == hash && follow(&walk, entry->words, at))
				add_entry(&list, entry, at, &walk);
		}
	}
	return list.count;
}

/* ---- a number alone ----------------------------------------------------------------------------- */

size_t index_look_up_number(int64_t number, struct match *matches, size_t max)
{
	struct list list = { .matches = matches, .max = max };
	for (const struct volume *const *volume = decoder_volumes; *volume != NULL; volume++)
		for (const struct family *family = (*volume)->families;
			family != NULL && family->codes != NULL; family++) {
			const struct code *code = code_find(family->codes, number);
			if (code == NULL || !family->alone)
				continue;
			struct match match = match_of_code(family, code);
			match.strength = 1;
			list_add(&list, &match);
		}
	return list.count;
}

void decoder_who_has(int64_t number, FILE *out)
{
	const char *before = "";
	for (const struct volume *const *volume = decoder_volumes; *volume != NULL; volume++)
		for (const struct family *family = (*volume)->families;
			family != NULL && family->codes != NULL; family++)
			if (family->use != CODE_BITS && code_find(family->codes, number) != NULL) {
				fprintf(out, "%s%s", before, family->whose);
				before = ", ";
			}
}
