/* SPDX-License-Identifier: MIT
 *
 * tbdiag.c - the dispatcher: "tbdiag NAME" becomes the program tbdiag-NAME. It links none of the
 * libraries, so that it costs next to nothing.
 */
#include "tools/cli/nearest.h"
#include "tools/cli/output.h"
#include "tools/cli/subcommands.h"
#include "tools/cli/process.h"

#include <ctype.h>
#include <errno.h>
#include <fcntl.h>
#include <spawn.h>
#include <sys/wait.h>
#include <unistd.h>

static const struct {
	const char *name;
	const char *summary;
} overview[] = {
	{ "chain", "show the certificates that a server sends" },
	{ "verify", "judge them as a device would, and explain what is wrong" },
	{ "trust", "find the file that a device has to trust a server by" },
	{ "roundtrip", "write and read an attribute with a device's token" },
	{ "report", "all of that in one run, as a ticket to hand on" },
	{ "lint", "look at a trust file, or at a server's certificates and key" },
	{ "explain", "explain a finding, or what a device printed" },
	{ "listen", "show a server's certificates to a device on the bench" },
	{ "sandbox", "run a local ThingsBoard to try things on" },
	{ "version", "show versions of the program, its libraries and parts" },
};

/* The names are sorted, and few. */
static bool is_present(char **names, const char *name)
{
	for (; *names != NULL; names++)
		if (strcmp(*names, name) == 0)
			return true;
	return false;
}

static const char *summary_of(const char *name)
{
	for (size_t i = 0; i < TOOL_COUNT(overview); i++)
		if (strcmp(overview[i].name, name) == 0)
			return overview[i].summary;
	return NULL;
}

/* Those that are present: ours in the order of the table, then those of others. */
static void print_names(
	FILE *out, char **names, void (*print)(FILE *out, const char *name, const char *summary))
{
	for (size_t i = 0; i < TOOL_COUNT(overview); i++)
		if (is_present(names, overview[i].name))
			print(out, overview[i].name, overview[i].summary);
	for (; *names != NULL; names++)
		if (summary_of(*names) == NULL)
			print(out, *names, "");
}

static void print_in_columns(FILE *out, const char *name, const char *summary)
{
	fprintf(out, "  tbdiag %-10s %s\n", name, summary);
}

static void print_with_tab(FILE *out, const char *name, const char *summary)
{
	fprintf(out, "%s\t%s\n", name, summary);
}

static void print_overview(FILE *out, char **names)
{
	fputs("Usage: tbdiag NAME [OPTION]... [TARGET]\n\n"
	      "Diagnose the connection of a device to a ThingsBoard server.\n\n",
		out);
	print_names(out, names, print_in_columns);
	fputs("\n'tbdiag NAME --help' shows the options, 'tbdiag help NAME' the manual.\n", out);
}

/* For completion, and for other programs: "NAME<TAB>SUMMARY". */
static void print_commands(FILE *out, char **names)
{
	print_names(out, names, print_with_tab);
}

static int show(const struct place *place, void (*print)(FILE *out, char **names))
{
	struct output output;
	char **names = place_names(place);
	if (names == NULL)
		return STATUS_FAILED;
	if (output_open(&output) == 0)
		print(output.stream, names);
	place_names_free(names);
	return output_close(&output, NULL) < 0 ? STATUS_FAILED : STATUS_OK;
}

static int wants_name(const struct place *place)
{
	char **names = place_names(place);
	if (names != NULL)
		print_overview(stderr, names);
	place_names_free(names);
	complain("a subcommand is wanted, as in 'tbdiag verify HOST'");
	return STATUS_FAILED;
}

/* Such as a target is made of. */
static bool may_be_host(const char *word)
{
	const char *mark = strstr(word, "://"), *host = mark != NULL ? mark + 3 : word;
	return isalnum((unsigned char)*host) || *host == '[';
}

