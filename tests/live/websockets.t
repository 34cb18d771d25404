#!/bin/sh
# SPDX-License-Identifier: MIT
#
# websockets.t - MQTT over WebSockets: mosquitto's own listener, nginx before it, a relay to the sandbox that cuts frames
# small, and what is no such thing.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
. "$abs_top_srcdir/tests/live/sandbox.sh"

PATH=$PATH:/usr/sbin
sandbox_start || exit 99
roundtrip() { run timeout 30 "$tbdiag" roundtrip --token-file "$sandbox_token_file" --timeout 5 "$@"; }
flat() { tr -s ' \n' ' ' <"$out"; }
says() { flat | grep -qF -e "$1"; }
not_sent() { says 'not sent'; }
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost,IP:127.0.0.1 -keyout key.pem -out cert.pem 2>/dev/null || exit 99

# ---- through a relay to the sandbox ---------------------------------------------------------------

for kind in plain bytes large; do
  for version in 3.1.1 5; do
    peer_start python ws-relay.py $kind "$sandbox_port"
    roundtrip --mqtt-version $version "ws://127.0.0.1:$port"
    check "ws, frames $kind, MQTT $version: exit status" status_is 1
    check "ws, frames $kind, MQTT $version: data.ok" has_finding ok data.ok
    check "ws, frames $kind, MQTT $version: only that it is in clear" test "$(first_finding)" = token.sent-in-clear
    peer_stop
  done
done
peer_start python ws-relay.py bytes "$sandbox_port" cert.pem key.pem
roundtrip --ca-file cert.pem "wss://localhost:$port/some/path"
check 'wss: exit status' status_is 0
check 'wss: data.ok' has_finding ok data.ok
check 'wss: the path is named' out_has "wss://localhost:$port/some/path"
roundtrip --ca-file cert.pem --ws-path /other --format json "wss://localhost:$port"
check '--ws-path: exit status' status_is 0
check '--ws-path: in the report' out_has '"path": "/other"'
check '--ws-path: fits the schema' out_fits_schema
roundtrip --ca-file cert.pem --transports "wss:$port,mqtt:$sandbox_port" --allow-plain localhost
check '--transports wss: the round trip is made' out_has "wss:$port"
check_not '--transports wss: not critical' status_is 2
roundtrip --system "wss://localhost:$port"
check 'wss, unknown CA: the token stays here' has_finding critical token.unverified-peer
printf %s wrong >wrong
run "$tbdiag" roundtrip --ca-file cert.pem --token-file wrong --explain-refusal "wss://localhost:$port"
check 'wss, wrong token: refused' has_finding critical mqtt.not-authorized
check 'wss, wrong token: MQTT 5 says why, over a WebSocket too' says 'MQTT 5'
peer_stop
run "$tbdiag" verify --ca-file cert.pem wss://localhost:1/x
check 'verify wss: dials it' has_finding critical tcp.refused
check 'verify wss: no setting of ThingsBoard opens it' says 'no listener for MQTT over WebSockets'
check_not 'verify wss: none is proposed' out_has MQTT_

# ---- what is no WebSocket for MQTT ----------------------------------------------------------------

# refuses KIND ID TEXT
refuses() {
  peer_start python ws-relay.py "$1" "$sandbox_port"
  roundtrip --timeout 1 "ws://127.0.0.1:$port/mqtt"
  check "$1: exit status" status_is 2
  check "$1: $2" has_finding critical "$2"
  check "$1: says so" says "$3"
  peer_stop
}
refuses no-subprotocol ws.not-mqtt 'it names no subprotocol'
check 'no-subprotocol: no token' not_sent
refuses other-subprotocol ws.not-mqtt 'its subprotocol is graphql-ws'
check 'other-subprotocol: no token' not_sent
refuses wrong-proof ws.upgrade-refused 'which proves nothing'
check 'wrong-proof: no token' not_sent
refuses silent ws.upgrade-refused 'at /mqtt with nothing'
refuses no-http ws.upgrade-refused 'with what is no HTTP'
check 'no-http: what came' says '220 mail.example'
refuses text ws.not-mqtt 'a frame is text'
refuses masked ws.not-mqtt 'a frame of the server is masked'
refuses idle ws.not-mqtt 'frame after frame carries nothing'
refuses no-digits ws.upgrade-refused 'with what is no HTTP'
refuses closed mqtt.closed-before-connack 'closed'

