#!/bin/sh
# SPDX-License-Identifier: MIT
#
# second-handshake.t - what another handshake tells that one does not: by TLS 1.2, with and without server name, with an
# application protocol; and alerts about a client certificate. Against openssl s_server, nginx, haproxy.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

# has_finding SEVERITY ID

# no_trouble: neither a warning nor worse.
no_trouble() { ! grep -qE '^(warning|critical)  ' "$out"; }

# ---- certificates ---------------------------------------------------------------------------------

# make_ca NAME: NAME.pem and NAME-key.pem
make_ca() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -subj "/CN=$1" -days 30 \
    -keyout "$1-key.pem" -out "$1.pem" -addext keyUsage=critical,keyCertSign,cRLSign 2>/dev/null
}

# issue CA NAME KEY EXTENSION...: NAME.pem, NAME-key.pem and NAME.csr; KEY is rsa or ec.
issue() {
  issuer=$1 name=$2 kind=$3
  shift 3
  [ "$kind" = ec ] && set -- "$@" && algorithm='ec -pkeyopt ec_paramgen_curve:P-256' || algorithm=rsa:2048
  printf '%s\n' basicConstraints=CA:FALSE subjectAltName=DNS:localhost,DNS:tb.example.test "$@" >"$name.ext"
  # shellcheck disable=SC2086 # words
  openssl req -newkey $algorithm -nodes -subj "/CN=$name" -keyout "$name-key.pem" -out "$name.csr" 2>/dev/null
  openssl x509 -req -in "$name.csr" -CA "$issuer.pem" -CAkey "$issuer-key.pem" -CAcreateserial -days 20 \
    -extfile "$name.ext" -out "$name.pem" 2>/dev/null
}

make_ca ca && make_ca other
issue ca rsa rsa && issue ca ec ec && issue other stranger ec || exit 99

# ---- peers ----------------------------------------------------------------------------------------

# free_port: a port that nobody listens on, for servers that cannot choose one themselves.
free_port() {
  /usr/bin/python3 -c 'import socket
with socket.socket() as s:
    s.bind(("127.0.0.1", 0)); print(s.getsockname()[1])'
}

# wait_for PORT: until somebody listens there.
wait_for() {
  /usr/bin/python3 - "$1" <<'PYTHON'
import socket, sys, time
for _ in range(200):
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1).close()
        sys.exit(0)
    except OSError:
        time.sleep(0.05)
sys.exit(1)
PYTHON
}

# start COMMAND...: a server on $port, which stands in its arguments; it ends by peer_stop.
start() {
  "$@" >server.log 2>&1 </dev/null &
  peer_pid=$!
  tap_pids="$tap_pids $peer_pid"
  wait_for "$port" || fail "$1 listens on $port"
}

# s_server CERTIFICATE OPTION...: openssl's
s_server() {
  port=$(free_port)
  certificate=$1
  shift
  start openssl s_server -accept "127.0.0.1:$port" -cert "$certificate.pem" -key "$certificate-key.pem" -quiet "$@"
}

verify() { run "$tbdiag" verify -4 --ca-file ca.pem "$@"; }

# fix_commands: what the text in $out proposes to be pasted.
fix_commands() { sed -n 's/^      \(  \)\{0,1\}\(tbdiag\|openssl\|printf\) /\2 /p' "$out"; }

# run_fix PATTERN: run the first command of the fix that holds it, as pasted.
run_fix() {
  command=$(fix_commands | grep -m 1 -e "$1") || command='echo no such command >&2; false'
  PATH=$tools:$PATH run sh -c "$command"
}

# ---- A7, e01: TLS 1.2 beside 1.3 ------------------------------------------------------------------

s_server rsa
verify "localhost:$port"
check 'ticket-A7 both versions: no trouble' no_trouble
check 'ticket-A7 both versions: both are shown' grep -q '^  TLS 1.2  *TLS1.2 .*ECDHE' "$out"
check 'ticket-A7 both versions: the same chain' grep -q 'the same' "$out"
verify --format json "localhost:$port"
check 'ticket-A7 JSON: fits the schema' out_fits_schema
check 'ticket-A7 JSON: the chain is not written twice' out_has '"same_chain": true'
verify --tls-version 1.3 --format json "localhost:$port"
check 'ticket-A7 --tls-version: no other handshake' out_has '"tls12": null'
peer_stop

