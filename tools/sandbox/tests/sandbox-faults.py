# SPDX-License-Identifier: MIT
#
# sandbox-faults.py STATE READY-LINE-FILE TOKEN: what devices meet in a state; a line "ok WHAT" or "bad WHAT" each.
import http.client
import json
import socket
import ssl
import subprocess
import sys
import time

STATE = sys.argv[1]
with open(sys.argv[2], encoding="utf-8") as file:
    READY = json.load(file)
TOKEN = sys.argv[3]
PORTS = READY["ports"]
DEADLINE_S = 10
PREFIX = "v1/devices/me/"
PING, PONG = b"\xc0\0", "d000"


def check(what, got, expected):
    print("ok" if got == expected else "bad", what)
    if got != expected:
        print(f"# {what}: got {got!r}, expected {expected!r}", file=sys.stderr)


def string(text):
    return len(text).to_bytes(2, "big") + text.encode()


def packet(first, body):
    assert len(body) < 128
    return bytes([first, len(body)]) + body


def connect(user, level=4, client="c"):
    properties = b"\0" if level == 5 else b""
    return packet(0x10, string("MQTT") + bytes([level, 0x82, 0, 60]) + properties + string(client) + string(user))


def publish(topic, payload, level=4, ident=2):
    return packet(0x32, string(topic) + ident.to_bytes(2, "big") + (b"\0" if level == 5 else b"") + payload.encode())


def dial(port="mqtt"):
    return socket.create_connection(("127.0.0.1", PORTS[port]), DEADLINE_S)


def hear(peer, seconds=DEADLINE_S):
    """All that comes until the end, in hexadecimal; and whether it ended, or was silent for so long."""
    data = b""
    peer.settimeout(seconds)
    try:
        while piece := peer.recv(4096):
            data += piece
    except TimeoutError:
        return data.hex(), "silence"
    except ConnectionResetError:
        return data.hex(), "RST"
    return data.hex(), "FIN"


def ask(*packets, seconds=DEADLINE_S, port="mqtt"):
    peer = dial(port)
    for data in packets:
        peer.sendall(data)
    return hear(peer, seconds)


def web(method, path, body=None, timeout=0.5):
    connection = http.client.HTTPConnection("127.0.0.1", PORTS["http"], timeout=timeout)
    try:
        connection.request(method, f"/api/v1/{TOKEN}/{path}", body)
        return connection.getresponse().status
    except (TimeoutError, ConnectionRefusedError) as error:
        return type(error).__name__


def proxy_protocol():
    hello = connect(TOKEN)
    for port in "mqtt", "mqtts":
        check(f"live-C2 a CONNECT of {len(hello)} bytes to {port}", ask(hello, seconds=0.5, port=port), ("", "silence"))
        check(f"live-C2 108 bytes to {port}", ask(b"x" * 108, seconds=0.5, port=port), ("", "silence"))
        check(f"live-C2 109 bytes to {port}", ask(b"x" * 109, port=port), ("", "FIN"))
        check(f"live-C2 HTTP to {port}", ask(b"GET / HTTP/1.1\r\n", port=port), ("", "FIN"))
        check(f"live-C2 UNKNOWN to {port}", ask(b"PROXY UNKNOWN\r\n" + hello, port=port), ("", "FIN"))
        binary = b"\r\n\r\n\0\r\nQUIT\n"
        check(f"live-C2 LOCAL to {port}", ask(binary + b"\x20\0\0\0" + hello, port=port), ("", "FIN"))
    goodbye = b"\xe0\0"
    line = b"PROXY TCP4 192.0.2.1 192.0.2.2 1 2\r\n"
    check("live-C2 version 1", ask(line + hello + goodbye), ("20020000", "FIN"))
    check("live-C2 version 2", ask(binary + b"\x21\x11\0\x0c" + b"x" * 12 + hello + goodbye), ("20020000", "FIN"))
    peer = dial("mqtts")
    peer.sendall(line)
    with tls().wrap_socket(peer, server_hostname="localhost") as session:
        session.sendall(hello)
        check("live-C2 version 1, then TLS", session.recv(4).hex(), "20020000")


