/* SPDX-License-Identifier: MIT
 *
 * faults.h - how the sandbox misbehaves when it is asked to.
 */
#ifndef SANDBOX_FAULTS_H
#define SANDBOX_FAULTS_H

#include "tools/sandbox/limits.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>

/* What is written to an idle ThingsBoard shows after 22 to 76 ms: it does here, too. */
enum { FAULTS_VISIBLE_AFTER_MS = 50 };

/* But for that, zeros are a ThingsBoard without faults. */
struct faults {
	bool close_on_publish;
	bool no_response;
	bool wrong_id;
	int late_response; /* ms */
	int visible_after; /* ms */
	int starting;      /* ms that it takes; 0: it has started */
	int deleted;       /* ms from CONNECT until the device is; 0: it is not */
	bool own_topics;   /* of the device profile */
	bool used_up;      /* what the tenant's API usage allows */
	struct limits messages;
	struct limits telemetry;
	bool proxy_protocol; /* a header of it has to come first, to the ports of MQTT */

	/* What a port does is the text of a script, with a place for the argument. */
	const char *script;
	bool in_clear; /* the script is for the port of MQTT in clear, too, and not for HTTPS */
	bool mqtts_only;
	int number;
	const char *stage;

	int http_status; /* HTTP is answered by it, always; 0: it is not */
	bool http_html;
	bool http_redirect;
	bool no_ca_file;         /* to be handed out to devices */
	const char *http_script; /* for the ports of HTTP; NULL: what there is for TLS */

	int coap_code;     /* CoAP is answered by it, always: 401 is 4.01; 0: it is not */
	int coap_separate; /* ms until the answer, which has been acknowledged before; 0: none */
	int coap_loss;     /* so many datagrams are lost at first */
	bool coap_silent;
};

/* Add the fault that `text` ("KIND" or "KIND=ARG", which is taken apart and has to live on) names. NULL, or
 * what it should have been. */
const char *faults_add(struct faults *faults, char *text);

/* What a port plays, of HTTP or of MQTT, for TLS or in clear; free with free(). NULL when memory is out. */
char *faults_script(const struct faults *faults, bool http, bool tls);

/* What faults there are, a line each and the kinds in a column: a block for --help. */
void faults_help(FILE *out);

/* The same for completion: "KIND<TAB>HELP"; a KIND that wants an argument ends in '=', or has each that there
 * is. */
void faults_values(FILE *out);

#endif
