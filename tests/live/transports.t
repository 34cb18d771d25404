#!/bin/sh
# SPDX-License-Identifier: MIT
#
# transports.t - one token over all transports of the sandbox: the table, what the differences mean, and how
# often a token goes out.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

no_token() { ! grep -rqF -e "$token" "$out" "$err"; }

# start OPTION...: $tls, $clear and $all are what to give to --transports.
start() {
  sandbox_start "$@" || fail 'the sandbox starts'
  token=$(cat "$sandbox_token_file")
  tls=mqtts:$sandbox_tls_port,https:$(ready https),coaps:$(ready coaps)
  clear=mqtt:$sandbox_port,http:$(ready http),coap:$(ready coap)
  all=$tls,$clear
}
transports() {
  list=$1
  shift
  run timeout 60 "$tbdiag" roundtrip --ca-file "$sandbox_ca" --token-file "${file-$sandbox_token_file}" \
    --transports "$list" localhost "$@"
}
# row SCHEME CELL...: the line of a transport says that, whatever the latency is.
row() {
  scheme=$1
  shift
  grep -E "^  $scheme:[0-9]+ " "$out" | sed -E 's/ +([0-9.]+ ms)?/ /g' |
    grep -qE "^ $scheme:[0-9]+ $* ?\$"
}

# ---- all is well -----------------------------------------------------------------------------------

start -v
transports "$all"
check 'all: exit status' status_is 0
check 'all: stderr is empty' err_empty
check 'all: MQTT' row mqtts yes yes yes '\(rc 0\)' yes yes
check 'all: HTTP' row https yes yes yes '\(200\)' yes yes
check 'all: CoAP' row coaps yes yes yes '\(2\.01\)' yes yes
check 'all: MQTT in clear is connected to' row mqtt yes - not sent - -
check 'all: HTTP in clear is connected to' row http yes - not sent - -
check 'all: CoAP in clear is there, and gets nothing' row coap yes - not sent - -
check 'all: the latency' grep -qE '^  https:.* [0-9]+\.[0-9] ms$' "$out"
check 'all: what stays is said' out_has 'tbdiagProbe-mqtts and so on'
check 'all: what happens to a live device is said' out_has 'is disconnected once'
check_not 'all: fits 80 columns' grep -qE '^.{81}' "$out"
check 'all: without the token' no_token
check 'all: MQTT got the token once' test "$(grep -c 'CONNECT:' "$sandbox_err")" = 1
transports "$all" --format json
check 'JSON: exit status' status_is 0
check 'JSON: fits the schema' out_fits_schema
check 'JSON: the comparison' out_has '"compares": "transports"'
check 'JSON: each is a report' test "$(grep -c '^      "label": "[a-z]*:[0-9]*"' "$out")" = 6
check 'JSON: the codes' out_has '"reply": "2.01"'
check 'JSON: nothing was sent in clear' test "$(grep -c '"in_clear": true' "$out")" = 0
check 'JSON: nobody consented to that' test "$(grep -c '"plain_consent": true' "$out")" = 0
check 'JSON: attributes of their own' test "$(grep -c '"key": "tbdiagProbe-\(mqtts\|https\|coaps\)"' "$out")" = 3
check 'JSON: without the token' no_token
transports "$all" -v
check '-v: each report' test "$(grep -c '^Chain as sent' "$out")" = 3
check '-v: without the token' no_token
transports "$tls" --read-only
check '--read-only: exit status' status_is 0
check '--read-only: nothing is written' row coaps yes yes yes '\(4\.04\)' - yes
check_not '--read-only: nothing stays' out_has tbdiagProbe

transports "$tls" --format json --attribute 'my probe' --client-keys x,y --shared-keys z --telemetry '{"t":1}'
check 'keys: exit status' status_is 0
check 'keys: attributes of their own' test "$(grep -c '"key": "my probe-\(mqtts\|https\|coaps\)"' "$out")" = 3
check 'keys: asked for over each' test "$(grep -c '"client_keys": "x,y"' "$out")" = 3
check 'keys: telemetry over each' test "$(grep -c '"telemetry_len": 7' "$out")" = 3