def starting():
    early = dial()
    early.sendall(connect(TOKEN))
    fifth = dial()
    fifth.sendall(connect(TOKEN, 5))
    check("live-C4 HTTP is closed meanwhile", web("GET", "attributes"), "ConnectionRefusedError")
    time.sleep(1.8)
    late = dial()
    late.sendall(connect(TOKEN))
    check("live-C4 who came early is refused", hear(early), ("20020003", "FIN"))
    check("live-C4 in MQTT 5", hear(fifth), ("2003008800e0028900", "FIN"))
    check("live-C4 who came late is let in", late.recv(4).hex(), "20020000")
    deadline = time.monotonic() + DEADLINE_S
    while web("GET", "attributes") != 200 and time.monotonic() < deadline:
        time.sleep(0.05)
    check("live-C4 HTTP is open then", web("GET", "attributes"), 200)


def limit():
    request = PREFIX + "attributes/request/1"
    limits = publish(PREFIX + "rpc/request/1", '{"method":"getSessionLimits"}')
    got, how = ask(connect(TOKEN), limits, publish(PREFIX + "telemetry", "{a:1}", ident=3), publish(request, "{}"))
    check("live-C14 CONNECT and telemetry pass, the first request closes", (got[:16], got[-8:], how),
          ("2002000040020002", "40020003", "FIN"))
    check("live-C14 the limit is told", b'"messages":"1:60","telemetryMessages":null' in bytes.fromhex(got), True)
    check("live-C14 the next CONNECT", ask(connect(TOKEN)), ("20020003", "FIN"))
    check("live-C14 in MQTT 5", ask(connect(TOKEN, 5)), ("2003009f00e0029600", "FIN"))
    check("live-C14 HTTP: POST", web("POST", "attributes", "{a:1}"), 200)
    check("live-C14 HTTP: GET", web("GET", "attributes"), "TimeoutError")


def telemetry_limit():
    attributes = publish(PREFIX + "attributes", "{a:1}")
    telemetry = publish(PREFIX + "telemetry", "{a:1}", ident=3)
    check("live-C14 the second of attributes and telemetry closes", ask(connect(TOKEN), attributes, telemetry),
          ("2002000040020002", "FIN"))
    check("live-C14 in MQTT 5", ask(connect(TOKEN, 5), publish(PREFIX + "attributes", "{a:1}", 5)),
          ("2003000000e0028300", "FIN"))
    check("live-C14 HTTP: POST", web("POST", "telemetry", "{a:1}"), 500)
    check("live-C14 HTTP: GET", web("GET", "attributes"), 200)


def api_usage():
    check("CONNECT", ask(connect(TOKEN)), ("20020003", "FIN"))
    check("CONNECT, MQTT 5", ask(connect(TOKEN, 5)), ("2003009f00e0029600", "FIN"))
    check("HTTP", web("POST", "attributes", "{a:1}"), 500)


def deleted():
    check("live-C21 deleted", ask(connect(TOKEN)), ("20020000", "FIN"))
    check("live-C21 the token is wrong then", ask(connect(TOKEN)), ("20020005", "FIN"))
    check("live-C21 over HTTP as well", web("GET", "attributes"), 401)


def session_ended():
    check("live-C21 session ended", ask(connect(TOKEN)), ("20020000", "FIN"))
    check("live-C21 in MQTT 5", ask(connect(TOKEN, 5)), ("2003000000e0029800", "FIN"))


