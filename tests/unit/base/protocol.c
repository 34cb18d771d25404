/* SPDX-License-Identifier: MIT
 *
 * protocol.c - the rows of schemes and protocols are whole, and nobody who lists them in words of its own has been
 * left behind.
 */
#include "base/module.h"

#include "tests/unit/check-main.h"
#include "tools/cli/settings.h"

#include <strings.h>

/* ---- a row a scheme ---------------------------------------------------------------------------- */

TEST_TIMES(scheme_parses_back, TBDI_SCHEME_COUNT)
{
	const struct tbdi_scheme *row = &tbdi_schemes[_i];
	struct tbd_target *target = NULL;
	char url[64];
	ck_assert_str_eq(tbd_scheme_name((enum tbd_scheme)_i), row->word);
	snprintf(url, sizeof(url), "%s://localhost", row->word);
	ck_assert_int_eq(tbd_target_parse(url, &target, NULL), 0);
	ck_assert_int_eq(target->scheme, _i);
	ck_assert_int_eq(target->tls, row->tls);
	ck_assert_uint_eq(target->port, row->port);
	ck_assert_uint_ne(target->port, 0);
	ck_assert_ptr_eq(tbdi_protocol_of(target), &tbdi_protocols[row->protocol]);
	tbd_target_free(target);
}

TEST_TIMES(bad_target_names_scheme, TBDI_SCHEME_COUNT)
{
	struct tbd_target *target = NULL;
	struct tbd_error error = { "" };
	char form[32];
	ck_assert_int_eq(tbd_target_parse("no://target", &target, &error), TBD_E_TARGET);
	snprintf(form, sizeof(form), " %s://", tbdi_schemes[_i].word);
	ck_assert_msg(strstr(error.text, form) != NULL, "%s", error.text);
}

static const struct opt *transports_option(void)
{
	const struct opt *opt = transport_options;
	while (strcmp(opt->name, "transports") != 0)
		opt++;
	return opt;
}

TEST_TIMES(option_takes_scheme, TBDI_SCHEME_COUNT)
{
	const struct opt *opt = transports_option();
	struct settings settings = SETTINGS_INIT;
	char word[16], none[] = "none";
	snprintf(word, sizeof(word), "%s", tbdi_schemes[_i].word);
	ck_assert_ptr_null(opt->set(opt, &settings, word));
	ck_assert_uint_eq(settings.transports.count, 1);
	ck_assert_int_eq(settings.transports.list[0].scheme, _i);
	ck_assert_uint_eq(settings.transports.list[0].port, tbdi_schemes[_i].port);
	const char *wants = opt->set(opt, &settings, none);
	ck_assert_ptr_nonnull(wants);
	ck_assert_msg(strstr(wants, tbdi_schemes[_i].word) != NULL, "%s", wants);
}

/* "mqtts<tab>MQTT over TLS" */
TEST_TIMES(completion_knows_scheme, TBDI_SCHEME_COUNT)
{
	const struct tbdi_scheme *row = &tbdi_schemes[_i];
	const struct tbdi_protocol *protocol = &tbdi_protocols[row->protocol];
	char *list = NULL, line[64];
	size_t len = 0;
	FILE *out = open_memstream(&list, &len);
	ck_assert_ptr_nonnull(out);
	transports_option()->values(out);
	ck_assert_int_eq(fclose(out), 0);
	snprintf(line, sizeof(line), "%s\t%s %s%s\n", row->word, protocol->name,
		row->path != NULL ? "over WebSockets " : "",
		!row->tls                        ? "in clear"
			: protocol->is_datagrams ? "over DTLS"
						 : "over TLS");
	ck_assert_msg(strstr(list, line) != NULL, "%s", list);
	free(list);
}

TEST_TIMES(manual_names_scheme, TBDI_SCHEME_COUNT)
{
	const char *top = getenv("abs_top_srcdir");
	char path[512], form[32], text[64 * 1024];
	ck_assert_msg(top != NULL, "run me by make check, or set abs_top_srcdir");
	snprintf(path, sizeof(path), "%s/man/tbdiag-roundtrip.1.scd", top);
	FILE *file = fopen(path, "r");
	ck_assert_msg(file != NULL, "%s", path);
	text[fread(text, 1, sizeof(text) - 1, file)] = '\0';
	ck_assert_int_eq(fclose(file), 0);
	snprintf(form, sizeof(form), "%s://_HOST_", tbdi_schemes[_i].word);
	ck_assert_msg(strstr(text, form) != NULL, "%s: no %s", path, form);
}

/* ---- a row a protocol -------------------------------------------------------------------------- */

