# SPDX-License-Identifier: MIT
#
# udp-relay.py PORT [RULE...]: relay datagrams to this port of 127.0.0.1 and back, but not all. Writes its own
# port, then relays until it is killed. Rules: "up=1,3" and "down=2" lose these datagrams (counted from 1, over
# all clients) on the way to the server or from it; "larger=1000" loses what has more bytes, either way;
# "stray" answers each client from another address as well; "log" writes the first byte of what goes up to stderr.
import select
import socket
import sys

server = ("127.0.0.1", int(sys.argv[1]))
rules = dict(rule.partition("=")[::2] for rule in sys.argv[2:])
lost = {way: {int(n) for n in rules.get(way, "").split(",") if n} for way in ("up", "down")}
largest = int(rules.get("larger", 65535))
count = {"up": 0, "down": 0}
clients = {}  # address of a client: the socket that stands for it
front = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
front.bind(("127.0.0.1", 0))
other = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
other.bind(("127.0.0.1", 0))
print(front.getsockname()[1], flush=True)


def passes(way, data):
    count[way] += 1
    return count[way] not in lost[way] and len(data) <= largest


def up():
    data, client = front.recvfrom(65535)
    if client not in clients:
        clients[client] = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        clients[client].connect(server)
    if "stray" in rules:
        other.sendto(b"\x16\xfe\xfd" + bytes(60), client)
    if "log" in rules:
        print(data[0], file=sys.stderr, flush=True)
    if passes("up", data):
        clients[client].send(data)


def down(client, back):
    try:
        data = back.recv(65535)
    except ConnectionError:
        return
    if passes("down", data):
        front.sendto(data, client)


while True:
    readable, _, _ = select.select([front, *clients.values()], [], [])
    if front in readable:
        up()
    for client, back in list(clients.items()):
        if back in readable:
            down(client, back)
