#!/bin/sh
# SPDX-License-Identifier: MIT
#
# faults.t - the sandbox misbehaves as it is told to, and tbdiag names it within its deadline.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

now_ms() { date +%s%3N; }

# diagnose WHAT FINDING STATUS SECONDS COMMAND...: it says this first, with this status, in less than that.
diagnose() {
  what=$1 finding=$2 expected=$3 limit=$4
  shift 4
  begin=$(now_ms)
  run "$@"
  took=$(($(now_ms) - begin))
  check "$what: $finding" test "$(first_finding)" = "$finding"
  check "$what: exit status" status_is "$expected"
  check "$what: within its deadline ($took ms)" test "$took" -lt "${limit}000"
}

# with_fault FAULT FINDING STATUS [OPTION...]: of a round trip over TLS.
with_fault() {
  fault=$1 finding=$2 expected=$3
  shift 3
  sandbox_start --fault "$fault" || fail "--fault $fault starts"
  diagnose "$fault" "$finding" "$expected" 8 "$tbdiag" roundtrip --ca-file "$sandbox_ca" \
    --token-file "$sandbox_token_file" "$@" "localhost:$sandbox_tls_port"
  sandbox_stop
}

# ---- the answer to CONNECT -------------------------------------------------------------------------

with_fault connack-delay=300 ca.ok 0
with_fault connack-delay mqtt.no-connack 2 --timeout 1.5
with_fault no-connack mqtt.no-connack 2 --timeout 1.5
with_fault close-before-connack mqtt.closed-before-connack 2
with_fault take-over mqtt.session-ended 2
with_fault take-over mqtt.taken-over 2 --mqtt-version 5

# says WORDS: in a sentence that may be broken over lines.
says() { tr -s ' \n' '  ' <"$out" | grep -qF -e "$1"; }

# ---- what becomes of a device's messages -----------------------------------------------------------

with_fault close-on-publish mqtt.closed-on-publish 2
with_fault no-response data.no-response 2 --timeout 2
check 'no-response: how long was waited' says 'did not answer it within '
check 'no-response: more time may help' out_has '--timeout 60'
with_fault late-response=60000 data.no-response 2 --timeout 2
with_fault wrong-id data.other-response 2 --timeout 2
with_fault visible-after=60000 data.not-stored 2 --timeout 2
check 'visible-after: how long was waited' says 'could not be read back within '
check 'visible-after: the same as evidence' out_has 'waited_ms'

# has_waited PHASE MS: it took that long, and not much longer.
has_waited() {
  waited=$(sed -nE "s/.*\"$1_ms\": *\"?([0-9]+).*/\1/p" "$out" | head -n 1)
  [ "$waited" -ge "$2" ] && [ "$waited" -lt $(($2 + 1000)) ]
}
sandbox_start --fault late-response=300 --fault visible-after=700
roundtrip() {
  run "$tbdiag" roundtrip --ca-file "$sandbox_ca" --token-file "$sandbox_token_file" "$@" \
    "localhost:$sandbox_tls_port"
}
roundtrip --format json
check 'late, but in time: exit status' status_is 0
check 'late-response=300: it took that long' has_waited response 300
check 'visible-after=700: it took that long' has_waited visible 700
roundtrip
check 'visible-after: less than a second is no fault' status_is 0
sandbox_stop
sandbox_start --fault visible-after=0 || fail '--fault visible-after=0 starts'
roundtrip --format json
roundtrip --format json
check 'visible-after=0: at once, over an older value' grep -q '"polls": *1,' "$out"
sandbox_stop

# ---- the port for TLS ------------------------------------------------------------------------------

with_fault plain-mqtt tls.plain-mqtt 2
check 'plain-mqtt: by its CONNACK' out_has 'CONNACK 2 (Identifier rejected)'
with_fault plain-http tls.plain-http 2
check 'plain-http: the status line' out_has 'status        HTTP/1.1 400 Bad Request'
with_fault garbage tls.other-protocol 2
with_fault silent tls.timeout 2 --timeout 1.5
check 'silent: in clear, too' out_has 'in_clear      MQTT CONNECT without TLS: timeout'
with_fault close-at=accept tls.closed 2
# The same as a server that waits for a PROXY header: what is short may be the beginning of one.
with_fault close-at=client-hello proxy.header-expected 2 --timeout 2
for version in 1.2 1.3; do
  with_fault close-at=server-hello tls.closed 2 --tls-version $version
  check "close-at=server-hello, TLS $version: it is named" out_has 'after ServerHello,'
  with_fault close-at=certificate tls.closed 2 --tls-version $version
  check "close-at=certificate, TLS $version: it is named" out_has 'after Certificate,'
  with_fault reset-at=certificate tls.closed 2 --tls-version $version
  check "reset-at=certificate, TLS $version: by what" out_has 'by a reset (RST)'
  with_fault silent-at=certificate tls.timeout 2 --tls-version $version --timeout 1.5
  with_fault client-cert-required tls.client-cert-required 2 --tls-version $version
  check "client-cert-required, TLS $version: the fix keeps the CA file" \
    grep -q "tbdiag verify --cert device.pem --key device_key.pem mqtts://.* --ca-file " "$out"
done
# Who has been asked for a certificate looks whether it is refused for that.
with_fault close-at=finished tls.closed 2 --tls-version 1.3
with_fault reset-at=client-hello tcp.reset 2 --timeout 2
with_fault alert=112 tls.sni-rejected 2
check 'alert=112: it is named' out_has unrecognized_name
with_fault sni-required ca.ok 0
with_fault sni-required tls.sni-rejected 2 --sni none
check 'sni-required: the fix sends the name' grep -q 'tbdiag verify --sni localhost mqtts://localhost:' "$out"
with_fault sni-required tls.sni-needed 1 --without-sni
check 'sni-required: by which alert' out_has 'alert 112 (unrecognized_name)'

