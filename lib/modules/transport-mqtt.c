/* SPDX-License-Identifier: MIT
 *
 * transport-mqtt.c - the MQTT transport: libmosquitto, driven from the link's poll(), over the link's socket.
 */
#include "base/transport.h"

#include <errno.h>
#include <mosquitto.h>
#include <poll.h>
#include <pthread.h>
#include <sys/random.h>

enum {
	KEEP_ALIVE = 60, /* seconds; in a longer wait libmosquitto sends its pings */
	QOS = 1,
};

struct connection {
	struct mosquitto *mosq;
	struct tbdi_witness witness;
	bool closed; /* and said so, or about to be by ourselves */
};

static void mqtt_on_connect(struct mosquitto *mosq TBDI_UNUSED, void *arg, int code TBDI_UNUSED)
{
	const struct connection *connection = arg;
	TBDI_TELL(connection, .kind = TBDI_EVENT_CONNECTED);
}

static void mqtt_on_publish(struct mosquitto *mosq TBDI_UNUSED, void *arg, int id)
{
	const struct connection *connection = arg;
	TBDI_TELL(connection, .kind = TBDI_EVENT_ACCEPTED, .id = id);
}

static void mqtt_on_message(
	struct mosquitto *mosq TBDI_UNUSED, void *arg, const struct mosquitto_message *message)
{
	const struct connection *connection = arg;
	TBDI_TELL(connection, .kind = TBDI_EVENT_MESSAGE, .id = message->mid,
		.topic = message->topic, .payload = message->payload,
		.payload_len = (size_t)message->payloadlen);
}

/* After a DISCONNECT of the peer (MQTT 5) no call fails: this is all that tells. */
static void mqtt_on_disconnect(struct mosquitto *mosq TBDI_UNUSED, void *arg, int code)
{
	struct connection *connection = arg;
	if (connection->closed || (code > 0 && code < 0x80))
		return;
	connection->closed = true;
	TBDI_TELL(connection, .kind = TBDI_EVENT_CLOSED, .text = mosquitto_reason_string(code));
}

/* What libmosquitto returned. The end of the connection is an event; want of memory an error. */
static int mqtt_settle(struct connection *connection, int code)
{
	if (code == MOSQ_ERR_SUCCESS || connection->closed)
		return 0;
	if (code == MOSQ_ERR_NOMEM)
		return TBD_E_NOMEM;
	connection->closed = true;
	const char *text = code == MOSQ_ERR_ERRNO ? strerror(errno) : mosquitto_strerror(code);
	TBDI_TELL(connection, .kind = TBDI_EVENT_CLOSED, .text = text);
	return 0;
}

static void mqtt_library(char *text, size_t size)
{
	int major = 0;
	int minor = 0;
	int revision = 0;
	mosquitto_lib_version(&major, &minor, &revision);
	snprintf(text, size, "libmosquitto %d.%d.%d", major, minor, revision);
}

/* At most 23 characters, which every server must take (MQTT 3.1.1 section 3.1.3.1), and not
 * "provision", which has a meaning for ThingsBoard. */
static void client_id_make(char *id, size_t size)
{
	uint32_t number = 0;
	if (getrandom(&number, sizeof(number), 0) != (ssize_t)sizeof(number))
		number = (uint32_t)time(NULL);
	snprintf(id, size, "tbdiag-%08x", (unsigned)number);
}

static void mqtt_close(void *arg)
{
	struct connection *connection = arg;
	if (connection == NULL)
		return;
	mosquitto_destroy(connection->mosq);
	free(connection);
}

/* The protocol level of CONNECT, by which libmosquitto knows the versions too. */
static int protocol_level(const char *version)
{
	if (strcmp(version, "5") == 0)
		return MQTT_PROTOCOL_V5;
	return strcmp(version, "3.1") == 0 ? MQTT_PROTOCOL_V31 : MQTT_PROTOCOL_V311;
}

static int mqtt_dial(struct connection *connection, const struct tbdi_transport_options *options)
{
	struct mosquitto *mosq = connection->mosq;
	int code = mosquitto_int_option(
		mosq, MOSQ_OPT_PROTOCOL_VERSION, protocol_level(options->version));
	if (code == MOSQ_ERR_SUCCESS)
		code = mosquitto_username_pw_set(mosq, options->user_name, options->password);
	if (code == MOSQ_ERR_SUCCESS) /* port 0: the host is the path of a socket */
		code = mosquitto_connect(mosq, options->socket_path, 0, KEEP_ALIVE);
	return code;
}

