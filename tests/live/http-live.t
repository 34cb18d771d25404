#!/bin/sh
# SPDX-License-Identifier: MIT
#
# http-live.t - the round trip over HTTP(S) against the sandbox: what is written and read, and what is said when it
# misbehaves.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

no_token() { ! grep -rqF -e "$token" "$out" "$err"; }
last_lines() { grep -A 2 -E '^(GET|POST) ' "$out"; }

start() {
  sandbox_start "$@" || fail 'the sandbox starts'
  token=$(cat "$sandbox_token_file")
  https=https://localhost:$(ready https)
  http=http://localhost:$(ready http)
}
roundtrip() {
  run "$tbdiag" roundtrip --ca-file "$sandbox_ca" --token-file "$sandbox_token_file" "$@"
}

# ---- all is well -----------------------------------------------------------------------------------

start -v --shared '{"fw":"v1.2","cfg":{"a":1}}'
roundtrip "$https"
check 'https: exit status' status_is 0
check 'https: stderr is empty' err_empty
check 'https: http.ok' out_has 'ok  http.ok'
check 'https: data.ok' out_has 'ok  data.ok'
check 'https: the address is masked' out_line "GET $https/api/v1/***/attributes?clientKeys=tbdiagProbe"
check 'https: the code' out_line 'Answered with status 200'
check 'https: the body' grep -qE '^Body: \{"client":\{"tbdiagProbe":"n[0-9a-f]{16}"\}\}$' "$out"
check 'https: no session is ended' test "$(grep -c 'disconnected once' "$out")" = 0
check 'https: what stays is said' out_has 'tbdiagProbe stays on the device'
check 'https: without the token' no_token
roundtrip --format json "$https"
check 'https, JSON: fits the schema' out_fits_schema
check 'https, JSON: without the token' no_token
roundtrip -v --tls-version 1.2 "$https"
check 'https, TLS 1.2, -v: exit status' status_is 0
check 'https, -v: the requests' grep -qE "POST $https/api/v1/\*\*\*/attributes: 200, 0 bytes" "$out"
check 'https, -v: without the token' no_token
roundtrip "$http"
check 'http: warns of the clear text' status_is 1
check 'http: token.sent-in-clear' test "$(first_finding)" = token.sent-in-clear
check 'live-D11 the same port turns to TLS' out_has "tbdiag roundtrip https://localhost:$(ready http)"
check 'http: data.ok' out_has 'ok  data.ok'
roundtrip --read-only "$https"
check '--read-only: exit status' status_is 0
check '--read-only: what is asked for' out_line "GET $https/api/v1/***/attributes?clientKeys=model"
check '--read-only: the body' out_line 'Body: {}'
check_not '--read-only: nothing is said of data' out_has 'data.ok'
roundtrip -6 "https://[::1]:$(ready https)"
check 'IPv6 address: exit status' status_is 0
roundtrip --connect-to "127.0.0.1:$(ready https)" https://localhost
check '--connect-to: exit status' status_is 0
HTTPS_PROXY=http://127.0.0.1:1 http_proxy=http://127.0.0.1:1 all_proxy=socks5://127.0.0.1:1 roundtrip "$https"
check 'the environment of libcurl does not count' status_is 0

# ---- keys and telemetry ----------------------------------------------------------------------------

roundtrip --read-only --shared-keys fw,cfg "$https"
check '--shared-keys: exit status' status_is 0
check '--shared-keys: what is asked for' out_line "GET $https/api/v1/***/attributes?sharedKeys=fw,cfg"
check '--shared-keys: the answer' out_line 'Body: {"shared":{"fw":"v1.2","cfg":{"a":1}}}'
roundtrip --attribute 'a b&c/"d"?#+%=ä' "$https"
check '--attribute: exit status' status_is 0
check '--attribute: percent-encoded' out_line "GET $https/api/v1/***/attributes?clientKeys=a%20b%26c%2F%22d%22%3F%23%2B%25%3D%C3%A4"
check '--attribute: read back' grep -qF '{"client":{"a b&c/\"d\"?#+%=ä":"n' "$out"
check '--attribute: what stays is said' out_has 'a b&c/"d"?#+%=ä stays'
roundtrip --client-keys 'none,a b&c/"d"?#+%=ä' --shared-keys fw -v "$https"
check 'keys of both kinds, and the round trip: exit status' status_is 0
check 'keys of both kinds: the answer' grep -qE \
  '^Body: \{"client":\{"a b&c/.*":"n[0-9a-f]{16}"\},"shared":\{"fw":"v1.2"\}\}$' "$out"
