/* SPDX-License-Identifier: MIT
 *
 * error.c - the text of a failure, in the caller's memory.
 */
#include "base/common.h"

#include <stdarg.h>

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
