#!/bin/sh
# SPDX-License-Identifier: MIT
#
# mqtt-endings.t - sessions over MQTT that a server accepted and did not let come to their end: topics of the device
# profile's own, limits, and ends for no message of ours; from a scripted server.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

token=Sesame0pen7Token4
said() { grep -qE "^( +therefore )?$1  $2(  |\$)" "$all"; }

# script TYPE=ANSWER...: start a server; its port is in $port.
script() {
  [ -z "${peer_pid-}" ] || peer_stop
  peer_start python mqtt-script.py "$@"
}
# roundtrip OPTION...: $out is the text without its line breaks, $all as it came.
all=$tap_dir/all
roundtrip() {
  run "$tbdiag" roundtrip --timeout 1.5 --token $token "$@" "mqtt://127.0.0.1:$port"
  cp "$out" "$all"
  tr -s ' \n' ' ' <"$all" >"$out"
}
# run_proposed LAST [FROM TO]: run the command of the fix that ends so, with one word replaced.
run_proposed() {
  proposed=$(grep -oE "tbdiag roundtrip mqtt://[^ ]+ $1" "$out" | head -n 1 | cut -d ' ' -f 2-)
  # shellcheck disable=SC2086 # words of the command
  run "$tbdiag" $(echo "$proposed" | sed "s,${2-=},${3-=},") --timeout 1.5 --token $token
  cp "$out" "$all"
  tr -s ' \n' ' ' <"$all" >"$out"
}

