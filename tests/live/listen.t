#!/bin/sh
# SPDX-License-Identifier: MIT
#
# listen.t - a chain is shown to real clients, and what they make of it is told; no client can harm, and no token is
# shown.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

token=SECRETTOKENOFTWENTYCH

# ---- certificates ---------------------------------------------------------------------------------

# root NAME: NAME.pem and NAME.key.
root() {
  openssl ecparam -name prime256v1 -genkey -noout -out "$1.key"
  openssl req -x509 -key "$1.key" -subj "/CN=$1" -addext keyUsage=critical,keyCertSign,cRLSign -days 900 \
    -out "$1.pem" 2>/dev/null
}
# leaf NAME KEY-ARGUMENTS EXTENSION...: NAME.pem and NAME.key, signed by root.pem.
leaf() {
  leaf=$1
  # shellcheck disable=SC2086
  openssl genpkey -quiet $2 -out "$leaf.key" 2>/dev/null || openssl genpkey $2 -out "$leaf.key" 2>/dev/null
  shift 2
  printf '%s\n' authorityKeyIdentifier=keyid "$@" >leaf.ext
  openssl req -new -key "$leaf.key" -subj /CN=server |
    openssl x509 -req -CA root.pem -CAkey root.key -extfile leaf.ext -days "${days:-300}" -out "$leaf.pem" 2>/dev/null
}
root root
root other
names=subjectAltName=DNS:mqtt.example.com,DNS:localhost
leaf server '-algorithm EC -pkeyopt ec_paramgen_curve:P-256' "$names"
leaf rsa '-algorithm RSA' "$names"
leaf client '-algorithm EC -pkeyopt ec_paramgen_curve:P-256' "$names" extendedKeyUsage=clientAuth
days=0 # over after this second
leaf expired '-algorithm EC -pkeyopt ec_paramgen_curve:P-256' "$names"
i=0
while [ $i -lt 99 ]; do
  cat rsa.pem
  i=$((i + 1))
done >long.pem

# ---- listening ------------------------------------------------------------------------------------

# listen_start OPTION...: its objects go to devices.json, its words to listen.err; $port, $listen_pid.
listen_start() {
  : >devices.json
  : >listen.err
  env --default-signal "$tbdiag" listen --listen 127.0.0.1:0 --patience 0.7 --format json "$@" \
    >>devices.json 2>>listen.err &
  listen_pid=$!
  tap_pids="$tap_pids $listen_pid"
  until grep -q ' shows ' listen.err; do
    kill -0 $listen_pid 2>/dev/null || return
    sleep 0.05
  done
  port=$(sed -nE 's/.*127\.0\.0\.1:([0-9]+) shows.*/\1/p' listen.err)
  devices=0
}
listen_stop() { end_of "$listen_pid" INT; }

# await [COUNT]: that many devices more have been told of; the last one is in $out.
await() {
  devices=$((devices + ${1:-1}))
  tries=0
  until [ "$(wc -l <devices.json)" -ge $devices ] || [ $tries -gt 600 ]; do
    sleep 0.05
    tries=$((tries + 1))
  done
  tail -n 1 devices.json >"$out"
  cp listen.err "$err"
}
field() { /usr/bin/python3 -c 'import json, sys; print(json.load(open(sys.argv[1]))[sys.argv[2]])' "$out" "$1"; }
hello_has() { # LIST VALUE
  /usr/bin/python3 -c 'import json, sys
sys.exit(sys.argv[3] not in json.load(open(sys.argv[1]))["hello"][sys.argv[2]])' "$out" "$1" "$2"
}
# told WHAT END ALERT: of the last device.
told() {
  check "$1: $2 $3" test "$(field end) $(field alert)" = "$2 $3"
  check "$1: the object fits its schema" out_fits_schema
}
# meets WHAT END ALERT COMMAND...: a client, and what is told of it.
meets() {
  meets_what=$1 meets_end=$2 meets_alert=$3
  shift 3
  "$@" >client.out 2>&1 </dev/null
  await
  told "$meets_what" "$meets_end" "$meets_alert"
}
has() { command -v "$1" >/dev/null; }

# ---- clients --------------------------------------------------------------------------------------

s_client() { timeout 60 openssl s_client -connect "127.0.0.1:$port" -servername mqtt.example.com -verify_return_error "$@"; }
with_curl() { # NAME CA
  timeout 60 curl -sS --resolve "$1:$port:127.0.0.1" --cacert "$2" "https://$1:$port/"
}
with_gnutls() { # NAME CA
  timeout 60 gnutls-cli --verify-hostname "$1" --sni-hostname "$1" --x509cafile "$2" -p "$port" 127.0.0.1
}
with_mosquitto() { # HOST CA
  timeout 60 mosquitto_pub -h "$1" -p "$port" --cafile "$2" -u $token -t v1/devices/me/telemetry -m '{}'
}
with_paho() { # CA
  timeout 60 /usr/bin/python3 - "$port" "$1" $token <<'PYTHON'
import sys
import paho.mqtt.client as mqtt
make = getattr(mqtt, "CallbackAPIVersion", None)
client = mqtt.Client(make.VERSION2) if make else mqtt.Client()
client.username_pw_set(sys.argv[3])
client.tls_set(ca_certs=sys.argv[2])
client.connect("localhost", int(sys.argv[1]))
PYTHON
}

