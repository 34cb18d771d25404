#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sandbox-mqtt.t - the bytes with which the sandbox answers, as ThingsBoard does.
. "${abs_top_srcdir:-$(dirname "$0")/../../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

sandbox_start --fault visible-after=0 --shared '{cfg:1}' || {
  echo 'Bail out! the sandbox does not start'
  exit 1
}
/usr/bin/python3 "$abs_top_srcdir/tools/sandbox/tests/sandbox-mqtt.py" "$sandbox_port" "$(cat "$sandbox_token_file")"
