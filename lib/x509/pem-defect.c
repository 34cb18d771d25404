/* SPDX-License-Identifier: MIT
 *
 * pem-defect.c - what is wrong with a file of certificates as a file: read here all the same, and not by
 * every TLS library, or of another kind.
 */
#include "x509/der.h"
#include "x509/pem.h"

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static bool has(struct tbd_bytes text, const char *needle)
{
	return memmem(text.data, text.len, needle, strlen(needle)) != NULL;
}

static bool begins_with(struct tbd_bytes text, const char *start, size_t len)
{
	return text.len >= len && memcmp(text.data, start, len) == 0;
}

size_t tbdi_line_at(struct tbd_bytes text, size_t offset)
{
	size_t line = 1;
	for (size_t i = 0; i < offset && i < text.len; i++) {
		bool cr_alone =
			text.data[i] == '\r' && (i + 1 == text.len || text.data[i + 1] != '\n');
		line += text.data[i] == '\n' || cr_alone;
	}
	return line;
}

/* ---- PEM that is read here ------------------------------------------------------------------- */

/* What stands between the start of the line and `at`. */
static enum tbd_defect in_front_of(struct tbd_bytes text, size_t at)
{
	if (at == 3 && begins_with(text, "\xEF\xBB\xBF", 3))
		return TBD_DEFECT_NONE;
	if (at == 0 || text.data[at - 1] == '\n')
		return TBD_DEFECT_NONE;
	if (text.data[at - 1] == '\r')
		return TBD_DEFECT_CR_LINE_ENDS;
	return text.data[at - 1] == '-' ? TBD_DEFECT_JOINED_LINES : TBD_DEFECT_TEXT_BEFORE;
}

/* What stands behind BEGIN in its line. mbedTLS skips one blank there. */
static enum tbd_defect behind_begin(struct tbd_bytes body)
{
	size_t blanks = 0;
	while (blanks < body.len && is_blank(body.data[blanks]))
		blanks++;
	struct tbd_bytes rest = { body.data + blanks, body.len - blanks };
	if (begins_with(rest, "\n", 1) || begins_with(rest, "\r\n", 2)) {
		bool skipped = blanks == 0 || (blanks == 1 && body.data[0] == ' ');
		return skipped ? TBD_DEFECT_NONE : TBD_DEFECT_SPACES;
	}
	return begins_with(rest, "\r", 1) ? TBD_DEFECT_CR_LINE_ENDS : TBD_DEFECT_ONE_LINE;
}

static size_t without_blanks_behind(const uint8_t *line, size_t len)
{
	while (len > 0 && (is_blank(line[len - 1]) || line[len - 1] == '\r'))
		len--;
	return len;
}

/* OpenSSL takes an empty line for the end of the headers of RFC 1421: one is right behind BEGIN only. */
static enum tbd_defect within(struct tbd_bytes body)
{
	enum tbd_defect found = TBD_DEFECT_NONE;
	const uint8_t *line = body.data, *stop = body.data + body.len;
	bool data = false;
	while (line < stop) {
		const uint8_t *next = memchr(line, '\n', (size_t)(stop - line));
		const uint8_t *end = next != NULL ? next : stop;
		size_t len = without_blanks_behind(line, (size_t)(end - line));
		if (len == 0 && data && next != NULL)
			return TBD_DEFECT_BLANK_LINES;
		if (memchr(line, ' ', len) != NULL || memchr(line, '\t', len) != NULL)
			found = TBD_DEFECT_SPACES;
		data = data || len > 0;
		line = end + 1;
	}
	return found;
}

/* What stands between END and the end of its line. */
static enum tbd_defect behind_end(struct tbd_bytes text, size_t end)
{
	static const char mark[] = "-----END ";
	struct tbd_bytes rest = { text.data + end, text.len - end };
	if (!begins_with(rest, mark, strlen(mark)))
		return rest.len > 0 ? TBD_DEFECT_MISSING_END : TBD_DEFECT_CUT_OFF;
	const uint8_t *dashes =
		memmem(rest.data + strlen(mark), rest.len - strlen(mark), "-----", strlen("-----"));
	if (dashes == NULL)
		return TBD_DEFECT_CUT_OFF;
	const uint8_t *at = dashes + strlen("-----"), *stop = text.data + text.len;
	while (at < stop && is_blank(*at))
		at++;
	if (at == stop || *at == '\n' || *at == '\r')
		return TBD_DEFECT_NONE;
	return *at == '-' ? TBD_DEFECT_JOINED_LINES : TBD_DEFECT_TEXT_BEHIND;
}

