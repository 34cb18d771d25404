/* SPDX-License-Identifier: MIT
 *
 * trust-file.c - the trust file for a device: the one that ThingsBoard hands out, whether it came and is the right one;
 * and the one that was found.
 */
#include "rules/trust.h"

/* Of those that have none: the first that answered, or else the first. */
static const struct tbd_served_file *best_answer(const struct tbd_report *report)
{
	size_t count = report->served_file_count;
	for (size_t i = 0; i < count; i++)
		if (report->served_files[i]->end == TBD_END_OK)
			return report->served_files[i];
	return count > 0 ? report->served_files[0] : NULL;
}

static void tell_file(struct tbdi_draft *draft, const struct tbd_served_file *file)
{
	tbdi_draft_text(draft, "fetch_url", file->url);
	tbdi_draft_text(draft, "fetch_error", file->detail);
	if (file->status > 0)
		tbdi_draft_number(draft, "code", file->status);
	tbdi_draft_text(draft, "content_type", file->content_type);
	tbdi_draft_text(draft, "location", file->location);
	tbdi_draft_text(draft, "server", file->server);
	tbdi_draft_text(draft, "body", file->body);
}

/* The setting that names the file which ThingsBoard hands out for the protocol of the target. */
static const char *setting_of(const struct tbd_report *report)
{
	return tbdi_protocol_of(report->target)->id == TBDI_COAP
		? "DEVICE_CONNECTIVITY_COAPS_CA_ROOT_CERT"
		: "DEVICE_CONNECTIVITY_MQTTS_CA_ROOT_CERT";
}

static void fix_setting(struct tbdi_draft *draft, const struct tbd_report *report)
{
	tbdi_draft_fix(draft,
		"On the server, %s in /etc/thingsboard/conf/thingsboard.conf names the file that is "
		"handed out. It has to hold the root of the chain that %s sends; what was read is kept "
		"until ThingsBoard is restarted:",
		setting_of(report), tbdi_draft_peer(draft, report));
	tbdi_draft_fix(draft, "  export %s=/etc/thingsboard/conf/ca-root.pem", setting_of(report));
	tbdi_draft_fix(draft, "  systemctl restart thingsboard");
}

static bool match_file_fits(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_served_file *file = tbdi_report_served(report);
	const struct tbd_path *path = tbdi_path_with(report, TBD_FAULT_NONE);
	if (file == NULL || path == NULL)
		return false;
	tbdi_draft_summary(draft, "a device with the trust file that %s hands out trusts %s",
		file->url, tbdi_draft_peer(draft, report));
	draft->cert = tbdi_path_end(path);
	tell_file(draft, file);
	return true;
}

static bool match_file_misfit(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_served_file *file = tbdi_report_served(report);
	if (file == NULL || report->verification == NULL || tbdi_report_is_anchored(report))
		return false;
	tbdi_draft_summary(draft,
		"the trust file that %s hands out is not one for %s: a device with it refuses that server",
		file->url, tbdi_draft_peer(draft, report));
	draft->cert = report->chain->certs[0];
	tell_file(draft, file);
	fix_setting(draft, report);
	return true;
}

/* In ThingsBoard's own words, which name the protocol. */
static bool has_no_file(const struct tbd_served_file *file)
{
	return file->body != NULL && strstr(file->body, "pem cert file is not found") != NULL;
}

/* Somebody answered something else. */
static void fix_other_answer(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_served_file *file)
{
	if (has_no_file(file))
		fix_setting(draft, report);
	else if (file->location != NULL)
		tbdi_draft_fix(draft,
			"It sends elsewhere, to %s, which is not followed: --web URL names another "
			"place.",
			file->location);
	else if (file->status == 401 || file->status == 403)
		tbdi_draft_fix(draft,
			"ThingsBoard hands the file out without a login from version 3.6 on: this one is "
			"older, or something before it asks for one.");
	else
		tbdi_draft_fix(draft,
			"What answers there is not ThingsBoard's API: another server, a proxy that does "
			"not pass /api on, or a ThingsBoard before version 3.6. --web URL names the place "
			"of its web pages.");
}

/* "https://HOST/...: Connection refused; http://HOST:8080/...: HTTP status 404" */
static const char *all_asked(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const char *text = NULL;
	for (size_t i = 0; i < report->served_file_count; i++) {
		const struct tbd_served_file *file = report->served_files[i];
		text = tbdi_draft_join(draft, text, "; ",
			tbdi_draft_format(draft, "%s: %s", file->url,
				file->detail != NULL ? file->detail : tbd_end_name(file->end)));
	}
	return text;
}

static bool match_file_not_served(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_served_file *file = best_answer(report);
	if (file == NULL || tbdi_report_served(report) != NULL)
		return false;
	tbdi_draft_summary(draft, "no trust file came from %s", all_asked(draft, report));
	tell_file(draft, file);
	if (file->end == TBD_END_OK)
		fix_other_answer(draft, report, file);
	else
		tbdi_draft_fix(draft,
			"ThingsBoard hands it out where its web pages are: --web URL names the place, "
			"with its port.");
	tbdi_draft_fix(draft, "What the device needs can be found without that file:");
	tbdi_draft_fix(draft, "  tbdiag trust %s", tbdi_draft_argument(draft, report));
	return true;
}

/* ---- the file that was found ------------------------------------------------------------------ */

static bool is_trusted(const struct tbd_trust_info *trust, const struct tbd_cert *cert)
{
	for (size_t i = 0; i < trust->shown_count; i++)
		if (strcmp(trust->certs[i]->sha256, cert->sha256) == 0)
			return true;
	return false;
}

