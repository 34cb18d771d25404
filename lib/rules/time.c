/* SPDX-License-Identifier: MIT
 *
 * time.c - dates: of the certificates on the needed path, and of this machine's clock.
 */
#include "rules/trust.h"

enum { DAY = 24 * 60 * 60 };

/* Days as asked for; else so many at most, and not more than a share of the certificate's life: a
 * certificate of six days is not about to end on its second. */
static int64_t threshold(const struct tbd_cert *cert, int asked_days, int most_days, int share)
{
	if (asked_days >= 0)
		return (int64_t)asked_days * DAY;
	int64_t part = (cert->not_after - cert->not_before) / share;
	int64_t most = (int64_t)most_days * DAY;
	return part < most ? part : most;
}

static bool is_expired(const struct tbd_report *report, const struct tbd_cert *cert)
{
	return cert->not_after < report->time;
}

static bool is_not_yet_valid(const struct tbd_report *report, const struct tbd_cert *cert)
{
	return cert->not_before > report->time;
}

static bool ends_critically(const struct tbd_report *report, const struct tbd_cert *cert)
{
	const struct tbd_verification *verification = report->verification;
	int64_t limit = threshold(cert, verification != NULL ? verification->crit_days : -1, 7, 10);
	return cert->not_after - report->time < limit;
}

static bool ends_soon(const struct tbd_report *report, const struct tbd_cert *cert)
{
	const struct tbd_verification *verification = report->verification;
	int64_t limit = threshold(cert, verification != NULL ? verification->warn_days : -1, 30, 4);
	return cert->not_after - report->time < limit;
}

static bool any(
	const struct tbd_report *report TBDI_UNUSED, const struct tbd_cert *cert TBDI_UNUSED)
{
	return true;
}

/* Certificates whose dates matter, the server's own first. */
struct dated {
	const struct tbd_cert *const *certs;
	size_t count;
};

/* The needed path; of a chain that was only shown what was sent. */
static struct dated dated_certs(const struct tbd_report *report)
{
	const struct tbd_path *path = tbdi_report_path(report);
	const struct tbd_chain *chain = report->chain;
	if (path != NULL)
		return (struct dated){ path->certs, path->count };
	if (report->verification == NULL && chain != NULL && !tbdi_chain_is_trust_file(chain))
		return (struct dated){ chain->certs, chain->count };
	return (struct dated){ NULL, 0 };
}

static bool is_leaf(const struct tbd_report *report, const struct tbd_cert *cert)
{
	struct dated dated = dated_certs(report);
	return dated.count > 0 && cert == dated.certs[0];
}

/* An anchor that has ended is told of apart (ca.anchor-expired); a root that was only sent matters to nobody. */
static bool is_told_apart(const struct tbd_report *report, const struct tbd_cert *cert)
{
	return cert == tbdi_report_dead_anchor(report) ||
		(report->verification == NULL && cert->self_signed && !is_leaf(report, cert));
}

/* Of the certificates whose dates matter the one that ends first among those for which this holds; or NULL. */
static const struct tbd_cert *first_to_end(const struct tbd_report *report,
	bool (*holds)(const struct tbd_report *, const struct tbd_cert *))
{
	struct dated dated = dated_certs(report);
	const struct tbd_cert *first = NULL;
	for (size_t i = 0; i < dated.count; i++) {
		const struct tbd_cert *cert = dated.certs[i];
		if (cert->error == NULL && !is_told_apart(report, cert) && holds(report, cert) &&
			(first == NULL || cert->not_after < first->not_after))
			first = cert;
	}
	return first;
}

/* Whether a certificate that is only sent is needed depends on what a device trusts. */
static void weigh(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *cert)
{
	if (report->verification == NULL && !is_leaf(report, cert))
		draft->severity = TBD_SEVERITY_WARNING;
}

static const char *role_of(const struct tbd_report *report, const struct tbd_cert *cert)
{
	if (is_leaf(report, cert))
		return "the server's certificate";
	return cert->self_signed ? "the root" : "the intermediate certificate";
}

