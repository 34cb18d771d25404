#!/bin/sh
# SPDX-License-Identifier: MIT
#
# roundtrip-live.t - round trips with the sandbox: a real broker, real TLS.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

silent() { ! grep -qF "$token" "$out" "$err"; }
# The lines of ThingsBoard's example, one after the other, from the first column.
example_lines() { grep -xF -A 2 'Connected with result code 0' "$out" | cmp -s example -; }
cat >example <<'EXAMPLE'
Connected with result code 0
Topic: v1/devices/me/attributes/response/1
Message: {}
EXAMPLE

sandbox_start || fail 'the sandbox starts'
token=$(cat "$sandbox_token_file")
target=localhost:$sandbox_tls_port
roundtrip() { "$tbdiag" roundtrip --ca-file "$sandbox_ca" "$@"; }
with_token() { roundtrip --token-file "$sandbox_token_file" "$@"; }

# ---- all is well ----------------------------------------------------------------------------------

run with_token --read-only "$target"
check 'read-only: exit status' status_is 0
check 'read-only: the three lines' example_lines
check 'read-only: mqtt.ok' has_finding ok mqtt.ok
check_not 'read-only: writes nothing' out_has 'wrote'
check_not 'read-only: and says so' out_has 'stays on the device'
run with_token "$target"
check 'exit status' status_is 0
check 'the three lines' example_lines
check 'data.ok' has_finding ok data.ok
check 'stderr is empty' err_empty
check 'that a device was disconnected is said' out_has 'is disconnected once'
check 'what stays is said' out_has 'tbdiagProbe stays on the device'
# Where the line of the times is broken depends on their lengths.
tr -s ' \n' ' ' <"$out" >flat
for step in dns tcp tls connack suback response puback visible; do
  check "latency of $step" grep -qE "(times|,) $step [0-9.]+ m?s" flat
done
run with_token -v "$target"
check '-v: packets' out_has '-> CONNECT'
check '-v: the token is masked' silent
run with_token -v --format json "$target"
check 'JSON: exit status' status_is 0
check 'JSON: no token' silent
check 'JSON: fits the schema' out_fits_schema
run with_token --tls-version 1.2 "$target"
check 'TLS 1.2' status_is 0
run with_token --fingerprint -v "$target"
check '--fingerprint: exit status' status_is 0
check '--fingerprint: refused, as ThingsBoard does' out_has "refused (0x80)"
check_not '--fingerprint: no general broker' out_has mqtt.not-thingsboard
for version in 3.1 3.1.1 5; do
  run with_token -v --format json --mqtt-version $version "$target"
  check "MQTT $version: exit status" status_is 0
  check "MQTT $version: the one that was spoken" out_has "\"mqtt_version\": \"$version\""
  check "MQTT $version: fits the schema" out_fits_schema
done
run roundtrip --token "$token" "$target"
check '--token' status_is 0
roundtrip --token - "$target" <"$sandbox_token_file" >"$out" 2>"$err"
status=$?
check '--token -' status_is 0

# ---- MQTT Basic -----------------------------------------------------------------------------------

password=$(cat "$sandbox_password_file")
basic() {
  run roundtrip --username sandbox-user --client-id sandbox-client --password-file "$sandbox_password_file" "$@" "$target"
}
keeps_password() { ! grep -qF -e "$password" -e sandbox-user -e sandbox-client "$out" "$err"; }
for version in 3.1 3.1.1 5; do
  basic --mqtt-version $version -v
  check "MQTT Basic, $version: exit status" status_is 0
  check "MQTT Basic, $version: data.ok" has_finding ok data.ok
  check "MQTT Basic, $version: credentials are not shown" keeps_password
done
check 'MQTT Basic: said' out_has 'accepted the user name and password'
basic --format json
check 'MQTT Basic, JSON: fits the schema' out_fits_schema
check 'MQTT Basic, JSON: credentials are not shown' keeps_password
run roundtrip --username Sandbox-User --password-file "$sandbox_password_file" "$target"
check 'another user name: mqtt.not-authorized' has_finding critical mqtt.not-authorized
check 'another user name: the client id may be why' out_has '(--client-id)'
run roundtrip --username sandbox-user --client-id sandbox-client --password wrong --explain-refusal "$target"
check 'wrong password: mqtt.not-authorized' has_finding critical mqtt.not-authorized
check 'wrong password: in MQTT 5' out_has 'with MQTT 5: 0x86'
check 'wrong password: not the token' out_has 'refused the user name and password'
run roundtrip --username sandbox-user --token "$token" "$target"
check 'token and user name: exit status' status_is 3