# A fault of the port for TLS leaves the other one alone; the others do not.
in_clear() {
  sandbox_start --fault "$1" || fail "--fault $1 starts"
  run "$tbdiag" roundtrip --timeout 1.5 --token-file "$sandbox_token_file" "mqtt://localhost:$sandbox_port"
  check "$1: in clear" test "$(first_finding)" = "$2"
  sandbox_stop
}
in_clear silent token.sent-in-clear

# Not a fault: the broker itself, on its port in clear.
sandbox_start || fail 'the sandbox starts'
for command in verify chain; do
  diagnose "$command: the port in clear" tls.plain-mqtt 2 5 "$tbdiag" $command "localhost:$sandbox_port"
done
check 'the port in clear: what to use it with' out_has "tbdiag roundtrip mqtt://localhost:$sandbox_port"
sandbox_stop
in_clear no-connack mqtt.no-connack

# tbdiag verify and chain meet them, too.
for command in verify chain; do
  sandbox_start --fault silent-at=server-hello || fail 'the sandbox starts'
  diagnose "$command: silent-at=server-hello" tls.timeout 2 5 "$tbdiag" $command --timeout 1 \
    "localhost:$sandbox_tls_port"
  sandbox_stop
done

# ---- scripts ---------------------------------------------------------------------------------------

# The manual's script, as it stands there line by line: as a ThingsBoard of 2019.
awk '/^```/ { on = !on; next } on && /^expect/, /^close/' "$abs_top_srcdir/tools/sandbox/tbdiag-sandbox.1.scd" >refuse.script
check "the manual's script has a line for each step" test "$(wc -l <refuse.script)" -eq 3
sandbox_start --script refuse.script || fail '--script starts'
diagnose '--script' mqtt.bad-credentials 2 5 "$tbdiag" roundtrip --ca-file "$sandbox_ca" \
  --token-file "$sandbox_token_file" "localhost:$sandbox_tls_port"
sandbox_stop

printf 'clear\nexpect any\nsend "<!DOCTYPE html><p>no"\n' >page.script
sandbox_start --script page.script || fail '--script starts'
diagnose 'a web page without a status line' tls.plain-http 2 5 "$tbdiag" verify "localhost:$sandbox_tls_port"
sandbox_stop

# ---- the port of another protocol -------------------------------------------------------------------

sandbox_start || fail 'the sandbox starts'
https=localhost:$(ready https) mqtts=localhost:$sandbox_tls_port
# other_port URL FINDING WORDS: it is said first of a round trip with this URL, with these words.
other_port() {
  diagnose "$1" "$2" 2 5 "$tbdiag" roundtrip --ca-file "$sandbox_ca" --token-file "$sandbox_token_file" \
    --timeout 2 "$1"
  check "$1: $3" says "$3"
}
other_port "http://$https" http.error "tbdiag roundtrip https://$https"
check_not 'HTTP in clear to HTTPS: not the port of ThingsBoard' out_has 8080
other_port "mqtt://$https" mqtt.not-mqtt "tbdiag roundtrip mqtts://$https"
other_port "mqtt://$mqtts" mqtt.closed-before-connack "use mqtts: tbdiag roundtrip mqtts://$mqtts"
other_port "https://$mqtts" http.error 'A port for MQTT closes so on a request of HTTP'
sandbox_stop

# More devices than there are places: the oldest has to go, the newest is served.
cat >crowd.py <<'PYTHON'
import socket, sys
peers = [socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10) for _ in range(140)]
assert peers[0].recv(1) == b""
peers[-1].sendall(b"\x10\x0e\0\4MQTT\4\x02\0\x3c\0\2ab")
assert peers[-1].recv(4) == b"\x20\2\0\4"
PYTHON
sandbox_start --script refuse.script
run /usr/bin/python3 crowd.py "$sandbox_port"
check 'a crowd' status_is 0
sandbox_stop

# ---- what does not work ----------------------------------------------------------------------------

script_is_refused() {
  printf "$2" >bad.script
  run "$tools/tbdiag-sandbox" --script bad.script
  check "$1: exit status" status_is 3
  check "$1: it is explained" err_has "$3"
}
script_is_refused 'a wrong line' 'clear\nsends 00\n' 'bad.script:2: no such step: sends'
script_is_refused 'a script with NUL' 'clear\0' 'bad.script: no text'
run "$tools/tbdiag-sandbox" --script missing.script
check 'no script: exit status' status_is 3
check 'no script: it is explained' err_has 'missing.script: No such file'
run "$tools/tbdiag-sandbox" --script refuse.script --fault silent
check 'a script and a fault: exit status' status_is 3
run "$tools/tbdiag-sandbox" --fault no-connack --fault silent
check 'two faults in one place: exit status' status_is 3
check 'two faults in one place: it is explained' err_has 'goes with the one before'

refused() {
  run "$tools/tbdiag-sandbox" --fault "$1"
  check "--fault $1: exit status" status_is 3
  check "--fault $1: it is explained" err_has "option '--fault' wants $2"
}
refused break 'a KIND of fault'
refused wrong-id=1 'no argument'
refused visible-after 'milliseconds'
refused visible-after= 'milliseconds'
refused visible-after=-1 'milliseconds'
refused late-response=9999999 'milliseconds'
refused close-at=end 'a STEP'
refused close-at 'a STEP'
refused alert=256 'the number of an alert'

done_testing
