/* SPDX-License-Identifier: MIT
 *
 * fidelity.c - the helpers, asked about the cases: each refuses what the table says, by its number, and nothing else.
 */
#include "config.h"

#include "tests/unit/check-main.h"
#include "tools/stacks/tests/cases.h"

#include <gnutls/abstract.h>
#include <jansson.h>
#include <signal.h>
#include <spawn.h>
#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

enum { CERTS = 5 };
static const char letters[CERTS + 1] = "rilox";

/* ---- the chain of a case ---------------------------------------------------------------------- */

static struct mint_cert *made[CERTS];

static struct mint_cert *mint_odd(const struct stack_case_row *row, const struct mint_spec *odd,
	const char *cn, const struct mint_cert *issuer)
{
	struct mint_spec spec = *odd;
	int error = 0;
	if (spec.cn == NULL && spec.subject == NULL)
		spec.cn = cn;
	if (spec.issuer == NULL)
		spec.issuer = issuer;
	if (row->rsa)
		spec.key_type = MINT_RSA;
	struct mint_cert *cert = mint_new(&spec, &error);
	ck_assert_msg(cert != NULL, "%s: %s", cn, gnutls_strerror(error));
	return cert;
}

static struct mint_spec ca_spec(struct mint_spec spec)
{
	spec.ca = true;
	return spec;
}

static bool wants(const struct stack_case_row *row, char letter)
{
	return (row->sent != NULL && strchr(row->sent, letter) != NULL) ||
		(row->trusted != NULL && strchr(row->trusted, letter) != NULL) ||
		(letter == 'o' && row->sent != NULL && strchr(row->sent, 'x') != NULL);
}

static void mint_all(const struct stack_case_row *row)
{
	struct mint_spec root = ca_spec(row->root), intermediate = ca_spec(row->intermediate),
			 other = ca_spec(row->other), cross = ca_spec(row->cross), leaf = row->leaf;
	bool self_signed = row->no_intermediate && leaf.cn != NULL && strcmp(leaf.cn, "self") == 0;
	made[0] = mint_odd(row, &root, "stack root", NULL);
	if (!row->no_intermediate)
		made[1] = mint_odd(row, &intermediate, "stack intermediate", made[0]);
	if (leaf.names == NULL && leaf.cn == NULL)
		leaf.names = "tb.test";
	made[2] = mint_odd(row, &leaf, "stack leaf",
		self_signed                    ? NULL
			: row->no_intermediate ? made[0]
					       : made[1]);
	if (wants(row, 'o'))
		made[3] = mint_odd(row, &other, "other root", NULL);
	cross.key_of = made[0];
	if (wants(row, 'x'))
		made[4] = mint_odd(row, &cross, "stack root", made[3]);
}

static void free_all(void)
{
	for (int i = 0; i < CERTS; i++) {
		mint_free(made[i]);
		made[i] = NULL;
	}
}

static const struct mint_cert *named(char letter)
{
	const struct mint_cert *cert = made[strchr(letters, letter) - letters];
	ck_assert_ptr_nonnull(cert);
	return cert;
}

/* ---- its trust file --------------------------------------------------------------------------- */

struct text {
	char data[32768];
	size_t len;
};

static void append_to(struct text *text, const void *data, size_t len)
{
	ck_assert_uint_lt(text->len + len, sizeof(text->data));
	memcpy(text->data + text->len, data, len);
	text->len += len;
	text->data[text->len] = '\0';
}

/* Each line end by another text. */
static void replace_line_ends(struct text *text, const struct text *from, const char *end)
{
	for (size_t i = 0; i < from->len; i++)
		if (from->data[i] == '\n')
			append_to(text, end, strlen(end));
		else
			append_to(text, &from->data[i], 1);
}

static void write_utf16(struct text *text, const struct text *from)
{
	append_to(text, "\xff\xfe", 2);
	for (size_t i = 0; i < from->len; i++) {
		append_to(text, &from->data[i], 1);
		append_to(text, "", 1);
	}
}

static void glue(struct text *text, const struct text *from)
{
	static const char end[] = "-----END CERTIFICATE-----";
	for (size_t i = 0; i < from->len; i++) {
		bool after = i >= sizeof(end) - 1 && i + 1 < from->len &&
			memcmp(from->data + i - (sizeof(end) - 1), end, sizeof(end) - 1) == 0;
		if (!after)
			append_to(text, &from->data[i], 1);
	}
}

