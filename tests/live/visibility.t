#!/bin/sh
# SPDX-License-Identifier: MIT
#
# visibility.t - how soon a written value can be read: what every ThingsBoard needs for it is no fault, and is measured.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

roundtrip() {
  run "$tbdiag" roundtrip --ca-file "$sandbox_ca" --token-file "$sandbox_token_file" "$@"
}

# seen_within MIN MAX TARGET: the best of three runs saw the value after so many ms; in $seen.
seen_within() {
  seen=99999
  for _ in 1 2 3; do
    roundtrip --format json "$3"
    this=$(sed -nE 's/.*"visible_ms": *"?([0-9]+).*/\1/p' "$out" | head -n 1)
    [ "${this:-99999}" -ge "$seen" ] || seen=$this
  done
  [ "$seen" -ge "$1" ] && [ "$seen" -lt "$2" ]
}

sandbox_start --fault visible-after=50 || fail 'the sandbox starts'
targets="mqtts://localhost:$sandbox_tls_port https://localhost:$(ready https) coaps://localhost:$(ready coaps)"
for target in $targets; do
  what="live-D1 ${target%%:*}"
  for value in first second; do
    roundtrip "$target"
    check "$what: visible after 50 ms, $value value: exit status" status_is 0
    check "$what: visible after 50 ms, $value value: data.ok" has_finding ok data.ok
    check_not "$what: visible after 50 ms, $value value: no warning" out_has data.stale
  done
  check "$what: what is measured is the server" seen_within 49 150 "$target"
  check "$what: an old value came before, and is in the report" out_has '"stale": true'
done
list=
for target in $targets; do
  list="$list,${target%%:*}:${target##*:}"
done
roundtrip --transports "${list#,}" localhost
roundtrip --transports "${list#,}" localhost
check 'live-D1 --transports: exit status' status_is 0
check 'live-D1 --transports: the table says yes three times' test "$(grep -cE 's:[0-9]+ .* yes +yes +[0-9.]+ m?s$' "$out")" = 3
sandbox_stop

sandbox_start --fault visible-after=900 || fail 'the sandbox starts'
roundtrip "localhost:$sandbox_tls_port"
roundtrip "localhost:$sandbox_tls_port"
check 'live-D1 visible within a second: exit status' status_is 0
sandbox_stop

sandbox_start --fault visible-after=1700 || fail 'the sandbox starts'
for target in "mqtts://localhost:$sandbox_tls_port" "https://localhost:$(ready https)" "coaps://localhost:$(ready coaps)"; do
  roundtrip "$target"
  roundtrip "$target"
  check "live-D1 ${target%%:*}: an old value for seconds: exit status" status_is 1
  check "live-D1 ${target%%:*}: an old value for seconds: data.stale" has_finding warning data.stale
done
sandbox_stop

done_testing