static void fix_renew_leaf(struct tbdi_draft *draft, const struct tbd_report *report,
	const struct tbd_cert *leaf, const char *until)
{
	tbdi_draft_fix(draft,
		"Renew %s (until %s), write it to the server's %s, and restart ThingsBoard: before "
		"version 4.3 it reads the file at its start only. %s",
		leaf->subject, until, tbdi_chain_setting(report),
		leaf->self_signed ? "It is self-signed: every device needs the new file as well."
				  : "Where certbot made it:");
	if (leaf->self_signed)
		tbdi_draft_fix_request(draft, report, leaf, tbdi_draft_names(draft, leaf, NULL));
	else {
		tbdi_draft_fix(draft, "  certbot renew && systemctl restart thingsboard");
		tbdi_draft_fix_sign_again(draft, report, leaf, NULL);
	}
}

/* How a certificate of this place is renewed, and seen to be. */
static void fix_renew(
	struct tbdi_draft *draft, const struct tbd_report *report, const struct tbd_cert *cert)
{
	const char *until = tbdi_draft_date_text(draft, cert->not_after);
	if (is_leaf(report, cert))
		fix_renew_leaf(draft, report, cert, until);
	else if (cert->origin == TBD_ORIGIN_TRUST)
		tbdi_draft_fix(draft,
			"Replace %s (until %s) in %s by its successor, on all devices.",
			cert->subject, until, cert->file != NULL ? cert->file : "the trust store");
	else
		tbdi_draft_fix(draft,
			"In the server's %s, replace %s (until %s) by the one its CA uses now, and "
			"restart ThingsBoard.",
			tbdi_chain_setting(report), cert->subject, until);
	tbdi_draft_fix(draft, "See what is served then:");
	tbdi_draft_fix(draft, "  tbdiag verify %s%s", tbdi_draft_argument(draft, report),
		tbdi_draft_trust_options(draft, report));
}

/* ---- the clock -------------------------------------------------------------------------------- */

/* How many certificates have ended by this machine's clock; 0 where the time was given, or only one has. */
static size_t ended_at_once(const struct tbd_report *report)
{
	struct dated dated = dated_certs(report);
	size_t count = 0;
	for (size_t i = 0; i < dated.count; i++)
		count += dated.certs[i]->error == NULL && is_expired(report, dated.certs[i]);
	return count > 1 && !report->time_given ? count : 0;
}

const char *tbdi_draft_clock_remark(struct tbdi_draft *draft, const struct tbd_report *report)
{
	size_t count = ended_at_once(report);
	return count == 0
		? ""
		: tbdi_draft_format(draft,
			  "; %zu of the path's %zu certificates have ended by this clock, which shows %s",
			  count, dated_certs(report).count,
			  tbdi_draft_date_text(draft, report->time));
}

void tbdi_draft_fix_clock(struct tbdi_draft *draft, const struct tbd_report *report)
{
	size_t count = ended_at_once(report);
	if (count == 0)
		return;
	tbdi_draft_fix(draft,
		"%zu certificates of one path that have ended are a wrong clock more often than "
		"neglect: this one shows %s. If that is not today, set it, and the device's by NTP "
		"before TLS; nothing else is wrong then:",
		count, tbdi_draft_date_text(draft, report->time));
	tbdi_draft_fix(draft, "  date -u; timedatectl set-ntp true");
	tbdi_draft_fix(draft, "If the clock is right:");
}

/* The request whose reply shows a clock that is not ours, or NULL. */
static const struct tbd_api_request *other_clock(const struct tbd_report *report, int64_t *ours)
{
	const struct tbd_api_exchange *api = report->api;
	for (size_t i = 0; api != NULL && !report->time_given && i < api->request_count; i++) {
		const struct tbd_api_request *request = api->requests[i];
		int64_t replied_us = request->time_us + request->duration_us;
		*ours = report->clock + replied_us / 1000000;
		if (request->date >= 0 && llabs(request->date - *ours) > DAY)
			return request;
	}
	return NULL;
}

static bool match_other_clock(const struct tbd_report *report, struct tbdi_draft *draft)
{
	int64_t ours = 0;
	const struct tbd_api_request *request = other_clock(report, &ours);
	if (request == NULL)
		return false;
	const char *shown = tbdi_draft_date_text(draft, ours);
	const char *peers = tbdi_draft_date_text(draft, request->date);
	tbdi_draft_summary(draft, "this machine's clock shows %s, that of %s shows %s", shown,
		tbdi_draft_peer(draft, report), peers);
	tbdi_draft_text(draft, "clock", shown);
	tbdi_draft_date(draft, "server_clock", request->date);
	tbdi_draft_fix(draft,
		"Compare both with a third, and set the one that is wrong; here, if it is not %s:",
		shown);
	tbdi_draft_fix(draft, "  timedatectl set-ntp true");
	return true;
}