/* Without the last line of the first certificate's base64. */
static void shorten(struct text *text, const struct text *from)
{
	const char *end = strstr(from->data, "\n-----END"), *at = end;
	while (at[-1] != '\n')
		at--;
	append_to(text, from->data, (size_t)(at - from->data));
	append_to(text, end + 1, strlen(end + 1));
}

static void alter(struct text *text, const struct text *from, enum alteration how)
{
	static const char no_certificate[] =
		"-----BEGIN CERTIFICATE-----\nAAECAwQFBgcICQoLDA0ODw==\n-----END CERTIFICATE-----\n";
	switch (how) {
	case ONE_LINE:
		replace_line_ends(text, from, "");
		return;
	case CR_ENDS:
		replace_line_ends(text, from, "\r");
		return;
	case CRLF_ENDS:
		replace_line_ends(text, from, "\r\n");
		return;
	case BLANK_LINES:
		replace_line_ends(text, from, "\n\n");
		return;
	case ESCAPED:
		replace_line_ends(text, from, "\\n");
		return;
	case INDENTED:
		append_to(text, "  ", 2);
		replace_line_ends(text, from, "\n  ");
		return;
	case GLUED:
		glue(text, from);
		return;
	case UTF_16:
		write_utf16(text, from);
		return;
	case BARE_DER:
		append_to(text, made[0]->der.data, made[0]->der.size);
		return;
	case BOM:
		append_to(text, "\xef\xbb\xbf", 3);
		break;
	case TEXT_BEFORE:
		append_to(text, "subject=CN = stack root\n\n", 25);
		break;
	case BAD_DER:
		append_to(text, no_certificate, sizeof(no_certificate) - 1);
		break;
	case SHORTENED:
		shorten(text, from);
		return;
	case TRUNCATED:
		append_to(text, from->data, from->len - 200);
		return;
	case AS_IT_IS:
	case BAD_BASE64:
		break;
	}
	append_to(text, from->data, from->len);
	if (how == BAD_BASE64)
		text->data[100] = '*';
}

static void write_trust(struct text *text, const struct stack_case_row *row)
{
	static struct text plain;
	plain.len = text->len = 0;
	for (const char *at = row->trusted == NULL ? "r" : row->trusted; *at != '\0'; at++)
		append_to(&plain, named(*at)->pem.data, named(*at)->pem.size);
	alter(text, &plain, row->altered);
}

/* ---- the question ----------------------------------------------------------------------------- */

static json_t *to_base64(const void *data, size_t len)
{
	gnutls_datum_t in = { (unsigned char *)(uintptr_t)data, (unsigned)len }, out = { 0 };
	ck_assert_int_eq(gnutls_base64_encode2(&in, &out), 0);
	json_t *text = json_stringn((const char *)out.data, out.size);
	gnutls_free(out.data);
	return text;
}

static char *write_question(const struct stack_case_row *row)
{
	static struct text trust;
	json_t *chain = json_array();
	const char *sent = row->sent != NULL ? row->sent : row->no_intermediate ? "l" : "li";
	for (const char *at = sent; *at != '\0'; at++)
		json_array_append_new(chain, to_base64(named(*at)->der.data, named(*at)->der.size));
	write_trust(&trust, row);
	json_t *question = json_pack("{s:o, s:o, s:s, s:I}", "chain", chain, "trust",
		to_base64(trust.data, trust.len), "host", row->host == NULL ? "tb.test" : row->host,
		"time", (json_int_t)time(NULL));
	char *text = json_dumps(question, 0);
	ck_assert_ptr_nonnull(text);
	json_decref(question);
	return text;
}

