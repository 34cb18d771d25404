/* SPDX-License-Identifier: MIT
 *
 * fault-table.h - reports in which one thing is wrong, and what has to be said of them: the test rows of
 * the rules.
 */
#ifndef TBDI_FAULT_TABLE_H
#define TBDI_FAULT_TABLE_H

#include "tests/unit/healthy-report.h"

#include <errno.h>

enum spoiled_cert { NOBODY, LEAF, INTERMEDIATE, ROOT, STRANGER };

struct spoiled {
	const char *id; /* the finding that has to come first */
	enum tbd_severity severity;
	const char *changes; /* for sample_set() */
	enum spoiled_cert cert;
	const char *evidence;                 /* keys, in their order */
	void (*spoil)(struct sample *sample); /* what changes cannot say, before them; or NULL */
};

extern const struct spoiled spoiled_rows[];
extern const size_t spoiled_count;

void sample_spoil(struct sample *sample, const struct spoiled *row);
struct sample *sample_spoiled(const struct spoiled *row);

/* Some of them, to be combined. */
#define REFUSED                                                                                        \
	ATTEMPTS("error", ECONNREFUSED)                                                                \
	"connection.neighbours=#3 neighbours[0].error=" NUM(ECONNREFUSED) " neighbours[1].error=" NUM( \
		ECONNREFUSED) " neighbours[2].error=" NUM(ECONNREFUSED) " "
#define REFUSED_BESIDE_OPEN REFUSED "neighbours[0].connected=yes neighbours[0].error=0 "
#define WRONG_ROOT "trust.certs=stranger " CUT_PATH("2", "1", "no-issuer")
#define ROOT_SENT "chain.certs=leaf,intermediate,root "
#define LARGE_CHAIN "chain.message_len=5000 "
#define STORE_IS(error, holds)               \
	CUT_PATH("2", "1", "no-issuer")      \
	"trust.cert_count=0 trust.certs=#0 " \
	"sources[0].cert_count=0 sources[0].error='" error "' sources[0].holds='" holds "' "
#define DEFECT(word) \
	"sources[0].defects=defect defect.defect=" word " sources[0].loads=loads[0],loads[1] "
#define REFUSED_BY(stack) "loads[" stack "].cert_count=0 "
#define DEFECT_KEYS "file defect line offset seen loaded refused_by"
#define LINT(use) BEFORE_MQTT "report.verification=- report.lint=lint lint.use=" use " "
#define PAIR(use) LINT(use) "report.trust=- "
#define STORE_EMPTY STORE_IS("-", "a private key")
#define NAME_IS(name, match)                                                    \
	BEFORE_MQTT "verification.name=" name " verification.name_match=" match \
		    " verification.name_entry=- verification.verified=no "
#define LEAF_ONLY "chain.certs=#1 " CUT_PATH("1", "0", "no-issuer")
#define LDAP_AIA                                                         \
	LEAF_ONLY "leaf.aia_issuers='ldap:///CN=Sub CA,--output=/tmp/x," \
		  "http://ca.example.com/second.der' "
#define CONNACK_5                                                               \
	"exchange.end=refused exchange.connack=5 report.steps=#4 token.len=12 " \
	"exchange.connack_name='as the specification calls it' "
#define TOKEN_IS_UUID "token.is_uuid=yes "

#endif
