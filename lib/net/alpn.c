/* SPDX-License-Identifier: MIT
 *
 * alpn.c - the application protocols that a session offers (RFC 7301).
 */
#include "net/tls.h"

enum { NAMES_MAX = 8, NAME_MAX_LEN = 31 }; /* GnuTLS has room for no more */

/* The next name of a list that is separated by commas; false: there is none left. */
static bool next_name(const char **list, gnutls_datum_t *name)
{
	if (*list == NULL)
		return false;
	size_t len = strcspn(*list, ",");
	name->data = (unsigned char *)(uintptr_t)*list;
	name->size = (unsigned)len;
	*list = (*list)[len] == ',' ? *list + len + 1 : NULL;
	return true;
}

static bool is_printable(const gnutls_datum_t *name)
{
	for (unsigned i = 0; i < name->size; i++)
		if (name->data[i] <= ' ' || name->data[i] > '~')
			return false;
	return true;
}

bool tbdi_alpn_is_valid(const char *names)
{
	gnutls_datum_t name;
	size_t count = 0;
	for (; next_name(&names, &name); count++)
		if (name.size == 0 || name.size > NAME_MAX_LEN || !is_printable(&name))
			return false;
	return count <= NAMES_MAX;
}

int tbdi_alpn_offer(gnutls_session_t session, const char *names)
{
	gnutls_datum_t protocols[NAMES_MAX];
	unsigned count = 0;
	while (count < NAMES_MAX && next_name(&names, &protocols[count]))
		count++;
	return gnutls_alpn_set_protocols(session, protocols, count, 0);
}
