/* SPDX-License-Identifier: MIT
 *
 * decoder.c - the decoder's tables hold together, its words, and what may be a secret.
 */
#include "tests/unit/check-main.h"

#include "tools/decoder/decoder.h"

#include <ctype.h>

/* ---- tables ------------------------------------------------------------------------------------ */

static bool is_special(const char *token, size_t len)
{
	return (len == 1 && strchr("#%*&!$~", token[0]) != NULL) ||
		(len == 2 && memcmp(token, "..", 2) == 0);
}

/* As words_split() makes them. */
static bool is_plain_token(const char *token, size_t len)
{
	for (size_t i = 0; i < len; i++) {
		bool sign = token[i] == '-' && (i == 0 || token[i - 1] == '|') &&
			isdigit((unsigned char)token[i + 1]);
		bool bar = token[i] == '|' && i > 0 && i + 1 < len;
		if (!sign && !bar && !islower((unsigned char)token[i]) &&
			!isdigit((unsigned char)token[i]))
			return false;
	}
	return len > 0;
}

static void check_pattern(const char *pattern)
{
	size_t len;
	ck_assert_msg(strspn(pattern, "#%*&!. ") == 0, "begins with what no word is: %s", pattern);
	for (const char *at = pattern; *at != '\0'; at += len + (at[len] == ' ')) {
		len = strcspn(at, " ");
		ck_assert_msg(
			is_special(at, len) || is_plain_token(at, len), "no words: %s", pattern);
	}
	ck_assert_msg(pattern[strlen(pattern) - 1] != ' ', "ends with a space: %s", pattern);
}

static void check_causes(const char *causes, const char *whose)
{
	size_t len;
	ck_assert_msg(causes != NULL && *causes != '\0', "no causes: %s", whose);
	for (const char *at = causes; *at != '\0'; at += len + (at[len] == ' ')) {
		len = strcspn(at, " ");
		ck_assert_msg(decoder_cause(at, len) != NULL, "no such cause: %s (%s)", at, whose);
	}
}

TEST(sayings_hold_together)
{
	for (const struct volume *const *volume = decoder_volumes; *volume != NULL; volume++)
		for (const struct saying *saying = (*volume)->sayings; saying->words != NULL;
			saying++) {
			check_pattern(saying->words);
			check_causes(saying->causes, saying->words);
			ck_assert_msg(saying->meaning[strlen(saying->meaning) - 1] != '.', "%s",
				saying->meaning);
		}
}

static void check_family(const struct family *family)
{
	check_causes(family->causes, family->whose);
	for (size_t i = 0; i < TOOL_COUNT(family->forms) && family->forms[i] != NULL; i++)
		if (strchr("$~", family->forms[i][0]) == NULL)
			check_pattern(family->forms[i]);
	for (const struct code *code = family->codes; code->name != NULL; code++) {
		if (code->causes != NULL)
			check_causes(code->causes, code->name);
		for (const struct code *other = family->codes; other < code; other++)
			ck_assert_msg(other->number != code->number, "%s twice: %d", family->whose,
				(int)code->number);
	}
}

TEST(codes_hold_together)
{
	for (const struct volume *const *volume = decoder_volumes; *volume != NULL; volume++)
		for (const struct family *family = (*volume)->families;
			family != NULL && family->codes != NULL; family++)
			check_family(family);
}

TEST(causes_name_findings)
{
	for (const struct cause *cause = decoder_causes; cause->key != NULL; cause++) {
		size_t len;
		ck_assert_ptr_eq(decoder_cause(cause->key, strlen(cause->key)), cause);
		for (const char *at = cause->ids; *at != '\0'; at += len + (at[len] == ' ')) {
			char id[64];
			len = strcspn(at, " ");
			snprintf(id, sizeof(id), "%.*s", (int)len, at);
			ck_assert_msg(
				tbd_rule_find(id) != NULL, "no finding: %s (%s)", id, cause->key);
		}
	}
}

