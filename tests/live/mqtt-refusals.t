#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mqtt-refusals.t - how servers refuse over MQTT, and what is said of it: from a scripted server.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

token=Sesame0pen7Token4
said() { grep -qE "^$1  $2(  |\$)|\"id\": \"$2\"" "$out"; }
silent() { ! grep -qF "$token" "$out" "$err"; }

# script TYPE=ANSWER...: start a server; its port is in $port.
script() {
  [ -z "${peer_pid-}" ] || peer_stop
  peer_start python mqtt-script.py "$@"
}

# found WHAT STATUS SEVERITY ID OPTION...: of the server of the last script.
found() {
  what=$1 expected=$2 severity=$3 id=$4
  shift 4
  run "$tbdiag" roundtrip --timeout 2 --token $token "$@" "mqtt://127.0.0.1:$port"
  check "$what: exit status" status_is "$expected"
  check "$what: $id" said "$severity" "$id"
  check "$what: no token in the output" silent
}

# A server of MQTT 3.1.1 and of 5, and what they say when all is well.
connack3=connect=20020000
connack5=connect=2003000000
suback3=subscribe=9003IDID01
suback5=subscribe=9004IDID0001
# The response to request 1: {}
topic=76312f646576696365732f6d652f617474726962757465732f726573706f6e73652f31
response3=30270023${topic}7b7d
response5=30280023${topic}007b7d

# ---- CONNACK --------------------------------------------------------------------------------------

for row in '1 mqtt.protocol-version' '2 mqtt.client-id' '3 mqtt.unavailable' '4 mqtt.bad-credentials' \
  '5 mqtt.not-authorized' '9 mqtt.refused'; do
  script "connect=2002000${row% *},FIN"
  found "code ${row% *}" 2 critical "${row#* }"
done
for row in '84 mqtt.protocol-version' '85 mqtt.client-id' '86 mqtt.not-authorized' '87 mqtt.not-authorized' \
  '88 mqtt.unavailable' '9f mqtt.unavailable' '8a mqtt.refused'; do
  script "connect=200300${row% *}00,e002${row% *}00,FIN"
  found "MQTT 5, code 0x${row% *}" 2 critical "${row#* }" --mqtt-version 5
done
script connect=485454502f312e3120343030204261640d0a0d0a,FIN
found 'HTTP' 2 critical mqtt.not-mqtt
check 'HTTP: shown' out_has 'HTTP/1.1 400 Bad'
script
run "$tbdiag" roundtrip --timeout 0.5 --token $token "mqtt://127.0.0.1:$port"
check 'no CONNACK: exit status' status_is 2
check 'no CONNACK: mqtt.no-connack' said critical mqtt.no-connack
# Each step of its own is bounded by the same time.
script $connack3 $suback3
run_measured "$tbdiag" roundtrip --timeout 0.5 --token $token "mqtt://127.0.0.1:$port"
check 'no PUBACK within --timeout: mqtt.no-puback' said critical mqtt.no-puback
check "no PUBACK within --timeout: in time ($took ms)" test "$took" -lt 3000
script connect=FIN
found 'closed' 2 critical mqtt.closed-before-connack
found 'closed, MQTT 5' 2 critical mqtt.closed-before-connack --mqtt-version 5
check 'closed, MQTT 5: the version is a cause' out_has '--mqtt-version 3.1.1'

# explained WHAT CODES5 FINDING TEXT: what is made of a refusal once the server said it in MQTT 5.
explained() {
  script "connect=200200$1,FIN" "connect5=$2"
  found "code 0x$1, explained by $2" 2 critical "$3" --explain-refusal
  check "code 0x$1, explained by $2: what it means" out_has "$4"
}
explained 05 2003008600,e0028600,FIN mqtt.not-authorized 'Bad user name or password'
explained 05 2003008700,e0028700,FIN mqtt.not-authorized 'another broker'
explained 05 2003000000 mqtt.not-authorized 'it accepted'
explained 05 FIN mqtt.not-authorized '(code 5)'
explained 02 2003008500,FIN mqtt.client-id 'Client identifier not valid'
explained 03 2003008800,e0028900,FIN mqtt.unavailable 'not Sparkplug'
check_not 'code 3, explained by 0x88: no limit' out_has 'the limits'
explained 03 2003009f00,e0029600,FIN mqtt.unavailable 'the limits'
check_not 'code 3, explained by 0x9f: not the profile' out_has Sparkplug
# A code of MQTT 5 needs no explanation, and a refused token is sent once unless more is asked for.
script connect=20020005,FIN connect5=2003008600,FIN
found 'MQTT 5, --explain-refusal' 2 critical mqtt.not-authorized --mqtt-version 5 --explain-refusal --format json
check 'MQTT 5, --explain-refusal: not asked again' out_has '"explanation": null'
found 'without --explain-refusal' 2 critical mqtt.not-authorized --format json
check 'without --explain-refusal: not asked again' out_has '"explanation": null'
found '--explain-refusal, JSON' 2 critical mqtt.not-authorized --format json --explain-refusal
check '--explain-refusal, JSON: the code' out_has '"connack": 134'
check '--explain-refusal, JSON: fits the schema' out_fits_schema

