/* SPDX-License-Identifier: MIT
 *
 * tbdiag-listen.c - show a server's chain to a device on the bench, and tell what the device makes of it.
 */
#include "tools/listen/server.h"
#include "tools/recipe.h"

#include <arpa/inet.h>
#include <ifaddrs.h>
#include <net/if.h>
#include <netinet/in.h>
#include <unistd.h>

#define OPT_INTO struct settings

#define DEFAULT_ADDRESS "127.0.0.1"

enum { FORMAT_TEXT, FORMAT_JSON };
enum { PATIENCE_MS = 5000 };

static const struct opt listen_options[] = {
	OPT_OF(opt_set_input, const char *, chain_file, "chain-file", "FILE",
		"Read the chain from FILE (PEM, DER or PKCS#7; '-': standard input) instead of the network."),
	OPT_TEXT("listen", "ADDRESS[:PORT]", listen,
		"Listen there (default 127.0.0.1:8883): 0.0.0.0 or [::] let devices in from the network."),
	OPT_FLAG("once", once,
		"End after the first device that said something; the exit status is its verdict."),
	OPT_OF(opt_set_seconds, int64_t, patience_ms, "patience", "SECONDS",
		"How long a device may be silent when it has the chain, before it is sent what follows "
		"(default 5)."),
	{ 0 },
};

static const struct opt listen_output_options[] = {
	OPT_CHOICE("format", "text|json", int, format,
		"How to show devices (default text); json is an object a device, each in one line."),
	OPT_INT("quiet", verbosity, TBD_VERBOSITY_QUIET, "Show one line a device.", .letter = 'q'),
	{ 0 },
};

/* ---- the devices ------------------------------------------------------------------------------- */

struct bench {
	const struct job *job;
	struct visitor_chain chain;
	char *target; /* as arguments of tbdiag verify */
	listen_show *show;
	unsigned count, verdicts[LISTEN_REFUSED + 1];
	bool failed;
};

static bool bench_over(
	void *arg, const struct visitor *visitor, const struct sockaddr_storage *peer, int64_t time)
{
	static struct offers offers;
	struct bench *bench = arg;
	const struct job *job = bench->job;
	char address[SERVER_ADDRESS_SIZE];
	struct listen_words words;
	struct listen_device device = { .schema = "tbdiag-listen/1",
		.version = tbd_version(),
		.number = ++bench->count,
		.time = time,
		.address = address,
		.served = job->target != NULL && job->settings.chain_file == NULL
			? job->target->url
			: job->settings.chain_file,
		.served_sha256 = job->report->chain->certs[0]->sha256 };
	server_address_text(peer, address, &device.port);
	visitor_tell(visitor, &device, &offers);
	listen_judge(&device, &words, bench->target);
	bench->verdicts[device.verdict]++;
	bench->failed = bench->show(&device) < 0;
	return !bench->failed && !(job->settings.once && device.end != LISTEN_NOTHING);
}

/* ---- what is said before and after ------------------------------------------------------------- */

/* Where on the network this machine is, when it listens there. */
static void say_addresses(void)
{
	struct ifaddrs *all = NULL;
	if (getifaddrs(&all) < 0)
		return;
	for (const struct ifaddrs *at = all; at != NULL; at = at->ifa_next) {
		struct sockaddr_storage address = { 0 };
		char text[SERVER_ADDRESS_SIZE];
		uint16_t port = 0;
		if (at->ifa_addr == NULL || at->ifa_addr->sa_family != AF_INET ||
			(at->ifa_flags & IFF_LOOPBACK) != 0)
			continue;
		memcpy(&address, at->ifa_addr, sizeof(struct sockaddr_in));
		server_address_text(&address, text, &port);
		complain("on %s this machine is %s", at->ifa_name, text);
	}
	freeifaddrs(all);
}

/* IN6_IS_ADDR_LOOPBACK() and its kin, of both families. */
static bool is_loopback(const struct sockaddr_storage *address)
{
	const struct sockaddr_in *ipv4 = (const struct sockaddr_in *)address;
	const struct sockaddr_in6 *ipv6 = (const struct sockaddr_in6 *)address;
	return address->ss_family == AF_INET ? ntohl(ipv4->sin_addr.s_addr) >> 24 == IN_LOOPBACKNET
					     : IN6_IS_ADDR_LOOPBACK(&ipv6->sin6_addr);
}

static void say_where(const struct job *job, const struct sockaddr_storage *address)
{
	if (is_loopback(address))
		complain(
			"only this machine reaches it; --listen 0.0.0.0 lets a device in from the network");
	else
		say_addresses();
	if (job->target != NULL && !job->target->is_address)
		complain(
			"the device has to connect to it as %s, by the DNS or hosts file that it asks: of "
			"another name it refuses the certificate",
			job->target->host);
}

