# SPDX-License-Identifier: MIT
#
# ws-relay.py KIND PORT [CERT KEY]: a WebSocket's server on a free port of 127.0.0.1, with TLS where it has a certificate,
# that passes what MQTT says to this port of 127.0.0.1; KIND tells in which frames, and what it does wrong. Prints the
# port, then serves until it is ended.
import base64
import hashlib
import socket
import ssl
import struct
import sys
import threading

KIND, PORT = sys.argv[1], int(sys.argv[2])
CONTEXT = None
if len(sys.argv) > 3:
    CONTEXT = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    CONTEXT.load_cert_chain(sys.argv[3], sys.argv[4])
GUID = b"258EAFA5-E914-47DA-95CA-C5AB0DC85B11"


def frame(first, data, masked=0):
    length = len(data)
    head = bytes([first])
    if length < 126:
        head += bytes([masked | length])
    elif length < 65536:
        head += bytes([masked | 126]) + struct.pack("!H", length)
    else:
        head += bytes([masked | 127]) + struct.pack("!Q", length)
    return head + (b"\0\0\0\0" if masked else b"") + data


def frames(data):
    if KIND == "text":
        return frame(0x81, data)
    if KIND == "masked":
        return frame(0x82, data, 0x80)
    if KIND == "bytes":
        # A message in frames of one byte, an empty one and a ping between them.
        out = frame(0x02, data[:1]) + frame(0x89, b"still there?") + frame(0x00, b"")
        return out + b"".join(frame(0x00, data[i:i + 1]) for i in range(1, len(data))) + frame(0x80, b"")
    if KIND == "large":
        return frame(0x8A, b"nobody asked") + frame(0x82, data)
    return frame(0x82, data)


class Reader:
    """Frames of the client, which have to be masked."""

    def __init__(self, connection):
        self.connection = connection

    def exactly(self, count):
        data = b""
        while len(data) < count:
            piece = self.connection.recv(count - len(data))
            if not piece:
                raise EOFError
            data += piece
        return data

    def next(self):
        first, second = self.exactly(2)
        length = second & 127
        if length == 126:
            length, = struct.unpack("!H", self.exactly(2))
        elif length == 127:
            length, = struct.unpack("!Q", self.exactly(8))
        if not second & 128:
            raise EOFError
        mask = self.exactly(4)
        data = self.exactly(length)
        return first & 15, bytes(byte ^ mask[i % 4] for i, byte in enumerate(data))


def answer(head):
    fields = {}
    for line in head.split(b"\r\n")[1:]:
        name, _, value = line.partition(b":")
        fields[name.lower()] = value.strip()
    key = fields.get(b"sec-websocket-key", b"") + (b"x" if KIND == "wrong-proof" else b"")
    proof = base64.b64encode(hashlib.sha1(key + GUID).digest())
    protocol = {"no-subprotocol": b"", "other-subprotocol": b"Sec-WebSocket-Protocol: graphql-ws\r\n"}.get(
        KIND, b"Sec-WebSocket-Protocol: mqtt\r\n")
    return (b"HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n" + protocol +
            b"Sec-WebSocket-Accept: " + proof + b"\r\n\r\n")


def down(broker, connection):
    try:
        while data := broker.recv(65536):
            connection.sendall(frames(data))
        connection.sendall(frame(0x88, b"\x03\xe8"))
    except OSError:
        pass


def serve(connection):
    head = b""
    while b"\r\n\r\n" not in head:
        piece = connection.recv(4096)
        if not piece:
            return
        head += piece
    if KIND == "silent":
        connection.recv(4096)
        return
    if KIND == "no-http":
        connection.sendall(b"220 mail.example ESMTP\r\n")
        return
    if KIND == "no-digits":
        connection.sendall(b"HTTP/1.1 ?:; Odd\r\n\r\n")
        return
    connection.sendall(answer(head))
    while KIND == "idle":
        connection.sendall(frame(0x82, b"") * 500000)
    if KIND == "closed":
        connection.sendall(frame(0x88, b"\x03\xf0go away"))
        return
    broker = socket.create_connection(("127.0.0.1", PORT))
    threading.Thread(target=down, args=(broker, connection), daemon=True).start()
    reader = Reader(connection)
    while True:
        op, data = reader.next()
        if op == 8:
            broker.close()
            return
        if op in (0, 2):
            broker.sendall(data)


def attend(connection):
    try:
        with CONTEXT.wrap_socket(connection, server_side=True) if CONTEXT else connection as session:
            serve(session)
    except (OSError, EOFError):
        pass


server = socket.create_server(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
while True:
    client, _ = server.accept()
    threading.Thread(target=attend, args=(client,), daemon=True).start()
