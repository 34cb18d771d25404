#!/bin/sh
# SPDX-License-Identifier: MIT
#
# schema.t - reports fit the schema, and a report that was tampered with does not.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

if ! /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; then
  echo '1..0 # SKIP python3-jsonschema is not installed'
  exit 0
fi

sample() { "$abs_top_builddir/tests/live/report-sample" "$@" || exit 99; }
sample >samples.json
sample --keys >keys
sample --sets >sets.json
schemas=$abs_top_builddir/tools/schema
fits() { /usr/bin/python3 "$abs_top_srcdir/tests/live/schema.py" "$@"; }
{
  fits "$schemas/tbdiag-report.schema.json" samples.json keys &&
    fits "$schemas/tbdiag-set.schema.json" sets.json
} >results
status=$?
/usr/bin/python3 - "$schemas/tbdiag-set.schema.json" sets.json >>results <<'END' || status=1
import json, sys, jsonschema
schema, sets = (json.load(open(name, encoding="utf-8")) for name in sys.argv[1:])
for each in sets:
    jsonschema.validate(each, schema)
print("ok 1 - newcomer-C5 jsonschema.validate() takes a set and its schema, without another file")
END
awk '/^(not )?ok / { sub(/ok [0-9]+/, "ok " ++count) } { print } END { print "1.." count }' results
exit "$status"
