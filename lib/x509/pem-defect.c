/* SPDX-License-Identifier: MIT
 *
 * pem-defect.c - what is wrong with a file of certificates as a file: read here all the same, and not by
 * every TLS library, or of another kind.
 */
#include "x509/der.h"
#include "x509/pem.h"

static const char begin_certificate[] = "-----BEGIN CERTIFICATE-----";
static const char end_mark[] = "-----END ";
static const char dashes[] = "-----";

static bool is_blank(uint8_t c)
{
	return c == ' ' || c == '\t';
}

static bool has(struct tbd_bytes text, const char *needle)
{
	return memmem(text.data, text.len, needle, strlen(needle)) != NULL;
}

static bool has_byte(struct tbd_bytes text, char c)
{
	return memchr(text.data, c, text.len) != NULL;
}

static bool begins_with(struct tbd_bytes text, const char *start, size_t len)
{
	return text.len >= len && memcmp(text.data, start, len) == 0;
}

static struct tbd_bytes behind(struct tbd_bytes text, size_t offset)
{
	return (struct tbd_bytes){ text.data + offset, text.len - offset };
}

static struct tbd_bytes without_blanks(struct tbd_bytes text)
{
	while (text.len > 0 && is_blank(*text.data))
		text = behind(text, 1);
	return text;
}

/* ---- lines ----------------------------------------------------------------------------------- */

static size_t count_byte(struct tbd_bytes text, char c)
{
	size_t count = 0;
	const uint8_t *at = text.data, *stop = text.data + text.len;
	while (at < stop && (at = memchr(at, c, (size_t)(stop - at))) != NULL) {
		count++;
		at++;
	}
	return count;
}

/* CR that no LF follows, be it behind the end of this part. */
static size_t count_lone_cr(struct tbd_bytes text, struct tbd_bytes part)
{
	size_t count = 0;
	const uint8_t *at = part.data, *stop = part.data + part.len, *end = text.data + text.len;
	while (at < stop && (at = memchr(at, '\r', (size_t)(stop - at))) != NULL) {
		at++;
		count += at == end || *at != '\n';
	}
	return count;
}

size_t tbdi_line_at(struct tbdi_lines *lines, size_t offset)
{
	struct tbd_bytes part = { lines->text.data + lines->at, offset - lines->at };
	lines->line += count_byte(part, '\n') + count_lone_cr(lines->text, part);
	lines->at = offset;
	return lines->line;
}

/* ---- how an object is laid out --------------------------------------------------------------- */

#define BIT(defect) TBDI_DEFECT_BIT(TBD_DEFECT_##defect)

/* What stands in front of BEGIN or END in its line. */
static tbdi_defects in_front_of(struct tbd_bytes text, size_t at)
{
	bool has_bom = at >= 3 && memcmp(text.data + at - 3, "\xEF\xBB\xBF", 3) == 0;
	if (has_bom && (at == 3 || text.data[at - 4] == '\n'))
		return BIT(BOM);
	if (at == 0 || text.data[at - 1] == '\n')
		return 0;
	if (text.data[at - 1] == '\r')
		return BIT(CR_LINE_ENDS);
	return text.data[at - 1] == '-' ? BIT(JOINED_LINES) : BIT(TEXT_BEFORE);
}

/* What stands behind BEGIN in its line. */
static tbdi_defects behind_begin(struct tbd_bytes body)
{
	struct tbd_bytes rest = without_blanks(body);
	size_t blanks = body.len - rest.len;
	tbdi_defects spaces = blanks == 0                  ? 0
		: blanks == 1 && begins_with(body, " ", 1) ? BIT(BEGIN_BLANK)
							   : BIT(BEGIN_BLANKS);
	if (begins_with(rest, "\n", 1))
		return spaces;
	if (begins_with(rest, "\r\n", 2))
		return spaces | BIT(CRLF);
	if (rest.len == 0)
		return 0;
	return begins_with(rest, "\r", 1) ? BIT(CR_LINE_ENDS) : BIT(ONE_LINE);
}

static size_t without_blanks_behind(const uint8_t *line, size_t len)
{
	while (len > 0 && (is_blank(line[len - 1]) || line[len - 1] == '\r'))
		len--;
	return len;
}

static bool is_last_line(const uint8_t *line, const uint8_t *stop)
{
	while (line < stop && (is_blank(*line) || *line == '\r' || *line == '\n'))
		line++;
	return line == stop;
}

/* The base64. OpenSSL takes an empty line for the end of the headers of RFC 1421: one is right behind BEGIN only.
 * BearSSL wants each line to hold whole groups of four. */
static tbdi_defects within(struct tbd_bytes body)
{
	tbdi_defects found = 0;
	bool blanks = has_byte(body, ' ') || has_byte(body, '\t'), data = false;
	const uint8_t *line = body.data, *stop = body.data + body.len;
	while (line < stop) {
		const uint8_t *next = memchr(line, '\n', (size_t)(stop - line));
		const uint8_t *end = next != NULL ? next : stop;
		size_t len = without_blanks_behind(line, (size_t)(end - line)), inner = 0;
		struct tbd_bytes text = { line, len };
		if (len == 0 && data && next != NULL)
			return found |
				(is_last_line(line, stop) ? BIT(BLANK_END) : BIT(BLANK_LINES));
		if (blanks && len > 0)
			inner = count_byte(text, ' ') + count_byte(text, '\t');
		found |= inner > 0 ? BIT(SPACES) : 0;
		found |= (len - inner) % 4 != 0 ? BIT(ODD_LINES) : 0;
		data = data || len > 0;
		line = end + 1;
	}
	return found;
}