def own_topics():
    goodbye = b"\xe0\0"
    check("acknowledged and dropped", ask(connect(TOKEN), publish(PREFIX + "attributes", "{bad"), goodbye),
          ("2002000040020002", "FIN"))
    check("MQTT 5 says so", ask(connect(TOKEN, 5), publish(PREFIX + "attributes", "{bad", 5), goodbye),
          ("2003000000400400029000e000", "FIN"))
    check("its own topic", ask(connect(TOKEN), publish("my/attributes", "{k:v}"), goodbye),
          ("2002000040020002", "FIN"))
    check("its own topic takes no nonsense", ask(connect(TOKEN), publish("my/attributes", "{bad")), ("20020000", "FIN"))


def tls():
    return ssl.create_default_context(cafile=READY["ca_file"])


def default():
    check("live-C2 plain CONNECT to the port for TLS", ask(connect(TOKEN), port="mqtts"), ("", "FIN"))
    check("a ClientHello to the port in clear", ask(bytes.fromhex("160301020001000000000000"), seconds=2), ("", "FIN"))
    request = b"\n".join(openssl("-tls1_2"))
    check("live-C19 a client certificate is asked for", b"Acceptable client certificate CA names" in request or
          b"Client Certificate Types" in request, True)
    subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes", "-subj",
                    "/CN=device", "-keyout", "key.pem", "-out", "cert.pem"], check=True, capture_output=True)
    context = tls()
    context.load_cert_chain("cert.pem", "key.pem")
    for level, expected in (4, "20020005"), (5, "2003008700e0028700"):
        with context.wrap_socket(dial("mqtts"), server_hostname="localhost") as session:
            session.sendall(connect(TOKEN, level))
            check(f"live-C19 an unknown certificate, level {level}", hear(session), (expected, "FIN"))
    writer = dial()
    writer.sendall(connect(TOKEN) + publish(PREFIX + "attributes", "{k:v}"))
    begin = time.monotonic()
    writer.recv(8)
    reader = http.client.HTTPConnection("127.0.0.1", PORTS["http"], timeout=DEADLINE_S)
    while time.monotonic() < begin + DEADLINE_S:
        reader.request("GET", f"/api/v1/{TOKEN}/attributes")
        if reader.getresponse().read() != b"{}":
            break
    took = time.monotonic() - begin
    check("live-C23 visible after 50 ms", 0.045 < took < 1, True)


def openssl(*options):
    command = ["openssl", "s_client", "-connect", f"localhost:{PORTS['mqtts']}", *options]
    done = subprocess.run(command, input=b"", capture_output=True, timeout=DEADLINE_S)
    return done.stdout, done.stderr


def client_cert_required():
    for version, alert in ("-tls1_2", b"alert number 40"), ("-tls1_3", b"alert number 116"):
        command = ["openssl", "s_client", "-connect", f"localhost:{PORTS['mqtts']}", version, "-ign_eof"]
        for _ in range(5):
            done = subprocess.run(command, input=b"x" * 9000, capture_output=True, timeout=DEADLINE_S)
            heard = alert in done.stderr
            if not heard:
                break
        check(f"{version}: {alert.decode()}, not overtaken by a reset", heard, True)


def close_before_connack():
    with tls().wrap_socket(dial("mqtts"), server_hostname="localhost", suppress_ragged_eofs=False) as session:
        session.sendall(connect(TOKEN))
        check("TLS ends by close_notify", session.recv(1), b"")


def plain_mqtt():
    check("the port speaks MQTT in clear", ask(connect("wrong"), port="mqtts"), ("20020005", "FIN"))
    connection = http.client.HTTPSConnection("localhost", PORTS["https"], timeout=DEADLINE_S, context=tls())
    connection.request("GET", f"/api/v1/{TOKEN}/attributes")
    check("HTTPS goes on", connection.getresponse().status, 200)


{
    "proxy-protocol": proxy_protocol, "starting": starting, "limit": limit, "telemetry-limit": telemetry_limit,
    "api-usage": api_usage, "deleted": deleted, "session-ended": session_ended, "own-topics": own_topics,
    "default": default, "client-cert-required": client_cert_required, "close-before-connack": close_before_connack,
    "plain-mqtt": plain_mqtt,
}[STATE]()