static bool names_cause(const char *causes, const char *key)
{
	const char *at = causes != NULL ? strstr(causes, key) : NULL;
	for (; at != NULL; at = strstr(at + 1, key)) {
		char end = at[strlen(key)];
		if ((at == causes || at[-1] == ' ') && (end == ' ' || end == '\0'))
			return true;
	}
	return false;
}

static bool family_names(const struct family *family, const char *key)
{
	bool named = names_cause(family->causes, key);
	for (const struct code *code = family->codes; code->name != NULL && !named; code++)
		named = names_cause(code->causes, key);
	return named;
}

static bool volume_names(const struct volume *volume, const char *key)
{
	for (const struct saying *saying = volume->sayings; saying->words != NULL; saying++)
		if (names_cause(saying->causes, key))
			return true;
	for (const struct family *family = volume->families;
		family != NULL && family->codes != NULL; family++)
		if (family_names(family, key))
			return true;
	return false;
}

TEST(causes_are_named)
{
	for (const struct cause *cause = decoder_causes; cause->key != NULL; cause++) {
		bool named = false;
		for (const struct volume *const *volume = decoder_volumes;
			*volume != NULL && !named; volume++)
			named = volume_names(*volume, cause->key);
		ck_assert_msg(named, "nobody says %s", cause->key);
	}
}

/* ---- words -------------------------------------------------------------------------------------- */

static const struct {
	const char *text, *words;
	int64_t number; /* of the last word, if it is one */
} splits[] = {
	{ "SSL_R: Unknown-CA!", "ssl r unknown ca", 0 },
	{ "ret=-0x2700", "ret -0x2700", -9984 },
	{ "(-9984)", "-9984", -9984 },
	{ "0xffffd900", "0xffffd900", -9984 },
	{ "4294957312", "4294957312", -9984 },
	{ "1-2", "1 2", 2 },
	{ "\033[0;31mE (12) tls: x\033[0m", "e 12 tls x", 0 },
	{ "10.0.0.7", "10 0 0 7", 0 },
	{ "curl/7.88", "curl 7 88", 0 },
	{ "\xff\xfe", "", 0 },
};

TEST(words_are_split)
{
	static struct words words;
	for (size_t i = 0; i < TOOL_COUNT(splits); i++) {
		char text[128] = "";
		words_split(&words, splits[i].text, strlen(splits[i].text));
		size_t len = 0;
		for (size_t k = 0; k < words.count; k++)
			len += (size_t)snprintf(text + len, sizeof(text) - len, "%s%.*s",
				k > 0 ? " " : "", (int)words.words[k].len, words.words[k].text);
		ck_assert_str_eq(text, splits[i].words);
		if (words.count > 0 && splits[i].number != 0)
			ck_assert_int_eq(words.words[words.count - 1].number, splits[i].number);
		if (words.count > 0)
			ck_assert_int_eq(
				words.words[words.count - 1].is_number, splits[i].number != 0);
	}
}

/* ---- secrets ------------------------------------------------------------------------------------ */

static const struct {
	const char *text, *masked;
} secrets[] = {
	{ "mosquitto_pub -u A1b2C3 -h host", "mosquitto_pub -u ****** -h host" },
	{ "POST /api/v1/abc/telemetry", "POST /api/v1/***/telemetry" },
	{ "username: dev1, rc=5", "username: ****, rc=5" },
	{ "A1B2C3D4E5F6G7H8I9J0 refused", "******************** refused" },
	{ "Authorization: Bearer eyJh.x", "Authorization: Bearer ******" },
	{ "certificate verify failed", "certificate verify failed" },
	{ "bad user name or password", "bad user name or password" },
	{ "password=\"a b\"", "password=\"* b\"" },
};

TEST(secrets_are_masked)
{
	for (size_t i = 0; i < TOOL_COUNT(secrets); i++) {
		char text[128];
		snprintf(text, sizeof(text), "%s", secrets[i].text);
		decoder_mask(text);
		ck_assert_str_eq(text, secrets[i].masked);
	}
}
