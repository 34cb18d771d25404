/* SPDX-License-Identifier: MIT
 *
 * token.c - what is seen in a token, and who may have it.
 */
#include "tests/unit/check-main.h"
#include "net/stream.h"
#include "device/token.h"

#include <sys/socket.h>
#include <unistd.h>

static const struct look {
	const char *bytes;
	int len; /* -1: up to the NUL */
	int bad_at;
	const char *bad_class;
	bool is_uuid;
	bool is_placeholder;
} looks[] = {
	{ "A1b2C3d4E5f6G7h8I9j0", -1, -1, NULL, false, false },
	{ "A1_TEST_TOKEN", -1, -1, NULL, false, false },
	{ "two words", -1, -1, NULL, false, false },
	{ "it's", -1, -1, NULL, false, false },
	{ "tokens-of-mine", -1, -1, NULL, false, false },
	{ "", -1, -1, NULL, false, false },
	{ " x", -1, 0, "space", false, false },
	{ "x ", -1, 1, "space", false, false },
	{ "xy   ", -1, 2, "space", false, false },
	{ "   ", -1, 0, "space", false, false },
	{ "x\ty", -1, 1, "tab", false, false },
	{ "token\r\n", -1, 5, "CR", false, false },
	{ "xyz\n", -1, 3, "LF", false, false },
	{ "xyz\0", 4, 3, "NUL", false, false },
	{ "a\0b", 3, 1, "NUL", false, false },
	{ "\"xyz\"", -1, 0, "quote", false, false },
	{ "xyz'", -1, 3, "quote", false, false },
	{ "`xyz`", -1, 0, "quote", false, false },
	{ "\xe2\x80\x9cxyz", -1, 0, "non-ASCII", false, false },
	{ "xyz\xc2\xa0", -1, 3, "non-ASCII", false, false },
	{ "xy\x7f", -1, 2, "control", false, false },
	{ "\x01", -1, 0, "control", false, false },
	{ "784f394c-42b6-435a-983c-b7beff2784f9", -1, -1, NULL, true, false },
	{ "784F394C-42B6-435A-983C-B7BEFF2784F9", -1, -1, NULL, true, false },
	{ "784f394c-42b6-435a-983c-b7beff2784fg", -1, -1, NULL, false, false },
	{ "784f394c042b6-435a-983c-b7beff2784f9", -1, -1, NULL, false, false },
	{ "$ACCESS_TOKEN", -1, -1, NULL, false, true },
	{ "${ACCESS_TOKEN}", -1, -1, NULL, false, true },
	{ "%ACCESS_TOKEN%", -1, -1, NULL, false, true },
	{ "{{access token}}", -1, -1, NULL, false, true },
	{ "<token>", -1, -1, NULL, false, true },
	{ "ACCESS_TOKEN", -1, -1, NULL, false, true },
	{ "access-token", -1, -1, NULL, false, true },
	{ "YOUR_ACCESS_TOKEN", -1, -1, NULL, false, true },
	{ "YOUR_DEVICE_TOKEN", -1, -1, NULL, false, true },
	{ "ESP32_DEMO_TOKEN", -1, -1, NULL, false, true },
};

static struct tbd_token *token_of(const char *bytes, int len)
{
	struct tbd_token *token = NULL;
	size_t size = len < 0 ? strlen(bytes) : (size_t)len;
	ck_assert_int_eq(tbd_token_new(bytes, size, TBD_TOKEN_FILE, &token, NULL), 0);
	ck_assert_ptr_nonnull(token);
	return token;
}

TEST_EACH(look, row, looks)
{
	struct tbd_token *token = token_of(row->bytes, row->len);
	struct tbd_token_info info = tbdi_token_info(token);
	ck_assert_msg(info.bad_at == row->bad_at, "%s: bad at %d", row->bytes, info.bad_at);
	ck_assert_pstr_eq(info.bad_class, row->bad_class);
	ck_assert_int_eq(info.is_uuid, row->is_uuid);
	ck_assert_msg(info.is_placeholder == row->is_placeholder, "%s: placeholder", row->bytes);
	ck_assert_int_eq(info.source, TBD_TOKEN_FILE);
	ck_assert_int_eq(info.sent, false);
	tbd_token_free(token);
}

TEST(length)
{
	char bytes[TBDI_TOKEN_MAX + 1];
	memset(bytes, 'x', sizeof(bytes));
	struct tbd_token *token = token_of(bytes, TBDI_TOKEN_MAX);
	ck_assert_int_eq(tbdi_token_info(token).bad_at, -1);
	tbd_token_free(token);
	token = token_of(bytes, TBDI_TOKEN_MAX + 1);
	struct tbd_token_info info = tbdi_token_info(token);
	ck_assert_int_eq(info.bad_at, TBDI_TOKEN_MAX);
	ck_assert_str_eq(info.bad_class, "length");
	ck_assert_uint_eq(info.len, sizeof(bytes));
	tbd_token_free(token);
}

TEST(contract)
{
	struct tbd_token *token = NULL;
	struct tbd_error error = { "" };
	ck_assert_int_eq(
		tbd_token_new("x", TBDI_TOKEN_READ_MAX + 1, TBD_TOKEN_STDIN, &token, &error),
		TBD_E_INVALID);
	ck_assert_str_ne(error.text, "");
	ck_assert_int_eq(tbd_token_new(NULL, 1, TBD_TOKEN_STDIN, &token, NULL), TBD_E_INVALID);
	ck_assert_int_eq(tbd_token_new(NULL, 0, TBD_TOKEN_STDIN, &token, NULL), 0);
	tbd_token_free(token);
	tbd_token_free(NULL);
}

