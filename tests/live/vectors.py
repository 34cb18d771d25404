# SPDX-License-Identifier: MIT
#
# vectors.py SCRIPT PORT [TOKEN]: be the device that a script expects, and compare what it sends, byte by byte. With a
# token it is the sandbox itself that has to send that: lines "# twin: " say what the device does then.
import re
import socket
import ssl
import subprocess
import sys
import tempfile

DEADLINE_S = 15


def string(text):
    return len(text).to_bytes(2, "big") + text.encode()


def packet(first, body):
    assert len(body) < 128
    return bytes([first, len(body)]) + body


class Device:
    """What a device sends where a step expects a packet by its name."""

    def __init__(self, level, token, twin):
        self.properties = b"\0" if level == 5 else b""
        self.level, self.token = level, token
        self.how = next((line.split()[1:] for line in twin if line.startswith("connect ")), [])
        self.subscriptions = ["v1/devices/me/attributes/response/+"]
        self.subscriptions += [line.split()[1] for line in twin if line.startswith("subscribe ")]
        self.subscriptions += ["v1/devices/me/rpc/response/+"]
        self.publications = [line.split()[1:] for line in twin if line.startswith("publish ")]
        self.publications = self.publications or [["1", "v1/devices/me/attributes/request/1", '{"clientKeys":"model"}']]

    def connect(self):
        how = self.how
        if "hello" in how:
            return bytes.fromhex("160301020001000000000000")
        user = "wrong" if "wrong" in how else "provision" if "provision" in how else self.token
        named = not {"client-id", "nothing"} & set(how)
        client = "" if "nothing" in how else "c"
        level = 9 if "undecodable" in how else self.level
        flags = (0 if "kept" in how else 2) | (0x80 if named else 0)
        return packet(0x10, string("MQTT") + bytes([level, flags, 0, 60]) + self.properties + string(client) +
                      (string(user) if named else b""))

    @staticmethod
    def take(these):
        """The next, or the last again."""
        return these.pop(0) if len(these) > 1 else these[0]

    def typical(self, word):
        if word in ("connect", "any"):
            return self.connect()
        if word == "subscribe":
            return packet(0x82, b"\0\1" + self.properties + string(self.take(self.subscriptions)) + b"\1")
        if word == "publish":
            qos, topic, payload = self.take(self.publications)
            qos = int(qos)
            return packet(0x30 | qos << 1, string(topic) + b"\0\2"[:2 * qos] + self.properties + payload.encode())
        return {"puback": b"\x40\2\0\1", "disconnect": b"\xe0\0"}[word]


def unescape(match):
    return match.group(1).replace(b'\\"', b'"').replace(b"\\\\", b"\\").hex(" ").encode()


def literal(text, last_id):
    text = re.sub(rb'"((?:[^"\\]|\\.)*)"', unescape, text.encode())
    text = re.sub(rb"\bid\b", last_id.hex(" ").encode(), text)
    return bytes.fromhex(text.decode())


def take(peer, count):
    data = b""
    while len(data) < count:
        piece = peer.recv(count - len(data))
        if not piece:
            break
        data += piece
    return data


def dial(port, certified):
    peer = socket.create_connection(("127.0.0.1", port), DEADLINE_S)
    if not certified:
        return peer
    context = ssl.create_default_context()
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    with tempfile.TemporaryDirectory() as place:
        subprocess.run(["openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes",
                        "-subj", "/CN=device", "-keyout", place + "/key", "-out", place + "/cert"], check=True,
                       capture_output=True)
        context.load_cert_chain(place + "/cert", place + "/key")
    return context.wrap_socket(peer)


def main(path, port, token="t"):
    level = 5 if path.rsplit("/", 1)[-1].startswith("5-") else 4
    with open(path, encoding="ascii") as file:
        lines = file.readlines()
    twin = [line[8:].strip() for line in lines if line.startswith("# twin: ")] if token != "t" else []
    device = Device(level, token, twin)
    peer = dial(port, "certificate" in device.how)
    last_id = b"\0\0"
    for line in lines:
        word, _, rest = line.strip().partition(" ")
        if word == "expect":
            named = rest.isalpha() and len(rest) > 2
            if rest == "16" and device.how:
                peer.sendall(device.connect())
            else:
                peer.sendall(device.typical(rest) if named else literal(rest, last_id))
            last_id = {"subscribe": b"\0\1", "publish": b"\0\2"}.get(rest, last_id)
        elif word == "send":
            expected = literal(rest, last_id)
            got = take(peer, len(expected))
            if got != expected:
                sys.exit(f"expected {expected.hex(' ')}, got {got.hex(' ')}")
        elif word == "close":
            if take(peer, 1) != b"":
                sys.exit("bytes came where the end should have been")
            return
    # Open, and silent.
    peer.settimeout(0.2)
    try:
        got = peer.recv(1)
    except TimeoutError:
        return
    sys.exit(f"got {got!r} where nothing should have come")


main(sys.argv[1], int(sys.argv[2]), *sys.argv[3:])