static int say_ready(const struct job *job, int fd)
{
	struct sockaddr_storage address = { 0 };
	socklen_t len = sizeof(address);
	char text[SERVER_ADDRESS_SIZE];
	uint16_t port = 0;
	size_t count = job->report->chain->count;
	if (getsockname(fd, (struct sockaddr *)&address, &len) < 0)
		return -1;
	server_address_text(&address, text, &port);
	bool is_ipv6 = strchr(text, ':') != NULL;
	complain(
		"%s%s%s:%u shows %zu certificate%s of %s; without their key no handshake is completed and "
		"no token can arrive",
		is_ipv6 ? "[" : "", text, is_ipv6 ? "]" : "", port, count, count == 1 ? "" : "s",
		job->settings.chain_file != NULL ? job->settings.chain_file : job->target->url);
	if (job->settings.verbosity != TBD_VERBOSITY_QUIET)
		say_where(job, &address);
	return 0;
}

static void say_count(const struct bench *bench)
{
	complain("%u device%s: %u accepted, %u refused, %u without verdict", bench->count,
		bench->count == 1 ? "" : "s", bench->verdicts[LISTEN_ACCEPTED],
		bench->verdicts[LISTEN_REFUSED], bench->verdicts[LISTEN_NO_VERDICT]);
}

/* ---- the run ----------------------------------------------------------------------------------- */

/* A word of a shell's command line; to be freed. */
static char *quote(const char *option, const char *text)
{
	char *quoted = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&quoted, &len);
	if (out == NULL)
		return NULL;
	fprintf(out, "%s'", option);
	for (; *text != '\0'; text++)
		if (*text == '\'')
			fputs("'\\''", out);
		else
			putc(*text, out);
	putc('\'', out);
	return fclose(out) == 0 ? quoted : NULL;
}

static struct replay_bytes *chain_bytes(const struct tbd_chain *chain)
{
	struct replay_bytes *bytes = calloc(chain->count, sizeof(*bytes));
	for (size_t i = 0; bytes != NULL && i < chain->count; i++)
		bytes[i] = (struct replay_bytes){ chain->certs[i]->der.data,
			chain->certs[i]->der.len };
	return bytes;
}

/* That of a certificate that cannot be parsed is not known. */
static struct next_key key_of(const struct tbd_cert *cert)
{
	return cert->error == NULL ? (struct next_key){ cert->key_algorithm, cert->key_bits }
				   : (struct next_key){ "", 0 };
}

static int serve_bench(struct bench *bench)
{
	const struct job *job = bench->job;
	const struct server_options options = { &bench->chain, bench_over, bench };
	int fd = server_open(job->settings.listen != NULL ? job->settings.listen : DEFAULT_ADDRESS);
	if (fd < 0)
		return -1;
	int rc = say_ready(job, fd);
	if (rc == 0)
		rc = server_run(fd, &options);
	close(fd);
	if (!job->settings.once || process_stopped())
		say_count(bench);
	return bench->failed ? -1 : rc;
}

/* What keeps the chain from being there. */
static int complain_no_chain(const struct job *job)
{
	const struct tbd_report *report = job->report;
	complain("there is no chain to show: %s",
		report->finding_count > 0 ? report->findings[0]->summary : "none was sent");
	return STATUS_FAILED;
}

static int status_of_bench(const struct bench *bench)
{
	if (bench->verdicts[LISTEN_REFUSED] > 0)
		return STATUS_CRITICAL;
	return bench->verdicts[LISTEN_NO_VERDICT] > 0 ? STATUS_WARNING : STATUS_OK;
}

static int listen_end(struct job *job)
{
	const struct settings *settings = &job->settings;
	const struct tbd_chain *chain = job->report->chain;
	if (chain == NULL || chain->count == 0)
		return complain_no_chain(job);
	struct replay_bytes *certs = chain_bytes(chain);
	struct bench bench = { .job = job,
		.chain = { certs, chain->count, key_of(chain->certs[0]),
			settings->patience_ms > 0 ? settings->patience_ms : PATIENCE_MS },
		.target = settings->chain_file != NULL
			? quote("--chain-file ", settings->chain_file)
			: quote("", job->target->url),
		.show = settings->format == FORMAT_JSON              ? listen_show_json
			: settings->verbosity == TBD_VERBOSITY_QUIET ? listen_show_line
								     : listen_show_text };
	int status = STATUS_FAILED;
	if (certs == NULL || bench.target == NULL)
		complain("out of memory");
	else if (serve_bench(&bench) == 0)
		status = status_of_bench(&bench);
	free(bench.target);
	free(certs);
	return status;
}

static step *const steps[] = { job_begin, job_target_tls, job_report, job_fetch, job_judge, NULL };

static const struct opt_group groups[] = {
	{ "Listening", listen_options },
	{ "Connection (to the server whose chain it is)", connection_options },
	{ "Output", listen_output_options },
	{ 0 },
};

static const struct recipe recipe = {
	.spec = {
		.command = "tbdiag listen",
		.summary =
			"Listen as a server does that has the chain of this one, and tell of each device that "
			"connects what it offers and whether it accepts the chain.",
		.groups = groups,
		.closing =
			"TARGET is HOST[:PORT], or one with mqtts://, wss://, https:// or coaps:// before it; none given: "
			"TBDIAG_TARGET, else mqtt.thingsboard.cloud. The manual is tbdiag-listen(1).",
	},
	.steps = steps,
	.end = listen_end,
};

int main(int argc, char **argv)
{
	return recipe_main(&recipe, argc, argv);
}
