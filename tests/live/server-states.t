#!/bin/sh
# SPDX-License-Identifier: MIT
#
# server-states.t - a server that is there and not ready, or not what answers: starting, behind a proxy that wants a PROXY
# header or sends one, missing behind a proxy; and ports that are closed for one reason.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

PATH=$PATH:/usr/sbin:/sbin
printf %s A1b2C3d4E5f6G7h8I9j0 >token
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -days 30 -subj /CN=localhost \
  -addext subjectAltName=DNS:localhost,IP:127.0.0.1,IP:127.57.11.6 -keyout key.pem -out cert.pem 2>/dev/null || exit 99
cat key.pem cert.pem >both.pem

verify() { run timeout 40 "$tbdiag" verify --ca-file cert.pem "$@"; }
roundtrip() { run timeout 40 "$tbdiag" roundtrip --ca-file cert.pem --token-file token "$@"; }
flat() { tr -s ' \n' ' ' <"$out"; }
says() { flat | grep -qF -e "$1"; }
no_token() { ! grep -qF "$(cat token)" "$out" "$err"; }

free_port() {
  /usr/bin/python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'
}
until_open() {
  /usr/bin/python3 - "$1" "${2:-127.0.0.1}" <<'PYTHON'
import socket, sys, time
for _ in range(400):
    try:
        socket.create_connection((sys.argv[2], int(sys.argv[1])), 1).close()
        break
    except OSError:
        time.sleep(0.025)
else:
    sys.exit(1)
PYTHON
}
start_server() {
  "$@" >server.log 2>&1 &
  peer_pid=$!
  tap_pids="$tap_pids $peer_pid"
  until_open "$port"
}
listen() { peer_start python listeners.py "$@"; }

# ---- PROXY protocol, by peers that are as long as ThingsBoard's netty is patient ----------------------

listen header
roundtrip --timeout 3 "mqtt://127.0.0.1:$port"
check 'live-D3 silence up to 108 bytes, closed at more: status' status_is 2
check 'live-D3 proxy.header-expected' says 'critical proxy.header-expected'
check 'live-D3 how it was told' says 'MQTT CONNECT of 109 bytes: closed'
check 'live-C2 nothing is said of a server that is starting' test -z "$(flat | grep -oF 'mqtt.no-connack')"
check 'live-D3 without the token' no_token
verify --timeout 6 "mqtts://127.0.0.1:$port"
check 'live-D3 ClientHello closed, CONNECT met by silence: status' status_is 2
check 'live-D3 ClientHello closed, CONNECT met by silence' says 'critical proxy.header-expected'
check_not 'live-D3 no other finding' says 'tls.closed'
check_not 'live-D3 no word of a block' says 'ten wrong tokens'
peer_stop

listen close
verify --timeout 6 "mqtts://127.0.0.1:$port"
check 'live-D3 all is closed: not the PROXY protocol' says 'critical tls.closed'
check 'live-D3 all is closed: a block, for a minute' says 'for 60 s after ten wrong tokens'
check 'ticket-f10 all is closed: the server behind' says 'does not reach the server behind it'
check 'ticket-f08 all is closed: a header that is not expected' says 'PROXY header that it does not expect'
check_not 'ticket-f10 no word of switching TLS on' says 'MQTT_SSL_ENABLED'
peer_stop

run "$tbdiag" verify --proxy-protocol v3 localhost
check 'proxy-protocol wants v1 or v2' status_is 3
run "$tbdiag" roundtrip --proxy-protocol v1 --token-file token coap://127.0.0.1:1
check 'proxy-protocol is for TCP' status_is 3

# ---- PROXY protocol, by haproxy -----------------------------------------------------------------------

if command -v haproxy >/dev/null && command -v mosquitto >/dev/null; then
  broker=$(free_port)
  printf 'listener %s 127.0.0.1\nallow_anonymous true\n' "$broker" >mosquitto.conf
  port=$broker
  start_server mosquitto -c mosquitto.conf
  for name in wants wants_tls sends ends dead dead_tls; do
    eval "$name=$(free_port)"
  done
  # shellcheck disable=SC2154
  cat >haproxy.cfg <<CONF