s_server rsa -cipher ECDHE-ECDSA-AES128-GCM-SHA256
verify "localhost:$port"
check 'ticket-e01 suites for another key: exit status' status_is 1
check 'ticket-e01 suites for another key: tls.old-version-fails' has_finding warning tls.old-version-fails
check 'ticket-e01 suites for another key: the verdict of 1.3 stays' has_finding ok ca.ok
check 'ticket-e01 suites for another key: by which alert' grep -q '^  TLS 1.2  *alert 40' "$out"
check 'ticket-e01 suites for another key: which suites fit' out_has 'ECDHE-RSA-AES128-GCM-SHA256'
run_fix '--tls-version 1.2'
check 'ticket-e01 what such a device meets' has_finding critical tls.cipher
peer_stop
s_server rsa -cipher ECDHE-RSA-AES128-GCM-SHA256
verify "localhost:$port"
check 'ticket-e01 with the suite that is named: no trouble' no_trouble
peer_stop

s_server ec -tls1_3
verify "localhost:$port"
check 'ticket-A7 1.3 only: tls.old-version-fails' has_finding warning tls.old-version-fails
check 'ticket-A7 1.3 only: what to allow' out_has 'Allow TLS 1.2'
run "$tbdiag" chain -4 --ca-file ca.pem "localhost:$port"
check 'ticket-A7 chain: no other handshake' no_trouble
peer_stop

s_server ec -cipher ECDHE-ECDSA-AES128-GCM-SHA256 # a server that serves one connection at a time
run_measured "$tbdiag" verify -4 --ca-file ca.pem "localhost:$port"
check "ticket-e18 ECDSA: no trouble" no_trouble
check "ticket-A7 one connection at a time: no wait ($took ms)" test "$took" -lt 2500
peer_stop

: >connections
peer_start python tls-peer.py count ec.pem ec-key.pem connections
verify "localhost:$port" --format json
check 'ticket-A7 1.2 only: no trouble' grep -q '"worst": "ok"' "$out"
check 'ticket-A7 1.2 only: no other handshake' out_has '"tls12": null'
peer_stop

peer_start python tls-peer.py by-version rsa.pem rsa-key.pem stranger.pem stranger-key.pem
verify "localhost:$port"
check 'ticket-A7 another chain: tls.old-version-fails' has_finding warning tls.old-version-fails
check 'ticket-A7 another chain: which' grep -q 'old_subject  *CN=stranger' "$out"
run_fix '--tls-version 1.2'
check 'ticket-A7 another chain: such a device refuses it' status_is 2
peer_stop
peer_start python tls-peer.py by-version rsa.pem rsa-key.pem ec.pem ec-key.pem
verify "localhost:$port"
check 'ticket-A7 another chain that is accepted, too: no trouble' no_trouble
check 'ticket-A7 another chain that is accepted, too: shown' grep -qE '^ +(.*CN=ec )?\(verified\)$' "$out"
peer_stop

# What tells nothing is no finding, and is not waited for long.
peer_start python tls-peer.py deaf rsa.pem rsa-key.pem
run_measured "$tbdiag" verify -4 --ca-file ca.pem "localhost:$port"
check 'ticket-A7 silence to TLS 1.2: no finding' no_trouble
check 'ticket-A7 silence to TLS 1.2: shown' grep -q '^  TLS 1.2  *timeout$' "$out"
check "ticket-A7 silence to TLS 1.2: not waited for long ($took ms)" test "$took" -lt 2500
peer_stop
peer_start python tls-peer.py limited rsa.pem rsa-key.pem
verify "localhost:$port"
check 'ticket-A7 one connection a second: no finding' no_trouble
check 'ticket-A7 one connection a second: the first is undisturbed' has_finding ok ca.ok
peer_stop
(umask 077 && echo abcdefghijklmnopqrst >token)
s_server rsa # which keeps the second waiting while the first is open
run_measured "$tbdiag" report -4 --timeout 3 --ca-file ca.pem --token-file token "localhost:$port"
check_not 'ticket-A7 one connection at a time, with a token: nothing of TLS 1.2' out_has tls.old-version-fails
check "ticket-A7 one connection at a time, with a token: in time ($took ms)" test "$took" -lt 6000
peer_stop