listen_start --chain-file server.pem
check 'it says that no token can arrive' grep -q 'no token can arrive' listen.err
check 'it says that only this machine reaches it' grep -q 'lets a device in from the network' listen.err
meets 'openssl, right CA' went-on 51 s_client -CAfile root.pem
check 'openssl, right CA: accepted' test "$(field verdict)" = accepted
check 'what it offers: the versions' hello_has versions 'TLS 1.3'
check 'what it offers: the suites' hello_has suites TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
check 'what it offers: the groups' hello_has groups x25519
check 'what it offers: the signatures' hello_has signatures ecdsa_secp256r1_sha256
check 'what it offers: the server name' grep -q '"server_name":"mqtt.example.com"' "$out"
check 'the chain is named by its first certificate' \
  test "$(field served_sha256)" = "$(openssl x509 -in server.pem -outform DER | sha256sum | cut -d ' ' -f 1)"
meets 'openssl, wrong CA' alert 48 s_client -CAfile other.pem
check 'openssl, wrong CA: refused' test "$(field verdict)" = refused
check 'openssl, wrong CA: by name' test "$(field alert_name)" = unknown_ca
meets 'openssl, another name' alert 42 s_client -CAfile root.pem -verify_hostname other.example.com
meets 'openssl, ALPN' went-on 51 s_client -CAfile root.pem -alpn mqtt
check 'openssl, ALPN: it is told' hello_has alpn mqtt
meets 'openssl, TLS 1.3 alone' version None s_client -CAfile root.pem -tls1_3
check 'TLS 1.3 alone: why it is not judged' grep -q "cannot be judged without the server's key" "$out"
meets 'openssl, TLS 1.1 at most' version None s_client -CAfile root.pem -tls1_1 -cipher ALL:@SECLEVEL=0
check 'TLS 1.1 at most: so it is said' grep -q 'offers nothing newer than TLS 1.1' "$out"
meets 'openssl, no suite for the key' cipher None s_client -CAfile root.pem -tls1_2 -cipher aRSA
for client in curl gnutls-cli mosquitto_pub; do
  if ! has $client; then
    skip "$client" "$client is not installed"
    continue
  fi
  case $client in
  curl)
    meets 'curl, right CA' went-on 51 with_curl mqtt.example.com root.pem
    meets 'curl, wrong CA' alert 48 with_curl mqtt.example.com other.pem
    meets 'curl, another name: it looks later' went-on 51 with_curl other.example.com root.pem
    ;;
  gnutls-cli)
    meets 'gnutls-cli, right CA' went-on 51 with_gnutls mqtt.example.com root.pem
    meets 'gnutls-cli, wrong CA' alert 42 with_gnutls mqtt.example.com other.pem
    meets 'gnutls-cli, another name' alert 42 with_gnutls other.example.com root.pem
    ;;
  mosquitto_pub)
    meets 'mosquitto_pub, right CA' went-on 51 with_mosquitto localhost root.pem
    meets 'mosquitto_pub, wrong CA' alert 48 with_mosquitto localhost other.pem
    meets 'mosquitto_pub without TLS' plain None \
      timeout 60 mosquitto_pub -h 127.0.0.1 -p "$port" -u $token -t v1/devices/me/telemetry -m '{}'
    check 'mosquitto_pub without TLS: so it is said' test "$(field protocol)" = 'MQTT 3.1.1'
    check 'mosquitto_pub without TLS: how long the token is' test "$(field token_len)" = 21
    ;;
  esac
done
if /usr/bin/python3 -c 'import paho.mqtt.client' 2>/dev/null; then
  meets 'paho, right CA' went-on 51 with_paho root.pem
  meets 'paho, wrong CA' alert 48 with_paho other.pem
else
  skip 'paho' 'python3-paho-mqtt is not installed'
fi
if has curl; then
  meets 'HTTP without TLS' plain None timeout 60 curl -sS "http://127.0.0.1:$port/api/v1/$token/telemetry" -d '{}'
  check 'HTTP without TLS: so it is said' test "$(field protocol)" = HTTP
  check 'HTTP without TLS: how long the token is' test "$(field token_len)" = 21
fi

