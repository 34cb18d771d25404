/* SPDX-License-Identifier: MIT
 *
 * banned.h - functions that are too easy to use wrongly are compile errors.
 */
#ifndef TBDI_BANNED_H
#define TBDI_BANNED_H

#undef strcpy
#undef strcat
#undef strncpy
#undef strncat
#undef sprintf
#undef vsprintf
#undef strtok
#undef gets
#undef atoi
#undef atol
#undef atoll
#undef gmtime
#undef localtime
#undef ctime
#undef asctime
#undef alloca

#pragma GCC poison strcpy strcat strncpy strncat sprintf vsprintf strtok gets atoi atol atoll \
	gmtime localtime ctime asctime alloca

#endif