static int unknown_name(const struct place *place, const char *name)
{
	struct nearest nearest = { .word = name };
	char **names = place_names(place);
	for (char **known = names; known != NULL && *known != NULL; known++)
		nearest_offer(&nearest, *known);
	if (nearest.best != NULL)
		complain("there is no 'tbdiag %s', did you mean 'tbdiag %s'?", name, nearest.best);
	else if (may_be_host(name) && is_present(names, "verify"))
		complain("there is no 'tbdiag %s'; 'tbdiag verify %s' judges a host of that name, "
			 "'tbdiag --help' lists what else there is",
			name, name);
	else
		complain("there is no 'tbdiag %s'; 'tbdiag --help' lists what there is", name);
	place_names_free(names);
	return STATUS_FAILED;
}

/* Uninstalled, the library finds its modules only when told where they are. */
static int point_to_modules(const struct place *place)
{
	char *dir = NULL;
	if (asprintf(&dir, "%s/../lib/.libs", place->dir) < 0)
		return -1;
	int rc = setenv("TBDIAG_MODULE_DIR", dir, 0);
	free(dir);
	return rc;
}

/* Become tbdiag-NAME; argv[0] is the name. Returns only when that fails. */
static int become(const struct place *place, const char **argv)
{
	char *path = NULL;
	const char *name = argv[0];
	if (*name == '\0' || strpbrk(name, "/.") != NULL)
		return unknown_name(place, name);
	if ((place->is_built && point_to_modules(place) < 0) ||
		asprintf(&path, "%s/tbdiag-%s", place->dir, name) < 0) {
		complain("out of memory");
		return STATUS_FAILED;
	}
	argv[0] = path;
	execv(path, (char *const *)(void *)argv);
	int status = STATUS_FAILED;
	if (errno == ENOENT)
		status = unknown_name(place, name);
	else
		complain("cannot run %s: %s", path, strerror(errno));
	free(path);
	return status;
}

static int become_with(const struct place *place, const char *name, const char *option)
{
	const char *argv[] = { name, option, NULL };
	return become(place, argv);
}

/* The name or file under which man(1) has the page. */
static char *page_of(const struct place *place, const char *name)
{
	char *page = NULL;
	int len = place->is_built ? asprintf(&page, "%s/../man/tbdiag-%s.1", place->dir, name)
				  : asprintf(&page, "tbdiag-%s", name);
	return len < 0 ? NULL : page;
}

/* Ask man(1) silently whether it has the page. */
static bool has_page(const char *page)
{
	const char *argv[] = { "man", "-w", page, NULL };
	posix_spawn_file_actions_t actions;
	if (posix_spawn_file_actions_init(&actions) != 0)
		return false;
	pid_t pid = -1;
	int status = -1;
	if (posix_spawn_file_actions_addopen(&actions, 1, "/dev/null", O_WRONLY, 0) == 0 &&
		posix_spawn_file_actions_adddup2(&actions, 1, 2) == 0 &&
		posix_spawnp(&pid, "man", &actions, NULL, (char *const *)(void *)argv, environ) ==
			0)
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
	posix_spawn_file_actions_destroy(&actions);
	return status == 0;
}

static int help_for(const struct place *place, const char *name)
{
	char *page = page_of(place, name);
	if (page != NULL && has_page(page))
		execlp("man", "man", page, (char *)NULL);
	free(page);
	return become_with(place, name, "--help");
}

static int dispatch(const struct place *place, int argc, const char **argv)
{
	if (argc < 2)
		return wants_name(place);
	if (strcmp(argv[1], "--version") == 0)
		return become_with(place, "version", NULL);
	if (strcmp(argv[1], "--help") == 0 || strcmp(argv[1], "-h") == 0)
		return show(place, print_overview);
	if (strcmp(argv[1], "--list-commands") == 0)
		return show(place, print_commands);
	if (strcmp(argv[1], "help") == 0)
		return argc > 2 ? help_for(place, argv[2]) : show(place, print_overview);
	if (argv[1][0] == '-') {
		complain("'%s' stands where a subcommand is wanted: tbdiag NAME [OPTION]...",
			argv[1]);
		return STATUS_FAILED;
	}
	return become(place, argv + 1);
}

int main(int argc, char **argv)
{
	process_start("tbdiag");
	struct place place = { 0 };
	int status = place_find(&place) < 0 ? STATUS_FAILED
					    : dispatch(&place, argc, (const char **)(void *)argv);
	place_free(&place);
	process_obey();
	return status;
}
