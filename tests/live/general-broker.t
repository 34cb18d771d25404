#!/bin/sh
# SPDX-License-Identifier: MIT
#
# general-broker.t - round trips with a broker that is no ThingsBoard: mosquitto as it comes.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

PATH=$PATH:/usr/sbin
token=Sesame0pen7Token4
if ! command -v mosquitto >/dev/null; then
  skip 'a general broker' 'mosquitto is missing'
  done_testing
fi

# It cannot choose a port by itself: take one that is free, and try again when another was faster.
free_port() { /usr/bin/python3 -c 'import socket; s = socket.socket(); s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'; }
tries=0
running=
while [ -z "$running" ] && [ $tries -lt 5 ]; do
  tries=$((tries + 1))
  port=$(free_port)
  printf 'listener %s 127.0.0.1\nallow_anonymous true\nlog_dest stderr\nuser root\n' "$port" >broker.conf
  mkfifo "log$tries"
  mosquitto -c broker.conf 2>"log$tries" &
  tap_pids="$tap_pids $!"
  exec 7<"log$tries"
  while read -r line <&7; do
    case $line in *running*) running=yes && break ;; esac
  done
done
check 'mosquitto runs' test -n "$running"
cat <&7 >/dev/null &
tap_pids="$tap_pids $!"

for version in 3.1.1 5; do
  run "$tbdiag" roundtrip --timeout 2 --token $token --mqtt-version $version -v "mqtt://127.0.0.1:$port"
  check "MQTT $version: exit status" status_is 2
  check "MQTT $version: data.no-response" has_finding critical data.no-response
  check "MQTT $version: mqtt.not-thingsboard" has_finding info mqtt.not-thingsboard
  check "MQTT $version: ended at once" out_has '-> UNSUBSCRIBE'
  check "MQTT $version: granted" out_has 'granted (0x00)'
done
run "$tbdiag" roundtrip --timeout 2 --token $token --mqtt-version 3.1 "mqtt://127.0.0.1:$port"
check 'MQTT 3.1: data.no-response' has_finding critical data.no-response
check_not 'MQTT 3.1: not asked' out_has mqtt.not-thingsboard

done_testing
