#!/bin/sh
# SPDX-License-Identifier: MIT
#
# healthy.t - servers that are unusual and healthy: nothing critical, no warning, exit 0, with the defaults. What small
# stacks refuse is said as info and changes nothing.
. "${abs_top_srcdir:-$(dirname "$0")/../..}/tests/live/tap.sh"
PATH=$PATH:/usr/sbin:/sbin
# The stacks that are installed are asked as by default; what one that nobody named says changes nothing either.
TBDIAG_STACK_DIR=$abs_top_builddir/tools/stacks

command -v openssl >/dev/null || {
  echo '1..0 # SKIP openssl is missing'
  exit 0
}

ca='basicConstraints = critical, CA:TRUE
keyUsage = critical, keyCertSign, cRLSign
subjectKeyIdentifier = hash'
to_issuer='authorityKeyIdentifier = keyid'
server='basicConstraints = critical, CA:FALSE
keyUsage = critical, digitalSignature
extendedKeyUsage = serverAuth'

# ---- certificates --------------------------------------------------------------------------------

key() { [ -f "$1-key.pem" ] || openssl ecparam -name "${curve:-prime256v1}" -genkey -noout -out "$1-key.pem"; }

# root NAME [LINE...]: a CA that signed itself.
root() {
  name=$1
  shift
  key "$name"
  printf '%s\n' "$ca" "$@" >root.ext
  openssl req -new -key "$name-key.pem" -subj "/O=Healthy/CN=$name" -out root.csr
  openssl x509 -req -in root.csr -signkey "$name-key.pem" -days 7300 -extfile root.ext -out "$name.pem" 2>>openssl.log
}

# sign NAME ISSUER LINE...: a certificate with these extensions; $subject, $days and $signature change it.
sign() {
  name=$1 issuer=$2
  shift 2
  key "$name"
  printf '%s\n' "$@" "$to_issuer" >sign.ext
  openssl req -new -key "$name-key.pem" -subj "${subject-/CN=$name}" -out sign.csr
  # shellcheck disable=SC2086
  openssl x509 -req -in sign.csr -CA "$issuer.pem" -CAkey "$issuer-key.pem" -CAcreateserial -days "${days:-80}" \
    ${signature-} -extfile sign.ext -out "$name.pem" 2>>openssl.log
}

# leaf NAME ISSUER NAMES [LINE...]: a server's certificate, and $NAME.chain with what stands between.
leaf() {
  leaf=$1 above=$2 names=$3
  shift 3
  sign "$leaf" "$above" "$server" "subjectAltName = $names" "$@"
  cp "$leaf.pem" "$leaf.chain"
}

# ---- servers -------------------------------------------------------------------------------------

# healthy WHAT ARGUMENT...: verify finds nothing to warn of.
healthy() {
  what=$1
  shift
  run "$tbdiag" verify "$@"
  check "$what: exit status" status_is 0
  check_not "$what: no warning, nothing critical" grep -qE '^ *(warning|critical)  ' "$out"
  check "$what: ca.ok" grep -qE '^ok  ca.ok\b' "$out"
  check "$what: stderr is empty" err_empty
}

# serve CHAIN KEY [OPTION...]: openssl s_server; $port.
serve() {
  chain=$1 its_key=$2
  shift 2
  rm -f shown
  mkfifo shown
  # What stands behind the leaf; of nothing there is no file.
  awk '/BEGIN CERTIFICATE/ { n++ } n > 1' "$chain" >rest
  [ ! -s rest ] || set -- -cert_chain rest "$@"
  timeout 120 openssl s_server -www -accept "${listen:-127.0.0.1}:0" -cert "$chain" -key "$its_key" "$@" \
    >shown 2>&1 </dev/null &
  peer_pid=$!
  tap_pids="$tap_pids $peer_pid"
  exec 7<shown
  port=
  while read -r line; do
    case $line in ACCEPT*)
      port=${line##*:}
      break
      ;;
    esac
  done <&7
}

