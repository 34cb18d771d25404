#!/bin/sh
# SPDX-License-Identifier: MIT
#
# conformance.t - the verdicts over the corpus that lies beside the project, if it does, get no worse.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

corpus=$abs_top_srcdir/../shared/conformance/limbo-core.json.xz
judge=$abs_top_builddir/tests/live/conformance

# counts PASSED FAILED SKIPPED
counts() { out_line "$1 passed, $2 failed, $3 skipped"; }

cat >one.json <<'JSON'
{ "version": 1, "testcases": [
  { "id": "a::client", "validation_kind": "CLIENT", "expected_result": "SUCCESS" },
  { "id": "a::nothing", "expected_result": "FAILURE", "features": ["x"], "importance": "low" },
  { "id": "a::more", "expected_result": "SUCCESS", "peer_certificate": "?" } ] }
JSON
run "$judge" one.json
check 'a client is out of scope, what is no certificate is refused' counts 1 1 1
check 'the failed one is named' out_has 'failed: false reject: a::more ('
check 'failures show in the status' status_is 1
run "$judge" missing.json
check 'a corpus that is not there is an error' status_is 3

if [ -f "$corpus" ] && command -v xz >/dev/null; then
  xz -dc "$corpus" >corpus.json
  run "$judge" corpus.json
  check 'the core corpus comes out as it did' counts 195 0 13
else
  skip 'the core corpus comes out as it did' "$corpus or xz is missing"
fi

done_testing
