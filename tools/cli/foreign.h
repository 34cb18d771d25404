/* SPDX-License-Identifier: MIT
 *
 * foreign.h - options as other programs call them: those of mosquitto_pub, openssl s_client, curl and gnutls-cli
 * come out of people's fingers.
 */
#ifndef TOOL_FOREIGN_H
#define TOOL_FOREIGN_H

#include "tools/cli/tool.h"

enum foreign_use {
	FOREIGN_SAME,   /* it is the option `name`, of the same argument */
	FOREIGN_TARGET, /* its argument is the TARGET */
	FOREIGN_PORT,   /* its argument is the port of the TARGET */
	FOREIGN_TOLD,   /* it could be taken for something else: `instead` is what to write */
};

struct foreign {
	const char *word; /* with its dashes */
	enum foreign_use use;
	const char *name;  /* the option that it is here */
	const char *value; /* of it, where the foreign one has none; or NULL */
	const char *instead;
};

/* The row of a word: "-CAfile", "--cacert", or "--cacert=FILE" and "-uNAME", whose value is then *attached (else NULL).
 * NULL: nobody is known to call anything so. */
const struct foreign *foreign_find(char *word, char **attached);

#endif
