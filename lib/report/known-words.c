/* SPDX-License-Identifier: MIT
 *
 * known-words.c - which words tell nothing about the user.
 *
 * Words are runs of letters, or of letters and digits, without regard to case. Ours come from the literals of our sources,
 * by known-words.awk; those of libraries from the libraries themselves; those of a program from its report.
 */
#include "report/schema.h"

#include "lib/report/known-words.inc" /* own_words, made by known-words.awk */

#include <arpa/inet.h>
#include <ctype.h>
#include <gnutls/abstract.h>
#include <gnutls/gnutls.h>
#include <jansson.h>
#include <netdb.h>

enum {
	WORD_MAX = 64,
	DIGITS_MAX = 10,
	CHANGES_MAX =
		2, /* from letters to digits or back in one word: more is a hash or a made-up name */
	PAIRS_MAX = 4, /* words of two characters in one piece: a hardware address has six */
};

struct tbdi_known_words {
	json_t *words;
	bool failed;
};

/* What systems and libmosquitto say, which cannot be asked here. */
static const char foreign_words[] =
	"gnu linux debian bookworm trixie bullseye ubuntu lts raspbian raspberry pi os rpi fedora red hat "
	"enterprise centos stream rocky alma suse opensuse leap tumbleweed arch manjaro alpine gentoo nixos "
	"yocto poky openwrt buildroot "
	"amd aarch arm armv hf el generic lowlatency rt cloud aws azure gcp kvm microsoft standard wsl smp "
	"preempt dynamic riscv mips ppc sid "
	"utc gmt cet cest eet eest wet west bst ist msk est edt cst cdt mst mdt pst pdt jst "
	"the connection was refused lost client is not currently connected out of memory a network "
	"protocol error occurred when communicating with broker invalid function arguments provided "
	"unspecified lookup malformed packet topic too large keepalive exceeded normal disconnection "
	"dns mymachines nis files myhostname resolve mdns minimal notfound unavail tryagain compat db";

bool tbdi_is_word_char(char c)
{
	return isalnum((unsigned char)c) || (unsigned char)c >= 0x80;
}

static bool is_letter(char c)
{
	return tbdi_is_word_char(c) && !isdigit((unsigned char)c);
}

/* Lower case; false: longer than any word. */
static bool fold(char folded[WORD_MAX], const char *word, size_t len)
{
	if (len >= WORD_MAX)
		return false;
	for (size_t i = 0; i < len; i++)
		folded[i] = (char)tolower((unsigned char)word[i]);
	folded[len] = '\0';
	return true;
}

static void add_runs(struct tbdi_known_words *vocabulary, const char *text, bool (*is_part)(char c))
{
	char folded[WORD_MAX];
	while (*text != '\0') {
		size_t len = 0;
		while (is_part(text[len]))
			len++;
		if (len > 1 && fold(folded, text, len) &&
			json_object_set_new(vocabulary->words, folded, json_true()) < 0)
			vocabulary->failed = true;
		text += len > 0 ? len : 1;
	}
}

static bool is_of_number(char c)
{
	return isdigit((unsigned char)c) || c == '.' || c == '-';
}

/* Each word with the digits in it ("prime256v1"), its letters, and numbers ("7.4.2"). text may be NULL: what a library has no
 * name for. */
static void add_words(struct tbdi_known_words *vocabulary, const char *text)
{
	if (text == NULL)
		return;
	add_runs(vocabulary, text, tbdi_is_word_char);
	add_runs(vocabulary, text, is_letter);
	add_runs(vocabulary, text, is_of_number);
}

static void add_gnutls_words(struct tbdi_known_words *vocabulary)
{
	for (int code = 0; code > -500; code--)
		add_words(vocabulary, gnutls_strerror(code));
	for (unsigned alert = 0; alert < 256; alert++)
		add_words(vocabulary, gnutls_alert_get_strname((gnutls_alert_description_t)alert));
	const char *suite;
	for (size_t i = 0;
		(suite = gnutls_cipher_suite_info(i, NULL, NULL, NULL, NULL, NULL)) != NULL; i++)
		add_words(vocabulary, suite);
	for (const gnutls_group_t *group = gnutls_group_list(); *group != 0; group++)
		add_words(vocabulary, gnutls_group_get_name(*group));
	for (const gnutls_sign_algorithm_t *sign = gnutls_sign_list(); *sign != 0; sign++)
		add_words(vocabulary, gnutls_sign_get_name(*sign));
	for (const gnutls_pk_algorithm_t *key = gnutls_pk_list(); *key != 0; key++)
		add_words(vocabulary, gnutls_pk_get_name(*key));
	for (const gnutls_ecc_curve_t *curve = gnutls_ecc_curve_list(); *curve != 0; curve++)
		add_words(vocabulary, gnutls_ecc_curve_get_name(*curve));
	for (const gnutls_digest_algorithm_t *digest = gnutls_digest_list(); *digest != 0; digest++)
		add_words(vocabulary, gnutls_digest_get_name(*digest));
}

