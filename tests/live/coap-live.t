#!/bin/sh
# SPDX-License-Identifier: MIT
#
# coap-live.t - the round trip over CoAP and DTLS against the sandbox: what is written and read, and what is said when
# it misbehaves.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

no_token() { ! grep -rqF -e "$token" "$out" "$err"; }

start() {
  sandbox_start "$@" || fail 'the sandbox starts'
  token=$(cat "$sandbox_token_file")
  coaps=coaps://localhost:$(ready coaps)
  coap=coap://localhost:$(ready coap)
}
roundtrip() {
  run "$tbdiag" roundtrip --ca-file "$sandbox_ca" --token-file "$sandbox_token_file" "$@"
}

# ---- all is well -----------------------------------------------------------------------------------

start -v --shared '{"fw":"v1.2","cfg":{"a":1}}'
roundtrip "$coaps"
check 'coaps: exit status' status_is 0
check 'coaps: stderr is empty' err_empty
check 'coaps: coap.ok' out_has 'ok  coap.ok'
check 'coaps: data.ok' out_has 'ok  data.ok'
check 'coaps: the address is masked' out_line "GET $coaps/api/v1/***/attributes?clientKeys=tbdiagProbe"
check 'coaps: the code' out_line 'Answered with status 2.05'
check 'coaps: the body' grep -qE '^Body: \{"client":\{"tbdiagProbe":"n[0-9a-f]{16}"\}\}$' "$out"
check 'coaps: without the token' no_token
roundtrip --format json "$coaps"
check 'coaps, JSON: fits the schema' out_fits_schema
check 'coaps, JSON: one datagram a request' out_has '"datagrams": 1,'
check 'coaps, JSON: without the token' no_token
roundtrip -v "$coaps"
check 'coaps, -v: the requests' grep -qE "POST $coaps/api/v1/\*\*\*/attributes: 2.01, 0 bytes" "$out"
check 'coaps, -v: the library' out_has 'libcoap 4.'
check 'coaps, -v: without the token' no_token
roundtrip "$coap"
check 'coap: warns of the clear text' status_is 1
check 'coap: token.sent-in-clear' test "$(first_finding)" = token.sent-in-clear
check 'coap: data.ok' out_has 'ok  data.ok'
roundtrip --read-only "$coaps"
check '--read-only: nothing there is no failure' status_is 0
check '--read-only: the code' out_line 'Answered with status 4.04'
check_not '--read-only: nothing is said of data' out_has 'data.ok'
printf '{"model":"%9000s"}' x >model
coap-client-notls -B 10 -m post -f model "$coap/api/v1/$token/attributes" >/dev/null 2>&1
# What is written shows after 50 ms.
tries=0
roundtrip --read-only --format json "$coaps"
while ! out_has '"body_len": 9023' && [ $tries -lt 20 ]; do
  tries=$((tries + 1))
  roundtrip --read-only --format json "$coaps"
done
check 'blocks: exit status' status_is 0
check 'blocks: all of them' out_has '"body_len": 9023'
roundtrip -6 "coaps://[::1]:$(ready coaps)"
check 'IPv6 address: exit status' status_is 0
roundtrip "coap://127.0.0.1:$(ready coap)"
check 'an address in clear: exit status' status_is 1

# ---- keys and telemetry ----------------------------------------------------------------------------

roundtrip --read-only --shared-keys fw,cfg "$coaps"
check '--shared-keys: exit status' status_is 0
check '--shared-keys: what is asked for' out_line "GET $coaps/api/v1/***/attributes?sharedKeys=fw,cfg"
check '--shared-keys: the answer' out_line 'Body: {"shared":{"fw":"v1.2","cfg":{"a":1}}}'
roundtrip --attribute 'a b&c/"d"?#+%ä' "$coaps"
check '--attribute: exit status' status_is 0
check '--attribute: percent-encoded' out_line "GET $coaps/api/v1/***/attributes?clientKeys=a%20b%26c%2F%22d%22%3F%23%2B%25%C3%A4"
check '--attribute: read back' grep -qF '{"client":{"a b&c/\"d\"?#+%ä":"n' "$out"
check '--attribute: what stays is said' out_has 'a b&c/"d"?#+%ä stays'
roundtrip --client-keys 'none,a b&c/"d"?#+%ä' --shared-keys fw -v "$coaps"
check 'keys of both kinds, and the round trip: exit status' status_is 0
check 'keys of both kinds: the answer' grep -qE \
  '^Body: \{"client":\{"a b&c/.*":"n[0-9a-f]{16}"\},"shared":\{"fw":"v1.2"\}\}$' "$out"
