#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sandbox-http-faults.t - how the sandbox misbehaves over HTTP.
. "${abs_top_srcdir:-$(dirname "$0")/../../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

# ask PATH SECONDS: what a plain client sees, over the port in clear.
ask() {
  run /usr/bin/python3 -c '
import http.client, sys
connection = http.client.HTTPConnection("127.0.0.1", int(sys.argv[1]), timeout=float(sys.argv[3]))
connection.request("GET", sys.argv[2])
response = connection.getresponse()
print(response.status, response.headers["Location"])
print(response.read().decode())' "$(ready http)" "$@"
}

sandbox_start --fault http-status=503
ask /api/v1/x/attributes 10
check 'http-status=503' out_line '503 None'
sandbox_stop

sandbox_start --fault http-html
ask "/api/v1/$(cat "$sandbox_token_file")/attributes" 10
check 'http-html: 200' out_line '200 None'
check 'http-html: a page' out_has '<!doctype html>'
sandbox_stop

sandbox_start --fault http-redirect -v
ask /api/v1/SECRET/attributes 10
check 'http-redirect: with the token in it' out_line \
  "301 https://127.0.0.1:$(ready https)/api/v1/SECRET/attributes"
sandbox_stop
check '-v shows requests' grep -q 'GET /api/v1/\*\*\*/attributes: 301' "$sandbox_err"
check_not '-v does not show tokens' grep -q SECRET "$sandbox_err"

sandbox_start --fault http-silent
ask /api/v1/x/attributes 0.3
check 'http-silent' err_has 'timed out'
sandbox_stop

run "$tools/tbdiag-sandbox" --fault http-status=200
check 'http-status=200: exit status' status_is 3
check 'http-status=200: what is wanted' err_has '400 to 599'

# A fault of the port for TLS is one of both ports, and leaves those in clear alone.
sandbox_start --fault alert=40
run "$tbdiag" chain "localhost:$(ready https)"
check 'alert=40: of HTTPS, too' err_empty
check 'alert=40: finding' test "$(first_finding)" = tls.cipher
ask /login 10
check 'alert=40: HTTP stays' out_line '200 None'
sandbox_stop

done_testing