# served WHAT LEAF STORE HOST [OPTION-OF-S_SERVER...]: a server with this chain is healthy.
served() {
  what=$1 leaf=$2 store=$3 host=$4
  shift 4
  serve "$leaf.chain" "$leaf-key.pem" "$@"
  healthy "$what" --ca-file "$store" --connect-to "127.0.0.1:$port" "$host"
  peer_stop
}

# await PORT: until it can be reached.
await() {
  /usr/bin/python3 - "$1" <<'PYTHON'
import socket, sys, time
end = time.monotonic() + 20
while time.monotonic() < end:
    try:
        socket.create_connection(("127.0.0.1", int(sys.argv[1])), 1).close()
        sys.exit(0)
    except OSError:
        time.sleep(0.02)
sys.exit(1)
PYTHON
}

free_port() { /usr/bin/python3 -c 'import socket; s = socket.create_server(("127.0.0.1", 0)); print(s.getsockname()[1])'; }

# beside WHAT PROGRAM COMMAND...: another server at $port, with leaf.chain; HTTPS where $scheme says so.
beside() {
  what=$1 program=$2
  shift 2
  command -v "$program" >/dev/null || {
    skip "$what" "$program is missing"
    return
  }
  "$@" >server.log 2>&1 </dev/null &
  peer_pid=$!
  tap_pids="$tap_pids $peer_pid"
  await "$port" || cat server.log
  healthy "$what" --ca-file root.pem --connect-to "127.0.0.1:$port" "${scheme:-mqtts}://localhost"
  peer_stop
}

root root
leaf leaf root DNS:localhost
served 'one CA, one leaf' leaf root.pem localhost

# ---- paths ---------------------------------------------------------------------------------------

root old
root new
sign inter new "$ca"
cp new-key.pem cross-key.pem
subject=/O=Healthy/CN=new sign cross old "$ca"
leaf crossed inter DNS:localhost
cat inter.pem cross.pem >>crossed.chain
cat old.pem new.pem >both.pem
served '1 cross-signed, the old root is trusted' crossed old.pem localhost
served '2 cross-signed, the new root is trusted' crossed new.pem localhost
served '3 cross-signed, both are' crossed both.pem localhost
{
  printf '# Bündel: Főtanúsítvány, Chambers of Commerce – 日本\n'
  [ ! -f /etc/ssl/certs/ca-certificates.crt ] || cat /etc/ssl/certs/ca-certificates.crt
  printf '\n# Wurzel für Prüfungen ✓\n'
  cat root.pem
} >bundle.pem
served '4 a bundle with comments in UTF-8' leaf bundle.pem localhost
openssl genrsa -out rsa-key.pem 2048 2>>openssl.log
leaf rsa root DNS:localhost
served '5 RSA and ECDSA' leaf root.pem localhost -dcert rsa.pem -dkey rsa-key.pem
served '5 RSA and ECDSA, the other first' rsa root.pem localhost -dcert leaf.pem -dkey leaf-key.pem
leaf wild root 'DNS:*.example.test'
served '6 a wildcard' wild root.pem broker.example.test
leaf idn root 'DNS:xn--bcher-kva.example.test'
served '7 IDN as A-label' idn root.pem xn--bcher-kva.example.test
served '8 IDN as U-label' idn root.pem bücher.example.test
above=root
: >five
for i in 1 2 3 4 5; do
  sign "level$i" $above "$ca"
  cat "level$i.pem" five >five.new
  mv five.new five
  above=level$i
