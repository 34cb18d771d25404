# SPDX-License-Identifier: MIT
#
# repeat-peer.py mqtt|http|proxy|socks5 KIND SECRET: a peer on a free port of 127.0.0.1 that says the secret it was told
# where KIND says. Prints the port, then serves until it is ended.
import base64
import json
import socket
import struct
import sys

PROTOCOL, KIND, SECRET = sys.argv[1], sys.argv[2], sys.argv[3].encode()
REPEATED = b"device " + SECRET + b" here"


def counted(text):
    return struct.pack(">H", len(text)) + text


def packet(first, body):
    length = b""
    rest = len(body)
    while not length or rest:
        length += bytes([rest % 128 | (128 if rest > 127 else 0)])
        rest //= 128
    return bytes([first]) + length + body


def attributes(key, value):
    text = json.dumps(value.decode())
    return b'{"client":{"%s":%s}}' % (key, text.encode())


# ---- MQTT ----------------------------------------------------------------------------------------


def mqtt_subscribed(connection, topic):
    if KIND == "other-topic":
        connection.sendall(packet(0x30, counted(b"device/" + SECRET) + b"x"))
    if KIND == "long-topic":
        connection.sendall(packet(0x30, counted(b"x" * 180 + SECRET) + b"x"))
    if KIND == "violation":
        connection.sendall(packet(0x82, b"\0\1" + counted(b"device/" + SECRET) + b"\0"))
    if b"rpc/request" in topic:
        connection.sendall(packet(0x30, counted(b"v1/devices/me/rpc/request/7") + REPEATED))


def mqtt_published(connection, topic):
    number = topic.rsplit(b"/", 1)[-1]
    if b"attributes/request" in topic:
        first = number == b"1"
        value = REPEATED if KIND == ("payload" if first else "value") else b"x"
        topic = b"v1/devices/me/attributes/response/" + number
        connection.sendall(packet(0x30, counted(topic) + attributes(b"model" if first else b"tbdiagProbe", value)))
    elif b"rpc/request" in topic:
        connection.sendall(packet(0x30, counted(b"v1/devices/me/rpc/response/1") + REPEATED))


def mqtt(connection):
    if KIND in ("no-mqtt", "echo", "part"):
        said = connection.recv(4096)
        end = said.find(SECRET) + len(SECRET) - 1
        connection.sendall({"no-mqtt": b"no: " + SECRET + b"\r\n", "echo": said, "part": said[:end]}[KIND])
        return
    stream = connection.makefile("rb")
    while first := stream.read(1):
        length = shift = 0
        while True:
            byte = stream.read(1)[0]
            length |= (byte & 127) << shift
            shift += 7
            if byte < 128:
                break
        body = stream.read(length)
        if first[0] >> 4 == 1:
            connection.sendall(packet(0x20, b"\0\0"))
        elif first[0] >> 4 == 8:
            connection.sendall(packet(0x90, body[:2] + b"\1"))
            mqtt_subscribed(connection, body[4:-1])
        elif first[0] >> 4 == 3:
            end = 2 + int.from_bytes(body[:2], "big")
            connection.sendall(packet(0x40, body[end:end + 2]))
            mqtt_published(connection, body[2:end])


# ---- HTTP ----------------------------------------------------------------------------------------


def reply(status, body, head=b""):
    return b"HTTP/1.1 %s\r\n%sContent-Length: %d\r\n\r\n" % (status, head, len(body)) + body


def http(connection):
    ways = {
        "body": SECRET,
        "json": b"".join(b"\\u%04x" % byte for byte in SECRET),
        "percent": b"".join(b"%%%02X" % byte for byte in SECRET),
        "html": b"".join(b"&#%d;" % byte for byte in SECRET),
        "base64": base64.b64encode(b"TOKEN:" + SECRET),
        "hex": SECRET.hex().encode(),
        "octal": b"".join(b"\\%03o" % byte for byte in SECRET),
        "utf-16": SECRET.decode().encode("utf-16-le"),
        "numbers": b",".join(b"%d" % byte for byte in SECRET),
        "backwards": SECRET[::-1],
        "cut": SECRET[1:-1],
        "base32": base64.b32encode(SECRET),
    }
    while said := connection.recv(65536):
        if KIND == "part":
            connection.sendall(b"400 bad path /api/v1/" + SECRET[:-1])
            return
        if KIND == "echo":
            connection.sendall(said[:said.find(SECRET) + len(SECRET) - 1])
            return
        if KIND == "head":
            connection.sendall(reply(b"401 " + SECRET, b"", b"Server: %s\r\nLocation: /%s\r\nContent-Type: %s\r\n"
                                     % (SECRET, SECRET, SECRET)))
        elif KIND in ways:
            connection.sendall(reply(b"404 No", b"no: " + ways[KIND]))
        elif said.startswith(b"POST"):
            connection.sendall(reply(b"200 OK", b""))
        else:
            connection.sendall(reply(b"200 OK", attributes(b"tbdiagProbe", REPEATED),
                                     b"Content-Type: application/json\r\n"))


# ---- proxies -------------------------------------------------------------------------------------


def proxy(connection):
    connection.recv(4096)
    connection.sendall({
        "status": b"HTTP/1.1 407 wrong: " + SECRET + b"\r\n\r\n",
        "base64": b"HTTP/1.1 407 wrong: " + base64.b64encode(b"joe:" + SECRET) + b"\r\n\r\n",
        "no-http": b"no: joe:" + SECRET + b"\r\n\r\n",
        "in-place-of-tls": b"HTTP/1.1 200 OK\r\n\r\n",
    }[KIND])
    if KIND == "in-place-of-tls":
        connection.recv(4096)
        connection.sendall(b"no: joe:" + SECRET + b"\r\n")


def socks5(connection):
    connection.recv(4096)
    connection.sendall(b"\5\2")
    login = connection.recv(4096)
    connection.sendall(b"\1\0")
    connection.recv(4096)
    connection.sendall(b"no: " + login)


listener = socket.create_server(("127.0.0.1", 0))
print(listener.getsockname()[1], flush=True)
while True:
    peer, _ = listener.accept()
    try:
        {"mqtt": mqtt, "http": http, "proxy": proxy, "socks5": socks5}[PROTOCOL](peer)
        peer.shutdown(socket.SHUT_WR)
        peer.settimeout(5)
        while peer.recv(65536):
            pass
    except OSError:
        pass
    peer.close()
