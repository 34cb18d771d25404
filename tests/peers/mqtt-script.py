#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""An MQTT server that answers by a script: what no real broker does.

Usage: mqtt-script.py [tls=CERT,KEY,CLIENT-CA] TYPE=ANSWER... [then TYPE=ANSWER...]

TYPE is that of a packet that comes in (connect, subscribe, publish ...), or begins so and goes on with what this is for
alone: connect5 and publish5 are of MQTT 5, publish:v1/devices has a topic that begins so; the longest that fits
counts. ANSWER is what is then sent: packets in hexadecimal, parted by commas; IDID stands for the id of the packet that came, FIN closes,
STORE keeps the payload that came, RESPONSE answers a request for attributes with what was stored, or with {}. Several
answers to one TYPE are given in their order, the last one again and again; what has no answer is met with silence.
With tls a client certificate is asked for, and any of that CA is taken, whatever its dates are.
Prints its port. Every connection has the script from its beginning, the second and all later ones that behind
"then"; what was stored stays."""
import socket
import ssl
import sys

TYPES = ["", "connect", "connack", "publish", "puback", "pubrec", "pubrel", "pubcomp", "subscribe",
         "suback", "unsubscribe", "unsuback", "pingreq", "pingresp", "disconnect"]
NO_CHECK_TIME = 0x200000  # X509_V_FLAG_NO_CHECK_TIME

stored = None  # pylint: disable=invalid-name


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


def topic_of(body):
    """The topic of a PUBLISH."""
    return body[2:2 + int.from_bytes(body[:2], "big")].decode()


def packet_id(kind, body):
    """The id as hexadecimal; of a PUBLISH it stands behind the topic."""
    at = 2 + int.from_bytes(body[:2], "big") if kind == "publish" else 0
    return body[at:at + 2].hex()


def payload_of(body, is_v5):
    """The payload of a PUBLISH with QoS 1; tbdiag sends no properties of more than 127 bytes."""
    rest = body[2 + int.from_bytes(body[:2], "big") + 2:]
    return rest[1 + rest[0]:] if is_v5 else rest


def response(body, is_v5):
    """The PUBLISH that answers a request for attributes."""
    topic = topic_of(body).replace("/request/", "/response/").encode()
    payload = b'{"client":' + stored + b"}" if stored else b"{}"
    packet = len(topic).to_bytes(2, "big") + topic + (b"\0" if is_v5 else b"") + payload
    assert len(packet) < 128
    return bytes([0x30, len(packet)]) + packet


def hang_up(connection):
    """Close with a FIN: what is left unread at a close makes it a reset."""
    if isinstance(connection, ssl.SSLSocket):
        connection = connection.unwrap()
    connection.shutdown(socket.SHUT_WR)
    connection.settimeout(5)
    while connection.recv(4096):
        pass


def answer_to(script, names):
    """What is next for the longest TYPE that the first of these names begins with."""
    for name in names:
        fitting = [kind for kind in script if name.startswith(kind)]
        if fitting:
            answers = script[max(fitting, key=len)]
            return answers.pop(0) if len(answers) > 1 else "".join(answers)
    return ""


def names_of(kind, body, is_v5):
    """What it is called in a script, that of its version first."""
    topic = ":" + topic_of(body) if kind == "publish" else ""
    return [kind + "5" + topic, kind + topic] if is_v5 else [kind + topic]


def serve(connection, script):
    """Talk to one client until one of the two has enough."""
    global stored  # pylint: disable=global-statement
    stream = connection.makefile("rb")
    is_v5 = False
    while packet := read_packet(stream):
        kind, _, body = packet
        if kind == "connect":
            is_v5 = body[6] == 5
        for part in filter(None, answer_to(script, names_of(kind, body, is_v5)).split(",")):
            if part == "FIN":
                hang_up(connection)
                return
            if part == "STORE":
                stored = payload_of(body, is_v5)
            elif part == "RESPONSE":
                connection.sendall(response(body, is_v5))
            else:
                connection.sendall(bytes.fromhex(part.replace("IDID", packet_id(kind, body))))


def tls_context(files):
    """As ThingsBoard's: a client certificate is asked for, and looked at later."""
    cert, key, client_ca = files.split(",")
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    context.load_verify_locations(client_ca)
    context.verify_mode = ssl.CERT_OPTIONAL
    context.verify_flags |= NO_CHECK_TIME
    return context


def main():
    """Serve one after the other."""
    arguments = [argument.split("=", 1) for argument in sys.argv[1:]]
    context = None
    if arguments and arguments[0][0] == "tls":
        context = tls_context(arguments.pop(0)[1])
    listener = socket.socket()
    listener.bind(("127.0.0.1", 0))
    listener.listen(8)
    print(listener.getsockname()[1], flush=True)
    at = arguments.index(["then"]) if ["then"] in arguments else len(arguments)
    lines, later = arguments[:at], arguments[at + 1:] or arguments
    while True:
        script = {}
        for kind, answer in lines:
            script.setdefault(kind, []).append(answer)
        lines = later
        connection = listener.accept()[0]
        try:
            if context is not None:
                connection = context.wrap_socket(connection, server_side=True)
            serve(connection, script)
        except OSError:
            pass
        connection.close()


main()
