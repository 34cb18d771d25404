/* SPDX-License-Identifier: MIT
 *
 * loads.c - what the TLS libraries of devices load of a file of certificates, as it is. Each row was tried with OpenSSL
 * 3.0, GnuTLS 3.7, mbedTLS 2.28, wolfSSL 5.5 and BearSSL 0.6: alone, and with other certificates before and behind.
 */
#include "verify/loads.h"

const char *const tbdi_stack_names[TBDI_STACK_COUNT] = {
	[TBDI_OPENSSL] = "openssl",
	[TBDI_GNUTLS] = "gnutls",
	[TBDI_MBEDTLS] = "mbedtls",
	[TBDI_WOLFSSL] = "wolfssl",
	[TBDI_BEARSSL] = "bearssl",
};

/* What a library does when it meets a defect. */
enum effect {
	FINE = '.',
	LOSES = 'l',       /* the certificate is not loaded */
	LOSES_TWO = 'b',   /* nor is the next one */
	REFUSES = 'r',     /* the file is not loaded */
	REFUSES_END = 'e', /* the same, unless another object stands behind: then it is lost */
	UNSEEN = 'u',      /* it does not see the BEGIN, whatever comes behind it */
	UNSEEN_IF = 'f',   /* the same, unless none with the usual label stands behind */
	STOPS = 's',       /* it sees no BEGIN any more */
};

/* In the order of enum tbdi_stack. */
static const char effects[][TBDI_STACK_COUNT + 1] = {
	[TBD_DEFECT_NONE] = ".....",
	[TBD_DEFECT_CRLF] = "....l",
	[TBD_DEFECT_BOM] = "....u",
	[TBD_DEFECT_BEGIN_BLANK] = "....l",
	[TBD_DEFECT_ODD_LINES] = "....r",
	[TBD_DEFECT_BEGIN_BLANKS] = "..s.l",
	[TBD_DEFECT_SPACES] = "..l..",
	[TBD_DEFECT_X509_LABEL] = ".fuu.",
	[TBD_DEFECT_TRUSTED_LABEL] = ".uuul",
	[TBD_DEFECT_REQUEST] = ".r...",
	[TBD_DEFECT_DER] = "rr.r.",
	[TBD_DEFECT_TEXT_BEHIND] = "r....",
	[TBD_DEFECT_BLANK_END] = "r....",
	[TBD_DEFECT_BLANK_LINES] = "r..l.",
	[TBD_DEFECT_TEXT_BEFORE] = "u...u",
	[TBD_DEFECT_JOINED_END] = "e...r",
	[TBD_DEFECT_JOINED_LINES] = "r...u",
	[TBD_DEFECT_INDENTED] = "u.l.u",
	[TBD_DEFECT_CR_LINE_ENDS] = "u.sll",
	[TBD_DEFECT_ONE_LINE] = "u.s.u",
	[TBD_DEFECT_MISSING_END] = "l.bbr",
	[TBD_DEFECT_DAMAGED] = "rrllr",
	[TBD_DEFECT_UNREADABLE] = "rrllr",
	[TBD_DEFECT_CUT_OFF] = "rrllr",
	[TBD_DEFECT_ESCAPED] = "ursuu",
	[TBD_DEFECT_C_SOURCE] = "ursuu",
	[TBD_DEFECT_PKCS7] = "lllll",
	[TBD_DEFECT_PKCS12] = "lllll",
	[TBD_DEFECT_JKS] = "lllll",
	[TBD_DEFECT_UTF16] = "lllll",
	[TBD_DEFECT_JSON] = "lllll",
	[TBD_DEFECT_HTML] = "lllll",
};
TBDI_TABLE_OF(effects, TBD_DEFECT_HTML);

static enum effect effect_of(
	enum tbd_defect defect, enum tbdi_stack stack, const struct tbdi_loaded *object)
{
	enum effect effect = (enum effect)effects[defect][stack];
	if (effect == REFUSES_END)
		return object->begin_follows ? LOSES : REFUSES;
	if (effect == UNSEEN_IF)
		return object->usual_follows ? UNSEEN : FINE;
	return effect;
}

/* What is done of all that the defects would have it do: what is not seen does no more harm. */
static enum effect effect_of_all(enum tbdi_stack stack, const struct tbdi_loaded *object)
{
	static const enum effect order[] = { FINE, LOSES, LOSES_TWO, REFUSES, STOPS, UNSEEN };
	size_t worst = 0;
	for (size_t defect = 1; defect < TBDI_COUNT(effects); defect++) {
		if ((object->defects & TBDI_DEFECT_BIT(defect)) == 0)
			continue;
		enum effect effect = effect_of((enum tbd_defect)defect, stack, object);
		for (size_t i = worst + 1; i < TBDI_COUNT(order); i++)
			worst = order[i] == effect ? i : worst;
	}
	return order[worst];
}

void tbdi_loads_object(struct tbdi_loads *loads, const struct tbdi_loaded *object)
{
	for (enum tbdi_stack stack = 0; stack < TBDI_STACK_COUNT; stack++) {
		bool lost = loads->of[stack].next_lost;
		enum effect effect = object->defects == 0 ? FINE : effect_of_all(stack, object);
		loads->of[stack].next_lost = effect == LOSES_TWO && !lost;
		loads->of[stack].stopped = loads->of[stack].stopped || effect == STOPS;
		if (lost || loads->of[stack].stopped)
			continue;
		loads->of[stack].refused = loads->of[stack].refused || effect == REFUSES;
		loads->of[stack].count += effect == FINE && object->is_new;
	}
}
