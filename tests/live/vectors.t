#!/bin/sh
# SPDX-License-Identifier: MIT
#
# vectors.t - what ThingsBoard answers, byte by byte, played by scripts; and what tbdiag says of it.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

has_finding() { grep -qE "^[a-z]+  $1(  |\$)" "$out"; }

# Its first line says what it is; "# tbdiag: ID STATUS [OPTION]..." what tbdiag makes of it, "# says: TEXT" what it shows.
for script in "$abs_top_srcdir"/tests/data/vectors/*.script; do
  name=$(basename "$script" .script)
  check "$name: starts" sandbox_start --script "$script" -v
  run /usr/bin/python3 "$abs_top_srcdir/tests/live/vectors.py" "$script" "$sandbox_port"
  check "$name: byte for byte" status_is 0
  verdict=$(sed -n 's/^# tbdiag: //p' "$script")
  if [ -n "$verdict" ]; then
    # shellcheck disable=SC2086
    set -- $verdict
    finding=$1 expected=$2
    shift 2
    run "$tbdiag" roundtrip --ca-file "$sandbox_ca" --token A1b2C3d4E5f6G7h8I9j0 "$@" "localhost:$sandbox_tls_port"
    check "$name: $finding" has_finding "$finding"
    [ "$expected" = 0 ] || check "$name: it comes first" test "$(first_finding)" = "$finding"
    check "$name: exit status" status_is "$expected"
    says=$(sed -n 's/^# says: //p' "$script")
    [ -z "$says" ] || check "$name: shows $says" out_has "$says"
  fi
  sandbox_stop
done

done_testing