/* What stands between END and the end of its line; `rest` begins where the base64 ends. */
static tbdi_defects behind_end(struct tbd_bytes rest)
{
	if (!begins_with(rest, end_mark, strlen(end_mark)))
		return rest.len > 0 ? BIT(MISSING_END) : BIT(CUT_OFF);
	const uint8_t *end = memmem(
		rest.data + strlen(end_mark), rest.len - strlen(end_mark), dashes, strlen(dashes));
	if (end == NULL)
		return BIT(CUT_OFF);
	rest = without_blanks(behind(rest, (size_t)(end - rest.data) + strlen(dashes)));
	/* The next certificate says that it is joined. */
	bool ends = rest.len == 0 || *rest.data == '\n' || *rest.data == '\r';
	return ends || begins_with(rest, begin_certificate, strlen(begin_certificate))
		? 0
		: BIT(TEXT_BEHIND);
}

static tbdi_defects label_of(const struct tbdi_pem *pem)
{
	return tbdi_pem_label_is(pem, "X509 CERTIFICATE")       ? BIT(X509_LABEL)
		: tbdi_pem_label_is(pem, "TRUSTED CERTIFICATE") ? BIT(TRUSTED_LABEL)
								: 0;
}

static size_t body_end(struct tbd_bytes text, const struct tbdi_pem *pem)
{
	return (size_t)(pem->body.data - text.data) + pem->body.len;
}

tbdi_defects tbdi_pem_layout(struct tbd_bytes text, const struct tbdi_pem *pem)
{
	size_t end = body_end(text, pem);
	tbdi_defects front = in_front_of(text, pem->offset), begin = behind_begin(pem->body);
	tbdi_defects body = within(pem->body), close = behind_end(behind(text, end));
	tbdi_defects all = front | begin | label_of(pem) | close;
	/* In one line, or lines that end in CR, all else follows from that. */
	if ((all & (BIT(ONE_LINE) | BIT(CR_LINE_ENDS))) != 0)
		return all & ~(tbdi_defects)BIT(TEXT_BEFORE);
	/* Before END, text is the last of the base64, or blanks. */
	bool has_end = (close & (BIT(MISSING_END) | BIT(CUT_OFF))) == 0;
	bool end_moved = has_end && in_front_of(text, end) != 0;
	if (front == BIT(TEXT_BEFORE) && end_moved && (body & BIT(SPACES)) != 0)
		return (all & ~(tbdi_defects)BIT(TEXT_BEFORE)) | BIT(INDENTED) |
			(body & ~(tbdi_defects)BIT(SPACES));
	return all | body | (end_moved ? BIT(JOINED_END) : 0);
}

/* ---- and what cannot be read ----------------------------------------------------------------- */

tbdi_defects tbdi_pem_damage(struct tbd_bytes text, const struct tbdi_pem *pem, bool decoded)
{
	bool quoted = has_byte(pem->body, '"');
	if (has(pem->body, "\\n") || has(pem->body, "\\r"))
		return quoted || has_byte(pem->body, '\n') ? BIT(C_SOURCE) : BIT(ESCAPED);
	if (quoted)
		return BIT(C_SOURCE);
	tbdi_defects damage = decoded ? BIT(UNREADABLE) : BIT(DAMAGED);
	tbdi_defects layout = tbdi_pem_layout(text, pem);
	/* At the end of the file it is damaged for that. */
	return (layout & BIT(CUT_OFF)) != 0 ? layout : layout | damage;
}

size_t tbdi_pem_unquote(struct tbd_bytes body, uint8_t *out)
{
	bool has_quotes = has_byte(body, '"'), inside = true;
	size_t len = 0;
	for (size_t i = 0; i < body.len; i++) {
		if (body.data[i] == '\\' && i + 1 < body.len)
			i++;
		else if (body.data[i] == '"')
			inside = !inside;
		else if (inside || !has_quotes)
			out[len++] = body.data[i];
	}
	return len;
}

/* ---- files without PEM ----------------------------------------------------------------------- */

/* A PFX (RFC 7292 4) begins with its version 3, a ContentInfo (RFC 2315 7) with the arc of PKCS#7. */
static enum tbd_defect kind_of_der(struct tbd_bytes content)
{
	static const char pkcs7[] = "\x2A\x86\x48\x86\xF7\x0D\x01\x07";
	static const char indefinite[] = "\x30\x80"; /* BER, as some programs write both */
	struct tbdi_der outer = { 0 }, first;
	if (begins_with(content, indefinite, strlen(indefinite)))
		outer.value = behind(content, strlen(indefinite));
	else if (!tbdi_der_take(&content, TBDI_DER_SEQUENCE, &outer))
		return TBD_DEFECT_NONE;
	if (!tbdi_der_next(&outer.value, &first))
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
