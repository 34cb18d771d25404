#!/bin/sh
# SPDX-License-Identifier: MIT
#
# devices.t - --device: the server is dialled as the device does it, so that what they have not in common shows before
# the device is on the bench; and the stack of the device is asked.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"

command -v openssl >/dev/null || {
  echo '1..0 # SKIP openssl is missing'
  exit 0
}

# issue NAME KEY-OPTION...: a key, and a certificate for localhost by the CA.
issue() {
  name=$1
  shift
  openssl req -new -nodes "$@" -keyout "$name-key.pem" -subj "/CN=$name" -out "$name.csr" 2>>openssl.log
  printf '%s\n' "subjectAltName = DNS:$name" 'keyUsage = critical, digitalSignature, keyEncipherment' \
    'subjectKeyIdentifier = hash' 'authorityKeyIdentifier = keyid' >"$name.ext"
  openssl x509 -req -in "$name.csr" -CA root.pem -CAkey root-key.pem -CAcreateserial -days 300 \
    -extfile "$name.ext" -out "$name.pem" 2>>openssl.log
}
openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:P-256 -nodes -keyout root-key.pem -out root.pem -days 3650 \
  -subj /CN=Root -addext keyUsage=critical,keyCertSign,cRLSign 2>>openssl.log
issue localhost -newkey rsa:2048
cp localhost.pem rsa.pem
cp localhost-key.pem rsa-key.pem
issue localhost -newkey ec -pkeyopt ec_paramgen_curve:P-256
issue other.test -newkey rsa:2048

# serve NAME OPTION...: a server with this certificate.
serve() {
  name=$1
  shift
  openssl s_server -accept 127.0.0.1:0 -cert "$name.pem" -key "$name-key.pem" -quiet -naccept 9999 "$@" \
    >server.out 2>&1 &
  tap_pids="$tap_pids $!"
  server=$!
  port=
  for _ in $(seq 200); do
    port=$(/usr/bin/python3 - "$server" <<'PYTHON'
import os, sys
inodes = set()
for fd in os.listdir(f"/proc/{sys.argv[1]}/fd"):
    try:
        inodes.add(os.readlink(f"/proc/{sys.argv[1]}/fd/{fd}"))
    except OSError:
        pass
for line in open("/proc/net/tcp"):
    part = line.split()
    if part[3] == "0A" and f"socket:[{part[9]}]" in inodes:
        print(int(part[1].split(":")[1], 16))
PYTHON
    )
    [ -z "$port" ] || break
    sleep 0.05
  done
}
stop() { end_of "$server"; }
as() { run "$tbdiag" verify "mqtts://localhost:$port" --ca-file root.pem --resolve 127.0.0.1 --device "$@"; }
told() { tr -s ' \n' '  ' <"$out" | grep -qF -e "$1"; }

run "$tbdiag" verify --device help
check '--device help: exit status' status_is 0
check '--device help: the devices' out_line arduino-esp8266
check '--device help: what they offer' out_has 'ECDHE-RSA-AES128-GCM-SHA256 with P-256 alone'
sed -n 's/^\([a-z][a-z0-9.-]*\)$/\1/p' "$out" >names
run "$tbdiag" verify --device toaster
check 'an unknown device: exit status' status_is 3
check 'an unknown device: how they are listed' err_has '--device help'
check 'the manual names all' /usr/bin/python3 -c "
import sys
page = open('$abs_top_srcdir/man/stacks.scdi').read()
sys.exit(any(name not in page for name in open('names').read().split()))"

serve rsa
while read -r name; do
  as "$name"
  check "$name: a good server: exit status" status_is 0
  check "$name: a good server: not a word" test "$(grep -c device-fails "$out")" = 0
done <names
as esp-idf -v
check 'what was agreed on as a device' out_has 'as device'
as esp-idf --format json
check 'in JSON' out_fits_schema
check 'in JSON: the handshake' /usr/bin/python3 -c "import json
r = json.load(open('$out'))
assert r['device'] == 'esp-idf' and r['connection']['as_device']['tls']['version'] == 'TLS1.2'
assert r['connection']['as_device']['same_chain']"
stop

serve localhost
as tasmota
check 'ticket-e18 an ECDSA key, to Tasmota: exit status' status_is 2
check 'ticket-e18 an ECDSA key, to Tasmota' has_finding critical tls.device-fails
check 'ticket-e18: who' told 'Tasmota (BearSSL) and localhost'
check 'ticket-e18: by its alert' told 'answered alert 40 (handshake_failure)'
check 'ticket-e18: what helps' told 'Give localhost one with an RSA key'
as arduino-esp8266
check 'an ECDSA key, to the Arduino core' status_is 0
as simcom
check 'an ECDSA key, to a modem' has_finding critical tls.device-fails
stop

serve rsa -tls1_2 -cipher ECDHE-RSA-AES256-GCM-SHA384
as esp-idf
check 'AES-256 alone, to an ESP32' status_is 0
as tasmota
check 'AES-256 alone, to Tasmota: exit status' status_is 2
check 'AES-256 alone, to Tasmota: the suite that is wanted' told 'ECDHE-RSA-AES128-GCM-SHA256'
proposed=$(sed -n 's/^ *\(tbdiag verify --device .*\)$/\1/p' "$out" | head -n 1)
stop
serve rsa -tls1_2 -cipher "$(tr -s ' \n' '  ' <"$out" | grep -oE 'allow ECDHE-RSA-[A-Z0-9-]+' | sed 's/allow //')"
as tasmota
check 'AES-256 alone, fixed: exit status' status_is 0
check 'the command that is proposed' test -n "$proposed"
run sh -c "PATH=$tools:\$PATH; $(echo "$proposed" | sed "s/:[0-9]\{2,\}/:$port/") --resolve 127.0.0.1"
check 'the command that is proposed: exit status' status_is 0
stop

serve rsa -tls1_3
as esp-idf
check 'ticket-e01 TLS 1.3 alone, to an ESP32: exit status' status_is 2
check 'ticket-e01 TLS 1.3 alone, to an ESP32' has_finding critical tls.device-fails
as python
check 'TLS 1.3 alone, to Python' test "$(grep -c device-fails "$out")" = 0
stop

openssl genpkey -algorithm ed25519 -out ed-key.pem
openssl req -new -key ed-key.pem -subj /CN=localhost -out ed.csr
openssl x509 -req -in ed.csr -CA root.pem -CAkey root-key.pem -CAcreateserial -days 300 -extfile localhost.ext \
  -out ed.pem 2>>openssl.log
serve ed
for name in esp-idf arduino-esp8266 zephyr; do
  as $name
  check "ticket-e19 an Ed25519 key, to $name" has_finding critical tls.device-fails
done
as mosquitto
check 'ticket-e19 an Ed25519 key, to mosquitto' status_is 0
stop

serve other.test -servername localhost -cert2 rsa.pem -key2 rsa-key.pem
as simcom
check 'no server name, another certificate: exit status' status_is 2
check 'no server name, another certificate' has_finding critical tls.device-fails
check 'no server name: which' told 'CN=other.test instead of CN=localhost'
check 'no server name: how it is made to send one' out_has 'AT+CSSLCFG="enableSNI",0,1'
as esp-idf
check 'a server name: exit status' status_is 0
stop

run "$tbdiag" verify --device esp-idf mqtts://localhost:1 --also-ports 2
check 'with several ports' status_is 3

done_testing