# ---- what else a device does ----------------------------------------------------------------------

sandbox_stop
sandbox_start --token "$token" --shared '{"fw":"v1.2","cfg":{"a":1}}' --rpc '{"method":"setLed","params":{"on":true}}' -v ||
  fail 'the sandbox starts'
target=localhost:$sandbox_tls_port
run with_token --read-only --shared-keys fw,cfg "$target"
check '--shared-keys: exit status' status_is 0
check '--shared-keys: shown' out_line 'Message: {"shared":{"fw":"v1.2","cfg":{"a":1}}}'
run with_token --attribute 'a "name"' --format json "$target"
check '--attribute: exit status' status_is 0
check '--attribute: that one' out_has '"key": "a \"name\""'
run with_token --read-only --client-keys 'model,a "name"' --shared-keys fw -v "$target"
check '--client-keys: exit status' status_is 0
check '--client-keys: shown' grep -q '^Message: {"client":{"a \\"name\\"":"n[0-9a-f]*"},"shared":{"fw":"v1.2"}}$' "$out"
check '--client-keys: what was asked for' out_has 'model,a "name"'
run with_token --telemetry '[{"ts":1700000000000,"values":{"t":25.5}},{"t":26}]' "$target"
check '--telemetry: exit status' status_is 0
check '--telemetry: acknowledged' grep -q 'equal; the telemetry' "$out"
check '--telemetry: the server has it' grep -q 'PUBLISH v1/devices/me/telemetry: accepted' "$sandbox_err"
check '--telemetry: said before' out_has 'the telemetry of --telemetry is stored'
for version in 3.1 3.1.1 5; do
  run with_token --read-only --mqtt-version $version --wait-rpc 10 --session-limits "$target"
  check "--wait-rpc, MQTT $version: exit status" status_is 0
  check "--wait-rpc, MQTT $version: the call" out_has '{"method":"setLed","params":{"on":true}}'
  check "--wait-rpc, MQTT $version: answered" out_has 'sent back and acknowledged'
  check "--session-limits, MQTT $version: shown" out_has '"maxPayloadSize":65536'
done
check '--wait-rpc: the server has the answers' \
  test "$(grep -c 'PUBLISH v1/devices/me/rpc/response/[0-2]: accepted' "$sandbox_err")" = 3
run with_token --read-only --wait-rpc 10 --session-limits --format json "$target"
check '--wait-rpc, JSON: fits the schema' out_fits_schema
# Telemetry that ThingsBoard does not take, though it is JSON.
run with_token --telemetry '{"ts":"now","values":{"t":1}}' "$target"
check 'ts is no number: exit status' status_is 2
check 'ts is no number: mqtt.closed-on-publish' has_finding critical mqtt.closed-on-publish
check 'ts is no number: where' out_has v1/devices/me/telemetry
sandbox_stop
sandbox_start --token "$token" || fail 'the sandbox starts'
target=localhost:$sandbox_tls_port
run with_token --read-only --wait-rpc 0.2 "$target"
check 'no call: exit status' status_is 0
check 'no call: said' out_has 'none came in 0.2 s'

# ---- in clear, by consent -------------------------------------------------------------------------

run with_token "mqtt://localhost:$sandbox_port"
check 'mqtt://: exit status' status_is 1
check 'mqtt://: the three lines' example_lines
check 'mqtt://: said' has_finding warning token.sent-in-clear
check 'mqtt://: no token in the output' silent

# ---- wrong tokens ---------------------------------------------------------------------------------

run roundtrip --token WrongTokenWrongToken "$target"
check 'wrong token: exit status' status_is 2
check 'wrong token: mqtt.not-authorized' has_finding critical mqtt.not-authorized
check 'wrong token: the result code' out_line 'Connected with result code 5'
check_not 'wrong token: no topic line' grep -q '^Topic:' "$out"
run roundtrip --token WrongTokenWrongToken --explain-refusal "$target"
check '--explain-refusal: mqtt.not-authorized' has_finding critical mqtt.not-authorized
check '--explain-refusal: in MQTT 5' out_has 'with MQTT 5: 0x86'
tr -s ' \n' ' ' <"$out" >flat
check '--explain-refusal: the step' grep -qE ' asked for the reason [0-9.]+ m?s' flat
run with_token --explain-refusal "$target"
check '--explain-refusal, nothing refused' status_is 0
# What a token looks like is said beside the refusal.
looks_like() {
  run roundtrip --token "$2" "$target"
  check "$1: exit status" status_is 2
  check "$1: mqtt.not-authorized" has_finding critical mqtt.not-authorized
  check "$1: $3" has_finding warning "$3"
}
looks_like 'the id of a device' 123e4567-e89b-12d3-a456-426614174000 token.is-uuid
looks_like 'a placeholder' YOUR_ACCESS_TOKEN token.placeholder
looks_like "a user's JWT" eyJhbGciOiJIUzUxMiJ9.e30.c2ln token.is-jwt
run roundtrip --token "$(printf 'Gr\303\274n')" "$target"
check 'not ASCII: exit status' status_is 2
check 'not ASCII: token.malformed' has_finding critical token.malformed
check_not 'not ASCII: not sent' grep -q '^Connected with' "$out"
run roundtrip "$target"
check 'no token: exit status' status_is 3
check 'no token: token.missing' err_has token.missing
printf '%s\r\n' "$token" >dos
run roundtrip --token-file dos "$target"
check 'CR in the token: exit status' status_is 2
check 'CR in the token: token.whitespace' has_finding critical token.whitespace
check 'CR in the token: not shown' silent

