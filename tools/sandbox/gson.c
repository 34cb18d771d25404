/* SPDX-License-Identifier: MIT
 *
 * gson.c - JSON as Gson's lenient JsonParser takes it, and with it ThingsBoard: names and words without quotes,
 * single quotes, comments, ';' and '=' for ',' and ':', a first byte order mark.
 *
 * The structure follows com.google.gson.stream.JsonReader.doPeek(), which is what ThingsBoard's MQTT
 * transport accepts.
 */
#include "tools/cli/tool.h"

#include "tools/sandbox/store.h"

#include <strings.h>

/* Gson's own limit; far beyond any device. */
enum { DEPTH_MAX = 255 };

struct parser {
	const char *at;
	const char *end;
	/* Decoded strings lie here one after the other: a name has to outlive the strings of its value.
	 * Never longer than the text, since no escape decodes to more bytes than it has. */
	char *scratch;
	size_t used;
	lenient_number *number;
};

struct word {
	size_t start; /* in scratch */
	size_t len;
};

static json_t *parse_value(struct parser *p, unsigned depth);

/* ---- UTF-8 ------------------------------------------------------------------------------------ */

/* Length of the well-formed sequence (RFC 3629) at `s`, or 0. */
static size_t utf8_len(const uint8_t *s, size_t left)
{
	static const struct {
		uint8_t first, last, low, high; /* lead bytes, range of the second byte */
		size_t len;
	} forms[] = {
		{ 0x00, 0x7f, 0x00, 0x00, 1 },
		{ 0xc2, 0xdf, 0x80, 0xbf, 2 },
		{ 0xe0, 0xe0, 0xa0, 0xbf, 3 },
		{ 0xe1, 0xec, 0x80, 0xbf, 3 },
		{ 0xed, 0xed, 0x80, 0x9f, 3 },
		{ 0xee, 0xef, 0x80, 0xbf, 3 },
		{ 0xf0, 0xf0, 0x90, 0xbf, 4 },
		{ 0xf1, 0xf3, 0x80, 0xbf, 4 },
		{ 0xf4, 0xf4, 0x80, 0x8f, 4 },
	};
	size_t i = 0;
	while (i < sizeof(forms) / sizeof(forms[0]) &&
		(s[0] < forms[i].first || s[0] > forms[i].last))
		i++;
	if (i == sizeof(forms) / sizeof(forms[0]) || forms[i].len > left)
		return 0;
	if (forms[i].len > 1 && (s[1] < forms[i].low || s[1] > forms[i].high))
		return 0;
	for (size_t k = 2; k < forms[i].len; k++)
		if ((s[k] & 0xc0) != 0x80)
			return 0;
	return forms[i].len;
}

/* A copy in valid UTF-8; *len is that of the copy on return. NULL when memory is out. */
static char *utf8_copy(const uint8_t *text, size_t *len)
{
	char *copy = malloc(3 * *len + 1);
	size_t used = 0;
	if (copy == NULL)
		return NULL;
	for (size_t i = 0; i < *len;) {
		size_t n = utf8_len(text + i, *len - i);
		memcpy(copy + used, n > 0 ? (const char *)text + i : "\xef\xbf\xbd", n > 0 ? n : 3);
		used += n > 0 ? n : 3;
		i += n > 0 ? n : 1;
	}
	copy[used] = '\0';
	*len = used;
	return copy;
}

static void gson_put(struct parser *p, char c)
{
	p->scratch[p->used++] = c;
}

static void put_utf8(struct parser *p, uint32_t c)
{
	static const uint8_t heads[] = { 0x00, 0xc0, 0xe0, 0xf0 };
	int more = c < 0x80 ? 0 : c < 0x800 ? 1 : c < 0x10000 ? 2 : 3;
	gson_put(p, (char)(heads[more] | c >> (6 * more)));
	while (more-- > 0)
		gson_put(p, (char)(0x80 | (c >> (6 * more) & 0x3f)));
}

/* ---- words ------------------------------------------------------------------------------------ */

