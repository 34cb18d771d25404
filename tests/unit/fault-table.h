/* SPDX-License-Identifier: MIT
 *
 * fault-table.h - reports in which one thing is wrong, and what has to be said of them: the test rows of
 * the rules.
 */
#ifndef TBDI_FAULT_TABLE_H
#define TBDI_FAULT_TABLE_H

#include "tests/unit/healthy-report.h"

enum spoiled_cert { NOBODY, LEAF, INTERMEDIATE, ROOT, STRANGER };

struct spoiled {
	const char *id; /* the finding that has to come first */
	enum tbd_severity severity;
	void (*spoil)(struct sample *sample);
	enum spoiled_cert cert;
	const char *evidence; /* keys, in their order */
};

extern const struct spoiled spoiled_rows[];
extern const size_t spoiled_count;

/* Some of them, to be combined. */
void spoil_ldap_aia(struct sample *sample);
void spoil_wrong_root(struct sample *sample);
void spoil_name_is(struct sample *sample, const char *name, enum tbd_name_match match);
void spoil_store_empty(struct sample *sample);
void spoil_large_chain(struct sample *sample);
void spoil_root_sent(struct sample *sample);
void spoil_connack_5(struct sample *sample);
void spoil_token_is_uuid(struct sample *sample);
void spoil_http_redirect(struct sample *sample);
void spoil_http_redirect_to_nowhere(struct sample *sample);
void spoil_hostile_name(struct sample *sample);
void spoil_refused(struct sample *sample);
void spoil_refused_beside_open(struct sample *sample);
void spoil_nothing(struct sample *sample);

#endif
