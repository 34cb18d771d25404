/* SPDX-License-Identifier: MIT
 *
 * answer.c - a text line by line: what was found in it is kept once, with its first line and how often; in the end the most
 * telling stands first, and the causes of it.
 */
#include "tools/decoder/decoder.h"

#include <ctype.h>

enum {
	LINE_MATCHES_MAX = 32,
	OVERLAP = 256, /* bytes of a long line that are looked at twice */
	CLIENT_MAX = 128,
};

struct decoder {
	struct answer *answer;
	const struct index *index;
	char client[CLIENT_MAX];
	struct words words, context; /* of the line, and of the client's name */
	bool by_lines;
	char line[WORDS_TEXT_MAX];
	size_t line_len;
};

/* ---- what may be a secret ------------------------------------------------------------------------ */

/* After these a secret stands: after an option or a scheme at once, after others behind ':' or '='. */
static const char *const secret_options[] = { "-u", "-P", "--username", "--password", "--pw",
	"--token", "--user", "--access-token", "bearer", "basic" };
static const char *const secret_names[] = { "username", "user", "user_name", "password", "passwd",
	"pass", "pwd", "token", "accesstoken", "access_token", "access-token", "authorization",
	"x-authorization", "apikey", "api_key", "secret", "psk", "credentialsid" };

static bool is_token_char(char c)
{
	return isalnum((unsigned char)c) || c == '_' || c == '-';
}

static bool is_one_of(const char *const *words, size_t count, const char *text, size_t len)
{
	for (size_t i = 0; i < count; i++)
		if (strlen(words[i]) == len && strncasecmp(words[i], text, len) == 0)
			return true;
	return false;
}

/* Whether a secret follows this word. */
static bool is_mark(const char *text, size_t len)
{
	const char *next = text + len + strspn(text + len, "\"' ");
	return is_one_of(secret_options, TOOL_COUNT(secret_options), text, len) ||
		((*next == ':' || *next == '=') &&
			is_one_of(secret_names, TOOL_COUNT(secret_names), text, len));
}

/* As ThingsBoard makes them: twenty letters and digits; anything as long that mixes them. */
static bool looks_random(const char *text, size_t len)
{
	size_t digits = 0, letters = 0;
	for (size_t i = 0; i < len; i++) {
		digits += isdigit((unsigned char)text[i]) != 0;
		letters += isalpha((unsigned char)text[i]) != 0;
	}
	return len >= 16 && digits >= 2 && letters >= 2;
}

static bool follows_api(const char *text, const char *at)
{
	static const char api[] = "/api/v1/";
	size_t len = strlen(api);
	return (size_t)(at - text) >= len && memcmp(at - len, api, len) == 0;
}

void decoder_mask(char *text)
{
	bool after_mark = false;
	for (char *at = text; *at != '\0';) {
		size_t len = 0;
		while (is_token_char(at[len]))
			len++;
		if (len == 0) {
			at++;
			continue;
		}
		bool mark = is_mark(at, len), secret = after_mark && !mark;
		if (secret)
			len = strcspn(at, " \t\"',;&)");
		if (!mark && (secret || follows_api(text, at) || looks_random(at, len)))
			memset(at, '*', len);
		after_mark = mark;
		at += len;
	}
}

/* ---- what was found -------------------------------------------------------------------------------- */

static struct hit *find_hit(struct answer *answer, const struct match *match)
{
	for (size_t i = 0; i < answer->hit_count; i++) {
		struct hit *hit = &answer->hits[i];
		if (hit->match.meaning == match->meaning && hit->match.name == match->name &&
			hit->match.causes == match->causes)
			return hit;
	}
	return NULL;
}

static int compare_hits(const void *left, const void *right)
{
	const struct hit *a = left, *b = right;
	int difference = (int)a->match.telling - (int)b->match.telling;
	if (difference == 0)
		difference = (a->match.strength < b->match.strength) -
			(a->match.strength > b->match.strength);
	if (difference == 0)
		difference = (a->line > b->line) - (a->line < b->line);
	return difference;
}

/* The last one gives way when there are too many. */
static struct hit *place_for(struct answer *answer, const struct match *match)
{
	if (answer->hit_count < ANSWER_HITS_MAX)
		return &answer->hits[answer->hit_count++];
	struct hit *worst = &answer->hits[0];
	for (size_t i = 1; i < answer->hit_count; i++)
		if (compare_hits(&answer->hits[i], worst) > 0)
			worst = &answer->hits[i];
	return compare_hits(&(struct hit){ .match = *match, .line = answer->lines + 1 }, worst) < 0
		? worst
		: NULL;
}

static void excerpt_take(char *excerpt, const char *text, size_t begin, size_t end)
{
	size_t len = end - begin < EXCERPT_MAX ? end - begin : EXCERPT_MAX - 1;
	memcpy(excerpt, text + begin, len);
	excerpt[len] = '\0';
	for (char *at = excerpt; *at != '\0'; at++)
		if (*at == '\n' || *at == '\t')
			*at = ' ';
	decoder_mask(excerpt);
}