/* For all of the process, and not thread-safe. Never undone: another thread may have a connection. */
static pthread_once_t once = PTHREAD_ONCE_INIT;

static void mqtt_initialise(void)
{
	mosquitto_lib_init();
}

/* The log callback stays unset: libmosquitto has nothing to say that we do not see on the wire. */
static int mqtt_open(
	const struct tbdi_transport_options *options, void **out, struct tbd_error *error)
{
	char id[24];
	client_id_make(id, sizeof(id));
	struct connection *connection = calloc(1, sizeof(*connection));
	if (connection == NULL)
		return tbdi_fail_nomem(error);
	connection->witness = options->witness;
	pthread_once(&once, mqtt_initialise);
	connection->mosq = mosquitto_new(
		options->client_id != NULL ? options->client_id : id, true, connection);
	if (connection->mosq == NULL) {
		mqtt_close(connection);
		return tbdi_fail_nomem(error);
	}
	mosquitto_connect_callback_set(connection->mosq, mqtt_on_connect);
	mosquitto_disconnect_callback_set(connection->mosq, mqtt_on_disconnect);
	mosquitto_publish_callback_set(connection->mosq, mqtt_on_publish);
	mosquitto_message_callback_set(connection->mosq, mqtt_on_message);
	int code = mqtt_dial(connection, options);
	if (code != MOSQ_ERR_SUCCESS) {
		const char *why =
			code == MOSQ_ERR_ERRNO ? strerror(errno) : mosquitto_strerror(code);
		int result = tbdi_fail(error, TBD_E_SYSTEM, "libmosquitto cannot use %s: %s",
			options->socket_path, why);
		mqtt_close(connection);
		return result;
	}
	*out = connection;
	return 0;
}

static int mqtt_fd(void *arg)
{
	const struct connection *connection = arg;
	return mosquitto_socket(connection->mosq);
}

static short mqtt_events(void *arg)
{
	const struct connection *connection = arg;
	return mosquitto_want_write(connection->mosq) ? POLLIN | POLLOUT : POLLIN;
}

static int mqtt_process(void *arg, short revents)
{
	struct connection *connection = arg;
	int code = MOSQ_ERR_SUCCESS;
	if (revents & (POLLIN | POLLHUP | POLLERR))
		code = mosquitto_loop_read(connection->mosq, 1);
	if (code == MOSQ_ERR_SUCCESS && (revents & POLLOUT) != 0)
		code = mosquitto_loop_write(connection->mosq, 1);
	if (code == MOSQ_ERR_SUCCESS)
		code = mosquitto_loop_misc(connection->mosq);
	return mqtt_settle(connection, code);
}

static int mqtt_subscribe(void *arg, const char *filter, int qos)
{
	struct connection *connection = arg;
	return mqtt_settle(connection, mosquitto_subscribe(connection->mosq, NULL, filter, qos));
}

static int mqtt_unsubscribe(void *arg, const char *filter)
{
	struct connection *connection = arg;
	return mqtt_settle(connection, mosquitto_unsubscribe(connection->mosq, NULL, filter));
}

static int mqtt_publish(void *arg, const char *topic, const char *payload, int *id)
{
	struct connection *connection = arg;
	int len = (int)strlen(payload);
	return mqtt_settle(connection,
		mosquitto_publish(connection->mosq, id, topic, len, payload, QOS, false));
}

static int mqtt_disconnect(void *arg)
{
	struct connection *connection = arg;
	connection->closed = true;
	return mqtt_settle(connection, mosquitto_disconnect(connection->mosq));
}

const struct tbdi_transport tbdi_transport = {
	.abi = TBDI_TRANSPORT_ABI,
	.name = "mqtt",
	.library = mqtt_library,
	.open = mqtt_open,
	.fd = mqtt_fd,
	.events = mqtt_events,
	.process = mqtt_process,
	.subscribe = mqtt_subscribe,
	.unsubscribe = mqtt_unsubscribe,
	.publish = mqtt_publish,
	.disconnect = mqtt_disconnect,
	.close = mqtt_close,
};
