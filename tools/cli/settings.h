/* SPDX-License-Identifier: MIT
 *
 * settings.h - the options that subcommands have in common: what they set, and their tables.
 */
#ifndef TOOL_SETTINGS_H
#define TOOL_SETTINGS_H

#include "tools/cli/options.h"

/* Seconds, with a fraction, into an int64_t of milliseconds. */
opt_set opt_set_seconds;

/* How to reach the peer. */
struct connection_settings {
	const char *sni; /* "none": send no server name */
	const char *connect_to;
	int family; /* 4, 6, or 0: both */
	int64_t timeout_ms;
	const char *tls_version;
	const char *cert_file;
	const char *key_file;
	bool without_sni;
	const char *keylog_file;
	const char *addresses[TBD_ADDRESSES_MAX + 1]; /* none: ask the resolver */
	char *proxy;                                  /* may be secret; see connection_release() */
};
extern const struct opt connection_options[];

/* Wipe what is secret of them. */
void connection_release(struct connection_settings *connection);

/* The transports that one token is tried over, instead of one. */
struct transport_settings {
	bool all;
	struct tbd_transport list[TBD_TRANSPORTS_MAX]; /* instead of all */
	size_t count;
	bool allow_plain;
};
extern const struct opt transport_options[];

/* The option that makes a set of transports, or NULL. */
const char *transport_option(const struct transport_settings *settings);

/* What is dialled and compared, instead of one connection. */
struct compare_settings {
	bool all_addresses;
	uint16_t ports[TBD_ADDRESSES_MAX];
	size_t port_count;
};
extern const struct opt compare_options[];

/* The option that makes a set, or NULL: the run makes one report. */
const char *compare_option(const struct compare_settings *settings);

/* Whether to download what is missing: a bool. */
extern const struct opt fetch_options[];

/* The time to judge at. */
struct clock_settings {
	bool given;
	int64_t time;
};
extern const struct opt clock_options[];

/* What to judge against. */
struct trust_settings {
	struct opt_list files;
	struct opt_list dirs;
	bool system;
	struct opt_list untrusted;
	struct opt_list crls;
	const char *name;
	int warn_days, crit_days, max_depth; /* as in struct tbd_verify_options */
	int profile;                         /* enum tbd_profile */
	bool ocsp;                           /* ask responders */
};
extern const struct opt trust_options[];

/* What to do with the token. */
struct roundtrip_settings {
	const char *mqtt_version;
	bool read_only;
	bool explain_refusal;
	bool fingerprint;
	const char *client_keys;
	const char *shared_keys;
	const char *attribute;
	const char *telemetry;
	int64_t rpc_wait_ms;
	bool session_limits;
};
extern const struct opt roundtrip_options[];
extern const struct opt insecure_options[]; /* fills a bool */

enum color_when {
	COLOR_AUTO,
	COLOR_ALWAYS,
	COLOR_NEVER,
};

enum verbosity {
	VERBOSITY_NORMAL,
	VERBOSITY_QUIET,   /* findings only */
	VERBOSITY_VERBOSE, /* all that was seen */
};

/* What to show, how and where. */
struct output_settings {
	int format;    /* index of render_formats */
	int color;     /* enum color_when */
	int verbosity; /* enum verbosity */
	const char *path;
	bool exit_zero;
};
extern const struct opt output_options[];

#endif
