#!/bin/sh
# SPDX-License-Identifier: MIT
#
# schema.t - reports fit the schema, and a report that was tampered with does not.
. "${abs_top_srcdir:-$(dirname "$0")/..}/tests/tap.sh"

if ! /usr/bin/python3 -c 'import jsonschema' 2>/dev/null; then
  echo '1..0 # SKIP python3-jsonschema is not installed'
  exit 0
fi

"$abs_top_builddir/tests/report-sample" >samples.json || exit 99
"$abs_top_builddir/tests/report-sample" --keys >keys || exit 99
/usr/bin/python3 "$abs_top_srcdir/tests/schema.py" "$abs_top_srcdir/tools/schema/tbdiag-report.schema.json" \
  samples.json keys >results
status=$?
cat results
echo "1..$(grep -cE '^(not )?ok ' results)"
exit "$status"