# ---- mosquitto, and nginx before it ---------------------------------------------------------------

free_port() {
  /usr/bin/python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
until_open() {
  /usr/bin/python3 - "$1" <<'PYTHON'
import socket, sys, time
for _ in range(400):
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1).close()
        sys.exit(0)
    except OSError:
        time.sleep(0.025)
sys.exit(1)
PYTHON
}
broker=$(free_port)
# mosquitto 2.0.11 does not start with WebSockets alone.
printf 'listener %s 127.0.0.1\nprotocol websockets\nlistener %s 127.0.0.1\nallow_anonymous true\nuser root\n' \
  "$broker" "$(free_port)" >broker.conf
mosquitto -c broker.conf 2>broker.log &
tap_pids="$tap_pids $!"
until_open "$broker" || exit 99
roundtrip --timeout 1 -v "ws://127.0.0.1:$broker"
check 'mosquitto: its listener takes the WebSocket' has_finding ok mqtt.ok
check 'mosquitto: and is a general broker' has_finding info mqtt.not-thingsboard
if command -v nginx >/dev/null; then
  port=$(free_port)
  dead=$(free_port)
  cat >nginx.conf <<CONF
daemon off;
master_process off;
pid $tap_dir/nginx.pid;
error_log $tap_dir/nginx.log;
events { }
http {
  access_log off;
  client_body_temp_path $tap_dir/body;
  proxy_temp_path $tap_dir/proxy;
  fastcgi_temp_path $tap_dir/fastcgi;
  uwsgi_temp_path $tap_dir/uwsgi;
  scgi_temp_path $tap_dir/scgi;
  server {
    listen 127.0.0.1:$port;
    location /mqtt {
      proxy_pass http://127.0.0.1:$broker;
      proxy_http_version 1.1;
      proxy_set_header Upgrade \$http_upgrade;
      proxy_set_header Connection Upgrade;
    }
    location /plain { proxy_pass http://127.0.0.1:$broker; }
    location /dead { proxy_pass http://127.0.0.1:$dead; }
    location /moved { return 302 https://elsewhere.example/mqtt; }
    location /closed { return 403; }
  }
}
CONF
  nginx -p "$tap_dir" -c "$tap_dir/nginx.conf" -e "$tap_dir/nginx.log" 2>/dev/null &
  tap_pids="$tap_pids $!"
  until_open "$port" || exit 99
  roundtrip --timeout 1 "ws://127.0.0.1:$port"
  check 'nginx: the upgrade is passed on' has_finding ok mqtt.ok
  while read -r path text; do
    roundtrip --timeout 1 "ws://127.0.0.1:$port/$path"
    check "nginx /$path: ws.upgrade-refused" has_finding critical ws.upgrade-refused
    check "nginx /$path: says why" says "$text"
    check "nginx /$path: no token" not_sent
  done <<'END'
nowhere 404 Not Found of nginx
plain does not pass the upgrade on
dead does not run, or the proxy does not pass the upgrade on
moved It has moved to https://elsewhere.example/mqtt
closed access rules
END
else
  skip 'nginx' 'nginx is missing'
fi

# ---- targets --------------------------------------------------------------------------------------

run "$tbdiag" verify 'wss://host/mqtt?token=x'
check 'a query: refused' status_is 3
run "$tbdiag" verify 'wss://user@host/mqtt'
check 'a user: refused' status_is 3
run "$tbdiag" roundtrip --ws-path /x --token-file "$sandbox_token_file" localhost
check '--ws-path without a WebSocket: refused' status_is 3
check '--ws-path without a WebSocket: says why' err_has "'--ws-path' is for ws:// and wss://"

done_testing
