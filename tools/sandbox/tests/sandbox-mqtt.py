# SPDX-License-Identifier: MIT
#
# sandbox-mqtt.py PORT TOKEN: bytes of MQTT to the sandbox, and the bytes that ThingsBoard sends back. Prints TAP; a
# name says which correction of what was measured on a real server it stands for.
import socket
import sys

PORT, TOKEN = int(sys.argv[1]), sys.argv[2]
DEADLINE_S = 10
PREFIX = "v1/devices/me/"
ANSWERS = PREFIX + "attributes/response/+"
TELEMETRY, ATTRIBUTES, REQUEST = PREFIX + "telemetry", PREFIX + "attributes", PREFIX + "attributes/request/1"
RPC = PREFIX + "rpc/request/1"
OPEN, FIN = "open", "FIN"
PING, PONG = b"\xc0\0", b"\xd0\0"


def octets(text):
    return text if isinstance(text, bytes) else text.encode()


def string(text):
    data = octets(text)
    return len(data).to_bytes(2, "big") + data


def packet(first, body):
    length, rest = b"", len(body)
    while True:
        rest, digit = divmod(rest, 128)
        length += bytes([digit | 0x80 if rest else digit])
        if not rest:
            return bytes([first]) + length + body


def properties(level):
    return b"\0" if level == 5 else b""


def connect(user=None, client="c", level=4, clean=1, password=None, flags=0, name=None):
    flags |= clean << 1 | (user is not None) << 7 | (password is not None) << 6
    name = name or ("MQIsdp" if level == 3 else "MQTT")
    body = string(name) + bytes([level, flags, 0, 60]) + properties(level) + string(client)
    return packet(0x10, body + b"".join(string(s) for s in (user, password) if s is not None))


def subscribe(*filters, qos=1, ident=1, level=4):
    body = ident.to_bytes(2, "big") + properties(level)
    return packet(0x82, body + b"".join(string(f) + bytes([qos]) for f in filters))


def unsubscribe(*filters, ident=3, level=4):
    return packet(0xA2, ident.to_bytes(2, "big") + properties(level) + b"".join(string(f) for f in filters))


def publish(topic, payload, qos=1, ident=2, flags=0, level=4):
    head = string(topic) + (ident.to_bytes(2, "big") if qos else b"") + properties(level)
    return packet(0x30 | qos << 1 | flags, head + octets(payload))


class Session:
    def __init__(self, *first):
        self.socket = socket.create_connection(("127.0.0.1", PORT), DEADLINE_S)
        for data in first:
            self.socket.sendall(data)

    def send(self, data):
        self.socket.sendall(data)

    def take(self, count):
        """That many bytes, or fewer when the connection ends."""
        data = b""
        while len(data) < count:
            piece = self.socket.recv(count - len(data))
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
        return self.ask(PING, 2) == PONG

    def until(self, end):
        """What comes until this, or until the connection ends: the bytes, and which it was."""
        data = b""
        while not data.endswith(end):
            try:
                piece = self.socket.recv(65536)
            except ConnectionResetError:
                return data, "RST"
            if not piece:
                return data, FIN
            data += piece
        return data[:-len(end)], OPEN


def granted(level):
    return bytes.fromhex("2003000000" if level == 5 else "20020000")


def device(level=4):
    session = Session(connect(TOKEN, level=level))
    assert session.take(len(granted(level))) == granted(level)
    return session


number = failed = 0


def check(what, got, expected):
    global number, failed
    number += 1
    good = got == expected
    failed += not good
    print(f"{'ok' if good else 'not ok'} {number} - {what}")
    if not good:
        print(f"# got {got!r}\n# expected {expected!r}")


def message(answer, level, qos=1, ident=1):
    """The PUBLISH that the server sends."""
    topic, payload = answer
    return publish(topic, payload, qos, ident, 0, level)


def expected_bytes(parts, level):
    """Of hexadecimal text, and messages from the server."""
    out, ident = b"", 0
    for part in parts if isinstance(parts, list) else [parts]:
        if isinstance(part, tuple):
            ident += 1
            out += message(part, level, ident=ident)
        else:
            out += bytes.fromhex(part)
    return out


def check_bytes(what, level, session, stimulus, expected, end=OPEN):
    """A connection that stays open answers PINGREQ, after all else."""
    session.send(stimulus)
    if end == OPEN:
        session.send(PING)
    got, how = session.until(PONG)
    check(f"{what} (MQTT {'3.1' if level == 3 else '3.1.1' if level == 4 else '5'})",
          (got.hex(" "), how), (expected_bytes(expected, level).hex(" "), end))


