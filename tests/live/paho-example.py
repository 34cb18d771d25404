# SPDX-License-Identifier: MIT
#
# paho-example.py HOST PORT CA-FILE TOKEN: what ThingsBoard's example of a device does, with python3-paho-mqtt of
# Debian 12 (1.6) or 13 (2.1): the attribute request is queued before the connection exists, then come the
# subscriptions and telemetry. Ends with 0 when the answer came.
import json
import ssl
import sys
import time

import paho.mqtt.client as mqtt

REQUEST = "v1/devices/me/attributes/request/1"
RESPONSE = "v1/devices/me/attributes/response/1"
DEADLINE_S = 20


def on_connect(client, userdata, flags, rc):
    # rc is the byte of CONNACK in API version 1, whatever the release of paho.
    print("Connected with result code", rc, flush=True)
    userdata["refused"] = rc != 0
    client.subscribe("v1/devices/me/attributes")
    client.subscribe("v1/devices/me/attributes/response/+")
    client.subscribe("v1/devices/me/rpc/request/+")


def on_message(client, userdata, message):
    print("Topic:", message.topic)
    print("Message:", message.payload.decode(), flush=True)
    if message.topic.startswith("v1/devices/me/rpc/request/"):
        answer = message.topic.replace("request", "response")
        client.publish(answer, json.dumps({"value1": "A", "value2": "B"}), 1)
    userdata["answered"] = message.topic == RESPONSE


def make_client(userdata):
    if hasattr(mqtt, "CallbackAPIVersion"):
        import warnings

        warnings.simplefilter("ignore", DeprecationWarning)
        return mqtt.Client(mqtt.CallbackAPIVersion.VERSION1, userdata=userdata)
    return mqtt.Client(userdata=userdata)


def main(host, port, ca_file, token):
    state = {"refused": False, "answered": False}
    client = make_client(state)
    client.on_connect = on_connect
    client.on_message = on_message
    client.tls_set(ca_certs=ca_file, cert_reqs=ssl.CERT_REQUIRED)
    client.username_pw_set(token)
    client.publish(REQUEST, json.dumps({"clientKeys": "model"}), 1)
    client.connect(host, int(port), keepalive=10)
    telemetry = client.publish("v1/devices/me/telemetry", json.dumps({"temperature": 42}), 1)
    deadline = time.monotonic() + DEADLINE_S
    while time.monotonic() < deadline and not state["refused"]:
        if client.loop(timeout=1) != mqtt.MQTT_ERR_SUCCESS:
            break
        if state["answered"] and telemetry.is_published():
            client.disconnect()
            return 0
    return 1


sys.exit(main(*sys.argv[1:]))