check 'keys of both kinds: the round trip after that' grep -qE '^Body: \{"client":\{"tbdiagProbe":' "$out"
check 'keys of both kinds: data.ok' out_has 'ok  data.ok'
roundtrip --format json --client-keys model --telemetry '[{"ts":1700000000000,"values":{"t":25.5}},{"t":26}]' "$coaps"
check '--telemetry: exit status' status_is 0
check '--telemetry, JSON: fits the schema' out_fits_schema
check '--telemetry: its length' out_has '"telemetry_len": 51'
check '--telemetry: acknowledged' out_has 'equal; the telemetry was acknowledged'
check '--telemetry: the latency' out_has telemetry_ms
check '--telemetry: where' out_has 'coaps://localhost:'"$(ready coaps)"'/api/v1/***/telemetry'
check '--telemetry: without the token' no_token
roundtrip --telemetry '{"ts":"now","values":{"t":1}}' "$coaps"
check 'ts is no number: exit status' status_is 2
check 'ts is no number: coap.error' test "$(first_finding)" = coap.error
check 'ts is no number: which request' out_has "POST $coaps/api/v1/***/telemetry"
printf '{"a":"%05000d"}' 1 >large
roundtrip --telemetry "$(cat large)" "$coaps"
check 'telemetry in blocks: taken' status_is 0
roundtrip --format json --telemetry "$(cat large)" "$coap"
check 'telemetry in blocks: each is a datagram' test "$(grep -oE '"datagrams": [0-9]+' "$out" | tail -n 1)" = \
  '"datagrams": 5'
roundtrip --shared-keys "$(printf '%0245d' 0)" "$coaps"
check 'more keys than an option holds: a usage error' status_is 3
check 'more keys than an option holds: how many do' err_has 'over CoAP no list of keys is longer than 244 bytes'
roundtrip --read-only --shared-keys "$(printf '%0244d' 0)" "$coaps"
check 'as many keys as an option holds' status_is 0
roundtrip --attribute a=b "$coaps"
check 'a key with = over CoAP: a usage error' status_is 3
check 'a key with = over CoAP: it is explained' err_has "cannot be asked for a key that has a '='"
roundtrip --wait-rpc 1 "$coaps"
check '--wait-rpc: a usage error' status_is 3
check '--wait-rpc: it is explained' err_has "option '--wait-rpc' is for MQTT, and not for $coaps"

# ---- what goes wrong -------------------------------------------------------------------------------

run "$tbdiag" roundtrip --ca-file "$sandbox_ca" --token A1_WRONG_TOKEN_9 "$coaps"
check 'wrong token: exit status' status_is 2
check 'wrong token: coap.unauthorized' test "$(first_finding)" = coap.unauthorized
check 'wrong token: the code' out_line 'Answered with status 4.01'
check_not 'wrong token: not shown' out_has A1_WRONG_TOKEN_9
roundtrip --mqtt-version 5 "$coaps"
check '--mqtt-version: a usage error' status_is 3
run "$tbdiag" roundtrip --ca-file "$sandbox_ca" --token-file "$sandbox_token_file" --username x "$coaps"
check '--username: a usage error' status_is 3
run "$tbdiag" roundtrip --token-file "$sandbox_token_file" "$coaps"
check 'not verified: the token stays here' out_has 'token.unverified-peer'
check_not 'not verified: nothing was asked' grep -q "$(printf '%0256d' 0)" "$sandbox_err"
run "$tbdiag" roundtrip --insecure --token-file "$sandbox_token_file" "$coaps"
check '--insecure: it goes on' out_has 'ok  coap.ok'
printf '%0300d' 0 >long
run "$tbdiag" roundtrip --ca-file "$sandbox_ca" --token-file long "$coaps"
check 'a token that no path can hold: exit status' status_is 2
check 'a token that no path can hold: said' test "$(first_finding)" = coap.error
check 'a token that no path can hold: why' out_has 'more than 255 bytes'
run "$tbdiag" report --redact --format json --ca-file "$sandbox_ca" --token-file long "$coaps"
check 'a token that no path can hold: why, redacted' out_has '"CoAP takes no token of more than 255 bytes"'
env TBDIAG_MODULE_DIR=/nonexistent "$tbdiag" roundtrip --ca-file "$sandbox_ca" \
  --token-file "$sandbox_token_file" "$coaps" >"$out" 2>"$err"