done
leaf deep level5 DNS:localhost
cat five >>deep.chain
served '9 five intermediates' deep root.pem localhost
sign bound root "$ca" 'nameConstraints = critical, permitted;DNS:example.test'
leaf permitted bound DNS:broker.example.test
cat bound.pem >>permitted.chain
served '10 a CA with name constraints' permitted root.pem broker.example.test
check '10 a CA with name constraints: who cannot read them' grep -q '^info  policy.critical-constraints\b' "$out"
subject=/ days=6 sign short root "$server" 'subjectAltName = critical, DNS:localhost'
cp short.pem short.chain
served '11 six days, and no common name' short root.pem localhost
leaf numbered root IP:127.0.0.1,IP:::1
served '12 an address' numbered root.pem 127.0.0.1
check '12 an address: who does not read it' grep -q '^info  name.address-only\b' "$out"

# ---- keys ----------------------------------------------------------------------------------------

pss='-sigopt rsa_padding_mode:pss -sigopt rsa_pss_saltlen:-1'
openssl genrsa -out padded-key.pem 2048 2>>openssl.log
root padded
signature=$pss leaf signed padded DNS:localhost
served '13 a signature of RSA-PSS' signed padded.pem localhost
openssl genpkey -algorithm rsa-pss -pkeyopt rsa_keygen_bits:2048 -out pss-key.pem 2>>openssl.log
leaf pss root DNS:localhost
served '13 a key for RSA-PSS' pss root.pem localhost
check '13 a key for RSA-PSS: who lacks it' grep -q '^info  policy.rare-key\b' "$out"
curve=secp384r1 leaf p384 root DNS:localhost
served '14 P-384' p384 root.pem localhost
curve=secp521r1 root p521root
curve=secp521r1 leaf p521 p521root DNS:localhost
served '15 P-521' p521 p521root.pem localhost
cp "$abs_top_srcdir/tests/data/rsa-8192-key.pem" large-key.pem
leaf large root DNS:localhost
served '16 RSA 8192' large root.pem localhost
check '16 RSA 8192: who lacks it' grep -q '^info  policy.rare-key\b' "$out"
for kind in ed25519 ed448; do
  openssl genpkey -algorithm $kind -out $kind-key.pem
  leaf $kind root DNS:localhost
  served "a key of $kind" $kind root.pem localhost
done

# ---- the handshake -------------------------------------------------------------------------------

leaf staple root DNS:localhost 'tlsfeature = status_request'
serial=$(openssl x509 -in staple.pem -noout -serial | sed 's/.*=//')
printf 'V\t350101000000Z\t\t%s\tunknown\t/CN=staple\n' "$serial" >index.txt
openssl ocsp -issuer root.pem -cert staple.pem -reqout staple.req -no_nonce 2>>openssl.log >/dev/null
openssl ocsp -index index.txt -rsigner root.pem -rkey root-key.pem -CA root.pem -reqin staple.req -respout staple.der \
  -ndays 7 2>>openssl.log >/dev/null
served '17 must-staple, with a staple' staple root.pem localhost -status_file staple.der
listen=0.0.0.0 serve leaf.chain leaf-key.pem
healthy '18 three addresses' --ca-file root.pem --all-addresses --resolve 127.0.0.1,127.0.0.2,127.0.0.3 \
  "mqtts://localhost:$port"
peer_stop
served '19 TLS 1.2 only' leaf root.pem localhost -tls1_2
if [ -n "$(cat /proc/net/if_inet6 2>/dev/null)" ]; then
  listen='[::1]' serve leaf.chain leaf-key.pem
  healthy '20 IPv6 only' --ca-file root.pem --resolve ::1 "mqtts://localhost:$port"
  peer_stop
  listen='[::1]' serve numbered.chain numbered-key.pem
  healthy '21 IPv6 as a literal' --ca-file root.pem "mqtts://[::1]:$port"
  peer_stop
else
  skip '20 IPv6 only' 'no IPv6 here'
  skip '21 IPv6 as a literal' 'no IPv6 here'
