#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sandbox-faults.t - states in which a real ThingsBoard was met: behind a proxy, starting, over a limit, with a deleted
# device, asking for certificates.
. "${abs_top_srcdir:-$(dirname "$0")/../../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

# in_state NAME OPTION...: what devices meet then; each line of it is a check.
in_state() {
  state=$1
  shift
  check "$state: starts" sandbox_start "$@"
  run /usr/bin/python3 "$abs_top_srcdir/tools/sandbox/tests/sandbox-faults.py" "$state" "$sandbox_line" \
    "$(cat "$sandbox_token_file")"
  check "$state: all of it was seen" status_is 0
  while read -r verdict what; do
    check "$what" test "$verdict" = ok
  done <<END
$(cat "$out")
END
  sandbox_stop
}

in_state proxy-protocol --fault proxy-protocol
in_state starting --fault starting=3000
in_state limit --fault limit=1:60
in_state telemetry-limit --fault telemetry-limit=1:60
in_state api-usage --fault api-usage
in_state deleted --fault deleted=100
in_state session-ended --fault session-ended=100
in_state own-topics --fault own-topics
in_state default
in_state client-cert-required --fault client-cert-required
in_state close-before-connack --fault close-before-connack
in_state plain-mqtt --fault plain-mqtt

for fault in limit limit=1 limit=0:1 telemetry-limit=1:60, visible-after=x starting=0; do
  run "$tools/tbdiag-sandbox" --fault "$fault"
  check "$fault: exit status" status_is 3
  check "$fault: what is wanted" err_has wants
done

done_testing