def each(what, stimulus, v3, v5, start=device):
    """`stimulus` makes packets for a level; v3 and v5 are what comes back, and the end."""
    for level, (expected, end) in (4, v3), (5, v5):
        check_bytes(what, level, start(level), stimulus(level), expected, end)


PUBACK = ("40 02 00 02", OPEN)
SILENT = ("", OPEN)
CLOSED = ("", FIN)


def closed(reason):
    return f"e0 02 {reason} 00", FIN


def puback(reason):
    return f"40 04 00 02 {reason} 00", OPEN


# ---- CONNECT ---------------------------------------------------------------------------------------


def refusals():
    def row(what, v3, v5, **arguments):
        for level in 4, 5:
            for clean in 1, 0:
                expected = f"20 02 0{1 - clean} {v3}" if level == 4 else f"20 03 0{1 - clean} {v5} 00 e0 02 {v5} 00"
                check_bytes(f"{what}, clean session {clean}", level, Session(),
                            connect(level=level, clean=clean, **arguments), expected, FIN)

    row("wrong token", "05", "86", user="wrong")
    row("wrong user name and password", "05", "86", user="wrong", password="x")
    row("token and a space", "05", "86", user=TOKEN + " ")
    row("section-6 token and a line feed", "05", "86", user=TOKEN + "\n")
    row("token and NUL", "05", "86", user=TOKEN + "\0")
    row("token in capitals", "05", "86", user=TOKEN.swapcase())
    row("empty user name", "05", "86", user="")
    row("section-6 password without a user name", "05", "86", password=TOKEN)
    row("no user name", "02", "85", client="x")
    row("no user name, no client id", "05", "87", client="")
    row("no user name, blank client id", "05", "87", client=" ")


def grants():
    for level in 3, 4, 5:
        for clean in 1, 0:
            expected = f"20 03 0{1 - clean} 00 00" if level == 5 else f"20 02 0{1 - clean} 00"
            for arguments in {}, {"password": "x"}, {"password": ""}:
                check_bytes(f"token, clean session {clean}, {arguments}", level, Session(),
                            connect(TOKEN, level=level, clean=clean, **arguments), expected)
    will = packet(0x10, string("MQTT") + b"\4\x86\0\0" + string("c") + string("t") + string("m") + string(TOKEN))
    check_bytes("a will is not looked at", 4, Session(), will, "20 02 00 00")


def undecodable():
    for what, data in (
        ("level 9", connect(TOKEN, level=9)),
        ("protocol MQTx", connect(TOKEN, name="MQTx")),
        ("level 4 of MQIsdp", connect(TOKEN, name="MQIsdp")),
        ("the reserved flag", connect(TOKEN, flags=1)),
        ("3.1, a client id of 24 characters", connect(TOKEN, "x" * 24, 3)),
        ("3.1, no client id", connect(TOKEN, "", 3)),
        ("cut", b"\x10\x03\0\4M"),
        ("a ClientHello", b"\x16\x03\x01\x02\x00\x01\x00"),
        ("a header of PROXY", b"PROXY TCP4 1.2.3.4 5.6.7.8 9 10\r\n"),
        ("HTTP", b"GET / HTTP/1.1\r\n\r\n"),
        ("type 0", b"\0\0"),
    ):
        check_bytes(f"live-C6 section-6 undecodable: {what}", 4, Session(), data, "", FIN)
    check_bytes("3.1, a client id of 23 characters", 3, Session(), connect(TOKEN, "x" * 23, 3), "20 02 00 00")


def before_connect():
    first = publish(TELEMETRY, '{"a":1}')
    check_bytes("live-C5 PUBLISH before CONNECT", 4, Session(), first + connect(TOKEN), "20 02 00 00 40 02 00 02")
    early = b"\x40\2\0\1"
    check_bytes("live-C5 100 packets before CONNECT", 4, Session(early * 100), connect(TOKEN), "20 02 00 00")
    session = Session(PING)
    session.send(connect(TOKEN))
    check("live-C5 PINGREQ before CONNECT is answered after it", session.take(6).hex(), "20020000d000")
    check_bytes("live-C5 101 packets before CONNECT", 4, Session(), early * 101, "", FIN)
    each("live-C6 a second CONNECT", lambda level: connect(TOKEN, level=level),
         ("20 02 00 00", OPEN), ("20 03 00 00 00", OPEN))
    each("live-C6 a second CONNECT, wrong token", lambda level: connect("wrong", level=level),
         ("20 02 00 05", FIN), ("20 03 00 86 00 e0 02 86 00", FIN))