static bool match_clock_wrong(const struct tbd_report *report, struct tbdi_draft *draft)
{
	static const int64_t year_2000 = INT64_C(946684800);
	int64_t earliest = report->time_given ? year_2000 : TBD_RELEASE_TIME;
	if (report->time >= earliest)
		return match_other_clock(report, draft);
	const char *shown = tbdi_draft_date_text(draft, report->time);
	tbdi_draft_text(draft, "clock", shown);
	tbdi_draft_date(draft, "earliest", earliest);
	if (report->time_given) {
		tbdi_draft_summary(draft, "the date to judge at, %s, is before 2000", shown);
		tbdi_draft_fix(
			draft, "Give --at a date of the device's life instead of %s.", shown);
		return true;
	}
	tbdi_draft_summary(draft,
		"this machine's clock shows %s, and this program was released after that", shown);
	tbdi_draft_fix(draft,
		"Set the clock, which shows %s, before anything else; a device needs NTP before "
		"TLS:",
		shown);
	tbdi_draft_fix(draft, "  timedatectl set-ntp true");
	return true;
}

static bool match_expired(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_cert *cert = first_to_end(report, is_expired);
	if (cert == NULL)
		return false;
	const char *when = tbdi_draft_date_text(draft, cert->not_after);
	/* --at led into the future: it is good today. */
	if (cert->not_after >= report->clock)
		tbdi_draft_summary(draft, "%s will have expired on %s, judged as of %s: %s",
			role_of(report, cert), when, tbdi_draft_date_text(draft, report->time),
			cert->subject);
	else
		tbdi_draft_summary(draft, "%s expired on %s: %s%s", role_of(report, cert), when,
			cert->subject, tbdi_draft_clock_remark(draft, report));
	draft->cert = cert;
	weigh(draft, report, cert);
	tbdi_draft_fix_clock(draft, report);
	fix_renew(draft, report, cert);
	return true;
}

static bool match_not_yet_valid(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_cert *cert = first_to_end(report, is_not_yet_valid);
	if (cert == NULL)
		return false;
	const char *from = tbdi_draft_date_text(draft, cert->not_before);
	tbdi_draft_summary(
		draft, "%s is not valid before %s: %s", role_of(report, cert), from, cert->subject);
	draft->cert = cert;
	weigh(draft, report, cert);
	tbdi_draft_fix(draft,
		"If today is after %s, the clock is wrong: it shows %s. On a device, have NTP set "
		"it before TLS is begun; here:",
		from, tbdi_draft_date_text(draft, report->time));
	tbdi_draft_fix(draft, "  date -u; timedatectl set-ntp true");
	tbdi_draft_fix(draft,
		"If the clock is right, serve the previous certificate until then, or issue %s "
		"again on a machine whose clock is right.",
		cert->subject);
	return true;
}

static bool ending(
	const struct tbd_report *report, struct tbdi_draft *draft, const struct tbd_cert *cert)
{
	if (cert == NULL)
		return false;
	int64_t left = cert->not_after - report->time;
	const char *when = tbdi_draft_date_text(draft, cert->not_after);
	if (left >= 2 * DAY)
		tbdi_draft_summary(draft, "%s ends in %lld days, on %s: %s", role_of(report, cert),
			(long long)(left / DAY), when, cert->subject);
	else
		tbdi_draft_summary(draft, "%s ends in %lld hours, on %s: %s", role_of(report, cert),
			(long long)(left / 3600), when, cert->subject);
	draft->cert = cert;
	weigh(draft, report, cert);
	fix_renew(draft, report, cert);
	return true;
}

static bool match_expires_now(const struct tbd_report *report, struct tbdi_draft *draft)
{
	return ending(report, draft, first_to_end(report, ends_critically));
}

static bool match_expires_soon(const struct tbd_report *report, struct tbdi_draft *draft)
{
	return ending(report, draft, first_to_end(report, ends_soon));
}

static bool match_dates_ok(const struct tbd_report *report, struct tbdi_draft *draft)
{
	const struct tbd_cert *cert = first_to_end(report, any);
	if (cert == NULL || report->verification == NULL || !report->verification->verified)
		return false;
	tbdi_draft_summary(draft, "%s is the first of the path to end, on %s",
		role_of(report, cert), tbdi_draft_date_text(draft, cert->not_after));
	draft->cert = cert;
	return true;
}