struct tbdi_known_words *tbdi_known_words_new(const char *more_words)
{
	struct tbdi_known_words *vocabulary = calloc(1, sizeof(*vocabulary));
	if (vocabulary == NULL || (vocabulary->words = json_object()) == NULL) {
		free(vocabulary);
		return NULL;
	}
	add_words(vocabulary, own_words);
	add_words(vocabulary, PACKAGE_VERSION);
	add_words(vocabulary, more_words);
	add_words(vocabulary, foreign_words);
	add_gnutls_words(vocabulary);
	for (int code = 0; code < 256; code++)
		add_words(vocabulary, strerror(code));
	for (int code = 0; code > -256; code--)
		add_words(vocabulary, gai_strerror(code));
	if (!vocabulary->failed)
		return vocabulary;
	tbdi_known_words_free(vocabulary);
	return NULL;
}

void tbdi_known_words_free(struct tbdi_known_words *vocabulary)
{
	if (vocabulary == NULL)
		return;
	json_decref(vocabulary->words);
	free(vocabulary);
}

/* ---- asking ----------------------------------------------------------------------------------- */

/* One or two letters tell nothing. */
static bool is_in(const struct tbdi_known_words *vocabulary, const char *word, size_t len)
{
	char folded[WORD_MAX];
	bool is_short = len <= 2 && isalnum((unsigned char)word[0]) &&
		isalnum((unsigned char)word[len - 1]);
	return is_short ||
		(fold(folded, word, len) && json_object_get(vocabulary->words, folded) != NULL);
}

/* "0x87" */
static bool is_hexadecimal(const char *word, size_t len)
{
	bool is_prefixed = len > 2 && len <= 10 && word[0] == '0' && word[1] == 'x';
	for (size_t i = 2; is_prefixed && i < len; i++)
		is_prefixed = isxdigit((unsigned char)word[i]);
	return is_prefixed;
}

/* A run of letters and digits: "X25519", "24T05". */
static bool knows_word(const struct tbdi_known_words *vocabulary, const char *word, size_t len)
{
	size_t changes = 0;
	if (is_hexadecimal(word, len) || is_in(vocabulary, word, len))
		return true;
	for (size_t at = 0, end = 0; at < len; at = end, changes++) {
		bool letters = is_letter(word[at]);
		while (end < len && is_letter(word[end]) == letters)
			end++;
		if (letters ? !is_in(vocabulary, word + at, end - at) : end - at > DIGITS_MAX)
			return false;
	}
	return changes <= CHANGES_MAX + 1;
}

static bool word_is_address(const char *text, size_t len)
{
	char copy[INET6_ADDRSTRLEN];
	unsigned char bytes[sizeof(struct in6_addr)];
	if (len >= sizeof(copy))
		return false;
	memcpy(copy, text, len);
	copy[len] = '\0';
	return inet_pton(AF_INET, copy, bytes) == 1 || inet_pton(AF_INET6, copy, bytes) == 1;
}

/* Runs of what addresses are made of. A port behind an IPv4 address is none of it. */
static bool has_address(const char *text, size_t len)
{
	for (size_t at = 0, end; at < len; at = end + 1) {
		size_t dotted = at;
		for (end = at; end < len &&
			(isxdigit((unsigned char)text[end]) || strchr(".:", text[end]));
			end++)
			;
		while (dotted < end && text[dotted] != ':')
			dotted++;
		if (word_is_address(text + at, end - at) || word_is_address(text + at, dotted - at))
			return true;
	}
	return false;
}

/* "2026-11-24", "21:48:52", and both as RFC 3339 has them; 9 stands for any digit. */
static bool is_time(const char *text, size_t len)
{
	static const char *const forms[] = { "9999-99-99", "99:99:99", "9999-99-99T99:99:99Z" };
	for (size_t i = 0; i < TBDI_COUNT(forms); i++) {
		size_t at = 0;
		while (at < len && forms[i][at] != '\0' &&
			(forms[i][at] == '9' ? isdigit((unsigned char)text[at])
					     : text[at] == forms[i][at]))
			at++;
		if (at == len && forms[i][at] == '\0')
			return true;
	}
	return false;
}

/* Words that are numbers, also in hexadecimal: how many of both; *digits is the length of the longest. */
static size_t count_numbers(const char *text, size_t len, size_t *digits)
{
	size_t count = 0;
	*digits = 0;
	for (size_t at = 0, end; at < len; at = end) {
		bool decimal = true;
		for (end = at; end < len && tbdi_is_word_char(text[end]); end++)
			decimal &= isdigit((unsigned char)text[end]) != 0;
		bool number = end > at && (decimal || is_hexadecimal(text + at, end - at));
		count += number;
		if (number && end - at > *digits)
			*digits = end - at;
		end += end == at;
	}
	return count;
}

bool tbdi_may_be_address(const struct tbdi_known_words *vocabulary, const char *text, size_t len)
{
	enum { NUMBERS_MIN = 3, DIGITS_MIN = 8 };
	size_t digits = 0;
	if (is_time(text, len) || is_in(vocabulary, text, len))
		return false;
	return count_numbers(text, len, &digits) >= NUMBERS_MIN || digits >= DIGITS_MIN;
}

bool tbdi_known_words_have(const struct tbdi_known_words *vocabulary, const char *text, size_t len)
{
	size_t pairs = 0;
	for (size_t at = 0, end; at < len; at = end) {
		end = at + 1;
		if (text[at] == ' ')
			pairs = 0;
		if (!tbdi_is_word_char(text[at]))
			continue;
		while (end < len && tbdi_is_word_char(text[end]))
			end++;
		pairs += end - at == 2;
		if (pairs > PAIRS_MAX || !knows_word(vocabulary, text + at, end - at))
			return false;
	}
	return !has_address(text, len);
}
