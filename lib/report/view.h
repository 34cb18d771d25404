/* SPDX-License-Identifier: MIT
 *
 * view.h - a report, or a set of them, on its way to a person: the pieces that the sections are put together of, and
 * the sections.
 */
#ifndef TBDI_VIEW_H
#define TBDI_VIEW_H

#include "report/flow.h"

/* What is written, and how. The report is the one that is shown just now. */
struct tbdi_view {
	struct tbdi_page page;
	const struct tbd_text_options *options;
	const struct tbd_report *report; /* NULL: what is shown is of the set as a whole */
	const struct tbd_set *set;       /* NULL: the report stands for itself */
	char *labels; /* of a set's report, and of those that are like it; or NULL */
	char *text;   /* what was written, as far as it was flushed */
	bool verbose;
	bool needs_room; /* before the next finding */
	bool failed;     /* out of memory */
};

/* ---- small pieces: view.c -------------------------------------------------------------------- */

/* The title of what follows; and that of a section, which says of whom it is where several reports are shown. */
void tbdi_view_heading(struct tbdi_view *view, const char *title);
void tbdi_view_section(struct tbdi_view *view, const char *title);

/* "label value" in the column of labels; NULL: nothing. */
void tbdi_view_field(struct tbdi_view *view, int indent, const char *label, const char *value);
void tbdi_view_format(struct tbdi_view *view, int indent, const char *label, const char *format,
	...) TBDI_PRINTF(4, 5);

/* Items, which end in NULL: on one line each, the label before the first; or "a, b, c". */
void tbdi_view_list(
	struct tbdi_view *view, int indent, const char *label, const char *const *items);
void tbdi_view_joined(
	struct tbdi_view *view, int indent, const char *label, const char *const *items);

/* "2  CN=..." */
void tbdi_view_numbered(struct tbdi_view *view, size_t number, const char *text);

/* A severity's word, in its colour; and a text in the colour of what is critical. */
void tbdi_view_severity(struct tbdi_view *view, enum tbd_severity severity);
void tbdi_view_alarm(struct tbdi_view *view, const char *text);

/* A value that is put together: tbdi_join_begin() gives a stream, tbdi_join_end() shows what it took. */
struct tbdi_joined {
	FILE *stream;
	char *text;
	size_t len;
};
bool tbdi_join_begin(struct tbdi_view *view, struct tbdi_joined *joined);
void tbdi_join_end(
	struct tbdi_view *view, int indent, const char *label, struct tbdi_joined *joined);

static inline const char *tbdi_or_else(const char *text, const char *instead)
{
	return text != NULL ? text : instead;
}

/* For "%s%s": a text after what stands before it, or nothing. */
#define TBDI_AFTER(before, text) (text) != NULL ? (before) : "", tbdi_or_else(text, "")

/* For "%s%s%s": it in parentheses, or nothing. */
#define TBDI_ASIDE(text) TBDI_AFTER(" (", text), (text) != NULL ? ")" : ""

/* For "%s%s%s": a host as it stands before a port. */
#define TBDI_HOST(host) \
	strchr(host, ':') != NULL ? "[" : "", (host), strchr(host, ':') != NULL ? "]" : ""

/* For "%zu thing%s". */
#define TBDI_PLURAL(count) (size_t)(count), (count) == 1 ? "" : "s"

struct tbdi_duration {
	char text[32];
};
struct tbdi_duration tbdi_duration(int64_t us);

/* "364 days left", "expired 1 day ago", "valid in 2 days" */
struct tbdi_duration tbdi_remaining(const struct tbd_cert *cert, int64_t now);

/* Its subject, or what there is instead. */
const char *tbdi_subject_of(const struct tbd_cert *cert);

/* A file without its directories, but for a device, such as standard input. */
const char *tbdi_base_name(const char *path);

/* It is about certificates. */
static inline bool tbdi_is_of_chain(const struct tbd_finding *finding)
{
	return finding->stage >= TBD_STAGE_CHAIN && finding->stage <= TBD_STAGE_POLICY;
}

/* A word as a shell would read it again; not escaped for a terminal. */
void tbdi_put_shell_word(FILE *out, const char *word);

/* ---- sections -------------------------------------------------------------------------------- */

/* Findings: each with the host it is about, its sentence, its fix, and at length the evidence. */
void tbdi_view_findings(
	struct tbdi_view *view, const struct tbd_finding *const *findings, size_t count);

/* Of one its sentence and its fix only. */
void tbdi_view_remedy(struct tbdi_view *view, const struct tbd_finding *finding);

/* The last line: the finding that counts (NULL: none), and how more is shown. On a terminal on which the first line has
 * scrolled away, its sentence and its fix stand here again. */
void tbdi_view_verdict(struct tbdi_view *view, const struct tbd_finding *finding);

/* "localhost:8883", or the file, that it is about, after what stands before it; or nothing. */
void tbdi_view_put_subject(const struct tbdi_view *view, FILE *out, const char *before);

/* The path from the server's certificate to the anchor, and where it breaks; false: there is none to show. */
bool tbdi_view_has_picture(const struct tbdi_view *view);
void tbdi_view_picture(struct tbdi_view *view);

/* All that was seen is shown: it was asked for, or the report is for others, who cannot ask. */
bool tbdi_view_is_full(const struct tbdi_view *view);

/* Something is wrong with the certificates; or with anything else. What is fine need not be shown then. */
bool tbdi_view_blames_chain(const struct tbdi_view *view);
bool tbdi_view_blames_other(const struct tbdi_view *view);

void tbdi_view_lint(struct tbdi_view *view);
void tbdi_view_chain(struct tbdi_view *view);
void tbdi_view_verification(struct tbdi_view *view);
void tbdi_view_stacks(struct tbdi_view *view);
void tbdi_view_fixed(struct tbdi_view *view);
void tbdi_view_ca(struct tbdi_view *view);
void tbdi_view_example_lines(struct tbdi_view *view);
void tbdi_view_round_trip(struct tbdi_view *view);
void tbdi_view_run(struct tbdi_view *view);
void tbdi_view_environment(struct tbdi_view *view);

/* Remarks: of the caller, and what placeholders are. */
void tbdi_view_notes(struct tbdi_view *view, const char *const *notes, bool redacted);

/* That the peer did not have to prove who it is: said in every output. */
void tbdi_view_insecure(struct tbdi_view *view);

/* ---- the whole: text.c ----------------------------------------------------------------------- */

/* All sections of a report, but what stands at its head and at its end; those about its certificates. */
void tbdi_view_sections(struct tbdi_view *view);
void tbdi_view_certificates(struct tbdi_view *view);

/* Let `write` write to memory what `of` is shown as. 0, TBD_E_INVALID or TBD_E_NOMEM. */
typedef void tbdi_view_write(struct tbdi_view *view, const void *of);
int tbdi_text_make(tbdi_view_write *write, const void *of, const struct tbd_text_options *options,
	char **out, struct tbd_error *error);

#endif