transports "$all" --allow-plain
check '--allow-plain: warns' status_is 1
check '--allow-plain: MQTT' row mqtt yes - yes '\(rc 0\)' yes yes
check '--allow-plain: HTTP' row http yes - yes '\(200\)' yes yes
check '--allow-plain: CoAP' row coap yes - yes '\(2\.01\)' yes yes
check '--allow-plain: each says so' test "$(grep -c '^warning  token.sent-in-clear' "$out")" = 3
check '--allow-plain: without the token' no_token

# A datagram that is lost is sent again.
peer_start python udp-relay.py "$(ready coap)" up=1
transports "mqtts:$sandbox_tls_port,coap:$port"
check 'lost once: exit status' status_is 0
check 'lost once: CoAP' row coap yes - not sent - -
peer_stop
peer_start python udp-relay.py "$(ready coap)" up=1,2,3,4
transports "mqtts:$sandbox_tls_port,coap:$port" --timeout 2
check 'lost ever: exit status' status_is 2
check 'lost ever: coap.timeout' test "$(first_finding)" = coap.timeout
check 'lost ever: how often' grep -qE 'did not answer a CoAP ping, which was sent ([2-9] times|1 time)' "$out"
check 'lost ever: CoAP' row coap no answer - - - -
check 'lost ever: without the token' no_token
peer_stop

# Nothing listens at some: said, and no fault of the server.
transports "mqtts:1,https:$(ready https),coaps:1"
check 'some are closed: exit status' status_is 0
check 'some are closed: TCP' row mqtts refused - - - -
check 'some are closed: UDP' row coaps refused - - - -
check 'some are closed: the other' row https yes yes yes '\(200\)' yes yes
transports "mqtts:$sandbox_tls_port,coap:1"
check 'CoAP in clear is closed: exit status' status_is 0
check 'CoAP in clear is closed: said' row coap refused - - - -
transports mqtts:1,https:1,coaps:1
check 'all are closed: exit status' status_is 2
check 'all are closed: tcp.refused' out_has 'critical  tcp.refused'
run "$tbdiag" roundtrip --token-file "$sandbox_token_file" --all-transports does-not-exist.invalid
check 'no such name: exit status' status_is 2
check 'no such name: said' grep -qE '^critical  dns\.' "$out"

# The usual ports; an address of this machine where most likely nobody is.
run "$tbdiag" roundtrip --token-file "$sandbox_token_file" --all-transports 127.86.73.1
check 'usual ports: seven of them' test "$(grep -cE '^  (mqtts:8883|https:443|coaps:5684|mqtt:1883|http:80|http:8080|coap:5683) ' "$out")" = 7

# ---- a wrong token ---------------------------------------------------------------------------------

sandbox_stop
start -v
echo no-such-token-1234567 >wrong
file=wrong
transports "$all" --allow-plain
unset file
check 'wrong token: exit status' status_is 2
check 'wrong token: what it means' out_has 'it is the token itself'
check 'wrong token: MQTT' row mqtts yes yes no '\(rc 5\)' - -
check 'wrong token: HTTP' row https yes yes no '\(401\)' - -
check 'wrong token: CoAP' row coaps yes yes no '\(4\.01\)' - -
check 'wrong token: not tried again over MQTT' row mqtt yes - not sent - -
check 'wrong token: not tried again over HTTP' row http yes - not sent - -
check 'wrong token: refused once over MQTT' test "$(grep -c 'CONNECT: refused' "$sandbox_err")" = 1
check 'wrong token: refused once over HTTP and CoAP' test "$(grep -c ': 40*1\|: 4\.01' "$sandbox_err")" = 2
check_not 'wrong token: is not shown' grep -q 'no-such-token' "$out" "$err"
sandbox_stop

# ---- an unverified server --------------------------------------------------------------------------

start --chain leaf-only
transports "$all"
check 'not verified: exit status' status_is 2
check 'not verified: nothing is sent' row https yes no not sent - -
check 'not verified: token.unverified-peer' out_has token.unverified-peer
transports "$tls" --insecure
check '--insecure: the token is sent' row https yes no yes '\(200\)' yes yes
check '--insecure: is said' grep -q '^INSECURE: ' "$out"
sandbox_stop

# ---- faults ----------------------------------------------------------------------------------------

