/* SPDX-License-Identifier: MIT
 *
 * coap-api.c - the CoAP face of the local ThingsBoard.
 *
 * The rules are those of ThingsBoard's CoapTransportResource. None of its refusals says why: only 2.05 has a
 * payload.
 */
#include "tools/cli/tool.h"

#include "coap-api.h"

/* Where things are in /api/v1/TOKEN/NAME. */
enum { PATH_TOKEN = 2, PATH_NAME = 3, PATH_COUNT = 4 };

static struct coap_api_reply only(int code)
{
	return (struct coap_api_reply){ code, NULL };
}

static struct coap_api_reply post_attributes(
	struct device *device, const struct coap_api_request *request)
{
	return only(device_write(device, request->body, request->len) ? 201 : 400);
}

static struct coap_api_reply post_telemetry(
	struct device *device, const struct coap_api_request *request)
{
	(void)device;
	return only(telemetry_count(request->body, request->len) >= 0 ? 201 : 400);
}

/* A parameter that is empty counts as none, as over HTTP. */
static const char *unless_empty(const char *keys)
{
	return keys != NULL && keys[0] != '\0' ? keys : NULL;
}

/* That there is nothing is 4.04, where MQTT and HTTP answer {}. */
static struct coap_api_reply get_attributes(
	struct device *device, const struct coap_api_request *request)
{
	struct coap_api_reply reply = { 500, NULL };
	json_t *asked = json_pack("{ss* ss*}", "clientKeys", unless_empty(request->client_keys),
		"sharedKeys", unless_empty(request->shared_keys));
	char *payload = asked != NULL ? json_dumps(asked, JSON_COMPACT) : NULL;
	json_t *found = payload != NULL ? device_read(device, payload, strlen(payload)) : NULL;
	if (found != NULL && json_object_size(found) == 0)
		reply.code = 404;
	else if (found != NULL)
		reply = (struct coap_api_reply){ 205, store_dump(found) };
	json_decref(found);
	free(payload);
	json_decref(asked);
	return reply;
}

/* GET telemetry is refused like a name that nobody knows. */
static const struct route {
	enum coap_method method;
	const char *name;
	struct coap_api_reply (*handle)(
		struct device *device, const struct coap_api_request *request);
} routes[] = {
	{ COAP_API_GET, "attributes", get_attributes },
	{ COAP_API_POST, "attributes", post_attributes },
	{ COAP_API_POST, "telemetry", post_telemetry },
};

static const struct route *find_route(const struct coap_api_request *request)
{
	for (size_t i = 0; i < sizeof(routes) / sizeof(routes[0]); i++)
		if (routes[i].method == request->method &&
			strcmp(routes[i].name, request->path[PATH_NAME]) == 0)
			return &routes[i];
	return NULL;
}

static bool is_api(const struct coap_api_request *request)
{
	return request->path_count >= PATH_TOKEN && strcmp(request->path[0], "api") == 0 &&
		strcmp(request->path[1], "v1") == 0;
}

struct coap_api_reply coap_api_answer(struct store *store, const struct coap_api_request *request)
{
	if (!is_api(request))
		return only(404);
	if (request->method == COAP_API_OTHER)
		return only(405);
	if (request->path_count < PATH_COUNT)
		return only(401);
	if (request->len > COAP_API_BODY_MAX)
		return only(413);
	const struct route *route = find_route(request);
	if (route == NULL)
		return only(400);
	struct device *device = store_find(store, request->path[PATH_TOKEN]);
	return device != NULL ? route->handle(device, request) : only(401);
}