static enum tbd_defect graver(enum tbd_defect a, enum tbd_defect b)
{
	return a > b ? a : b;
}

enum tbd_defect tbdi_pem_layout(struct tbd_bytes text, const struct tbdi_pem *pem)
{
	size_t end = (size_t)(pem->body.data - text.data) + pem->body.len;
	enum tbd_defect front = in_front_of(text, pem->offset), body = within(pem->body);
	enum tbd_defect begin = behind_begin(pem->body), close = behind_end(text, end);
	enum tbd_defect end_front = in_front_of(text, end);
	bool moved = front == TBD_DEFECT_TEXT_BEFORE || end_front == TBD_DEFECT_TEXT_BEFORE;
	if (moved && body == TBD_DEFECT_SPACES)
		front = TBD_DEFECT_INDENTED;
	/* Before END, text is the last of the base64, or blanks. */
	if (end_front == TBD_DEFECT_TEXT_BEFORE)
		end_front = TBD_DEFECT_JOINED_LINES;
	if (close == TBD_DEFECT_MISSING_END || close == TBD_DEFECT_CUT_OFF)
		end_front = TBD_DEFECT_NONE;
	return graver(graver(front, body), graver(graver(begin, end_front), close));
}

/* ---- and that is not ------------------------------------------------------------------------- */

enum tbd_defect tbdi_pem_damage(struct tbd_bytes text, const struct tbdi_pem *pem)
{
	if (has(pem->body, "\\n") || has(pem->body, "\\r"))
		return has(pem->body, "\"") || has(pem->body, "\n") ? TBD_DEFECT_C_SOURCE
								    : TBD_DEFECT_ESCAPED;
	size_t end = (size_t)(pem->body.data - text.data) + pem->body.len;
	enum tbd_defect close = behind_end(text, end);
	bool has_end = close != TBD_DEFECT_MISSING_END && close != TBD_DEFECT_CUT_OFF;
	return has_end ? TBD_DEFECT_DAMAGED : TBD_DEFECT_CUT_OFF;
}

/* A PFX (RFC 7292 4) begins with its version 3, a ContentInfo (RFC 2315 7) with the arc of PKCS#7. */
static enum tbd_defect kind_of_der(struct tbd_bytes content)
{
	static const char pkcs7[] = "\x2A\x86\x48\x86\xF7\x0D\x01\x07";
	struct tbdi_der outer, first;
	if (!tbdi_der_take(&content, TBDI_DER_SEQUENCE, &outer) ||
		!tbdi_der_next(&outer.value, &first))
		return TBD_DEFECT_NONE;
	if (first.tag == TBDI_DER_INTEGER && first.value.len == 1 && first.value.data[0] == 3)
		return TBD_DEFECT_PKCS12;
	bool is_pkcs7 = first.tag == TBDI_DER_OID && begins_with(first.value, pkcs7, strlen(pkcs7));
	return is_pkcs7 ? TBD_DEFECT_PKCS7 : TBD_DEFECT_NONE;
}

static enum tbd_defect kind_of_text(struct tbd_bytes content)
{
	size_t at = begins_with(content, "\xEF\xBB\xBF", 3) ? 3 : 0;
	while (at < content.len &&
		(is_blank(content.data[at]) || content.data[at] == '\n' ||
			content.data[at] == '\r'))
		at++;
	if (at == content.len)
		return TBD_DEFECT_NONE;
	if (content.data[at] == '<')
		return TBD_DEFECT_HTML;
	return content.data[at] == '{' || content.data[at] == '[' ? TBD_DEFECT_JSON
								  : TBD_DEFECT_NONE;
}

enum tbd_defect tbdi_file_kind(struct tbd_bytes content)
{
	if (begins_with(content, "\xFE\xED\xFE\xED", 4) ||
		begins_with(content, "\xCE\xCE\xCE\xCE", 4))
		return TBD_DEFECT_JKS;
	if (begins_with(content, "\xFF\xFE", 2) || begins_with(content, "\xFE\xFF", 2) ||
		begins_with(content, "-\0-\0", 4))
		return TBD_DEFECT_UTF16;
	enum tbd_defect kind = kind_of_der(content);
	return kind != TBD_DEFECT_NONE ? kind : kind_of_text(content);
}