# ---- SUBSCRIBE -------------------------------------------------------------------------------------


def filters():
    def row(what, v3, v5, *names, qos=1):
        each(what, lambda level: subscribe(*names, qos=qos, level=level), (v3, OPEN), (v5, OPEN))

    for qos in 0, 1, 2:
        code = f"0{min(qos, 1)}"
        row(f"QoS {qos}", f"90 03 00 01 {code}", f"90 04 00 01 00 {code}", ANSWERS, qos=qos)
    for name in "#", PREFIX + "#", PREFIX + "+", TELEMETRY, PREFIX + "attributes/response/1", "$share/g/" + ATTRIBUTES:
        row(f"{name} is refused", "90 03 00 01 80", "90 04 00 01 00 8f", name)
    row("live-C9 section-6 an empty filter", "90 03 00 01 80", "90 04 00 01 00 8f", "")
    row("a filter that is none", "90 03 00 01 80", "90 04 00 01 00 8f", "a#/+b")
    row("several", "90 05 00 01 01 80 01", "90 06 00 01 00 01 8f 01", ANSWERS, "#", "v1/gateway/rpc")
    row("live-C9 no filter at all", "90 02 00 01", "90 03 00 01 00")
    each("UNSUBSCRIBE", lambda level: subscribe(ANSWERS, level=level) + unsubscribe(ANSWERS, level=level),
         ("90 03 00 01 01 b0 02 00 03", OPEN), ("90 04 00 01 00 01 b0 04 00 03 00 00", OPEN))
    each("live-C9 UNSUBSCRIBE #", lambda level: unsubscribe("#", level=level),
         ("b0 02 00 03", OPEN), ("b0 04 00 03 00 11", OPEN))
    check_bytes("a refused filter in MQTT 3.1", 3, Session(), connect(TOKEN, level=3) + subscribe("#"),
                "20 02 00 00 90 03 00 01 80")


# ---- PUBLISH ---------------------------------------------------------------------------------------


def payloads():
    def row(what, topic, payload, v3, v5, qos=1):
        each(f"{what}: {payload[:40]!r} QoS {qos}",
             lambda level: publish(topic, payload, qos, level=level), v3, v5)

    def good(what, topic, payload):
        row(what, topic, payload, PUBACK, PUBACK)

    def bad(what, topic, payload):
        row(what, topic, payload, CLOSED, puback("99"))
        row(what, topic, payload, CLOSED, closed("99"), 0)

    good("telemetry", TELEMETRY, '{"a":1}')
    row("telemetry", TELEMETRY, '{"a":1}', SILENT, SILENT, 0)
    for payload in ("{a:1}", "{a=1}", '{"a":1} // comment', "{a:NaN}", "{a:-Infinity}", "{'a':'b'}", "{a:ON}", "{}",
                    '{"a":null}', "[{}]"):
        good("live-C7", TELEMETRY, payload)
    for payload in '{"a":1,}', '{"a":1};', "null", "{bad", "7", "":
        bad("live-C7", TELEMETRY, payload)
    bad("live-C7 attributes", ATTRIBUTES, "[]")
    row("live-C7 telemetry, never acknowledged", TELEMETRY, "[]", SILENT, SILENT)
    for qos in 0, 1:
        row("live-C7 a time that is none", TELEMETRY, '{"ts":"x","values":{"a":1}}', CLOSED, closed("8b"), qos)
    for what, topic in ("unknown", "foo"), ("section-6 empty", ""), ("slash before", "/" + TELEMETRY), \
            ("control character", "a\nb"), ("short", "telemetry"), ("long", "x" * 5000):
        row(f"{what} topic", topic, "{bad", PUBACK, puback("90"))
        row(f"{what} topic", topic, "{bad", SILENT, SILENT, 0)
    for topic in "a/#", "+", PREFIX + "attributes/request/+1":
        row(f"live-C8 a topic with a wildcard: {topic}", topic, "{}", CLOSED, closed("81"))
    row("gateway", "v1/gateway/telemetry", "{bad", SILENT, SILENT)
    row("QoS 2", TELEMETRY, "{}", PUBACK, PUBACK, 2)
    each("DUP and RETAIN", lambda level: publish(ATTRIBUTES, "{}", flags=9, level=level), PUBACK, PUBACK)
    each("packet id 0", lambda level: publish(TELEMETRY, "{}", ident=0, level=level), CLOSED, closed("81"))
    each("too large", lambda level: publish(TELEMETRY, "x" * 65536, level=level), CLOSED, closed("81"))
    each("claim", lambda level: publish(PREFIX + "claim", "", level=level), PUBACK, PUBACK)


