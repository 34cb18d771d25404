/* SPDX-License-Identifier: MIT
 *
 * plugin.c - sandbox-mosquitto.so: lets mosquitto ask the sandbox what ThingsBoard would do.
 *
 * The broker gives no message of one client to another: reading is always denied. What the sandbox
 * answers goes to the client that asked, past its subscriptions, as ThingsBoard does it.
 */
#include "tools/cli/tool.h"

#include "tools/sandbox/plugin-protocol.h"

#include <poll.h>
#include <signal.h>
#include <unistd.h>

#pragma GCC visibility push(default)
#include <mosquitto.h>
#include <mosquitto_broker.h>
#include <mosquitto_plugin.h>
#pragma GCC visibility pop

struct plugin {
	mosquitto_plugin_id_t *identifier;
	int channel;
	bool ready; /* the sandbox knows that we listen */
	char buffer[WIRE_MAX];
};

/* A client that has gone meanwhile misses it. */
static void deliver(const struct wire_message *message)
{
	mosquitto_broker_publish_copy(message->parts[0].data, message->parts[1].data,
		(int)message->parts[2].len, message->parts[2].data, message->qos, false, NULL);
}

/* The next answer; false: none comes. */
static bool receive_answer(struct plugin *plugin, struct wire_message *answer)
{
	while (wire_receive(plugin->channel, plugin->buffer, answer) == 1) {
		if (answer->kind != WIRE_MESSAGE)
			return true;
		deliver(answer);
	}
	return false;
}

/* An answer that does not come, or comes too late, leaves nothing to serve. */
static bool ask_sandbox(
	struct plugin *plugin, const struct wire_message *question, struct wire_message *answer)
{
	*answer = (struct wire_message){ .kind = WIRE_REFUSE };
	if (wire_send(plugin->channel, question) == 0 && receive_answer(plugin, answer))
		return answer->kind == WIRE_ACCEPT;
	mosquitto_log_printf(MOSQ_LOG_ERR, "Error: the sandbox does not answer.");
	raise(SIGTERM);
	return false;
}

static int on_basic_auth(int event, void *data, void *user_data)
{
	const struct mosquitto_evt_basic_auth *auth = data;
	struct wire_message answer;
	(void)event;
	if (auth->username == NULL)
		return MOSQ_ERR_AUTH;
	struct wire_message question = { .kind = WIRE_CONNECT,
		.parts = { wire_string(auth->username), wire_string(auth->password) } };
	return ask_sandbox(user_data, &question, &answer) ? MOSQ_ERR_SUCCESS : MOSQ_ERR_AUTH;
}

static int on_acl_check(int event, void *data, void *user_data)
{
	const struct mosquitto_evt_acl_check *check = data;
	struct wire_message answer;
	(void)event;
	if (check->access != MOSQ_ACL_SUBSCRIBE)
		return check->access == MOSQ_ACL_READ ? MOSQ_ERR_ACL_DENIED : MOSQ_ERR_SUCCESS;
	struct wire_message question = { .kind = WIRE_SUBSCRIBE,
		.qos = check->qos,
		.parts = { wire_string(mosquitto_client_username(check->client)),
			wire_string(check->topic) } };
	return ask_sandbox(user_data, &question, &answer) ? MOSQ_ERR_SUCCESS : MOSQ_ERR_ACL_DENIED;
}

static int plugin_on_message(int event, void *data, void *user_data)
{
	struct mosquitto_evt_message *message = data;
	struct wire_message answer;
	(void)event;
	/* ThingsBoard keeps nothing. */
	message->retain = false;
	struct wire_message question = { .kind = WIRE_PUBLISH,
		.parts = { wire_string(mosquitto_client_username(message->client)),
			wire_string(message->topic), { message->payload, message->payloadlen } } };
	/* This closes the connection without a PUBACK. To disconnect the client from here instead would
	 * leave the broker (2.0.11) with a client that has no id. */
	if (!ask_sandbox(user_data, &question, &answer))
		return MOSQ_ERR_PROTOCOL;
	if (answer.parts[0].len == 0)
		return MOSQ_ERR_SUCCESS;
	return mosquitto_broker_publish_copy(mosquitto_client_id(message->client),
		answer.parts[0].data, (int)answer.parts[1].len, answer.parts[1].data, answer.qos,
		false, NULL);
}

/* The broker ticks when its listeners are open, and then ten times a second. */
static int on_tick(int event, void *data, void *user_data)
{
	struct plugin *plugin = user_data;
	(void)event;
	(void)data;
	if (!plugin->ready)
		plugin->ready = wire_send(plugin->channel,
					&(struct wire_message){ .kind = WIRE_READY }) == 0;
	struct pollfd channel = { .fd = plugin->channel, .events = POLLIN };
	struct wire_message message;
	while (poll(&channel, 1, 0) == 1 &&
		wire_receive(plugin->channel, plugin->buffer, &message) == 1)
		deliver(&message);
	return MOSQ_ERR_SUCCESS;
}

static const struct {
	int event;
	MOSQ_FUNC_generic_callback handle;
} callbacks[] = {
	{ MOSQ_EVT_BASIC_AUTH, on_basic_auth },
	{ MOSQ_EVT_ACL_CHECK, on_acl_check },
	{ MOSQ_EVT_MESSAGE, plugin_on_message },
	{ MOSQ_EVT_TICK, on_tick },
};

int mosquitto_plugin_version(int supported_version_count, const int *supported_versions)
{
	for (int i = 0; i < supported_version_count; i++)
		if (supported_versions[i] == MOSQ_PLUGIN_VERSION)
			return MOSQ_PLUGIN_VERSION;
	return -1;
}

int mosquitto_plugin_init(mosquitto_plugin_id_t *identifier, void **userdata,
	struct mosquitto_opt *options, int option_count)
{
	struct plugin *plugin = calloc(1, sizeof(*plugin));
	if (plugin == NULL)
		return MOSQ_ERR_NOMEM;
	*userdata = plugin;
	plugin->identifier = identifier;
	plugin->channel = -1;
	for (int i = 0; i < option_count; i++)
		if (strcmp(options[i].key, "channel") == 0)
			plugin->channel = (int)strtol(options[i].value, NULL, 10);
	int rc = plugin->channel >= 0 ? MOSQ_ERR_SUCCESS : MOSQ_ERR_INVAL;
	for (size_t i = 0; rc == MOSQ_ERR_SUCCESS && i < sizeof(callbacks) / sizeof(callbacks[0]);
		i++)
		rc = mosquitto_callback_register(
			identifier, callbacks[i].event, callbacks[i].handle, NULL, plugin);
	return rc;
}

int mosquitto_plugin_cleanup(void *userdata, struct mosquitto_opt *options, int option_count)
{
	struct plugin *plugin = userdata;
	(void)options;
	(void)option_count;
	for (size_t i = 0; i < sizeof(callbacks) / sizeof(callbacks[0]); i++)
		mosquitto_callback_unregister(
			plugin->identifier, callbacks[i].event, callbacks[i].handle, NULL);
	close(plugin->channel);
	free(plugin);
	return MOSQ_ERR_SUCCESS;
}
