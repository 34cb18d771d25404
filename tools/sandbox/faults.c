/* SPDX-License-Identifier: MIT
 *
 * faults.c - how the sandbox misbehaves when it is asked to.
 */
#include "config.h"

#include "faults.h"

#include <errno.h>
#include <stddef.h>
#include <stdlib.h>
#include <string.h>

#include "banned.h"

enum { MS_MAX = 3600 * 1000 };

#define AT(member) offsetof(struct faults, member)

/* One row a fault. */
static const struct fault {
	const char *name;
	const char *arg; /* NULL: takes none; in brackets: may be left out */
	const char *help;
	size_t offset; /* of a bool, or of an int when there is an argument */
	int usual;     /* the argument that was left out; 0: it may not be */
} table[] = {
	{ "close-on-publish", NULL, "every PUBLISH closes the connection", AT(close_on_publish),
		0 },
	{ "no-response", NULL, "requests are acknowledged, never answered", AT(no_response), 0 },
	{ "late-response", "[MS]", "answers come MS later; 3000 unless given", AT(late_response),
		3000 },
	{ "wrong-id", NULL, "answers bear the id of another request", AT(wrong_id), 0 },
	{ "visible-after", "MS", "what is written shows after MS", AT(visible_after), 0 },
};

enum { FAULT_COUNT = sizeof(table) / sizeof(table[0]) };

static const struct fault *find(const char *name)
{
	for (size_t i = 0; i < FAULT_COUNT; i++)
		if (strcmp(table[i].name, name) == 0)
			return &table[i];
	return NULL;
}

static bool read_ms(const char *text, int *ms)
{
	char *end = NULL;
	errno = 0;
	long value = strtol(text, &end, 10);
	if (errno != 0 || text[0] < '0' || text[0] > '9' || *end != '\0' || value < 1 ||
		value > MS_MAX)
		return false;
	*ms = (int)value;
	return true;
}

const char *faults_add(struct faults *faults, char *text)
{
	char *arg = strchr(text, '=');
	if (arg != NULL)
		*arg++ = '\0';
	const struct fault *fault = find(text);
	if (fault == NULL)
		return "wants a KIND of fault, see --help";
	char *place = (char *)faults + fault->offset;
	if (fault->arg == NULL) {
		*(bool *)place = true;
		return arg == NULL ? NULL : "wants no argument for this KIND";
	}
	int *ms = (int *)(void *)place;
	*ms = fault->usual;
	if (arg == NULL ? *ms > 0 : read_ms(arg, ms))
		return NULL;
	return "wants milliseconds for this KIND, 1 to 3600000";
}

char *faults_help(void)
{
	enum { COLUMN = 22 };
	char *text = NULL;
	size_t len = 0;
	FILE *out = open_memstream(&text, &len);
	if (out == NULL)
		return NULL;
	for (size_t i = 0; i < FAULT_COUNT; i++) {
		const struct fault *fault = &table[i];
		const char *arg = fault->arg != NULL ? fault->arg : "";
		bool optional = arg[0] == '[';
		int width = fprintf(out, "  %s%s%s%s", fault->name, optional ? "[" : "",
			arg[0] != '\0' ? "=" : "", arg + optional);
		fprintf(out, "%*s%s\n", width < COLUMN ? COLUMN - width : 1, "", fault->help);
	}
	if (fclose(out) == 0)
		return text;
	free(text);
	return NULL;
}
