#!/bin/sh
# SPDX-License-Identifier: MIT
#
# paho-example.t - the logic of ThingsBoard's own example gets from the sandbox what it gets from ThingsBoard.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

# Debian's, which has Debian's python3-paho-mqtt.
example() {
  run /usr/bin/python3 "$abs_top_srcdir/tests/live/paho-example.py" "$@"
}

cat >expected <<'END'
Connected with result code 0
Topic: v1/devices/me/attributes/response/1
Message: {}
END

check 'the sandbox starts' sandbox_start
hosts='localhost 127.0.0.1'
! grep -qF '"::1"' "$sandbox_line" || hosts="$hosts ::1"
for host in $hosts; do
  example "$host" "$sandbox_tls_port" "$sandbox_ca" "$(cat "$sandbox_token_file")"
  check "$host: exit status" status_is 0
  check "$host: exactly the three lines" cmp -s expected "$out"
done

example localhost "$sandbox_tls_port" "$sandbox_ca" wrong
check 'wrong token: exit status' status_is 1
check 'wrong token: result code 5' out_line 'Connected with result code 5'
check 'wrong token: nothing more' test "$(wc -l <"$out")" -eq 1
sandbox_stop

check 'a sandbox of another root starts' sandbox_start --chain other-root
example localhost "$sandbox_tls_port" "$sandbox_ca" "$(cat "$sandbox_token_file")"
check 'other root: the certificate is refused' err_has CERTIFICATE_VERIFY_FAILED
check 'other root: nothing was said' out_empty
sandbox_stop

done_testing