# What devices run, as far as it is built: what each says to the right CA and a key exchange that nobody signed, and how
# it refuses a wrong CA, another name, and, by its clock, a certificate that is not valid yet or any more. (wolfSSL does
# not load a CA that is not valid yet.)
with_stack() { # STACK CA NAME TIME
  /usr/bin/python3 - "$2" "$3" "$4" >stack.json <<'PYTHON'
import base64, json, ssl, sys
chain = base64.b64encode(ssl.PEM_cert_to_DER_cert(open("server.pem").read())).decode()
trust = base64.b64encode(open(sys.argv[1], "rb").read()).decode()
print(json.dumps({"chain": [chain], "trust": trust, "host": sys.argv[2], "time": int(sys.argv[3]), "modes": ["default"]}))
PYTHON
  timeout 60 "$tools/stacks/stack-$1" --connect "127.0.0.1:$port" <stack.json
}
# stack_meets WHAT END:ALERT STACK CA NAME TIME; nothing for "-".
stack_meets() {
  stack_what=$1 stack_end=$2
  [ "$stack_end" != - ] || return 0
  shift 2
  meets "$1, $stack_what" "${stack_end%:*}" "${stack_end#*:}" with_stack "$@"
}
now=$(date +%s)
# What it says to a signature that is none.
case $("$tools/stacks/stack-wolfssl" --list 2>/dev/null) in *'"5.7'*) false_signature=40 ;; *) false_signature=None ;; esac
while read -r stack right wrong name early late; do
  if [ ! -x "$tools/stacks/stack-$stack" ]; then
    skip "$stack" "stack-$stack is not built"
    continue
  fi
  stack_meets 'right CA' "$right" "$stack" root.pem mqtt.example.com "$now"
  stack_meets 'wrong CA' "$wrong" "$stack" other.pem mqtt.example.com "$now"
  stack_meets 'another name' "$name" "$stack" root.pem other.example.com "$now"
  stack_meets 'not valid yet' "$early" "$stack" root.pem mqtt.example.com 1500000000
  stack_meets 'not valid any more' "$late" "$stack" root.pem mqtt.example.com $((now + 600 * 86400))
done <<STACKS
openssl went-on:51   alert:48    alert:42    alert:42    alert:45
gnutls  went-on:51   alert:42    alert:42    alert:42    alert:42
mbedtls went-on:51   alert:48    alert:42    alert:46    alert:45
wolfssl went-on:$false_signature alert:48    alert:42    -           alert:45
bearssl went-on:None closed:None closed:None closed:None closed:None
STACKS

# ---- clients that mean no good --------------------------------------------------------------------

hostile() { timeout 60 /usr/bin/python3 "$abs_top_srcdir/tests/peers/hostile-device.py" "$1" "$port"; }
meets 'nothing' nothing None hostile nothing
meets 'garbage' alien None hostile garbage
meets 'half of a ClientHello' partial None hostile half
meets 'a ClientHello byte by byte' waited None hostile bytes
check 'a ClientHello byte by byte: the chain was shown' grep -q '^22 ' client.out
meets 'a huge ClientHello' alien None hostile huge
check_not 'a huge ClientHello is cut off' grep -q 'still open' client.out
meets 'the hello of SSL 2' version None hostile ssl2
meets 'data for ever' waited None hostile chatty
check_not 'data for ever is cut off' grep -q 'still open' client.out
meets 'a token in two pieces' plain None hostile token
check 'a token in two pieces: how long it is' test "$(field token_len)" = 21
meets 'names that command a terminal' waited None hostile names
check 'names that command a terminal are escaped' out_has '\\x1b]0;owned\\x07'
meets 'lists without end' waited None hostile lists
meets 'a client that judges when the next message is there, as Go does' alert 42 hostile late
check 'a client that judges late: refused' test "$(field verdict)" = refused
hostile many
timeout 60 openssl s_client -connect "127.0.0.1:$port" -servername after.example.com -CAfile other.pem \
  -verify_return_error >client.out 2>&1 </dev/null
tries=0
until grep -q after.example.com devices.json || [ $tries -gt 600 ]; do
  sleep 0.05
  tries=$((tries + 1))
done
check '1000 connections at once: it still serves' grep -q '"alert":48.*after.example.com' devices.json
peak=$(sed -n 's/^VmHWM:[^0-9]*\([0-9]*\) kB/\1/p' "/proc/$listen_pid/status")
sanitized || check '1000 connections at once take little memory' test "$peak" -lt 40000

# ---- the end --------------------------------------------------------------------------------------

listen_stop
status=$ended
cp listen.err "$err"
check 'SIGINT ends it as a signal does' status_is 130
check 'it counts' err_has "$(wc -l <devices.json) devices: "
check_not 'no token in what it tells' grep -q $token devices.json listen.err
/usr/bin/python3 - <<'PYTHON' >"$out" 2>"$err"
import json
numbers = [json.loads(line)["number"] for line in open("devices.json")]
assert numbers == list(range(1, len(numbers) + 1)), numbers
PYTHON
status=$?
check 'an object a device, numbered' status_is 0

