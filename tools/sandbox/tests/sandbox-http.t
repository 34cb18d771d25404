#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sandbox-http.t - what the sandbox answers over HTTP, as ThingsBoard does.
. "${abs_top_srcdir:-$(dirname "$0")/../../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

sandbox_start --fault visible-after=0 --shared '{cfg:1}' || {
  echo 'Bail out! the sandbox does not start'
  exit 1
}
/usr/bin/python3 "$abs_top_srcdir/tools/sandbox/tests/sandbox-http.py" "$(ready http)" "$(ready https)" "$sandbox_port" \
  "$sandbox_ca" "$(cat "$sandbox_token_file")"