connack3=connect=20020000
connack5=connect5=2003000000
suback=subscribe=9003IDID01
suback5=subscribe=9004IDID0001
request=publish:v1/devices/me/attributes/request/
written=publish:v1/devices/me/attributes
telemetry=publish:v1/devices/me/telemetry
limits=publish:v1/devices/me/rpc/request/1
answered=4002IDID,RESPONSE
# limits_say JSON: the answer to getSessionLimits, for MQTT 3.
limits_say() {
  limits_topic=v1/devices/me/rpc/response/1
  printf '30%02x001c%s%s' $((2 + 28 + ${#1})) "$(printf %s $limits_topic | od -An -tx1 | tr -d ' \n')" \
    "$(printf %s "$1" | od -An -tx1 | tr -d ' \n')"
}

# ---- own topics ----------------------------------------------------------------------------------------

# A ThingsBoard whose profile has my/attributes: over MQTT 3 all is acknowledged, over MQTT 5 the topic is refused.
own="$connack3 $connack5 $suback $limits=4002IDID $request=$answered publish:my/attributes=STORE,4002IDID publish:my/telemetry=4002IDID"
# shellcheck disable=SC2086 # words of the script
script $own "$written=4002IDID" "$telemetry=4002IDID"
roundtrip
check 'live-D2 MQTT 3.1.1: exit status' status_is 2
check 'live-D2 MQTT 3.1.1: data.not-stored' said critical data.not-stored
check 'live-D2 MQTT 3.1.1: own topics are a cause' out_has 'may have another topic for attributes'
check 'live-D2 MQTT 3.1.1: the rule chain is the other' out_has 'Or it is the rule chain'
roundtrip --attributes-topic my/attributes
check 'live-D2 --attributes-topic: the round trip is finished' status_is 1
check 'live-D2 --attributes-topic: data.ok' said ok data.ok
roundtrip --attributes-topic my/attributes --telemetry-topic my/telemetry --telemetry '{"a":1}' -v
check 'live-D2 --telemetry-topic: data.ok' said ok data.ok
check 'live-D2 --telemetry-topic: went there' out_has my/telemetry
for topic in '' 'a/+' '#' "$(printf 'a\tb')"; do
  roundtrip --attributes-topic "$topic"
  check "live-D2 --attributes-topic '$topic': refused" status_is 3
done
run "$tbdiag" roundtrip --token $token --attributes-topic a "http://127.0.0.1:$port"
check 'live-D2 --attributes-topic is for MQTT' status_is 3

script "$connack3" "$connack5" "$suback" "$limits=4002IDID" "$request=$answered" \
  "publish:my/attributes=STORE,4002IDID" "$written=4002IDID" "publish5:v1/devices/me/attributes=4004IDID9000"
roundtrip --explain-refusal
check 'live-D2 --explain-refusal: mqtt.own-topics' said critical mqtt.own-topics
check 'live-D2 --explain-refusal: the rule chain is not blamed for it' said critical data.not-stored
check 'live-D2 --explain-refusal: where' out_has 'Attributes publish topic filter'
roundtrip
run_proposed --explain-refusal
check 'live-D2 the command that tells the two apart' said critical mqtt.own-topics
run_proposed '--attributes-topic TOPIC' TOPIC my/attributes
check 'live-D2 the command that finishes the round trip' said ok data.ok
check_not 'live-D2 the fault is gone' said critical '.*'
script "$connack3" "$connack5" "$suback" "$limits=4002IDID" "$request=$answered" "$written=4002IDID" \
  "publish5:v1/devices/me/attributes=4004IDID0000"
roundtrip --explain-refusal
check_not 'live-D2 0x00 is no topic of its own' out_has mqtt.own-topics
check 'live-D2 0x00 is the rule chain' out_has 'it is the rule chain'
script $connack5 "$suback5" "publish5:v1/devices/me/rpc/request=4002IDID" "publish5:v1/devices/me/attributes/request=$answered" \
  "publish5:v1/devices/me/attributes=4004IDID9000" "publish5:v1/devices/me/telemetry=4004IDID9000" \
  "publish5:my/attributes=STORE,4002IDID"
roundtrip --mqtt-version 5
check 'live-D2 MQTT 5: mqtt.own-topics' said critical mqtt.own-topics
check_not 'live-D2 MQTT 5: no broker is suspected' out_has 'a broker between renames'
roundtrip --mqtt-version 5 --attributes-topic my/attributes --telemetry '{"a":1}'
check 'live-D2 MQTT 5: of telemetry, too' out_has 'Telemetry topic filter'

# ---- a session that ended ------------------------------------------------------------------------------

# ended [CONNACK]: closed while nothing is on its way, and what the next CONNECT is met with.
ended() {
  script "$connack3" "$@" "$suback" "$limits=4002IDID" "$request=$answered" "$request=4002IDID" "$request=4002IDID,FIN" "$written=4002IDID"
}
ended
roundtrip
check 'live-D5 closed, and the token is good: exit status' status_is 2
check 'live-D5 closed, and the token is good: mqtt.session-ended' said critical mqtt.session-ended
check 'live-D5 closed, and the token is good: another client, or something between' out_has 'still takes the token: another client, or something between'
check 'live-D5 closed, and the token is good: who is connected' out_has "ss -tn state established 'sport = :$port'"
check_not 'live-D5 closed: nothing is proven' out_has mqtt.taken-over
peer_stop
peer_pid=
# The first CONNECT is accepted, the next is not: the device was deleted.
peer_start python mqtt-script.py "$connack3" "$suback" "$limits=4002IDID" "$request=$answered" "$request=4002IDID,FIN" "$written=4002IDID" then connect=20020005,FIN
roundtrip
check 'live-D5 closed, and the token is refused: deleted or changed' out_has 'refuses the token now: the device was deleted, or its credentials were changed'
check 'live-D5 closed, and the token is refused: what to do' out_has 'Copy the token again'
for reason in 98 83; do
  script "$connack5" "$suback5" "publish5:v1/devices/me/rpc/request=4002IDID" "publish5:v1/devices/me/attributes/request=$answered,e002${reason}00,FIN"
  roundtrip --mqtt-version 5 --wait-rpc 1 --read-only
  check "live-D5 DISCONNECT 0x$reason: mqtt.session-ended" said critical mqtt.session-ended
done
check 'live-D5 DISCONNECT 0x83: a limit' out_has 'a limit is used up'
script "$connack5" "$suback5" "publish5:v1/devices/me/attributes/request=$answered,e0029800,FIN"
roundtrip --mqtt-version 5 --wait-rpc 1 --read-only
check 'live-D5 DISCONNECT 0x98: deleted or changed' out_has 'the device was deleted, or its credentials were changed'
check_not 'live-D5 DISCONNECT 0x98: no message is blamed' out_has 'right after a message was published'
script "$connack5" "$suback5" "publish5:v1/devices/me/attributes/request=$answered,e0028e00,FIN"
roundtrip --mqtt-version 5 --wait-rpc 1 --read-only
check 'live-D5 DISCONNECT 0x8e is proof' said critical mqtt.taken-over

# ---- limits --------------------------------------------------------------------------------------------

tight=$(limits_say '{"rateLimits":{"messages":"200:1","telemetryMessages":"1:60"}}')
script "$connack3" connect5=20030000009f "$suback" "$limits=4002IDID,$tight" "$request=$answered" "$written=FIN"
roundtrip
check 'live-D6 said before anything is written' out_has 'this device may send 1 telemetry message in 60 s, and a run like this sends up to 1'
check 'live-D6 a close: the limit that is known' out_has 'this device may send 1 of telemetry, attributes among them, in 60 s'
check_not 'live-D6 a close: no other guess at the limits' out_has 'the limits of the device profile and of the tenant profile'
script "$connack3" "$suback" "$limits=4002IDID,$(limits_say '{"rateLimits":{"messages":"1:60"}}')" "$request=FIN"
roundtrip
check 'live-D6 closed on the first request: the limit' out_has 'this device may send 1 message in 60 s'
script "$connack3" "$suback" "$limits=4002IDID,$(limits_say '{"rateLimits":{"messages":null}}')" "$request=$answered" "$written=STORE,4002IDID"
roundtrip
check 'live-D6 no limit: no note' said ok data.ok
check_not 'live-D6 no limit: nothing of it' out_has 'this device may send'
script "$connack3" "$suback" "$request=$answered" "$written=STORE,4002IDID"
run_measured "$tbdiag" roundtrip --timeout 5 --token $token "mqtt://127.0.0.1:$port"
check "live-D6 no answer to getSessionLimits: it goes on quietly ($took ms)" test "$took" -lt 1500
check 'live-D6 no answer to getSessionLimits: data.ok' grep -qE '^ok  data.ok(  |$)' "$out"
roundtrip --read-only -v
check_not 'live-D6 read-only asks nothing of it' out_has rpc/request
script "$connack3" "$suback" "subscribe=9003IDID80" "$request=$answered" "$written=STORE,4002IDID"
roundtrip
check 'live-D6 answers to calls are not granted: no fault' said ok data.ok
script "$connack5" "$suback5" "publish5:v1/devices/me/rpc/request=4004IDID8700" "publish5:v1/devices/me/attributes/request=$answered" "publish5:v1/devices/me/attributes=STORE,4002IDID"
roundtrip --mqtt-version 5
check 'live-D6 the call is refused: no fault' said ok data.ok

# closed_and REASON ANSWER...: closed on the write, and what MQTT 5 says to it.
closed_and() {
  script "$connack3" "$suback" "$limits=4002IDID" "$request=$answered" "$written=FIN" "$@"
  roundtrip --explain-refusal
}
closed_and "$connack5" "publish5:v1/devices/me/attributes=4004IDID9900,e0029900,FIN"
check 'live-D6 --explain-refusal after a close: the payload' out_has 'wants another payload: set its payload type to JSON'
check_not 'live-D6 --explain-refusal after a close: no other cause' out_has 'another client with the same token'
closed_and "$connack5" "publish5:v1/devices/me/attributes=e0028300,FIN"
check 'live-D6 --explain-refusal after a close: a limit' out_has 'a limit is used up'
check 'live-D6 --explain-refusal after a close: API usage is one' out_has 'API usage of the tenant'
closed_and connect5=2003009f00,e0029600,FIN
check 'live-D6 --explain-refusal after a close: a limit, at CONNECT' out_has 'a limit is used up'
script "$connack3" "$connack5" "$suback" "$limits=4002IDID" "$request=$answered" "$written=FIN" "publish5:v1/devices/me/attributes=4004IDID9900,FIN"
roundtrip
check 'live-D6 a close: API usage is among the causes' out_has 'the API usage of the tenant'
run_proposed --explain-refusal
check 'live-D6 a close: the command that tells' out_has 'wants another payload'
script "$connack3" "$suback" "$limits=4002IDID" "$request=$answered" "$written=STORE,4002IDID" "$telemetry=FIN"
roundtrip --telemetry '{"a":1}'
check 'live-D6 telemetry without ts: exit status' status_is 2
check_not 'live-D6 telemetry without ts: ts is no cause' out_has '"ts" is a number'
roundtrip --telemetry '{"ts":"x","values":{"a":1}}'
check 'live-D6 telemetry with ts: it is' out_has '"ts" is a number'
script connect=20020003,FIN
roundtrip
check 'live-D6 code 3 at once: or its tenant' out_has 'this device is meant, or its tenant'

# ---- yes or no -----------------------------------------------------------------------------------------

script "$connack3" "$suback" "$request=$answered"
roundtrip --read-only --wait-rpc 0.3
check 'N4 --wait-rpc, none came: no' grep -qE '^ +call +no, none came in 0.3 s$' "$all"

done_testing