status=$?
check 'no module: exit status' status_is 3
check 'no module: what to install' err_has 'transport-coap.so is not there'
sandbox_stop
check_not 'the sandbox shows no token' grep -qF -e "$token" "$sandbox_err"
roundtrip_off() {
  run "$tbdiag" roundtrip --token A1_TOKEN "$1"
}
roundtrip_off "coap://127.0.0.1:$(ready coap)"
check 'nobody listens: exit status' status_is 2
check 'live-D12 nobody listens: tcp.refused' out_has 'critical  tcp.refused'
check 'live-D12 nobody listens: ICMP says so' out_has 'refuses datagrams to UDP port'
check_not 'live-D12 nobody listens: no word of firewalls' out_has firewall
check 'nobody listens: setting' out_has 'COAP_BIND_PORT='

# says FAULT FINDING [OPTION...]: first, over DTLS.
says() {
  fault=$1 finding=$2
  shift 2
  start --fault "$fault"
  roundtrip "$@" "$coaps"
  check "$fault: exit status" status_is 2
  check "$fault: $finding" test "$(first_finding)" = "$finding"
  check "$fault: without the token" no_token
  roundtrip "$@" --format json "$coaps"
  check "$fault, JSON: fits the schema" out_fits_schema
  sandbox_stop
  run "$tbdiag" explain "$finding"
  check "explain $finding" status_is 0
}

says coap-code=4.01 coap.unauthorized
says coap-code=5.00 coap.error
says coap-code=4.00 coap.error --read-only
says coap-separate=60000 coap.timeout --timeout 1
says visible-after=60000 data.not-stored --timeout 2
says coap-silent tls.timeout --timeout 1

start --fault coap-code=5.00
roundtrip "$coaps"
check 'coap-code=5.00: the profile' out_has 'transport'
sandbox_stop

start --fault coap-silent
roundtrip --timeout 3.5 "$coap"
check 'coap-silent: coap.timeout' out_has 'critical  coap.timeout'
check 'coap-silent: how often' out_has 'which was sent 2 times'
sandbox_stop

start --fault coap-separate=200
roundtrip "$coaps"
check 'coap-separate: it is waited for' status_is 0
roundtrip --format json "$coaps"
check 'coap-separate: acknowledged' out_has '"acknowledged": true'
sandbox_stop

start --fault coap-loss=1
roundtrip "$coap"
check 'coap-loss: asked again' status_is 1
check 'coap-loss: data.ok' out_has 'ok  data.ok'
sandbox_stop

start --fault visible-after=600
roundtrip "$coaps"
check 'visible-after: 4.04 until it is there' status_is 0
sandbox_stop

# ---- a limit ------------------------------------------------------------------------------------------

peer_start python coap-peer.py limited
run "$tbdiag" roundtrip --timeout 2 --token Sesame0pen7Token4 "coap://127.0.0.1:$port"
tr -s ' \n' ' ' <"$out" >flat
check 'live-D10 5.00 after 2.01: exit status' status_is 2
check 'live-D10 5.00 after 2.01: not the profile' grep -q 'transport type of the device profile are right' flat
check 'live-D10 5.00 after 2.01: what is left' grep -q 'limit of messages is reached (.*API usage)' flat
check_not 'live-D10 5.00 after 2.01: the profile is no question' grep -q 'Whether it is the profile' flat
check 'live-D10 5.00 after 2.01: the limits are' grep -q -e '--read-only --session-limits' flat
peer_stop

# ---- with and without DTLS ---------------------------------------------------------------------------

start
roundtrip --timeout 1.5 "coaps://${coap#coap://}"
check 'coaps to CoAP in clear: tls.other-protocol' test "$(first_finding)" = tls.other-protocol
check 'coaps to CoAP in clear: what it is' out_has 'speaks CoAP without DTLS'
check 'coaps to CoAP in clear: how it would be' out_has "  tbdiag roundtrip $coap"
roundtrip --timeout 1.5 "coap://${coaps#coaps://}"
check 'coap to DTLS: coap.timeout' test "$(first_finding)" = coap.timeout
check 'coap to DTLS: what it may be' out_has "  tbdiag roundtrip $coaps"
sandbox_stop

# ---- tokens with odd bytes -------------------------------------------------------------------------

for odd in 'a?b#c&d=e+f' '..' 'a/b' 'a%2Fb' 'A~b-c_d.e'; do
  start --token "$odd"
  roundtrip --read-only "$coaps"
  check "token $odd: as it is" status_is 0
  check "token $odd: not shown" no_token
  sandbox_stop
done

done_testing
