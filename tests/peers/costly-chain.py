# SPDX-License-Identifier: MIT
#
# costly-chain.py KIND: a TLS server with a self-signed certificate of 62 KiB that is full of one thing (names, points,
# addresses, purposes, extensions). Leaves it in cert.pem, writes its port, then answers until it is killed.
import base64
import socket
import ssl
import subprocess
import sys

kind = sys.argv[1]
ROOM = 62000


def der(tag, *parts):
    body = b"".join(parts)
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([len(body)]) if len(body) < 128 else bytes([0x80 | len(size)]) + size) + body


def repeat(item):
    return der(0x30, item * (ROOM // len(item)))


def extension(oid, value, critical=False):
    return der(0x30, der(6, oid), b"\1\1\xff" if critical else b"", der(4, value))


def name(text):
    return der(0x30, der(0x31, der(0x30, bytes.fromhex("0603550403"), der(0x0C, text))))


def unknown_critical():
    one = extension(bytes.fromhex("2a0304") + bytes(2), b"", True)
    count = ROOM // len(one)
    return b"".join(extension(bytes.fromhex("2a0304") + bytes([0x81 + i // 128, i % 128]), b"", True) for i in range(count))


EXTENSIONS = {
    "names": lambda: extension(b"\x55\x1d\x11", repeat(b"\x82\x01a")),
    "points": lambda: extension(b"\x55\x1d\x1f", repeat(bytes.fromhex("3007a005a003860161"))),
    "addresses": lambda: extension(
        bytes.fromhex("2b06010505070101"), repeat(bytes.fromhex("300d06082b0601050507300186") + b"\1a")
    ),
    "purposes": lambda: extension(b"\x55\x1d\x25", repeat(b"\6\3\x2a\3\4")),
    "extensions": unknown_critical,
}

key = "key.pem"
subprocess.run(["openssl", "ecparam", "-name", "prime256v1", "-genkey", "-noout", "-out", key], check=True)
spki = subprocess.run(["openssl", "ec", "-in", key, "-pubout", "-outform", "DER"], check=True, capture_output=True).stdout
ECDSA = der(0x30, bytes.fromhex("06082a8648ce3d040302"))
tbs = der(
    0x30,
    der(0xA0, b"\2\1\2"),
    b"\2\1\5",
    ECDSA,
    name(b"elsewhere.example"),
    der(0x30, der(0x17, b"260101000000Z"), der(0x17, b"480101000000Z")),
    name(b"elsewhere.example"),
    spki,
    der(0xA3, der(0x30, EXTENSIONS[kind]())),
)
signature = subprocess.run(["openssl", "dgst", "-sha256", "-sign", key], input=tbs, check=True, capture_output=True).stdout
cert = der(0x30, tbs, ECDSA, der(3, b"\0", signature))
with open("cert.pem", "w") as out:
    out.write("-----BEGIN CERTIFICATE-----\n")
    out.write(base64.encodebytes(cert).decode())
    out.write("-----END CERTIFICATE-----\n")

context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
context.load_cert_chain("cert.pem", key)
server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
while True:
    client, _ = server.accept()
    try:
        with context.wrap_socket(client, server_side=True) as session:
            session.recv(8192)
    except OSError:
        pass