/* Ask one helper. */
static json_t *ask_helper(const char *name, const char *question)
{
	char path[4096];
	const char *dir = getenv("abs_top_builddir");
	snprintf(path, sizeof(path), "%s/tools/stacks/stack-%s", dir == NULL ? "." : dir, name);
	char *argv[] = { path, NULL };
	int in[2], out[2], status;
	pid_t pid;
	posix_spawn_file_actions_t actions;
	ck_assert_int_eq(pipe(in), 0);
	ck_assert_int_eq(pipe(out), 0);
	posix_spawn_file_actions_init(&actions);
	posix_spawn_file_actions_adddup2(&actions, in[0], 0);
	posix_spawn_file_actions_adddup2(&actions, out[1], 1);
	posix_spawn_file_actions_addclose(&actions, in[1]);
	posix_spawn_file_actions_addclose(&actions, out[0]);
	ck_assert_int_eq(posix_spawn(&pid, path, &actions, NULL, argv, environ), 0);
	posix_spawn_file_actions_destroy(&actions);
	close(in[0]);
	close(out[1]);
	ck_assert_int_eq(write(in[1], question, strlen(question)), (ssize_t)strlen(question));
	close(in[1]);
	FILE *answer = fdopen(out[0], "r");
	json_t *json = json_loadf(answer, 0, NULL);
	fclose(answer);
	ck_assert_int_eq(waitpid(pid, &status, 0), pid);
	ck_assert_msg(json != NULL && status == 0, "stack-%s: status %d", name, status);
	return json;
}

/* ---- the comparison --------------------------------------------------------------------------- */

static bool concerns(
	const struct refusal *refusal, const char *stack, const char *mode, const char *version)
{
	size_t len = strlen(stack);
	return strncmp(refusal->who, stack, len) == 0 &&
		(refusal->who[len] == '\0' || strcmp(refusal->who + len + 1, mode) == 0) &&
		(refusal->version == NULL ||
			strncmp(version, refusal->version, strlen(refusal->version)) == 0);
}

static const struct refusal *expected_refusal(
	const struct stack_case_row *row, const char *stack, const char *mode, const char *version)
{
	const struct refusal *refusal = row->refusals;
	while (refusal->who != NULL && !concerns(refusal, stack, mode, version))
		refusal++;
	return refusal->who == NULL ? NULL : refusal;
}

static char complaints[16384];

__attribute__((format(printf, 1, 2))) static void complain_of(const char *format, ...)
{
	size_t len = strlen(complaints);
	va_list args;
	va_start(args, format);
	vsnprintf(complaints + len, sizeof(complaints) - len, format, args);
	va_end(args);
}

static void compare_verdict(
	const struct stack_case_row *row, const json_t *answer, const json_t *verdict)
{
	const char *stack = json_string_value(json_object_get(answer, "stack"));
	const char *version = json_string_value(json_object_get(answer, "version"));
	const char *mode = json_string_value(json_object_get(verdict, "mode"));
	const struct refusal *refusal = expected_refusal(row, stack, mode, version);
	bool accepted = json_is_true(json_object_get(verdict, "accepted"));
	int code = (int)json_integer_value(json_object_get(verdict, "code"));
	if (accepted != (refusal == NULL) ||
		(refusal != NULL && refusal->code != 0 && refusal->code != code))
		complain_of("\n  %s/%s %s: %s, %s %d \"%s\", %d anchors; expected: %s %d (%s)",
			stack, mode, version, accepted ? "accepts" : "refuses",
			json_string_value(json_object_get(verdict, "step")), code,
			json_string_value(json_object_get(verdict, "words")),
			(int)json_integer_value(json_object_get(verdict, "anchors_loaded")),
			refusal == NULL ? "accepts" : "refuses",
			refusal == NULL ? 0 : refusal->code, refusal == NULL ? "" : refusal->why);
}

static void judge_row(const struct stack_case_row *row)
{
	char names[256];
	const char *stacks = getenv("STACKS");
	ck_assert_msg(stacks != NULL && *stacks != '\0', "no stacks: STACKS is not set");
	snprintf(names, sizeof(names), "%s", stacks);
	mint_all(row);
	char *question = write_question(row);
	char *rest = NULL;
	complaints[0] = '\0';
	for (char *name = strtok_r(names, " ", &rest); name != NULL;
		name = strtok_r(NULL, " ", &rest)) {
		json_t *answer = ask_helper(name, question), *verdict;
		size_t i;
		json_array_foreach(json_object_get(answer, "verdicts"), i, verdict)
			compare_verdict(row, answer, verdict);
		json_decref(answer);
	}
	free(question);
	free_all();
	ck_assert_msg(complaints[0] == '\0', "%s:%s", row->label, complaints);
}

TEST_GROUP(.name = "fidelity", .seconds = 120);

TEST(there_are_enough)
{
	ck_assert_uint_ge(stack_case_count, 40);
}

TEST_RANGE(verdicts, 0, 100)
{
	if ((size_t)_i < stack_case_count)
		judge_row(&stack_case_rows[_i]);
}
