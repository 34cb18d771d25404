# SPDX-License-Identifier: MIT
#
# sandbox-mqtt.py PORT TOKEN: bytes of MQTT to the sandbox, and the bytes that have to come back. Prints TAP.
import socket
import sys

PORT, TOKEN = int(sys.argv[1]), sys.argv[2]
DEADLINE_S = 10
PREFIX = "v1/devices/me/"
ANSWERS = PREFIX + "attributes/response/+"


def string(text):
    data = text.encode()
    return len(data).to_bytes(2, "big") + data


def packet(first, body):
    length, rest = b"", len(body)
    while True:
        rest, digit = divmod(rest, 128)
        length += bytes([digit | 0x80 if rest else digit])
        if not rest:
            return bytes([first]) + length + body


def connect(user=None, client="", level=4, clean=1, password=None):
    flags = clean << 1 | (user is not None) << 7 | (password is not None) << 6
    name = "MQIsdp" if level == 3 else "MQTT"
    body = string(name) + bytes([level, flags, 0, 60]) + (b"\0" if level == 5 else b"") + string(client)
    return packet(0x10, body + b"".join(string(s) for s in (user, password) if s is not None))


def subscribe(filter_, qos=1, ident=1, level=4):
    properties = b"\0" if level == 5 else b""
    return packet(0x82, ident.to_bytes(2, "big") + properties + string(filter_) + bytes([qos]))


def publish(topic, payload, qos=1, ident=2, flags=0):
    head = string(topic) + (ident.to_bytes(2, "big") if qos else b"")
    return packet(0x30 | qos << 1 | flags, head + payload.encode())


class Session:
    def __init__(self, first=None):
        self.socket = socket.create_connection(("127.0.0.1", PORT), DEADLINE_S)
        if first is not None:
            assert self.ask(first, 4) == bytes.fromhex("20020000")

    def send(self, data):
        self.socket.sendall(data)

    def take(self, count):
        """That many bytes, or fewer when the connection ends."""
        data = b""
        while len(data) < count:
            try:
                piece = self.socket.recv(count - len(data))
            except ConnectionResetError:
                break
            if not piece:
                break
            data += piece
        return data

    def ask(self, data, count):
        self.send(data)
        return self.take(count)

    def ended(self):
        return self.take(1) == b""

    def alive(self):
        return self.ask(b"\xc0\0", 2) == b"\xd0\0"


def device():
    return Session(connect(TOKEN))


number = failed = 0


def check(what, got, expected):
    global number, failed
    number += 1
    good = got == expected
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}")
    if not good:
        print(f"# got {got!r}\n# expected {expected!r}")