/* The chain was judged by what the file has to hold, and by nothing else. */
static bool is_judged_by_ca(const struct tbd_report *report)
{
	const struct tbd_needed_ca *ca = report->ca;
	const struct tbd_trust_info *trust = report->trust;
	if (ca == NULL || ca->cert == NULL || trust == NULL ||
		trust->cert_count != ca->also_count + 1 || !is_trusted(trust, ca->cert))
		return false;
	for (size_t i = 0; i < ca->also_count; i++)
		if (!is_trusted(trust, ca->also[i]))
			return false;
	return true;
}

static bool is_refused_by(const struct tbd_report *report, const char *stack)
{
	for (size_t i = 0; i < report->verdict_count; i++)
		if (strcmp(report->verdicts[i]->stack, stack) == 0 &&
			!report->verdicts[i]->accepted)
			return true;
	return false;
}

/* "openssl, gnutls, bearssl": those that accept in all modes that were asked; NULL: none. */
static const char *accepting_stacks(struct tbdi_draft *draft, const struct tbd_report *report)
{
	const char *text = NULL, *last = "";
	for (size_t i = 0; i < report->verdict_count; i++) {
		const char *stack = report->verdicts[i]->stack;
		if (strcmp(last, stack) != 0 && !is_refused_by(report, stack))
			text = tbdi_draft_join(draft, text, ", ", stack);
		last = stack;
	}
	return text;
}

static bool match_file_proven(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_path *path = tbdi_path_with(report, TBD_FAULT_NONE);
	if (path == NULL || !report->verification->verified || !is_judged_by_ca(report))
		return false;
	const struct tbd_cert *ca = report->ca->cert;
	const char *stacks = accepting_stacks(draft, report);
	const char *more = "";
	for (size_t i = 0; i < report->ca->also_count; i++)
		more = tbdi_draft_format(draft, "%s and %s", more, report->ca->also[i]->subject);
	tbdi_draft_summary(draft, "a device that trusts %s%s and nothing else accepts %s%s",
		ca->subject, more, tbdi_draft_peer(draft, report),
		tbdi_draft_after(draft, ": tried with ", stacks));
	draft->cert = ca;
	tbdi_draft_text(draft, "accepted_by", stacks);
	return true;
}

#define FILE_KEYS "fetch_url", "fetch_error", "code", "content_type", "location", "server", "body"

const struct tbdi_rule tbdi_rules_trust_file[] = {
	{
		TBDI_RULE("trust.file-misfit", TRUST, CRITICAL,
			"the trust file that the server hands out is not its own"),
		.pub.why =
			"ThingsBoard hands a trust file out to devices ('Check connectivity', "
			"/api/device-connectivity/mqtts/certificate/download). It is whatever file "
			"the administrator named, not what the listener sends, and it is kept until "
			"ThingsBoard is restarted: after a renewal by another CA, or where it was never "
			"set up, devices that are given it refuse the server. The finding under "
			"which this one stands says what the chain needs.",
		.pub.fix =
			"Let DEVICE_CONNECTIVITY_MQTTS_CA_ROOT_CERT (for CoAP "
			"DEVICE_CONNECTIVITY_COAPS_CA_ROOT_CERT) name the root of the chain, and "
			"restart ThingsBoard.",
		.pub.evidence = TBDI_STRINGS("subject", "sha256", FILE_KEYS),
		.match = match_file_misfit,
		.causes = TBDI_STRINGS("ca.", "chain."),
	},
	{
		TBDI_RULE("trust.file-not-served", TRUST, WARNING,
			"the server hands no trust file out"),
		.pub.why =
			"ThingsBoard from 3.6 on hands a trust file out to devices, to anybody and "
			"without a login. It was asked for, and none came: nothing answered at that "
			"place, something else did, or ThingsBoard has no such file "
			"(DEVICE_CONNECTIVITY_MQTTS_CA_ROOT_CERT names none that is there). "
			"Redirections are not followed. The certificates of the server were not "
			"judged.",
		.pub.fix =
			"Name where ThingsBoard's web pages are with --web, or let the setting name "
			"a file.",
		.pub.evidence = TBDI_STRINGS(FILE_KEYS),
		.match = match_file_not_served,
	},
	{
		TBDI_RULE("trust.file-fits", TRUST, OK,
			"the trust file that the server hands out is its own"),
		.pub.why =
			"The trust file that ThingsBoard hands out to devices was asked for, and by it "
			"the chain of the listener is accepted. Whether the file can be believed "
			"is another matter: see trust.unproven.",
		.pub.fix = "Nothing to do: this is the file to give to devices.",
		.pub.evidence = TBDI_STRINGS("subject", "sha256", FILE_KEYS),
		.match = match_file_fits,
	},
	{
		TBDI_RULE("trust.file-proven", TRUST, OK, "the trust file is enough"),
		.pub.why =
			"A trust file was asked for (tbdiag trust), and the server was judged by the "
			"certificate that it holds, and by nothing else: it is accepted, also by the TLS "
			"stacks of devices that are named. Of the certificates that "
			"would do it is the one that lasts longest: a server's own certificate is "
			"renewed every few months or years, an intermediate is its CA's to replace "
			"without notice, and a root stays for a decade and more.",
		.pub.fix =
			"Compare its SHA-256 with what the CA or whoever runs the server says, and "
			"give it to the devices.",
		.pub.evidence = TBDI_STRINGS("subject", "not_after", "sha256", "accepted_by"),
		.match = match_file_proven,
	},
	{ .pub = { .id = NULL } },
};
