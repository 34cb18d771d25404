#!/usr/bin/env python3
# SPDX-License-Identifier: MIT
#
# explain.py - feed what clients printed to `tbdiag explain` and count what it makes of it.
#
# usage: explain.py EXPLAIN cases|clients|others|negative FILE
"""Prints a line for each row that is not explained as expected, then "RIGHT of ALL"."""

import json
import subprocess
import sys

explain = sys.argv[1]

# Which findings a fault of the sandbox is about.
FAULTS = {
    "chain:address-as-name": "name.ip-not-listed name.ip-as-dns",
    "chain:bad-signature": "policy.bad-signature",
    "chain:client-only": "policy.wrong-purpose",
    "chain:cn-only": "name.cn-only",
    "chain:encoded-name": "ca.name-encoding",
    "chain:expired": "time.expired",
    "chain:expired-cross-sign": "ca.cross-signed-expired",
    "chain:expired-intermediate": "time.expired",
    "chain:expired-root": "ca.anchor-expired",
    "chain:intercepted": "ca.intercepted",
    "chain:large": "chain.large",
    "chain:leaf-only": "ca.missing-intermediate",
    "chain:name-constraints": "policy.name-constraints",
    "chain:not-a-ca": "policy.not-a-ca",
    "chain:not-yet-valid": "time.not-yet-valid",
    "chain:other-root": "ca.wrong-root",
    "chain:path-length": "policy.path-length",
    "chain:private-root": "ca.private-root-sent",
    "chain:rekeyed-root": "ca.same-name-other-key",
    "chain:renamed-root": "ca.same-key-other-name",
    "chain:root-sent": "chain.root-sent",
    "chain:self-signed": "ca.self-signed",
    "chain:sha1": "policy.weak-signature",
    "chain:unknown-critical": "policy.unknown-critical",
    "chain:unrelated": "chain.unrelated",
    "chain:duplicate": "chain.duplicate",
    "chain:wrong-order": "chain.wrong-order",
    "chain:weak-key": "policy.weak-key",
    "chain:wildcard": "name.mismatch",
    "chain:wrong-host": "name.mismatch",
    "fault:alert=112": "tls.sni-rejected",
    "fault:alert=40": "tls.cipher tls.alert",
    "fault:alert=70": "tls.version",
    "fault:client-cert-required": "tls.client-cert-required",
    "fault:close-at=": "tls.closed mqtt.closed-before-connack",
    "fault:close-before-connack": "mqtt.closed-before-connack",
    "fault:close-on-publish": "mqtt.closed-on-publish",
    "fault:coap-code=4.01": "coap.unauthorized",
    "fault:coap-code=5.00": "coap.error",
    "fault:coap-silent": "coap.timeout",
    "fault:garbage": "tls.other-protocol",
    "fault:http-html": "http.not-device-api",
    "fault:http-redirect": "http.redirect",
    "fault:http-silent": "http.timeout",
    "fault:http-status=": "http.error",
    "fault:late-response": "data.no-response",
    "fault:no-connack": "mqtt.no-connack",
    "fault:connack-delay": "mqtt.no-connack",
    "fault:no-response": "data.no-response",
    "fault:plain-http": "tls.plain-http",
    "fault:plain-mqtt": "tls.plain-mqtt",
    "fault:reset-at=": "tcp.reset",
    "fault:silent": "tls.timeout mqtt.no-connack",
    "fault:sni-required": "tls.sni-rejected",
    "fault:take-over": "mqtt.taken-over",
    "fault:wrong-id": "data.other-response",
    "token": "mqtt.not-authorized http.unauthorized coap.unauthorized",
}


def ask(*arguments):
    run = subprocess.run(
        [explain, "--format", "json", *arguments], stdin=subprocess.DEVNULL, capture_output=True, check=False
    )
    return run.returncode, json.loads(run.stdout or b'{"sayings": [], "causes": []}')


def rows(name):
    with open(name, encoding="utf-8") as file:
        for line in file:
            if not line.startswith("#"):
                yield line.rstrip("\n").split("\t")


def wanted_findings(fault):
    if fault in FAULTS:
        return FAULTS[fault].split()
    return next(FAULTS[begin] for begin in FAULTS if fault.startswith(begin)).split()


def keys(answer):
    return [cause["cause"] for cause in answer["causes"]]


class Score:
    def __init__(self):
        self.right = self.all = 0

    def count(self, right, *what):
        self.all += 1
        self.right += right
        if not right:
            print("#", *what)

    def tell(self, what):
        print(f"{what}: {self.right} of {self.all}")


def cases(name):
    """The first cause is one of those that are named; also in a line of a log."""
    alone, in_log = Score(), Score()
    for number, _, causes, symptom in rows(name):
        for score, before in (alone, ""), (in_log, "2026-11-24T18:03:11.402Z [main] ERROR net[412]: "):
            _, answer = ask("--", before + symptom)
            score.count(keys(answer)[:1] != [] and keys(answer)[0] in causes.split(), number, symptom, keys(answer)[:4])
    alone.tell("verbatim")
    in_log.tell("in a log")


def clients(name):
    """A finding of the fault is among those of the first three causes. A client that noticed nothing has nothing to tell:
    then nothing is known, or that is what is said."""
    score = Score()
    for client, does, faults, words in rows(name):
        symptoms = [] if does == "-" else [f"--{what}" for what in does.split()]
        works = symptoms == ["--exits-0"] or does == "silent exits-0"
        if words and works:
            symptoms = []
        code, answer = ask("--client", client, *symptoms, "--", words)
        seen = {finding for cause in answer["causes"][:3] for finding in cause["findings"]}
        for fault in faults.split():
            accepted = works and (code == 1 or "accepted" in keys(answer))
            right = accepted or fault not in ("ok", "chain:complete", "chain:expires-now", "fault:coap-loss=1", "fault:coap-separate=2000") and bool(seen & set(wanted_findings(fault)))
            if fault == "ok":
                right = accepted or code == 1 or "reconnects" in does
            score.count(right, client, does, fault, words[:150], keys(answer)[:3])
    score.tell("first three")


def others(name):
    """The first cause is one of those that are named, and one is among the first three."""
    first, three = Score(), Score()
    for causes, text in rows(name):
        _, answer = ask("--", text)
        first.count(keys(answer)[:1] != [] and keys(answer)[0] in causes.split(), text, keys(answer)[:4])
        three.count(any(key in causes.split() for key in keys(answer)[:3]))
    first.tell("first")
    three.tell("first three")


def negative(name):
    """Nothing is known."""
    score = Score()
    with open(name, encoding="utf-8") as file:
        for line in file:
            if line.startswith("# "):
                continue
            code, answer = ask("--", line.rstrip("\n"))
            score.count(code == 1, line.rstrip("\n"), answer["sayings"][:1])
    score.tell("nothing known")


globals()[sys.argv[2]](sys.argv[3])