/* With TLS, or without. */
static size_t count_schemes(enum tbdi_protocol_id protocol, bool tls)
{
	size_t count = 0;
	for (size_t i = 0; i < TBDI_SCHEME_COUNT; i++)
		count += tbdi_schemes[i].protocol == protocol && tbdi_schemes[i].tls == tls;
	return count;
}

TEST_TIMES(protocol_is_whole, TBDI_PROTOCOL_COUNT)
{
	const struct tbdi_protocol *row = &tbdi_protocols[_i];
	const struct tbdi_listener *listener = &row->listener;
	ck_assert_int_eq(row->id, _i);
	ck_assert_ptr_eq(tbdi_protocol_find(row->word), row);
	ck_assert_str_eq(tbd_stage_name(row->stage), row->word);
	ck_assert_int_eq(strcasecmp(row->name, row->word), 0);
	ck_assert_ptr_nonnull(row->question);
	ck_assert_int_ne(row->code_has_class, row->code_prefix != NULL);
	ck_assert_msg(listener->plain != NULL && listener->plain_port != NULL &&
			listener->tls != NULL && listener->tls_port != NULL &&
			listener->chain != NULL,
		"%s", row->word);
	for (int tls = 0; tls < 2; tls++) {
		ck_assert_uint_gt(count_schemes(row->id, tls != 0), 0);
		const struct tbdi_scheme *scheme = tbdi_protocol_scheme(row, tls != 0);
		ck_assert_int_eq(scheme->protocol, _i);
		ck_assert_int_eq(scheme->tls, tls);
	}
}

TEST_TIMES(protocol_has_module, TBDI_PROTOCOL_COUNT)
{
	const struct tbdi_module *module = &tbdi_protocols[_i].module;
	struct tbd_component *components = NULL;
	ck_assert_int_eq(tbd_components(&components, NULL), 0);
	const struct tbd_component *component = components;
	while (component->name != NULL && strcmp(component->name, tbdi_protocols[_i].word) != 0)
		component++;
	ck_assert_msg(component->name != NULL, "%s", tbdi_protocols[_i].word);
	ck_assert_str_eq(component->kind, "module");
	ck_assert_str_eq(component->package, module->package);
	ck_assert_ptr_nonnull(strstr(module->file, ".so"));
	ck_assert_ptr_nonnull(strstr(module->dev_package, "-dev"));
	free(components);
}

/* Each answers to a wrong token, and says when all is well. */
TEST_TIMES(protocol_has_answers, TBDI_PROTOCOL_COUNT)
{
	const struct tbdi_protocol *row = &tbdi_protocols[_i];
	unsigned means = 0;
	for (size_t i = 0; i < TBDI_COUNT(row->answers); i++) {
		means |= row->answers[i].means;
		ck_assert(row->answers[i].means == 0 ||
			tbdi_code_means(row, row->answers[i].code, TBDI_REFUSED) ==
				(row->answers[i].means == TBDI_REFUSED));
	}
	unsigned wanted = row->is_requests ? TBDI_READ | TBDI_WRITTEN : TBDI_ACCEPTED;
	ck_assert_uint_eq(means & (wanted | TBDI_REFUSED), wanted | TBDI_REFUSED);
	ck_assert(!tbdi_code_means(row, -1, ~0U));
}

static const struct {
	enum tbdi_protocol_id protocol;
	int code;
	const char *text;
} codes[] = {
	{ TBDI_MQTT, 5, "rc 5" },
	{ TBDI_MQTT, 0x87, "rc 135" },
	{ TBDI_HTTP, 401, "401" },
	{ TBDI_COAP, 401, "4.01" },
	{ TBDI_COAP, 205, "2.05" },
};

TEST_EACH(code_text, row, codes)
{
	const struct tbdi_protocol *protocol = &tbdi_protocols[row->protocol];
	ck_assert_str_eq(tbdi_code_text(protocol, row->code).text, row->text);
}

TEST(listener_ports)
{
	uint16_t ports[TBDI_SCHEME_COUNT];
	ck_assert_uint_eq(tbdi_listener_ports(ports), 3);
	ck_assert_uint_eq(ports[0], 1883);
	ck_assert_uint_eq(ports[1], 8883);
	ck_assert_uint_eq(ports[2], 8080);
}

/* Nothing is known of the target; a report of somebody else's says a word that is none. */
TEST(unknown)
{
	ck_assert_int_eq(tbdi_protocol_of(NULL)->id, TBDI_MQTT);
	ck_assert_int_eq(tbdi_protocol_find("gopher")->id, TBDI_HTTP);
}
