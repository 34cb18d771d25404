# SPDX-License-Identifier: MIT
#
# dtls-peer.py KIND: a DTLS server that means no good. Writes its port, then answers until it is killed.
import itertools
import os
import socket
import struct
import sys

kind = sys.argv[1]
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))
server.setblocking(False)
print(server.getsockname()[1], flush=True)
ALERT, HANDSHAKE, CHANGE_CIPHER_SPEC = 21, 22, 20
HELLO_REQUEST, HELLO_VERIFY_REQUEST, SERVER_HELLO, CERTIFICATE = 0, 3, 2, 11
FLOOD = 32 * 1024 * 1024  # bytes in all
numbers = itertools.count()


def record(content, data):
    return struct.pack("!BHQH", content, 0xFEFD, next(numbers), len(data)) + data


def fragment(message, sequence, total, offset, data):
    def int24(number):
        return number.to_bytes(3, "big")
    head = bytes([message]) + int24(total) + struct.pack("!H", sequence) + int24(offset) + int24(len(data))
    return record(HANDSHAKE, head + data)


def message(message, sequence, body):
    return fragment(message, sequence, len(body), 0, body)


# TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256.
HELLO = b"\xfe\xfd" + bytes(32) + b"\0\xc0\x2b\0"


def hello_verify(sequence):
    return message(HELLO_VERIFY_REQUEST, sequence, b"\xfe\xff\x20" + os.urandom(32))


def large_certificate():
    """One of 16 MB, a piece at a time."""
    for offset in range(0, 0xFFFFFC, 1024):
        yield fragment(CERTIFICATE, 1, 0xFFFFFC, offset, b"A" * 1024)


def overlapping():
    """One byte here and there, and each says that its message has another length. Of few messages: for the sixth
    GnuTLS 3.7.9 forgets to free 2 KiB before it gives up."""
    for i in itertools.count():
        total = 1000 + i * 7 % 60000
        yield fragment(CERTIFICATE, 1 + i % 4, total, i * 13 % total, b"A")


def repeated(packet):
    """Many in each datagram."""
    while True:
        yield b"".join(packet() for _ in range(1 + 1000 // len(packet())))


FLOODS = {
    "certificate-16mb": large_certificate,
    "overlapping": overlapping,
    "endless-hello": lambda: repeated(lambda: message(SERVER_HELLO, 0, HELLO)),
    "endless-warnings": lambda: repeated(lambda: record(ALERT, b"\1\x5a")),
    "endless-verify": lambda: repeated(lambda: hello_verify(0)),
    "endless-ccs": lambda: repeated(lambda: record(CHANGE_CIPHER_SPEC, b"\1")),
    "endless-garbage": lambda: repeated(lambda: os.urandom(1200)),
}


def flood(client):
    """Until the client is gone or has had enough."""
    server.setblocking(True)
    if kind not in ("endless-verify", "endless-garbage"):
        server.sendto(message(SERVER_HELLO, 0, HELLO), client)
    sent = 0
    for packet in FLOODS[kind]():
        if sent > FLOOD:
            return
        try:
            sent += server.sendto(packet, client)
        except ConnectionError:
            return


rounds = itertools.count()
while True:
    server.setblocking(True)
    try:
        data, client = server.recvfrom(65535)
    except ConnectionError:
        continue
    if kind in FLOODS:
        flood(client)
    elif kind == "verify-again":  # each time with another cookie
        server.sendto(hello_verify(next(rounds)), client)
    elif kind == "garbage":
        server.sendto(b"SSH-2.0-\x1b[31mred\n", client)
    elif kind == "alert":
        server.sendto(record(ALERT, b"\2\x28"), client)
    elif kind == "close-notify":
        server.sendto(record(ALERT, b"\1\0"), client)
    elif kind == "long-record":
        server.sendto(struct.pack("!BHQH", HANDSHAKE, 0xFEFD, 0, 65535) + b"A" * 60000, client)
    elif kind == "lying-fragment":  # it ends behind its message
        server.sendto(fragment(SERVER_HELLO, 0, 20, 15, b"A" * 40), client)
    elif kind == "empty":
        server.sendto(b"", client)
    elif kind == "bad-hello":
        server.sendto(message(SERVER_HELLO, 0, b"\xfe\xfd"), client)
