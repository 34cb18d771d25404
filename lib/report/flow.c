/* SPDX-License-Identifier: MIT
 *
 * flow.c - text that is escaped and wrapped, without a terminal at hand.
 */
#include "report/flow.h"

#include <limits.h>

enum {
	FLOW_MIN = 20, /* columns left for a text, however deep it is indented */
};

/* The columns of a line: those of the page, but neither fewer nor more than texts are made for. */
int tbdi_text_width(const struct tbdi_page *page)
{
	if (page->width == 0 || page->width > TBDI_WIDTH_MAX)
		return TBDI_WIDTH_MAX;
	return page->width < TBDI_WIDTH_MIN ? TBDI_WIDTH_MIN : page->width;
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
		{ 0x200b, 0x200f },   /* zero width, LRM, RLM */
		{ 0x2028, 0x202e },   /* line separators, bidirectional embeddings and overrides */
		{ 0x2060, 0x206f },   /* invisible operators, bidirectional isolates */
		{ 0xfeff, 0xfeff },   /* byte order mark */
		{ 0xe0000, 0xe007f }, /* tags */
	};
	return in_ranges(ranges, TBDI_COUNT(ranges), code);
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
	return in_ranges(ranges, TBDI_COUNT(ranges), code);
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

void tbdi_text_put(FILE *out, const char *string)
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

int tbdi_text_columns(const char *string)
{
	return columns_of(string, strlen(string));
}

void tbdi_text_indent(FILE *out, int columns)
{
	static const char spaces[] =
		"                                                                                ";
	if (columns > 0)
		fwrite(spaces, 1, (size_t)(columns < TBDI_WIDTH_MAX ? columns : TBDI_WIDTH_MAX),
			out);
}

/* Where words go: the cursor stands at `column`, a line begins at `indent`. */
struct flow {
	FILE *out;
	int width, column, indent;
};

static void break_line(struct flow *flow)
{
	putc('\n', flow->out);
	tbdi_text_indent(flow->out, flow->indent);
	flow->column = flow->indent;
}

/* Write a word of that many columns, broken wherever a line is full. */
static void put_word(struct flow *flow, const char *word, size_t len, int columns)
{
	if (flow->column + columns <= flow->width) {
		put_bytes(flow->out, word, len);
		flow->column += columns;
		return;
	}
	for (size_t i = 0; i < len;) {
		struct glyph glyph = glyph_of(word + i);
		if (flow->column + glyph.columns > flow->width)
			break_line(flow);
		fputs(glyph.text, flow->out);
		flow->column += glyph.columns;
		i += glyph.taken;
	}
}

static void flow_bytes(struct flow flow, const char *string, size_t len)
{
	bool begun = false;
	for (size_t i = 0; i < len;) {
		size_t word = i;
		while (word < len && string[word] == ' ')
			word++;
		size_t end = word;
		while (end < len && string[end] != ' ')
			end++;
		int spaces = word - i > TBDI_WIDTH_MAX ? TBDI_WIDTH_MAX + 1 : (int)(word - i);
		int columns = columns_of(string + word, end - word);
		if (flow.column + spaces + columns > flow.width) {
			spaces = 0;
			if (begun)
				break_line(&flow);
		}
		tbdi_text_indent(flow.out, spaces);
		flow.column += spaces;
		put_word(&flow, string + word, end - word, columns);
		begun = true;
		i = end;
	}
	putc('\n', flow.out);
}

void tbdi_text_flow(const struct tbdi_page *page, int column, int indent, const char *string)
{
	int width = tbdi_text_width(page);
	int deepest = width - FLOW_MIN;
	struct flow flow = { page->out, width, column, indent < deepest ? indent : deepest };
	flow_bytes(flow, string, strlen(string));
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

void tbdi_text_field(
	const struct tbdi_page *page, int indent, int width, const char *label, const char *value)
{
	int column = indent + tbdi_text_columns(label);
	int wanted = indent + width;
	tbdi_text_indent(page->out, indent);
	tbdi_text_put(page->out, label);
	if (column >= wanted || wanted + longest_word(value) > tbdi_text_width(page)) {
		wanted = indent + 2;
		putc('\n', page->out);
		column = 0;
	}
	tbdi_text_indent(page->out, wanted - column);
	tbdi_text_flow(page, wanted, wanted, value);
}

void tbdi_text_block(const struct tbdi_page *page, int indent, const char *lines)
{
	while (*lines != '\0') {
		size_t len = strcspn(lines, "\n");
		if (len > 0)
			tbdi_text_indent(page->out, indent);
		if (*lines == ' ' || *lines == '\t') {
			put_bytes(page->out, lines, len);
			putc('\n', page->out);
		} else {
			bool is_item = strncmp(lines, "- ", 2) == 0;
			struct flow flow = { page->out, tbdi_text_width(page), indent,
				is_item ? indent + 2 : indent };
			flow_bytes(flow, lines, len);
		}
		lines += len + (lines[len] == '\n');
	}
}
