/* SPDX-License-Identifier: MIT
 *
 * environment.c - where a report was made: versions, system, clock, resolver, and the digests of what is trusted.
 */
#include "report/report.h"

#include "report/schema.h"
#include "base/file.h"

#include <ctype.h>
#include <sys/timex.h>
#include <sys/utsname.h>

static const char *const none[] = { NULL };

/* ---- files of the system ---------------------------------------------------------------------- */

/* Take the next line off the text. */
static bool next_line(struct tbd_bytes *text, struct tbd_bytes *line)
{
	if (text->len == 0)
		return false;
	const uint8_t *end = memchr(text->data, '\n', text->len);
	*line = (struct tbd_bytes){ text->data,
		end != NULL ? (size_t)(end - text->data) : text->len };
	size_t taken = line->len + (end != NULL);
	text->data += taken;
	text->len -= taken;
	return true;
}

/* Cut a word at the beginning, and the space round it. False: the line does not begin with it. */
static bool cut_word(struct tbd_bytes *line, const char *word)
{
	size_t len = strlen(word);
	while (line->len > 0 && isspace(*line->data))
		line->data++, line->len--;
	if (line->len < len || memcmp(line->data, word, len) != 0)
		return false;
	line->data += len;
	line->len -= len;
	while (line->len > 0 && isspace(*line->data))
		line->data++, line->len--;
	while (line->len > 0 && isspace(line->data[line->len - 1]))
		line->len--;
	return true;
}

const char *const *tbdi_nameservers(struct tbdi_arena *arena, struct tbd_bytes text)
{
	const char **servers =
		tbdi_arena_alloc(arena, (TBDI_NAMESERVERS_MAX + 1) * sizeof(*servers));
	struct tbd_bytes line;
	size_t count = 0;
	while (servers != NULL && count < TBDI_NAMESERVERS_MAX && next_line(&text, &line)) {
		size_t len = 0;
		if (!cut_word(&line, "nameserver"))
			continue;
		while (len < line.len && !isspace(line.data[len]))
			len++;
		if (len == 0)
			continue;
		servers[count] = tbdi_arena_utf8(arena, line.data, len);
		if (servers[count++] == NULL)
			return NULL;
	}
	return servers;
}

int tbdi_hosts_lookup(struct tbdi_arena *arena, struct tbd_bytes text, const char **out)
{
	struct tbd_bytes line;
	*out = NULL;
	while (next_line(&text, &line))
		if (cut_word(&line, "hosts:")) {
			*out = tbdi_arena_utf8(arena, line.data, line.len);
			return *out == NULL ? TBD_E_NOMEM : 0;
		}
	return 0;
}

/* The value is a word of the shell: quoted, or not. */
int tbdi_system_name(struct tbdi_arena *arena, struct tbd_bytes text, const char **out)
{
	struct tbd_bytes line;
	*out = NULL;
	while (next_line(&text, &line)) {
		if (!cut_word(&line, "PRETTY_NAME="))
			continue;
		if (line.len >= 2 && (*line.data == '"' || *line.data == '\'') &&
			line.data[line.len - 1] == *line.data) {
			line.data++;
			line.len -= 2;
		}
		*out = tbdi_arena_utf8(arena, line.data, line.len);
		return *out == NULL ? TBD_E_NOMEM : 0;
	}
	return 0;
}

/* What is not there is empty. */
static int read_file(const char *path, struct tbdi_file *file)
{
	int rc = tbdi_file_read(path, file, NULL);
	if (rc < 0)
		*file = (struct tbdi_file){ 0 };
	return rc == TBD_E_NOMEM ? rc : 0;
}

static int read_nameservers(struct tbdi_arena *arena, struct tbd_environment *environment)
{
	struct tbdi_file file;
	int rc = read_file("/etc/resolv.conf", &file);
	if (rc < 0)
		return rc;
	environment->nameservers = tbdi_nameservers(arena, file.bytes);
	tbdi_file_release(&file);
	return environment->nameservers == NULL ? TBD_E_NOMEM : 0;
}

static int read_text(struct tbdi_arena *arena, const char *path, const char **out,
	int (*find)(struct tbdi_arena *arena, struct tbd_bytes text, const char **out))
{
	struct tbdi_file file;
	int rc = read_file(path, &file);
	if (rc == 0)
		rc = find(arena, file.bytes, out);
	tbdi_file_release(&file);
	return rc;
}

static int read_files(struct tbdi_arena *arena, struct tbd_environment *environment)
{
	int rc = read_nameservers(arena, environment);
	if (rc == 0)
		rc = read_text(
			arena, "/etc/nsswitch.conf", &environment->hosts_lookup, tbdi_hosts_lookup);
	if (rc == 0)
		rc = read_text(arena, "/etc/os-release", &environment->system, tbdi_system_name);
	if (rc == 0 && environment->system == NULL)
		rc = read_text(
			arena, "/usr/lib/os-release", &environment->system, tbdi_system_name);
	return rc;
}

