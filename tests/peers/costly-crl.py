# SPDX-License-Identifier: MIT
#
# costly-crl.py MEGABYTES: a CA (ca.pem), a server certificate (leaf.pem), and a revocation list of that size (crl.der).
import subprocess
import sys

size = int(sys.argv[1]) * 1000 * 1000


def der(tag, *parts):
    body = b"".join(parts)
    count = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([len(body)]) if len(body) < 128 else bytes([0x80 | len(count)]) + count) + body


subprocess.run(
    "openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout key.pem -out ca.pem -days 30 "
    "-subj /CN=CA && "
    "openssl req -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout leaf-key.pem -subj /CN=localhost "
    "-addext subjectAltName=DNS:localhost | "
    "openssl x509 -req -copy_extensions copy -CA ca.pem -CAkey key.pem -days 30 -out leaf.pem",
    shell=True, check=True, stderr=subprocess.DEVNULL)
ECDSA = der(0x30, bytes.fromhex("06082a8648ce3d040302"))
ISSUER = der(0x30, der(0x31, der(0x30, bytes.fromhex("0603550403"), der(0x0C, b"CA"))))
entry = der(0x30, der(2, b"\x77" * 16), der(0x17, b"260101000000Z"))
tbs = der(0x30, b"\2\1\1", ECDSA, ISSUER, der(0x17, b"260101000000Z"), der(0x17, b"480101000000Z"),
          der(0x30, entry * (size // len(entry))))
sign = ["openssl", "dgst", "-sha256", "-sign", "key.pem"]
signature = subprocess.run(sign, input=tbs, check=True, capture_output=True).stdout
with open("crl.der", "wb") as out:
    out.write(der(0x30, tbs, ECDSA, der(3, b"\0", signature)))