# ---- after it -------------------------------------------------------------------------------------

script $connack3 subscribe=9003IDID80
found 'SUBACK 0x80' 2 critical mqtt.suback-refused
script $connack5 subscribe=9004IDID008f
found 'SUBACK 0x8f' 2 critical mqtt.suback-refused --mqtt-version 5
for code in 90 99 87; do
  script $connack5 $suback5 "publish=4003IDID$code"
  found "PUBACK 0x$code" 2 critical mqtt.publish-refused --mqtt-version 5
  check "PUBACK 0x$code: shown" out_has "0x$code"
done
script $connack3 $suback3 publish=FIN
found 'closed on publish' 2 critical mqtt.closed-on-publish
script $connack5 $suback5 publish=e0028300,FIN
found 'DISCONNECT 0x83' 2 critical mqtt.closed-on-publish --mqtt-version 5
check 'DISCONNECT 0x83: a limit' out_has 'a limit'
script $connack5 $suback5 "publish=4002IDID,$response5" publish=e0028e00,FIN
found 'DISCONNECT 0x8e' 2 critical mqtt.taken-over --mqtt-version 5
script $connack3 $suback3
found 'no PUBACK' 2 critical mqtt.no-puback
# A refusal of a message that is none of ours.
script $connack5 $suback5 "publish=40047fff9900,4002IDID,$response5"
found "PUBACK 0x99 for another id" 1 warning token.sent-in-clear --mqtt-version 5 --read-only
# What is no MQTT, after it has begun so.
for bytes in 20020000 0000 d0ffffffffff; do
  script $connack3 "subscribe=9003IDID01,$bytes"
  found "$bytes after SUBACK" 2 critical mqtt.not-mqtt
done
script $connack3 "subscribe=FIN"
found 'closed on SUBSCRIBE' 2 critical mqtt.session-ended
script $connack5 "subscribe=FIN"
found 'closed on SUBSCRIBE, MQTT 5' 2 critical mqtt.suback-refused --mqtt-version 5
# Each topic that is subscribed to or published to can be the one that is refused.
limits_topic=76312f646576696365732f6d652f7270632f726573706f6e73652f31
script $connack3 $suback3 publish:v1/devices/me/rpc=4002IDID "publish=4002IDID,$response3"
found 'no limits' 1 warning token.sent-in-clear --read-only --session-limits
check 'no limits: said' out_has 'from 3.8 on'
script $connack3 $suback3 subscribe=9003IDID80 "publish=4002IDID,$response3"
found 'SUBACK 0x80 for calls' 2 critical mqtt.suback-refused --read-only --wait-rpc 1
check 'SUBACK 0x80 for calls: which' out_has 'v1/devices/me/rpc/request/+'
script $connack3 $suback3 "publish=4002IDID,$response3" publish:v1/devices/me/rpc=FIN
found 'closed on a call' 2 critical mqtt.closed-on-publish --read-only --session-limits
script $connack3 $suback3 "publish=4002IDID,$response3" "publish:v1/devices/me/rpc=4002IDID,3020001c${limits_topic}5b5d"
found 'limits' 1 warning token.sent-in-clear --read-only --session-limits
check 'limits: shown' out_has '[]'
# No response: a general broker is told from a ThingsBoard whose core is silent.
script $connack3 $suback3 subscribe=9003IDID80 publish=4002IDID
found 'no response, # refused' 2 critical data.no-response
check_not 'no response, # refused: nothing against ThingsBoard' out_has mqtt.not-thingsboard
check 'no response, # refused: asked' out_has 'refused (0x80)'
script $connack3 $suback3 subscribe=9003IDID00 publish=4002IDID
found 'no response, # granted' 2 info mqtt.not-thingsboard -v
check 'no response, # granted: the cause' out_has 'is a general broker'
check 'no response, # granted: ended' out_has '-> UNSUBSCRIBE'
found 'no response over MQTT 3.1' 2 critical data.no-response --mqtt-version 3.1 -v --read-only
check 'no response over MQTT 3.1: not asked' test "$(grep -c -e '-> SUBSCRIBE' "$out")" = 1
# While the answer to the read is awaited, nothing is on its way that would lack its acknowledgement.
script $connack3 $suback3 "publish=4002IDID,$response3" publish:v1/devices/me/rpc=4002IDID publish=4002IDID publish=4002IDID,FIN
found 'closed for nothing' 2 critical mqtt.session-ended

done_testing