def requests():
    response = PREFIX + "attributes/response/1"

    def row(what, payload, v3, v5=None, topic=REQUEST):
        each(f"{what}: {payload}", lambda level: publish(topic, payload, level=level), v3, v5 or v3)

    def answered(what, payload, answer):
        row(what, payload, (["40 02 00 02", (response, answer)], OPEN))

    answered("a key that is not set", '{"clientKeys":"model"}', "{}")
    each("written", lambda level: publish(ATTRIBUTES, '{"k":"v","n":"0012","1":true}', level=level), PUBACK, PUBACK)
    answered("cast and read back", "{clientKeys:'k,n'}", '{"client":{"k":"v","n":12}}')
    answered("shared", "{sharedKeys:cfg}", '{"shared":{"cfg":1}}')
    answered("live-C10 a number", '{"clientKeys":1}', '{"client":{"1":true}}')
    answered("live-C10 no quotes", "{clientKeys:model}", "{}")
    answered("live-C3 an array of one", '{"clientKeys":["k"]}', '{"client":{"k":"v"}}')
    everything = '{"client":{"k":"v","n":12,"1":true},"shared":{"cfg":1}}'
    answered("live-C3 a comma asks for everything", '{"clientKeys":","}', everything)
    answered("everything", "{}", everything)
    for payload in '{"clientKeys":""}', '{"clientKeys":"a,,b"}', '{"sharedKeys":""}', \
            '{"clientKeys":"a","sharedKeys":""}':
        row("live-C3 section-6 never answered", payload, PUBACK)
    for payload in '{"clientKeys":["a","b"]}', '{"clientKeys":{}}', '{"clientKeys":null}', "", "[]", '"x"', "null":
        row("live-C10 refused", payload, CLOSED, puback("99"))
    for ident in "x", "", "1/2", "2147483648":
        row("no id", "{}", CLOSED, puback("99"), PREFIX + "attributes/request/" + ident)
    row("a negative id", "{}", PUBACK, None, PREFIX + "attributes/request/-1")
    answers = [(response, "{}"), (PREFIX + "attributes/response/2", "{}")]
    each("ids of the session", lambda level: publish(REQUEST, '{"clientKeys":"x"}', level=level) + publish(
        REQUEST[:-1] + "2", '{"clientKeys":"x"}', ident=3, level=level),
        (["40 02 00 02", answers[0], "40 02 00 03", answers[1]], OPEN),
        (["40 02 00 02", answers[0], "40 02 00 03", answers[1]], OPEN))
    for level in 4, 5:
        session = device(level)
        session.ask(subscribe(ANSWERS, qos=0, level=level), 6 if level == 5 else 5)
        check_bytes("subscribed with QoS 0", level, session, publish(REQUEST, '{"clientKeys":"x"}', level=level),
                    "40 02 00 02 " + publish(response, "{}", 0, level=level).hex(" "))


def calls():
    limits = ('{"maxPayloadSize":65536,"maxInflightMessages":100,"rateLimits":{"messages":null,'
              '"telemetryMessages":null,"telemetryDataPoints":null}}')

    def row(what, topic, payload, v3, v5):
        each(f"live-C11 {what}", lambda level: publish(topic, payload, level=level), v3, v5)

    answer = (["40 02 00 02", (PREFIX + "rpc/response/1", limits)], OPEN)
    row("getSessionLimits without params", RPC, '{"method":"getSessionLimits"}', answer, answer)
    row("another call", RPC, '{"method":"getCurrentTime","params":{}}', PUBACK, PUBACK)
    row("broken JSON", RPC, "{bad", CLOSED, puback("99"))
    row("no method", RPC, "{}", CLOSED, closed("8b"))
    row("the id is no number", RPC[:-1] + "abc", '{"method":"m"}', CLOSED, closed("8b"))
    row("an answer whose id is no number", PREFIX + "rpc/response/abc", "{}", CLOSED, puback("99"))
    row("an answer", PREFIX + "rpc/response/1", b"\xff", PUBACK, PUBACK)
    error = [("v2/fw/error", "NOT_FOUND")]
    for kind in "fw", "sw":
        each(f"live-C12 section-6 {kind}: none is assigned",
             lambda level: publish(f"v2/{kind}/request/0/chunk/0", "", level=level),
             (error, FIN), (error + ["e0 02 83 00"], FIN))


