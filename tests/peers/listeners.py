#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Servers of TCP that say nothing, or little.

Usage: listeners.py KIND [ADDRESS:PORT...]

  header   on a free port of 127.0.0.1: waits as ThingsBoard does for the end of a PROXY header, for ever, and closes at
           the 109th byte
  close    on a free port of 127.0.0.1: closes each connection at once
  silent   on these addresses: takes connections, and never answers
  later    ADDRESS SECONDS: nothing listens on a free port of ADDRESS; after so long one listens, is silent to the
           first connection, and then answers a CONNECT, and what follows, as ThingsBoard

Prints a port, that of the first listener."""
import select
import socket
import sys
import threading
import time

HEADER_MAX = 108


def hang_up(connection):
    """Close with a FIN: what is left unread at a close makes it a reset."""
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(5)
    while connection.recv(4096):
        pass


def header(connection):
    """What has no PROXY header is met by silence, as long as one may still come."""
    got = b""
    while len(got) <= HEADER_MAX:
        piece = connection.recv(4096)
        if not piece:
            return
        got += piece
    hang_up(connection)


def close(connection):
    hang_up(connection)


def silent(connection):
    while connection.recv(4096):
        pass


def broker(connection):
    """CONNACK, SUBACK, and an empty answer to a request for attributes."""
    connection.recv(4096)
    connection.sendall(bytes.fromhex("20020000"))
    packet = connection.recv(4096)
    connection.sendall(b"\x90\x03" + packet[2:4] + b"\x01")
    packet = connection.recv(4096)
    topic = b"v1/devices/me/attributes/response/1"
    payload = b"{}"
    at = packet.find(b"request/1") + len(b"request/1")
    connection.sendall(b"\x40\x02" + packet[at:at + 2])
    connection.sendall(b"\x30" + bytes([2 + len(topic) + len(payload)]) +
                       len(topic).to_bytes(2, "big") + topic + payload)
    silent(connection)


def serve(connection, kind):
    try:
        kind(connection)
    except OSError:
        pass
    connection.close()


def serve_all(listeners, kinds):
    """Each connection in a thread of its own; of the kinds the last one again and again."""
    while True:
        for listener in select.select(listeners, [], [])[0]:
            kind = kinds.pop(0) if len(kinds) > 1 else kinds[0]
            thread = threading.Thread(target=serve, args=(listener.accept()[0], kind), daemon=True)
            thread.start()


def main():
    kind = sys.argv[1]
    if kind == "later":
        with socket.create_server((sys.argv[2], 0)) as free:
            address = free.getsockname()
        print(address[1], flush=True)
        time.sleep(float(sys.argv[3]))
        serve_all([socket.create_server(address)], [silent, broker])
    addresses = [("127.0.0.1", 0)]
    if kind == "silent":
        addresses = [(host, int(port)) for host, port in (text.split(":") for text in sys.argv[2:])]
    listeners = [socket.create_server(address) for address in addresses]
    print(listeners[0].getsockname()[1], flush=True)
    serve_all(listeners, [{"header": header, "close": close, "silent": silent}[kind]])


main()