fi
leaf underscored root DNS:my_broker.example.test
served '22 a name with an underscore' underscored root.pem my_broker.example.test
leaf named root DNS:broker.example.test
served '23 a name with a dot at its end' named root.pem broker.example.test.
served '23 a name in upper case' named root.pem BROKER.Example.TEST
served '24 a client certificate that is optional' leaf root.pem localhost -verify 1 -CAfile root.pem
days=2912000 leaf lasting root DNS:localhost
served '25 until the year 9999' lasting root.pem localhost
hundred=$(seq -s , -f 'DNS:host%g.example.test' 100)
leaf many root "$hundred"
served '26 a hundred names' many root.pem host100.example.test
# ISRG's hierarchy of 2026: a leaf without common name, and a new root that is cross-signed by the known one.
root isrg
root generation
cp generation-key.pem yr-key.pem
subject=/O=Healthy/CN=generation sign yr isrg "$ca"
sign ye generation "$ca" 'extendedKeyUsage = serverAuth'
subject=/ sign encrypted ye "$server" 'subjectAltName = critical, DNS:localhost'
cat encrypted.pem ye.pem yr.pem >encrypted.chain
served "27 Let's Encrypt's of 2026, by the known root" encrypted isrg.pem localhost

# ---- certificates of one's own -------------------------------------------------------------------

for is_ca in TRUE FALSE; do
  key own$is_ca
  openssl req -x509 -new -key own$is_ca-key.pem -subj /CN=localhost -days 365 -addext subjectAltName=DNS:localhost \
    -addext basicConstraints=critical,CA:$is_ca -out own$is_ca.pem
  cp own$is_ca.pem own$is_ca.chain
done
served '28 self-signed, as openssl req -x509 makes it' ownTRUE ownTRUE.pem localhost
served '29 self-signed, and no CA' ownFALSE ownFALSE.pem localhost
awk '{ printf "%s\r\n", $0 }' root.pem >crlf.pem
served '30 a trust file with CRLF' leaf crlf.pem localhost
{
  printf '\357\273\277'
  cat root.pem
} >bom.pem
served '31 a trust file with a BOM' leaf bom.pem localhost
cp leaf-key.pem server-key.pem

# ---- other servers -------------------------------------------------------------------------------

port=$(free_port)
beside '32 gnutls-serv' gnutls-serv gnutls-serv --echo -p "$port" --x509certfile leaf.chain --x509keyfile leaf-key.pem
port=$(free_port)
cat >stunnel.conf <<CONF
foreground = yes
pid =
[mqtt]
accept = 127.0.0.1:$port
connect = 127.0.0.1:1
cert = $tap_dir/leaf.chain
key = $tap_dir/leaf-key.pem
CONF
beside '33 stunnel' stunnel4 stunnel4 stunnel.conf
port=$(free_port)
cat leaf.chain leaf-key.pem >haproxy.pem
cat >haproxy.conf <<CONF
defaults
  mode tcp
  timeout connect 5s
  timeout client 5s
  timeout server 5s
frontend mqtt
  bind 127.0.0.1:$port ssl crt $tap_dir/haproxy.pem
  default_backend broker
backend broker
  server one 127.0.0.1:1
CONF
beside '34 haproxy' haproxy haproxy -f haproxy.conf
port=$(free_port)
cat >mosquitto.conf <<CONF
listener $port 127.0.0.1
cafile $tap_dir/root.pem
certfile $tap_dir/leaf.chain
keyfile $tap_dir/leaf-key.pem
allow_anonymous true
CONF
[ "$(id -u)" != 0 ] || chmod 755 "$tap_dir" && chmod 644 leaf-key.pem
beside '35 mosquitto' mosquitto mosquitto -c mosquitto.conf
port=$(free_port)
cat >nginx.conf <<CONF
daemon off;
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
    listen 127.0.0.1:$port ssl;
    ssl_certificate $tap_dir/leaf.chain;
    ssl_certificate_key $tap_dir/leaf-key.pem;
  }
}
CONF
scheme=https
beside '36 nginx' nginx nginx -c "$tap_dir/nginx.conf"

done_testing
