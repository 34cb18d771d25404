# SPDX-License-Identifier: MIT
#
# costly-peer.py BITS: a TLS 1.2 server with an RSA key of this size and an exponent as long, with which to check
# one signature takes long. Writes its port, then answers until it is killed.
import os
import random
import socket
import struct
import sys

bits = int(sys.argv[1])


def der(tag, *parts):
    body = b"".join(parts)
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([len(body)]) if len(body) < 128 else bytes([0x80 | len(size)]) + size) + body


def integer(number):
    return der(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def name(text):
    return der(0x30, der(0x31, der(0x30, bytes.fromhex("0603550403"), der(0x0C, text))))


modulus = random.getrandbits(bits) | 1 << (bits - 1) | 1
exponent = random.getrandbits(bits - 2) | 1 << (bits - 3) | 1
RSA = der(0x30, bytes.fromhex("06092a864886f70d010101"), b"\5\0")
SHA256_RSA = der(0x30, bytes.fromhex("06092a864886f70d01010b"), b"\5\0")
tbs = der(
    0x30,
    der(0xA0, integer(2)),
    integer(5),
    SHA256_RSA,
    name(b"CA"),
    der(0x30, der(0x17, b"260101000000Z"), der(0x17, b"480101000000Z")),
    name(b"localhost"),
    der(0x30, RSA, der(3, b"\0", der(0x30, integer(modulus), integer(exponent)))),
)
cert = der(0x30, tbs, SHA256_RSA, der(3, b"\0", os.urandom(256)))
# The generator of P-256, for any key.
POINT = bytes.fromhex(
    "046b17d1f2e12c4247f8bce6e563a440f277037d812deb33a0f4a13945d898c296"
    "4fe342e2fe1a7f9b8ee7eb4a7c0f9e162bce33576b315ececbb6406837bf51f5"
)


def message(kind, body):
    return bytes([kind]) + len(body).to_bytes(3, "big") + body


def records(data):
    for at in range(0, len(data), 16000):
        piece = data[at:at + 16000]
        yield struct.pack("!BHH", 22, 0x303, len(piece)) + piece


# TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256, secure renegotiation.
hello = b"\3\3" + bytes(32) + b"\0\xc0\x2f\0\0\5\xff\1\0\1\0"
listed = len(cert).to_bytes(3, "big") + cert
signature = (modulus >> 1).to_bytes((bits + 7) // 8, "big")
exchange = b"\3\0\x17" + bytes([len(POINT)]) + POINT + b"\4\1" + struct.pack("!H", len(signature)) + signature
flight = message(2, hello) + message(11, len(listed).to_bytes(3, "big") + listed) + message(12, exchange)

server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
while True:
    client, _ = server.accept()
    try:
        client.recv(8192)
        client.sendall(b"".join(records(flight + message(14, b""))))
        client.recv(8192)
    except OSError:
        pass
    client.close()
