# SPDX-License-Identifier: MIT
#
# ocsp-peer.py responder DIRECTORY: answers a POST to /NAME with the bytes of DIRECTORY/NAME, writes NAME
# into DIRECTORY/asked.log, and also misbehaves.
# ocsp-peer.py tls CERT KEY PORT LOG [NEXT]: a TLS server in front of 127.0.0.1:PORT, which writes the bytes that clients
# send into LOG. From the second connection on it shows NEXT, which has the same key. Both print their port.
import http.server
import os
import socket
import ssl
import sys
import threading
import time


class Responder(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def do_POST(self):
        try:
            self.answer()
        except (BrokenPipeError, ConnectionResetError):
            pass

    def answer(self):
        if self.headers["Content-Type"] != "application/ocsp-request":
            self.send_error(415)
            return
        self.rfile.read(int(self.headers["Content-Length"]))
        with open(os.path.join(sys.argv[2], "asked.log"), "a") as file:
            print(self.path, file=file)
        if self.path == "/silent":
            time.sleep(60)
            return
        if self.path == "/loop":
            self.send_response(307)
            self.send_header("Location", "/loop")
            self.end_headers()
            return
        name = os.path.join(sys.argv[2], self.path[1:])
        if self.path != "/huge" and not os.path.exists(name):
            self.send_error(404)
            return
        self.send_response(200)
        self.send_header("Content-Type", "application/ocsp-response")
        self.end_headers()
        if self.path == "/huge":
            for _ in range(1024):
                self.wfile.write(b"\x30" * 16384)
        else:
            with open(name, "rb") as file:
                self.wfile.write(file.read())


def responder():
    server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Responder)
    server.daemon_threads = True
    print(server.server_address[1], flush=True)
    server.serve_forever()


def copy(source, sink, log):
    try:
        while True:
            data = source.recv(65536)
            if not data:
                break
            if log is not None:
                log.write(data)
                log.flush()
            sink.sendall(data)
    except OSError:
        pass
    for end in (source, sink):
        try:
            end.shutdown(socket.SHUT_RDWR)
        except OSError:
            pass


def serve(context, plain, port, log):
    try:
        peer = context.wrap_socket(plain, server_side=True)
        behind = socket.create_connection(("127.0.0.1", port))
    except OSError:
        return
    threading.Thread(target=copy, args=(behind, peer, None), daemon=True).start()
    copy(peer, behind, log)


def context_of(cert, key):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(cert, key)
    return context


def tls(cert, key, port, log, cert_after=None):
    context, context_after = context_of(cert, key), context_of(cert_after or cert, key)
    listener = socket.create_server(("127.0.0.1", 0))
    print(listener.getsockname()[1], flush=True)
    with open(log, "ab") as file:
        while True:
            plain, _ = listener.accept()
            threading.Thread(
                target=serve, args=(context, plain, int(port), file), daemon=True
            ).start()
            context = context_after


if sys.argv[1] == "responder":
    responder()
else:
    tls(*sys.argv[2:])