/* A comment that does not end stays where it is, and nothing can be made of its '/'. */
static bool skip_comment(struct parser *p)
{
	const char *found = memmem(p->at + 2, (size_t)(p->end - p->at) - 2, "*/", 2);
	if (found != NULL)
		p->at = found + 2;
	return found != NULL;
}

static void skip_line(struct parser *p)
{
	while (p->at < p->end && *p->at != '\n' && *p->at != '\r')
		p->at++;
}

/* The next character that is neither white space nor comment, which stays there to be read; 0 at the
 * end. (A NUL in the text is no valid token either.) */
static char peek(struct parser *p)
{
	while (p->at < p->end) {
		bool comment = *p->at == '/' && p->end - p->at > 1;
		if (memchr(" \t\r\n", *p->at, 4) != NULL)
			p->at++;
		else if (*p->at == '#' || (comment && p->at[1] == '/'))
			skip_line(p);
		else if (!comment || p->at[1] != '*' || !skip_comment(p))
			return *p->at;
	}
	return '\0';
}

/* Take `c` if it comes next. */
static bool gson_take(struct parser *p, char c)
{
	if (peek(p) != c || p->at == p->end)
		return false;
	p->at++;
	return true;
}

static bool take_separator(struct parser *p)
{
	return gson_take(p, ',') || gson_take(p, ';');
}

static bool read_hex4(struct parser *p, uint32_t *out)
{
	*out = 0;
	if (p->end - p->at < 4)
		return false;
	for (const char *stop = p->at + 4; p->at < stop; p->at++) {
		static const char digits[] = "0123456789abcdefABCDEF";
		const char *digit = memchr(digits, *p->at, sizeof(digits) - 1);
		if (digit == NULL)
			return false;
		uint32_t value = (uint32_t)(digit - digits);
		*out = *out << 4 | (value < 16 ? value : value - 6);
	}
	return true;
}

/* What follows "\u". Java keeps a lone surrogate and writes it as '?'. */
static bool read_unicode(struct parser *p)
{
	uint32_t c = 0;
	uint32_t low = 0;
	if (!read_hex4(p, &c))
		return false;
	const char *after = p->at;
	if (c >= 0xd800 && c < 0xdc00 && p->end - p->at >= 6 && memcmp(p->at, "\\u", 2) == 0) {
		p->at += 2;
		if (!read_hex4(p, &low))
			return false;
		if (low >= 0xdc00 && low < 0xe000)
			c = 0x10000 + ((c - 0xd800) << 10) + (low - 0xdc00);
		else
			p->at = after;
	}
	put_utf8(p, c >= 0xd800 && c < 0xe000 ? '?' : c);
	return true;
}

static bool read_escape(struct parser *p)
{
	static const char from[] = "btnfr\n'\"\\/";
	static const char to[] = "\b\t\n\f\r\n'\"\\/";
	if (p->at == p->end)
		return false;
	char c = *p->at++;
	if (c == 'u')
		return read_unicode(p);
	const char *found = memchr(from, c, sizeof(from) - 1);
	if (found == NULL)
		return false;
	gson_put(p, to[found - from]);
	return true;
}

static bool read_quoted(struct parser *p, struct word *word)
{
	char quote = *p->at++;
	word->start = p->used;
	while (p->at < p->end && *p->at != quote) {
		char c = *p->at++;
		if (c != '\\')
			gson_put(p, c);
		else if (!read_escape(p))
			return false;
	}
	if (p->at == p->end)
		return false;
	p->at++;
	word->len = p->used - word->start;
	return true;
}

static bool read_bare(struct parser *p, struct word *word)
{
	static const char ends[] = "{}[]:, \t\f\r\n/\\;#=";
	word->start = p->used;
	while (p->at < p->end && memchr(ends, *p->at, sizeof(ends) - 1) == NULL)
		gson_put(p, *p->at++);
	word->len = p->used - word->start;
	return word->len > 0;
}

static bool read_name(struct parser *p, struct word *word)
{
	char c = peek(p);
	return c == '"' || c == '\'' ? read_quoted(p, word) : read_bare(p, word);
}

/* ---- values ----------------------------------------------------------------------------------- */

static bool skip_digits(const char **s)
{
	size_t count = strspn(*s, "0123456789");
	*s += count;
	return count > 0;
}