# Each address, each port.
s_server rsa -cipher ECDHE-ECDSA-AES128-GCM-SHA256
run "$tbdiag" verify --ca-file ca.pem --all-addresses -4 "localhost:$port"
check 'ticket-A7 --all-addresses' out_has tls.old-version-fails
peer_stop

# A client certificate is shown once, and what is said without it is not counted.
issue ca device ec extendedKeyUsage=clientAuth
s_server rsa -Verify 1 -verify_return_error -CAfile ca.pem
verify --cert device.pem --key device-key.pem "localhost:$port"
check 'ticket-A7 a server that insists on a client certificate: no trouble' no_trouble
peer_stop


# ---- B10: alert 40 to TLS 1.2 ---------------------------------------------------------------------

s_server ec -cipher ECDHE-RSA-AES128-GCM-SHA256
verify --tls-version 1.2 "localhost:$port"
check 'ticket-B10 EC key, RSA suites: tls.cipher' has_finding critical tls.cipher
check_not 'ticket-B10 EC key, RSA suites: not tls.version' out_has tls.version
check 'ticket-B10 EC key, RSA suites: which suites fit' out_has 'ECDHE-ECDSA-AES128-GCM-SHA256'
peer_stop

# ---- B8: keyUsage ---------------------------------------------------------------------------------

issue ca server rsa keyUsage=keyEncipherment,dataEncipherment
s_server server
verify "localhost:$port"
check 'ticket-B8 d15: exit status' status_is 1
check 'ticket-B8 d15: policy.wrong-purpose' has_finding warning policy.wrong-purpose
check 'ticket-B8 d15: what to add' out_has 'add digitalSignature'
check_not 'ticket-B8 d15: the protocol is not blamed' out_has tls.other-protocol
check 'ticket-B8 d15: OpenSSL connects' sh -c "openssl s_client -verify_return_error -CAfile ca.pem \
  -connect 127.0.0.1:$port </dev/null 2>&1 | grep -q 'Verification: OK'"
fix_commands >fix.sh
peer_stop
sed -n '/^printf/p; /^openssl x509/p' fix.sh >sign.sh
cp server-key.pem server_key.pem
cp ca.pem issuer.pem
cp ca-key.pem issuer-key.pem
run sh sign.sh
cp server_new.pem server.pem
s_server server
verify "localhost:$port"
check 'ticket-B8 d15 signed again: no trouble' no_trouble
peer_stop
issue ca server rsa keyUsage=digitalSignature
s_server server -tls1_2 -cipher AES128-GCM-SHA256
verify "localhost:$port"
check 'ticket-B8 a suite that encrypts to the key: policy.wrong-purpose' has_finding warning policy.wrong-purpose
check 'ticket-B8 a suite that encrypts to the key: what to add' out_has 'add keyEncipherment'
peer_stop
issue ca server rsa keyUsage=keyCertSign
s_server server
verify "localhost:$port"
check 'ticket-B8 d10: policy.wrong-purpose' has_finding critical policy.wrong-purpose
check 'ticket-B8 d10: what it is for' out_has 'only for: keyCertSign'
peer_stop

# ---- B14, B15: alerts about the client certificate ------------------------------------------------

issue ca device ec extendedKeyUsage=serverAuth
cp device-key.pem device_key.pem
for version in 1.2 1.3; do
  s_server rsa -Verify 1 -verify_return_error -CAfile ca.pem
  verify --tls-version $version --cert device.pem --key device_key.pem "localhost:$port"
  check "ticket-B14 $version: tls.client-cert-rejected" has_finding critical tls.client-cert-rejected
  check "ticket-B14 $version: its purpose" out_has 'without clientAuth'
  check_not "ticket-B14 $version: its key is not blamed" out_has 'P-256 or RSA key'
  peer_stop
done
# The lines of a command are folded in text, not in JSON.
s_server rsa -Verify 1 -verify_return_error -CAfile ca.pem
verify --format json --cert device.pem --key device_key.pem "localhost:$port"
/usr/bin/python3 - "$out" >sign.sh <<'PYTHON'
import json, sys
report = json.load(open(sys.argv[1], encoding="utf-8"))
fix = next(f["fix"] for f in report["findings"] if f["id"] == "tls.client-cert-rejected")
print("\n".join(line.strip() for line in fix.split("\n") if line.startswith(("  openssl", "  printf"))))
PYTHON
run sh sign.sh
verify --cert device.pem --key device_key.pem "localhost:$port"
check 'ticket-B14 issued as the fix says: no trouble' no_trouble
peer_stop

