# SPDX-License-Identifier: MIT
#
# aia-server.py DIRECTORY: publishes the certificate in DIRECTORY/intermediate.pem, which may come later, in
# several forms, and also misbehaves. Prints its port.
import base64
import http.server
import os
import sys
import time

DIRECTORY = sys.argv[1]


def pem():
    with open(os.path.join(DIRECTORY, "intermediate.pem"), encoding="ascii") as file:
        return file.read()


def der():
    lines = [line.strip() for line in pem().splitlines() if not line.startswith("---")]
    return base64.b64decode("".join(lines))


def tlv(tag, *parts):
    value = b"".join(parts)
    size = len(value)
    length = bytes([size]) if size < 0x80 else b"\x82" + size.to_bytes(2, "big")
    return bytes([tag]) + length + value


def pkcs7():
    """SignedData without a signer (RFC 5652, 5.1): certs-only."""
    signed_data = bytes.fromhex("06092a864886f70d010702")
    data = bytes.fromhex("06092a864886f70d010701")
    inner = tlv(0x30, b"\x02\x01\x01", tlv(0x31), tlv(0x30, data), tlv(0xA0, der()), tlv(0x31))
    return tlv(0x30, signed_data, tlv(0xA0, inner))


DOCUMENTS = {
    "/der": lambda: der(),
    "/pem": lambda: pem().encode(),
    "/pkcs7": pkcs7,
    "/garbage": lambda: b"\x30\x82\xff\xff<html>no certificate</html>",
    "/empty": lambda: b"",
}


class Handler(http.server.BaseHTTPRequestHandler):
    def log_message(self, *args):
        pass

    def redirect(self, location):
        self.send_response(302)
        self.send_header("Location", location)
        self.end_headers()

    def stream(self, chunk, pause):
        self.send_response(200)
        self.end_headers()
        while True:
            self.wfile.write(chunk)
            self.wfile.flush()
            time.sleep(pause)

    def do_GET(self):
        try:
            self.answer()
        except (BrokenPipeError, ConnectionResetError):
            pass

    def answer(self):
        if self.path == "/moved":
            self.redirect("/der")
        elif self.path == "/loop":
            self.redirect("/loop")
        elif self.path == "/to-file":
            self.redirect("file://" + os.path.join(DIRECTORY, "intermediate.pem"))
        elif self.path == "/endless":
            self.stream(b"\0" * 65536, 0)
        elif self.path == "/slow":
            self.stream(b"\0", 0.1)
        elif self.path in DOCUMENTS:
            document = DOCUMENTS[self.path]()
            self.send_response(200)
            self.end_headers()
            self.wfile.write(document)
        else:
            self.send_error(404)


server = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Handler)
server.daemon_threads = True
print(server.server_address[1], flush=True)
server.serve_forever()