/* ---- rows ------------------------------------------------------------------------------------ */

#define DATE_KEYS TBDI_STRINGS("subject", "not_before", "not_after", "days_left", "judged_at")

const struct tbdi_rule tbdi_rules_time[] = {
	{
		TBDI_RULE("time.clock-wrong", TIME, CRITICAL, "the clock is wrong"),
		.pub.why =
			"This machine's clock shows a date before this program was released, so "
			"it cannot be right: an empty battery, or no NTP yet. Or it is more than "
			"a day from the clock of a server that shows its own (Date in HTTP): one "
			"of the two is wrong. Every verdict about dates is void then; a device "
			"with such a clock finds sound certificates 'not yet valid' (BearSSL says "
			"54, wolfSSL -150 or even 'no signer'). A date given by --at is taken as "
			"it is, unless it is before 2000.",
		.pub.fix = "Set the clock; let the device ask NTP before it begins TLS.",
		.pub.evidence = TBDI_STRINGS("clock", "earliest", "server_clock"),
		.match = match_clock_wrong,
	},
	{
		TBDI_RULE("time.expired", TIME, CRITICAL,
			"a certificate of the needed path has expired"),
		.pub.why =
			"A certificate that the path from the server to the trust anchor cannot "
			"do without has expired: which one and since when is shown. Expired "
			"certificates that no path needs, such as an old intermediate in a trust "
			"file, do no harm and are not meant here, and of the anchor "
			"ca.anchor-expired speaks. ThingsBoard before 4.3 goes on serving the old "
			"certificate after the file was renewed, until it is restarted. The "
			"openssl command of its documentation makes certificates of 365 days.",
		.pub.fix = "Renew the certificate and have the server read it.",
		.pub.evidence = DATE_KEYS,
		.group = TBDI_GROUP_TIME,
		.match = match_expired,
	},
	{
		TBDI_RULE("time.not-yet-valid", TIME, CRITICAL,
			"a certificate of the needed path is not valid yet"),
		.pub.why =
			"A certificate of the needed path becomes valid only later. Far more "
			"often than the certificate, the clock is wrong: that of the machine that "
			"judges, or that of the machine on which the certificate was made. "
			"Compare the date that is shown with a watch.",
		.pub.fix = "Set the clock; if it is right, wait or issue the certificate again.",
		.pub.evidence = TBDI_STRINGS("subject", "not_before", "not_after", "judged_at"),
		.group = TBDI_GROUP_TIME,
		.match = match_not_yet_valid,
		.causes = TBDI_STRINGS("time.clock-wrong"),
	},
	{
		TBDI_RULE("time.expires-now", TIME, CRITICAL,
			"a certificate of the needed path is about to expire"),
		.pub.why =
			"A certificate of the needed path ends within the critical threshold: 7 "
			"days, or a tenth of its lifetime if that is less, unless --crit-days "
			"says otherwise. At that moment every device that verifies stops "
			"connecting. An automatic renewal should have happened long before, so it "
			"has probably failed, or the server was not restarted.",
		.pub.fix = "Renew the certificate today.",
		.pub.evidence = DATE_KEYS,
		.group = TBDI_GROUP_TIME,
		.match = match_expires_now,
	},
	{
		TBDI_RULE("time.expires-soon", TIME, WARNING,
			"a certificate of the needed path expires soon"),
		.pub.why = "A certificate of the needed path ends within the warning threshold: 30 "
			   "days, or a quarter of its lifetime if that is less, unless --warn-days "
			   "says otherwise. Of several, the one that ends first is shown.",
		.pub.fix = "Renew the certificate, or see that its automatic renewal works.",
		.pub.evidence = DATE_KEYS,
		.group = TBDI_GROUP_TIME,
		.match = match_expires_soon,
	},
	{
		TBDI_RULE("time.ok", TIME, OK, "all dates are fine"),
		.pub.why = "All certificates of the needed path are valid and stay so beyond the "
			   "warning threshold. The one that ends first is shown: until that date "
			   "this configuration works.",
		.pub.fix = "Nothing to do.",
		.pub.evidence = DATE_KEYS,
		.group = TBDI_GROUP_TIME,
		.match = match_dates_ok,
	},
	{ .pub = { .id = NULL } },
};