/* The first is the example of RFC 7519, which ThingsBoard's look like. */
static const struct {
	const char *bytes;
	bool is_jwt;
} jwts[] = {
	{ "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9."
	  "eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ."
	  "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk",
		true },
	{ "eyJhbGciOiJIUzUxMiJ9.e30.e30", true },
	{ "eyJhbGciOiJub25lIn0.e30.", true },
	{ "eyJhbGciOiJIUzUxMiJ9.e30", false },
	{ "eyJhbGciOiJIUzUxMiJ9.e30.e30.e30", false },
	{ "eyJhbGciOiJIUzUxMiJ9.e30.e=0", false },
	{ "e30.e30.e30", false },       /* {} */
	{ "W10.e30.e30", false },       /* [] */
	{ "eyJhbGciOjF9.e30.", false }, /* {"alg":1} */
	{ "..", false },
	{ "device.floor-2.room", false },
};

TEST_EACH(jwt, row, jwts)
{
	struct tbd_token *token = token_of(row->bytes, -1);
	ck_assert_msg(tbdi_token_info(token).is_jwt == row->is_jwt, "%s", row->bytes);
	tbd_token_free(token);
}

/* A password may have what a person can type, and is never taken for a token. */
TEST_TIMES(password, 7)
{
	static const struct {
		const char *bytes;
		const char *bad_class;
	} rows[] = {
		{ " two words ", NULL },
		{ "\"quoted\"", NULL },
		{ "Gr\303\274n", NULL },
		{ "$ACCESS_TOKEN", NULL },
		{ "word\r", "CR" },
		{ "word\n", "LF" },
		{ "a\033", "control" },
	};
	struct tbd_token *password = NULL;
	ck_assert_int_eq(tbd_password_new(rows[_i].bytes, strlen(rows[_i].bytes), TBD_TOKEN_FILE,
				 &password, NULL),
		0);
	struct tbd_token_info info = tbdi_token_info(password);
	ck_assert_pstr_eq(info.bad_class, rows[_i].bad_class);
	ck_assert(info.is_password && !info.is_placeholder && !info.is_uuid && !info.is_jwt);
	tbd_token_free(password);
}

/* A header that is longer than any. */
TEST(long_jwt)
{
	char bytes[4096];
	memset(bytes, 'e', sizeof(bytes));
	bytes[4000] = bytes[4001] = '.';
	struct tbd_token *token = token_of(bytes, sizeof(bytes));
	ck_assert(!tbdi_token_info(token).is_jwt);
	tbd_token_free(token);
}

/* A stream over one end of a pair, the other of which is closed again. */
static struct tbdi_stream *stream_make(bool may_carry_secrets)
{
	int fds[2];
	ck_assert_int_eq(socketpair(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK, 0, fds), 0);
	close(fds[1]);
	struct tbdi_stream *stream = tbdi_stream_new(fds[0], NULL, may_carry_secrets);
	ck_assert_ptr_nonnull(stream);
	return stream;
}

TEST(lend)
{
	struct tbdi_stream *verified = stream_make(true);
	struct tbdi_stream *unverified = stream_make(false);
	struct tbd_token *sound = token_of("A1b2C3d4E5f6G7h8I9j0", -1);
	struct tbd_token *unsound = token_of("A1b2C3d4E5f6G7h8I9j0\n", -1);
	struct tbd_token *none = token_of("", -1);
	ck_assert_pstr_eq(tbdi_token_lend(sound, verified), "A1b2C3d4E5f6G7h8I9j0");
	ck_assert_ptr_null(tbdi_token_lend(sound, unverified));
	ck_assert_ptr_null(tbdi_token_lend(unsound, verified));
	ck_assert_ptr_null(tbdi_token_lend(none, verified));
	tbd_token_free(sound);
	tbd_token_free(unsound);
	tbd_token_free(none);
	tbdi_stream_free(verified);
	tbdi_stream_free(unverified);
}

/* The VmFlags line of the mapping that holds this address. */
static void mapping_flags(const void *address, char *flags, size_t size)
{
	FILE *maps = fopen("/proc/self/smaps", "r");
	ck_assert_ptr_nonnull(maps);
	char line[512];
	bool inside = false;
	flags[0] = '\0';
	while (flags[0] == '\0' && fgets(line, sizeof(line), maps) != NULL) {
		unsigned long begin = 0;
		unsigned long end = 0;
		if (sscanf(line, "%lx-%lx ", &begin, &end) == 2)
			inside = begin <= (uintptr_t)address && (uintptr_t)address < end;
		if (inside && strncmp(line, "VmFlags:", 8) == 0)
			snprintf(flags, size, "%s", line);
	}
	fclose(maps);
}

/* Only the kernel can tell: nothing to see in a chroot without /proc. */
TEST(not_in_core_dumps)
{
	if (access("/proc/self/smaps", R_OK) < 0)
		return;
	struct tbdi_stream *verified = stream_make(true);
	struct tbd_token *token = token_of("A1b2C3d4E5f6G7h8I9j0", -1);
	char flags[512];
	mapping_flags(tbdi_token_lend(token, verified), flags, sizeof(flags));
	ck_assert_msg(strstr(flags, " dd") != NULL, "flags are '%s'", flags);
	tbd_token_free(token);
	tbdi_stream_free(verified);
}
