#!/bin/sh
# SPDX-License-Identifier: MIT
#
# sandbox-coap.t - what the sandbox answers over CoAP, as ThingsBoard does, and how it misbehaves.
. "${abs_top_srcdir:-$(dirname "$0")/../../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

command -v coap-client-notls >/dev/null || {
  echo '1..0 # SKIP no coap-client (package libcoap3-bin)'
  exit
}

# ask METHOD PATH [BODY]: $code is that of the answer, $payload what came along.
ask() {
  run coap-client-notls -v 6 -B 10 -m "$1" ${3+-e "$3"} "coap://127.0.0.1:$(ready coap)/$2"
  code=$(cat "$out" "$err" | sed -n 's/.*v:1 t:\([A-Z]*\) c:\([2-5]\.[0-9][0-9]\) .*/\1 \2/p' | tail -n 1)
  payload=$(grep '^{' "$out")
}

# answers WHAT CODE METHOD PATH [BODY]
answers() {
  expected=$2
  what=$1
  shift 2
  ask "$@"
  check "$what: $expected" test "$code" = "ACK $expected"
}

# over_mqtt PYTHON: with a session of the device that sends packets and reads what comes.
mqtt_session='
import socket, sys
session = socket.create_connection(("127.0.0.1", int(sys.argv[1])), 10)
def packet(first, body):
    session.sendall(bytes([first, len(body)]) + body)
def string(text):
    return len(text).to_bytes(2, "big") + text
packet(0x10, string(b"MQTT") + b"\4\x82\0\x3c" + string(b"") + string(sys.argv[2].encode()))
assert session.recv(4) == b"\x20\x02\0\0"'
over_mqtt() {
  run /usr/bin/python3 -c "$mqtt_session
$1" "$sandbox_port" "$(cat "$sandbox_token_file")"
}

sandbox_start --fault visible-after=0 --shared '{cfg:1}' -v
device=api/v1/$(cat "$sandbox_token_file")

answers 'POST attributes' 2.01 post "$device/attributes" '{"a":"0012",b:1.5}'
check 'POST attributes: empty' test -z "$payload"
answers 'GET attributes, nothing there' 4.04 get "$device/attributes?clientKeys=none"
answers 'GET attributes' 2.05 get "$device/attributes?clientKeys=a,b,none&sharedKeys=cfg"
check 'GET attributes: cast, and without what is not there' \
  test "$payload" = '{"client":{"a":12,"b":1.5},"shared":{"cfg":1}}'
answers 'GET attributes, all' 2.05 get "$device/attributes"
check 'GET attributes, all: payload' test "$payload" = '{"client":{"a":12,"b":1.5},"shared":{"cfg":1}}'
answers 'POST telemetry' 2.01 post "$device/telemetry" '{temperature:25}'
answers 'POST telemetry, with time' 2.01 post "$device/telemetry" '[{"ts":1,"values":{"t":25}}]'

answers 'live-C15 section-6 claim' 2.01 post "$device/claim"
answers 'claim, bad' 4.00 post "$device/claim" '[]'
answers 'live-C24 section-6 provision' 4.00 post api/v1/provision '{}'
check 'live-C24 provision: why' err_has '{"errorMsg":"Provision data was not found!","status":"NOT_FOUND"}'
answers 'live-C24 section-6 /.well-known/core' 2.05 get .well-known/core
for name in api/v1 fw sw efento; do
  check "live-C24 it names $name" grep -qF "</$name>" "$out"
done
run coap-client-notls -B 1 -m post -e '[]' "coap://127.0.0.1:$(ready coap)/$device/telemetry"
check 'live-C15 section-6 [] as telemetry is never answered' out_empty
run coap-client-notls -B 1 -m get "coap://127.0.0.1:$(ready coap)/$device/attributes?clientKeys=a,,b"
check 'live-C3 a key that is empty is never answered' out_empty
printf '{"big":"%70000s"}' x >large
run coap-client-notls -v 6 -B 10 -m post -f large "coap://127.0.0.1:$(ready coap)/$device/telemetry"
check 'live-C24 70 kB of telemetry: 2.01' grep -q 'c:2.01' "$out" "$err"

