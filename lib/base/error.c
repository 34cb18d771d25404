/* SPDX-License-Identifier: MIT
 *
 * error.c - the text of a failure, in the caller's memory, and what failures are called.
 */
#include "base/common.h"

#include <stdarg.h>

const char *tbd_err_name(int err)
{
	static const char *const names[] = {
		"ok",
		[-TBD_E_NOMEM] = "no-memory",
		[-TBD_E_INVALID] = "invalid",
		[-TBD_E_TARGET] = "target",
		[-TBD_E_OPEN] = "open",
		[-TBD_E_TOO_LARGE] = "too-large",
		[-TBD_E_MODULE] = "module",
		[-TBD_E_SYSTEM] = "system",
		[-TBD_E_CRYPTO] = "crypto",
		[-TBD_E_CANCELLED] = "cancelled",
		[-TBD_E_FORMAT] = "format",
	};
	TBDI_TABLE_OF(names, -TBD_E_FORMAT);
	if (err >= 0)
		return names[0];
	return -(int64_t)err < (int64_t)TBDI_COUNT(names) ? names[-err] : "unknown";
}

int tbdi_fail(struct tbd_error *error, enum tbd_err code, const char *format, ...)
{
	if (error == NULL)
		return code;
	va_list args;
	va_start(args, format);
	vsnprintf(error->text, sizeof(error->text), format, args);
	va_end(args);
	return code;
}

int tbdi_fail_nomem(struct tbd_error *error)
{
	return tbdi_fail(error, TBD_E_NOMEM, "out of memory (a report may take 64 MiB)");
}
