#!/bin/sh
# SPDX-License-Identifier: MIT
#
# faults.t - the sandbox misbehaves as it is told to, and tbdiag names it within its deadline.
. "${abs_top_srcdir:-$(dirname "$0")/..}/tests/tap.sh"
. "$abs_top_srcdir/tests/sandbox.sh"

# The worst comes first.
first_finding() { sed -nE 's/^(ok|info|warning|critical)  ([a-z0-9-]+\.[a-z0-9-]+)$/\2/p' "$out" | head -n 1; }
now_ms() { date +%s%3N; }

# diagnose WHAT FINDING STATUS SECONDS COMMAND...: it says this first, with this status, in less than that.
diagnose() {
  what=$1 finding=$2 expected=$3 limit=$4
  shift 4
  begin=$(now_ms)
  run "$@"
  took=$(($(now_ms) - begin))
  check "$what: $finding" test "$(first_finding)" = "$finding"
  check "$what: exit status" status_is "$expected"
  check "$what: within its deadline ($took ms)" test "$took" -lt "${limit}000"
}

# with_fault FAULT FINDING STATUS [OPTION...]: of a round trip over TLS.
with_fault() {
  fault=$1 finding=$2 expected=$3
  shift 3
  sandbox_start --fault "$fault" || fail "--fault $fault starts"
  diagnose "$fault" "$finding" "$expected" 8 "$tbdiag" roundtrip --ca-file "$sandbox_ca" \
    --token-file "$sandbox_token_file" "$@" "localhost:$sandbox_tls_port"
  sandbox_stop
}

# ---- what becomes of a device's messages -----------------------------------------------------------

with_fault close-on-publish mqtt.closed-on-publish 2
with_fault no-response data.no-response 2
with_fault late-response=60000 data.no-response 2
with_fault wrong-id data.other-response 2
with_fault visible-after=60000 data.not-stored 2

# has_waited PHASE MS: it took that long, and not much longer.
has_waited() {
  waited=$(sed -nE "s/.*\"$1_ms\": *\"?([0-9]+).*/\1/p" "$out" | head -n 1)
  [ "$waited" -ge "$2" ] && [ "$waited" -lt $(($2 + 1000)) ]
}
sandbox_start --fault late-response=300 --fault visible-after=700
roundtrip() {
  run "$tbdiag" roundtrip --ca-file "$sandbox_ca" --token-file "$sandbox_token_file" "$@" \
    "localhost:$sandbox_tls_port"
}
roundtrip --format json
check 'late, but in time: exit status' status_is 0
check 'late-response=300: it took that long' has_waited response 300
check 'visible-after=700: it took that long' has_waited visible 700
roundtrip
check 'visible-after: the old value shows' test "$(first_finding)" = data.stale
check 'visible-after: exit status' status_is 1
sandbox_stop

# ---- what does not work ----------------------------------------------------------------------------

refused() {
  run "$tools/tbdiag-sandbox" --fault "$1"
  check "--fault $1: exit status" status_is 3
  check "--fault $1: it is explained" err_has "option '--fault' wants $2"
}
refused break 'a KIND of fault'
refused wrong-id=1 'no argument'
refused visible-after 'milliseconds'
refused visible-after= 'milliseconds'
refused visible-after=-1 'milliseconds'
refused late-response=9999999 'milliseconds'

done_testing