/* ---- the rest of the system ------------------------------------------------------------------- */

static int ask_system(struct tbdi_arena *arena, struct tbd_environment *environment, int64_t clock)
{
	struct utsname names;
	struct timex timex = { .modes = 0 };
	struct tm local;
	time_t now = (time_t)clock;
	if (uname(&names) == 0) {
		environment->kernel = tbdi_arena_printf(
			arena, "%s %s %s", names.sysname, names.release, names.machine);
		if (environment->kernel == NULL)
			return TBD_E_NOMEM;
	}
	environment->clock_synchronised = adjtimex(&timex) >= 0 && (timex.status & STA_UNSYNC) == 0;
	if (localtime_r(&now, &local) == NULL)
		return 0;
	environment->utc_offset_s = (int)local.tm_gmtoff;
	environment->time_zone = tbdi_arena_utf8(arena, local.tm_zone, strlen(local.tm_zone));
	return environment->time_zone == NULL ? TBD_E_NOMEM : 0;
}

static const char *copy(struct tbdi_arena *arena, const char *text, bool *failed)
{
	const char *copied = text != NULL ? tbdi_arena_strdup(arena, text) : NULL;
	*failed |= text != NULL && copied == NULL;
	return copied;
}

static int ask_components(struct tbdi_arena *arena, struct tbd_environment *environment)
{
	struct tbd_component *list = NULL;
	bool failed = false;
	size_t count = 0;
	if (tbd_components(&list, NULL) < 0)
		return TBD_E_NOMEM;
	while (list[count].name != NULL)
		count++;
	struct tbd_component *kept = tbdi_arena_memdup(arena, list, count * sizeof(*list));
	for (size_t i = 0; kept != NULL && i < count; i++)
		kept[i].version = copy(arena, list[i].version, &failed);
	free(list);
	environment->components = kept;
	environment->component_count = count;
	return kept == NULL || failed ? TBD_E_NOMEM : 0;
}

static int keep_command_line(
	struct tbdi_arena *arena, struct tbd_environment *environment, const char *const *words)
{
	struct tbdi_list list = { 0 };
	environment->command_line = none;
	for (; words != NULL && *words != NULL; words++)
		if (tbdi_list_add(arena, &list, tbdi_arena_utf8(arena, *words, strlen(*words))) < 0)
			return TBD_E_NOMEM;
	if (list.count > 0)
		environment->command_line = (const char *const *)(void *)list.items;
	return 0;
}

/* ---- trust sources ---------------------------------------------------------------------------- */

/* The digest of a file as it is now, or NULL. */
static const char *digest(struct tbdi_arena *arena, const char *path)
{
	struct tbdi_file file;
	if (tbdi_file_read(path, &file, NULL) < 0)
		return NULL;
	const char *sha256 = tbdi_arena_sha256(arena, file.bytes.data, file.bytes.len);
	tbdi_file_release(&file);
	return sha256;
}

/* The sources are the trust store's: a report that says more of them has its own. */
static int digest_sources(struct tbdi_arena *arena, struct tbd_report *report)
{
	if (report->trust == NULL)
		return 0;
	struct tbd_trust_info *trust = tbdi_arena_memdup(arena, report->trust, sizeof(*trust));
	struct tbdi_list sources = { 0 };
	if (trust == NULL)
		return TBD_E_NOMEM;
	for (size_t i = 0; i < trust->source_count; i++) {
		struct tbd_trust_source *source =
			tbdi_arena_memdup(arena, trust->sources[i], sizeof(*source));
		if (tbdi_list_add(arena, &sources, source) < 0)
			return TBD_E_NOMEM;
		if (source->sha256 == NULL)
			source->sha256 = digest(arena, source->path);
	}
	trust->sources = (const struct tbd_trust_source *const *)(void *)sources.items;
	report->trust = trust;
	return 0;
}

int tbd_report_environment(
	struct tbd_report *report, const char *const *command_line, struct tbd_error *error)
{
	int rc = tbdi_report_writable(report, error);
	if (rc < 0)
		return rc;
	struct tbdi_arena *arena = &tbdi_report_of(report)->arena;
	struct tbd_environment *environment = tbdi_arena_alloc(arena, sizeof(*environment));
	if (environment == NULL || keep_command_line(arena, environment, command_line) < 0 ||
		ask_components(arena, environment) < 0 || read_files(arena, environment) < 0 ||
		ask_system(arena, environment, report->clock) < 0 ||
		digest_sources(arena, report) < 0)
		return tbdi_fail_nomem(error);
	report->environment = environment;
	return 0;
}