# once WHAT STATUS CHAIN CLIENT...: --once, and its exit status.
once() {
  once_what=$1 once_status=$2 once_chain=$3
  shift 3
  listen_start --once --chain-file "$once_chain"
  "$@" >client.out 2>&1 </dev/null
  wait "$listen_pid"
  status=$?
  await
  check "--once, $once_what: exit status" status_is "$once_status"
}
once 'accepted' 0 server.pem s_client -CAfile root.pem
once 'refused' 2 server.pem s_client -CAfile other.pem
once 'no verdict' 1 server.pem s_client -CAfile root.pem -tls1_3
once 'an RSA key' 0 rsa.pem s_client -CAfile root.pem -cipher aRSA
once 'expired' 2 expired.pem s_client -CAfile root.pem
told 'expired' alert 45
once 'a client certificate' 2 client.pem s_client -CAfile root.pem
told 'a client certificate' alert 43
once 'a chain that nobody reads' 1 long.pem hostile deaf
told 'a chain that nobody reads' stuck None

# ---- text -----------------------------------------------------------------------------------------

listen_start --chain-file server.pem --format text
s_client -CAfile other.pem >client.out 2>&1 </dev/null
s_client -CAfile other.pem >client.out 2>&1 </dev/null
tries=0
until grep -q 'the same as device 1' devices.json || [ $tries -gt 600 ]; do
  sleep 0.05
  tries=$((tries + 1))
done
listen_stop
cp devices.json "$out"
check 'text: what it did' out_has '  refused the chain by alert 48 (unknown_ca)'
check 'text: what that means' out_has 'It does not trust the issuer'
check 'text: what it offers' out_has TLS_ECDHE_ECDSA_WITH_AES_128_GCM_SHA256
check 'text: what it offers is told once' test "$(grep -c '^    suites ' "$out")" = 1
confirm=$(grep -m 1 '^ *tbdiag verify ' "$out")
PATH=$tools:$PATH
cp other.pem device-ca.pem
run sh -c "$confirm"
check 'the command that it names shows the fault' status_is 2
check 'the command that it names shows which' out_has ca.
cp root.pem device-ca.pem
run sh -c "$confirm"
check 'the fault is gone with the right file' status_is 0

listen_start --chain-file server.pem --format text -q
s_client -CAfile other.pem >client.out 2>&1 </dev/null
tries=0
until [ -s devices.json ] || [ $tries -gt 600 ]; do
  sleep 0.05
  tries=$((tries + 1))
done
listen_stop
check '-q: one line' grep -qE '^1 +127\.0\.0\.1:[0-9]+  refused the chain by alert 48 \(unknown_ca\)$' devices.json
check '-q: no more than one' test "$(wc -l <devices.json)" = 1

# ---- where it listens -----------------------------------------------------------------------------

listen_start --chain-file server.pem --listen 0.0.0.0:0
listen_stop
check_not '--listen 0.0.0.0 is not for this machine only' grep -q 'only this machine' listen.err
if [ -e /proc/net/if_inet6 ] && grep -q '^0*1 ' /proc/net/if_inet6; then
  listen_start --chain-file server.pem --listen '[::1]:0'
  listen_stop
  check '--listen [::1]' grep -qE '\[::1\]:[0-9]+ shows' listen.err
  check '--listen [::1] is for this machine only' grep -q 'only this machine' listen.err
else
  skip '--listen [::1]' 'this machine has no IPv6'
fi

# ---- where the chain comes from -------------------------------------------------------------------

peer_start python tls-server.py server.pem server.key
listen_start "localhost:$port"
check 'the chain of a target' grep -q 'shows 1 certificate of mqtts://localhost:' listen.err
check 'the chain of a target: the name to use' grep -q 'as localhost, by the DNS' listen.err
meets 'the chain of a target' went-on 51 s_client -CAfile root.pem
listen_stop
peer_stop
run timeout 60 "$tbdiag" listen --timeout 5 --listen 127.0.0.1:0 localhost:1
check 'no chain to be had: exit status' status_is 3
check 'no chain to be had: why' err_has 'there is no chain to show: '

# ---- wrong options --------------------------------------------------------------------------------

run "$tbdiag" listen --chain-file server.pem --listen nowhere
check 'no address: exit status' status_is 3
check 'no address: what is wanted' err_has '--listen wants ADDRESS[:PORT]'
peer_start python listeners.py close
run "$tbdiag" listen --chain-file server.pem --listen "127.0.0.1:$port"
check 'a port that is taken: exit status' status_is 3
check 'a port that is taken: what to do' err_has 'names another port'

done_testing
