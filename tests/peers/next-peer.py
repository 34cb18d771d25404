#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# next-peer.py KIND SECRET GOOD GOOD-KEY [NEXT NEXT-KEY]: a server of MQTT over TLS that is told SECRET over its first
# connection, where it does not answer CONNECT, and repeats it over the others before anybody tells it again: in its
# certificate (cert), in the application protocol it chooses (alpn), in place of TLS (bytes). Prints the port.
import pathlib
import socket
import ssl
import struct
import sys

KIND, SECRET = sys.argv[1], sys.argv[2].encode()


def context_of(chain, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    return context


def listen(connection, context):
    """True: the secret came."""
    with context.wrap_socket(connection, server_side=True) as stream:
        said = stream.recv(4096)
        stream.recv(4096)
    return SECRET in said


def vector(size, body):
    return len(body).to_bytes(size, "big") + body


def message(kind, body):
    body = bytes([kind]) + vector(3, body)
    return b"\x16\3\3" + vector(2, body)


def hello_with_alpn(connection):
    """TLS 1.2 up to the Certificate (RFC 5246 7.4, RFC 7301 3.1), and no more."""
    chosen = struct.pack(">H", 16) + vector(2, vector(2, vector(1, SECRET)))
    hello = b"\3\3" + b"r" * 32 + b"\0" + b"\xc0\x2f" + b"\0" + vector(2, b"\xff\1\0\1\0" + chosen)
    der = ssl.PEM_cert_to_DER_cert(pathlib.Path(sys.argv[3]).read_text(encoding="ascii"))
    connection.recv(4096)
    connection.sendall(message(2, hello) + message(11, vector(3, vector(3, der))) + message(14, b""))


def repeat(connection):
    if KIND == "cert":
        listen(connection, context_of(*sys.argv[5:7]))
    elif KIND == "alpn":
        hello_with_alpn(connection)
    else:
        connection.recv(4096)
        connection.sendall(b"no: " + SECRET + b"\r\n")


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
told = False
while True:
    peer, _ = listener.accept()
    peer.settimeout(5)
    try:
        if told:
            repeat(peer)
        else:
            told = listen(peer, context_of(*sys.argv[3:5]))
        peer.shutdown(socket.SHUT_WR)
        while peer.recv(65536):
            pass
    except OSError:
        pass
    peer.close()
