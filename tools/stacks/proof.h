/* SPDX-License-Identifier: MIT
 *
 * proof.h - a certificate of 2010, by which a helper proves that the stack asks its clock.
 *
 * The root lasts from 2000 to 2049, the leaf for clock.test through 2010; both have P-256 keys that nobody keeps.
 */
#ifndef STACKS_PROOF_H
#define STACKS_PROOF_H

#define PROOF_HOST "clock.test"
#define PROOF_TIME_VALID 1276560000   /* 2010-06-15 */
#define PROOF_TIME_EXPIRED 1339718400 /* 2012-06-15 */

/* clang-format off */
static const char proof_root[] =
	"-----BEGIN CERTIFICATE-----\n"
	"MIIBXDCCAQGgAwIBAgIBATAKBggqhkjOPQQDAjAVMRMwEQYDVQQDDApjbG9jay1y\n"
	"b290MB4XDTAwMDEwMTAwMDAwMFoXDTQ5MTIzMTAwMDAwMFowFTETMBEGA1UEAwwK\n"
	"Y2xvY2stcm9vdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABNHt9TpirxxWZnPx\n"
	"OsAj0mf4TnreSMzhuyptzxyld4CDcLp/hkfM9gV5xFdzHky/LThUlLcwVFGxvBEj\n"
	"L+oiGcyjQjBAMA8GA1UdEwEB/wQFMAMBAf8wDgYDVR0PAQH/BAQDAgIEMB0GA1Ud\n"
	"DgQWBBTprJr1/o9WDrOxkSGdqwGZJ5AUKDAKBggqhkjOPQQDAgNJADBGAiEA/Y6C\n"
	"Op2jXnKwD9cso+kmcNQgCsVdV8tu+o5aSP4Aso4CIQDU4V/GJmxEbWbmGXXWxXsJ\n"
	"y2/72Y+nwH+tSIkZ9Zm8WA==\n"
	"-----END CERTIFICATE-----\n"
	;

/* DER, as base64. */
static const char proof_leaf[] =
	"MIIBpzCCAU2gAwIBAgIBAjAKBggqhkjOPQQDAjAVMRMwEQYDVQQDDApjbG9jay1y"
	"b290MB4XDTEwMDEwMTAwMDAwMFoXDTEwMTIzMTAwMDAwMFowFTETMBEGA1UEAwwK"
	"Y2xvY2sudGVzdDBZMBMGByqGSM49AgEGCCqGSM49AwEHA0IABPsDAXW9repW441t"
	"R2sqqhZo0OaLe8mxn/F/dpAIdc3fB5likh1jBHSYWHQ7Jmu/JGELdqle1XMIOgip"
	"yj+f7dqjgY0wgYowDAYDVR0TAQH/BAIwADAOBgNVHQ8BAf8EBAMCB4AwEwYDVR0l"
	"BAwwCgYIKwYBBQUHAwEwFQYDVR0RBA4wDIIKY2xvY2sudGVzdDAfBgNVHSMEGDAW"
	"gBTprJr1/o9WDrOxkSGdqwGZJ5AUKDAdBgNVHQ4EFgQUNIsl0cdK6kM/TJYIuOF+"
	"FPIFGHgwCgYIKoZIzj0EAwIDSAAwRQIgaopQ4HcHK1XTl9WvDY13c7+DtRJI5E0C"
	"vDrEozQzIFICIQDuq142wRCRxDU5weMLZ+L6IJIyXGKKaxmWqTFoy4bhTQ=="
	;
/* clang-format on */

#endif
