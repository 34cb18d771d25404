# SPDX-License-Identifier: MIT
#
# vectors.py SCRIPT PORT: be the device that a script expects, and compare what it sends, byte by byte.
import re
import socket
import sys

DEADLINE_S = 15


def connect(level):
    head = b"\0\4MQTT" + bytes([level, 0x82, 0, 60]) + (b"\0" if level == 5 else b"")
    body = head + b"\0\1c\0\1t"
    return bytes([0x10, len(body)]) + body


def typical(word, level):
    """The packet that a step expects by its name."""
    properties = b"\0" if level == 5 else b""
    if word == "connect":
        return connect(level)
    if word == "subscribe":
        body = b"\0\1" + properties + b"\0\1a\1"
        return bytes([0x82, len(body)]) + body
    if word == "publish":
        body = b"\0\1a\0\2" + properties + b"{}"
        return bytes([0x32, len(body)]) + body
    return {"puback": b"\x40\2\0\1", "disconnect": b"\xe0\0", "any": b"\x10\0"}[word]


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


def main(path, port):
    level = 5 if path.rsplit("/", 1)[-1].startswith("5-") else 4
    peer = socket.create_connection(("127.0.0.1", port), DEADLINE_S)
    last_id = b"\0\0"
    for line in open(path, encoding="ascii"):
        word, _, rest = line.strip().partition(" ")
        if word == "expect":
            named = rest.isalpha() and len(rest) > 2
            peer.sendall(typical(rest, level) if named else literal(rest, last_id))
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


main(sys.argv[1], int(sys.argv[2]))
