/* SPDX-License-Identifier: MIT
 *
 * bare-roundtrip.c - the round trip as a minimal libmosquitto program does it, with libmosquitto's own TLS: what
 * tbdiag-roundtrip is measured by. It reads an attribute; with "write" it writes another one, too, and asks for it
 * every 2 ms until it is there.
 *
 * usage: bare-roundtrip HOST PORT CA-FILE TOKEN-FILE [write]
 */
#define _GNU_SOURCE /* memmem() */
#include <mosquitto.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#define ATTRIBUTES "v1/devices/me/attributes"

enum { AGAIN_MS = 2 };

struct bare {
	bool writes;
	char value[32];
	int written;  /* id of the message that writes, or 0 */
	bool reading; /* it was acknowledged */
	int requests;
	bool done;
};

static void ask(struct mosquitto *client, struct bare *bare, const char *payload)
{
	char topic[64];
	snprintf(topic, sizeof(topic), ATTRIBUTES "/request/%d", ++bare->requests);
	mosquitto_publish(client, NULL, topic, (int)strlen(payload), payload, 1, false);
}

static void bare_on_connect(struct mosquitto *client, void *arg, int code)
{
	(void)arg;
	printf("Connected with result code %d\n", code);
	if (code == 0)
		mosquitto_subscribe(client, NULL, ATTRIBUTES "/response/+", 1);
	else
		mosquitto_disconnect(client);
}

static void bare_on_subscribe(
	struct mosquitto *client, void *arg, int id, int count, const int *qos)
{
	(void)id;
	(void)count;
	(void)qos;
	ask(client, arg, "{\"clientKeys\":\"model\"}");
}

static void bare_on_publish(struct mosquitto *client, void *arg, int id)
{
	struct bare *bare = arg;
	(void)client;
	bare->reading = bare->reading || (bare->written > 0 && id == bare->written);
}

static void write_value(struct mosquitto *client, struct bare *bare)
{
	char payload[64];
	snprintf(bare->value, sizeof(bare->value), "b%lx%lx", (long)time(NULL), (long)getpid());
	snprintf(payload, sizeof(payload), "{\"tbdiagProbe\":\"%s\"}", bare->value);
	mosquitto_publish(
		client, &bare->written, ATTRIBUTES, (int)strlen(payload), payload, 1, false);
}

static void bare_on_message(
	struct mosquitto *client, void *arg, const struct mosquitto_message *message)
{
	struct bare *bare = arg;
	const char *payload = message->payload;
	if (bare->requests == 1)
		printf("Topic: %s\nMessage: %.*s\n", message->topic, message->payloadlen, payload);
	if (bare->writes && bare->written == 0) {
		write_value(client, bare);
	} else if (!bare->done &&
		(!bare->writes ||
			memmem(payload, (size_t)message->payloadlen, bare->value,
				strlen(bare->value)) != NULL)) {
		bare->done = true;
		mosquitto_disconnect(client);
	}
}

/* Until it is done, or the connection is over. */
static int run(struct mosquitto *client, struct bare *bare)
{
	int result = MOSQ_ERR_SUCCESS;
	while (result == MOSQ_ERR_SUCCESS) {
		if (bare->reading && !bare->done)
			ask(client, bare, "{\"clientKeys\":\"tbdiagProbe\"}");
		result = mosquitto_loop(client, bare->reading ? AGAIN_MS : 1000, 1);
	}
	return bare->done ? MOSQ_ERR_SUCCESS : result;
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
	struct bare bare = { .writes = argc == 6 && strcmp(argv[5], "write") == 0 };
	if ((argc != 5 && !bare.writes) || !token_read(argv[4], token, sizeof(token)))
		return 3;
	mosquitto_lib_init();
	struct mosquitto *client = mosquitto_new(NULL, true, &bare);
	mosquitto_connect_callback_set(client, bare_on_connect);
	mosquitto_subscribe_callback_set(client, bare_on_subscribe);
	mosquitto_publish_callback_set(client, bare_on_publish);
	mosquitto_message_callback_set(client, bare_on_message);
	mosquitto_int_option(client, MOSQ_OPT_TCP_NODELAY, 1);
	mosquitto_username_pw_set(client, token, NULL);
	mosquitto_tls_set(client, argv[3], NULL, NULL, NULL, NULL);
	int result = mosquitto_connect(client, argv[1], (int)strtol(argv[2], NULL, 10), 60);
	if (result == MOSQ_ERR_SUCCESS)
		result = run(client, &bare);
	if (result != MOSQ_ERR_SUCCESS)
		fprintf(stderr, "bare-roundtrip: %s\n", mosquitto_strerror(result));
	mosquitto_destroy(client);
	mosquitto_lib_cleanup();
	return bare.done ? 0 : 2;
}
