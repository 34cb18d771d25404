/* SPDX-License-Identifier: MIT
 *
 * needed-ca.h - the steps that find the CA a device has to trust, and write it: of verify --save-ca and of trust.
 */
#ifndef TOOL_NEEDED_CA_H
#define TOOL_NEEDED_CA_H

#include "tools/recipe.h"

/* 64 hexadecimal digits as people paste them, into settings.ca_sha256: with colons or spaces, in any case, and with
 * what openssl writes before them. */
opt_set opt_set_sha256;

/* Find the CA; with settings.ca_sha256 the one of this SHA-256. */
step job_find_ca;

/* Write it to settings.save_ca, if that was asked for. */
step job_save_ca;

/* A CA that was written because its owner confirmed it is trusted from now on, as by a device that is given the file:
 * judge once more. */
step job_trust_confirmed;

#endif
