#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""fake-stack.py - a helper that stands for a TLS stack: tests copy it to stack-NAME.

What it does is the word in the file NAME.does beside it: accepts, refuses, cannot-load, crashes, hangs, floods, hogs,
complains, says-nothing, says-garbage, fails, stays (it answers, and does not end), forks (it leaves a child that holds its pipes).
"""
import json
import os
import pathlib
import signal
import sys
import time

path = pathlib.Path(sys.argv[0])
name = path.name.removeprefix("stack-")
modes = {"openssl": ["default", "partial-chain", "strict", "legacy"],
         "mbedtls": ["default", "no-clock", "esp-idf-bundle"]}.get(name, ["default"])


def say(value):
    print(json.dumps(value), flush=True)


if sys.argv[1:] == ["--list"]:
    say({"stack": name, "version": "1.2.3", "modes": modes})
    sys.exit(0)

question = json.load(sys.stdin)
path.with_name(name + ".asked").write_text(json.dumps(question | {
    "environment": sorted(os.environ), "descriptors": sorted(int(fd) for fd in os.listdir("/proc/self/fd"))[:-1]}))
does = path.with_name(name + ".does").read_text().split()
word, number = does[0], int(does[1]) if len(does) > 1 else -9984
if word == "crashes":
    os.kill(os.getpid(), signal.SIGSEGV)
if word == "hangs":
    time.sleep(3600)
if word == "floods":
    while True:
        os.write(1, b'{"words": "' + b"x" * 65536)
if word == "complains":
    while True:
        os.write(2, b"x" * 65536)
if word == "hogs":
    hoard = []
    try:
        while True:
            hoard.append(bytearray(64 << 20))
    except MemoryError:
        os.kill(os.getpid(), signal.SIGABRT)
if word == "says-nothing":
    sys.exit(0)
if word == "says-garbage":
    os.write(1, b"\x00\xff{\x1b[31m")
    sys.exit(0)
if word == "fails":
    sys.exit("stack-" + name + ": it could \x1b[31mnot judge\nsecond line")
if word == "forks" and os.fork() == 0:
    time.sleep(5)
    os._exit(0)
verdicts = []
for mode in question["modes"]:
    accepted = word != "refuses" and word != "cannot-load"
    verdicts.append({
        "mode": mode, "accepted": accepted, "step": "trust-file" if word == "cannot-load" else "handshake",
        "code": None if accepted else number, "words": "" if accepted else "X509 - \x1b[31mverification failed",
        "alert": None if accepted else 48, "anchors_loaded": 0 if word == "cannot-load" else 1})
say({"stack": name, "version": "1.2.3", "verdicts": verdicts})
if word == "stays":
    time.sleep(3600)