# What is out of date is the server's list.
cat >ca.cnf <<'CNF'
[ca]
default_ca = it
[it]
database = index.txt
crlnumber = number
default_md = sha256
CNF
: >index.txt
echo 01 >number
openssl ca -config ca.cnf -gencrl -cert ca.pem -keyfile ca-key.pem -crlsec 1 -out crl.pem 2>/dev/null
sleep 2
issue ca device ec extendedKeyUsage=clientAuth
for version in 1.2 1.3; do
  s_server rsa -Verify 1 -verify_return_error -CAfile ca.pem -crl_check -CRL crl.pem
  verify --tls-version $version --cert device.pem --key device-key.pem "localhost:$port"
  check "ticket-B15 $version: tls.client-cert-rejected" has_finding critical tls.client-cert-rejected
  check "ticket-B15 $version: by alert 45" grep -q 'alert  *45' "$out"
  check "ticket-B15 $version: its list is named" out_has 'revocation'
  check_not "ticket-B15 $version: no new certificate" out_has 'Have a new one issued'
  peer_stop
done

# ---- the last words of a peer ---------------------------------------------------------------------

peer_start python tls-peer.py alert-reset 80
for try in 1 2 3 4 5; do
  verify "localhost:$port"
  check "an alert before a reset is read, $try" has_finding critical tls.alert
done
peer_stop

# ---- f06: application protocols -------------------------------------------------------------------

s_server rsa -alpn mqtt
verify --alpn own "localhost:$port"
check 'ticket-f06 s_server: tls.alpn-needed' has_finding critical tls.alpn-needed
check 'ticket-f06 s_server: by which alert' out_has 'no_application_protocol'
run_fix '--alpn mqtt'
check 'ticket-f06 s_server: the command of the fix works' status_is 0
check 'ticket-f06 s_server: agreed on' grep -q '^  ALPN  *mqtt$' "$out"
verify --alpn own,mqtt "localhost:$port"
check 'ticket-f06 several names' grep -q '^  ALPN  *mqtt$' "$out"
run "$tbdiag" report -4 --redact --alpn zyxq "localhost:$port"
check_not 'ticket-f06 a name of the user does not pass redaction' out_has zyxq
peer_stop
for names in '' 'a,,b' "$(printf '%032d' 0)" 'a b' '1,2,3,4,5,6,7,8,9'; do
  verify --alpn "$names" localhost:1
  check "ticket-f06 --alpn '$names': a usage error" status_is 3
done

peer_start python tls-peer.py alpn mqtt rsa.pem rsa-key.pem
run "$tbdiag" roundtrip -4 --ca-file ca.pem --token-file token --connect-to "127.0.0.1:$port" localhost:443
check 'ticket-f06 closes after the handshake: tls.alpn-needed' has_finding critical tls.alpn-needed
check 'ticket-f06 closes after the handshake: the cause' out_has 'therefore critical  mqtt.closed-before-connack'
run "$tbdiag" roundtrip -4 --ca-file ca.pem --token-file token --alpn mqtt \
  --connect-to "127.0.0.1:$port" localhost:443
check_not 'ticket-f06 with the protocol: not any more' out_has tls.alpn-needed
check 'ticket-f06 with the protocol: an answer came' out_has token.
peer_stop

# ---- e16, a20: server names -----------------------------------------------------------------------

# self_signed SUBJECT: built-in.pem, as a proxy makes it at its first start.
self_signed() {
  openssl req -x509 -newkey rsa:2048 -nodes -subj "$1" -days 365 -keyout built-in-key.pem -out built-in.pem \
    -addext subjectAltName=DNS:0123456789abcdef.traefik.default 2>/dev/null
}
self_signed '/CN=TRAEFIK DEFAULT CERT'
s_server built-in -cert2 rsa.pem -key2 rsa-key.pem -servername tb.example.test
verify "localhost:$port"
check 'ticket-a19 traefik: tls.proxy-default-certificate' has_finding critical tls.proxy-default-certificate
check 'ticket-a19 traefik: the route is missing' out_has 'no route'
check 'ticket-a19 traefik: what follows from it' grep -q 'therefore critical  ca.self-signed' "$out"
check_not 'ticket-a19 traefik: nobody is to trust it' out_has 'has to trust this very certificate'
verify --connect-to "127.0.0.1:$port" --sni none tb.example.test
check 'ticket-a19 no name was sent: tls.sni-needed' has_finding critical tls.sni-needed
check 'ticket-a19 no name was sent: what follows from it' grep -q 'therefore critical  ca.self-signed' "$out"
run_fix '--sni tb.example.test'
check 'ticket-a19 no name was sent: the command of the fix works' status_is 0
peer_stop
self_signed '/O=Acme Co/CN=Kubernetes Ingress Controller Fake Certificate'
s_server built-in
verify --sni none "localhost:$port"
check 'ticket-e14 ingress: tls.proxy-default-certificate' has_finding critical tls.proxy-default-certificate
peer_stop

