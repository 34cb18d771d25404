/* SPDX-License-Identifier: MIT
 *
 * bare-roundtrip.c - the read-only round trip as a minimal libmosquitto program does it, with
 * libmosquitto's own TLS: what tbdiag-roundtrip is measured by.
 *
 * usage: bare-roundtrip HOST PORT CA-FILE TOKEN-FILE
 */
#include <mosquitto.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

static const char request[] = "{\"clientKeys\":\"model\"}";

static void bare_on_connect(struct mosquitto *client, void *done, int code)
{
	(void)done;
	printf("Connected with result code %d\n", code);
	if (code == 0)
		mosquitto_subscribe(client, NULL, "v1/devices/me/attributes/response/+", 1);
	else
		mosquitto_disconnect(client);
}

static void bare_on_subscribe(
	struct mosquitto *client, void *done, int id, int count, const int *qos)
{
	(void)done;
	(void)id;
	(void)count;
	(void)qos;
	mosquitto_publish(client, NULL, "v1/devices/me/attributes/request/1", sizeof(request) - 1,
		request, 1, false);
}

static void bare_on_message(
	struct mosquitto *client, void *done, const struct mosquitto_message *message)
{
	printf("Topic: %s\nMessage: %.*s\n", message->topic, message->payloadlen,
		(const char *)message->payload);
	*(bool *)done = true;
	mosquitto_disconnect(client);
}

static bool token_read(const char *path, char *token, size_t size)
{
	FILE *file = fopen(path, "r");
	bool fine = file != NULL && fgets(token, (int)size, file) != NULL;
	if (file != NULL)
		fclose(file);
	if (fine)
		token[strcspn(token, "\r\n")] = '\0';
	return fine;
}

int main(int argc, char **argv)
{
	char token[128];
	bool done = false;
	if (argc != 5 || !token_read(argv[4], token, sizeof(token)))
		return 3;
	mosquitto_lib_init();
	struct mosquitto *client = mosquitto_new(NULL, true, &done);
	mosquitto_connect_callback_set(client, bare_on_connect);
	mosquitto_subscribe_callback_set(client, bare_on_subscribe);
	mosquitto_message_callback_set(client, bare_on_message);
	mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
	mosquitto_username_pw_set(client, token, NULL);
	mosquitto_tls_set(client, argv[3], NULL, NULL, NULL, NULL);
	int result = mosquitto_connect(client, argv[1], (int)strtol(argv[2], NULL, 10), 60);
	if (result == MOSQ_ERR_SUCCESS)
		result = mosquitto_loop_forever(client, -1, 1);
	if (result != MOSQ_ERR_SUCCESS)
		fprintf(stderr, "bare-roundtrip: %s\n", mosquitto_strerror(result));
	mosquitto_destroy(client);
	mosquitto_lib_cleanup();
	return done ? 0 : 2;
}
