#!/usr/bin/python3
# SPDX-License-Identifier: MIT
"""Check reports against the schema, and the schema against broken reports.

Usage: schema.py SCHEMA SAMPLES KEYS

SAMPLES holds an array of reports; the first has every optional part. Each has to be valid. Then each
key of the first report is dropped, renamed, and given values of every other type, and each object gets a key
more: the validator must refuse every time. Of the elements of a list the first of its kind has to do. KEYS lists the evidence that rules declare, one a line. Prints TAP
without a plan."""
import copy
import json
import pathlib
import sys

import jsonschema

count = 0


def check(good, what, why=""):
    global count
    count += 1
    print("ok" if good else "not ok", count, "-", what)
    for line in str(why).splitlines() if not good else []:
        print("#", line)


def places(value, path=()):
    """Every (path, value) below this one. The reports of a set have a test of their own; here it is enough
    that their schema is applied."""
    if path[:1] == ("reports",) and len(path) > 2:
        return
    items = []
    if isinstance(value, dict):
        items = value.items()
    elif isinstance(value, list):
        items = enumerate(value)
    for key, item in items:
        yield path + (key,), item
        yield from places(item, path + (key,))


def changed(report, path, change):
    """A copy of the report in which change(container, key) was made at the path; what is not on it is shared."""
    report = container = copy.copy(report)
    for key in path[:-1]:
        container[key] = container = copy.copy(container[key])
    if isinstance(container[path[-1]], dict):
        container[path[-1]] = dict(container[path[-1]])
    change(container, path[-1])
    return report


def alone(report, slim, path):
    """The slim report with only the part of the other that the path leads into, and the path in it: it is soon
    looked through."""
    part = report[path[0]]
    if isinstance(part, list) and len(path) > 1:
        part, path = [part[path[1]]], (path[0], 0, *path[2:])
    return {**slim, path[0]: part}, path


def drop(container, key):
    del container[key]


def rename(container, key):
    container[key + "x"] = container.pop(key)


def of_any_element(path):
    """The place as the schema knows it: which element of a list does not matter."""
    return tuple("*" if isinstance(key, int) else key for key in path)


def anywhere(path):
    """The same, in whatever place such a list is."""
    return of_any_element(path)[-3:]


def mutations(report, path, value):
    """The report with the key at this path gone or renamed, a key more in its value, or its value of each other
    type."""
    if isinstance(path[-1], str):
        yield changed(report, path, rename)
        if path[-2:-1] != ("evidence",):
            yield changed(report, path, drop)
    if isinstance(value, dict):
        yield changed(report, path, lambda container, key: container[key].update(extra=None))
    # What else may stand where nothing is, another report shows.
    samples = {str: "?", int: 1, float: 0.5, bool: True, list: [[]], dict: {"?": 1}}
    for kind, other in samples.items():
        if value is not None and kind is not type(value):
            yield changed(report, path, lambda container, key: container.__setitem__(key, other))


def validator_of(schema_file):
    """A schema stands for itself, and so is what jsonschema.validate() takes."""
    schema = json.loads(pathlib.Path(schema_file).read_text(encoding="utf-8"))
    return schema, jsonschema.Draft202012Validator(schema)


def main():
    schema_file, samples_file, *keys_file = sys.argv[1:]
    schema, validator = validator_of(schema_file)
    with open(samples_file, encoding="utf-8") as file:
        samples = json.load(file)
    jsonschema.Draft202012Validator.check_schema(schema)

    for i, report in enumerate(samples):
        error = jsonschema.exceptions.best_match(validator.iter_errors(report))
        what = report["findings"][0]["id"] if report["findings"] else "nothing found"
        check(error is None, f"report {i} is valid ({what})", error)

    full = samples[0]
    empty = {anywhere(path) for path, value in places(full) if value is None or value == []}
    filled = {anywhere(path) for path, value in places(full) if value is not None and value != []}
    empty.discard(("consequences", "*", "consequences"))
    empty.discard(("tls", "client_cert", "error"))
    empty.discard(("nearest", "system_anchor", "error"))
    empty.discard(("*", "cert", "error"))  # of a download
    empty.discard(("also", "*", "error"))
    empty -= {("ca", "cert", "error"), ("ca", "unproven", "error")}
    empty = set() if "reports" in full else empty
    check(empty <= filled, "the first report has every optional part", sorted(empty - filled))
    check(not validator.is_valid({**full, "extra": None}), "an extra key at the top")
    slim = min(samples, key=lambda sample: len(json.dumps(sample)))
    seen = set()
    for path, value in places(full):
        place = (of_any_element(path), type(value))
        if place in seen:
            continue
        seen.add(place)
        part, path_there = alone(full, slim, path)
        if len(path) < 3:
            check(validator.is_valid(part), "alone and valid: " + ".".join(map(str, path)))
        accepted = [broken for broken in mutations(part, path_there, value) if validator.is_valid(broken)]
        check(not accepted, "mutations of " + ".".join(map(str, path)), len(accepted))

    if not keys_file:
        return
    keys = set(pathlib.Path(keys_file[0]).read_text(encoding="utf-8").split())
    evidence = set(schema["$defs"]["evidence"]["properties"])
    check(evidence == keys, "evidence: the keys that rules declare", evidence ^ keys)


main()
