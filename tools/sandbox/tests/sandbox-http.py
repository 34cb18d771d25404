# SPDX-License-Identifier: MIT
#
# sandbox-http.py HTTP-PORT HTTPS-PORT MQTT-PORT CA-FILE TOKEN: requests to the sandbox, and the answers that
# have to come back. Prints TAP.
import http.client
import json
import socket
import ssl
import sys
import time

HTTP, HTTPS, MQTT = (int(port) for port in sys.argv[1:4])
CA, TOKEN = sys.argv[4:6]
DEADLINE_S = 10
API = f"/api/v1/{TOKEN}/"
ATTRIBUTES, TELEMETRY = API + "attributes", API + "telemetry"
JSON = "application/json"
TEXT = "text/plain;charset=UTF-8"
FORM = {"Content-Type": "application/x-www-form-urlencoded"}

number = failed = 0


def check(what, got, expected):
    global number, failed
    number += 1
    good = got == expected
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}")
    if not good:
        print(f"# got {got!r}\n# expected {expected!r}")


def clear():
    return http.client.HTTPConnection("127.0.0.1", HTTP, timeout=DEADLINE_S)


def tls():
    context = ssl.create_default_context(cafile=CA)
    return http.client.HTTPSConnection("localhost", HTTPS, timeout=DEADLINE_S, context=context)


def ask(connection, method, path, body=None, headers={}):
    """Status, type and text of the answer."""
    connection.request(method, path, body, headers)
    response = connection.getresponse()
    text = response.read().decode()
    return response.status, response.headers["Content-Type"], text


def post(path, body, headers={}):
    return ask(clear(), "POST", path, body, headers)


def get(path):
    return ask(clear(), "GET", path)


def check_good():
    check("POST attributes", post(ATTRIBUTES, '{"a":"0012",b:1.5}'), (200, None, ""))
    check("POST telemetry", post(TELEMETRY, '{"t":25}'), (200, None, ""))
    check("POST telemetry, with time", post(TELEMETRY, '[{"ts":1,"values":{"t":25}}]'), (200, None, ""))
    check("any type", post(ATTRIBUTES, "{c:x}", {"Content-Type": "image/png"}), (200, None, ""))
    check("chunked", post(ATTRIBUTES, iter([b'{"d"', b":true}"])), (200, None, ""))
    check("client keys", get(ATTRIBUTES + "?clientKeys=a,b,none"), (200, JSON, '{"client":{"a":12,"b":1.5}}'))
    check("encoded keys", get(ATTRIBUTES + "?clientKeys=%61%2Cb"), (200, JSON, '{"client":{"a":12,"b":1.5}}'))
    check("shared keys", get(ATTRIBUTES + "?sharedKeys=cfg"), (200, JSON, '{"shared":{"cfg":1}}'))
    check("both", get(ATTRIBUTES + "?clientKeys=c&sharedKeys=cfg"),
          (200, JSON, '{"client":{"c":"x"},"shared":{"cfg":1}}'))
    check("unknown keys", get(ATTRIBUTES + "?clientKeys=none"), (200, JSON, "{}"))
    everything = '{"client":{"a":12,"b":1.5,"c":"x","d":true},"shared":{"cfg":1}}'
    check("no keys", get(ATTRIBUTES), (200, JSON, everything))
    check("empty keys", get(ATTRIBUTES + "?clientKeys=&sharedKeys="), (200, JSON, everything))


def check_errors():
    for method, path, body in ("GET", "attributes", None), ("POST", "attributes", "{}"), ("POST", "telemetry", "{}"):
        check(f"{method} {path}, wrong token", ask(clear(), method, f"/api/v1/wrong/{path}", body), (401, None, ""))
    check("bad JSON", post(ATTRIBUTES, "{"),
          (500, TEXT, "com.google.gson.stream.MalformedJsonException: Expected value"))
    check("a scalar", post(ATTRIBUTES, "7"), (500, TEXT, "Can't parse value: 7"))
    check("no object", post(TELEMETRY, '"x"'), (500, TEXT, "Can't parse value: \"x\""))
    for what, answer, status, words in (
        ("live-C15 no body", post(ATTRIBUTES, ""), 400, "DeviceApiController.postDeviceAttributes("),
        ("live-C15 PUT", ask(clear(), "PUT", ATTRIBUTES, "{}"), 405, "Request method 'PUT' is not supported"),
        ("GET telemetry", get(TELEMETRY), 405, "Request method 'GET' is not supported"),
        ("live-C15 unknown name", get(API + "nothing"), 404, f"No static resource api/v1/{TOKEN}/nothing."),
        ("unknown path of the API", get("/api/nothing"), 404, "No static resource api/nothing."),
        ("live-C1 no type", post(ATTRIBUTES, "{}", {"Content-Type": "garbage"}), 415, "mime type"),
    ) + tuple((f"live-C16 section-6 {path}", get(path), 400, "Bad Request") for path in (
        "/api/v1/a%25b/attributes", "/api/v1//attributes", "/api/v1/a;b/attributes", "/api/v1/a%3Bb/attributes",
            "/api/v1/../attributes", "/api/v1/x/..")):
        error = json.loads(answer[2])
        check(what, (answer[:2], error["status"], sorted(error), words in error["message"]),
              ((status, JSON), status, ["errorCode", "message", "status", "timestamp"], True))
    status, kind, text = get("/api/v1/a%2Fb/attributes")
    check("live-C16 an encoded slash is Tomcat's to refuse", (status, kind, "HTTP Status 400" in text),
          (400, "text/html;charset=utf-8", True))
    check("live-C16 a space is a wrong token", get("/api/v1/a%20b/attributes"), (401, None, ""))
    for body, column in ('{"a":1}', 19), ("{}", 8), ("a=1", 3):
        check(f"live-C1 {body} as a form", post(TELEMETRY, body, FORM), (500, TEXT,
              "com.google.gson.stream.MalformedJsonException: Use JsonReader.setStrictness(Strictness.LENIENT) to "
              f"accept malformed JSON at line 1 column {column} path $"))
    for kind in "text/plain", JSON, "image/png":
        check(f"live-C1 {kind}", post(TELEMETRY, "{}", {"Content-Type": kind}), (200, None, ""))
    status, kind, text = get("/login")
    check("any other path is the user interface", (status, kind, "<title>ThingsBoard" in text), (200, "text/html", True))


