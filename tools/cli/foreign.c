/* SPDX-License-Identifier: MIT
 *
 * foreign.c - the table of what options are called elsewhere.
 */
#include "tools/cli/foreign.h"

#define TOKEN_INSTEAD                                                                           \
	"--token-file FILE, or the variable TBDIAG_TOKEN, as others can see the command line; " \
	"the user name of MQTT Basic is --username NAME"
#define PASSWORD_INSTEAD                                                                        \
	"--password-file FILE, or the variable TBDIAG_PASSWORD, as others can see the command " \
	"line; a port stands behind its host: HOST:PORT"

static const struct foreign rows[] = {
	{ "--cafile", FOREIGN_SAME, "ca-file", NULL, NULL },     /* mosquitto */
	{ "--CAfile", FOREIGN_SAME, "ca-file", NULL, NULL },     /* openssl */
	{ "-CAfile", FOREIGN_SAME, "ca-file", NULL, NULL },      /* openssl */
	{ "--cacert", FOREIGN_SAME, "ca-file", NULL, NULL },     /* curl */
	{ "--x509cafile", FOREIGN_SAME, "ca-file", NULL, NULL }, /* gnutls-cli */
	{ "--capath", FOREIGN_SAME, "ca-path", NULL, NULL },     /* mosquitto, curl */
	{ "--CApath", FOREIGN_SAME, "ca-path", NULL, NULL },
	{ "-CApath", FOREIGN_SAME, "ca-path", NULL, NULL }, /* openssl */
	{ "-servername", FOREIGN_SAME, "sni", NULL, NULL }, /* openssl */
	{ "--servername", FOREIGN_SAME, "sni", NULL, NULL },
	{ "-verify_hostname", FOREIGN_SAME, "verify-name", NULL, NULL }, /* openssl */
	{ "-tls1_2", FOREIGN_SAME, "tls-version", "1.2", NULL },         /* openssl */
	{ "-tls1_3", FOREIGN_SAME, "tls-version", "1.3", NULL },
	{ "--json", FOREIGN_SAME, "format", "json", NULL },
	{ "-connect", FOREIGN_TARGET, NULL, NULL, NULL }, /* openssl */
	{ "--connect", FOREIGN_TARGET, NULL, NULL, NULL },
	{ "-h", FOREIGN_TARGET, NULL, NULL, NULL }, /* mosquitto; alone it is help */
	{ "--host", FOREIGN_TARGET, NULL, NULL, NULL },
	{ "-p", FOREIGN_PORT, NULL, NULL, NULL }, /* mosquitto, gnutls-cli */
	{ "--port", FOREIGN_PORT, NULL, NULL, NULL },
	{ "-u", FOREIGN_TOLD, "token-file", NULL,
		TOKEN_INSTEAD }, /* mosquitto; to curl with a password */
	{ "--access-token", FOREIGN_TOLD, "token-file", NULL, TOKEN_INSTEAD },
	{ "-P", FOREIGN_TOLD, "password-file", NULL,
		PASSWORD_INSTEAD }, /* mosquitto; to nmap a port */
	/* To mosquitto a time, and to curl to believe anybody. */
	{ "-k", FOREIGN_TOLD, "insecure", NULL, "--insecure: the token goes to whoever answers" },
	{ "-d", FOREIGN_TOLD, "verbose", NULL, "-v" }, /* to gnutls-cli with a number */
	{ "-i", FOREIGN_TOLD, "client-id", NULL, "--client-id ID" },
	{ "-V", FOREIGN_TOLD, "mqtt-version", NULL, "--mqtt-version 3.1|3.1.1|5" },
	{ "--tls-max", FOREIGN_TOLD, "tls-version", NULL, "--tls-version 1.2|1.3: that one only" },
};

/* Whether a word is this one, alone or with a value at its end: that is *attached then. */
static bool is_spelled(const struct foreign *row, char *word, char **attached)
{
	size_t len = strlen(row->word);
	*attached = NULL;
	if (strncmp(word, row->word, len) != 0)
		return false;
	if (word[len] == '\0')
		return true;
	/* "-hv" is not the host "v". */
	bool is_long = row->word[1] == '-', is_letter = len == 2 && row->use != FOREIGN_TARGET;
	*attached = word + len + is_long;
	return is_long ? word[len] == '=' : is_letter;
}

const struct foreign *foreign_find(char *word, char **attached)
{
	const struct foreign *found = NULL;
	/* A letter with its value begins as some longer word does. */
	for (size_t i = 0; i < TOOL_COUNT(rows); i++) {
		char *value = NULL;
		if (!is_spelled(&rows[i], word, &value) ||
			(found != NULL && strlen(rows[i].word) < strlen(found->word)))
			continue;
		found = &rows[i];
		*attached = value;
	}
	return found;
}