# ---- a peer that is not verified ------------------------------------------------------------------

sandbox_stop
sandbox_start --chain other-root --token "$token" || fail 'the sandbox starts'
target=localhost:$sandbox_tls_port
run roundtrip --token "$token" "$target"
check 'not verified: exit status' status_is 2
check 'not verified: token.unverified-peer' has_finding critical token.unverified-peer
check_not 'not verified: not connected' grep -q '^Connected with' "$out"
for format in text json; do
  run roundtrip --token "$token" --insecure --format $format "$target"
  check "--insecure, $format: exit status" status_is 2
  check "--insecure, $format: no token in the output" silent
  cp "$out" insecure.$format
done
cp insecure.text "$out"
check '--insecure: the three lines' example_lines
check '--insecure: said in text' out_has INSECURE
check '--insecure: said in JSON' grep -q '"insecure": true' insecure.json
run roundtrip --token "$token" --insecure -q "$target"
check '--insecure: said with -q' out_has INSECURE

# ---- signals and waits ----------------------------------------------------------------------------

# A listener that takes connections and never answers; says so of those that begin with TLS.
cat >silent.py <<'PYTHON'
import socket, sys
listener = socket.socket()
listener.bind(("127.0.0.1", 0))
listener.listen(8)
print(listener.getsockname()[1], flush=True)
taken = []
while True:
    taken.append(listener.accept()[0])
    if taken[-1].recv(1) == b"\x16":
        print("taken", flush=True)
PYTHON
mkfifo said
/usr/bin/python3 silent.py >said 2>/dev/null &
tap_pids="$tap_pids $!"
exec 6<said
read -r silent_port <&6

run roundtrip --token "$token" --timeout 0.3 "127.0.0.1:$silent_port"
read -r _ <&6
check 'no answer: exit status' status_is 2
check 'no answer: tls.timeout' has_finding critical tls.timeout

# On a terminal the running step shows after a second, and is taken away again.
if command -v script >/dev/null; then
  run env SHELL=/bin/sh script -qec \
    "'$tbdiag' verify --system --timeout 1.6 127.0.0.1:$silent_port >/dev/null" /dev/null
  read -r _ <&6
  check 'terminal: the running step' out_has 'tls: 1 of 1.6 s, no answer yet'
  check 'terminal: it is taken away' grep -qP '\r {30}\r$' "$out"
else
  skip 'the running step on a terminal' 'script(1) is missing'
fi

# dies_by SIGNAL STATUS: in the middle of a handshake.
dies_by() {
  # A shell starts what is in the background with SIGINT ignored.
  env --default-signal "$tbdiag" roundtrip --token "$token" --output report \
    "127.0.0.1:$silent_port" >"$out" 2>"$err" &
  pid=$!
  tap_pids="$tap_pids $pid"
  read -r _ <&6
  kill -"$1" $pid
  wait $pid
  status=$?
  check "SIG$1: dies by it" status_is "$2"
  check "SIG$1: no output" out_empty
  check "SIG$1: no file" test "$(ls -A | grep -c report)" = 0
}
dies_by INT 130
dies_by TERM 143

run with_token 127.0.0.1:1
check 'nobody listens: exit status' status_is 2
check 'nobody listens: tcp.refused' has_finding critical tcp.refused
check_not 'nobody listens: nothing that was not tried' grep -q '^Connected with' "$out"
run env TBDIAG_MODULE_DIR="$tap_dir" "$tbdiag" roundtrip --ca-file "$sandbox_ca" --insecure \
  --token "$token" "$target"
check 'module missing: exit status' status_is 3
check 'module missing: no report' out_empty
check 'module missing: names it' err_has transport-mqtt.so

done_testing
