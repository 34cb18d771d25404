/* SPDX-License-Identifier: MIT
 *
 * terminal.c - text for a terminal.
 */
#include "tools/render/terminal.h"

#include <limits.h>
#include <sys/ioctl.h>
#include <unistd.h>

enum {
	WIDTH_MIN = 40,
	FLOW_MIN = 20, /* columns left for a text, however deep it is indented */
};

static int line_width = TEXT_WIDTH;

void text_fit(int columns)
{
	line_width = columns < WIDTH_MIN ? WIDTH_MIN : columns > TEXT_WIDTH ? TEXT_WIDTH : columns;
}

void text_fit_terminal(void)
{
	const char *columns = getenv("COLUMNS");
	long asked = columns != NULL ? strtol(columns, NULL, 10) : 0;
	struct winsize size;
	if (!isatty(STDOUT_FILENO))
		return;
	if (asked > 0)
		text_fit(asked > TEXT_WIDTH ? TEXT_WIDTH : (int)asked);
	else if (ioctl(STDOUT_FILENO, TIOCGWINSZ, &size) == 0 && size.ws_col > 0)
		text_fit(size.ws_col);
}

/* One character as it is shown. */
struct glyph {
	char text[16];
	int columns;
	size_t taken; /* bytes of the string */
};

/* Decode one UTF-8 sequence (RFC 3629); 0: it is not one. */
static size_t decode(const unsigned char *s, uint32_t *code)
{
	static const uint32_t least[] = { 0, 0, 0x80, 0x800, 0x10000 };
	size_t len = s[0] < 0x80  ? 1
		: s[0] >> 5 == 6  ? 2
		: s[0] >> 4 == 14 ? 3
		: s[0] >> 3 == 30 ? 4
				  : 0;
	if (len == 0)
		return 0;
	*code = len == 1 ? s[0] : s[0] & (0x7fU >> len);
	for (size_t i = 1; i < len; i++) {
		if (s[i] >> 6 != 2)
			return 0;
		*code = *code << 6 | (s[i] & 0x3fU);
	}
	bool valid = *code >= least[len] && *code <= 0x10ffff && *code >> 11 != 0x1b;
	return valid ? len : 0;
}

struct range {
	uint32_t first, last;
};

static bool in_ranges(const struct range *ranges, size_t count, uint32_t code)
{
	for (size_t i = 0; i < count; i++)
		if (code >= ranges[i].first && code <= ranges[i].last)
			return true;
	return false;
}

/* Characters without a shape that change how their neighbours are read. */
static bool is_deceptive(uint32_t code)
{
	static const struct range ranges[] = {
		{ 0x061c, 0x061c },   /* Arabic letter mark */
		{ 0x200b, 0x200f },   /* zero line_width, LRM, RLM */
		{ 0x2028, 0x202e },   /* line separators, bidirectional embeddings and overrides */
		{ 0x2060, 0x206f },   /* invisible operators, bidirectional isolates */
		{ 0xfeff, 0xfeff },   /* byte order mark */
		{ 0xe0000, 0xe007f }, /* tags */
	};
	return in_ranges(ranges, TOOL_COUNT(ranges), code);
}

/* East Asian wide characters, in blocks; a locale's wcwidth() would cost its loading. */
static bool is_wide(uint32_t code)
{
	static const struct range ranges[] = {
		{ 0x1100, 0x115f },
		{ 0x2e80, 0xa4cf },
		{ 0xac00, 0xd7a3 },
		{ 0xf900, 0xfaff },
		{ 0xfe30, 0xfe6f },
		{ 0xff00, 0xff60 },
		{ 0xffe0, 0xffe6 },
		{ 0x1f300, 0x1faff },
		{ 0x20000, 0x3fffd },
	};
	return in_ranges(ranges, TOOL_COUNT(ranges), code);
}

static struct glyph glyph_of(const char *string)
{
	struct glyph glyph = { .columns = 1, .taken = 1 };
	const unsigned char *bytes = (const unsigned char *)string;
	if (bytes[0] >= 0x20 && bytes[0] < 0x7f) {
		glyph.text[0] = string[0];
		return glyph;
	}
	uint32_t code = 0;
	size_t len = decode(bytes, &code);
	if (len == 0 || code < 0xa0) {
		glyph.columns = snprintf(glyph.text, sizeof(glyph.text), "\\x%02x",
			len == 0 ? bytes[0] : (unsigned)code);
		glyph.taken = len == 0 ? 1 : len;
		return glyph;
	}
	glyph.taken = len;
	if (is_deceptive(code)) {
		glyph.columns = snprintf(glyph.text, sizeof(glyph.text), "\\u{%x}", (unsigned)code);
		return glyph;
	}
	memcpy(glyph.text, string, len);
	glyph.columns = is_wide(code) ? 2 : 1;
	return glyph;
}