check 'keys of both kinds: the round trip after that' grep -qE '^Body: \{"client":\{"tbdiagProbe":' "$out"
check 'keys of both kinds: data.ok' out_has 'ok  data.ok'
roundtrip --format json --client-keys model --telemetry '[{"ts":1700000000000,"values":{"t":25.5}},{"t":26}]' "$https"
check '--telemetry: exit status' status_is 0
check '--telemetry, JSON: fits the schema' out_fits_schema
check '--telemetry: its length' out_has '"telemetry_len": 51'
check '--telemetry: acknowledged' out_has 'equal; the telemetry was acknowledged'
check '--telemetry: the latency' out_has telemetry_ms
check '--telemetry: where' out_has 'https://localhost:'"$(ready https)"'/api/v1/***/telemetry'
check '--telemetry: without the token' no_token
roundtrip --telemetry '{"ts":"now","values":{"t":1}}' "$https"
check 'ts is no number: exit status' status_is 2
check 'ts is no number: http.error' test "$(first_finding)" = http.error
check 'ts is no number: which request' out_has "POST $https/api/v1/***/telemetry"
printf '{"a":"%050000d"}' 1 >large
roundtrip --telemetry "$(cat large)" "$https"
check 'large telemetry: taken' status_is 0
for option in '--wait-rpc 1' '--session-limits' '--fingerprint'; do
  # shellcheck disable=SC2086 # an option and its value
  roundtrip $option "$https"
  check "$option: a usage error" status_is 3
  check "$option: it is explained" err_has "is for MQTT, and not for $https"
done

# ---- what goes wrong -------------------------------------------------------------------------------

run "$tbdiag" roundtrip --ca-file "$sandbox_ca" --token A1_WRONG_TOKEN_9 "$https"
check 'wrong token: exit status' status_is 2
check 'wrong token: http.unauthorized' test "$(first_finding)" = http.unauthorized
check 'wrong token: the code' out_line 'Answered with status 401'
check_not 'wrong token: not shown' out_has A1_WRONG_TOKEN_9
roundtrip --mqtt-version 5 "$https"
check '--mqtt-version: a usage error' status_is 3
check '--mqtt-version: it is explained' err_has "for MQTT, and not for $https"
run "$tbdiag" roundtrip --token-file "$sandbox_token_file" "$https"
check 'not verified: the token stays here' out_has 'token.unverified-peer'
roundtrip "http://localhost:$(ready https)"
check 'live-C17 clear to a port for TLS' test "$(first_finding)" = http.error
check 'clear to a port for TLS: what to do' out_has "tbdiag roundtrip https://localhost:$(ready https)"
roundtrip "http://localhost:$sandbox_port"
check 'the port of MQTT' test "$(first_finding)" = http.error
env TBDIAG_MODULE_DIR=/nonexistent "$tbdiag" roundtrip --ca-file "$sandbox_ca" \
  --token-file "$sandbox_token_file" "$https" >"$out" 2>"$err"
status=$?
check 'no module: exit status' status_is 3
check 'no module: what to install' err_has 'transport-http.so is not there'
sandbox_stop
check_not 'the sandbox saw no redirection, and shows no token' grep -qF -e "$token" "$sandbox_err"

# says FAULT FINDING [OPTION...]: first.
says() {
  fault=$1 finding=$2
  shift 2
  start --fault "$fault"
  roundtrip "$@" "$https"
  check "$fault: exit status" status_is 2
  check "$fault: $finding" test "$(first_finding)" = "$finding"
  check "$fault: without the token" no_token
  roundtrip "$@" --format json "$https"
  check "$fault, JSON: fits the schema" out_fits_schema
  check "$fault, JSON: without the token" no_token
  sandbox_stop
}

says http-status=401 http.unauthorized
says http-status=500 http.error
says http-status=502 http.error
says http-html http.not-device-api
says http-html http.not-device-api --read-only
start --fault http-redirect
roundtrip "$https"
check 'http-redirect: leaves HTTPS alone' status_is 0
sandbox_stop
says http-silent http.timeout --timeout 0.5
check_not 'http-silent, POST: no alternative to nothing' out_has 'Else its core'
says visible-after=60000 data.not-stored --timeout 2
says alert=40 tls.cipher

start --fault http-redirect
roundtrip "$http"
check 'http-redirect, in clear: the token went there only' test "$(first_finding)" = http.redirect
check 'http-redirect: the address without the token' out_has "https://localhost:$(ready https)/api/v1/***/attributes"
check 'http-redirect: what to do' out_has "  tbdiag roundtrip https://localhost:$(ready https)"
sandbox_stop

start --fault visible-after=700
roundtrip "$https"
check 'visible-after: it is waited for' status_is 0
check 'visible-after: polls' grep -qE '\([5-9] times\)|^ +times\)$' "$out"
sandbox_stop

# ---- tokens with odd bytes -------------------------------------------------------------------------

# odd TOKEN STATUS [FINDING]: of a device that has it.
odd() {
  start --token "$1"
  roundtrip --read-only "$https"
  check "token $1: exit status" status_is "$2"
  [ "$2" = 0 ] || check "token $1: $3" test "$(first_finding)" = "$3"
  check "token $1: not shown" no_token
  sandbox_stop
}
odd 'a?b#c&d=e+f' 0
odd "\"'<>[]{}|^\`" 2 token.whitespace
odd '..' 2 http.error
odd 'A~b-c_d.e' 0
odd 'a/b' 2 http.error
odd 'a%2Fb' 2 http.error

start
printf 'caf\303\251' >utf8
run "$tbdiag" roundtrip --ca-file "$sandbox_ca" --token-file utf8 "$https"
check 'token with bytes beyond ASCII' test "$(first_finding)" = token.malformed
printf 'a b' >space
run "$tbdiag" roundtrip --ca-file "$sandbox_ca" --token-file space "$https"
check 'token with a space' test "$(first_finding)" = http.unauthorized

done_testing
