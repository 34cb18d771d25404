/* SPDX-License-Identifier: MIT
 *
 * offers.c - what a ClientHello offers, by name.
 */
#include "tools/listen/offers.h"

/* Bytes of a peer as ASCII; what is none, and the backslash, as \xNN. */
static const char *put_escaped(char *text, const char *bytes)
{
	char *at = text;
	for (; *bytes != '\0'; bytes++)
		if (*bytes >= ' ' && *bytes <= '~' && *bytes != '\\')
			*at++ = *bytes;
		else
			at += snprintf(at, 5, "\\x%02x", (unsigned char)*bytes);
	*at = '\0';
	return text;
}

static bool has_extension(const struct replay_hello *hello, uint16_t type)
{
	for (size_t i = 0; i < hello->extensions.count; i++)
		if (hello->extensions.value[i] == type)
			return true;
	return false;
}

/* Before TLS 1.3 there was no list: what a client has up to this version, nobody knows. */
static const char *const *fill_versions(struct offers *offers, const struct replay_hello *from)
{
	const struct replay_list latest = { .value = { from->version }, .count = 1 };
	return names_fill(&offers->versions, NAMES_VERSION,
		from->versions.count > 0 ? &from->versions : &latest);
}

void offers_fill(struct offers *offers, const struct replay_hello *from, uint16_t suite)
{
	enum { SESSION_TICKET = 35 };
	struct listen_hello *to = &offers->hello;
	to->versions = fill_versions(offers, from);
	to->suites = names_fill(&offers->suites, NAMES_SUITE, &from->suites);
	to->groups = names_fill(&offers->groups, NAMES_GROUP, &from->groups);
	to->signatures = names_fill(&offers->signatures, NAMES_SIGNATURE, &from->signatures);
	to->extensions = names_fill(&offers->extensions, NAMES_EXTENSION, &from->extensions);
	to->server_name =
		from->name[0] != '\0' ? put_escaped(offers->server_name, from->name) : NULL;
	for (size_t i = 0; i < from->alpn_count; i++)
		offers->alpn[i] = put_escaped(offers->alpn_text[i], from->alpn[i]);
	offers->alpn[from->alpn_count] = NULL;
	to->alpn = offers->alpn;
	to->max_fragment = from->max_fragment > 0 ? (int)from->max_fragment : -1;
	to->session_ticket = has_extension(from, SESSION_TICKET);
	to->suite = suite != 0 ? names_of(NAMES_SUITE, suite, offers->suite) : NULL;
}