/* How many bytes are shown as they are: nearly all of nearly every string. */
static size_t plain_run(const char *string, size_t len)
{
	size_t run = 0;
	while (run < len && string[run] >= 0x20 && string[run] < 0x7f)
		run++;
	return run;
}

static void put_bytes(FILE *out, const char *string, size_t len)
{
	for (size_t i = 0; i < len;) {
		size_t run = plain_run(string + i, len - i);
		fwrite(string + i, 1, run, out);
		i += run;
		if (i == len)
			return;
		struct glyph glyph = glyph_of(string + i);
		fputs(glyph.text, out);
		i += glyph.taken;
	}
}

void text_put(FILE *out, const char *string)
{
	put_bytes(out, string, strlen(string));
}

static int columns_of(const char *string, size_t len)
{
	size_t columns = 0;
	for (size_t i = 0; i < len;) {
		size_t run = plain_run(string + i, len - i);
		columns += run;
		i += run;
		if (i == len)
			break;
		struct glyph glyph = glyph_of(string + i);
		columns += (size_t)glyph.columns;
		i += glyph.taken;
	}
	return columns > INT_MAX / 2 ? INT_MAX / 2 : (int)columns;
}

int text_columns(const char *string)
{
	return columns_of(string, strlen(string));
}

void text_indent(FILE *out, int columns)
{
	static const char spaces[] =
		"                                                                                ";
	if (columns > 0)
		fwrite(spaces, 1, (size_t)(columns < TEXT_WIDTH ? columns : TEXT_WIDTH), out);
}

static void break_line(FILE *out, int indent)
{
	putc('\n', out);
	text_indent(out, indent);
}

/* Write a word of that many columns, broken wherever a line is full; the column after it. */
static int put_word(FILE *out, int column, int indent, const char *word, size_t len, int columns)
{
	if (column + columns <= line_width) {
		put_bytes(out, word, len);
		return column + columns;
	}
	for (size_t i = 0; i < len;) {
		struct glyph glyph = glyph_of(word + i);
		if (column + glyph.columns > line_width) {
			break_line(out, indent);
			column = indent;
		}
		fputs(glyph.text, out);
		column += glyph.columns;
		i += glyph.taken;
	}
	return column;
}

static void flow_bytes(FILE *out, int column, int indent, const char *string, size_t len)
{
	bool begun = false;
	for (size_t i = 0; i < len;) {
		size_t word = i;
		while (word < len && string[word] == ' ')
			word++;
		size_t end = word;
		while (end < len && string[end] != ' ')
			end++;
		int spaces = word - i > TEXT_WIDTH ? TEXT_WIDTH + 1 : (int)(word - i);
		int columns = columns_of(string + word, end - word);
		if (column + spaces + columns > line_width) {
			spaces = 0;
			if (begun) {
				break_line(out, indent);
				column = indent;
			}
		}
		text_indent(out, spaces);
		column = put_word(out, column + spaces, indent, string + word, end - word, columns);
		begun = true;
		i = end;
	}
	putc('\n', out);
}

void text_flow(FILE *out, int column, int indent, const char *string)
{
	if (indent > line_width - FLOW_MIN)
		indent = line_width - FLOW_MIN;
	flow_bytes(out, column, indent, string, strlen(string));
}

static int longest_word(const char *string)
{
	int longest = 0;
	while (*string != '\0') {
		size_t len = strcspn(string, " ");
		int columns = columns_of(string, len);
		longest = columns > longest ? columns : longest;
		string += len + (string[len] == ' ');
	}
	return longest;
}

void text_field(FILE *out, int indent, int width, const char *label, const char *value)
{
	text_indent(out, indent);
	text_put(out, label);
	int column = indent + text_columns(label);
	int wanted = indent + width;
	if (column >= wanted || wanted + longest_word(value) > line_width) {
		wanted = indent + 2;
		break_line(out, wanted);
	} else {
		text_indent(out, wanted - column);
	}
	text_flow(out, wanted, wanted, value);
}

void text_block(FILE *out, int indent, const char *lines)
{
	while (*lines != '\0') {
		size_t len = strcspn(lines, "\n");
		if (len > 0)
			text_indent(out, indent);
		if (*lines == ' ' || *lines == '\t') {
			put_bytes(out, lines, len);
			putc('\n', out);
		} else {
			bool is_item = strncmp(lines, "- ", 2) == 0;
			flow_bytes(out, indent, is_item ? indent + 2 : indent, lines, len);
		}
		lines += len + (lines[len] == '\n');
	}
}
