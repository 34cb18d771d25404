# SPDX-License-Identifier: MIT
#
# tls-peer.py by-version CERT KEY OLD_CERT OLD_KEY: serves the second certificate to who offers no TLS 1.3.
# tls-peer.py deaf CERT KEY: says nothing to who offers no TLS 1.3.
# tls-peer.py limited CERT KEY: resets all connections but the first of each second.
# tls-peer.py alpn NAME CERT KEY: closes after the handshake unless this protocol was asked for; else refuses MQTT.
# tls-peer.py alert-reset NUMBER: sends this alert in answer to what comes, and resets the connection at once.
# tls-peer.py count CERT KEY FILE: speaks TLS 1.2 only, and appends a line to FILE for each connection.
# All print their port.
import socket
import ssl
import struct
import sys
import threading
import time

CONNACK_NOT_AUTHORIZED = b"\x20\x02\x00\x05"
SUPPORTED_VERSIONS = b"\x00\x2b"


def context(cert, key):
    made = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    made.load_cert_chain(cert, key)
    return made


def serve(connection, tls):
    with tls.wrap_socket(connection, server_side=True) as stream:
        while stream.recv(4096):
            pass


# The length of the list, and 1.3 in it.
def offers_13(hello):
    at = hello.find(SUPPORTED_VERSIONS)
    return at >= 0 and b"\x03\x04" in hello[at + 5 : at + 5 + hello[at + 4]]


def by_version(connection, cert, key, old_cert, old_key):
    hello = connection.recv(4096, socket.MSG_PEEK)
    new = hello and offers_13(hello)
    serve(connection, context(cert, key) if new else context(old_cert, old_key))


def deaf(connection, cert, key):
    if offers_13(connection.recv(4096, socket.MSG_PEEK)):
        serve(connection, context(cert, key))
    else:
        time.sleep(20)


last = [0.0]


def limited(connection, cert, key):
    if time.monotonic() - last[0] < 1:
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
        return
    last[0] = time.monotonic()
    serve(connection, context(cert, key))


def alpn(connection, name, cert, key):
    tls = context(cert, key)
    tls.set_alpn_protocols([name])
    with tls.wrap_socket(connection, server_side=True) as stream:
        if stream.selected_alpn_protocol() == name and stream.recv(4096):
            stream.sendall(CONNACK_NOT_AUTHORIZED)


def alert_reset(connection, number):
    connection.recv(4096)
    connection.sendall(b"\x15\x03\x03\x00\x02\x02" + bytes([int(number)]))
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    connection.close()


def count(connection, cert, key, path):
    with open(path, "a", encoding="ascii") as file:
        file.write("connection\n")
    tls = context(cert, key)
    tls.maximum_version = ssl.TLSVersion.TLSv1_2
    serve(connection, tls)


KINDS = {
    "by-version": by_version,
    "deaf": deaf,
    "limited": limited,
    "alpn": alpn,
    "alert-reset": alert_reset,
    "count": count,
}


def answer(connection):
    try:
        with connection:
            KINDS[sys.argv[1]](connection, *sys.argv[2:])
    except OSError:
        pass


with socket.create_server(("127.0.0.1", 0)) as listener:
    print(listener.getsockname()[1], flush=True)
    while True:
        threading.Thread(target=answer, args=(listener.accept()[0],), daemon=True).start()
