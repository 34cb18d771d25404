# SPDX-License-Identifier: MIT
#
# costly-keys.py: chain.pem, 256 KiB of certificates that could all have signed each other, by keys that are as costly as
# anybody takes them. No signature is good.
import base64
import random


def der(tag, *parts):
    body = b"".join(parts)
    size = len(body).to_bytes((len(body).bit_length() + 7) // 8, "big")
    return bytes([tag]) + (bytes([len(body)]) if len(body) < 128 else bytes([0x80 | len(size)]) + size) + body


def integer(number):
    return der(2, number.to_bytes(number.bit_length() // 8 + 1, "big"))


def odd(bits):
    return random.getrandbits(bits) | 1 << (bits - 1) | 1


def name(text):
    return der(0x30, der(0x31, der(0x30, bytes.fromhex("0603550403"), der(0x0C, text))))


def cert(subject, extensions):
    signed = der(0x30, bytes.fromhex("0609608648016503040302"))  # dsa-with-sha256
    params = der(0x30, integer(odd(10000)), integer(odd(512)), integer(odd(9999)))
    key = der(0x30, der(0x30, bytes.fromhex("06072a8648ce380401"), params), der(3, b"\0", integer(odd(9998))))
    dates = der(0x30, der(0x17, b"260101000000Z"), der(0x17, b"480101000000Z"))
    tbs = der(0x30, der(0xA0, b"\2\1\2"), integer(odd(60)), signed, name(b"X"), dates, name(subject), key,
              der(0xA3, der(0x30, extensions)))
    return der(0x30, tbs, signed, der(3, b"\0", der(0x30, integer(odd(500)), integer(odd(500)))))


HOST = der(0x30, bytes.fromhex("0603551d11"), der(4, der(0x30, der(0x82, b"localhost"))))
CA = der(0x30, bytes.fromhex("0603551d13"), der(4, der(0x30, b"\1\1\xff")))
with open("chain.pem", "w", encoding="ascii") as out:
    for one in [cert(b"localhost", HOST)] + [cert(b"X", CA) for _ in range(62)]:
        out.write("-----BEGIN CERTIFICATE-----\n" + base64.encodebytes(one).decode() + "-----END CERTIFICATE-----\n")