def check_refusal(what, first, expected):
    session = Session()
    check(what, session.ask(first, len(expected) // 2).hex(), expected)
    check(what + ": connection ends", session.ended(), True)


def check_connect():
    check("token", Session().ask(connect(TOKEN), 4).hex(), "20020000")
    check("token, any password", Session().ask(connect(TOKEN, password="x"), 4).hex(), "20020000")
    check("token, MQTT 3.1", Session().ask(connect(TOKEN, "c", level=3), 4).hex(), "20020000")
    reply = Session().ask(connect(TOKEN, level=5), 4)
    check("token, MQTT 5", (reply[0], reply[2:].hex()), (0x20, "0000"))
    check_refusal("wrong token", connect("wrong"), "20020005")
    check_refusal("token and a space", connect(TOKEN + " "), "20020005")
    check_refusal("token in capitals", connect(TOKEN.upper()), "20020005")
    check_refusal("empty user name", connect(""), "20020005")
    check_refusal("no user name", connect(None, "x"), "20020005")
    check_refusal("provision", connect("provision"), "20020005")


def check_subscribe():
    session = device()
    check("QoS 1", session.ask(subscribe(ANSWERS), 5).hex(), "9003000101")
    check("QoS 2 becomes 1", session.ask(subscribe(ANSWERS, 2), 5).hex(), "9003000101")
    for filter_ in ("#", PREFIX + "#", PREFIX + "+", PREFIX + "telemetry", PREFIX + "attributes/response/1"):
        check(f"{filter_} is refused", session.ask(subscribe(filter_), 5).hex(), "9003000180")
    check("UNSUBSCRIBE", session.ask(packet(0xA2, b"\0\3" + string("#")), 4).hex(), "b0020003")
    check("still connected", session.alive(), True)


def check_publish():
    session = device()
    for topic, payload in (("telemetry", '{"a":1}'), ("telemetry", "{a:1}"), ("attributes", "{b:NaN}")):
        check(f"{topic} {payload}", session.ask(publish(PREFIX + topic, payload), 4).hex(), "40020002")
    check("unknown topic", session.ask(publish("foo", "{bad"), 4).hex(), "40020002")
    session.send(publish(PREFIX + "telemetry", "{}", qos=0))
    check("QoS 0", session.alive(), True)
    retained = publish(PREFIX + "attributes", "{}", flags=1)
    check("retained", session.ask(retained, 4).hex(), "40020002")
    for topic, payload, qos in (
        ("telemetry", "{bad", 1),
        ("telemetry", "{bad", 0),
        ("attributes", "[]", 1),
        ("attributes/request/x", "{}", 1),
        ("attributes/request/1", "", 1),
        ("telemetry", "{}", 2),
    ):
        session = device()
        session.send(publish(PREFIX + topic, payload, qos))
        check(f"{topic} {payload} QoS {qos} closes", session.ended(), True)


def answer(session, request, payload, size):
    """PUBACK and the answering PUBLISH, in whatever order."""
    got = session.ask(publish(PREFIX + request, payload), 4 + size)
    return got.replace(b"\x40\2\0\2", b"", 1)


def check_requests():
    session = device()
    topic = string(PREFIX + "attributes/response/1")
    expected = packet(0x32, topic + b"\0\1{}")
    got = answer(session, "attributes/request/1", '{"clientKeys":"model"}', len(expected))
    check("a key that is not set, not subscribed", got, expected)
    session.ask(subscribe(ANSWERS, 0), 5)
    expected = packet(0x30, topic + b"{}")
    got = answer(session, "attributes/request/1", '{"clientKeys":"model"}', len(expected))
    check("the same, subscribed with QoS 0", got, expected)
    session.ask(publish(PREFIX + "attributes", '{"tbdiagProbe":"x1","n":"0012"}'), 4)
    expected = packet(0x30, topic + b'{"client":{"tbdiagProbe":"x1","n":12}}')
    got = answer(session, "attributes/request/1", "{clientKeys:'tbdiagProbe,n'}", len(expected))
    check("written, cast and read back", got, expected)
    expected = packet(0x30, topic + b'{"shared":{"cfg":1}}')
    got = answer(session, "attributes/request/1", "{sharedKeys:cfg}", len(expected))
    check("shared", got, expected)
    check("negative id: only PUBACK", answer(session, "attributes/request/-1", "{}", 0), b"")
    check("still connected", session.alive(), True)
    got = answer(session, "rpc/request/7", '{"method":"getSessionLimits"}', 40)
    check("getSessionLimits", PREFIX.encode() + b"rpc/response/7" in got, True)


def check_sizes():
    topic = PREFIX + "telemetry"
    session = device()
    padding = 65536 - len(publish(topic, '{"a":""}')) + 2
    largest = publish(topic, '{"a":"%s"}' % ("x" * padding))
    check("a remaining length of 65536 is meant", len(largest), 65536 + 4)
    check("is accepted", session.ask(largest, 4).hex(), "40020002")
    session.send(publish(topic, '{"a":"%s"}' % ("x" * (padding + 1))))
    check("one more closes", session.ended(), True)


def check_sessions():
    first = Session(connect(TOKEN, "one"))
    second = Session(connect(TOKEN, "two"))
    check("the second session ends the first", first.ended(), True)
    check("and stays", second.alive(), True)
    reader, writer = second, device()
    check("a third ends the second", reader.ended(), True)
    check("and stays, too", writer.alive(), True)
    Session().ask(connect("wrong", "three"), 4)
    check("a wrong token ends nothing", writer.alive(), True)


for part in (check_connect, check_subscribe, check_publish, check_requests, check_sizes, check_sessions):
    part()
print(f"1..{number}")
sys.exit(failed != 0)
