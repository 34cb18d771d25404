/* SPDX-License-Identifier: MIT
 *
 * settings.h - the options that subcommands have in common: what they set, and their tables.
 */
#ifndef TOOL_SETTINGS_H
#define TOOL_SETTINGS_H

#include "tools/cli/options.h"
#include "tools/cli/token.h"

/* Standard input, as a file that can be opened. */
#define STDIN_PATH "/dev/stdin"

/* The name of a file that is read, into a const char * or a struct opt_list; "-" is standard input. */
opt_set opt_set_input, opt_set_inputs;

/* Seconds, with a fraction, into an int64_t of milliseconds. */
opt_set opt_set_seconds;

enum color_when {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER,
};

/* What the rows fill: the library's own options wherever it has one, so that a new one needs its row only. Zero is
 * every default. What only one subcommand can be asked stands here as well. */
struct settings {
	struct tbd_report_options report;
	struct tbd_fetch_options fetch;
	struct tbd_verify_options verify;
	struct tbd_roundtrip_options roundtrip;
	struct tbd_transport_options transports;

	/* What those point to. */
	int64_t time;
	const char *addresses[TBD_ADDRESSES_MAX + 1];
	struct tbd_transport transport_list[TBD_TRANSPORTS_MAX];
	char *proxy; /* may be secret */
	struct secret secrets[SECRET_COUNT];

	const char *connect_to;
	const char *ws_path;
	bool all_addresses;
	uint16_t ports[TBD_ADDRESSES_MAX];
	size_t port_count;
	bool all_transports;
	struct opt_list ca_files, ca_dirs, untrusted, crls;
	bool system;
	bool ocsp;          /* ask responders */
	int64_t wait_ms;    /* for a server that is not ready; 0: do not */
	bool no_stacks;     /* ask none but those that --as and --device name */
	bool fetch_missing; /* download what the server does not send */

	const char *chain_file; /* read instead of the network */
	const char *expect, *save, *save_fixed, *save_ca;
	char ca_sha256[65];
	enum tbd_emit emit; /* the form of save_ca */
	bool from_server;   /* ask the server for the trust file that it hands out */
	const char *web;    /* where its web pages are; NULL: the usual places */
	const char *read;   /* a report that is shown instead of a new one */
	bool redact;

	int format;    /* index of render_formats */
	int color;     /* enum color_when */
	int verbosity; /* enum tbd_verbosity */
	const char *output;
	bool exit_zero;

	const char *listen; /* ADDRESS[:PORT] */
	int64_t patience_ms;
	bool once;
};
#define SETTINGS_INIT                                                                       \
	{                                                                                   \
		.report = TBD_REPORT_OPTIONS_INIT, .fetch = TBD_FETCH_OPTIONS_INIT,         \
		.verify = TBD_VERIFY_OPTIONS_INIT, .roundtrip = TBD_ROUNDTRIP_OPTIONS_INIT, \
		.transports = TBD_TRANSPORT_OPTIONS_INIT,                                   \
	}

extern const struct opt connection_options[], wait_options[], stack_options[], compare_options[],
	transport_options[], trust_options[], clock_options[], fetch_options[], insecure_options[],
	roundtrip_options[], output_options[], output_file_options[];

/* Wipe what is secret of them, and free what they own. */
void settings_free(struct settings *settings);

/* The option that makes a set of transports, or NULL. */
const char *transport_option(const struct settings *settings);

/* The option that makes a set of addresses or ports, or NULL. */
const char *compare_option(const struct settings *settings);

#endif
