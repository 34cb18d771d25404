#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# tls-server.py - a server of OpenSSL's that shows the chain in a file, and others by server name: CHAIN KEY [NAME CHAIN
# KEY]... It says its port first, and closes each connection after the handshake.
import socket
import ssl
import sys


def context_of(chain, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(chain, key)
    return context


def main(chain, key, *others):
    contexts = {
        name: context_of(other, other_key)
        for name, other, other_key in zip(others[::3], others[1::3], others[2::3])
    }

    def choose(connection, name, default):
        connection.context = contexts.get(name, default)

    context = context_of(chain, key)
    context.sni_callback = choose
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    while True:
        connection, _ = listener.accept()
        connection.settimeout(10)
        try:
            with context.wrap_socket(connection, server_side=True) as stream:
                stream.recv(1)
        except OSError:
            pass


main(*sys.argv[1:])