answers 'wrong token' 4.01 post api/v1/SECRET/attributes '{}'
answers 'wrong token, GET' 4.01 get api/v1/SECRET/attributes
answers 'no token' 4.01 post api/v1/attributes '{}'
answers 'bad JSON' 4.00 post "$device/attributes" '{'
answers 'no object' 4.00 post "$device/attributes" 7
answers 'no payload' 4.00 post "$device/attributes"
answers 'bad telemetry' 4.00 post "$device/telemetry" '"x"'
answers 'GET telemetry' 4.00 get "$device/telemetry"
answers 'unknown name' 4.00 post "$device/nothing" '{}'
answers 'PUT' 4.05 put "$device/attributes" '{}'
answers 'DELETE' 4.05 delete "$device/attributes"
answers 'another path' 4.04 get nothing
check '-v shows requests' grep -q 'CoAP POST /api/v1/\*\*\*/attributes: 4.01' "$sandbox_err"
check_not '-v does not show tokens' grep -qE "SECRET|$(cat "$sandbox_token_file")" "$sandbox_err"

# coaps, with blocks both ways
printf '{"big":"%9000s"}' x >big
run coap-client-gnutls -B 10 -R "$sandbox_ca" -m post -f big "coaps://localhost:$(ready coaps)/$device/attributes"
check 'coaps: 9 kB written' err_empty
run coap-client-gnutls -B 10 -R "$sandbox_ca" -m get "coaps://localhost:$(ready coaps)/$device/attributes?clientKeys=big"
check 'coaps: and read' test "$(wc -c <"$out")" -ge 9000
run coap-client-gnutls -B 10 -R /etc/hostname -m get "coaps://localhost:$(ready coaps)/$device/attributes"
check_not 'coaps: by nobody who does not trust the CA' out_has client

# the store is one
over_mqtt '
packet(0x30, string(b"v1/devices/me/attributes/request/1") + b"{\"clientKeys\":\"b\"}")
answer = b""
while not answer.endswith(b"}}"):
    piece = session.recv(1024)
    assert piece
    answer += piece
print(answer[answer.index(b"{"):].decode())'
check 'MQTT reads what CoAP wrote' out_line '{"client":{"b":1.5}}'
over_mqtt '
packet(0x32, string(b"v1/devices/me/attributes") + b"\0\1" + b"{\"m\":\"q\"}")
assert session.recv(4) == b"\x40\2\0\1"'
check 'MQTT writes' status_is 0
answers 'CoAP reads what MQTT wrote' 2.05 get "$device/attributes?clientKeys=m"
check 'CoAP reads what MQTT wrote: payload' test "$payload" = '{"client":{"m":"q"}}'
sandbox_stop

# faults
sandbox_start --fault coap-code=5.00
answers 'coap-code=5.00' 5.00 get x
sandbox_stop

sandbox_start --fault limit=1:60 --fault telemetry-limit=1:60
device=api/v1/$(cat "$sandbox_token_file")
answers 'live-C14 limit: the first POST' 2.01 post "$device/telemetry" '{a:1}'
answers 'live-C14 limit: the second' 5.00 post "$device/attributes" '{a:1}'
answers 'live-C14 limit: the first GET' 4.04 get "$device/attributes?clientKeys=none"
answers 'live-C14 limit: the second GET' 5.00 get "$device/attributes"
sandbox_stop
sandbox_start --fault own-topics
answers 'own-topics: the profile is of MQTT' 5.00 get "api/v1/$(cat "$sandbox_token_file")/attributes"
sandbox_stop

sandbox_start --fault coap-separate=100 --fault coap-loss=1
device=api/v1/$(cat "$sandbox_token_file")
ask post "$device/attributes" '{a:1}'
check 'coap-separate, coap-loss: comes all the same, of its own' test "$code" = 'CON 2.01'
sandbox_stop

sandbox_start --fault coap-silent
run coap-client-notls -B 1 -m get "coap://127.0.0.1:$(ready coap)/x"
check 'coap-silent: nothing comes' out_empty
sandbox_stop

for fault in coap-code coap-code=2.05 coap-code=4.1 coap-code=4.32 coap-loss=0 coap-separate=x; do
  run "$tools/tbdiag-sandbox" --fault "$fault"
  check "$fault: exit status" status_is 3
  check "$fault: what is wanted" err_has wants
done

done_testing
