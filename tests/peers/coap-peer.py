# SPDX-License-Identifier: MIT
#
# coap-peer.py KIND: a CoAP server that keeps to nothing. Writes its port, then answers until it is killed.
import itertools
import socket
import sys

kind = sys.argv[1]
server = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
server.bind(("127.0.0.1", 0))
other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
other.bind(("127.0.0.1", 0))
print(server.getsockname()[1], flush=True)
CREATED, ACK, RST = 0x41, 0x60, 0x70
blocks = itertools.count()


def message(first, code, mid, token=b"", rest=b""):
    return bytes([first | len(token), code]) + mid + token + rest


while True:
    data, client = server.recvfrom(65535)
    if len(data) < 4 or data[0] >> 4 != 4:  # no request
        continue
    mid, token = data[2:4], data[4:4 + (data[0] & 15)]
    wrong = bytes(byte ^ 255 for byte in token)
    if kind == "garbage":
        server.sendto(b"\x16\xfe\xfd\0\0nothing of CoAP", client)
    elif kind == "short":
        server.sendto(b"\x60", client)
    elif kind == "wrong-token":
        server.sendto(message(ACK, CREATED, mid, wrong), client)
    elif kind == "wrong-id":
        server.sendto(message(ACK, CREATED, bytes([mid[0] ^ 255, mid[1]]), token), client)
    elif kind == "other-address":
        other.sendto(message(ACK, CREATED, mid, token), client)
    elif kind == "reset":
        server.sendto(message(RST, 0, mid), client)
    elif kind == "diagnostic":
        server.sendto(message(ACK, 0xA0, mid, token, b"\xff\x1b[31mred\n" + token), client)
    elif kind == "limited":  # takes what is posted, and fails at the rest, as behind a limit of messages
        server.sendto(message(ACK, CREATED if data[1] == 2 else 0xA0, mid, token), client)
    elif kind == "echo":  # the request, in which the token stands
        server.sendto(message(ACK, 0x80, mid, token, b"\xff" + data), client)
    elif kind == "blocks":  # Block2, always one more, of 1024 bytes; Size2 of 4 GiB
        number = next(blocks)
        option = (number << 4 | 8 | 6).to_bytes(3, "big")
        server.sendto(message(ACK, 0x45, mid, token, b"\xd3\x0a" + option + b"\x54\xff\xff\xff\xff\xff" + b"x" * 1024),
                      client)
