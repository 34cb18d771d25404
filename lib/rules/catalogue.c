/* SPDX-License-Identifier: MIT
 *
 * catalogue.c - the catalogue: all rules in the order of their stages.
 */
#include "rules/catalogue.h"

#include <pthread.h>

extern const struct tbdi_rule tbdi_rules_dns[], tbdi_rules_server[], tbdi_rules_tcp[],
	tbdi_rules_proxy[], tbdi_rules_second[], tbdi_rules_handshake[], tbdi_rules_tls[],
	tbdi_rules_datagram[], tbdi_rules_chain[], tbdi_rules_pair[], tbdi_rules_store[],
	tbdi_rules_lint[], tbdi_rules_ca[], tbdi_rules_trust_file[], tbdi_rules_clients_ca[],
	tbdi_rules_anchor[], tbdi_rules_name[], tbdi_rules_time[], tbdi_rules_policy[],
	tbdi_rules_revoked[], tbdi_rules_profile[], tbdi_rules_clients[], tbdi_rules_stack[],
	tbdi_rules_websocket[], tbdi_rules_mqtt[], tbdi_rules_http[], tbdi_rules_coap[],
	tbdi_rules_token[];

const struct tbdi_rule *const tbdi_rule_tables[] = { tbdi_rules_dns, tbdi_rules_server,
	tbdi_rules_tcp, tbdi_rules_proxy, tbdi_rules_second, tbdi_rules_handshake, tbdi_rules_tls,
	tbdi_rules_datagram, tbdi_rules_pair, tbdi_rules_chain, tbdi_rules_store, tbdi_rules_lint,
	tbdi_rules_ca, tbdi_rules_trust_file, tbdi_rules_clients_ca, tbdi_rules_anchor,
	tbdi_rules_name, tbdi_rules_time, tbdi_rules_policy, tbdi_rules_revoked, tbdi_rules_profile,
	tbdi_rules_clients, tbdi_rules_stack, tbdi_rules_websocket, tbdi_rules_mqtt,
	tbdi_rules_http, tbdi_rules_coap, tbdi_rules_token, NULL };

enum { CATALOGUE_MAX = 256 };

/* The rows stand in several files, so their pointers are gathered once, when first asked for. */
static const struct tbd_rule *catalogue[CATALOGUE_MAX];
static size_t catalogue_count;

static void catalogue_gather(void)
{
	for (const struct tbdi_rule *const *table = tbdi_rule_tables; *table != NULL; table++)
		for (const struct tbdi_rule *rule = *table; rule->pub.id != NULL; rule++)
			if (catalogue_count < CATALOGUE_MAX)
				catalogue[catalogue_count++] = &rule->pub;
}

const struct tbd_rule *const *tbd_rules(size_t *count)
{
	static pthread_once_t once = PTHREAD_ONCE_INIT;
	pthread_once(&once, catalogue_gather);
	*count = catalogue_count;
	return catalogue;
}

const struct tbd_rule *tbd_rule_find(const char *id)
{
	size_t count;
	const struct tbd_rule *const *rules = tbd_rules(&count);
	for (size_t i = 0; i < count; i++)
		if (strcmp(rules[i]->id, id) == 0)
			return rules[i];
	return NULL;
}
