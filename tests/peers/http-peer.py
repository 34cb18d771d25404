# SPDX-License-Identifier: MIT
#
# http-peer.py KIND: an HTTP server on a free port of 127.0.0.1 that misbehaves so. Prints the port, then serves until
# it is ended.
import itertools
import socket
import struct
import sys
import time

KIND = sys.argv[1]
OK = b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n"
EMPTY = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n"
MEGABYTE = b"x" * 1024 * 1024
ADDRESSES = b"10-77-88-99 10_77_88_99 010.077.088.099 0x0a4d5863 169695331 2001:470:1:2 1.2.77"
EVIL = b"\x1b]0;evil\x07\x00\xff\xfe\xe2\x80\xae<b>"


def read_request(connection):
    """The head and the body, or nothing at the end of the connection."""
    data = b""
    while b"\r\n\r\n" not in data:
        piece = connection.recv(65536)
        if not piece:
            return b""
        data += piece
    head, body = data.split(b"\r\n\r\n", 1)
    for line in head.split(b"\r\n"):
        if line.lower().startswith(b"content-length:"):
            while len(body) < int(line[15:]):
                body += connection.recv(65536)
    return head + b"\r\n\r\n" + body


def chunks(body, size):
    pieces = [body[i:i + size] for i in range(0, len(body), size)]
    return b"".join(b"%x\r\n%s\r\n" % (len(piece), piece) for piece in pieces) + b"0\r\n\r\n"


def echo(request):
    """What was posted, as GET finds it."""
    return b'{"client":%s}' % request.split(b"\r\n\r\n", 1)[1]


def fixed(*pieces, stays=True):
    """Answers with these bytes and leaves the connection open."""
    def serve(connection, request):
        for piece in pieces:
            connection.sendall(piece)
        return stays
    return serve


def last(*pieces):
    """Answers with these bytes and closes."""
    return fixed(*pieces, stays=False)


def drip(data, pause):
    def serve(connection, request):
        for i in range(len(data)):
            connection.sendall(data[i:i + 1])
            time.sleep(pause)
        return True
    return serve


def endless(first, piece):
    def serve(connection, request):
        connection.sendall(first)
        for _ in itertools.repeat(None):
            connection.sendall(piece)
    return serve


stored = b""


def device_api(read):
    """A POST is good; a GET is answered by read(attributes)."""
    def serve(connection, request):
        global stored
        if request.startswith(b"POST"):
            stored = echo(request)
            connection.sendall(EMPTY)
        else:
            for piece in read(stored):
                connection.sendall(piece)
        return True
    return serve


def reset(connection, request):
    connection.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
    return False


def with_length(body):
    return OK + b"Content-Length: %d\r\n\r\n" % len(body) + body


KINDS = {
    "good": device_api(lambda body: [with_length(body)]),
    "chunked": device_api(lambda body: [OK + b"Transfer-Encoding: chunked\r\n\r\n" + chunks(body, 3)]),
    "bytewise": device_api(lambda body: [bytes([byte]) for byte in with_length(body)]),
    "hints": device_api(lambda body: [b"HTTP/1.1 103 Early Hints\r\nLink: </x>\r\n\r\n" * 3 + with_length(body)]),
    "to-the-end": device_api(lambda body: [b"HTTP/1.1 200 OK\r\nContent-Type: application/json\r\n\r\n" + body]),
    "no-json": device_api(lambda body: [OK + b"Content-Length: 2\r\n\r\n[]"]),
    "deep-json": device_api(lambda body: [with_length(b"[" * 60000)]),
    "long-json": device_api(lambda body: [with_length(b'{"client":{"x":"' + MEGABYTE + b'"}}')]),
    "close": last(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    "close-later": fixed(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"),
    "http-1.0-later": fixed(b"HTTP/1.0 200 OK\r\nContent-Length: 0\r\n\r\n"),
    "http-1.0": last(b"HTTP/1.0 200 OK\r\n\r\n"),
    "nothing": last(),
    "reset": reset,
    "silent": fixed(),
    "head-only": fixed(OK),
    "half-a-body": fixed(OK + b"Content-Length: 100\r\n\r\n{"),
    "truncated": last(OK + b"Content-Length: 100\r\n\r\n{"),
    "truncated-chunk": last(OK + b"Transfer-Encoding: chunked\r\n\r\n64\r\n{"),
    "bad-chunk": fixed(OK + b"Transfer-Encoding: chunked\r\n\r\nzz\r\n{\r\n"),
    "garbage": last(b"\x00\xff\x1b[31m\x80" * 20),
    "ssh": last(b"SSH-2.0-OpenSSH_9.2p1\r\n"),
    "http-2": last(b"\x00\x00\x12\x04\x00\x00\x00\x00\x00\x00\x03\x00\x00\x00\x80"),
    "bad-status": last(b"HTTP/1.1 abc\r\n\r\n"),
    "large-body": last(b"HTTP/1.1 200 OK\r\nContent-Length: 104857600\r\n\r\n", *[MEGABYTE] * 100),
    "endless-body": endless(b"HTTP/1.1 200 OK\r\n\r\n", MEGABYTE),
    "endless-chunks": endless(OK + b"Transfer-Encoding: chunked\r\n\r\n", b"1\r\nx\r\n" * 10000),
    "endless-head": endless(b"HTTP/1.1 200 OK\r\n", b"X-Y: z\r\n" * 10000),
    "endless-line": endless(b"HTTP/1.1 200 OK\r\nX-Y: ", MEGABYTE),
    "endless-hints": endless(b"", b"HTTP/1.1 100 Continue\r\n\r\n" * 10000),
    "drip": drip(OK + b"Content-Length: 9\r\n\r\n", 0.2),
    "evil": fixed(b"HTTP/1.1 500 " + EVIL.replace(b"\0", b"") + b"\r\nServer: " + EVIL.replace(b"\0", b"") +
                  b"\r\nContent-Length: %d\r\n\r\n" % len(EVIL) + EVIL),
    "marked": fixed(b"HTTP/1.1 503 zqxmark\r\nServer: zqxmark/1\r\nContent-Type: text/zqxmark\r\n"
                    b"Location: https://zqxmark.example/\r\nContent-Length: 7\r\n\r\nzqxmark"),
    "addresses": fixed(b"HTTP/1.1 503 No\r\nContent-Length: %d\r\n\r\n" % len(ADDRESSES) + ADDRESSES),
    "evil-redirect": fixed(b"HTTP/1.1 302 \r\nLocation: https://x;reboot\x1b[31m/\r\nContent-Length: 0\r\n\r\n"),
    "too-much": fixed(EMPTY * 3),
    "old-date": device_api(lambda body: [
        OK + b"Date: Sun, 06 Nov 1994 08:49:37 GMT\r\nContent-Length: %d\r\n\r\n" % len(body) + body]),
    "bad-date": device_api(lambda body: [
        OK + b"Date: yesterday\r\nContent-Length: %d\r\n\r\n" % len(body) + body]),
    "cookies": fixed(b"HTTP/1.1 401 \r\nSet-Cookie: a=b\r\n"
                     b"Alt-Svc: h2=\":1\"\r\nContent-Length: 0\r\n\r\n"),
}

listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    peer, _ = listener.accept()
    try:
        while True:
            asked = read_request(peer)
            if not asked or not KINDS[KIND](peer, asked):
                break
    except OSError:
        pass
    peer.close()