def provision():
    def start(level):
        session = Session(connect("provision", level=level))
        assert session.take(len(granted(level))) == granted(level)
        return session

    def row(what, stimulus, v3, v5):
        each(f"live-C12 provision: {what}", stimulus, v3, v5, start)

    row("the response is granted", lambda level: subscribe("/provision/response", "#", ANSWERS, level=level),
        ("90 05 00 01 01 80 80", OPEN), ("90 06 00 01 00 01 8f 8f", OPEN))
    row("anything else", lambda level: publish(TELEMETRY, "{}", level=level),
        ("40 02 00 02", FIN), ("40 04 00 02 90 00 e0 02 90 00", FIN))
    row("a broken request", lambda level: publish("/provision/request", "{bad", level=level),
        ("40 02 00 02", FIN), ("40 04 00 02 83 00 e0 02 83 00", FIN))
    known = '{"deviceName":"d","provisionDeviceKey":"k","provisionDeviceSecret":"s"}'
    answer = [("/provision/response", '{"errorMsg":"Provision data was not found!","status":"NOT_FOUND"}')]
    row("an unknown key", lambda level: publish("/provision/request", known, level=level),
        (["40 02 00 02"] + answer, OPEN), (["40 02 00 02"] + answer, OPEN))
    by_id = Session(connect(TOKEN, "provision"))
    check_bytes("provision: by the client id", 4, by_id, subscribe(ANSWERS), "20 02 00 00 90 03 00 01 80")


# ---- the rest --------------------------------------------------------------------------------------


def strays():
    for name, data in ("PUBREL", "62 02 00 01"), ("PUBREC", "50 02 00 01"), ("PUBACK", "40 02 00 09"), \
            ("CONNACK", "20 02 00 00"), ("AUTH", "f0 00"), ("PINGRESP", "d0 00"):
        each(f"live-C13 a stray {name}", lambda level: bytes.fromhex(data), SILENT, SILENT)
    for name, data in ("type 0", "00 00"), ("SUBSCRIBE with other flags", "80 00"), ("PINGREQ with flags", "c1 00"), \
            ("QoS 3", "36 05 00 01 61 00 01"):
        each(f"live-C13 {name}", lambda level: bytes.fromhex(data), CLOSED, closed("81"))
    each("DISCONNECT", lambda level: b"\xe0\0", CLOSED, ("e0 00", FIN))


def sizes():
    session = device()
    padding = 65536 - len(publish(TELEMETRY, '{"a":""}')) + 2
    largest = publish(TELEMETRY, '{"a":"%s"}' % ("x" * padding))
    check("a remaining length of 65536 is meant", len(largest), 65536 + 4)
    check_bytes("a remaining length of 65536", 4, session, largest, "40 02 00 02")
    check_bytes("one more", 4, session, publish(TELEMETRY, '{"a":"%s"}' % ("x" * (padding + 1))), "", FIN)
    for level in 4, 5:
        many = b"".join(publish(TELEMETRY, '{"a":1}', ident=i, level=level) for i in range(1, 2001))
        answers = b"".join(b"\x40\2" + i.to_bytes(2, "big") for i in range(1, 2001))
        check_bytes("2000 messages at once", level, device(level), many, answers.hex())


def sessions():
    for before in 4, 5:
        for after in 4, 5:
            first = device(before)
            second = device(after)
            check(f"MQTT {before}: a session is ended by one of MQTT {after}", first.until(PONG),
                  (bytes.fromhex("e0028e00") if before == 5 else b"", FIN))
            check("and that stays", second.alive(), True)
            Session(connect("wrong", level=after)).until(PONG)
            check("a wrong token ends nothing", second.alive(), True)
    for level in 4, 5:
        writer = device(9 - level)
        check_bytes("what the other version wrote", level, writer if level == 0 else device(level),
                    publish(REQUEST, '{"clientKeys":"k"}', level=level),
                    ["40 02 00 02", (PREFIX + "attributes/response/1", '{"client":{"k":"v"}}')])


for part in (refusals, grants, undecodable, before_connect, filters, payloads, requests, calls, provision, strays,
             sizes, sessions):
    part()
print(f"1..{number}")
sys.exit(failed != 0)