def silence(path, method="GET", body=None):
    """Whether nothing comes within a time that is long for the sandbox."""
    connection = http.client.HTTPConnection("127.0.0.1", HTTP, timeout=0.5)
    try:
        return ask(connection, method, path, body)
    except TimeoutError:
        return "silence"


def check_silence():
    check("live-C15 section-6 [] as telemetry is never answered", silence(TELEMETRY, "POST", "[]"), "silence")
    check("live-C3 an empty key", silence(ATTRIBUTES + "?clientKeys=a,,b"), "silence")
    check("live-C15 a call to the server", silence(API + "rpc", "POST", '{"method":"getSessionLimits"}'), "silence")
    begin = time.monotonic()
    check("live-C18 a long poll", get(ATTRIBUTES + "/updates?timeout=300"), (408, None, ""))
    check("live-C18 as long as was asked for", 0.2 < time.monotonic() - begin < 2, True)
    check("live-C18 of calls", get(API + "rpc?timeout=1"), (408, None, ""))
    check("and others are answered meanwhile", get(ATTRIBUTES + "?clientKeys=none"), (200, JSON, "{}"))


def check_others():
    check("live-C15 section-6 HEAD", ask(clear(), "HEAD", ATTRIBUTES), (200, JSON, ""))
    check("claim", post(API + "claim", ""), (200, None, ""))
    check("no firmware", get(API + "firmware?title=t&version=1"), (404, None, ""))
    check("provision", post("/api/v1/provision", "{}"),
          (200, JSON, '{"errorMsg":"Provision data was not found!","status":"NOT_FOUND"}'))
    with open(CA, encoding="ascii") as file:
        ca = file.read()
    for protocol in "mqtts", "coaps":
        check(f"live-C22 the CA of {protocol}", get(f"/api/device-connectivity/{protocol}/certificate/download"),
              (200, "application/octet-stream", ca))


def check_clear():
    peer = socket.create_connection(("127.0.0.1", HTTPS), DEADLINE_S)
    peer.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
    answer = b""
    while piece := peer.recv(1024):
        answer += piece
    head, _, body = answer.decode().partition("\r\n\r\n")
    check("live-C17 HTTP in clear to the port for TLS", (head.split("\r\n")[:2], body),
          (["HTTP/1.1 400 ", f"Content-Type: {TEXT}"], "Bad Request"))


def check_size():
    too_large = (413, "Payload size exceeds the limit of 16777216 bytes")
    connection = clear()
    connection.putrequest("POST", ATTRIBUTES)
    connection.putheader("Content-Length", str(16777217))
    connection.endheaders()
    response = connection.getresponse()
    check("live-C15 section-6 announced too large", (response.status, json.loads(response.read())), too_large)
    check("300 KB", post(ATTRIBUTES, json.dumps({"big": "x" * 300000})), (200, None, ""))
    check("300 KB, read", len(get(ATTRIBUTES + "?clientKeys=big")[2]), 300000 + len('{"client":{"big":""}}'))


def check_tls():
    connection = tls()
    check("HTTPS: write", ask(connection, "POST", ATTRIBUTES, '{"e":"s"}'), (200, None, ""))
    check("HTTPS: read, over the same connection", ask(connection, "GET", ATTRIBUTES + "?clientKeys=e"),
          (200, JSON, '{"client":{"e":"s"}}'))


def mqtt_packet(first, body):
    assert len(body) < 128
    return bytes([first, len(body)]) + body


def mqtt_string(text):
    return len(text).to_bytes(2, "big") + text.encode()


def check_mqtt():
    session = socket.create_connection(("127.0.0.1", MQTT), DEADLINE_S)
    session.sendall(mqtt_packet(0x10, mqtt_string("MQTT") + b"\4\x82\0\x3c" + mqtt_string("") + mqtt_string(TOKEN)))
    check("MQTT: CONNACK", session.recv(4).hex(), "20020000")
    session.sendall(mqtt_packet(0x30, mqtt_string("v1/devices/me/attributes/request/1") + b'{"clientKeys":"e"}'))
    answer = b""
    while not answer.endswith(b"}}"):
        piece = session.recv(1024)
        assert piece
        answer += piece
    check("MQTT: what HTTP wrote", answer[answer.index(b"{"):], b'{"client":{"e":"s"}}')
    session.sendall(mqtt_packet(0x32, mqtt_string("v1/devices/me/attributes") + b"\0\1" + b'{"m":"q"}'))
    while True:
        packet = session.recv(1024)
        assert packet
        if packet.endswith(bytes.fromhex("40020001")):
            break
    check("HTTP: what MQTT wrote", get(ATTRIBUTES + "?clientKeys=m"), (200, JSON, '{"client":{"m":"q"}}'))


check_good()
check_errors()
check_size()
check_silence()
check_others()
check_clear()
check_tls()
check_mqtt()
print(f"1..{number}")
sys.exit(failed != 0)
