/* SPDX-License-Identifier: MIT
 *
 * environment.c - where a report was made: the system's files, and the whole on this machine.
 */
#include "tests/unit/check-main.h"
#include "report/report.h"
#include "tests/unit/healthy-report.h"

#include <unistd.h>

static struct tbdi_arena arena;

static void environment_teardown(void)
{
	tbdi_arena_release(&arena);
}

static struct tbd_bytes resolv_bytes(const char *text)
{
	return (struct tbd_bytes){ (const uint8_t *)text, strlen(text) };
}

static const struct {
	const char *text;
	const char *servers[4];
} resolv_rows[] = {
	{ "", { NULL } },
	{ "nameserver 192.0.2.1\n", { "192.0.2.1", NULL } },
	{ "# nameserver 192.0.2.9\nsearch example.com\nnameserver\t192.0.2.1  \n"
	  "  nameserver fe80::1%eth0 # the router\nnameserver",
		{ "192.0.2.1", "fe80::1%eth0", NULL } },
	{ "nameserver \xff", { "\xef\xbf\xbd", NULL } },
};

TEST_GROUP(.teardown = environment_teardown);

TEST_EACH(nameservers, row, resolv_rows)
{
	const char *const *servers = tbdi_nameservers(&arena, resolv_bytes(row->text));
	size_t i = 0;
	for (; row->servers[i] != NULL; i++)
		ck_assert_str_eq(servers[i], row->servers[i]);
	ck_assert_ptr_null(servers[i]);
}

/* However many a file names. */
TEST(many_nameservers)
{
	char text[1024] = "";
	for (int i = 0; i < 40; i++)
		snprintf(text + strlen(text), sizeof(text) - strlen(text), "nameserver ::%d\n", i);
	const char *const *servers = tbdi_nameservers(&arena, resolv_bytes(text));
	size_t count = 0;
	while (servers[count] != NULL)
		count++;
	ck_assert_uint_eq(count, TBDI_NAMESERVERS_MAX);
}

typedef int find(struct tbdi_arena *arena, struct tbd_bytes text, const char **out);

static const struct {
	find *find;
	const char *text;
	const char *expected;
} text_rows[] = {
	{ tbdi_hosts_lookup, "passwd: files\nhosts:  files  dns \nnetworks: files\n",
		"files  dns" },
	{ tbdi_hosts_lookup, "#hosts: dns\n", NULL },
	{ tbdi_hosts_lookup, "hosts: files", "files" },
	{ tbdi_system_name, "NAME=x\nPRETTY_NAME=\"Debian GNU/Linux 12 (bookworm)\"\n",
		"Debian GNU/Linux 12 (bookworm)" },
	{ tbdi_system_name, "PRETTY_NAME='a b'", "a b" },
	{ tbdi_system_name, "PRETTY_NAME=Alpine", "Alpine" },
	{ tbdi_system_name, "PRETTY_NAME=\"", "\"" },
	{ tbdi_system_name, "", NULL },
};

TEST_EACH(texts, row, text_rows)
{
	const char *found = "?";
	ck_assert_int_eq(row->find(&arena, resolv_bytes(row->text), &found), 0);
	ck_assert_pstr_eq(found, row->expected);
}

TEST(here)
{
	static const char content[] = "abc";
	static const char *const words[] = { "tbdiag report", "host\xff", NULL };
	char path[] = "/tmp/tbdiag-test-XXXXXX";
	int fd = mkstemp(path);
	ck_assert_int_eq(write(fd, content, 3), 3);
	close(fd);
	struct sample *sample = sample_new();
	sample->sources[0].path = path;
	setenv("TZ", "XYZ-01:30", 1);
	ck_assert_int_eq(tbd_report_environment(sample->report, words, NULL), 0);
	const struct tbd_environment *environment = sample->report->environment;
	ck_assert_str_eq(environment->command_line[1], "host\xef\xbf\xbd");
	ck_assert_ptr_null(environment->command_line[2]);
	ck_assert_str_eq(environment->components[0].name, "GnuTLS");
	ck_assert_ptr_nonnull(strstr(environment->kernel, "Linux "));
	ck_assert_str_eq(environment->time_zone, "XYZ");
	ck_assert_int_eq(environment->utc_offset_s, 5400);
	/* printf abc | sha256sum */
	ck_assert_str_eq(sample->report->trust->sources[0]->sha256,
		"ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
	ck_assert_ptr_null(sample->sources[0].sha256);
	unlink(path);
	sample_free(sample);
}
