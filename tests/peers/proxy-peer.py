# SPDX-License-Identifier: MIT
#
# proxy-peer.py http|socks5 [USER:PASSWORD|ANSWER]: a proxy on a free port of 127.0.0.1. Prints the port, then serves
# until it is ended, and says on stderr what it was asked. With USER:PASSWORD it wants just these; ANSWER is what it
# says instead: a status (403) or a reply code (2), "garbage", "silent", "close", "reset", "endless", "endless-interim"
# (of 1xx); "interim": it says some of these before its answer;
# "once": it makes one connection, and refuses those after it.
import base64
import ipaddress
import select
import socket
import struct
import sys
import threading

KIND = sys.argv[1]
EXTRA = sys.argv[2] if len(sys.argv) > 2 else ""
LOGIN = EXTRA if ":" in EXTRA else None
ANSWER = EXTRA if LOGIN is None else ""
asked = []


def say(*words):
    print(*words, file=sys.stderr, flush=True)


def take(connection, count):
    data = b""
    while len(data) < count:
        piece = connection.recv(count - len(data))
        if not piece:
            raise EOFError
        data += piece
    return data


def relay(one, other):
    while True:
        for ready in select.select([one, other], [], [])[0]:
            data = ready.recv(65536)
            if not data:
                return
            (other if ready is one else one).sendall(data)


def misbehave(connection):
    """Whether it did."""
    if ANSWER == "once":
        asked.append(connection)
        if len(asked) > 1:
            connection.sendall(b"HTTP/1.1 403 No\r\nContent-Length: 0\r\n\r\n")
        return len(asked) > 1
    if ANSWER == "garbage":
        connection.sendall(b"\x00\xff\x1b[31mSSH-2.0\r\n\r\n")
    elif ANSWER == "silent":
        connection.recv(65536)
        connection.recv(65536)
    elif ANSWER == "endless":
        connection.sendall(b"HTTP/1.1 200 OK\r\n" if KIND == "http" else b"\5")
        while True:
            connection.sendall(b"X: y\r\n" * 10000)
    elif ANSWER == "endless-interim":
        while True:
            connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\n" * 1000)
    elif ANSWER == "reset":
        connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return ANSWER in ("garbage", "silent", "close", "reset", "endless", "endless-interim")


def http(connection):
    head = b""
    while not head.endswith(b"\r\n\r\n"):
        head += take(connection, 1)
    lines = head.decode().split("\r\n")
    say(lines[0])
    given = [line[27:] for line in lines if line.lower().startswith("proxy-authorization: basic ")]
    if misbehave(connection):
        return
    if LOGIN is not None and (not given or base64.b64decode(given[0]).decode() != LOGIN):
        say("login", "wrong" if given else "none")
        connection.sendall(b"HTTP/1.1 407 Proxy Authentication Required\r\n"
                           b"Proxy-Authenticate: Basic realm=\"x\"\r\nContent-Length: 0\r\n\r\n")
        return
    if ANSWER == "interim":
        connection.sendall(b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 102 Processing\r\nX: y\r\n\r\n")
    elif ANSWER and ANSWER != "once":
        connection.sendall(b"HTTP/1.1 %s No\r\nContent-Length: 3\r\n\r\nno\n" % ANSWER.encode())
        return
    host, port = lines[0].split(" ")[1].rsplit(":", 1)
    with socket.create_connection((host.strip("[]"), int(port)), 10) as peer:
        connection.sendall(b"HTTP/1.1 200 Connection established\r\nVia: 1.1 x\r\n\r\n")
        relay(connection, peer)


def socks(connection):
    _, count = take(connection, 2)
    methods = take(connection, count)
    if misbehave(connection):
        return
    if LOGIN is not None:
        connection.sendall(b"\5\2" if 2 in methods else b"\5\xff")
        version, length = take(connection, 2)
        user = take(connection, length).decode()
        password = take(connection, take(connection, 1)[0]).decode()
        good = f"{user}:{password}" == LOGIN
        say("login", "good" if good else "wrong")
        connection.sendall(b"\1\0" if good else b"\1\1")
        if not good:
            return
    else:
        connection.sendall(b"\5\0")
    _, _, _, kind = take(connection, 4)
    if kind == 3:
        host = take(connection, take(connection, 1)[0]).decode()
    else:
        host = str(ipaddress.ip_address(take(connection, 4 if kind == 1 else 16)))
    port = int.from_bytes(take(connection, 2), "big")
    say("CONNECT", f"{host}:{port}")
    if ANSWER:
        connection.sendall(bytes([5, int(ANSWER), 0, 1, 0, 0, 0, 0, 0, 0]))
        return
    with socket.create_connection((host, port), 10) as peer:
        # A bound address may be a name, too.
        connection.sendall(b"\5\0\0\3\x09localhost\x12\x34")
        relay(connection, peer)


def serve(connection):
    try:
        with connection:
            (http if KIND == "http" else socks)(connection)
    except (OSError, EOFError):
        pass


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    threading.Thread(target=serve, args=(listener.accept()[0],), daemon=True).start()