defaults
  mode tcp
  timeout connect 1s
  retries 0
  timeout client 20s
  timeout server 20s
listen wants
  bind 127.0.0.1:$wants accept-proxy
  server s 127.0.0.1:$broker
listen wants_tls
  bind 127.0.0.1:$wants_tls ssl crt $tap_dir/both.pem accept-proxy
  server s 127.0.0.1:$broker
listen sends
  bind 127.0.0.1:$sends
  server s 127.0.0.1:$broker send-proxy
listen ends
  bind 127.0.0.1:$ends ssl crt $tap_dir/both.pem
  server s 127.0.0.1:$broker
listen dead
  bind 127.0.0.1:$dead
  server s 127.0.0.1:1
listen dead_tls
  bind 127.0.0.1:$dead_tls ssl crt $tap_dir/both.pem
  server s 127.0.0.1:1
CONF
  port=$ends
  start_server haproxy -db -f haproxy.cfg

  verify "mqtts://localhost:$wants_tls"
  check 'ticket-f07 haproxy with accept-proxy: status' status_is 2
  check 'ticket-f07 haproxy with accept-proxy' says 'critical proxy.header-expected'
  check 'ticket-f07 proved by a header' says 'answers with one (TLS, TLS1.3)'
  check_not 'ticket-f07 one finding' says 'tcp.reset'
  command=$(flat | grep -oE "tbdiag verify --proxy-protocol v1 mqtts://[^ ]*")
  # shellcheck disable=SC2086
  run timeout 40 "$tools/tbdiag" ${command#tbdiag } --ca-file cert.pem
  check 'ticket-f07 the command that is proposed' status_is 0
  verify --proxy-protocol v2 "mqtts://localhost:$wants_tls"
  check 'live-D3 v2' status_is 0
  roundtrip --read-only --proxy-protocol v2 "mqtt://localhost:$wants"
  check 'live-D3 v2 before MQTT' says 'mqtt.ok'
  roundtrip "mqtt://localhost:$wants"
  check 'ticket-f07 in clear' says 'answers with one (CONNACK 0'
  check 'ticket-f07 in clear: one finding of it' test "$(grep -c '^critical' "$out")" = 1

  roundtrip --proxy-protocol v1 "mqtt://localhost:$broker"
  check 'ticket-f08 a header that mosquitto does not expect: status' status_is 2
  check 'ticket-f08 a header that mosquitto does not expect' says 'critical proxy.header-unexpected'
  check 'ticket-f08 the server, where it is ThingsBoard' says 'export MQTT_PROXY_PROTOCOL_ENABLED=true'
  verify --proxy-protocol v1 "mqtts://localhost:$ends"
  check 'ticket-f09 a header before TLS that is not expected' says 'critical proxy.header-unexpected'
  command=$(flat | grep -oE "tbdiag verify mqtts://[^ ]*" | head -n 1)
  # shellcheck disable=SC2086
  run timeout 40 "$tools/tbdiag" ${command#tbdiag } --ca-file cert.pem
  check 'ticket-f09 the command that is proposed' status_is 0
  roundtrip "mqtt://localhost:$sends"
  check 'ticket-f08 a proxy that sends one: named' says 'sends a PROXY header that the server does not expect'

  roundtrip "mqtts://localhost:$dead_tls"
  check 'ticket-f14 TLS ends at haproxy, nothing behind: status' status_is 2
  check 'ticket-f14 TLS ends at haproxy, nothing behind' says 'critical proxy.backend-down'
  check_not 'ticket-f14 one finding' says 'mqtt.closed-before-connack'
  check 'ticket-f14 where to look' says "ss -ltn 'sport = :1883'"
  verify "mqtts://localhost:$dead"
  check 'ticket-f10 TCP passed on to nothing' says 'does not reach the server behind it'
  roundtrip --read-only "mqtts://localhost:$ends"
  check 'ticket-f14 with a server behind' says 'mqtt.ok'
else
  skip 'ticket-f07 ticket-f08 ticket-f09 ticket-f14' 'haproxy or mosquitto is not installed'
fi

if command -v stunnel4 >/dev/null; then
  port=$(free_port)
  cat >stunnel.conf <<CONF
foreground = yes
pid =
cert = $tap_dir/both.pem
[mqtt]
accept = 127.0.0.1:$port
connect = 127.0.0.1:1
CONF
  start_server stunnel4 stunnel.conf
  roundtrip "mqtts://localhost:$port"
  check 'ticket-f11 TLS ends at stunnel, nothing behind' says 'critical proxy.backend-down'
  peer_stop
else
  skip 'ticket-f11 stunnel' 'stunnel4 is not installed'
fi

# ---- starting, on the usual ports of an address of its own --------------------------------------------

here=127.57.11.1
listen silent $here:1883 $here:8883
roundtrip --timeout 2 "mqtt://$here"
check 'live-D8 MQTT silent, HTTP closed: status' status_is 2
check 'live-D8 MQTT silent, HTTP closed' says 'critical server.starting'
check 'live-D8 the other ports' says "$here port 8883: open; $here port 8080: refused; UDP,"
check 'live-D8 a start that failed half-way' says "grep -A 20 'Application run failed'"
check 'live-D8 systemctl is no witness' says 'systemctl says active'
check 'live-C4 how long' says '10 to 20 s late'
check_not 'live-D8 one finding' says 'mqtt.no-connack'
for scheme in http://$here:8080 https://$here coaps://$here; do
  roundtrip "$scheme"
  check "live-D8 $scheme: starting, too" says 'critical server.starting'
  check_not "live-D8 $scheme: no default is proposed" says 'HTTP_BIND_PORT=8080'
done
peer_stop
listen silent 127.57.11.2:1883
roundtrip --timeout 2 mqtt://127.57.11.2
check 'live-D8 half dead: one port of MQTT alone' says 'critical server.starting'
peer_stop
listen silent 127.57.11.3:1883 127.57.11.3:8883 127.57.11.3:8080
roundtrip --timeout 2 mqtt://127.57.11.3
check 'live-D8 HTTP is there: it is not starting' says 'critical mqtt.no-connack'
check 'live-C4 no-connack: how long' says '10 to 20 s late'
peer_stop

# ---- closed for one reason ----------------------------------------------------------------------------

listen silent 127.57.11.4:8080
verify mqtts://127.57.11.4
check 'live-D13 MQTT is off as a whole' says 'MQTT is off there as a whole, while HTTP answers'
check 'live-D13 the setting' says 'export MQTT_ENABLED=true'
check_not 'live-D13 not that of TLS' says 'MQTT_SSL_ENABLED=true'
check 'ticket-i08 another address' says 'MQTT_BIND_ADDRESS'
run timeout 40 "$tbdiag" roundtrip --token-file token --timeout 2 --transports mqtts,mqtt,http:8080 127.57.11.4
check 'live-D13 several transports: information' says 'MQTT is off at 127.57.11.4'
peer_stop

# https refused, HTTP's own port open: what it speaks was looked at, and the command that is proposed is right.
own_port() {
  command=$(flat | grep -oE "tbdiag (verify|roundtrip) $1://127[.]57[.]11[.]6:8080( --ca-file [^ ]*)?" | head -n 1)
  # shellcheck disable=SC2086 # a list of words
  [ -n "$command" ] && run timeout 40 "$tbdiag" ${command#tbdiag }
}
start_tls() {
  openssl s_server -accept 127.57.11.6:8080 -cert cert.pem -key key.pem -www >server.log 2>&1 &
  peer_pid=$!
  tap_pids="$tap_pids $peer_pid"
  until_open 8080 127.57.11.6
}
if start_tls; then
  verify https://127.57.11.6
  check 'live-D11 443 is closed: tcp.refused' says 'critical tcp.refused'
  check 'live-D11 8080 was looked at: TLS' says 'which is open there; 80 and 443 are those of a proxy before it. Here it speaks TLS:'
  check_not 'live-D11 no word of clear text' says 'tbdiag roundtrip http://'
  check 'live-D11 what is proposed' own_port https
  check 'live-D11 it is right' says 'ok ca.ok'
  roundtrip http://127.57.11.6
  check 'live-D11 80 is closed: 8080 speaks TLS' says 'Here it speaks TLS: tbdiag verify https://127.57.11.6:8080'
  check 'live-D11 without the token' no_token
  peer_stop
else
  fail 'live-D11 openssl s_server on 127.57.11.6:8080'
fi
/usr/bin/python3 -m http.server --bind 127.57.11.6 8080 >server.log 2>&1 &
peer_pid=$!
tap_pids="$tap_pids $peer_pid"
until_open 8080 127.57.11.6
verify https://127.57.11.6
check 'live-D11 8080 was looked at: in clear' says 'Here it answers in clear: tbdiag roundtrip http://127.57.11.6:8080'
check_not 'live-D11 no handshake is proposed' says 'tbdiag verify https://127.57.11.6:8080'
peer_stop
listen silent 127.57.11.7:8080
verify --timeout 4 https://127.57.11.7
check 'refused: the command that is proposed has the trust source' says 'tbdiag verify https://127.57.11.7:8080 --ca-file cert.pem'
check 'live-D11 8080 does not answer: nothing is known of it' says 'With SSL_ENABLED=true that port speaks TLS, else not, which this tells:'
peer_stop

verify mqtts://127.57.11.5
check 'ticket-i08 nothing is open: the address it listens on' says 'listens on another address of that machine only'
check 'ticket-i08 mosquitto' says 'a mosquitto without a `listener` line serves its own machine alone'
check 'ticket-i01 in a container, the side of the client' says 'localhost is that container'
check 'ticket-i01 in a container, the side of the server' says 'docker run -p'
roundtrip coap://127.57.11.5
check 'live-D12 CoAP in clear: nothing listens' says 'critical tcp.refused'
check 'live-D12 CoAP in clear: status' status_is 2
check_not 'live-D12 CoAP in clear: no word of firewalls' says 'firewall'
run timeout 40 "$tbdiag" roundtrip --token-file token --all-transports 127.57.11.5
check 'live-D12 all transports: status' status_is 2
check 'live-D12 all transports: no port is open' says 'no ThingsBoard port is open at 127.57.11.5: mqtts:8883'
check 'live-D12 all transports: said once' test "$(grep -c '^critical' "$out")" = 1

# mosquitto's local mode, and the line that ends it.
if command -v mosquitto >/dev/null; then
  port=$(free_port)
  printf 'port %s\nallow_anonymous true\nbind_address 127.0.0.1\n' "$port" >local.conf
  start_server mosquitto -c local.conf
  roundtrip "mqtt://127.57.11.6:$port"
  check 'ticket-i08 mosquitto in local mode' says '`listener` line'
  peer_stop
  printf 'listener %s 0.0.0.0\nallow_anonymous true\n' "$port" >local.conf
  start_server mosquitto -c local.conf
  roundtrip --read-only "mqtt://127.57.11.6:$port"
  check 'ticket-i08 with a listener line' says 'mqtt.ok'
  peer_stop
fi

# ---- names ---------------------------------------------------------------------------------------------

preload() {
  run env LD_PRELOAD="$abs_top_builddir/tests/.libs/resolver.so" TEST_RESOLVER=no-name \
    ASAN_OPTIONS="verify_asan_link_order=0:${ASAN_OPTIONS-}" "$tbdiag" verify "$1"
}
preload tb
check 'ticket-i06 a name without a dot' says 'completed by the search domain'
preload tb.local
check 'ticket-i06 a name in .local' says 'asked for by mDNS'
preload tb.example.com
check_not 'ticket-i06 another name' says mDNS

# ---- waiting -------------------------------------------------------------------------------------------

listen later 127.57.11.6 3
roundtrip --read-only --wait 30 --timeout 5 "mqtt://127.57.11.6:$port"
check 'live-D8 wait: the server answers in the end' says 'mqtt.ok'
check 'live-D8 wait: it is said how long it took' says 'note: --wait: the server answered after'
check 'live-D8 wait: without the token' no_token
peer_stop
verify --wait 2 mqtts://127.57.11.5
check 'live-D8 wait: in vain: status' status_is 2
check 'live-D8 wait: in vain: said' says '--wait: the server was not ready after'
run_measured timeout 40 "$tbdiag" verify --wait 30 --ca-file cert.pem mqtts://does-not-exist.invalid
check 'live-D8 wait: not for what time does not mend' test "$took" -lt 20000

done_testing