static void note(struct decoder *decoder, const struct match *match)
{
	struct answer *answer = decoder->answer;
	struct hit *hit = find_hit(answer, match);
	if (hit != NULL) {
		hit->count++;
		if (match->strength > hit->match.strength)
			hit->match.strength = match->strength;
		return;
	}
	hit = place_for(answer, match);
	if (hit == NULL)
		return;
	*hit = (struct hit){ .match = *match, .line = answer->lines + 1, .count = 1 };
	excerpt_take(hit->excerpt, decoder->line, decoder->words.words[match->first].begin,
		decoder->words.words[match->last].end);
}

/* ---- reading ---------------------------------------------------------------------------------------- */

static void look(struct decoder *decoder)
{
	struct match matches[LINE_MATCHES_MAX];
	words_split(&decoder->words, decoder->line, decoder->line_len);
	size_t count = index_look_up(
		decoder->index, &decoder->words, &decoder->context, matches, LINE_MATCHES_MAX);
	for (size_t i = 0; i < count; i++)
		note(decoder, &matches[i]);
}

static void end_line(struct decoder *decoder)
{
	if (decoder->line_len > 0)
		look(decoder);
	decoder->answer->lines++;
	decoder->line_len = 0;
}

/* The line is longer than fits: what was looked at goes, but for its end. */
static void shorten(struct decoder *decoder)
{
	look(decoder);
	memmove(decoder->line, decoder->line + decoder->line_len - OVERLAP, OVERLAP);
	decoder->line_len = OVERLAP;
}

/* Bytes of the line that is being read. */
static void take_part(struct decoder *decoder, const char *bytes, size_t len)
{
	while (len > 0) {
		if (decoder->line_len == sizeof(decoder->line))
			shorten(decoder);
		size_t room = sizeof(decoder->line) - decoder->line_len,
		       part = len < room ? len : room;
		memcpy(decoder->line + decoder->line_len, bytes, part);
		decoder->line_len += part;
		bytes += part;
		len -= part;
	}
}

void decoder_take(struct decoder *decoder, const char *bytes, size_t len)
{
	const char *end;
	while (decoder->by_lines && (end = memchr(bytes, '\n', len)) != NULL) {
		size_t part = (size_t)(end - bytes);
		take_part(decoder, bytes, part);
		end_line(decoder);
		bytes += part + 1;
		len -= part + 1;
	}
	take_part(decoder, bytes, len);
}

/* ---- a number alone ----------------------------------------------------------------------------------- */

static void look_at_number(struct decoder *decoder)
{
	struct match matches[LINE_MATCHES_MAX];
	if (decoder->by_lines || decoder->answer->lines > 1 || decoder->words.count != 1 ||
		!decoder->words.words[0].is_number)
		return;
	size_t count =
		index_look_up_number(decoder->words.words[0].number, matches, LINE_MATCHES_MAX);
	for (size_t i = 0; i < count; i++)
		note(decoder, &matches[i]);
}

/* ---- the answer ----------------------------------------------------------------------------------------- */

static void add_cause(struct answer *answer, const struct cause *cause)
{
	for (size_t i = 0; i < answer->cause_count; i++)
		if (answer->causes[i] == cause)
			return;
	if (cause != NULL && answer->cause_count < ANSWER_CAUSES_MAX)
		answer->causes[answer->cause_count++] = cause;
}

/* Those of what tells little only when nothing tells more. */
static void gather_causes(struct answer *answer)
{
	for (size_t i = 0; i < answer->hit_count; i++) {
		const struct match *match = &answer->hits[i].match;
		if (i > 0 && match->telling == TELLS_LITTLE &&
			answer->hits[0].match.telling != TELLS_LITTLE)
			return;
		size_t len;
		for (const char *key = match->causes; *key != '\0';
			key += len + (key[len] == ' ')) {
			len = strcspn(key, " ");
			add_cause(answer, decoder_cause(key, len));
		}
	}
}

void decoder_end(struct decoder *decoder)
{
	struct answer *answer = decoder->answer;
	if (decoder->line_len > 0)
		end_line(decoder);
	look_at_number(decoder);
	for (size_t i = 0; i < answer->hit_count && !decoder->by_lines; i++)
		answer->hits[i].line = 0;
	qsort(answer->hits, answer->hit_count, sizeof(answer->hits[0]), compare_hits);
	gather_causes(answer);
}

void decoder_symptom(struct decoder *decoder, const char *symptom)
{
	if (decoder->line_len > 0)
		end_line(decoder);
	int len = snprintf(
		decoder->line, sizeof(decoder->line), "%s does %s", decoder->client, symptom);
	decoder->line_len = (size_t)len;
	end_line(decoder);
}

struct decoder *decoder_new(
	const struct index *index, const char *client, bool by_lines, struct answer *answer)
{
	struct decoder *decoder = calloc(1, sizeof(*decoder));
	*answer = (struct answer){ 0 };
	if (decoder == NULL)
		return NULL;
	decoder->answer = answer;
	decoder->index = index;
	decoder->by_lines = by_lines;
	snprintf(decoder->client, sizeof(decoder->client), "%s", client != NULL ? client : "");
	words_split(&decoder->context, decoder->client, strlen(decoder->client));
	return decoder;
}

void decoder_free(struct decoder *decoder)
{
	if (decoder != NULL)
		explicit_bzero(decoder, sizeof(*decoder));
	free(decoder);
}
