/* SPDX-License-Identifier: MIT
 *
 * volumes.c - all volumes. Of what stands in two at the same length both are found, the earlier first.
 */
#include "tools/decoder/decoder.h"

const struct volume *const decoder_volumes[] = {
	&volume_cases,
	&volume_thingsboard,
	&volume_openssl,
	&volume_tls,
	&volume_gnutls,
	&volume_mbedtls,
	&volume_esp,
	&volume_wolfssl,
	&volume_bearssl,
	&volume_tasmota,
	&volume_modems,
	&volume_mqtt,
	&volume_mosquitto,
	&volume_paho,
	&volume_python,
	&volume_node,
	&volume_java,
	&volume_go,
	&volume_rustls,
	&volume_dotnet,
	&volume_curl,
	&volume_coap,
	&volume_system,
	NULL,
};
