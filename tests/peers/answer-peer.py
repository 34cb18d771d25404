#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""A server of TCP that answers every request with the same bytes.

Usage: answer-peer.py FILE

Prints its port. A request ends with the body that its Content-Length tells; the connection stays open."""
import re
import socket
import sys


def serve(connection, answer):
    """Answer each request, until the client has enough."""
    stream = connection.makefile("rb")
    while True:
        head = b""
        while not head.endswith(b"\r\n\r\n"):
            line = stream.readline()
            if not line:
                return
            head += line
        length = re.search(rb"(?i)\r\ncontent-length: *(\d+)", head)
        stream.read(int(length[1]) if length else 0)
        connection.sendall(answer)


def main():
    with open(sys.argv[1], "rb") as file:
        answer = file.read()
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        connection = listener.accept()[0]
        try:
            serve(connection, answer)
        except OSError:
            pass
        connection.close()


main()