/* RFC 8259, section 6. */
static bool is_number(const char *s)
{
	s += *s == '-';
	bool zero = *s == '0';
	const char *digits = s;
	if (!skip_digits(&s) || (zero && s - digits > 1))
		return false;
	if (*s == '.') {
		s++;
		if (!skip_digits(&s))
			return false;
	}
	if (*s == 'e' || *s == 'E') {
		s++;
		s += *s == '+' || *s == '-';
		if (!skip_digits(&s))
			return false;
	}
	return *s == '\0';
}

static json_t *bare_value(struct parser *p, unsigned depth)
{
	struct word word;
	if (!read_bare(p, &word))
		return NULL;
	char *text = p->scratch + word.start;
	text[word.len] = '\0';
	if (strlen(text) < word.len)
		return json_stringn(text, word.len);
	if (strcasecmp(text, "null") == 0)
		return json_null();
	if (strcasecmp(text, "true") == 0)
		return json_true();
	if (strcasecmp(text, "false") == 0)
		return json_false();
	return is_number(text) ? p->number(text, depth) : json_stringn(text, word.len);
}

static json_t *quoted_value(struct parser *p)
{
	struct word word;
	return read_quoted(p, &word) ? json_stringn(p->scratch + word.start, word.len) : NULL;
}

/* What stands between two separators; nothing is null. */
static bool add_item(struct parser *p, json_t *array, unsigned depth)
{
	char c = peek(p);
	bool omitted = c == ',' || c == ';' || c == ']';
	return json_array_append_new(array, omitted ? json_null() : parse_value(p, depth)) == 0;
}

static bool add_member(struct parser *p, json_t *object, unsigned depth)
{
	struct word name;
	if (!read_name(p, &name))
		return false;
	if (gson_take(p, '=')) {
		if (p->at < p->end && *p->at == '>')
			p->at++;
	} else if (!gson_take(p, ':')) {
		return false;
	}
	json_t *value = parse_value(p, depth);
	return json_object_setn_new(object, p->scratch + name.start, name.len, value) == 0;
}

/* From the bracket to `closing`; takes the new container that `add` fills. */
static json_t *parse_list(struct parser *p, char closing, json_t *list, unsigned depth,
	bool (*add)(struct parser *p, json_t *list, unsigned depth))
{
	bool good = true;
	p->at++;
	if (gson_take(p, closing))
		return list;
	do
		good = add(p, list, depth);
	while (good && take_separator(p));
	if (good && gson_take(p, closing))
		return list;
	json_decref(list);
	return NULL;
}

static json_t *parse_value(struct parser *p, unsigned depth)
{
	if (depth > DEPTH_MAX)
		return NULL;
	switch (peek(p)) {
	case '{':
		return parse_list(p, '}', json_object(), depth + 1, add_member);
	case '[':
		return parse_list(p, ']', json_array(), depth + 1, add_item);
	case '"':
	case '\'':
		return quoted_value(p);
	default:
		return bare_value(p, depth);
	}
}

static void skip_literal(struct parser *p, const char *text)
{
	size_t len = strlen(text);
	if ((size_t)(p->end - p->at) >= len && memcmp(p->at, text, len) == 0)
		p->at += len;
}

static json_t *parse_document(struct parser *p)
{
	skip_literal(p, "\xef\xbb\xbf");
	peek(p);
	skip_literal(p, ")]}'\n");
	peek(p);
	if (p->at == p->end)
		return json_null();
	json_t *value = parse_value(p, 0);
	peek(p);
	/* As in Gson: whatever follows a null is not looked at. */
	if (value == NULL || p->at == p->end || json_is_null(value))
		return value;
	json_decref(value);
	return NULL;
}

json_t *lenient_parse(const void *text, size_t len, lenient_number *number)
{
	json_t *value = NULL;
	char *copy = utf8_copy(text, &len);
	struct parser p = { .at = copy, .scratch = malloc(len + 1), .number = number };
	if (copy != NULL && p.scratch != NULL) {
		p.end = copy + len;
		value = parse_document(&p);
	}
	free(p.scratch);
	free(copy);
	return value;
}
