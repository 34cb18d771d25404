#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""stacks.py - asks a helper: stacks.py HELPER [--connect ADDRESS] CHAIN.pem TRUST HOST TIME [MODE...]

Prints a line for each mode: "mode accepted|refused step code alert anchors words"; "-" for null.
"""
import base64
import json
import re
import subprocess
import sys


def certificates(path):
    with open(path, encoding="ascii") as file:
        found = re.findall(r"-----BEGIN CERTIFICATE-----(.*?)-----END", file.read(), re.S)
    return ["".join(one.split()) for one in found]


def main(helper, *arguments):
    command = [helper]
    if arguments[0] == "--connect":
        command += arguments[:2]
        arguments = arguments[2:]
    chain, trust, host, time, *modes = arguments
    with open(trust, "rb") as file:
        trust = base64.b64encode(file.read()).decode()
    question = {"chain": certificates(chain), "trust": trust, "host": host, "time": int(time)}
    if modes:
        question["modes"] = modes
    done = subprocess.run(command, input=json.dumps(question), stdout=subprocess.PIPE, timeout=60, text=True)
    if done.returncode != 0:
        return done.returncode
    for verdict in json.loads(done.stdout)["verdicts"]:
        shown = [verdict["mode"], "accepted" if verdict["accepted"] else "refused", verdict["step"]]
        shown += ["-" if verdict[key] is None else verdict[key] for key in ("code", "alert", "anchors_loaded")]
        print(*shown, verdict["words"])
    return 0


sys.exit(main(*sys.argv[1:]))
