/* SPDX-License-Identifier: MIT
 *
 * verify.c - the verdict over a chain: a path to an anchor, and the name.
 */
#include "verify.h"

/* RFC 8446 6.2 */
enum {
	ALERT_BAD_CERTIFICATE = 42,
	ALERT_UNSUPPORTED_CERTIFICATE = 43,
	ALERT_CERTIFICATE_EXPIRED = 45,
	ALERT_CERTIFICATE_UNKNOWN = 46,
	ALERT_UNKNOWN_CA = 48,
	ALERT_DECRYPT_ERROR = 51,
};

/* OpenSSL's ssl_x509err2alert(), but for a certificate that is not valid yet, where RFC 8446 lets
 * certificate_expired stand for both ends. */
static int fault_alert(enum tbd_fault fault)
{
	switch (fault) {
	case TBD_FAULT_NO_ISSUER:
	case TBD_FAULT_UNTRUSTED_ROOT:
	case TBD_FAULT_NOT_A_CA:
	case TBD_FAULT_PATH_LENGTH:
		return ALERT_UNKNOWN_CA;
	case TBD_FAULT_BAD_SIGNATURE:
		return ALERT_DECRYPT_ERROR;
	case TBD_FAULT_PURPOSE:
		return ALERT_UNSUPPORTED_CERTIFICATE;
	case TBD_FAULT_EXPIRED:
	case TBD_FAULT_NOT_YET_VALID:
		return ALERT_CERTIFICATE_EXPIRED;
	case TBD_FAULT_NAME_CONSTRAINTS:
	case TBD_FAULT_UNKNOWN_CRITICAL:
		return ALERT_CERTIFICATE_UNKNOWN;
	case TBD_FAULT_NONE:
	case TBD_FAULT_WEAK_SIGNATURE:
	case TBD_FAULT_WEAK_KEY:
	case TBD_FAULT_MALFORMED:
		break;
	}
	return ALERT_BAD_CERTIFICATE;
}

int tbdi_verification_alert(const struct tbd_verification *verification)
{
	bool has_path = verification != NULL && verification->path != NULL;
	return has_path ? fault_alert(verification->path->fault) : ALERT_BAD_CERTIFICATE;
}
