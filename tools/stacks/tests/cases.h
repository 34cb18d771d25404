/* SPDX-License-Identifier: MIT
 *
 * cases.h - chains and trust files on which stacks part, and what each says to them.
 */
#ifndef STACKS_CASES_H
#define STACKS_CASES_H

#include "certs/mint.h"

/* A stack that refuses, and why. Who is not named accepts. */
struct refusal {
	const char *who; /* "openssl": all its modes; or "openssl/strict"; NULL ends a list */
	int code;        /* 0: whichever */
	const char *why;
	const char *version; /* how the version begins that it holds for; NULL: any */
};

enum alteration {
	AS_IT_IS,
	ONE_LINE,    /* no line ends at all */
	GLUED,       /* END and BEGIN on one line */
	INDENTED,    /* by two spaces, as YAML does */
	BLANK_LINES, /* one after each line */
	CR_ENDS,
	CRLF_ENDS,
	BOM,
	TRUNCATED,  /* in the middle of the last certificate */
	SHORTENED,  /* the first certificate by the end of its base64 */
	BAD_DER,    /* first comes what is base64, but no certificate */
	BAD_BASE64, /* a character of the first certificate that is none of base64 */
	TEXT_BEFORE,
	BARE_DER,
	UTF_16,
	ESCAPED, /* "\n" as two characters */
};

/* Certificates are named by letters: r root, i intermediate (its issuer is the root), l leaf (of the intermediate; of the root
 * when `no_intermediate`), o another root, x the root's name and key certified by the other root. What a specification leaves
 * open is P-256 and good today; a leaf without a name of its own is for tb.test. A leaf that is called "self" signs itself. */
struct stack_case_row {
	const char *label; /* what is odd, and its ticket */
	struct mint_spec root, intermediate, leaf, other, cross;
	bool no_intermediate;
	bool rsa;            /* all keys */
	const char *sent;    /* NULL: "li", or "l" */
	const char *trusted; /* NULL: "r" */
	enum alteration altered;
	const char *host; /* NULL: tb.test */
	struct refusal refusals[14];
};

extern const struct stack_case_row stack_case_rows[];
extern const size_t stack_case_count;

#endif
