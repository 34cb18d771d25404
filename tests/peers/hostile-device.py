#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Devices that do to a server what no device should.

Usage: hostile-device.py KIND PORT

  nothing     closes at once
  garbage     sends what is no protocol
  half        sends half of a ClientHello, and closes
  bytes       sends a ClientHello byte by byte, a record each, and waits for the chain
  huge        announces a ClientHello of 16 MB, and sends it until nobody takes it any more
  ssl2        sends the hello of SSL 2
  many        1000 connections at once that say nothing
  deaf        asks for the chain, and does not read
  chatty      asks for the chain, and sends data for ever
  token       sends a CONNECT of MQTT with a token in two pieces
  names       sends a server name and protocols of ALPN that command a terminal
  lists       sends lists as long as a record allows
  late        refuses the chain by alert 42 when the message behind it has come

Prints what the server answered, as types of records and their lengths."""
import random
import socket
import struct
import sys
import time


def vector(size, data):
    return len(data).to_bytes(size, "big") + data


def extension(number, data):
    return struct.pack("!H", number) + vector(2, data)


def client_hello(name=b"mqtt.example.com", suites=(0xC02B, 0xC02F, 0x009C), extra=b""):
    extensions = (
        extension(0, vector(2, b"\0" + vector(2, name)))
        + extension(10, vector(2, struct.pack("!2H", 29, 23)))
        + extension(13, vector(2, struct.pack("!4H", 0x0403, 0x0804, 0x0401, 0x0201)))
        + extra
    )
    body = b"\x03\x03" + bytes(32) + b"\0" + vector(2, struct.pack(f"!{len(suites)}H", *suites))
    body += b"\x01\0" + vector(2, extensions)
    return b"\x01" + vector(3, body)


def record(data, kind=22):
    return struct.pack("!BH", kind, 0x0303) + vector(2, data)


def read_records(stream):
    """Until the server closes, or has been silent for a second."""
    data = b""
    stream.settimeout(1)
    try:
        while piece := stream.recv(65536):
            data += piece
    except OSError:
        pass
    while len(data) >= 5:
        (size,) = struct.unpack("!H", data[3:5])
        print(data[0], size)
        data = data[5 + size :]


def send_until_closed(stream, data, seconds=20):
    end = time.monotonic() + seconds
    stream.settimeout(5)
    try:
        while time.monotonic() < end:
            stream.sendall(data)
    except OSError:
        return
    print("still open")


def many(port):
    streams = []
    for _ in range(1000):
        stream = socket.socket()
        stream.setblocking(False)
        stream.connect_ex(("127.0.0.1", port))
        streams.append(stream)
    time.sleep(0.2)


def main(kind, port):
    port = int(port)
    if kind == "many":
        many(port)
        return
    stream = socket.socket()
    if kind == "deaf":
        stream.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1)
    stream.connect(("127.0.0.1", port))
    stream.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    hello = client_hello()
    if kind == "garbage":
        stream.sendall(random.Random(1).randbytes(3000).replace(b"\x16\x03", b"??"))
    elif kind == "half":
        stream.sendall(record(hello)[:40])
        return
    elif kind == "bytes":
        for at in range(len(hello)):
            for byte in record(hello[at : at + 1]):
                stream.sendall(bytes([byte]))
    elif kind == "huge":
        stream.sendall(record(b"\x01\xff\xff\xff" + bytes(16000)))
        send_until_closed(stream, record(bytes(16000)))
    elif kind == "ssl2":
        stream.sendall(bytes.fromhex("802e0103030015000000100100800300800700c006004002008004008000001f"))
    elif kind == "deaf":
        stream.sendall(record(client_hello(suites=(0xC02F,))))
        time.sleep(1)
        return
    elif kind == "chatty":
        stream.sendall(record(hello))
        send_until_closed(stream, record(bytes(16000), 23))
    elif kind == "token":
        packet = bytes.fromhex("1024") + vector(2, b"MQTT") + b"\x04\x82\0\x3c" + vector(2, b"dev")
        packet += vector(2, b"SECRETTOKENOFTWENTYCH")
        packet = packet[:1] + bytes([len(packet) - 2]) + packet[2:]
        stream.sendall(packet[:20])
        time.sleep(0.2)
        stream.sendall(packet[20:])
    elif kind == "names":
        alpn = extension(16, vector(2, vector(1, b"\x1b[2J\\\xff") + vector(1, b"mqtt")))
        stream.sendall(record(client_hello(b"\x1b]0;owned\x07\xe2\x80\xae'; reboot;'", extra=alpn)))
    elif kind == "late":
        stream.sendall(record(hello))
        while stream.recv(65536)[5] != 12:  # ServerKeyExchange
            pass
        stream.sendall(record(b"\x02\x2a", 21))
    elif kind == "lists":
        suites = (0xC02B, 0xC02F) + tuple(range(1, 7000))
        stream.sendall(record(client_hello(suites=suites)))
    read_records(stream)


main(*sys.argv[1:])
