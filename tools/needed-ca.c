/* SPDX-License-Identifier: MIT
 *
 * needed-ca.c - the steps that find the CA a device has to trust, and write it.
 */
#include "tools/needed-ca.h"

#include "tools/cli/output.h"

#include <ctype.h>

enum { SHA256_LEN = sizeof(((struct settings *)NULL)->ca_sha256) - 1 };

const char *opt_set_sha256(const struct opt *opt, void *dest, char *value)
{
	char *sha256 = ((struct settings *)dest)->ca_sha256;
	const char *from = strchr(value, '=');
	size_t len = 0;
	(void)opt;
	for (from = from != NULL ? from + 1 : value; *from != '\0'; from++) {
		if (strchr(": \t\r\n", *from) != NULL)
			continue;
		if (!isxdigit((unsigned char)*from) || len == SHA256_LEN)
			break;
		sha256[len++] = (char)tolower((unsigned char)*from);
	}
	sha256[len] = '\0';
	bool whole = *from == '\0' && len == SHA256_LEN;
	return whole
		? NULL
		: "wants the SHA-256 of a certificate: 64 hexadecimal digits, with or without colons";
}

int job_find_ca(struct job *job)
{
	const struct settings *settings = &job->settings;
	const char *sha256 = settings->ca_sha256[0] != '\0' ? settings->ca_sha256 : NULL;
	return tbd_find_ca(job->report, sha256, &job->error);
}

/* All that the file has to hold, in the form that was asked for. */
static int write_file(struct job *job, const struct tbd_cert *const *certs, size_t count)
{
	const struct settings *settings = &job->settings;
	char *bytes = NULL;
	size_t len = 0;
	if (settings->emit == TBD_EMIT_PEM)
		return job_save_new(job, settings->save_ca, certs, count);
	int rc = tbd_certs_emit(certs, count, settings->emit, &bytes, &len, &job->error);
	if (rc < 0)
		return rc;
	/* It has said what was wrong. */
	rc = output_new_file(settings->save_ca, bytes, len) < 0 ? TBD_E_CANCELLED : 0;
	free(bytes);
	return rc < 0 ? rc
		      : job_note(job, "%s: %zu certificate%s written as %s", settings->save_ca,
				count, count == 1 ? "" : "s", tbd_emit_name(settings->emit));
}

static int write_ca(struct job *job, const struct tbd_needed_ca *ca)
{
	const struct tbd_cert **certs = calloc(ca->also_count + 1, sizeof(*certs));
	if (certs == NULL)
		return job_fail(job, TBD_E_NOMEM, "out of memory");
	certs[0] = ca->cert;
	for (size_t i = 0; i < ca->also_count; i++)
		certs[i + 1] = ca->also[i];
	int rc = write_file(job, certs, ca->also_count + 1);
	free(certs);
	return rc;
}

int job_save_ca(struct job *job)
{
	const char *path = job->settings.save_ca;
	if (path == NULL)
		return 0;
	const struct tbd_needed_ca *ca = job->report->ca;
	if (ca == NULL)
		return job_not_written(job, path,
			job->report->chain == NULL ? "there is no chain"
						   : "there is nothing to judge the chain by");
	if (ca->cert == NULL)
		return job_not_written(job, path, "see trust.unproven");
	return write_ca(job, ca);
}

int job_trust_confirmed(struct job *job)
{
	const struct tbd_needed_ca *ca = job->settings.save_ca != NULL ? job->report->ca : NULL;
	if (ca == NULL || ca->cert == NULL || strcmp(ca->proof, "sha256") != 0)
		return 0;
	int rc = tbd_trust_add_file(job->store, job->settings.save_ca, &job->error);
	if (rc == 0)
		rc = job_verify(job);
	if (rc == 0)
		rc = job_await_stacks(job);
	return rc < 0 ? rc : job_judge(job);
}