if command -v haproxy >/dev/null; then
  cat rsa.pem rsa-key.pem >tb.example.test.pem
  issue other default ec
  printf '%s\n' basicConstraints=CA:FALSE subjectAltName=DNS:default.test >default.ext
  openssl x509 -req -in default.csr -CA other.pem -CAkey other-key.pem -CAcreateserial -days 20 \
    -extfile default.ext -out default.pem 2>/dev/null
  cat default.pem default-key.pem >default-crt.pem
  strict=$(free_port)
  port=$strict
  by_name=$(free_port)
  cat >haproxy.cfg <<CFG
global
  maxconn 100
defaults
  mode tcp
  timeout connect 1s
  timeout client 5s
  timeout server 5s
frontend strict
  bind 127.0.0.1:$strict ssl crt $tap_dir/default-crt.pem strict-sni
frontend by_name
  bind 127.0.0.1:$by_name ssl crt $tap_dir/default-crt.pem crt $tap_dir/tb.example.test.pem
CFG
  start haproxy -db -f haproxy.cfg
  verify --verify-name localhost "localhost:$strict"
  check 'ticket-e16 haproxy, strict-sni: tls.sni-rejected' has_finding critical tls.sni-rejected
  check 'ticket-e16 haproxy, strict-sni: who has no route' out_has 'has no route'
  verify --connect-to "127.0.0.1:$by_name" --sni none tb.example.test
  check 'ticket-a20 the default certificate: tls.sni-needed' has_finding critical tls.sni-needed
  check 'ticket-a20 the default certificate: the cause' out_has 'no server name was sent'
  run_fix '--sni tb.example.test'
  check 'ticket-a20 the command of the fix works' status_is 0
  peer_stop
else
  skip 'ticket-e16 haproxy' 'haproxy is not installed'
fi

stream=/usr/lib/nginx/modules/ngx_stream_module.so
if command -v nginx >/dev/null && [ -f $stream ]; then
  s_server rsa
  backend=$port backend_pid=$peer_pid
  by_alpn=$(free_port) by_name=$(free_port) port=$by_alpn
  cat >nginx.conf <<CONF
load_module $stream;
daemon off; master_process off; pid $tap_dir/nginx.pid; error_log $tap_dir/nginx.log;
events {}
stream {
  ssl_preread on;
  map \$ssl_preread_alpn_protocols \$alpn_backend { ~\bmqtt\b 127.0.0.1:$backend; default 127.0.0.1:1; }
  map \$ssl_preread_server_name \$name_backend { localhost 127.0.0.1:$backend; "" 127.0.0.1:$backend; default 127.0.0.1:1; }
  server { listen 127.0.0.1:$by_alpn; proxy_pass \$alpn_backend; }
  server { listen 127.0.0.1:$by_name; proxy_pass \$name_backend; }
}
CONF
  start nginx -p "$tap_dir" -c "$tap_dir/nginx.conf" -e "$tap_dir/nginx.log"
  verify --connect-to "127.0.0.1:$by_alpn" localhost:443
  check 'ticket-f06 nginx, closed at once: tls.alpn-needed' has_finding critical tls.alpn-needed
  run_fix '--alpn'
  check 'ticket-f06 nginx: the command of the fix works' status_is 0
  verify --verify-name localhost --connect-to "127.0.0.1:$by_name" tb.example.test
  check 'ticket-e16 nginx, no route: tls.sni-rejected' has_finding critical tls.sni-rejected
  run_fix '--sni none'
  check 'ticket-e16 nginx: without a name it serves' out_line 'Chain as sent'
  peer_stop
  end_of "$backend_pid"
else
  skip 'ticket-f06 nginx' 'nginx with its stream module is not installed'
fi

done_testing
