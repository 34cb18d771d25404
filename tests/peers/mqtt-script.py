#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An MQTT server that answers by a script: what no real broker does.

Usage: mqtt-script.py TYPE=ANSWER...

TYPE is that of a packet that comes in (connect, subscribe, publish ...; connect5: of MQTT 5), ANSWER what is then sent: packets
in hexadecimal, parted by commas; IDID stands for the id of the packet that came, FIN closes. Several answers
to one TYPE are given in their order, the last one again and again; what has no answer is met with silence.
Prints its port, and then the user name of each CONNECT. Every connection has the script from its
beginning."""
import socket
import sys

TYPES = ["", "connect", "connack", "publish", "puback", "pubrec", "pubrel", "pubcomp", "subscribe",
         "suback", "unsubscribe", "unsuback", "pingreq", "pingresp", "disconnect"]


def read_packet(stream):
    """(type, first byte, body), or None at the end of the connection."""
    first = stream.read(1)
    if not first:
        return None
    remaining, shift = 0, 0
    while True:
        byte = stream.read(1)[0]
        remaining |= (byte & 0x7F) << shift
        shift += 7
        if byte < 0x80:
            return TYPES[first[0] >> 4], first[0], stream.read(remaining)


def packet_id(kind, body):
    """The id as hexadecimal; of a PUBLISH it stands behind the topic."""
    at = 2 + int.from_bytes(body[:2], "big") if kind == "publish" else 0
    return body[at:at + 2].hex()


def hang_up(connection):
    """Close with a FIN: what is left unread at a close makes it a reset."""
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(5)
    while connection.recv(4096):
        pass


def serve(connection, script):
    """Talk to one client until one of the two has enough."""
    stream = connection.makefile("rb")
    while packet := read_packet(stream):
        kind, _, body = packet
        if kind == "connect" and body[6] == 5 and "connect5" in script:
            kind = "connect5"
        answers = script.get(kind, [])
        answer = answers.pop(0) if len(answers) > 1 else "".join(answers)
        for part in filter(None, answer.split(",")):
            if part == "FIN":
                hang_up(connection)
                return
            connection.sendall(bytes.fromhex(part.replace("IDID", packet_id(kind, body))))


def main():
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(8)
    print(listener.getsockname()[1], flush=True)
    while True:
        script = {}
        for argument in sys.argv[1:]:
            kind, answer = argument.split("=")
            script.setdefault(kind, []).append(answer)
        connection = listener.accept()[0]
        try:
            serve(connection, script)
        except OSError:
            pass
        connection.close()


main()
