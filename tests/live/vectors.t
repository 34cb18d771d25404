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

# The sandbox itself is the server's twin: it sends the same bytes, without a script.
equal=0 all=0
for script in "$abs_top_srcdir"/tests/data/vectors/*.script; do
  name=$(basename "$script" .script)
  # shellcheck disable=SC2046
  check "twin: $name: starts" sandbox_start $(sed -n 's/^# twin: sandbox //p' "$script")
  port=$sandbox_port
  ! grep -qE '^# twin: (port mqtts|connect certificate)$' "$script" || port=$sandbox_tls_port
  run /usr/bin/python3 "$abs_top_srcdir/tests/live/vectors.py" "$script" "$port" "$(cat "$sandbox_token_file")"
  check "twin: $name: byte for byte" status_is 0
  all=$((all + 1))
  [ "$status" -ne 0 ] || equal=$((equal + 1))
  sandbox_stop
done
echo "# the sandbox sends the bytes of $equal of $all vectors"

done_testing