# fault WHAT FAULT...: the sandbox misbehaves; over all with TLS.
fault() {
  what=$1
  shift
  start "$@"
  transports "$tls" --timeout 3
  check "$what: exit status" status_is 2
  check "$what: without the token" no_token
}
fault 'HTTP 401' --fault http-status=401
check 'HTTP 401: token.differs-by-transport' test "$(first_finding)" = token.differs-by-transport
check 'HTTP 401: which' grep -q '^  localhost accepts the token over mqtts:' "$out"
check 'HTTP 401: MQTT' row mqtts yes yes yes '\(rc 0\)' yes yes
check 'HTTP 401: HTTP' row https yes yes no '\(401\)' - -
check 'HTTP 401: as the command of the fix says' out_has \
  "tbdiag roundtrip --read-only --fingerprint --ca-file $sandbox_ca mqtts://localhost:$sandbox_tls_port"
sandbox_stop

fault 'CoAP 5.00' --fault coap-code=5.00
check 'CoAP 5.00: token.differs-by-transport' test "$(first_finding)" = token.differs-by-transport
check 'CoAP 5.00: the profile' out_has 'transport type'
check 'CoAP 5.00: CoAP' row coaps yes yes '5\.00' - -
sandbox_stop

fault 'CoAP silent' --fault coap-silent
check 'CoAP silent: coap.timeout' test "$(first_finding)" = coap.timeout
check 'CoAP silent: what it means' out_has 'UDP is filtered'
check 'CoAP silent: CoAP' row coaps no answer - - - -
check 'CoAP silent: HTTP did not wait for it' row https yes yes yes '\(200\)' yes yes
sandbox_stop

fault 'HTTP silent' --fault http-silent
check 'HTTP silent: http.timeout' out_has 'critical  http.timeout'
check 'HTTP silent: HTTP' row https yes yes no reply - -
sandbox_stop

# Two servers behind one name serve two chains.
mkdir peer
in_peer() { cd peer && exec "$abs_top_builddir/tests/peers/tls-peer" good; }
peer_start in_peer 2>"$err"
start
run timeout 60 "$tbdiag" roundtrip --ca-file "$sandbox_ca" --ca-file peer/ca.pem --resolve 127.0.0.1 \
  --verify-name localhost --token-file "$sandbox_token_file" --timeout 2 \
  --transports "mqtts:$sandbox_tls_port,https:$port" two.example
check 'two chains: chain.differs-by-port' out_has 'warning  chain.differs-by-port'
check 'two chains: which' grep -q "differs from mqtts:$sandbox_tls_port\$" "$out"

# ---- wrong usage -----------------------------------------------------------------------------------

for value in '' x mqtts: mqtts:0 mqtts:65536 mqtts,,https ftp:21 mqtts:1:2; do
  run "$tbdiag" roundtrip --transports "$value" localhost
  check "--transports '$value': exit status" status_is 3
  check "--transports '$value': it is explained" err_has "'--transports' wants mqtts, https"
done
run "$tbdiag" roundtrip --token-file "$sandbox_token_file" --transports https,https:443 localhost
check 'twice the same: exit status' status_is 3
check 'twice the same: it is explained' err_has 'https:443 is given twice'
for target in localhost:8884 https://localhost mqtt://localhost; do
  run "$tbdiag" roundtrip --token-file "$sandbox_token_file" --all-transports "$target"
  check "$target: exit status" status_is 3
  check "$target: it is explained" err_has 'wants a host without scheme and port'
done
run "$tbdiag" roundtrip --allow-plain --token-file "$sandbox_token_file" localhost
check '--allow-plain alone: exit status' status_is 3
check '--allow-plain alone: it is explained' err_has "'--allow-plain' goes with '--all-transports'"
for option in --explain-refusal --fingerprint --session-limits --wait-rpc=1 --username=x --client-id=x --ocsp; do
  run "$tbdiag" roundtrip "$option" --token-file "$sandbox_token_file" --all-transports localhost
  check "$option: exit status" status_is 3
done
run "$tbdiag" roundtrip --token-file "$sandbox_token_file" --tls-version 1.3 --all-transports localhost
check '--tls-version 1.3: exit status' status_is 3
check '--tls-version 1.3: it is explained' err_has 'not one of coaps'
run "$tbdiag" roundtrip --token-file "$sandbox_token_file" --connect-to localhost:1 --all-transports localhost
check 'one port to connect to: exit status' status_is 3

done_testing
